import Addressing
import DHCPMessages

/// DHCPv4 as RFC 2131 section 4.3 tells it: what a request in each state of a client gets.
enum V4StateFacts {
    static let scene = Scene(
        "DHCPv4 states", [.a, .d], mtu: 1450,
        discovery + selecting + confirming + leaving)

    private static let discovery: [Fact] = [
        Fact("a DISCOVER gets an OFFER of the port's address from our address") { site, guests in
            let offer = try await site.ask(guests[0].discover())
            try offer.expect(.offer)
            try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
            try require("ciaddr", offer.message.ciaddr, is: .any)
            try offer.expect(54, try site.serverV4().octets)
            try require("the source", offer.datagram.source, is: try site.server(.v4))
        },
        Fact("the same client gets the same OFFER again") { site, guests in
            let first = try await site.ask(guests[0].discover())
            let second = try await site.ask(guests[0].discover())
            try require("the second OFFER", second.message.yiaddr, is: first.message.yiaddr)
        },
        Fact("a DISCOVER that asks for another address gets an OFFER of the port's") { site, guests in
            let offer = try await site.ask(guests[0].discover(with: [50: [10, 7, 9, 9]]))
            try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
        },
        Fact("a MAC without a port gets silence", [.stranger]) { site, guests in
            try await site.expectSilence(guests[0].discover())
            try await site.expectSilence(guests[0].reboot(IPv4Address(10, 7, 1, 1)))
        },
        Fact("a port without an IPv4 address gets silence", [GuestPlan("d")]) { site, guests in
            try await site.expectSilence(guests[0].discover())
        },
        Fact("a client that can take unicast gets its OFFER so, without being asked for by ARP") {
            site, guests in
            let offer = try await site.ask(guests[0].discover())
            try offer.expectUnicast(guests[0].address, guests[0].mac)
            try require(!site.wire.wasAsked(for: .v4(guests[0].address)), "ARP for an address not yet given")
        },
        Fact("a client that sets the broadcast flag gets OFFER and ACK by broadcast") { site, guests in
            let offer = try await site.ask(guests[0].discover(broadcast: true))
            try offer.expectBroadcast()
            var request = guests[0].select(guests[0].address, from: try site.serverV4())
            request.message.flags = DHCPv4Message.broadcastFlag
            let ack = try await site.ask(request)
            try ack.expect(.ack)
            try ack.expectBroadcast()
        },
        Fact("a chaddr other than the Ethernet source is answered", [GuestPlan("a")]) { site, guests in
            var request = guests[0].discover(broadcast: true)
            request.from = MACAddress(rawValue: 0x0200_0000_0077)
            try await site.ask(request).expect(.offer)
        },
        Fact("hops and secs of a client do no harm") { site, guests in
            var request = guests[0].discover()
            request.message.seconds = 0xFFFF
            request.message.hops = 3
            try await site.ask(request).expect(.offer)
        },
        Fact(
            "forty machines that boot at once all get their OFFERs",
            Array(repeating: GuestPlan("a"), count: 40)
        ) {
            site, guests in
            let mark = site.wire.mark()
            let requests = guests.map { $0.discover() }
            for request in requests {
                try site.wire.send(request.datagram(try request.message.serialized()).frame())
            }
            for (guest, request) in zip(guests, requests) {
                let offer = try await site.reply(to: request, since: mark)
                try require("yiaddr", offer?.message.yiaddr, is: guest.address)
            }
        },
        Fact("a lease longer than the server's is not granted") { site, guests in
            let offer = try await site.ask(guests[0].discover(with: [51: [0xFF, 0xFF, 0xFF, 0xFE]]))
            try offer.expect(51, UInt32(86_400).bytes)
        },
    ]

    private static let selecting: [Fact] = [
        Fact("a REQUEST of what was offered gets an ACK with the same") { site, guests in
            let offer = try await site.ask(guests[0].discover())
            let ack = try await site.ask(guests[0].select(guests[0].address, from: try site.serverV4()))
            try ack.expect(.ack)
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
            try ack.expectUnicast(guests[0].address, guests[0].mac)
            for code: UInt8 in [1, 3, 6, 15, 26, 28, 51, 58, 59, 121] {
                try ack.expect(code, offer[option: code])
            }
        },
        Fact("a REQUEST without a DISCOVER before it is as good") { site, guests in
            try await site.ask(guests[0].select(guests[0].address, from: try site.serverV4())).expect(.ack)
        },
        Fact("a REQUEST that names no address gets none") { site, guests in
            let request = V4Request(guests[0].message(.request), from: guests[0].mac)
            let mark = site.wire.mark()
            try site.wire.send(request.datagram(try request.message.serialized()).frame())
            try await site.ask(site.fence.discover()).expect(.offer)
            let type = try Site.replies(site.wire.heard(since: mark), to: request).first?.type()
            try require(type != .ack && type != .offer, "answered by \(String(describing: type))")
        },
        Fact("a REQUEST to another server gets silence") { site, guests in
            try await site.expectSilence(
                guests[0].select(guests[0].address, from: IPv4Address(10, 7, 0, 3)))
        },
        Fact("a REQUEST to us for another port's address gets a NAK", [GuestPlan("a"), GuestPlan("a")]) {
            site, guests in
            let nak = try await site.ask(guests[0].select(guests[1].address, from: try site.serverV4()))
            try nak.expect(.nak)
            try nak.expectBroadcast()
        },
    ]

    private static let confirming: [Fact] = [
        Fact("INIT-REBOOT with the right address gets an ACK") { site, guests in
            let ack = try await site.ask(guests[0].reboot(guests[0].address))
            try ack.expect(.ack)
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
            try ack.expect(51, UInt32(86_400).bytes)
        },
        Fact("INIT-REBOOT with a wrong address of the subnet gets a NAK") { site, guests in
            let nak = try await site.ask(guests[0].reboot(IPv4Address(10, 7, 200, 200)))
            try nak.expect(.nak)
            try nak.expectBroadcast()
        },
        Fact("INIT-REBOOT with an address of another network gets a NAK") { site, guests in
            let nak = try await site.ask(guests[0].reboot(IPv4Address(192, 168, 1, 5)))
            try nak.expect(.nak)
            try nak.expectBroadcast()
        },
        Fact("RENEWING by unicast gets an ACK by unicast") { site, guests in
            site.wire.own(.v4(guests[0].address), guests[0].mac)
            let ack = try await site.ask(guests[0].renew(guests[0].address, at: try site.serverV4()))
            try ack.expect(.ack)
            try ack.expectUnicast(guests[0].address, guests[0].mac)
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
            try require("ciaddr", ack.message.ciaddr, is: guests[0].address)
            try ack.expect(51, UInt32(86_400).bytes)
        },
        Fact("RENEWING again and again gets nothing but ACKs") { site, guests in
            site.wire.own(.v4(guests[0].address), guests[0].mac)
            for _ in 0..<25 {
                try await site.ask(guests[0].renew(guests[0].address, at: try site.serverV4())).expect(.ack)
            }
        },
        Fact("REBINDING by broadcast gets an ACK by unicast") { site, guests in
            site.wire.own(.v4(guests[0].address), guests[0].mac)
            let ack = try await site.ask(guests[0].rebind(guests[0].address))
            try ack.expect(.ack)
            try ack.expectUnicast(guests[0].address, guests[0].mac)
        },
        Fact("RENEWING another port's address gets a NAK", [GuestPlan("a"), GuestPlan("a")]) { site, guests in
            let other = guests[1].address
            site.wire.own(.v4(other), guests[0].mac)
            let nak = try await site.ask(guests[0].renew(other, at: try site.serverV4()))
            try nak.expect(.nak)
        },
        Fact("RENEWING with a client identifier that the lease had not gets an ACK") { site, guests in
            site.wire.own(.v4(guests[0].address), guests[0].mac)
            try await site.lease(guests[0])
            let id: [UInt8] = [255, 1, 2, 3, 4, 0, 3, 0, 1] + guests[0].mac.octets
            try await site.ask(
                guests[0].renew(guests[0].address, at: try site.serverV4(), with: [61: id])
            ).expect(.ack)
        },
    ]

    private static let leaving: [Fact] = [
        Fact("after RELEASE the same address is given again") { site, guests in
            let ack = try await site.lease(guests[0])
            var release = guests[0].renew(guests[0].address, at: try site.serverV4())
            release.message = DHCPv4Message.release(
                of: guests[0].address, chaddr: guests[0].mac.octets, server: try site.serverV4(),
                clientIdentifier: nil, transactionID: .random(in: .min ... .max))
            try await site.expectSilence(release)
            let again = try await site.lease(guests[0])
            try require("the address", again.message.yiaddr, is: ack.message.yiaddr)
        },
        Fact(
            "after DECLINE the same address is given again", differs: .declinedAddress,
            dnsmasq: { site, guests in
                try await decline(site, guests[0])
                // Suspended for ten minutes: nothing is offered meanwhile.
                try await site.expectSilence(guests[0].discover())
            },
            native: { site, guests in
                try await decline(site, guests[0])
                let again = try await site.lease(guests[0])
                try require("the address", again.message.yiaddr, is: guests[0].address)
            }),
        Fact("INFORM gets an ACK with options and without an address") { site, guests in
            let ack = try await inform(site, guests[0])
            try ack.expectUnicast(guests[0].address, guests[0].mac)
            for code: UInt8 in [58, 59] { try ack.expect(code, nil) }
            try ack.expect(3, [10, 7, 0, 1])
            try ack.expect(15, text: "openstacklocal")
        },
        Fact(
            "the answer to an INFORM tells no lease time", differs: .informLeaseTime,
            dnsmasq: { site, guests in
                try await inform(site, guests[0]).expect(51, [255, 255, 255, 255])
            },
            native: { site, guests in try await inform(site, guests[0]).expect(51, nil) }),
        Fact("INFORM by broadcast is answered too") { site, guests in
            site.wire.own(.v4(guests[0].address), guests[0].mac)
            var inform = guests[0].rebind(guests[0].address)
            inform.message[option: 53] = [DHCPv4MessageType.inform.rawValue]
            let ack = try await site.ask(inform)
            try ack.expect(.ack)
            try ack.expectUnicast(guests[0].address, guests[0].mac)
        },
    ]

    private static func inform(_ site: Site, _ guest: Guest) async throws -> V4Reply {
        site.wire.own(.v4(guest.address), guest.mac)
        var inform = guest.renew(guest.address, at: try site.serverV4())
        inform.message[option: 53] = [DHCPv4MessageType.inform.rawValue]
        let ack = try await site.ask(inform)
        try ack.expect(.ack)
        try require("yiaddr", ack.message.yiaddr, is: .any)
        return ack
    }

    private static func decline(_ site: Site, _ guest: Guest) async throws {
        try await site.lease(guest)
        let options: [UInt8: [UInt8]] = [50: guest.address.octets, 54: try site.serverV4().octets]
        try await site.expectSilence(
            V4Request(guest.message(.decline, asking: nil, with: options), from: guest.mac))
    }
}
