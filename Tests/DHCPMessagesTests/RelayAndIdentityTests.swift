import Addressing
import Testing

@testable import DHCPMessages

@Suite("Relay agents")
struct RelayTests {
    @Test("option 82 is read by sub-option, RFC 3527 and 5107 among them, and written back the same")
    func relayInformation() throws {
        let data: [UInt8] =
            [1, 4] + Array("eth0".utf8) + [2, 2, 0xAA, 0xBB, 5, 4, 10, 2, 0, 0, 11, 4, 10, 9, 0, 1]
            + [10, 1, 0x80, 6, 1, 0x73, 19, 0, 200, 1, 7]
        let information = try DHCPv4RelayInformation(parsing: data)
        #expect(information.circuitIdentifier == Array("eth0".utf8))
        #expect(information.remoteIdentifier == [0xAA, 0xBB])
        #expect(information.subscriberIdentifier == [0x73])
        #expect(try information.linkSelection() == IPv4Address(10, 2, 0, 0))
        #expect(try information.serverIdentifierOverride() == IPv4Address(10, 9, 0, 1))
        #expect(try information.wasUnicast() == true)
        #expect(information.usesOwnSourcePort)
        #expect(information[subOption: 200] == [7])
        #expect(try information.data() == data)
        #expect(information.description.hasPrefix("circuit-id=eth0,remote-id=aa:bb,link-selection=10.2.0.0"))
    }

    @Test("an absent sub-option is nil, a malformed one throws, a length that leads outside throws")
    func malformed() throws {
        let empty = try DHCPv4RelayInformation(parsing: [])
        #expect(try empty.linkSelection() == nil && empty.wasUnicast() == nil && !empty.usesOwnSourcePort)
        let bad = try DHCPv4RelayInformation(parsing: [5, 3, 1, 2, 3, 10, 0])
        #expect(throws: DHCPParseError.malformedOption(code: 82)) { try bad.linkSelection() }
        #expect(throws: DHCPParseError.malformedOption(code: 82)) { try bad.wasUnicast() }
        #expect(throws: DHCPParseError.self) { try DHCPv4RelayInformation(parsing: [1, 4, 0]) }
        #expect(throws: DHCPParseError.self) { try DHCPv4RelayInformation(parsing: [1]) }
        let long = DHCPv4RelayInformation(subOptions: [.init(1, Array(repeating: 0, count: 256))])
        #expect(throws: DHCPSerializeError.self) { try long.data() }
    }

    private let solicit = DHCPv6Message.plain(
        type: .solicit, transactionID: 5, options: [.init(1, [0, 3, 0, 1, 1, 2, 3, 4, 5, 6])])

    private func forwarded(_ count: Int, hop: (Int) -> Int = { $0 }) throws -> [UInt8] {
        var bytes = try solicit.serialized()
        for level in 0..<count {
            bytes = try DHCPv6Message.relay(
                type: .relayForward, hopCount: UInt8(hop(level)),
                linkAddress: IPv6Address(rawValue: UInt128(level)),
                peerAddress: IPv6Address(rawValue: 0xFE80 << 112 | UInt128(level)),
                options: [.init(18, [UInt8(level)]), .init(9, bytes), .init(37, [0, 0, 0, 9, 1])]
            ).serialized()
        }
        return bytes
    }

    @Test("nested relays are unwrapped, up to the hop count limit", arguments: [0, 1, 2, 9])
    func nested(_ count: Int) throws {
        let relayed = try DHCPv6RelayedMessage(parsing: try forwarded(count))
        #expect(relayed.message == solicit)
        #expect(relayed.relays.map(\.hopCount) == (0..<count).reversed().map { UInt8($0) })
        #expect(relayed.relays.last?[option: 18] == (count == 0 ? nil : [0]))
        // The innermost relay has no link address, as a relay on layer 2: the next one counts.
        #expect(relayed.clientLink == (count > 1 ? IPv6Address(rawValue: 1) : nil))
    }

    @Test("ten relays, or a hop count of nine, are no message")
    func tooDeep() throws {
        let ten = try forwarded(10) { min($0, 8) }
        #expect(throws: DHCPParseError.malformed(field: "hop-count", value: 0)) {
            try DHCPv6RelayedMessage(parsing: ten)
        }
        let nine = try forwarded(1) { _ in 9 }
        #expect(throws: DHCPParseError.malformed(field: "hop-count", value: 9)) {
            try DHCPv6RelayedMessage(parsing: nine)
        }
        let relays = Array(
            repeating: DHCPv6Relay(
                hopCount: 0, linkAddress: .init(rawValue: 0), peerAddress: .init(rawValue: 0)),
            count: 10)
        #expect(throws: DHCPSerializeError.tooManyRelays(count: 10)) {
            try DHCPv6RelayedMessage(relays: relays, message: solicit).serialized(.relayForward)
        }
    }

    @Test("a message nested as deep as a datagram allows ends at once")
    func bomb() throws {
        var bytes: [UInt8] = []
        for _ in 0..<1700 {
            let count = UInt16(bytes.count)
            bytes =
                [12, 0] + [UInt8](repeating: 0, count: 32) + [0, 9, UInt8(count >> 8), UInt8(count & 0xFF)]
                + bytes
        }
        #expect(throws: DHCPParseError.self) { try DHCPv6RelayedMessage(parsing: bytes) }
    }

    @Test("a relay's message without a message, or with the other relay type inside, is refused")
    func badNesting() throws {
        let empty = try DHCPv6Message.relay(
            type: .relayForward, hopCount: 0, linkAddress: .init(rawValue: 0),
            peerAddress: .init(rawValue: 0),
            options: [.init(18, [1])]
        ).serialized()
        #expect(throws: DHCPParseError.malformedOption(code: 9)) { try DHCPv6RelayedMessage(parsing: empty) }
        let mixed = try DHCPv6Message.relay(
            type: .relayReply, hopCount: 1, linkAddress: .init(rawValue: 0), peerAddress: .init(rawValue: 0),
            options: [.init(9, try forwarded(1))]
        ).serialized()
        #expect(throws: DHCPParseError.malformed(field: "msg-type", value: 12)) {
            try DHCPv6RelayedMessage(parsing: mixed)
        }
    }

    @Test("the answer goes back through the same relays, each with its interface and what it wants echoed")
    func reply() throws {
        var relayed = try DHCPv6RelayedMessage(parsing: try forwarded(2))
        relayed.relays[0].options += [.init(43, [0, 37, 0, 9]), .init(135, [2, 35])]
        let answer = DHCPv6Message.plain(type: .advertise, transactionID: 5, options: [])
        let parsed = try DHCPv6RelayedMessage(parsing: try relayed.reply(with: answer))
        #expect(parsed.message == answer)
        #expect(parsed.relays.map(\.peerAddress) == relayed.relays.map(\.peerAddress))
        #expect(parsed.relays.map(\.linkAddress) == relayed.relays.map(\.linkAddress))
        #expect(parsed.relays[0].options.map(\.code) == [18, 37, 135])
        #expect(parsed.relays[1].options == [.init(18, [0])])
        let bare = try DHCPv6RelayedMessage(parsing: try solicit.serialized())
        #expect(try bare.reply(with: answer) == (try answer.serialized()))
    }

    @Test("a message type that nobody knows survives behind a relay (RFC 7283)")
    func unknownType() throws {
        let unknown = DHCPv6Message.plain(type: .init(rawValue: 200), transactionID: 1, options: [])
        let relay = DHCPv6Relay(hopCount: 0, linkAddress: .init(rawValue: 1), peerAddress: .init(rawValue: 2))
        let bytes = try DHCPv6RelayedMessage(relays: [relay], message: unknown).serialized(.relayForward)
        #expect(try DHCPv6RelayedMessage(parsing: bytes).message == unknown)
    }

    @Test("the client's link-layer address as its relay saw it (RFC 6939)")
    func linkLayerAddress() throws {
        var relay = DHCPv6Relay(hopCount: 0, linkAddress: .init(rawValue: 0), peerAddress: .init(rawValue: 0))
        #expect(try relay.clientLinkLayerAddress() == nil)
        relay.options = [.init(79, [0, 1, 1, 2, 3, 4, 5, 6])]
        let address = try #require(try relay.clientLinkLayerAddress())
        #expect(address.type == 1 && address.address == [1, 2, 3, 4, 5, 6])
        relay.options = [.init(79, [0, 1])]
        #expect(throws: DHCPParseError.malformedOption(code: 79)) { try relay.clientLinkLayerAddress() }
    }
}

@Suite("Who a client is")
struct IdentityTests {
    @Test("a DUID is made of its parts and shown by them")
    func duid() throws {
        let mac: [UInt8] = [0xFA, 0x16, 0x3E, 0, 0, 1]
        let cases: [(DUID.Form, String)] = [
            (
                .linkLayerTime(hardwareType: 1, time: 700_000_000, address: mac),
                "LLT fa:16:3e:00:00:01 at 700000000"
            ),
            (.linkLayer(hardwareType: 32, address: mac), "LL hardware 32 fa:16:3e:00:00:01"),
            (.enterprise(number: 43793, identifier: [1, 2]), "EN 43793 01:02"),
            (
                .uuid(0x1234_5678_9ABC_DEF0_1122_3344_5566_7788),
                "UUID 12345678-9abc-def0-1122-334455667788"
            ),
            (.other(type: 9, content: [7]), "type 9 07"),
        ]
        for (form, text) in cases {
            let duid = try DUID(form)
            #expect(duid.form == form && duid.description == text)
            #expect(try DUID(parsing: duid.bytes) == duid)
        }
        #expect(try DUID(.linkLayer(hardwareType: 1, address: mac)).bytes == [0, 3, 0, 1] + mac)
        #expect(try DUID(.linkLayer(hardwareType: 1, address: mac)).linkLayerAddress == mac)
        #expect(try DUID(.uuid(1)).linkLayerAddress == nil)
    }

    @Test("a DUID has 3 to 130 bytes; a known type with too little is opaque, not an error")
    func duidLengths() throws {
        for count in [0, 2, 131] {
            #expect(throws: DHCPParseError.self) { try DUID(parsing: [UInt8](repeating: 0, count: count)) }
        }
        #expect(try DUID(parsing: [UInt8](repeating: 0, count: 130)).bytes.count == 130)
        for bytes in [[0, 1, 0, 1], [0, 2, 0, 0, 0, 9], [0, 3, 0, 1], [0, 4, 1]] as [[UInt8]] {
            #expect(
                try DUID(parsing: bytes).form == .other(type: UInt16(bytes[1]), content: Array(bytes[2...])))
        }
    }

    @Test("a full name is read and written as labels and, in version 4, as ASCII")
    func fqdn() throws {
        let labels: [UInt8] = [2, 0x76, 0x6D, 3, 0x6F, 0x72, 0x67]
        let complete = try DHCPClientFQDN(parsing: [0x05, 0, 0] + labels + [0], .v4)
        #expect(
            complete.name == "vm.org" && complete.isComplete && complete.usesLabels && complete.serverUpdates)
        #expect(complete.data(.v4) == [5, 255, 255] + labels + [0])
        let partial = try DHCPClientFQDN(parsing: [0x04] + labels, .v6)
        #expect(partial.name == "vm.org" && !partial.isComplete && partial.noUpdates)
        #expect(partial.data(.v6) == [4] + labels)
        let ascii = try DHCPClientFQDN(parsing: [0x08, 0, 0] + Array("vm.org.".utf8), .v4)
        #expect(ascii.name == "vm.org" && ascii.isComplete && !ascii.usesLabels && ascii.noUpdates)
        #expect(ascii.data(.v4) == [8, 255, 255] + Array("vm.org.".utf8))
        let unnamed = try DHCPClientFQDN(parsing: [0x00], .v6)
        #expect(unnamed.name.isEmpty && !unnamed.isComplete && unnamed.data(.v6) == [0])
    }

    @Test(
        "a full name that is none throws",
        arguments: [[], [4, 0], [4, 0, 0, 5, 1], [4, 0, 0, 0, 1], [4, 0, 0, 0xC0, 0], [0, 0, 0, 10]]
            as [[UInt8]])
    func badFQDN(_ data: [UInt8]) {
        #expect(throws: DHCPParseError.malformedOption(code: 81)) { try DHCPClientFQDN(parsing: data, .v4) }
    }

    @Test("version 4: absent is nil, malformed throws, for each typed option")
    func v4Accessors() throws {
        var message = DHCPv4Message(operation: .request, transactionID: 1, chaddr: [])
        #expect(try message.maximumMessageSize() == nil && message.clientFQDN() == nil)
        #expect(try message.relayInformation() == nil && message.clientArchitectures() == nil)
        #expect(try message.clientMachineIdentifier() == nil && message.subnetSelection() == nil)
        #expect(try !message.wantsRapidCommit() && message.userClasses == nil)
        let uuid = [UInt8](1...16)
        for (code, data) in [57: [5, 220], 80: [], 93: [0, 7, 0, 9], 97: [0] + uuid, 118: [10, 1, 0, 0]]
            as [UInt8: [UInt8]]
        {
            message[option: code] = data
        }
        #expect(try message.maximumMessageSize() == 1500 && message.wantsRapidCommit())
        #expect(try message.clientArchitectures() == [7, 9])
        #expect(try message.clientMachineIdentifier() == uuid)
        #expect(try message.subnetSelection() == IPv4Address(10, 1, 0, 0))
        for code in [57, 80, 93, 97, 118] as [UInt8] { message[option: code] = [1] }
        #expect(throws: DHCPParseError.malformedOption(code: 57)) { try message.maximumMessageSize() }
        #expect(throws: DHCPParseError.malformedOption(code: 80)) { try message.wantsRapidCommit() }
        #expect(throws: DHCPParseError.malformedOption(code: 93)) { try message.clientArchitectures() }
        #expect(throws: DHCPParseError.malformedOption(code: 97)) { try message.clientMachineIdentifier() }
        #expect(throws: DHCPParseError.malformedOption(code: 118)) { try message.subnetSelection() }
        message[option: 77] = [2, 0x61, 0x62, 1, 0x63]
        #expect(message.userClasses == [[0x61, 0x62], [0x63]])
        message[option: 77] = Array("iPXE".utf8)
        #expect(message.userClasses == [Array("iPXE".utf8)])
    }

    @Test("version 6: absent is nil, malformed throws, for each typed option")
    func v6Accessors() throws {
        let empty = DHCPv6Message.plain(type: .solicit, transactionID: 1, options: [])
        #expect(try empty.clientIdentifier() == nil && empty.serverIdentifier() == nil)
        #expect(try empty.identityAssociations().isEmpty && empty.requestedOptions() == nil)
        #expect(try empty.preference() == nil && empty.elapsedTime() == nil && empty.status() == nil)
        #expect(try empty.userClasses() == nil && empty.vendorClass() == nil && empty.clientFQDN() == nil)
        #expect(try !empty.wantsRapidCommit() && empty.clientArchitectures() == nil)
        let full = DHCPv6Message.plain(
            type: .solicit, transactionID: 1,
            options: [
                .init(1, [0, 3, 0, 1, 9]), .init(2, [0, 2, 0]), .init(3, [UInt8](repeating: 0, count: 12)),
                .init(6, [0, 23]), .init(7, [9]), .init(8, [1, 0]), .init(13, [0, 2]), .init(14, []),
                .init(15, [0, 1, 0x61]), .init(16, [0, 0, 0, 9, 0, 1, 0x61]), .init(61, [0, 7]),
            ])
        #expect(try full.clientIdentifier()?.bytes == [0, 3, 0, 1, 9])
        #expect(try full.identityAssociations().count == 1 && full.requestedOptions() == [23])
        #expect(try full.preference() == 9 && full.elapsedTime() == 256 && full.status()?.code == 2)
        #expect(try full.wantsRapidCommit() && full.userClasses() == [[0x61]])
        #expect(try full.vendorClass()?.enterprise == 9 && full.clientArchitectures() == [7])
        let bad = DHCPv6Message.plain(
            type: .solicit, transactionID: 1,
            options: [1, 3, 6, 7, 8, 13, 14, 15, 16, 61].map { .init($0, $0 == 7 ? [] : [1]) })
        #expect(throws: DHCPParseError.malformedOption(code: 1)) { try bad.clientIdentifier() }
        #expect(throws: DHCPParseError.self) { try bad.identityAssociations() }
        #expect(throws: DHCPParseError.malformedOption(code: 6)) { try bad.requestedOptions() }
        #expect(throws: DHCPParseError.malformedOption(code: 7)) { try bad.preference() }
        #expect(throws: DHCPParseError.malformedOption(code: 8)) { try bad.elapsedTime() }
        #expect(throws: DHCPParseError.self) { try bad.status() }
        #expect(throws: DHCPParseError.malformedOption(code: 14)) { try bad.wantsRapidCommit() }
        #expect(throws: DHCPParseError.malformedOption(code: 15)) { try bad.userClasses() }
        #expect(throws: DHCPParseError.malformedOption(code: 16)) { try bad.vendorClass() }
        #expect(throws: DHCPParseError.malformedOption(code: 61)) { try bad.clientArchitectures() }
    }
}
