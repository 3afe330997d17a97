import Addressing
import NetworkModel

/// A subnet of a scene: what Neutron knows of it, and where our server is on it.
struct SubnetPlan: Sendable {
    /// The letter by which guests name it, and of which its identifier is made.
    let letter: Character
    let cidr: IPPrefix
    /// Our own address on it; nil where only a relay leads to it.
    var server: IPAddress?
    var gateway: IPAddress?
    /// Whether a router has a port with the gateway's address: the subnet is not isolated.
    var hasRouter: Bool
    var dns: [IPAddress] = []
    var routes: [HostRoute] = []
    var hasDHCP = true
    /// `ipv6_address_mode` and `ipv6_ra_mode`.
    var mode: IPv6Mode?

    init(
        _ letter: Character, _ cidr: String, server: String? = nil, gateway: String? = nil,
        hasRouter: Bool = true, dns: [String] = [], routes: [(String, String)] = [], hasDHCP: Bool = true,
        mode: IPv6Mode? = nil
    ) {
        self.letter = letter
        self.cidr = IPPrefix(cidr) ?? IPPrefix(host: .any(.v4))
        self.server = server.flatMap { IPAddress($0) }
        self.gateway = gateway.flatMap { IPAddress($0) }
        self.hasRouter = hasRouter
        self.dns = dns.compactMap { IPAddress($0) }
        self.routes = routes.compactMap { destination, hop in
            guard let prefix = IPPrefix(destination), let hop = IPAddress(hop) else { return nil }
            return HostRoute(destination: prefix, nexthop: hop)
        }
        self.hasDHCP = hasDHCP
        self.mode = mode
    }

    var id: ResourceID {
        ResourceID(String("00000000-0000-4000-8000-000000000000".map { $0 == "0" ? letter : $0 }))
            ?? ResourceID(rawValue: 0)
    }

    /// The address of the guest with this number and MAC; others for those that have more than one.
    func address(_ number: Int, _ mac: MACAddress, occurrence: Int = 0) -> IPAddress {
        if mode == .slaac || mode == .dhcpv6Stateless, let own = cidr.eui64Address(for: mac) {
            return .v6(own)
        }
        let offset = cidr.version == .v4 && cidr.length >= 24 ? 16 : 256
        return IPAddress(
            number: cidr.first.number + UInt128(offset + number + 4096 * occurrence), version: cidr.version)
    }

    /// The router's port on the subnet.
    func routerPort(of network: ResourceID) -> Port? {
        guard hasRouter, let gateway else { return nil }
        return Port(
            id: ResourceID(rawValue: id.rawValue ^ 0xFFFF << 96), networkID: network,
            standard: Segment.attributes, macAddress: Segment.routerMAC,
            fixedIPs: [FixedIP(subnetID: id, address: gateway)], deviceOwner: DeviceOwner.routerInterface)
    }

    func subnet(of network: ResourceID) -> Subnet {
        Subnet(
            id: id, networkID: network, standard: Segment.attributes, cidr: cidr, gatewayIP: gateway,
            allocationPools: [], dnsNameservers: dns, hostRoutes: routes, enableDHCP: hasDHCP,
            ipv6RAMode: mode, ipv6AddressMode: mode)
    }

    // The subnets that most scenes are made of.

    /// 10.7.0.0/16, where our server is 10.7.0.2.
    static let a = SubnetPlan("a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1")
    /// 10.8.0.0/24 behind a relay.
    static let b = SubnetPlan("b", "10.8.0.0/24", gateway: "10.8.0.1")
    /// 172.30.0.0/24 on the same link as a.
    static let c = SubnetPlan("c", "172.30.0.0/24", server: "172.30.0.2", gateway: "172.30.0.1")
    /// 2001:db8:d::/64, stateful.
    static let d = SubnetPlan(
        "d", "2001:db8:d::/64", server: "2001:db8:d::2", gateway: "2001:db8:d::1", mode: .dhcpv6Stateful)
    /// 2001:db8:e::/64, stateless.
    static let e = SubnetPlan(
        "e", "2001:db8:e::/64", server: "2001:db8:e::2", gateway: "2001:db8:e::1", mode: .dhcpv6Stateless)
    /// 2001:db8:f::/64, stateful, behind a relay.
    static let f = SubnetPlan(
        "f", "2001:db8:f::/64", gateway: "2001:db8:f::1", mode: .dhcpv6Stateful)
}
