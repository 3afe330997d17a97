import Addressing
import NetworkModel

/// Ports as the API shows them.
let portTable = ResourceTable<Port, PortRequest>("port", "ports") {
    let rows = StandardAttributeRows<Port, PortRequest>(id: { $0.id }, standard: { $0.standard })
    rows.idRow
    rows.nameRow { $0.name = $1 }
    Attribute(
        "network_id", post: .required, .uuid, { $0.networkID = $1 }, filter: .id { $0.networkID },
        shows: .uuid
    ) { $2.id($0.networkID) }
    Attribute(
        "admin_state_up", post: .optional, put: true, .boolean, { $0.adminStateUp = $1 },
        filter: .boolean { port, _ in port.adminStateUp }, shows: .boolean
    ) { $2.bool($0.adminStateUp) }
    Attribute(
        "mac_address", post: .optional, put: true, Validator<MACAddress>.macAddress.orNull,
        {
            $0.macAddress = $1
            $0.regeneratesMAC = $1 == nil
        },
        filter: .mac { $0.macAddress }, shows: .macAddress
    ) { $2.text($0.macAddress) }
    Attribute(
        "fixed_ips", post: .optional, put: true, .fixedIPs, { $0.fixedIPs = $1 }, filter: .fixedIPs,
        shows: .array(of: .fixedIP)
    ) { port, _, writer in
        writer.array(port.fixedIPs) { fixedIP, writer in
            writer.object { writer in
                writer.key("subnet_id")
                writer.id(fixedIP.subnetID)
                writer.key("ip_address")
                writer.text(fixedIP.address)
            }
        }
    }
    Attribute(
        "device_id", post: .optional, put: true, .string(max: 255), { $0.deviceID = $1 },
        filter: .text { $0.deviceID }, shows: .string
    ) { $2.string($0.deviceID) }
    Attribute(
        "device_owner", post: .optional, put: true, .string(max: 255), { $0.deviceOwner = $1 },
        filter: .text { $0.deviceOwner }, shows: .string
    ) { $2.string($0.deviceOwner) }
    Attribute(
        readOnly: "status", filter: .textInAnyCase { $0.status.rawValue },
        shows: .oneOf(PortStatus.allCases.map(\.rawValue))
    ) {
        $2.string($0.status.rawValue)
    }
    // Why the port is not served, in the DHCP server's own words.
    Attribute(readOnly: "leasehold:status_detail", shows: .string) { $2.string($0.statusDetail) }
        .only { !$0.statusDetail.isEmpty }
    Attribute(readOnly: leasesAttribute, shows: .array(of: ResourceTable.schema(of: portLeaseRows))) {
        port, rendering, writer in
        writer.array(rendering.leases[port.id] ?? []) { lease, writer in
            ResourceTable.write(lease, rendering, as: portLeaseRows, to: &writer)
        }
    }
    .onlyInDetail
    Attribute(
        "extra_dhcp_opts", post: .optional, put: true, .extraDHCPOptions, { $0.extraDHCPOptions = $1 },
        shows: .array(of: .dhcpOption)
    ) { port, _, writer in
        writer.array(port.extraDHCPOptions) { option, writer in
            writer.object { writer in
                writer.key("opt_name")
                writer.string(option.name)
                writer.key("opt_value")
                writer.string(option.value)
                writer.key("ip_version")
                writer.integer(option.ipVersion.rawValue)
            }
        }
    }
    portNameRows()
    portBindingRows()
    Attribute(
        "allowed_address_pairs", post: .optional, put: true, .allowedAddressPairs,
        { $0.allowedAddressPairs = $1 }, shows: .array(of: .allowedAddressPair)
    ) { port, _, writer in
        writer.array(port.allowedAddressPairs) { pair, writer in
            writer.object { writer in
                writer.key("ip_address")
                writer.string(pair.ipAddress)
                writer.key("mac_address")
                writer.text(pair.macAddress)
            }
        }
    }
    Attribute(
        "security_groups", post: .optional, put: true,
        .noSecurityGroups, { $0.securityGroups = $1 },
        filter: .anyElement { $0.securityGroups }, shows: .array(of: .string)
    ) { $2.array($0.securityGroups) { $1.string($0) } }
    Attribute(
        "port_security_enabled", post: .optional, put: true, .boolean, { $0.portSecurityEnabled = $1 },
        filter: .boolean { port, _ in port.portSecurityEnabled }, shows: .boolean
    ) { $2.bool($0.portSecurityEnabled) }
    Attribute(
        readOnly: "ip_allocation", filter: .text { $0.ipAllocation.rawValue },
        shows: .oneOf(IPAllocationMode.allCases.map(\.rawValue))
    ) {
        $2.string($0.ipAllocation.rawValue)
    }
    rows.projectRows { $0.projectID = $1 }
    rows.descriptionRow { $0.description = $1 }
    rows.tagRows { $0.tags = $1 }
    rows.historyRows
}

/// `dns_name`, `dns_domain`, `dns_assignment`.
@AttributeRows<Port, PortRequest>
private func portNameRows() -> [Attribute<Port, PortRequest>] {
    Attribute(
        "dns_name", post: .optional, put: true, .dnsName, { $0.dnsName = $1 },
        filter: .text { $0.dnsName }, shows: .string
    ) { port, rendering, writer in
        // Neutron shows no port names while `dns_domain` is unset or its default.
        writer.string(Port.allowsNames(dnsDomain: rendering.policy.dnsDomain) ? port.dnsName : "")
    }
    Attribute(
        "dns_domain", post: .optional, put: true, .dnsName, { $0.dnsDomain = $1 },
        filter: .text { $0.dnsDomain }, shows: .string
    ) { $2.string($0.dnsDomain) }
    Attribute(readOnly: "dns_assignment", shows: .array(of: .dnsAssignment)) { port, rendering, writer in
        writer.array(port.dnsAssignment(dnsDomain: rendering.policy.dnsDomain)) { assignment, writer in
            writer.object { writer in
                writer.key("ip_address")
                writer.text(assignment.address)
                writer.key("hostname")
                writer.string(assignment.hostname)
                writer.key("fqdn")
                writer.string(assignment.fqdn)
            }
        }
    }
}

/// `binding:*`.
@AttributeRows<Port, PortRequest>
private func portBindingRows() -> [Attribute<Port, PortRequest>] {
    Attribute(
        "binding:host_id", post: .optional, put: true,
        Validator<String>.string(max: 255).null(is: ""), { $0.bindingHostID = $1 },
        filter: .text { $0.bindingHostID }, shows: .string
    ) { $2.string($0.bindingHostID) }
    Attribute(
        "binding:vnic_type", post: .optional, put: true, .oneOf(vnicTypes), { $0.bindingVNICType = $1 },
        filter: .text { $0.bindingVNICType }, shows: .oneOf(vnicTypes)
    ) { $2.string($0.bindingVNICType) }
    Attribute(
        "binding:profile", post: .optional, put: true, .jsonObject,
        { $0.bindingProfile = $1 }, shows: .object
    ) { $2.raw($0.bindingProfile.utf8) }
    Attribute(
        readOnly: "binding:vif_type", filter: .derivedText { $1.vifType(of: $0) },
        shows: .oneOf(["unbound", "bridge", "binding_failed"])
    ) {
        $2.string($1.vifType(of: $0))
    }
    Attribute(
        readOnly: "binding:vif_details",
        shows: .object([:], optional: ["connectivity": .string, "port_filter": .boolean])
    ) { port, rendering, writer in
        writer.object { writer in
            guard rendering.vifType(of: port) == "bridge" else { return }
            writer.key("connectivity")
            writer.string("l2")
            // Nothing here filters what ports send.
            writer.key("port_filter")
            writer.bool(false)
        }
    }
}

extension Rendering {
    /// How a port is plugged, as Neutron's `linuxbridge` says it: into a bridge of its host, where an agent
    /// of that host makes one.
    func vifType(of port: Port) -> String {
        if port.bindingHostID.isEmpty { return "unbound" }
        let isServed = state.agent(type: Agent.dhcpType, host: port.bindingHostID) != nil
        return isServed && port.bindingVNICType == "normal" ? "bridge" : "binding_failed"
    }
}

extension Validator where Value == [String] {
    /// None, as an empty list or null: no security group exists here, so whichever is named is unknown.
    fileprivate static let noSecurityGroups = Validator(
        accepts: Schema.array(of: .uuidInAnyForm, max: 0).orNull
    ) { (data) throws(InvalidValue) in
        if data == .null { return [] }
        guard case .array(let elements) = data else {
            throw .reason("'\(data.pythonText)' is not a list")
        }
        guard let first = elements.first else { return [] }
        guard case .string(let text) = first, let id = parseUUID(text) else {
            throw .reason("'\(first.pythonText)' is not a valid UUID")
        }
        throw .model(
            ModelError(.notFound, "SecurityGroupNotFound", "Security group \(id) does not exist"))
    }
}

/// What Neutron knows as `binding:vnic_type`.
private let vnicTypes = [
    "normal", "direct", "macvtap", "baremetal", "direct-physical", "virtio-forwarder", "smart-nic", "vdpa",
    "accelerator-direct", "accelerator-direct-physical", "remote-managed",
]

extension FilterRule {
    /// The MAC equals one of the values, however they are written.
    static func mac(_ read: @escaping @Sendable (Resource) -> MACAddress) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { resource, _ in .text(read(resource).description) }) {
            values in
            let macs = Set(values.compactMap(parseMAC))
            return { resource, _ in macs.contains(read(resource)) }
        }
    }
}

extension FilterRule where Resource == Port {
    /// `fixed_ips=ip_address=…`, `subnet_id=…`, `ip_address_substr=…`: the same key may match in any of
    /// its values, and one port must match all keys.
    static let fixedIPs = FilterRule(
        accepts: .string(pattern: #"^\s*(ip_address|ip_address_substr|subnet_id)\s*="#)
    ) { (values) throws(APIError) in
        let wanted = try FixedIPQuery(values)
        return { port, _ in wanted.matches(port) }
    }
}

/// What `fixed_ips` parameters ask for.
struct FixedIPQuery {
    private(set) var addresses: Set<IPAddress>?
    private(set) var subnets: Set<ResourceID>?
    private(set) var substrings: [String]?

    /// Reads `key=value` texts.
    init(_ values: [String]) throws(APIError) {
        for value in values {
            guard let equals = value.firstIndex(of: "="), equals != value.startIndex else {
                throw APIError(ModelError.invalidInput("'\(value)' is not of the form <key>=[value]"))
            }
            let text = String(value[value.index(after: equals)...]).trimmingBlanks()
            switch String(value[..<equals]).trimmingBlanks() {
            case "ip_address":
                addresses = (addresses ?? []).union(IPAddress(text).map { [$0] } ?? [])
            case "subnet_id": subnets = (subnets ?? []).union(parseUUID(text).map { [$0] } ?? [])
            case "ip_address_substr": substrings = (substrings ?? []) + [text]
            case let key:
                throw .badRequest("\(JSONValue.pythonList([key])) is invalid attribute for filtering")
            }
        }
    }

    func matches(_ port: Port) -> Bool {
        if let addresses, !port.fixedIPs.contains(where: { addresses.contains($0.address) }) { return false }
        if let subnets, !port.fixedIPs.contains(where: { subnets.contains($0.subnetID) }) { return false }
        if let substrings {
            return port.fixedIPs.contains { fixedIP in
                let text = fixedIP.address.description
                return substrings.contains { $0.isEmpty || text.contains($0) }
            }
        }
        return true
    }
}

extension Schema {
    fileprivate static let fixedIP = named("FixedIP", object(["subnet_id": .uuid, "ip_address": .ipAddress]))
    fileprivate static let dhcpOption = named(
        "DHCPOption", object(["opt_name": .string, "opt_value": .string, "ip_version": .ipVersion]))
    fileprivate static let allowedAddressPair = named(
        "AllowedAddressPair",
        object(["ip_address": .any(of: [.ipAddress, .cidr]), "mac_address": .macAddress]))
    fileprivate static let dnsAssignment = named(
        "DNSAssignment", object(["ip_address": .ipAddress, "hostname": .string, "fqdn": .string]))
}
