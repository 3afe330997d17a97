import Addressing
import DHCPEngine
import DHCPMessages

/// The network that the engines serve while they are fuzzed: three subnets, one of them behind a relay, and
/// ports of every kind.
enum FuzzNetwork {
    static let engine4: DHCPv4Engine = {
        var configuration = DHCPv4Configuration(subnets: [
            subnet4("10.0.0.0/24", server: IPv4Address(10, 0, 0, 2)),
            subnet4("10.1.0.0/16", server: IPv4Address(10, 1, 0, 2)), subnet4("10.2.0.0/24", server: nil),
        ])
        configuration.limits = .unlimited
        var engine = DHCPv4Engine(configuration)
        for host in hosts4 { engine.insert(host) }
        return engine
    }()

    static let engine6: DHCPv6Engine = {
        var configuration = DHCPv6Configuration(
            subnets: [
                subnet6("2001:db8::/64", isStateful: true), subnet6("2001:db8:1::/64", isStateful: true),
                subnet6("2001:db8:2::/64", isStateful: false),
            ], serverIdentifier: [0, 4] + [UInt8](1...16))
        configuration.limits = .unlimited
        var engine = DHCPv6Engine(configuration)
        for host in hosts6 { engine.insert(host) }
        return engine
    }()

    /// `fa:16:3e:00:00:xx`.
    static func mac(_ number: UInt8) -> MACAddress { MACAddress(rawValue: 0xFA16_3E00_0000 | UInt64(number)) }

    static func port(_ number: UInt8) -> PortIdentity { PortIdentity(rawValue: UInt128(number)) }

    static let hosts4: [DHCPv4Host] = [
        .init(port: port(1), mac: mac(1), addresses: [.init(subnet: 0, address: IPv4Address(10, 0, 0, 11))]),
        .init(
            port: port(2), mac: mac(2),
            addresses: [
                .init(subnet: 0, address: IPv4Address(10, 0, 0, 12)),
                .init(subnet: 0, address: IPv4Address(10, 0, 0, 13)),
                .init(subnet: 1, address: IPv4Address(10, 1, 0, 12)),
            ], hostName: "two"),
        .init(
            port: port(3), mac: mac(3), addresses: [.init(subnet: 2, address: IPv4Address(10, 2, 0, 13))],
            options: [
                .init(
                    conditions: [.init(tag: "ipxe", isNegated: true)], code: 67,
                    data: Array("undionly.kpxe".utf8)),
                .init(
                    conditions: [.init(tag: "ipxe", isNegated: false)], code: 67,
                    data: Array("http://boot.example/script.ipxe".utf8)),
                .init(code: 255, data: [10, 0, 0, 7]), .init(code: 150, data: [10, 0, 0, 7]),
            ]),
        .init(
            port: port(4), mac: mac(4), addresses: [.init(subnet: 1, address: IPv4Address(10, 1, 0, 14))],
            clientIdentifier: [1, 2, 3], options: [.init(code: 3, data: [], isBlank: true)]),
        .init(
            port: port(5), mac: mac(5),
            addresses: [
                .init(subnet: 0, address: IPv4Address(10, 0, 0, 15)),
                .init(subnet: 2, address: IPv4Address(10, 2, 0, 15)),
            ], clientIdentifier: Array("five".utf8),
            // More than any message takes.
            options: [UInt16](224...229).map { .init(code: $0, data: Array(repeating: 0x78, count: 250)) }),
    ]

    static let hosts6: [DHCPv6Host] = [
        .init(port: port(1), mac: mac(1), addresses: [.init(subnet: 0, address: address(0, 0x11))]),
        .init(
            port: port(2), mac: mac(2),
            addresses: [
                .init(subnet: 0, address: address(0, 0x12)), .init(subnet: 0, address: address(0, 0x13)),
                .init(subnet: 1, address: address(1, 0x12)), .init(subnet: 2, address: address(2, 0x12)),
            ], hostName: "two"),
        .init(
            port: port(3), mac: mac(3), addresses: [.init(subnet: 1, address: address(1, 0x13))],
            clientIdentifier: [0, 4, 7, 7, 7, 7],
            options: [
                .init(
                    conditions: [.init(tag: "ipxe6", isNegated: false)], code: 59,
                    data: Array("http://[2001:db8::7]/x".utf8))
            ]),
        .init(
            port: port(4), mac: mac(4), addresses: [.init(subnet: 2, address: address(2, 0x14))],
            options: [UInt16](60_000...60_009).map {
                .init(code: $0, data: Array(repeating: 0x78, count: 250))
            }),
    ]

    /// `2001:db8:<subnet>::<number>`.
    static func address(_ subnet: UInt8, _ number: UInt8) -> IPv6Address {
        IPv6Address(rawValue: 0x2001_0DB8 << 96 | UInt128(subnet) << 80 | UInt128(number))
    }

    private static func subnet4(_ prefix: String, server: IPv4Address?) -> DHCPv4Subnet {
        DHCPv4Subnet(
            prefix: IPPrefix(prefix) ?? IPPrefix(host: .any(.v4)), serverAddress: server, leaseTime: 86_400,
            renewalTime: 43_200, rebindingTime: 75_600,
            options: [
                .init(3, [10, 0, 0, 1]), .init(6, [10, 0, 0, 2]), .init(15, Array("openstacklocal".utf8)),
                .init(26, [5, 170]), .init(121, [0, 10, 0, 0, 1]), .init(249, [0, 10, 0, 0, 1]),
                .init(42, [UInt8](repeating: 10, count: 64)),
            ], forcedOptions: [26], domainName: "openstacklocal")
    }

    private static func subnet6(_ prefix: String, isStateful: Bool) -> DHCPv6Subnet {
        DHCPv6Subnet(
            prefix: IPPrefix(prefix) ?? IPPrefix(host: .any(.v6)), isStateful: isStateful,
            validLifetime: 86_400, preferredLifetime: 86_400, renewalTime: 43_200, rebindingTime: 69_120,
            options: [
                .init(23, address(0, 2).octets),
                .init(24, [14] + Array("openstacklocal".utf8) + [0]), .init(32, [0, 0, 14, 16]),
            ], domainName: "openstacklocal")
    }
}
