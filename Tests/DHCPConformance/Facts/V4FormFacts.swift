import Addressing
import DHCPMessages

/// The outer form of DHCPv4: sizes, BOOTP, overloaded fields, rapid commit, and what is no message at all.
enum V4FormFacts {
    static let scene = Scene(
        "DHCPv4 form",
        [
            SubnetPlan(
                "a", "10.7.0.0/16", server: "10.7.0.2", gateway: "10.7.0.1",
                routes: (1...20).map { ("10.\(100 + $0).128.0/17", "10.7.0.\($0 + 20)") })
        ],
        sizes + variants + broken)

    private static let sizes: [Fact] = [
        Fact("an answer fits in 576 bytes for who does not say what fits") { site, guests in
            let offer = try await site.ask(guests[0].discover())
            try require(offer.datagram.payload.count <= 548, "\(offer.datagram.payload.count) bytes")
            try offer.expect(1, [255, 255, 0, 0])
        },
        Fact("a client that takes 1500 bytes is told everything") { site, guests in
            let asking: [UInt8] = [1, 3, 6, 15, 51, 58, 59, 121, 249]
            let offer = try await site.ask(guests[0].discover(asking: asking, with: [57: [5, 220]]))
            try require(offer.datagram.payload.count <= 1472, "\(offer.datagram.payload.count) bytes")
            // Twenty routes of 8 bytes, the metadata route of 9, the default route of 5.
            try require("bytes of option 121", offer[option: 121]?.count, is: 174)
            try require("bytes of option 249", offer[option: 249]?.count, is: 174)
        },
        Fact("a maximum message size below 576 is taken for 576") { site, guests in
            let offer = try await site.ask(guests[0].discover(asking: [1, 3, 51], with: [57: [1, 44]]))
            try offer.expect(.offer)
            try offer.expect(3, [10, 7, 0, 1])
        },
        Fact("a maximum message size of 65535 does no harm") { site, guests in
            let offer = try await site.ask(guests[0].discover(with: [57: [255, 255]]))
            try offer.expect(.offer)
        },
    ]

    private static let variants: [Fact] = [
        Fact(
            "rapid commit (RFC 4039)", differs: .rapidCommit4,
            dnsmasq: { site, guests in
                let offer = try await site.ask(guests[0].discover(with: [80: []]))
                try offer.expect(.offer)
                try offer.expect(80, nil)
            },
            native: { site, guests in
                let ack = try await site.ask(guests[0].discover(with: [80: []]))
                try ack.expect(.ack)
                try ack.expect(80, [])
                try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
                try ack.expect(51, UInt32(86_400).bytes)
            }),
        Fact("a BOOTP client gets its address for ever", [GuestPlan("a")]) { site, guests in
            let reply = try await site.ask(bootp(guests[0]))
            try require("the message type", try reply.type(), is: nil)
            try require("yiaddr", reply.message.yiaddr, is: guests[0].address)
            try reply.expect(51, nil)
            try reply.expect(1, [255, 255, 0, 0])
        },
        Fact("a BOOTP client without a port gets silence", [.stranger]) { site, guests in
            try await site.expectSilence(bootp(guests[0]))
        },
        Fact("options in sname and file are read (option 52)") { site, guests in
            let request = guests[0].discover(asking: nil)
            var bytes = try request.message.serialized()
            // Option 55 in file, option 12 in sname, 52 in the options field, in front of End.
            bytes.replaceSubrange(108..<114, with: [55, 2, 1, 42, 255, 0])
            bytes.replaceSubrange(44..<50, with: [12, 2, 0x68, 0x69, 255, 0])
            let end = try require(some: bytes[243...].firstIndex(of: 255), "no End")
            bytes.replaceSubrange(end..<end + 4, with: [52, 1, 3, 255])
            let offer = try await site.ask(bytes, as: request)
            try offer.expect(.offer)
            try offer.expect(1, [255, 255, 0, 0])
            try offer.expect(15, nil)
        },
        Fact("pads between options are skipped") { site, guests in
            let request = guests[0].discover(asking: nil)
            var bytes = try request.message.serialized()
            bytes.replaceSubrange(243..<254, with: [0, 0, 0, 0, 55, 1, 3, 0, 0, 255, 0])
            let offer = try await site.ask(bytes, as: request)
            try offer.expect(3, [10, 7, 0, 1])
            try offer.expect(15, nil)
        },
        Fact("a message of 1400 bytes is read to its end") { site, guests in
            var request = guests[0].discover(asking: nil)
            for code: UInt8 in 230...233 { request.message[option: code] = Array(repeating: 1, count: 250) }
            request.message[option: 55] = [3]
            try await site.ask(request).expect(3, [10, 7, 0, 1])
        },
        Fact("a client identifier in two parts is one (RFC 3396)") { site, guests in
            let id = [UInt8](repeating: 5, count: 40)
            let request = guests[0].discover(asking: [1])
            var bytes = try request.message.serialized()
            let end = try require(some: bytes[243...].firstIndex(of: 255), "no End")
            bytes.replaceSubrange(
                end..<min(end + 45, bytes.count), with: [61, 20] + id[..<20] + [61, 20] + id[20...] + [255])
            try await site.ask(bytes, as: request).expect(.offer)
        },
    ]

    private static let broken: [Fact] = [
        Fact("an answer (op 2) to the server's port is not answered") { site, guests in
            var request = guests[0].discover()
            request.message.operation = .reply
            try await site.expectSilence(request)
        },
        Fact("a hardware type that is not Ethernet is not a port's") { site, guests in
            var request = guests[0].discover()
            request.message.hardwareType = 32
            try await site.expectSilence(request)
        },
        Fact("a message that ends inside an option is dropped, or served without it") { site, guests in
            let request = guests[0].discover()
            let bytes = Array(try request.message.serialized(minimumLength: 0).dropLast(3))
            let mark = site.wire.mark()
            try site.wire.send(request.datagram(bytes).frame())
            _ = try await site.ask(site.fence.discover())
            // Whatever it was, it did not come to grief.
            let answers = site.wire.heard(since: mark).count { heard in
                if case .datagram = heard { true } else { false }
            }
            try require(answers < 6, "a storm of answers")
            try await site.ask(guests[0].discover()).expect(.offer)
        },
        Fact("a header cut short is dropped") { site, guests in
            let request = guests[0].discover()
            let bytes = try request.message.serialized()
            for length in [0, 1, 27, 43, 235] {
                try await site.expectSilence(Array(bytes.prefix(length)), as: request)
            }
        },
        Fact("a wrong magic cookie is no DHCP") { site, guests in
            let request = guests[0].discover()
            var bytes = try request.message.serialized()
            bytes[236] = 1
            let mark = site.wire.mark()
            try site.wire.send(request.datagram(bytes).frame())
            try await site.ask(site.fence.discover()).expect(.offer)
            for case .datagram(let answer) in site.wire.heard(since: mark)
            where answer.destination == .v4(guests[0].address) {
                let type = try DHCPv4Message(parsing: answer.payload).messageType()
                try require(type == nil, "answered by \(String(describing: type))")
            }
        },
        Fact("message types that only servers send are not answered") { site, guests in
            for type: DHCPv4MessageType in [.offer, .ack, .nak, .forceRenew, .init(rawValue: 99)] {
                try await site.expectSilence(V4Request(guests[0].message(type), from: guests[0].mac))
            }
        },
        Fact("three hundred packets of garbage disturb nobody else", [GuestPlan("a"), GuestPlan("a")]) {
            site, guests in
            var random = SplitMix64(seed: 3)
            for round in 0..<300 {
                try site.wire.send(guests[1].discover().datagram(garbage(&random, guests[1])).frame())
                // No more at once than a socket holds.
                if round % 50 == 49 { _ = try await site.ask(site.fence.discover()) }
            }
            let ack = try await site.lease(guests[0])
            try require("yiaddr", ack.message.yiaddr, is: guests[0].address)
        },
        Fact(
            "a machine that floods gets no more than its share, and others all of theirs",
            [GuestPlan("a"), GuestPlan("a")], differs: .flood,
            dnsmasq: { site, guests in
                try require("answers", try await flood(site, guests[1]).answers, is: 200)
                try await site.lease(guests[0])
            },
            native: { site, guests in
                let (answers, seconds) = try await flood(site, guests[1])
                // A burst of 60 and 20 a second: the slower the machine, the more.
                let most = 60 + 20 * (seconds + 1)
                try require(answers >= 1 && Double(answers) <= most, "\(answers) answers in \(seconds) s")
                try await site.lease(guests[0])
            }),
    ]

    /// How many of two hundred DISCOVERs, sent as fast as a socket holds them, are answered, and in what time.
    private static func flood(
        _ site: Site, _ guest: Guest
    ) async throws -> (answers: Int, seconds: Double) {
        let start = ContinuousClock.now
        let mark = site.wire.mark()
        let requests = (0..<200).map { _ in guest.discover() }
        for (round, request) in requests.enumerated() {
            try site.wire.send(request.datagram(try request.message.serialized()).frame())
            if round % 50 == 49 { _ = try await site.ask(site.fence.discover()) }
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let wanted = Set(requests.map(\.message.transactionID))
        let answers = site.wire.heard(since: mark).count { heard in
            guard case .datagram(let answer) = heard,
                let message = try? DHCPv4Message(parsing: answer.payload)
            else { return false }
            return wanted.contains(message.transactionID)
        }
        return (answers, seconds)
    }

    private static func bootp(_ guest: Guest) -> V4Request {
        let message = DHCPv4Message(
            operation: .request, transactionID: .random(in: .min ... .max), chaddr: guest.mac.octets)
        return V4Request(message, from: guest.mac)
    }

    /// A valid message with a few bytes changed, or nothing but random bytes.
    private static func garbage(_ random: inout SplitMix64, _ guest: Guest) throws -> [UInt8] {
        var bytes = (0..<Int.random(in: 0...600, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) {
            bytes = try guest.discover(with: [82: [1, 2, 3, 4], 61: [1, 2, 3]]).message.serialized()
            // The message's own identity is changed, so that no answer is taken for another's.
            for index in [4, 5, 6, 7] { bytes[index] = 0 }
            for _ in 0..<8 {
                bytes[Int.random(in: 236..<bytes.count, using: &random)] = .random(
                    in: 0...255, using: &random)
            }
        }
        return bytes
    }
}

/// A seeded generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators").
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
