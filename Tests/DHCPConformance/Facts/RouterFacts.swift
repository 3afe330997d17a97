import Addressing
import NetworkModel

/// Router advertisements (RFC 4861 section 6.2) on subnets that no router announces.
enum RouterFacts {
    static let scenes = [stateful, slaac, stateless, withRouter]

    private static let allRouters = IPv6Address(rawValue: 0xFF02 << 112 | 2)

    /// An announced prefix (RFC 4861 section 4.6.2).
    private struct Prefix: Equatable {
        var length: UInt8
        /// On-link 0x80, autonomous 0x40.
        var flags: UInt8
        var address: IPv6Address?
    }

    /// What a router advertisement says.
    private struct Advertisement {
        /// Managed 0x80, other 0x40.
        var flags: UInt8
        var lifetime: UInt16
        var source: IPv6Address
        var options: [(type: UInt8, data: [UInt8])] = []

        init(_ source: IPv6Address, _ message: [UInt8]) throws {
            guard message.count >= 16 else { throw FactFailure("an advertisement of \(message.count) bytes") }
            self.source = source
            flags = message[5]
            lifetime = UInt16(message[6], message[7])
            var rest = message[16...]
            while let type = rest.first {
                let count = rest.count >= 2 ? Int(rest[rest.startIndex + 1]) * 8 : 0
                guard count > 0, count <= rest.count else {
                    throw FactFailure("option \(type) leads outside")
                }
                options.append((type, Array(rest.prefix(count))))
                rest = rest.dropFirst(count)
            }
        }

        subscript(type: UInt8) -> [[UInt8]] { options.filter { $0.type == type }.map(\.data) }

        var prefixes: [Prefix] {
            self[3].map {
                Prefix(length: $0[2], flags: $0[3] & 0xC0, address: IPv6Address(octets: $0[16..<32]))
            }
        }
    }

    private static func subnet(_ mode: IPv6Mode, hasRouter: Bool = false) -> SubnetPlan {
        SubnetPlan(
            "d", "2001:db8:d::/64", server: "2001:db8:d::2", gateway: "2001:db8:d::1", hasRouter: hasRouter,
            mode: mode)
    }

    private static let stateful = Scene(
        "router advertisements of a stateful subnet", [.a, subnet(.dhcpv6Stateful)], mtu: 1450,
        [
            advertised("a router solicitation is answered: managed, and not a default router") { site, told in
                try require("M", told.flags & 0x80, is: 0x80)
                try require("the router lifetime", told.lifetime, is: 0)
                try require("the prefixes", told.prefixes.map(\.address), is: [IPv6Address("2001:db8:d::")])
                try require("the prefix's flags", told.prefixes.map(\.flags), is: [0x80])
            },
            advertised("it tells the MTU, the DNS server and where it comes from") { site, told in
                try require("the MTU", told[5], is: [[5, 1, 0, 0] + UInt32(1450).bytes])
                try require("our MAC", told[1], is: [[1, 1] + Segment.serverMAC.octets])
                let server = try require(some: try site.server(.v6).v6, "no IPv6 server")
                try require("DNS servers", told[25].map { Array($0[8...]) }, is: [server.octets])
                try require("it comes from", told.source, is: Segment.serverMAC.linkLocal)
            },
        ])

    private static let slaac = Scene(
        "router advertisements of a SLAAC subnet", [.a, subnet(.slaac)],
        [
            advertised("the prefix is for autoconfiguration, and nothing is managed") { _, told in
                try require("M and O", told.flags & 0xC0, is: 0)
                try require("the prefix's flags", told.prefixes.map(\.flags), is: [0xC0])
                try require("the router lifetime", told.lifetime, is: 0)
            }
        ])

    private static let stateless = Scene(
        "router advertisements of a stateless subnet", [.a, subnet(.dhcpv6Stateless)],
        [
            advertised("the prefix is for autoconfiguration, the rest is asked of DHCPv6") { _, told in
                try require("M and O", told.flags & 0xC0, is: 0x40)
                try require("the prefix's flags", told.prefixes.map(\.flags), is: [0xC0])
            }
        ])

    private static let withRouter = Scene(
        "a subnet whose router announces it itself", [.a, subnet(.dhcpv6Stateful, hasRouter: true)],
        [
            Fact("no advertisement comes from us", [GuestPlan("d")]) { site, guests in
                try require(try await solicit(site, guests[0], .milliseconds(700)) == nil, "advertised")
            }
        ])

    private static func advertised(
        _ name: String, _ look: @escaping @Sendable (Site, Advertisement) throws -> Void
    ) -> Fact {
        Fact(
            name, [GuestPlan("d")], differs: .advertisements,
            dnsmasq: { site, guests in
                try require(try await solicit(site, guests[0], .milliseconds(300)) == nil, "advertised")
            },
            native: { site, guests in
                let told = try await solicit(site, guests[0], site.patience)
                try look(site, try require(some: told, "no advertisement"))
            })
    }

    /// Sends a router solicitation (RFC 4861 section 4.1) and waits for an advertisement.
    private static func solicit(
        _ site: Site, _ guest: Guest, _ limit: Duration
    ) async throws -> Advertisement? {
        // One that was sent already will do: to all it may come but every three seconds.
        let mark = Wire.start
        var message: [UInt8] = [133, 0, 0, 0, 0, 0, 0, 0, 1, 1] + guest.mac.octets
        let pseudo = Checksum.pseudoHeader(.v6(guest.linkLocal), .v6(allRouters), 58, message.count)
        message.replaceSubrange(2..<4, with: Checksum.of(pseudo + message).bytes)
        try site.wire.send(
            Ethernet.frame(
                guest.mac, .multicast(allRouters), .v6(guest.linkLocal), .v6(allRouters), 58, message,
                hopLimit: 255))
        let heard = await site.wire.first(since: mark, within: limit) { heard in
            if case .icmpv6(_, let message) = heard { message.first == 134 } else { false }
        }
        guard case .icmpv6(let source, let answer) = heard else { return nil }
        return try Advertisement(source, answer)
    }
}
