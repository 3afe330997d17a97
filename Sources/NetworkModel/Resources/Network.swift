/// How a network's frames travel between hosts (`provider:network_type`).
public enum NetworkType: String, Hashable, Sendable, Codable, CaseIterable {
    /// On this host only.
    case local
    /// Untagged on a physical network.
    case flat
    /// Tagged with a VLAN id on a physical network (IEEE 802.1Q).
    case vlan
    /// In UDP with a VNI (RFC 7348).
    case vxlan
}

/// What serves DHCP on a network (`leasehold:dhcp_driver`).
public enum DHCPDriverName: String, Hashable, Sendable, Codable, CaseIterable {
    /// A dnsmasq process for the network.
    case dnsmasq
    /// The service itself.
    case native
}

/// The segment that carries a network (`provider:*`).
public struct NetworkSegment: Hashable, Sendable, Codable {
    public var type: NetworkType
    /// The label that configuration maps to a host interface; flat and vlan only.
    public var physicalNetwork: String?
    /// The VLAN id (1–4094) or VNI (1–16777215).
    public var segmentationID: Int?

    public init(type: NetworkType, physicalNetwork: String? = nil, segmentationID: Int? = nil) {
        self.type = type
        self.physicalNetwork = physicalNetwork
        self.segmentationID = segmentationID
    }
}

/// An isolated layer-2 segment of one project (Neutron's `network`).
public struct Network: Hashable, Sendable, Codable, Identifiable {
    public let id: ResourceID
    public var standard: StandardAttributes
    /// Whether the network is served at all.
    public var adminStateUp: Bool
    /// Whether every project may use the network.
    public var shared: Bool
    /// Largest IP packet in bytes, 68 and up.
    public var mtu: Int
    public var segment: NetworkSegment
    /// The DNS domain of the network's ports, or empty.
    public var dnsDomain: String
    public var portSecurityEnabled: Bool
    /// `router:external`.
    public var isExternal: Bool
    public var isDefault: Bool
    public var availabilityZoneHints: [String]
    /// What serves the network in place of the configured `dhcp_driver`; nil for that.
    public var dhcpDriver: DHCPDriverName?
    /// The DHCP agents that serve the network, sorted, as an administrator chose them; nil for every one that
    /// is up.
    public var dhcpAgentIDs: [ResourceID]?

    public init(
        id: ResourceID, standard: StandardAttributes, adminStateUp: Bool = true, shared: Bool = false,
        mtu: Int = 1500, segment: NetworkSegment = .init(type: .local), dnsDomain: String = "",
        portSecurityEnabled: Bool = true, isExternal: Bool = false, isDefault: Bool = false,
        availabilityZoneHints: [String] = [], dhcpDriver: DHCPDriverName? = nil,
        dhcpAgentIDs: [ResourceID]? = nil
    ) {
        self.id = id
        self.standard = standard
        self.adminStateUp = adminStateUp
        self.shared = shared
        self.mtu = mtu
        self.segment = segment
        self.dnsDomain = dnsDomain
        self.portSecurityEnabled = portSecurityEnabled
        self.isExternal = isExternal
        self.isDefault = isDefault
        self.availabilityZoneHints = availabilityZoneHints
        self.dhcpDriver = dhcpDriver
        self.dhcpAgentIDs = dhcpAgentIDs
    }
}
