import NetworkModel

/// Networks as the API shows them.
let networkTable = ResourceTable<Network, NetworkRequest>("network", "networks") {
    let rows = StandardAttributeRows<Network, NetworkRequest>(id: { $0.id }, standard: { $0.standard })
    rows.idRow
    rows.nameRow { $0.name = $1 }
    Attribute(
        "admin_state_up", post: .optional, put: true, .boolean, { $0.adminStateUp = $1 },
        filter: .boolean { network, _ in network.adminStateUp }, shows: .boolean
    ) { $2.bool($0.adminStateUp) }
    // A network is ready as soon as it is committed.
    Attribute(readOnly: "status", filter: .textInAnyCase { _ in "ACTIVE" }, shows: .oneOf(["ACTIVE"])) {
        $2.string("ACTIVE")
    }
    Attribute(
        "shared", post: .optional, put: true, .boolean, { $0.shared = $1 },
        filter: .boolean { network, _ in network.shared }, shows: .boolean
    ) { $2.bool($0.shared) }
    rows.projectRows { $0.projectID = $1 }
    Attribute(readOnly: "subnets", shows: .array(of: .uuid)) { network, rendering, writer in
        writer.array(rendering.state.subnets(ofNetwork: network.id)) { $1.id($0.id) }
    }
    Attribute(
        "mtu", post: .optional, put: true, .nonNegative, { $0.mtu = $1 }, filter: .integer { $0.mtu },
        shows: .integer
    ) { $2.integer($0.mtu) }
    Attribute(
        "dns_domain", post: .optional, put: true, .dnsName, { $0.dnsDomain = $1 },
        filter: .text { $0.dnsDomain }, shows: .string
    ) { $2.string($0.dnsDomain) }
    Attribute(
        "port_security_enabled", post: .optional, put: true, .boolean, { $0.portSecurityEnabled = $1 },
        filter: .boolean { network, _ in network.portSecurityEnabled }, shows: .boolean
    ) { $2.bool($0.portSecurityEnabled) }
    Attribute(
        "router:external", post: .optional, put: true, .boolean, { $0.isExternal = $1 },
        filter: .boolean { network, _ in network.isExternal }, shows: .boolean
    ) { $2.bool($0.isExternal) }
    Attribute(
        "is_default", post: .optional, put: true, .boolean, { $0.isDefault = $1 },
        filter: .boolean { network, _ in network.isDefault }, shows: .boolean
    ) { $2.bool($0.isDefault) }
    Attribute(
        "provider:network_type", post: .optional, put: true, .string(max: 32),
        { $0.networkType = $1 }, filter: .text { $0.segment.type.rawValue },
        shows: .oneOf(NetworkType.allCases.map(\.rawValue))
    ) { $2.string($0.segment.type.rawValue) }
    Attribute(
        "provider:physical_network", post: .optional, put: true, .string(max: 64),
        { $0.physicalNetwork = $1 }, filter: .text { $0.segment.physicalNetwork ?? "" }, shows: .string.orNull
    ) { $2.string(orNull: $0.segment.physicalNetwork) }
    Attribute(
        "provider:segmentation_id", post: .optional, put: true, .integer(),
        { $0.segmentationID = $1 }, filter: .integer { $0.segment.segmentationID }, shows: .integer.orNull
    ) { network, _, writer in
        if let id = network.segment.segmentationID { writer.integer(id) } else { writer.null() }
    }
    Attribute(
        "availability_zone_hints", post: .optional, .list(of: .string(max: 255)),
        { $0.availabilityZoneHints = $1 }, filter: .anyElement { $0.availabilityZoneHints },
        shows: .array(of: .string)
    ) { $2.array($0.availabilityZoneHints) { $1.string($0) } }
    // What serves the network in place of the configured dhcp_driver.
    Attribute(
        "leasehold:dhcp_driver", post: .optional, put: true,
        Validator<DHCPDriverName>.oneOf(DHCPDriverName.allCases).orNull, { $0.dhcpDriver = .some($1) },
        filter: .text { $0.dhcpDriver?.rawValue ?? "" },
        shows: .oneOf(DHCPDriverName.allCases.map(\.rawValue)).orNull
    ) { $2.string(orNull: $0.dhcpDriver?.rawValue) }
    Attribute(readOnly: "availability_zones", shows: .array(of: .string)) { network, rendering, writer in
        writer.array(rendering.availabilityZones(of: network)) { $1.string($0) }
    }
    Attribute.alwaysNull("ipv4_address_scope")
    Attribute.alwaysNull("ipv6_address_scope")
    Attribute.alwaysNull("vlan_transparent")
    Attribute.alwaysNull("qos_policy_id")
    rows.descriptionRow { $0.description = $1 }
    rows.tagRows()
    rows.historyRows
}

extension Rendering {
    /// The zones of the agents that hold a DHCP port on the network, sorted.
    func availabilityZones(of network: Network) -> [String] {
        var zones = Set<String>()
        for port in state.dhcpPorts(ofNetwork: network.id) {
            if let agent = state.agent(type: Agent.dhcpType, host: port.bindingHostID) {
                zones.insert(agent.availabilityZone)
            }
        }
        return zones.sorted()
    }
}
