public import Addressing
public import NetworkModel

/// What the clients of one subnet are told, whichever server tells them.
public struct SubnetAnnouncement: Hashable, Sendable {
    /// Who answers the clients' DNS questions.
    public enum DNSServers: Hashable, Sendable {
        /// Nobody: the subnet's list is exactly `0.0.0.0` or `::`.
        case none
        /// The servers that the subnet names, in its order.
        case named([IPAddress])
        /// The DHCP servers themselves: the addresses of all DHCP ports on the subnet, in the ports' order.
        case dhcpServers([IPAddress])
    }

    /// What a DHCP server has to do on the subnet.
    public enum Service: Hashable, Sendable {
        /// It gives addresses and options.
        case addresses
        /// It gives options only (`dhcpv6-stateless`).
        case options
    }

    public var subnet: Subnet
    /// nil where clients have nothing to ask for: no DHCP, SLAAC, or a mode that is another router's affair.
    public var service: Service?
    public var dnsServers: DNSServers
    /// The domain to search; IPv6 only, empty for none.
    public var domainSearch: String
    /// For options 121 and 249 (RFC 3442): on-link neighbours (next hop 0.0.0.0), the subnet's own routes,
    /// metadata, the default route. IPv4 only.
    public var routes: [HostRoute]
    /// The router, or nil to tell of none. IPv4 only.
    public var router: IPAddress?
}

extension Subnet {
    /// What a DHCP server has to do on the subnet, or nil for nothing.
    public var dhcpService: SubnetAnnouncement.Service? {
        guard enableDHCP else { return nil }
        if ipVersion == .v4 { return .addresses }
        return switch ipv6AddressMode {
        case .dhcpv6Stateful: .addresses
        case .dhcpv6Stateless: .options
        case .slaac: nil
        case nil: ipv6RAMode == nil ? .addresses : nil
        }
    }
}
