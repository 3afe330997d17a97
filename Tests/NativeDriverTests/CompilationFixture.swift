import Addressing
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import NetworkModel

@testable import NativeDriver

/// Builds services for tests; identifiers are made of one repeated digit so that they read well.
enum CompilationFixture {
    static let network =
        ResourceID("bf2802a0-99a0-4e8c-91e4-107d03f158ea") ?? ResourceID(rawValue: 0)

    static func id(_ digit: Character) -> ResourceID {
        ResourceID(String("11111111-2222-3333-4444-555555555555".map { $0 == "-" ? "-" : digit }))
            ?? ResourceID(rawValue: 0)
    }

    static func identity(_ digit: Character) -> PortIdentity { PortIdentity(rawValue: id(digit).rawValue) }

    static func address(_ text: String) -> IPAddress { IPAddress(text) ?? .any(.v4) }

    static let attributes = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))

    static func subnet(
        _ digit: Character, _ cidr: String, gateway: String? = nil, dns: [String] = [],
        routes: [(String, String)] = [], dhcp: Bool = true, ra: IPv6Mode? = nil, mode: IPv6Mode? = nil
    ) -> Subnet {
        Subnet(
            id: id(digit), networkID: network, standard: attributes,
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
            id: id(digit), networkID: network, standard: attributes,
            macAddress: MACAddress(macAddress) ?? MACAddress(rawValue: 0),
            fixedIPs: ips.map { FixedIP(subnetID: id($0.0), address: address($0.1)) }, deviceOwner: owner,
            extraDHCPOptions: options, dnsName: name)
    }

    /// The agent's own port, with these addresses.
    static func own(_ ips: [(Character, String)]) -> Port {
        port("f", "fa:16:3e:ff:ff:ff", ips, owner: DeviceOwner.dhcp)
    }

    static func service(
        _ subnets: [Subnet], _ ports: [Port] = [], own: Port = own([]), mtu: Int = 1500
    ) -> DHCPService {
        DHCPService(
            network: Network(id: network, standard: attributes, mtu: mtu), subnets: subnets, ports: ports,
            dhcpPort: own, namespace: "qdhcp-test", interface: "ns-4f3a9c1b-2d", revision: Revision(1))
    }

    static func compiled(
        _ subnets: [Subnet], _ ports: [Port] = [], own: Port = own([]), mtu: Int = 1500,
        _ change: (inout NativeDriverConfiguration) -> Void = { _ in }
    ) -> CompiledNetwork {
        var configuration = NativeDriverConfiguration()
        change(&configuration)
        return CompiledNetwork(service(subnets, ports, own: own, mtu: mtu), configuration)
    }
}

extension DHCPv4Subnet {
    /// The data of an option of the subnet.
    func data(_ code: UInt8) -> [UInt8]? { options.first { $0.code == code }?.data }
}

extension DHCPv6Subnet {
    /// The data of an option of the subnet.
    func data(_ code: UInt16) -> [UInt8]? { options.first { $0.code == code }?.data }
}
