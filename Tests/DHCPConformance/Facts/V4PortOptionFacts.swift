import Addressing
import DHCPMessages
import NetworkModel

/// `extra_dhcp_opts` of ports, as dnsmasq reads their names and values.
enum V4PortOptionFacts {
    static let scene = Scene(
        "DHCPv4 options of ports", [.a], mtu: 1450, byNameAndNumber + overriding + booting + identifying)

    private static func port(_ options: (String, String)...) -> [GuestPlan] {
        [GuestPlan("a", options: options.map { .v4($0.0, $0.1) })]
    }

    private static let byNameAndNumber: [Fact] = [
        Fact("an option by name: addresses", port(("ntp-server", "192.0.2.1,192.0.2.2"))) { site, guests in
            try await site.ask(guests[0].discover()).expect(42, [192, 0, 2, 1, 192, 0, 2, 2])
        },
        Fact("an option by number: addresses", port(("42", "192.0.2.7"))) { site, guests in
            try await site.ask(guests[0].discover()).expect(42, [192, 0, 2, 7])
        },
        Fact("an option by number: text", port(("bootfile-name", "/boot/grub.efi"))) { site, guests in
            let offer = try await site.ask(guests[0].discover())
            try offer.expect(67, text: "/boot/grub.efi")
        },
        Fact("an option that nobody named: hexadecimal", port(("224", "01:02:fe"))) { site, guests in
            try await site.ask(guests[0].discover(asking: [1, 224])).expect(224, [1, 2, 254])
        },
        Fact("an option that nobody named: text", port(("225", "hello"))) { site, guests in
            try await site.ask(guests[0].discover(asking: [1, 225])).expect(225, text: "hello")
        },
        Fact("a domain search list (RFC 3397)", port(("domain-search", "a.example,b.example"))) {
            site, guests in
            let offer = try await site.ask(guests[0].discover())
            let wanted = Array("\u{1}a\u{7}example\u{0}\u{1}b".utf8) + [0xC0, 2]
            try offer.expect(119, wanted)
        },
        Fact("IPv6-only preferred (RFC 8925)", port(("108", "0:0:7:8"))) { site, guests in
            try await site.ask(guests[0].discover(asking: [1, 108])).expect(108, [0, 0, 7, 8])
            try await site.ask(guests[0].discover()).expect(108, nil)
        },
        Fact("the captive portal (RFC 8910)", port(("114", "https://portal.example/api"))) { site, guests in
            try await site.ask(guests[0].discover(asking: [1, 114]))
                .expect(114, text: "https://portal.example/api")
        },
        Fact("TFTP servers (RFC 5859)", port(("tftp-server-address", "192.0.2.3,192.0.2.4"))) {
            site, guests in
            try await site.ask(guests[0].discover(asking: [1, 150])).expect(
                150, [192, 0, 2, 3, 192, 0, 2, 4])
        },
        Fact("one port's options are not another's", port(("42", "192.0.2.9")) + [GuestPlan("a")]) {
            site, guests in
            try await site.ask(guests[0].discover()).expect(42, [192, 0, 2, 9])
            try await site.ask(guests[1].discover()).expect(42, nil)
        },
        Fact(
            "an option of IP version 6 is not told to a DHCPv4 client",
            [
                GuestPlan("a", options: [.v6("dns-server", "2001:db8::53")])
            ]
        ) { site, guests in
            try await site.ask(guests[0].discover()).expect(6, try site.serverV4().octets)
        },
    ]

    private static let overriding: [Fact] = [
        Fact("a port's DNS servers go before the subnet's", port(("dns-server", "192.0.2.53"))) {
            site, guests in
            try await site.ask(guests[0].discover()).expect(6, [192, 0, 2, 53])
        },
        Fact("a port's router goes before the subnet's", port(("router", "10.7.0.77"))) { site, guests in
            try await site.ask(guests[0].discover()).expect(3, [10, 7, 0, 77])
        },
        Fact("a blank router sends none", port(("router", ""))) { site, guests in
            try await site.ask(guests[0].discover()).expect(3, nil)
        },
        Fact(
            "a port's routes go before the subnet's",
            port(("classless-static-route", "10.9.0.0/16,10.7.0.5"))
        ) { site, guests in
            try await site.ask(guests[0].discover()).expect(121, [16, 10, 9, 10, 7, 0, 5])
        },
        Fact(
            "a blank classless-static-route sends no route", port(("classless-static-route", "")),
            differs: .blankRoutes,
            dnsmasq: { site, guests in try await site.ask(guests[0].discover()).expect(121, []) },
            native: { site, guests in try await site.ask(guests[0].discover()).expect(121, nil) }),
        Fact("a port's domain goes before the configured", port(("domain-name", "port.example"))) {
            site, guests in
            try await site.ask(guests[0].discover()).expect(15, text: "port.example")
        },
        Fact("a port's MTU goes before the network's", port(("mtu", "1300"))) { site, guests in
            try await site.ask(guests[0].discover()).expect(26, [5, 20])
        },
        Fact(
            "a port's MTU is told to who does not ask for it", port(("mtu", "1300")), differs: .portMTU,
            dnsmasq: { site, guests in try await site.ask(guests[0].discover(asking: [1])).expect(26, nil) },
            native: { site, guests in
                try await site.ask(guests[0].discover(asking: [1])).expect(26, [5, 20])
            }),
        Fact("a port's mask goes before the subnet's", port(("netmask", "255.255.255.0"))) { site, guests in
            try await site.ask(guests[0].discover()).expect(1, [255, 255, 255, 0])
        },
    ]

    private static let booting: [Fact] = [
        Fact("server-ip-address is siaddr", port(("server-ip-address", "192.0.2.66"))) { site, guests in
            let offer = try await site.ask(guests[0].discover())
            try require("siaddr", offer.message.siaddr, is: IPv4Address(192, 0, 2, 66))
        },
        Fact(
            "a client that asks for 66 and 67 gets them as options",
            port(
                ("tftp-server", "boot.example"), ("bootfile-name", "pxelinux.0"))
        ) { site, guests in
            let offer = try await site.ask(guests[0].discover(asking: [1, 3, 66, 67]))
            try offer.expect(66, text: "boot.example")
            try offer.expect(67, text: "pxelinux.0")
        },
        Fact(
            "a client that does not ask for 67 finds the boot file in its field",
            port(
                ("server-ip-address", "192.0.2.66"), ("bootfile-name", "pxelinux.0"))
        ) { site, guests in
            let offer = try await site.ask(guests[0].discover(asking: [1, 3]))
            try require("file", String(decoding: offer.message.bootFile, as: UTF8.self), is: "pxelinux.0")
            try require("siaddr", offer.message.siaddr, is: IPv4Address(192, 0, 2, 66))
        },
        Fact(
            "tag:!ipxe goes to the ROM, tag:ipxe to iPXE (option 175)",
            port(
                ("tag:!ipxe,67", "undionly.kpxe"), ("tag:ipxe,67", "http://boot.example/menu.ipxe"))
        ) { site, guests in
            try await site.ask(guests[0].discover()).expect(67, text: "undionly.kpxe")
            let encapsulated: [UInt8] = [0xB1, 1, 1]
            try await site.ask(guests[0].discover(with: [175: encapsulated]))
                .expect(67, text: "http://boot.example/menu.ipxe")
        },
        Fact(
            "tag:ipxe6 goes to who is of the user class iPXE (option 77)",
            port(
                ("tag:ipxe6,67", "http://boot.example/menu.ipxe"))
        ) { site, guests in
            try await site.ask(guests[0].discover()).expect(67, nil)
            try await site.ask(guests[0].discover(with: [77: Array("iPXE".utf8)]))
                .expect(67, text: "http://boot.example/menu.ipxe")
        },
        Fact("a PXE client is told the same as any", port(("bootfile-name", "shim.efi"))) { site, guests in
            let pxe: [UInt8: [UInt8]] = [
                60: Array("PXEClient:Arch:00007:UNDI:003016".utf8), 93: [0, 7], 94: [1, 3, 16],
                97: [0] + Array(repeating: 9, count: 16),
            ]
            let offer = try await site.ask(guests[0].discover(with: pxe))
            try offer.expect(.offer)
            try offer.expect(67, text: "shim.efi")
            try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
        },
        Fact(
            "an HTTP boot client gets its URI and the vendor class back",
            port(
                ("bootfile-name", "http://boot.example/shim.efi"), ("vendor-class", "HTTPClient"))
        ) { site, guests in
            let http: [UInt8: [UInt8]] = [60: Array("HTTPClient:Arch:00016:UNDI:003001".utf8), 93: [0, 16]]
            let offer = try await site.ask(guests[0].discover(asking: [1, 3, 43, 60, 66, 67], with: http))
            try offer.expect(67, text: "http://boot.example/shim.efi")
            try offer.expect(60, text: "HTTPClient")
        },
    ]

    private static let identifier: [UInt8] = [255, 9, 9, 9, 9, 0, 4] + Array(repeating: 7, count: 16)

    private static let identifying: [Fact] = [
        Fact(
            "the client identifier comes back (RFC 6842)", differs: .clientIdentifierEcho,
            dnsmasq: { site, guests in
                try await site.lease(guests[0], with: [61: identifier]).expect(61, nil)
            },
            native: { site, guests in
                try await site.lease(guests[0], with: [61: identifier]).expect(61, identifier)
            }),
        Fact("without a client identifier none comes back") { site, guests in
            try await site.lease(guests[0]).expect(61, nil)
        },
        Fact("any client identifier of a known MAC is served", [GuestPlan("a")]) { site, guests in
            for id: [UInt8] in [
                [1] + guests[0].mac.octets, [0] + Array("host".utf8), [255, 1, 2, 3, 4, 0, 2, 9, 9],
            ] {
                let ack = try await site.lease(guests[0], with: [61: id])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
            }
        },
        Fact(
            "option 61 of the port recognises its client by any MAC",
            port(("client-id", "01:aa:bb:cc"))
                + [.stranger]
        ) { site, guests in
            let ack = try await site.lease(guests[1], with: [61: [1, 0xAA, 0xBB, 0xCC]])
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
        },
        Fact(
            "a port with option 61 is not that of a MAC with another identifier",
            port(("61", "01:dd:ee:ff"))
                + [.stranger]
        ) { site, guests in
            try await site.expectSilence(guests[1].discover(with: [61: [1, 9, 9, 9]]))
        },
        Fact("the name that a client calls itself does not change what it gets") { site, guests in
            let ack = try await site.lease(guests[0], with: [12: Array("evil.example".utf8)])
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
            try ack.expect(12, text: Port.defaultHostname(.v4(guests[0].address)))
        },
        Fact("a client with option 81 gets it back with the port's name") { site, guests in
            let ack = try await site.lease(guests[0], with: [81: [1, 0, 0] + Array("evil.example".utf8)])
            let answer = try require(some: ack[option: 81], "no option 81")
            let host = Port.defaultHostname(.v4(guests[0].address))
            let text = String(decoding: answer.dropFirst(3), as: UTF8.self)
            try require(text.contains(host), "option 81 is \(text)")
        },
    ]
}
