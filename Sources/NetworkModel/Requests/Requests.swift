public import Addressing

// What a client asks for, parsed but not judged. nil means "not said"; a doubly optional field
// distinguishes "not said" (nil) from an explicit null (.some(nil)).

/// A request to create a network or to change one.
public struct NetworkRequest: Hashable, Sendable {
    public var projectID: String?
    public var name: String?
    public var description: String?
    public var tags: [String]?
    public var adminStateUp: Bool?
    public var shared: Bool?
    public var mtu: Int?
    public var networkType: String?
    public var physicalNetwork: String?
    public var segmentationID: Int?
    public var dnsDomain: String?
    public var portSecurityEnabled: Bool?
    public var isExternal: Bool?
    public var isDefault: Bool?
    public var availabilityZoneHints: [String]?
    /// An explicit null goes back to the configured driver.
    public var dhcpDriver: DHCPDriverName??

    public init() {}
}

/// A request to create a subnet or to change one.
public struct SubnetRequest: Hashable, Sendable {
    public var projectID: String?
    public var networkID: ResourceID?
    public var name: String?
    public var description: String?
    public var tags: [String]?
    public var ipVersion: IPVersion?
    public var cidr: IPPrefix?
    public var gatewayIP: IPAddress??
    public var allocationPools: [AddressRange]?
    public var dnsNameservers: [IPAddress]?
    public var hostRoutes: [HostRoute]?
    public var enableDHCP: Bool?
    public var ipv6RAMode: IPv6Mode?
    public var ipv6AddressMode: IPv6Mode?
    public var serviceTypes: [String]?
    public var dnsPublishFixedIP: Bool?
    /// The pool to cut the subnet from; an explicit null is none.
    public var subnetpoolID: ResourceID??
    /// The length of the block to cut from the pool, instead of a ``cidr``.
    public var prefixLength: Int?
    /// Whether to cut the subnet from the default pool of its version.
    public var useDefaultSubnetpool: Bool?

    public init() {}
}

/// One entry of a requested `fixed_ips` list.
public struct FixedIPRequest: Hashable, Sendable {
    public var subnetID: ResourceID?
    public var address: IPAddress?
    /// `delete_subnet`: on update, drop the automatic address of the subnet.
    public var deleteSubnet: Bool

    public init(subnetID: ResourceID? = nil, address: IPAddress? = nil, deleteSubnet: Bool = false) {
        self.subnetID = subnetID
        self.address = address
        self.deleteSubnet = deleteSubnet
    }
}

/// One entry of a requested `extra_dhcp_opts` list; a nil value deletes the option on update.
public struct ExtraDHCPOptionRequest: Hashable, Sendable {
    public var name: String
    public var value: String?
    public var ipVersion: IPVersion

    public init(name: String, value: String?, ipVersion: IPVersion = .v4) {
        self.name = name
        self.value = value
        self.ipVersion = ipVersion
    }
}

/// A request to create a port or to change one.
public struct PortRequest: Hashable, Sendable {
    public var projectID: String?
    public var networkID: ResourceID?
    public var name: String?
    public var description: String?
    public var tags: [String]?
    public var adminStateUp: Bool?
    public var macAddress: MACAddress?
    /// Whether a change asks for another MAC, of the server's choice (`"mac_address": null`).
    public var regeneratesMAC = false
    /// nil: choose for me; empty: none.
    public var fixedIPs: [FixedIPRequest]?
    public var deviceID: String?
    public var deviceOwner: String?
    public var extraDHCPOptions: [ExtraDHCPOptionRequest]?
    public var dnsName: String?
    public var dnsDomain: String?
    public var allowedAddressPairs: [AllowedAddressPair]?
    public var portSecurityEnabled: Bool?
    public var securityGroups: [String]?
    public var bindingHostID: String?
    public var bindingVNICType: String?
    public var bindingProfile: String?

    public init() {}
}

/// A request to create a subnet pool or to change one.
public struct SubnetPoolRequest: Hashable, Sendable {
    public var projectID: String?
    public var name: String?
    public var description: String?
    public var tags: [String]?
    public var prefixes: [IPPrefix]?
    public var minPrefixLength: Int?
    public var maxPrefixLength: Int?
    public var defaultPrefixLength: Int?
    /// An explicit null is no limit.
    public var defaultQuota: Int??
    public var shared: Bool?
    public var isDefault: Bool?

    public init() {}
}

/// A request to change an agent.
public struct AgentRequest: Hashable, Sendable {
    public var adminStateUp: Bool?
    public var description: String?

    public init() {}
}

/// What an agent says of itself at intervals.
public struct AgentReport: Hashable, Sendable {
    public var agentType: String
    public var binary: String
    public var topic: String
    public var host: String
    public var availabilityZone: String
    /// When the agent's process started.
    public var startedAt: Timestamp
    public var configurations: AgentConfigurations

    public init(
        agentType: String = Agent.dhcpType, binary: String = "neutron-dhcp-agent",
        topic: String = "dhcp_agent",
        host: String, availabilityZone: String = "nova", startedAt: Timestamp,
        configurations: AgentConfigurations
    ) {
        self.agentType = agentType
        self.binary = binary
        self.topic = topic
        self.host = host
        self.availabilityZone = availabilityZone
        self.startedAt = startedAt
        self.configurations = configurations
    }
}
