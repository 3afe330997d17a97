import Addressing
import DHCPMessages

/// Requests as udhcpc, dhclient, dhcpcd, Windows, PXE ROMs and relays send them.
enum DHCPv4Seeds {
    static let all: [(name: String, bytes: [UInt8])] = [
        (
            "discover-udhcpc",
            message(
                1, 1,
                [
                    (61, [1] + mac(1)), (57, [2, 64]), (55, [1, 3, 6, 12, 15, 28, 42]),
                    (60, text("udhcp 1.36.1")),
                ])
        ),
        (
            "discover-dhclient",
            message(1, 2, [(12, text("vm")), (55, [1, 28, 2, 3, 15, 6, 119, 12, 44, 47, 26, 121, 42])])
        ),
        (
            "discover-rapid",
            message(
                1, 1,
                [
                    (80, []), (61, [255, 0, 0, 0, 1, 0, 3, 0, 1] + mac(1)), (57, [5, 220]), (145, [1]),
                    (55, [1, 121, 33, 3, 6, 28, 51, 54, 58, 59]),
                ])
        ),
        ("discover-ipv6-only", message(1, 1, [(55, [1, 3, 6, 108, 114])])),
        (
            "discover-pxe",
            message(
                1, 3,
                [
                    (97, [0] + [UInt8](1...16)), (93, [0, 0]), (94, [1, 2, 1]),
                    (60, text("PXEClient:Arch:00000:UNDI:002001")),
                    (55, [UInt8](1...40) + [43, 60, 66, 67, 97, 128, 150]),
                ])
        ),
        (
            "discover-ipxe",
            message(
                1, 3,
                [
                    (175, [0xB1, 4, 1, 0x80, 0x86, 0x10]), (77, text("iPXE")),
                    (55, [1, 3, 6, 67, 66, 43, 175]),
                ])
        ),
        ("discover-fqdn", message(1, 2, [(81, [5, 0, 0, 2] + text("vm") + [0]), (55, [1, 3, 81])])),
        (
            "discover-windows",
            message(1, 1, [(60, text("MSFT 5.0")), (55, [1, 15, 3, 6, 44, 46, 47, 31, 33, 121, 249, 252])])
        ),
        (
            "discover-huge",
            message(1, 5, [(55, [UInt8](224...229) + [1, 3, 6, 121, 249]), (61, text("five"))])
        ),
        (
            "request-selecting",
            message(3, 1, [(50, [10, 0, 0, 11]), (54, [10, 0, 0, 2]), (55, [1, 3, 6])])
        ),
        ("request-init-reboot", message(3, 1, [(50, [10, 0, 0, 11])])),
        ("request-wrong", message(3, 1, [(50, [10, 9, 0, 11])])),
        ("request-renewing", message(3, 1, [(61, [1] + mac(1))], ciaddr: IPv4Address(10, 0, 0, 11))),
        ("request-client-identifier", message(3, 9, [(61, [1, 2, 3]), (50, [10, 1, 0, 14])])),
        (
            "request-relayed",
            message(
                3, 3,
                [
                    (50, [10, 2, 0, 13]),
                    (82, [1, 4] + text("eth0") + [5, 4, 10, 2, 0, 0, 11, 4, 10, 2, 0, 1]),
                ], giaddr: IPv4Address(10, 2, 0, 1))
        ),
        (
            "discover-relayed",
            message(1, 5, [(82, [1, 1, 7, 2, 2, 8, 9]), (57, [2, 64])], giaddr: IPv4Address(10, 2, 0, 1))
        ),
        ("discover-subnet-selection", message(1, 2, [(118, [10, 1, 0, 0])])),
        ("decline", message(4, 1, [(50, [10, 0, 0, 11]), (54, [10, 0, 0, 2])])),
        ("release", message(7, 1, [(54, [10, 0, 0, 2])], ciaddr: IPv4Address(10, 0, 0, 11))),
        ("inform", message(8, 1, [(55, [1, 3, 6, 15, 252])], ciaddr: IPv4Address(10, 0, 0, 11))),
        ("bootp", message(nil, 1, [])),
        ("bootp-without-cookie", Array(message(nil, 1, []).prefix(236)) + [UInt8](repeating: 0, count: 64)),
        ("offer", Array(reply)),
        ("overloaded", overloaded),
    ]

    private static func message(
        _ type: UInt8?, _ number: UInt8, _ options: [(UInt8, [UInt8])], ciaddr: IPv4Address = .any,
        giaddr: IPv4Address = .any
    ) -> [UInt8] {
        let message = DHCPv4Message(
            operation: .request, hops: giaddr == .any ? 0 : 1, transactionID: 0x3903_F326, ciaddr: ciaddr,
            giaddr: giaddr, chaddr: mac(number),
            options: (type.map { [DHCPv4Option(53, [$0])] } ?? []) + options.map { DHCPv4Option($0.0, $0.1) })
        return (try? message.serialized()) ?? []
    }

    private static let reply: [UInt8] = {
        let message = DHCPv4Message(
            operation: .reply, transactionID: 1, yiaddr: IPv4Address(10, 0, 0, 11), chaddr: mac(1),
            serverName: text("boot.example"), bootFile: text("pxelinux.0"),
            options: [
                .init(53, [2]), .init(54, [10, 0, 0, 2]),
                .init(119, [3] + text("org") + [0, 1, 0x61, 0xC0, 0]),
                .init(121, [16, 10, 1, 10, 0, 0, 1, 0, 10, 0, 0, 1]), .init(120, [0, 3] + text("sip") + [0]),
            ])
        return (try? message.serialized()) ?? []
    }()

    /// Options in all three fields, one of them in pieces.
    private static let overloaded: [UInt8] = {
        let message = DHCPv4Message(
            operation: .request, transactionID: 2, chaddr: mac(1),
            options: [
                .init(53, [1]), .init(61, [UInt8](repeating: 7, count: 300)),
                .init(55, [UInt8](1...60)), .init(60, text("pieces")), .init(12, text("long-name")),
            ])
        return (try? message.serialized(fitting: 548).bytes) ?? []
    }()

    static func mac(_ number: UInt8) -> [UInt8] { FuzzNetwork.mac(number).octets }
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}

/// Messages as dhclient, dhcpcd, systemd-networkd, UEFI and relays send them.
enum DHCPv6Seeds {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("solicit", message(1, [client, iana([]), elapsed, .init(6, [0, 23, 0, 24, 0, 39])])),
        (
            "solicit-rapid",
            message(1, [client, .init(14, []), iana([]), elapsed, .init(39, [1, 2] + text("vm"))])
        ),
        (
            "solicit-two",
            message(1, [client, iana([]), iana([], 8), .init(25, [UInt8](repeating: 0, count: 12))])
        ),
        ("solicit-uuid", message(1, [.init(1, [0, 4] + [UInt8](9...24)), iana([]), .init(20, [])])),
        (
            "solicit-uefi",
            message(
                1,
                [
                    client, iana([]), .init(61, [0, 7]), .init(62, [1, 3, 16]),
                    .init(16, [0, 0, 1, 0x57, 0, 9] + text("PXEClient")), .init(15, [0, 4] + text("iPXE")),
                    .init(6, [0, 59, 0, 60]),
                ])
        ),
        ("request", message(3, [client, server, iana([FuzzNetwork.address(0, 0x11)]), elapsed])),
        ("request-wrong", message(3, [client, server, iana([FuzzNetwork.address(7, 0x11)])])),
        ("confirm", message(4, [client, iana([FuzzNetwork.address(0, 0x11)])])),
        ("confirm-wrong", message(4, [client, iana([FuzzNetwork.address(7, 0x11)])])),
        ("renew", message(5, [client, server, iana([FuzzNetwork.address(0, 0x11)]), elapsed])),
        (
            "rebind",
            message(6, [client, iana([FuzzNetwork.address(0, 0x11), FuzzNetwork.address(0, 0x12)])])
        ),
        ("release", message(8, [client, server, iana([FuzzNetwork.address(0, 0x11)])])),
        ("decline", message(9, [client, server, iana([FuzzNetwork.address(0, 0x11)])])),
        ("information-request", message(11, [client, .init(6, [0, 23, 0, 32, 0, 59]), elapsed])),
        ("information-request-anonymous", message(11, [.init(6, [0, 23, 0, 24])])),
        (
            "reply",
            message(
                7,
                [
                    client, server, .init(13, [0, 2] + text("none")), iana([FuzzNetwork.address(0, 0x11)]),
                    .init(56, [0, 3, 0, 5, 3] + text("ntp") + [0]),
                ])
        ),
        ("relayed", relayed(1)), ("relayed-twice", relayed(2)), ("relayed-nine", relayed(9)),
    ]

    private static let client = DHCPv6Option(1, [0, 1, 0, 1, 0x29, 1, 2, 3] + DHCPv4Seeds.mac(1))
    private static let server = DHCPv6Option(2, [0, 4] + [UInt8](1...16))
    private static let elapsed = DHCPv6Option(8, [0, 0])

    private static func iana(_ addresses: [IPv6Address], _ iaid: UInt32 = 7) -> DHCPv6Option {
        let options = addresses.compactMap { try? DHCPv6AssociatedAddress(address: $0).option() }
        return (try? DHCPv6IdentityAssociation(iaid: iaid, options: options).option()) ?? .init(3, [])
    }

    private static func message(_ type: UInt8, _ options: [DHCPv6Option]) -> [UInt8] {
        let message = DHCPv6Message.plain(
            type: .init(rawValue: type), transactionID: 0xA1B2C3, options: options)
        return (try? message.serialized()) ?? []
    }

    private static func relayed(_ count: UInt8) -> [UInt8] {
        let relays = (0..<count).reversed().map { level in
            DHCPv6Relay(
                hopCount: level, linkAddress: FuzzNetwork.address(level == 0 ? 0 : 1, 1),
                peerAddress: IPv6Address(rawValue: 0xFE80 << 112 | UInt128(level)),
                options: [
                    .init(18, [level]), .init(79, [0, 1] + DHCPv4Seeds.mac(1)), .init(37, [0, 0, 0, 9, 1]),
                ])
        }
        let inner = DHCPv6Message.plain(
            type: .solicit, transactionID: 1, options: [client, iana([]), .init(6, [0, 23])])
        return (try? DHCPv6RelayedMessage(relays: relays, message: inner).serialized(.relayForward)) ?? []
    }

    private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}

/// Queries as resolvers send them.
enum DNSSeeds {
    static let all: [(name: String, bytes: [UInt8])] = [
        ("a", query("host-10-0-0-50.openstacklocal", type: 1)), ("a-short", query("host-10-0-0-50", type: 1)),
        ("a-mixed-case", query("HoSt-10-0-0-50.OpenStackLocal", type: 1)),
        ("aaaa-nodata", query("host-10-0-0-50.openstacklocal", type: 28)),
        ("aaaa", query("six-7.openstacklocal", type: 28)), ("many", query("many.openstacklocal", type: 1)),
        ("many-edns", query("many.openstacklocal", type: 1, options: edns(4096))),
        ("any", query("many", type: 255)), ("txt", query("alive.openstacklocal", type: 16)),
        ("ptr", query("50.0.0.10.in-addr.arpa", type: 12)),
        ("ptr-none", query("250.0.0.10.in-addr.arpa", type: 12)),
        (
            "ptr-six",
            query("7.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", type: 12)
        ),
        ("nxdomain", query("nobody.openstacklocal", type: 1)), ("forward", query("example.org", type: 1)),
        ("forward-edns", query("example.org", type: 28, options: edns(1232))),
        ("edns-version", query("example.org", type: 1, options: [0, 0, 41, 4, 0, 0, 1, 0, 0, 0, 0])),
        ("chaos", query("version.bind", type: 16, class: 3)), ("axfr", query("openstacklocal", type: 252)),
        ("root", query("", type: 2)),
        ("answer", answer),
    ]

    /// A query with recursion desired, and an OPT record where options are given.
    static func query(_ name: String, type: UInt8, class: UInt8 = 1, options: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, options.isEmpty ? 0 : 1]
        for label in name.split(separator: ".") {
            bytes.append(UInt8(truncatingIfNeeded: label.utf8.count))
            bytes += Array(label.utf8)
        }
        return bytes + [0, 0, type, 0, `class`] + options
    }

    private static func edns(_ size: UInt16) -> [UInt8] {
        [0, 0, 41, UInt8(size >> 8), UInt8(size & 0xFF), 0, 0, 0x80, 0, 0, 0]
    }

    /// What a server says to the query that is forwarded.
    private static let answer: [UInt8] = {
        var bytes = query("example.org", type: 1)
        bytes[2] = 0x81
        bytes[3] = 0x80
        bytes[7] = 1
        return bytes + [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 44, 0, 4, 192, 0, 2, 7]
    }()

    static let dictionary = """
        # DNS names, types and records.
        type_a="\\x00\\x01\\x00\\x01"
        type_ptr="\\x00\\x0c\\x00\\x01"
        type_txt="\\x00\\x10\\x00\\x01"
        type_aaaa="\\x00\\x1c\\x00\\x01"
        type_any="\\x00\\xff\\x00\\x01"
        type_axfr="\\x00\\xfc\\x00\\x01"
        class_chaos="\\x00\\x10\\x00\\x03"
        opt="\\x00\\x00\\x29\\x10\\x00\\x00\\x00\\x80\\x00\\x00\\x00"
        pointer="\\xc0\\x0c"
        domain="\\x0eopenstacklocal\\x00"
        in_addr="\\x07in-addr\\x04arpa\\x00"
        ip6="\\x03ip6\\x04arpa\\x00"
        host="\\x0ehost-10-0-0-50"
        many="\\x04many"

        """
}
