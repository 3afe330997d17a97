public import NetworkModel

/// Everything that one network's DHCP server must serve, as a value.
public struct DHCPService: Sendable, Equatable {
    public var network: Network
    /// All subnets of the network, DHCP-enabled or not, sorted by id.
    public var subnets: [Subnet]
    /// All ports of the network, the agent's own DHCP port included.
    public var ports: [Port]
    /// The agent's own port, whose addresses are the server's.
    public var dhcpPort: Port
    /// The name of the namespace, `qdhcp-<network id>`.
    public var namespace: String
    /// The device inside the namespace, `ns-<port id, 11 characters>`.
    public var interface: String
    /// The store's revision that this value reflects.
    public var revision: Revision

    public init(
        network: Network, subnets: [Subnet], ports: [Port], dhcpPort: Port, namespace: String,
        interface: String, revision: Revision
    ) {
        self.network = network
        self.subnets = subnets
        self.ports = ports
        self.dhcpPort = dhcpPort
        self.namespace = namespace
        self.interface = interface
        self.revision = revision
    }

    /// The subnets with DHCP enabled.
    public var dhcpSubnets: [Subnet] { subnets.filter(\.enableDHCP) }
}

/// What differs from the value that the driver applied last, as far as the caller knows.
public enum DHCPServiceChange: Sendable, Equatable {
    /// Anything may differ: compare everything, read nothing from memory.
    case anything
    /// Only these ports were created, changed or deleted.
    case ports(Set<ResourceID>)
}
