import Addressing
import DHCPMessages
import NetworkModel

/// What DHCPv4 clients are told about subnets: Neutron's rules (1.6 of its inventory), RFC 2132, RFC 3442.
enum V4OptionFacts {
    static let scenes = [plain, sparse, rich, infinite, times, isolated, lonely, neighbours]

    private static let plain = Scene(
        "DHCPv4 options of a plain subnet", [.a], mtu: 1450,
        [
            Fact("mask, router, broadcast address and domain are told") { site, guests in
                let offer = try await site.ask(guests[0].discover())
                try offer.expect(1, [255, 255, 0, 0])
                try offer.expect(3, [10, 7, 0, 1])
                try offer.expect(28, [10, 7, 255, 255])
                try offer.expect(15, text: "openstacklocal")
            },
            Fact("the lease is a day, T1 half of it, T2 seven eighths") { site, guests in
                let ack = try await site.lease(guests[0])
                try ack.expect(51, UInt32(86_400).bytes)
                try ack.expect(58, UInt32(43_200).bytes)
                try ack.expect(59, UInt32(75_600).bytes)
            },
            Fact("without DNS servers we are it") { site, guests in
                try await site.ask(guests[0].discover()).expect(6, try site.serverV4().octets)
            },
            Fact("the network's MTU is told") { site, guests in
                try await site.ask(guests[0].discover()).expect(26, [5, 170])
            },
            Fact("the MTU is told to who does not ask for it") { site, guests in
                try await site.ask(guests[0].discover(asking: [1, 3])).expect(26, [5, 170])
            },
            Fact("the host name is made of the address") { site, guests in
                let wanted = Port.defaultHostname(.v4(guests[0].address))
                try await site.ask(guests[0].discover()).expect(12, text: wanted)
            },
            Fact("what was not asked for is not told") { site, guests in
                let offer = try await site.ask(guests[0].discover(asking: [1, 51]))
                for code: UInt8 in [3, 6, 15, 121, 249, 12] { try offer.expect(code, nil) }
                try offer.expect(1, [255, 255, 0, 0])
            },
            Fact("a client without a parameter request list is told the mask and the router") {
                site, guests in
                let offer = try await site.ask(guests[0].discover(asking: nil))
                try offer.expect(1, [255, 255, 0, 0])
                try offer.expect(3, [10, 7, 0, 1])
                try offer.expect(51, UInt32(86_400).bytes)
            },
            Fact("a parameter that nobody has is left out") { site, guests in
                let offer = try await site.ask(guests[0].discover(asking: [1, 42, 200, 43, 0, 255]))
                for code: UInt8 in [42, 200, 43] { try offer.expect(code, nil) }
            },
            Fact("a gateway in option 3 is in 121 too, with the metadata route through it") {
                site, guests in
                let routes: [UInt8] = [32, 169, 254, 169, 254, 10, 7, 0, 1, 0, 10, 7, 0, 1]
                let offer = try await site.ask(guests[0].discover(asking: [1, 3, 121, 249]))
                try offer.expect(121, routes)
                try offer.expect(249, routes)
            },
            Fact("249 is told without 121 to who asks for it alone") { site, guests in
                let offer = try await site.ask(guests[0].discover(asking: [249]))
                try offer.expect(121, nil)
                try require(offer[option: 249] != nil, "no option 249")
            },
            Fact("OFFER, ACK of the selection and ACK of a renewal tell the same") { site, guests in
                site.wire.own(.v4(guests[0].address), guests[0].mac)
                let offer = try await site.ask(guests[0].discover())
                let first = try await site.lease(guests[0])
                let second = try await site.ask(guests[0].renew(guests[0].address, at: try site.serverV4()))
                for code: UInt8 in [1, 3, 6, 12, 15, 26, 28, 51, 54, 121, 249] {
                    try first.expect(code, offer[option: code])
                    try second.expect(code, offer[option: code])
                }
            },
            Fact("T1 comes before T2 and T2 before the end, in a renewal too") { site, guests in
                site.wire.own(.v4(guests[0].address), guests[0].mac)
                let ack = try await site.ask(guests[0].renew(guests[0].address, at: try site.serverV4()))
                let (first, second) = (UInt32(ack[option: 58] ?? []), UInt32(ack[option: 59] ?? []))
                try require(first > 0 && first < second && second < 86_400, "T1 \(first), T2 \(second)")
            },
            Fact("siaddr, sname and file are empty where nothing is to be booted") { site, guests in
                let offer = try await site.ask(guests[0].discover())
                try require(offer.message.bootFile.isEmpty, "file \(offer.message.bootFile)")
                try offer.expect(66, nil)
                try offer.expect(67, nil)
            },
        ])

    private static let sparse = Scene(
        "DHCPv4 without gateway, DNS and domain",
        [SubnetPlan("a", "10.7.0.0/16", server: "10.7.0.2", dns: ["0.0.0.0"])],
        settings: { $0.dnsDomain = "" },
        [
            Fact("without a gateway there is no router and no route") { site, guests in
                let offer = try await site.ask(guests[0].discover())
                for code: UInt8 in [3, 121, 249] { try offer.expect(code, nil) }
            },
            Fact("0.0.0.0 as the only DNS server announces none") { site, guests in
                try await site.ask(guests[0].discover()).expect(6, nil)
            },
            Fact("without a domain none is told") { site, guests in
                try await site.ask(guests[0].discover()).expect(15, nil)
            },
            Fact("the client still gets its address and mask") { site, guests in
                let ack = try await site.lease(guests[0])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try ack.expect(1, [255, 255, 0, 0])
            },
        ])

    private static let rich = Scene(
        "DHCPv4 with DNS servers and host routes",
        [
            SubnetPlan(
                "a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1",
                dns: ["10.7.0.53", "192.0.2.53", "198.51.100.53"],
                routes: [("10.20.0.0/15", "10.7.0.9"), ("192.0.2.128/25", "10.7.0.8")])
        ],
        settings: {
            $0.dnsDomain = "example.org"
            $0.broadcastReply = true
        },
        [
            Fact("DNS servers are told in their order") { site, guests in
                try await site.ask(guests[0].discover())
                    .expect(6, [10, 7, 0, 53, 192, 0, 2, 53, 198, 51, 100, 53])
            },
            Fact("the configured domain is told") { site, guests in
                try await site.ask(guests[0].discover()).expect(15, text: "example.org")
            },
            Fact("host routes, metadata and default are told, in this order") { site, guests in
                let routes: [UInt8] = [
                    15, 10, 20, 10, 7, 0, 9, 25, 192, 0, 2, 128, 10, 7, 0, 8,
                    32, 169, 254, 169, 254, 10, 7, 0, 1, 0, 10, 7, 0, 1,
                ]
                let offer = try await site.ask(guests[0].discover())
                try offer.expect(121, routes)
                try offer.expect(249, routes)
            },
            Fact("with dhcp_broadcast_reply all answers are broadcast") { site, guests in
                try await site.ask(guests[0].discover()).expectBroadcast()
                try await site.lease(guests[0]).expectBroadcast()
            },
            Fact("the port's dns_name is its host name", [GuestPlan("a", name: "web")]) { site, guests in
                try await site.ask(guests[0].discover()).expect(12, text: "web")
            },
        ])

    private static let infinite = Scene(
        "DHCPv4 with infinite leases", [.a], settings: { $0.leaseDuration = -1 },
        [
            Fact("an infinite lease is 4294967295 seconds") { site, guests in
                try await site.lease(guests[0]).expect(51, [255, 255, 255, 255])
            }
        ])

    private static let times = Scene(
        "DHCPv4 with T1 and T2 configured", [.a],
        settings: {
            $0.leaseDuration = 3600
            $0.renewalTime = 600
            $0.rebindingTime = 3000
        },
        [
            Fact("T1 and T2 are told as configured") { site, guests in
                let ack = try await site.lease(guests[0])
                try ack.expect(51, UInt32(3600).bytes)
                try ack.expect(58, UInt32(600).bytes)
                try ack.expect(59, UInt32(3000).bytes)
            },
            Fact("T1 and T2 are told to who does not ask for them") { site, guests in
                let offer = try await site.ask(guests[0].discover(asking: [1]))
                try offer.expect(58, UInt32(600).bytes)
                try offer.expect(59, UInt32(3000).bytes)
            },
        ])

    private static let isolated = Scene(
        "DHCPv4 with metadata on isolated networks",
        [SubnetPlan("a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1", hasRouter: false)],
        settings: { $0.enableIsolatedMetadata = true },
        [
            Fact("the metadata route leads to our own address") { site, guests in
                try await site.ask(guests[0].discover())
                    .expect(121, [32, 169, 254, 169, 254, 10, 7, 0, 2, 0, 10, 7, 0, 1])
            }
        ])

    private static let lonely = Scene(
        "DHCPv4 on an isolated network without metadata",
        [SubnetPlan("a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1", hasRouter: false)],
        [
            Fact("the gateway is told by option 3, and no route by 121") { site, guests in
                let offer = try await site.ask(guests[0].discover())
                try offer.expect(3, [10, 7, 0, 1])
                try offer.expect(121, nil)
                try offer.expect(249, nil)
            }
        ])

    private static let neighbours = Scene(
        "DHCPv4 with two subnets on one link",
        [.a, .c, SubnetPlan("e", "172.31.0.0/24", hasDHCP: false)],
        [
            Fact("a port on the first subnet is told of the others as on the link") { site, guests in
                let offer = try await site.ask(guests[0].discover())
                try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
                try offer.expect(3, [10, 7, 0, 1])
                try offer.expect(
                    121,
                    [
                        24, 172, 31, 0, 0, 0, 0, 0, 24, 172, 30, 0, 0, 0, 0, 0,
                        32, 169, 254, 169, 254, 10, 7, 0, 1, 0, 10, 7, 0, 1,
                    ])
            },
            Fact("a port on the second subnet gets an address, mask and router of it", [GuestPlan("c")]) {
                site, guests in
                let ack = try await site.lease(guests[0])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try ack.expect(1, [255, 255, 255, 0])
                try ack.expect(3, [172, 30, 0, 1])
                try ack.expect(28, [172, 30, 0, 255])
            },
            Fact("a client of the second subnet renews by unicast", [GuestPlan("c")]) { site, guests in
                site.wire.own(.v4(guests[0].address), guests[0].mac)
                let ack = try await site.ask(
                    guests[0].renew(guests[0].address, at: IPv4Address(172, 30, 0, 2)))
                try ack.expect(.ack)
                try ack.expectUnicast(guests[0].address, guests[0].mac)
            },
            Fact("a port with several addresses gets the last of them", [GuestPlan("ac"), GuestPlan("caa")]) {
                site, guests in
                for guest in guests {
                    try require("yiaddr", try await site.lease(guest).message.yiaddr, is: guest.v4.last)
                }
            },
            Fact(
                "a port with addresses on both may keep either", [GuestPlan("ac")], differs: .secondSubnet4,
                dnsmasq: { site, guests in
                    var types: Set<DHCPv4MessageType?> = []
                    for address in guests[0].v4 {
                        types.insert(try await site.ask(guests[0].reboot(address)).type())
                    }
                    try require("the answers", types, is: [.ack, .nak])
                },
                native: { site, guests in
                    for address in guests[0].v4 {
                        let ack = try await site.ask(guests[0].reboot(address))
                        try ack.expect(.ack)
                        try require("yiaddr", ack.message.yiaddr, is: address)
                    }
                }),
            Fact("a port on the subnet without DHCP gets silence", [GuestPlan("e")]) { site, guests in
                try await site.expectSilence(guests[0].discover())
            },
        ])
}
