import Addressing
import DHCPDrivers
import NetworkModel
import Testing

@testable import DnsmasqDriver

/// Builds services for tests; identifiers are made of one repeated digit so that they read well.
enum Fixture {
    static let network = id("bf2802a0-99a0-4e8c-91e4-107d03f158ea")

    static func id(_ text: String) -> ResourceID { ResourceID(text) ?? ResourceID(rawValue: 0) }

    static func id(digit: Character) -> ResourceID {
        id("11111111-2222-3333-4444-555555555555".replacing(digit))
    }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .any(.v4) }

    static func mac(_ text: String) -> MACAddress { MACAddress(text) ?? MACAddress(rawValue: 0) }

    static let attributes = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))

    static func subnet(
        _ digit: Character, _ cidr: String, gateway: String? = nil, dns: [String] = [],
        routes: [(String, String)] = [], dhcp: Bool = true, ra: IPv6Mode? = nil, mode: IPv6Mode? = nil
    ) -> Subnet {
        Subnet(
            id: id(digit: digit), networkID: network, standard: attributes,
            cidr: IPPrefix(cidr) ?? IPPrefix(host: .any(.v4)), gatewayIP: gateway.map(address),
            allocationPools: [], dnsNameservers: dns.map(address),
            hostRoutes: routes.compactMap { destination, hop in
                IPPrefix(destination).map { HostRoute(destination: $0, nexthop: address(hop)) }
            },
            enableDHCP: dhcp, ipv6RAMode: ra, ipv6AddressMode: mode)
    }

    static func port(
        _ digit: Character, _ macAddress: String, _ ips: [(Character, String)], owner: String = "",
        options: [ExtraDHCPOption] = [], name: String = ""
    ) -> Port {
        Port(
            id: id(digit: digit), networkID: network, standard: attributes, macAddress: mac(macAddress),
            fixedIPs: ips.map { FixedIP(subnetID: id(digit: $0.0), address: address($0.1)) },
            deviceOwner: owner,
            extraDHCPOptions: options, dnsName: name)
    }

    static func service(
        _ subnets: [Subnet], _ ports: [Port], dhcp: Port? = nil, mtu: Int = 1500,
        namespace: String = "qdhcp-test",
        interface: String = "ns-4f3a9c1b-2d"
    ) -> DHCPService {
        let own = dhcp ?? port("f", "fa:16:3e:ff:ff:ff", [], owner: DeviceOwner.dhcp)
        return DHCPService(
            network: Network(id: network, standard: attributes, mtu: mtu), subnets: subnets, ports: ports,
            dhcpPort: own, namespace: namespace, interface: interface, revision: Revision(1))
    }

    static func view(
        _ service: DHCPService, _ configuration: DnsmasqConfiguration = .init(),
        _ abilities: DnsmasqAbilities = .init()
    ) -> ServiceView {
        ServiceView(service, configuration, abilities)
    }

    static func rendered(
        _ subnets: [Subnet], _ ports: [Port], dhcp: Port? = nil,
        _ configuration: DnsmasqConfiguration = .init(),
        abilities: DnsmasqAbilities = .init()
    ) -> RenderedService {
        var renderer = ServiceRenderer()
        return renderer.render(view(service(subnets, ports, dhcp: dhcp), configuration, abilities), .anything)
    }
}

extension String {
    /// The same text with one digit in place of all digits.
    fileprivate func replacing(_ digit: Character) -> String { String(map { $0 == "-" ? "-" : digit }) }

    /// The lines without the empty one at the end.
    var lines: [String] { split(separator: "\n").map(String.init) }
}
