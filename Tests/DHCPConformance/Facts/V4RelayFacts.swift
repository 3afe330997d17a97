import Addressing
import DHCPMessages

/// DHCPv4 through relay agents: RFC 1542, RFC 3046, RFC 3527, RFC 5107.
enum V4RelayFacts {
    /// What a relay agent adds: circuit-id and remote-id.
    private static let agentInformation: [UInt8] = [1, 4, 0x65, 0x74, 0x68, 0x30, 2, 3, 1, 2, 3]

    static let scene = Scene(
        "DHCPv4 through relays", [.a, .b],
        [
            Fact("a relay on the subnet gets the answer by unicast at its port 67") { site, guests in
                let relay = IPv4Address(10, 7, 0, 60)
                site.wire.own(.v4(relay), Segment.routerMAC)
                let offer = try await site.ask(
                    .relayed(guests[0].discover().message, by: relay, to: try site.serverV4()))
                try offer.expect(.offer)
                try offer.expectUnicast(relay, Segment.routerMAC, port: 67)
                try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
            },
            Fact("a relay of a subnet that is not ours gets an address of that subnet", [GuestPlan("b")]) {
                site, guests in
                let relay = IPv4Address(10, 8, 0, 1)
                let offer = try await site.ask(
                    .relayed(guests[0].discover().message, by: relay, to: try site.serverV4()))
                try offer.expect(.offer)
                try offer.expectUnicast(relay, Segment.routerMAC, port: 67)
                try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
                try offer.expect(1, [255, 255, 255, 0])
                try offer.expect(3, [10, 8, 0, 1])
            },
            Fact("through a relay the whole exchange works, renewal by unicast too", [GuestPlan("b")]) {
                site, guests in
                let (relay, server) = (IPv4Address(10, 8, 0, 1), try site.serverV4())
                let ack = try await site.ask(
                    .relayed(
                        guests[0].select(guests[0].address, from: server).message, by: relay, to: server))
                try ack.expect(.ack)
                var renewal = guests[0].renew(guests[0].address, at: server)
                renewal.from = Segment.routerMAC
                let renewed = try await site.ask(renewal)
                try renewed.expect(.ack)
                try renewed.expectUnicast(guests[0].address, Segment.routerMAC)
            },
            Fact("a client of the relayed subnet gets silence on the link itself", [GuestPlan("b")]) {
                site, guests in
                try await site.expectSilence(guests[0].discover())
            },
            Fact("a port of our link gets silence through a relay of another subnet") { site, guests in
                let relay = IPv4Address(10, 8, 0, 1)
                try await site.expectSilence(
                    .relayed(guests[0].discover().message, by: relay, to: try site.serverV4()))
            },
            Fact("a relay of a subnet that nobody knows gets silence", [GuestPlan("b")]) { site, guests in
                try await site.expectSilence(
                    .relayed(
                        guests[0].discover().message, by: IPv4Address(192, 0, 2, 1), to: try site.serverV4()))
            },
            Fact(
                "through a relay a wrong address gets a NAK to the relay, broadcast bit set", [GuestPlan("b")]
            ) {
                site, guests in
                let (relay, server) = (IPv4Address(10, 8, 0, 1), try site.serverV4())
                let nak = try await site.ask(
                    .relayed(
                        guests[0].select(IPv4Address(10, 8, 0, 200), from: server).message, by: relay,
                        to: server))
                try nak.expect(.nak)
                try nak.expectUnicast(relay, Segment.routerMAC, port: 67)
                try require("flags of the NAK", nak.message.flags, is: DHCPv4Message.broadcastFlag)
            },
            Fact("option 82 comes back as it was, and last", [GuestPlan("b")]) { site, guests in
                let (relay, server) = (IPv4Address(10, 8, 0, 1), try site.serverV4())
                var message = guests[0].discover().message
                message[option: 82] = agentInformation
                let offer = try await site.ask(.relayed(message, by: relay, to: server))
                try offer.expect(82, agentInformation)
                try require("the last option", try offer.codes().last, is: 82)
                var request = guests[0].select(guests[0].address, from: server).message
                request[option: 82] = agentInformation
                let ack = try await site.ask(.relayed(request, by: relay, to: server))
                try ack.expect(82, agentInformation)
                try require("the last option", try ack.codes().last, is: 82)
            },
            Fact("option 82 comes back to a client on the link as well") { site, guests in
                let offer = try await site.ask(guests[0].discover(with: [82: agentInformation]))
                try offer.expect(82, agentInformation)
                try require("the last option", try offer.codes().last, is: 82)
            },
            Fact("link selection (RFC 3527) names the subnet", [GuestPlan("b")]) { site, guests in
                let relay = IPv4Address(10, 7, 0, 60)
                site.wire.own(.v4(relay), Segment.routerMAC)
                var message = guests[0].discover().message
                message[option: 82] = [5, 4, 10, 8, 0, 0]
                let offer = try await site.ask(.relayed(message, by: relay, to: try site.serverV4()))
                try offer.expect(.offer)
                try require("yiaddr", offer.message.yiaddr, is: guests[0].address)
                try offer.expectUnicast(relay, Segment.routerMAC, port: 67)
            },
            Fact("server identifier override (RFC 5107) is what the client hears", [GuestPlan("b")]) {
                site, guests in
                let (relay, server) = (IPv4Address(10, 8, 0, 1), try site.serverV4())
                var message = guests[0].discover().message
                message[option: 82] = [11, 4, 10, 8, 0, 1]
                let offer = try await site.ask(.relayed(message, by: relay, to: server))
                try offer.expect(54, relay.octets)
                var request = guests[0].select(guests[0].address, from: relay).message
                request[option: 82] = [11, 4, 10, 8, 0, 1]
                try await site.ask(.relayed(request, by: relay, to: server)).expect(.ack)
            },
            Fact("the broadcast flag of a relayed client is kept for its relay", [GuestPlan("b")]) {
                site, guests in
                let offer = try await site.ask(
                    .relayed(
                        guests[0].discover(broadcast: true).message, by: IPv4Address(10, 8, 0, 1),
                        to: try site.serverV4()))
                try offer.expectUnicast(IPv4Address(10, 8, 0, 1), Segment.routerMAC, port: 67)
            },
        ])
}
