import Addressing
import Testing

@testable import DHCPMessages

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

private func hex(_ text: String) -> [UInt8] {
    let digits = text.filter { $0.isHexDigit }
    return stride(from: 0, to: digits.count, by: 2).compactMap { at in
        let start = digits.index(digits.startIndex, offsetBy: at)
        return UInt8(digits[start...digits.index(after: start)], radix: 16)
    }
}

/// An OFFER as dnsmasq sends it: header, sname and file empty, options.
private let offer: [UInt8] =
    hex("02 01 06 00") + hex("3903f326") + hex("0005 8000")  // op htype hlen hops, xid, secs flags
    + hex("00000000 0a000009 0a000002 00000000")  // ciaddr yiaddr siaddr giaddr
    + hex("fa163e000009") + [UInt8](repeating: 0, count: 10)  // chaddr
    + [UInt8](repeating: 0, count: 64) + [UInt8](repeating: 0, count: 128)  // sname, file
    + hex("63825363")
    + hex("35 01 02") + hex("36 04 0a000002") + hex("33 04 00015180")
    + hex("01 04 ffff0000") + hex("03 04 0a000001") + hex("fb 02 beef")  // an unknown option
    + hex("ff") + [0, 0, 0]

@Suite("DHCPv4 messages")
struct DHCPv4MessageTests {
    @Test("an OFFER is read field by field")
    func parse() throws {
        let message = try DHCPv4Message(parsing: offer)
        #expect(message.operation == .reply)
        #expect(message.transactionID == 0x3903_F326)
        #expect(message.seconds == 5)
        #expect(message.flags == DHCPv4Message.broadcastFlag)
        #expect(message.yiaddr == IPv4Address(10, 0, 0, 9))
        #expect(message.siaddr == IPv4Address(10, 0, 0, 2))
        #expect(message.chaddr == [0xFA, 0x16, 0x3E, 0, 0, 9])
        #expect(try message.messageType() == .offer)
        #expect(try message.serverIdentifier() == IPv4Address(10, 0, 0, 2))
        #expect(try message.leaseTime() == 86_400)
        #expect(message[option: 251] == [0xBE, 0xEF])
        #expect(message.options.map(\.code) == [53, 54, 51, 1, 3, 251])
    }

    @Test("parse, serialise and parse again give the same message; unknown options survive")
    func roundTrip() throws {
        let message = try DHCPv4Message(parsing: offer)
        let bytes = try message.serialized()
        #expect(bytes.count == 300)
        #expect(try DHCPv4Message(parsing: bytes) == message)
        #expect(Array(bytes.prefix(offer.count - 3)) == Array(offer.dropLast(3)))
    }

    @Test("an option above 255 bytes is split and joined again (RFC 3396)")
    func longOption() throws {
        var message = try DHCPv4Message(parsing: offer)
        message[option: 121] = (0..<600).map { UInt8($0 % 251) }
        let bytes = try message.serialized()
        #expect(try DHCPv4Message(parsing: bytes) == message)
        #expect(bytes.count > 240 + 600 + 6)
    }

    @Test("options in file and sname are read when option 52 says so, file before sname")
    func overload() throws {
        var bytes = Array(offer.prefix(240)) + [52, 1, 3, 67, 1, 0x61, 255]
        bytes.replaceSubrange(108..<115, with: [67, 1, 0x62, 15, 1, 0x78, 255])
        bytes.replaceSubrange(44..<48, with: [67, 1, 0x63, 255])
        let message = try DHCPv4Message(parsing: bytes)
        #expect(message[option: 67] == Array("abc".utf8))
        #expect(message[option: 15] == Array("x".utf8))
        #expect(message[option: 52] == nil)
        #expect(message.serverName.isEmpty && message.bootFile.isEmpty)
        #expect(try DHCPv4Message(parsing: try message.serialized()) == message)
    }

    @Test(
        "an overload that says nothing valid is malformed", arguments: [[0], [4], [], [1, 1]] as [[UInt8]])
    func badOverload(_ value: [UInt8]) {
        let bytes = Array(offer.prefix(240)) + [52, UInt8(value.count)] + value + [255]
        #expect(throws: DHCPParseError.malformedOption(code: 52)) { try DHCPv4Message(parsing: bytes) }
    }

    @Test(
        "an overload in pieces is malformed, for the codec and for the server's view",
        arguments: [[52, 0, 52, 1, 1], [52, 1, 1, 52, 0], [52, 1, 1, 52, 1, 1]] as [[UInt8]])
    func splitOverload(_ options: [UInt8]) {
        let bytes = Array(offer.prefix(240)) + options + [255]
        #expect(throws: DHCPParseError.malformedOption(code: 52)) { try DHCPv4Message(parsing: bytes) }
        #expect(throws: DHCPv4ViewError.malformedOption(code: 52)) { try DHCPv4View(bytes.span.bytes) }
    }

    @Test("a second overload inside file means nothing")
    func nestedOverload() throws {
        var bytes = Array(offer.prefix(240)) + [52, 1, 1, 255]
        bytes.replaceSubrange(108..<115, with: [52, 1, 3, 15, 1, 0x78, 255])
        let message = try DHCPv4Message(parsing: bytes)
        #expect(message.options == [DHCPv4Option(15, [0x78])])
        #expect(try DHCPv4Message(parsing: try message.serialized()) == message)
    }

    @Test("sname and file keep their text where they hold no options")
    func names() throws {
        var message = try DHCPv4Message(parsing: offer)
        message.serverName = Array("boot.example".utf8)
        message.bootFile = [UInt8](repeating: 0x78, count: 128)
        #expect(try DHCPv4Message(parsing: try message.serialized()) == message)
    }

    @Test("a message that ends in the middle says where")
    func truncated() throws {
        #expect(throws: DHCPParseError.truncated(field: "op")) { try DHCPv4Message(parsing: []) }
        #expect(throws: DHCPParseError.truncated(field: "file")) {
            try DHCPv4Message(parsing: offer.prefix(200))
        }
        #expect(throws: DHCPParseError.noMagicCookie) { try DHCPv4Message(parsing: offer.prefix(236)) }
        #expect(throws: DHCPParseError.truncated(field: "option 53")) {
            try DHCPv4Message(parsing: offer.prefix(242))
        }
        var bad = offer
        bad[2] = 17
        #expect(throws: DHCPParseError.malformed(field: "hlen", value: 17)) {
            try DHCPv4Message(parsing: bad)
        }
        bad = offer
        bad[0] = 3
        #expect(throws: DHCPParseError.malformed(field: "op", value: 3)) { try DHCPv4Message(parsing: bad) }
    }

    @Test("no End option is tolerated, and what follows End is ignored")
    func end() throws {
        let message = try DHCPv4Message(parsing: Array(offer.prefix(240)) + [53, 1, 1])
        #expect(try message.messageType() == .discover)
        let ended = try DHCPv4Message(parsing: Array(offer.prefix(240)) + [255, 53, 1, 1])
        #expect(ended.options.isEmpty)
    }

    @Test("an absent option is nil, one of the wrong length throws")
    func accessors() throws {
        var message = try DHCPv4Message(parsing: offer)
        #expect(try message.requestedAddress() == nil)
        #expect(try message.clientIdentifier() == nil)
        message[option: 50] = [1, 2, 3]
        #expect(throws: DHCPParseError.malformedOption(code: 50)) { try message.requestedAddress() }
        message[option: 53] = []
        #expect(throws: DHCPParseError.malformedOption(code: 53)) { try message.messageType() }
        message[option: 53] = nil
        #expect(try message.messageType() == nil)
    }

    @Test("fields that do not fit and codes that cannot be sent are refused")
    func unserializable() throws {
        var message = try DHCPv4Message(parsing: offer)
        message.chaddr = [UInt8](repeating: 1, count: 17)
        #expect(throws: DHCPSerializeError.tooLong(field: "chaddr", count: 17)) { try message.serialized() }
        message.chaddr = []
        message[option: 255] = [1]
        #expect(throws: DHCPSerializeError.unsendableOption(code: 255)) { try message.serialized() }
    }

    @Test("the relay's option 82 goes last (RFC 3046)")
    func relayOptionLast() throws {
        let message = DHCPv4Message(
            operation: .reply, transactionID: 1, chaddr: [],
            options: [.init(82, [1, 1, 7]), .init(53, [2])])
        #expect(try DHCPv4Message(parsing: try message.serialized()).options.map(\.code) == [53, 82])
    }

    @Test("a RELEASE names the lease, the server and the client")
    func release() throws {
        let message = DHCPv4Message.release(
            of: IPv4Address(10, 0, 0, 9), chaddr: [1, 2, 3, 4, 5, 6], server: IPv4Address(10, 0, 0, 2),
            clientIdentifier: [1, 2], transactionID: 7)
        let parsed = try DHCPv4Message(parsing: try message.serialized())
        #expect(try parsed.messageType() == .release)
        #expect(parsed.ciaddr == IPv4Address(10, 0, 0, 9))
        #expect(try parsed.serverIdentifier() == IPv4Address(10, 0, 0, 2))
        #expect(try parsed.clientIdentifier() == [1, 2])
        #expect(DHCPv4MessageType(rawValue: 77).description == "type 77")
    }

    @Test("random bytes never trap, and what parses survives a round trip", arguments: 0..<8)
    func randomBytes(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed))
        var parsed = 0
        for _ in 0..<2000 {
            var bytes = Array(offer.prefix(240))
            if Bool.random(using: &random) { bytes += [52, 1, UInt8.random(in: 0...4, using: &random)] }
            while Int.random(in: 0...7, using: &random) != 0 {
                // Mostly well-formed options, so that the round trip is tested; the rest is noise.
                let count = UInt8.random(in: 0...255, using: &random) & 0x3F
                bytes += [UInt8.random(in: 0...255, using: &random), count]
                let actual = Int.random(in: 0...30, using: &random) == 0 ? Int(count) / 2 : Int(count)
                bytes += (0..<actual).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                bytes[Int.random(in: 4..<236, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            if Int.random(in: 0...9, using: &random) == 0 {
                bytes = Array(bytes.prefix(Int.random(in: 0...300, using: &random)))
            }
            guard let message = try? DHCPv4Message(parsing: bytes) else { continue }
            parsed += 1
            let again = try DHCPv4Message(parsing: try message.serialized())
            // Option 82 moves to the end; all else keeps its order.
            #expect(again.options.filter { $0.code != 82 } == message.options.filter { $0.code != 82 })
            #expect(try again.serialized() == (try message.serialized()))
        }
        #expect(parsed > 200)
    }
}

@Suite("DHCPv6 messages")
struct DHCPv6MessageTests {
    /// A REPLY with client, server, IA_NA holding an address, and an option nobody knows.
    private let reply: [UInt8] =
        hex("07 a1b2c3") + hex("0001 0004 00010203") + hex("0002 0004 00030405")
        + hex("0003 0028 00000007 00000e10 00001518")
        + hex("0005 0018 20010db8000000000000000000000009 00000e10 00001c20")
        + hex("fde8 0001 2a")

    @Test("a REPLY is read down to the address")
    func parse() throws {
        let message = try DHCPv6Message(parsing: reply)
        #expect(message.type == .reply)
        let association = try DHCPv6IdentityAssociation(parsing: try #require(message[option: 3]))
        #expect(association.iaid == 7)
        #expect(association.renewalTime == 3600)
        let address = try #require(try association.addresses().first)
        #expect(address.address == IPv6Address("2001:db8::9"))
        #expect(address.validLifetime == 7200)
        #expect(message[option: 65000] == [42])
        #expect(try message.serialized() == reply)
    }

    @Test("a relayed message keeps its header and its inner bytes")
    func relay() throws {
        let link = try #require(IPv6Address("2001:db8::1"))
        let peer = try #require(IPv6Address("fe80::9"))
        let message = DHCPv6Message.relay(
            type: .relayForward, hopCount: 1, linkAddress: link, peerAddress: peer,
            options: [DHCPv6Option(9, reply)])
        let parsed = try DHCPv6Message(parsing: try message.serialized())
        #expect(parsed == message)
        #expect(try DHCPv6Message(parsing: try #require(parsed[option: 9])).type == .reply)
    }

    @Test("a length that leads outside throws", arguments: [1, 3, 5, 7, 9, 13, 30, 60])
    func truncated(_ count: Int) {
        #expect(throws: DHCPParseError.self) { try DHCPv6Message(parsing: reply.prefix(count)) }
    }

    @Test("a RELEASE names the address, the association and both DUIDs")
    func release() throws {
        let address = try #require(IPv6Address("2001:db8::9"))
        let message = try DHCPv6Message.release(
            of: address, iaid: 7, clientDUID: [0, 1], serverDUID: [0, 3], transactionID: 0xFF12_3456)
        let parsed = try DHCPv6Message(parsing: try message.serialized())
        guard case .plain(.release, 0x12_3456, let options) = parsed else {
            Issue.record("not a release: \(parsed)")
            return
        }
        #expect(options.map(\.code) == [1, 2, 3])
        let association = try DHCPv6IdentityAssociation(parsing: options[2].data)
        #expect(try association.addresses().map(\.address) == [address])
    }

    @Test("a status has a code and words")
    func status() throws {
        let status = try DHCPv6Status(parsing: [0, 2] + Array("none left".utf8))
        #expect(status.code == 2 && status.message == "none left")
        #expect(throws: DHCPParseError.self) { try DHCPv6Status(parsing: [0]) }
    }

    @Test("an option above 65,535 bytes is refused")
    func tooLong() {
        let message = DHCPv6Message.plain(
            type: .reply, transactionID: 0, options: [.init(1, [UInt8](repeating: 0, count: 65_536))])
        #expect(throws: DHCPSerializeError.tooLong(field: "option 1", count: 65_536)) {
            try message.serialized()
        }
    }

    @Test("random bytes never trap, and what parses survives a round trip", arguments: 0..<8)
    func randomBytes(_ seed: Int) throws {
        var random = SeededGenerator(state: UInt64(seed) &+ 99)
        var parsed = 0
        for _ in 0..<2000 {
            var bytes: [UInt8] = [UInt8.random(in: 0...14, using: &random), 1, 2, 3]
            while Int.random(in: 0...6, using: &random) != 0 {
                let count = Int.random(in: 0...30, using: &random)
                bytes += [0, UInt8.random(in: 0...30, using: &random), 0, UInt8(count)]
                bytes += (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            }
            if Int.random(in: 0...4, using: &random) == 0 {
                bytes.removeLast(Int.random(in: 0...3, using: &random))
            }
            guard let message = try? DHCPv6Message(parsing: bytes) else { continue }
            parsed += 1
            #expect(try message.serialized() == bytes)
            for option in message.options {
                _ = try? DHCPv6IdentityAssociation(parsing: option.data).addresses()
                _ = try? DHCPv6AssociatedAddress(parsing: option.data)
            }
        }
        #expect(parsed > 50)
    }
}
