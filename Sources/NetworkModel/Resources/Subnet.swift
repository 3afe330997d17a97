public import Addressing

/// How an IPv6 subnet's addresses come about (`ipv6_ra_mode`, `ipv6_address_mode`).
public enum IPv6Mode: String, Hashable, Sendable, Codable, CaseIterable {
    /// Stateless address autoconfiguration (RFC 4862); no DHCPv6.
    case slaac
    /// DHCPv6 hands out addresses and options (RFC 8415).
    case dhcpv6Stateful = "dhcpv6-stateful"
    /// Addresses by autoconfiguration, options by DHCPv6.
    case dhcpv6Stateless = "dhcpv6-stateless"
}

/// A static route that clients of a subnet are told (DHCP option 121, RFC 3442).
public struct HostRoute: Hashable, Sendable, Codable {
    /// The destination, written as the user gave it (host bits may be set).
    public var destination: IPPrefix
    public var nexthop: IPAddress

    public init(destination: IPPrefix, nexthop: IPAddress) {
        self.destination = destination
        self.nexthop = nexthop
    }
}

/// A block of addresses on a network with what its clients are told (Neutron's `subnet`).
public struct Subnet: Hashable, Sendable, Codable, Identifiable {
    public let id: ResourceID
    public let networkID: ResourceID
    public var standard: StandardAttributes
    /// The block, host bits clear.
    public let cidr: IPPrefix
    /// The router's address, or nil for none.
    public var gatewayIP: IPAddress?
    /// Where free choice takes addresses from, sorted, without overlap.
    public var allocationPools: [AddressRange]
    /// At most `max_dns_nameservers` (5). Exactly one `0.0.0.0` or `::` means "announce none".
    public var dnsNameservers: [IPAddress]
    /// At most `max_subnet_host_routes` (20).
    public var hostRoutes: [HostRoute]
    public var enableDHCP: Bool
    public let ipv6RAMode: IPv6Mode?
    public let ipv6AddressMode: IPv6Mode?
    /// Device owners that the subnet is reserved for; empty for all.
    public var serviceTypes: [String]
    public let subnetpoolID: ResourceID?
    public var dnsPublishFixedIP: Bool

    public init(
        id: ResourceID, networkID: ResourceID, standard: StandardAttributes, cidr: IPPrefix,
        gatewayIP: IPAddress?, allocationPools: [AddressRange], dnsNameservers: [IPAddress] = [],
        hostRoutes: [HostRoute] = [], enableDHCP: Bool = true, ipv6RAMode: IPv6Mode? = nil,
        ipv6AddressMode: IPv6Mode? = nil, serviceTypes: [String] = [], subnetpoolID: ResourceID? = nil,
        dnsPublishFixedIP: Bool = false
    ) {
        self.id = id
        self.networkID = networkID
        self.standard = standard
        self.cidr = cidr
        self.gatewayIP = gatewayIP
        self.allocationPools = allocationPools
        self.dnsNameservers = dnsNameservers
        self.hostRoutes = hostRoutes
        self.enableDHCP = enableDHCP
        self.ipv6RAMode = ipv6RAMode
        self.ipv6AddressMode = ipv6AddressMode
        self.serviceTypes = serviceTypes
        self.subnetpoolID = subnetpoolID
        self.dnsPublishFixedIP = dnsPublishFixedIP
    }

    /// The version of the block.
    public var ipVersion: IPVersion { cidr.version }

    /// Whether ports get the EUI-64 address of their MAC rather than one from the pools.
    public var assignsEUI64: Bool {
        let mode = ipv6AddressMode ?? ipv6RAMode
        return ipVersion == .v6 && (mode == .slaac || mode == .dhcpv6Stateless)
    }
}
