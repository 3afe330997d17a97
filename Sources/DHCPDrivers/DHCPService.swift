import Addressing
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

extension DHCPService {
    /// The leases with the ports that have their addresses now, where the server's record names none.
    func withPorts(_ leases: [Lease]) -> [Lease] {
        if leases.allSatisfy({ $0.portID != nil }) { return leases }
        var owners: [IPAddress: ResourceID] = [:]
        for port in ports {
            for fixedIP in port.fixedIPs { owners[fixedIP.address] = owners[fixedIP.address] ?? port.id }
        }
        return leases.map { lease in
            var lease = lease
            lease.portID = lease.portID ?? owners[lease.address]
            return lease
        }
    }
}

/// What differs from the value that the driver applied last, as far as the caller knows.
public enum DHCPServiceChange: Sendable, Equatable {
    /// Anything may differ: compare everything, read nothing from memory.
    case anything
    /// Only these ports were created, changed or deleted.
    case ports(Set<ResourceID>)
}

extension ResourceID {
    /// The DHCPv6 server's identifier of the network of this id: a DUID-UUID (RFC 6355 section 4), so that
    /// all agents of the network, and all drivers, are one server to its clients.
    public var dhcpServerDUID: [UInt8] {
        [0, 4] + (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> UInt128(120 - 8 * $0)) }
    }
}
