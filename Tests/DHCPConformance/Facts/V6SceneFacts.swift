import Addressing
import DHCPMessages
import NetworkModel

/// DHCPv6 where it is not plain: stateless, several addresses, relays, no DHCP at all.
enum V6SceneFacts {
    static let scenes = [stateless, several, relayed, slaac, told]

    private static let stateless = Scene(
        "DHCPv6 stateless", [.a, .e],
        [
            Fact("INFORMATION-REQUEST gets DNS server and search list", [GuestPlan("e")]) { site, guests in
                let reply = try await site.ask(try guests[0].message6(.informationRequest))
                try reply.expect(.reply)
                try reply.expect(23, try site.server(.v6).octets)
                try reply.expect(24, Array("\u{e}openstacklocal\u{0}".utf8))
                try require("the associations", try reply.associations().count, is: 0)
            },
            Fact("INFORMATION-REQUEST without a client identifier is answered", [GuestPlan("e")]) {
                site, guests in
                var request = try guests[0].message6(.informationRequest)
                request.message = .plain(
                    type: .informationRequest, transactionID: request.transactionID,
                    options: request.message.options.filter { $0.code != 1 })
                try await site.ask(request).expect(.reply)
            },
            Fact(
                "a port's options reach it",
                [
                    GuestPlan("e", options: [.v6("dns-server", "[2001:db8::99]")])
                ]
            ) { site, guests in
                let reply = try await site.ask(try guests[0].message6(.informationRequest))
                try reply.expect(23, try require(some: IPv6Address("2001:db8::99"), "").octets)
            },
            Fact("a SOLICIT brings no address", [GuestPlan("e")]) { site, guests in
                let request = try guests[0].message6(.solicit)
                let mark = site.wire.mark()
                try site.wire.send(request.datagram(try request.message.serialized()).frame())
                _ = try await site.ask(site.fence.message6(.informationRequest))
                try await Task.sleep(for: .milliseconds(150))
                for heard in site.wire.heard(since: mark) {
                    guard let reply = Site.reply(heard, to: request.transactionID) else { continue }
                    try require("the addresses", try reply.given(), is: [])
                    try require("the status", try reply.status(), is: 2)
                }
            },
        ])

    private static let several = Scene(
        "DHCPv6 with several addresses of a port",
        [
            .a, .d,
            SubnetPlan(
                "c", "2001:db8:c::/64", server: "2001:db8:c::2", gateway: "2001:db8:c::1",
                mode: .dhcpv6Stateful),
        ], settings: { $0.enableAddr6List = true },
        [
            Fact(
                "a port on two subnets gets both addresses", [GuestPlan("dc")], differs: .several6,
                dnsmasq: { site, guests in
                    try require("addresses", try await site.lease6(guests[0]).given().count, is: 1)
                },
                native: { site, guests in
                    let reply = try await site.lease6(guests[0])
                    try require("the addresses", Set(try reply.given()), is: Set(guests[0].v6))
                }),
            Fact(
                "a port with two addresses on one subnet gets both, and keeps them when it renews",
                [GuestPlan("dd")], differs: .several6,
                dnsmasq: { site, guests in
                    let given = try await site.lease6(guests[0]).given()
                    try require("addresses", given.count, is: 1)
                    try require("renewed", try await renew(site, guests[0], given), is: Set(given))
                },
                native: { site, guests in
                    let given = try await site.lease6(guests[0]).given()
                    try require("the addresses", Set(given), is: Set(guests[0].v6))
                    try require("renewed", try await renew(site, guests[0], given), is: Set(given))
                }),
            Fact("a port on one of them gets one", [GuestPlan("c")]) { site, guests in
                try require("the addresses", try await site.lease6(guests[0]).given(), is: guests[0].v6)
            },
        ])

    private static let relayed = Scene(
        "DHCPv6 through relays", [.a, .d, .f],
        [
            Fact("a relay's client on another link gets its address in a RELAY-REPL", [GuestPlan("f")]) {
                site, guests in
                let (reply, relay) = try await relay(site, try guests[0].message6(.solicit), guests[0])
                try reply.expect(.advertise)
                try require("the addresses", try reply.given(), is: guests[0].v6)
                try require("option 18", relay[option: 18], is: [1, 2, 3])
            },
            Fact("a relay in a relay gets its answer in two", [GuestPlan("f")]) { site, guests in
                let inner = try forward(
                    try guests[0].message6(.solicit).message, guests[0], hops: 0, link: [])
                let outer = try relayed(inner, hops: 1, link: IPv6Address(rawValue: 0), peer: routerLinkLocal)
                let answer = try await exchange(site, outer)
                let first = try require(some: answer[option: 9], "no message in the outer relay")
                let second = try DHCPv6Message(parsing: first)
                try require("the inner type", second.type, is: .relayReply)
                let message = try DHCPv6Message(
                    parsing: try require(some: second[option: 9], "no message in the inner relay"))
                let reply = V6Reply(message: message, datagram: answer.datagram)
                try require("the addresses", try reply.given(), is: guests[0].v6)
            },
            Fact("a relay that a client of our own link used is answered", [GuestPlan("d")]) { site, guests in
                let request = try guests[0].message6(.solicit)
                let message = try forward(
                    request.message, guests[0], hops: 0,
                    link: try require(some: IPv6Address("2001:db8:d::1"), "").octets)
                let answer = try await exchange(site, message)
                let inner = try DHCPv6Message(parsing: try require(some: answer[option: 9], "no message"))
                let reply = V6Reply(message: inner, datagram: answer.datagram)
                try require("the addresses", try reply.given(), is: guests[0].v6)
            },
        ])

    private static let slaac = Scene(
        "IPv6 without DHCPv6",
        [
            .a,
            SubnetPlan(
                "d", "2001:db8:d::/64", server: "2001:db8:d::2", gateway: "2001:db8:d::1", mode: .slaac),
        ],
        [
            Fact("a SOLICIT on a SLAAC subnet gets silence", [GuestPlan("ad")]) { site, guests in
                let request = try guests[0].message6(.solicit)
                let mark = site.wire.mark()
                try site.wire.send(request.datagram(try request.message.serialized()).frame())
                try await Task.sleep(for: .milliseconds(300))
                try require(
                    !site.wire.heard(since: mark).contains {
                        Site.reply($0, to: request.transactionID) != nil
                    },
                    "answered")
            },
            Fact("the port's IPv4 address is served beside it", [GuestPlan("ad")]) { site, guests in
                try require("yiaddr", try await site.lease(guests[0]).message.yiaddr, is: guests[0].address)
            },
        ])

    private static let told = Scene(
        "DHCPv6 with DNS servers and a domain",
        [
            SubnetPlan(
                "d", "2001:db8:d::/64", server: "2001:db8:d::2", gateway: "2001:db8:d::1",
                dns: ["2001:db8::53", "2001:db8::54"], mode: .dhcpv6Stateful)
        ], settings: { $0.dnsDomain = "example.org" },
        [
            Fact("DNS servers are told in their order, and the domain", [GuestPlan("d")]) { site, guests in
                let reply = try await site.lease6(guests[0])
                let servers = ["2001:db8::53", "2001:db8::54"].compactMap { IPv6Address($0) }
                try reply.expect(23, servers.flatMap(\.octets))
                try reply.expect(24, Array("\u{7}example\u{3}org\u{0}".utf8))
            }
        ])

    private static func renew(
        _ site: Site, _ guest: Guest, _ addresses: [IPv6Address]
    ) async throws -> Set<IPv6Address> {
        let server = try await site.serverDUID()
        return Set(
            try await site.ask(try guest.message6(.renew, server: server, addresses: addresses)).given())
    }

    // MARK: Relaying

    private static let routerLinkLocal = Segment.routerMAC.linkLocal

    private static func relayed(
        _ message: DHCPv6Message, hops: UInt8, link: IPv6Address, peer: IPv6Address, more: [DHCPv6Option] = []
    ) throws -> DHCPv6Message {
        .relay(
            type: .relayForward, hopCount: hops, linkAddress: link, peerAddress: peer,
            options: more + [DHCPv6Option(9, try message.serialized())])
    }

    /// What the relay next to the client sends: its link, the client's MAC (RFC 6939), its interface.
    private static func forward(
        _ message: DHCPv6Message, _ guest: Guest, hops: UInt8, link: [UInt8]
    ) throws -> DHCPv6Message {
        let address = IPv6Address(octets: link) ?? IPv6Address("2001:db8:f::1")
        return try relayed(
            message, hops: hops, link: try require(some: address, "no link address"), peer: guest.linkLocal,
            more: [.init(18, [1, 2, 3]), .init(79, [0, 1] + guest.mac.octets)])
    }

    private static func exchange(_ site: Site, _ message: DHCPv6Message) async throws -> V6Reply {
        let server = try require(some: try site.server(.v6).v6, "no IPv6 server")
        let source = try require(some: IPv6Address("2001:db8:d::1"), "")
        let mark = site.wire.mark()
        let datagram = Datagram(
            from: Segment.routerMAC, .v6(source), port: 547, to: Segment.serverMAC, .v6(server), port: 547,
            payload: try message.serialized())
        try site.wire.send(datagram.frame())
        let heard = await site.wire.first(since: mark, within: site.patience) { heard in
            if case .datagram(let answer) = heard { answer.payload.first == 13 } else { false }
        }
        guard case .datagram(let answer) = heard else { throw FactFailure("no RELAY-REPL") }
        try require(answer.faults.isEmpty, "\(answer.faults)")
        try require("the relay's port", answer.destinationPort, is: 547)
        try require("the relay's address", answer.destination, is: .v6(source))
        let reply = try DHCPv6Message(parsing: answer.payload)
        guard case .relay(_, let hops, let link, let peer, _) = reply,
            case .relay(_, let hopsAsked, let linkAsked, let peerAsked, _) = message
        else { throw FactFailure("no relay message") }
        try require("hop-count", hops, is: hopsAsked)
        try require("link-address", link, is: linkAsked)
        try require("peer-address", peer, is: peerAsked)
        return V6Reply(message: reply, datagram: answer)
    }

    private static func relay(
        _ site: Site, _ request: V6Request, _ guest: Guest
    ) async throws -> (inner: V6Reply, outer: V6Reply) {
        let answer = try await exchange(site, try forward(request.message, guest, hops: 0, link: []))
        let inner = try DHCPv6Message(parsing: try require(some: answer[option: 9], "no message"))
        return (V6Reply(message: inner, datagram: answer.datagram), answer)
    }
}
