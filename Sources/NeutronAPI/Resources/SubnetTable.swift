import Addressing
import NetworkModel

/// Subnets as the API shows them.
let subnetTable = ResourceTable<Subnet, SubnetRequest>("subnet", "subnets") {
    let rows = StandardAttributeRows<Subnet, SubnetRequest>(id: { $0.id }, standard: { $0.standard })
    rows.idRow
    rows.nameRow { $0.name = $1 }
    Attribute(
        "ip_version", post: .required, .ipVersion, { $0.ipVersion = $1 },
        filter: .integer { $0.ipVersion.rawValue }, shows: .ipVersion
    ) { $2.integer($0.ipVersion.rawValue) }
    Attribute(
        "network_id", post: .required, .uuid, { $0.networkID = $1 }, filter: .id { $0.networkID },
        shows: .uuid
    ) { $2.id($0.networkID) }
    Attribute(
        "subnetpool_id", post: .optional, Validator<ResourceID>.uuid.orNull, { $0.subnetpoolID = .some($1) },
        filter: .id { $0.subnetpoolID }, shows: .uuid.orNull
    ) { subnet, _, writer in
        if let id = subnet.subnetpoolID { writer.id(id) } else { writer.null() }
    }
    Attribute(writeOnly: "prefixlen", post: .optional, .nonNegative, { $0.prefixLength = $1 })
    Attribute(
        writeOnly: "use_default_subnetpool", post: .optional, .boolean, { $0.useDefaultSubnetpool = $1 })
    Attribute(
        "cidr", post: .optional, Validator<IPPrefix>.subnetCIDR.orNull, { $0.cidr = $1 },
        filter: .cidr { $0.cidr }, shows: .cidr
    ) { $2.text($0.cidr) }
    Attribute(
        "gateway_ip", post: .optional, put: true, Validator<IPAddress>.ipAddress.orNull,
        { $0.gatewayIP = .some($1) }, filter: .address { $0.gatewayIP }, shows: .ipAddress.orNull
    ) { $2.string(orNull: $0.gatewayIP?.description) }
    Attribute(
        "allocation_pools", post: .optional, put: true,
        Validator<[AddressRange]>.allocationPools.null(is: []), { $0.allocationPools = $1 },
        shows: .array(of: .allocationPool)
    ) { subnet, _, writer in
        writer.array(subnet.allocationPools) { pool, writer in
            writer.object { writer in
                writer.key("start")
                writer.text(pool.first)
                writer.key("end")
                writer.text(pool.last)
            }
        }
    }
    Attribute(
        "dns_nameservers", post: .optional, put: true, .nameservers, { $0.dnsNameservers = $1 },
        filter: .anyElement { $0.dnsNameservers.map(\.description) }, shows: .array(of: .ipAddress)
    ) { $2.array($0.dnsNameservers) { $1.text($0) } }
    Attribute(
        "host_routes", post: .optional, put: true, .hostRoutes, { $0.hostRoutes = $1 },
        shows: .array(of: .hostRoute)
    ) { subnet, _, writer in
        writer.array(subnet.hostRoutes) { route, writer in
            writer.object { writer in
                writer.key("destination")
                writer.text(route.destination)
                writer.key("nexthop")
                writer.text(route.nexthop)
            }
        }
    }
    Attribute(
        "enable_dhcp", post: .optional, put: true, .boolean, { $0.enableDHCP = $1 },
        filter: .boolean { subnet, _ in subnet.enableDHCP }, shows: .boolean
    ) { $2.bool($0.enableDHCP) }
    Attribute(
        "ipv6_ra_mode", post: .optional, Validator<IPv6Mode>.oneOf(ipv6Modes).orNull, { $0.ipv6RAMode = $1 },
        filter: .text { $0.ipv6RAMode?.rawValue ?? "" }, shows: .oneOf(ipv6Modes.map(\.rawValue)).orNull
    ) { $2.string(orNull: $0.ipv6RAMode?.rawValue) }
    Attribute(
        "ipv6_address_mode", post: .optional, Validator<IPv6Mode>.oneOf(ipv6Modes).orNull,
        { $0.ipv6AddressMode = $1 }, filter: .text { $0.ipv6AddressMode?.rawValue ?? "" },
        shows: .oneOf(ipv6Modes.map(\.rawValue)).orNull
    ) { $2.string(orNull: $0.ipv6AddressMode?.rawValue) }
    Attribute(
        "service_types", post: .optional, put: true, .list(of: .serviceType), { $0.serviceTypes = $1 },
        filter: .anyElement { $0.serviceTypes }, shows: .array(of: .string)
    ) { $2.array($0.serviceTypes) { $1.string($0) } }
    Attribute(
        "dns_publish_fixed_ip", post: .optional, put: true, .boolean, { $0.dnsPublishFixedIP = $1 },
        filter: .boolean { subnet, _ in subnet.dnsPublishFixedIP }, shows: .boolean
    ) { $2.bool($0.dnsPublishFixedIP) }
    // Networks have one segment here, which is not a resource of its own.
    Attribute(
        "segment_id", post: .optional, .noSegment, { _, _ in }, filter: .id { _ in nil },
        shows: .uuid.orNull
    ) { $2.null() }
    rows.projectRows { $0.projectID = $1 }
    rows.descriptionRow { $0.description = $1 }
    rows.tagRows()
    rows.historyRows
    // A subnet is shared with its network; it is only asked for, never shown.
    Attribute(
        queryOnly: "shared",
        filter: .boolean { subnet, rendering in rendering.state.network(subnet.networkID)?.shared ?? false })
}

extension Validator where Value == IPVersion {
    /// 4 or 6, as a number or its text.
    static let ipVersion = Validator(accepts: .ipVersionInAnyForm) { (data) throws(InvalidValue) in
        let number = try convertToInteger(data)
        guard let version = IPVersion(rawValue: number) else { throw .reason("'\(number)' is not in [4, 6]") }
        return version
    }
}

/// What subnets may have as `ipv6_ra_mode` and `ipv6_address_mode`, in the order of Neutron's messages.
private let ipv6Modes: [IPv6Mode] = [.dhcpv6Stateful, .dhcpv6Stateless, .slaac]

extension Validator where Value == Void {
    /// Null, or the id of a segment that does not exist.
    fileprivate static let noSegment = Validator(accepts: .uuidInAnyForm.orNull) {
        (data) throws(InvalidValue) in
        if data == .null { return }
        let id = try Validator<ResourceID>.uuid.parse(data)
        throw .model(ModelError(.notFound, "SegmentNotFound", "Segment \(id) could not be found."))
    }
}

extension Validator where Value == String {
    /// A device owner that subnets may be reserved for; the model judges which.
    static let serviceType = Validator(accepts: .string) { (data) throws(InvalidValue) in
        guard case .string(let text) = data else {
            throw .model(
                ModelError(
                    .badRequest, "InvalidInputSubnetServiceType",
                    "Subnet service type \(data.pythonText) is not a string."))
        }
        return text
    }
}

extension FilterRule {
    /// The address equals one of the values, however they are written.
    static func address(_ read: @escaping @Sendable (Resource) -> IPAddress?) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { resource, _ in .text(read(resource)?.description ?? "") }) {
            values in
            let addresses = Set(values.compactMap { IPAddress($0) })
            return { resource, _ in read(resource).map(addresses.contains) ?? false }
        }
    }
}
