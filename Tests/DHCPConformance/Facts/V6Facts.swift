import Addressing
import DHCPMessages
import NetworkModel

/// DHCPv6 with addresses: RFC 8415 section 18.3, message by message.
enum V6Facts {
    static let scene = Scene(
        "DHCPv6 stateful", [.a, .d], arriving + staying + leaving + telling + discarded + broken)

    private static let guest = [GuestPlan("d")]

    private static let arriving: [Fact] = [
        Fact("a SOLICIT gets an ADVERTISE of the port's address", guest) { site, guests in
            let advertise = try await site.ask(try guests[0].message6(.solicit))
            try advertise.expect(.advertise)
            try require("the addresses", try advertise.given(), is: guests[0].v6)
            try require("the status", try advertise.status(), is: 0)
            try require("the IAID", try advertise.associations().map(\.iaid), is: [UInt32(guests[0].number)])
        },
        Fact("a REQUEST of it gets a REPLY with it", guest) { site, guests in
            let reply = try await site.lease6(guests[0])
            try require("the addresses", try reply.given(), is: guests[0].v6)
            try require("the status", try reply.status(), is: 0)
        },
        Fact("the address is valid for the configured day, T1 and T2 lie before its end", guest) {
            site, guests in
            let reply = try await site.lease6(guests[0])
            let address = try require(some: try reply.addresses().first, "no address")
            try require("the valid lifetime", address.validLifetime, is: 86_400)
            try require(address.preferredLifetime <= 86_400 && address.preferredLifetime > 0, "preferred")
            let association = try require(some: try reply.associations().first, "no association")
            try require(
                association.renewalTime > 0 && association.renewalTime <= association.rebindingTime
                    && association.rebindingTime <= address.preferredLifetime,
                "T1 \(association.renewalTime), T2 \(association.rebindingTime)")
        },
        Fact("a client that asks for another address is given the port's", guest) { site, guests in
            let other = IPv6Address(rawValue: guests[0].address6.rawValue + 4096)
            let advertise = try await site.ask(try guests[0].message6(.solicit, addresses: [other]))
            try require("the addresses", try advertise.given(), is: guests[0].v6)
        },
        Fact("a SOLICIT with rapid commit gets a REPLY at once", guest) { site, guests in
            let reply = try await site.ask(try guests[0].message6(.solicit, with: [.init(14, [])]))
            try reply.expect(.reply)
            try reply.expect(14, [])
            try require("the addresses", try reply.given(), is: guests[0].v6)
        },
        Fact(
            "a MAC without a port is told that there is no address", [.stranger], differs: .strangers6,
            dnsmasq: { site, guests in
                let advertise = try await site.ask(try guests[0].message6(.solicit))
                try require("the status", try advertise.status(), is: 2)
                try require("the addresses", try advertise.given(), is: [])
            },
            native: { site, guests in try await site.expectSilence(try guests[0].message6(.solicit)) }),
        Fact("any form of DUID of a known MAC is served", guest + guest + guest) { site, guests in
            let forms: [[UInt8]] = [
                [0, 1, 0, 1, 1, 2, 3, 4], [0, 2, 0, 0, 0xAB, 0x11, 1, 2, 3],
                [0, 4] + Array(repeating: 8, count: 16),
            ]
            for (guest, form) in zip(guests, forms) {
                let duid = form + (form[1] == 1 ? guest.mac.octets : [])
                let reply = try await site.lease6(guest, duid: duid)
                try require("the addresses", try reply.given(), is: guest.v6)
            }
        },
        Fact(
            "a machine that is installed anew (new DUID, new IAID) gets its address", guest,
            differs: .reimaged6,
            dnsmasq: { site, guests in
                try await site.lease6(guests[0])
                let again = try await site.ask(
                    try guests[0].message6(
                        .solicit, duid: [0, 4] + Array(repeating: 77, count: 16), iaid: 0xABCD))
                try require("the status", try again.status(), is: 2)
            },
            native: { site, guests in
                try await site.lease6(guests[0])
                let again = try await site.lease6(
                    guests[0], duid: [0, 4] + Array(repeating: 77, count: 16), iaid: 0xABCD)
                try require("the addresses", try again.given(), is: guests[0].v6)
            }),
        Fact("a REQUEST to another server gets silence", guest) { site, guests in
            try await site.expectSilence(
                try guests[0].message6(
                    .request, server: [0, 3, 0, 1, 1, 2, 3, 4, 5, 6], addresses: guests[0].v6))
        },
    ]

    private static let staying: [Fact] = [
        Fact("RENEW prolongs the address", guest) { site, guests in
            try await site.lease6(guests[0])
            let reply = try await site.ask(
                try guests[0].message6(
                    .renew, server: try await site.serverDUID(), addresses: guests[0].v6))
            try reply.expect(.reply)
            try require("the addresses", try reply.given(), is: guests[0].v6)
            try require("the valid lifetime", try reply.addresses().first?.validLifetime, is: 86_400)
        },
        Fact("REBIND prolongs the address", guest) { site, guests in
            try await site.lease6(guests[0])
            let reply = try await site.ask(try guests[0].message6(.rebind, addresses: guests[0].v6))
            try reply.expect(.reply)
            try require("the addresses", try reply.given(), is: guests[0].v6)
        },
        Fact("RENEW of an address that is not the port's takes it away: no lifetime is left", guest) {
            site, guests in
            try await site.lease6(guests[0])
            let other = IPv6Address(rawValue: guests[0].address6.rawValue + 4096)
            let reply = try await site.ask(
                try guests[0].message6(.renew, server: try await site.serverDUID(), addresses: [other]))
            try require(try !reply.given().contains(other), "the foreign address is prolonged")
        },
        Fact(
            "RENEW of an address that this server never gave out itself", guest, differs: .renewUnknown6,
            dnsmasq: { site, guests in
                let reply = try await site.ask(
                    try guests[0].message6(
                        .renew, server: try await site.serverDUID(), addresses: guests[0].v6))
                try require("the status", try reply.status(), is: 3)
            },
            native: { site, guests in
                let reply = try await site.ask(
                    try guests[0].message6(
                        .renew, server: try await site.serverDUID(), addresses: guests[0].v6))
                try require("the addresses", try reply.given(), is: guests[0].v6)
            }),
        Fact("CONFIRM of addresses on the link is a success", guest) { site, guests in
            try await site.lease6(guests[0])
            let reply = try await site.ask(try guests[0].message6(.confirm, addresses: guests[0].v6))
            try reply.expect(.reply)
            try require("the status", try reply.status(), is: 0)
        },
        Fact("CONFIRM of an address off the link is NotOnLink", guest) { site, guests in
            let foreign = IPv6Address(rawValue: 0x2001_0DB8_9999 << 80 | 1)
            let reply = try await site.ask(try guests[0].message6(.confirm, addresses: [foreign]))
            try reply.expect(.reply)
            try require("the status", try reply.status(), is: 4)
        },
    ]

    private static let leaving: [Fact] = [
        Fact("RELEASE is a success, and the same address is given again", guest) { site, guests in
            try await site.lease6(guests[0])
            let reply = try await site.ask(
                try guests[0].message6(
                    .release, server: try await site.serverDUID(), addresses: guests[0].v6))
            try reply.expect(.reply)
            try require(
                "the status", try require(some: reply[option: 13], "no status").prefix(2), is: [0, 0])
            try require("the addresses", try await site.lease6(guests[0]).given(), is: guests[0].v6)
        },
        Fact("after DECLINE a REPLY comes", guest) { site, guests in
            try await site.lease6(guests[0])
            let reply = try await site.ask(
                try guests[0].message6(
                    .decline, server: try await site.serverDUID(), addresses: guests[0].v6))
            try reply.expect(.reply)
        },
        Fact(
            "after DECLINE the same IPv6 address is given again", guest, differs: .declinedAddress6,
            dnsmasq: { site, guests in
                try await decline(site, guests[0])
                let advertise = try await site.ask(try guests[0].message6(.solicit))
                try require("the status", try advertise.status(), is: 2)
            },
            native: { site, guests in
                try await decline(site, guests[0])
                try require("the addresses", try await site.lease6(guests[0]).given(), is: guests[0].v6)
            }),
    ]

    private static let telling: [Fact] = [
        Fact("without DNS servers we are it", guest) { site, guests in
            let reply = try await site.lease6(guests[0])
            try reply.expect(23, try site.server(.v6).octets)
        },
        Fact("the domain is in the search list", guest) { site, guests in
            try await site.lease6(guests[0]).expect(24, Array("\u{e}openstacklocal\u{0}".utf8))
        },
        Fact(
            "what was not asked for is not told", guest, differs: .unasked6,
            dnsmasq: { site, guests in
                let advertise = try await site.ask(try guests[0].message6(.solicit, asking: [59]))
                try advertise.expect(23, try site.server(.v6).octets)
            },
            native: { site, guests in
                let advertise = try await site.ask(try guests[0].message6(.solicit, asking: [59]))
                try advertise.expect(23, nil)
                try advertise.expect(24, nil)
            }),
        Fact(
            "a client with option 39 gets the port's name back (RFC 4704)", guest, differs: .name6,
            dnsmasq: { site, guests in
                let host = Port.defaultHostname(.v6(guests[0].address6))
                let wanted = [UInt8(host.utf8.count)] + Array(host.utf8)
                try require("option 39", try await fullName(site, guests[0]), is: wanted)
            },
            native: { site, guests in
                let host = Port.defaultHostname(.v6(guests[0].address6))
                let wanted =
                    [UInt8(host.utf8.count)] + Array(host.utf8) + Array("\u{e}openstacklocal\u{0}".utf8)
                try require("option 39", try await fullName(site, guests[0]), is: wanted)
            }),
        Fact(
            "tag:ipxe6 goes to who is of the user class iPXE (option 15)",
            [
                GuestPlan("d", options: [.v6("tag:ipxe6,bootfile-url", "http://[2001:db8::1]/menu.ipxe")])
            ]
        ) { site, guests in
            try await site.ask(try guests[0].message6(.solicit)).expect(59, nil)
            let ipxe = DHCPv6Option(15, [0, 4] + Array("iPXE".utf8))
            try await site.ask(try guests[0].message6(.solicit, with: [ipxe]))
                .expect(59, Array("http://[2001:db8::1]/menu.ipxe".utf8))
        },
        Fact("INFORMATION-REQUEST gets options without addresses", guest) { site, guests in
            let reply = try await site.ask(try guests[0].message6(.informationRequest))
            try reply.expect(.reply)
            try require("the associations", try reply.associations().count, is: 0)
            try reply.expect(23, try site.server(.v6).octets)
        },
        Fact(
            "a port's options for IP version 6 reach it",
            [
                GuestPlan(
                    "d",
                    options: [
                        .v6("dns-server", "[2001:db8::53]"),
                        .v6("bootfile-url", "http://[2001:db8::1]/shim.efi"),
                        .v6("domain-search", "port.example"),
                    ])
            ]
        ) { site, guests in
            let reply = try await site.lease6(guests[0])
            try reply.expect(23, try require(some: IPv6Address("2001:db8::53"), "").octets)
            try reply.expect(59, Array("http://[2001:db8::1]/shim.efi".utf8))
            try reply.expect(24, Array("\u{4}port\u{7}example\u{0}".utf8))
        },
        Fact("all answers come from one server with one DUID", guest + guest) { site, guests in
            let first = try await site.ask(try guests[0].message6(.solicit))[option: 2]
            let second = try await site.ask(try guests[1].message6(.informationRequest))[option: 2]
            try require("the DUID", first, is: second)
            try require((first?.count ?? 0) >= 4, "a DUID of \(first?.count ?? 0) bytes")
        },
        Fact(
            "a client that asks for a prefix as well gets its address and no prefix", guest,
            differs: .delegation,
            dnsmasq: { site, guests in
                let advertise = try await site.ask(try guests[0].message6(.solicit, with: [delegation]))
                try require("the addresses", try advertise.given(), is: guests[0].v6)
                try advertise.expect(25, nil)
            },
            native: { site, guests in
                let advertise = try await site.ask(try guests[0].message6(.solicit, with: [delegation]))
                try require("the addresses", try advertise.given(), is: guests[0].v6)
                let association = try require(some: advertise[option: 25], "no IA_PD")
                try require("the IAID", association.prefix(4), is: [0, 0, 0, 7])
                let options = try DHCPv6Option.parse(association.dropFirst(12))
                let status = try require(some: options.first { $0.code == 13 }, "no status in the IA_PD")
                try require("the status", try DHCPv6Status(parsing: status.data).code, is: 6)
            }),
        Fact("a client that asks for two associations gets its address in one", guest) { site, guests in
            let second = try DHCPv6IdentityAssociation(iaid: 99_999).option()
            let advertise = try await site.ask(try guests[0].message6(.solicit, with: [second]))
            try require("the addresses", try advertise.given(), is: guests[0].v6)
        },
    ]

    /// What RFC 8415 section 16 has servers discard.
    private static let discarded: [Fact] = [
        Fact("a RENEW to another server gets silence", guest) { site, guests in
            try await site.lease6(guests[0])
            try await site.expectSilence(
                try guests[0].message6(
                    .renew, server: [0, 3, 0, 1, 1, 2, 3, 4, 5, 6], addresses: guests[0].v6))
        },
        Fact("a REQUEST, RENEW, RELEASE or DECLINE that names no server gets silence", guest) {
            site, guests in
            try await site.lease6(guests[0])
            for type: DHCPv6MessageType in [.request, .renew, .release, .decline] {
                try await site.expectSilence(try guests[0].message6(type, addresses: guests[0].v6))
            }
        },
        Fact("a SOLICIT, CONFIRM or REBIND that names a server gets silence", guest) { site, guests in
            let server = try await site.serverDUID()
            try await site.lease6(guests[0])
            for type: DHCPv6MessageType in [.solicit, .confirm, .rebind] {
                try await site.expectSilence(
                    try guests[0].message6(type, server: server, addresses: guests[0].v6))
            }
        },
        Fact("an INFORMATION-REQUEST with an association gets silence", guest) { site, guests in
            let association = try DHCPv6IdentityAssociation(iaid: 1).option()
            try await site.expectSilence(try guests[0].message6(.informationRequest, with: [association]))
        },
        Fact("a CONFIRM without addresses gets silence", guest) { site, guests in
            try await site.expectSilence(try guests[0].message6(.confirm))
        },
        Fact(
            "a SOLICIT by unicast gets silence", guest, differs: .unicast6,
            dnsmasq: { site, guests in
                try await site.ask(try unicast(site, guests[0])).expect(.advertise)
            },
            native: { site, guests in try await site.expectSilence(try unicast(site, guests[0])) }),
        Fact("RELEASE of an address that is not the port's is told so", guest) { site, guests in
            try await site.lease6(guests[0])
            let other = IPv6Address(rawValue: guests[0].address6.rawValue + 4096)
            let reply = try await site.ask(
                try guests[0].message6(.release, server: try await site.serverDUID(), addresses: [other]))
            try require("the status of the association", try associationStatus(reply), is: 3)
        },
        Fact("REBIND of an address off the link takes it away", guest) { site, guests in
            try await site.lease6(guests[0])
            let foreign = IPv6Address(rawValue: 0x2001_0DB8_9999 << 80 | 1)
            let reply = try await site.ask(try guests[0].message6(.rebind, addresses: [foreign]))
            try require(try !reply.given().contains(foreign), "prolonged")
        },
    ]

    private static func unicast(_ site: Site, _ guest: Guest) throws -> V6Request {
        var request = try guest.message6(.solicit)
        request.destination = try require(some: try site.server(.v6).v6, "no IPv6 server")
        return request
    }

    private static func associationStatus(_ reply: V6Reply) throws -> UInt16? {
        let data = try reply.associations().flatMap(\.options).first { $0.code == 13 }?.data
        return try data.map { try DHCPv6Status(parsing: $0).code }
    }

    private static let broken: [Fact] = [
        Fact("a message cut short is dropped", guest) { site, guests in
            let request = try guests[0].message6(.solicit)
            let bytes = try request.message.serialized()
            for length in [0, 1, 3] {
                try await site.expectSilence(Array(bytes.prefix(length)), as: request)
            }
        },
        Fact("a SOLICIT without a client identifier gets silence", guest) { site, guests in
            var request = try guests[0].message6(.solicit)
            request.message = .plain(
                type: .solicit, transactionID: request.transactionID,
                options: request.message.options.filter { $0.code != 1 })
            try await site.expectSilence(request)
        },
        Fact("messages that only servers send get silence", guest) { site, guests in
            for type: DHCPv6MessageType in [.advertise, .reply, .reconfigure, .init(rawValue: 200)] {
                try await site.expectSilence(try guests[0].message6(type))
            }
        },
        Fact("three hundred packets of garbage disturb nobody else", guest + guest) { site, guests in
            var random = SplitMix64(seed: 6)
            let request = try guests[1].message6(.solicit)
            let valid = try request.message.serialized()
            for round in 0..<300 {
                var bytes = valid
                if round % 2 == 0 {
                    bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                } else {
                    bytes.replaceSubrange(1..<4, with: [0, 0, 0])
                    for _ in 0..<4 {
                        bytes[.random(in: 4..<bytes.count, using: &random)] = .random(
                            in: 0...255, using: &random)
                    }
                }
                try site.wire.send(request.datagram(bytes).frame())
                // No more at once than a socket holds.
                if round % 50 == 49 { _ = try await site.ask(site.fence.message6(.informationRequest)) }
            }
            try require("the addresses", try await site.lease6(guests[0]).given(), is: guests[0].v6)
        },
    ]

    /// An IA_PD without a prefix (RFC 8415 section 21.21).
    private static let delegation = DHCPv6Option(25, [0, 0, 0, 7] + Array(repeating: 0, count: 8))

    /// The name in option 39 of the answer to a client that calls itself something else.
    private static func fullName(_ site: Site, _ guest: Guest) async throws -> [UInt8] {
        let name = DHCPv6Option(39, [1] + Array("\u{4}evil".utf8))
        let reply = try await site.ask(try guest.message6(.solicit, with: [name]))
        return Array(try require(some: reply[option: 39], "no option 39").dropFirst())
    }

    private static func decline(_ site: Site, _ guest: Guest) async throws {
        try await site.lease6(guest)
        _ = try await site.ask(
            try guest.message6(.decline, server: try await site.serverDUID(), addresses: guest.v6))
    }
}
