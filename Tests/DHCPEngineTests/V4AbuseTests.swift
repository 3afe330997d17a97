import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// What a guest cannot do: flood us, speak for others, send us nonsense.
@Suite struct V4AbuseTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)

    // MARK: Limits

    @Test("a port gets its burst, then its rate; another port is not concerned")
    func portLimit() throws {
        var network = try V4Network {
            $0.limits.portRate = 2
            $0.limits.portBurst = 5
        }
        for _ in 0..<5 { #expect(try network.ask(client.discover()).dropped == nil) }
        #expect(
            try network.ask(client.discover()).outcome
                == .dropped(.portLimit, request: .discover, port: V4Network.portA))
        var other = client
        other.mac = V4Network.mac(0xB)
        #expect(try network.ask(other.discover()).dropped == nil)
        network.now += 400_000
        #expect(try network.ask(client.discover()).dropped == .portLimit)
        network.now += 100_000
        #expect(try network.ask(client.discover()).dropped == nil)
        #expect(try network.ask(client.discover()).dropped == .portLimit)
        network.now += 3_600_000_000
        for _ in 0..<5 { #expect(try network.ask(client.discover()).dropped == nil) }
        #expect(try network.ask(client.discover()).dropped == .portLimit)
    }

    @Test("a change of the port does not fill its bucket")
    func bucketStays() throws {
        var network = try V4Network {
            $0.limits.portRate = 1
            $0.limits.portBurst = 1
        }
        #expect(try network.ask(client.discover()).dropped == nil)
        network.engine.insert(V4Network.host(V4Network.portA, client.mac, (0, IPv4Address(10, 0, 0, 30))))
        #expect(try network.ask(client.discover()).dropped == .portLimit)
    }

    @Test("the network has a limit, too, which what is not answered does not use up")
    func networkLimit() throws {
        var network = try V4Network {
            $0.limits = .unlimited
            $0.limits.networkRate = 1
            $0.limits.networkBurst = 2
        }
        var stranger = client
        stranger.mac = V4Network.mac(0x99)
        for _ in 0..<10 { #expect(try network.ask(stranger.discover()).dropped == .unknownClient) }
        var other = client
        other.mac = V4Network.mac(0xB)
        #expect(try network.ask(client.discover()).dropped == nil)
        #expect(try network.ask(other.discover()).dropped == nil)
        #expect(
            try network.ask(other.discover()).outcome
                == .dropped(.networkLimit, request: .discover, port: V4Network.portB))
    }

    @Test("without limits everything is answered")
    func unlimited() throws {
        var network = try V4Network { $0.limits = .unlimited }
        for _ in 0..<2000 { #expect(try network.ask(client.discover()).dropped == nil) }
    }

    @Test("the default limits let a client that behaves do all it wants, and stop a flood")
    func defaultLimits() throws {
        var network = try V4Network()
        var answered = 0
        for _ in 0..<10_000 {
            if try network.ask(client.discover()).dropped == nil { answered += 1 }
            network.now += 100
        }
        #expect((60...85).contains(answered))
    }

    @Test(
        "who names a port in relayed requests uses up none of the answers to its own client, nor the reverse")
    func relayedLies() throws {
        var network = try V4Network { $0.limits.portBurst = 2 }
        var lie = client.discover()
        lie.giaddr = IPv4Address(10, 0, 0, 60)
        for _ in 0..<2 { #expect(try network.ask(lie).dropped == nil) }
        #expect(
            try network.ask(lie).outcome == .dropped(.portLimit, request: .discover, port: V4Network.portA))
        for _ in 0..<2 { #expect(try network.ask(client.discover()).dropped == nil) }
        #expect(try network.ask(client.discover()).dropped == .portLimit)
        network.now += 100_000
        #expect(try network.ask(client.discover()).dropped == nil)
        #expect(try network.ask(client.discover()).dropped == nil)
        #expect(try network.ask(lie).dropped == nil)
        // A change of the port fills neither.
        #expect(try network.ask(lie).dropped == nil)
        network.engine.insert(V4Network.host(V4Network.portA, client.mac, (0, IPv4Address(10, 0, 0, 30))))
        #expect(try network.ask(lie).dropped == .portLimit)
        #expect(try network.ask(client.discover()).dropped == .portLimit)
    }

    @Test("nor does a stolen client identifier")
    func unprovenLies() throws {
        var network = try V4Network { $0.limits.portBurst = 1 }
        var host = V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own))
        host.clientIdentifier = [0, 7, 7]
        network.engine.insert(host)
        var thief = client
        thief.mac = V4Network.mac(0x66)
        #expect(try network.ask(thief.discover([61: [0, 7, 7]])).answer().port == V4Network.portA)
        #expect(try network.ask(thief.discover([61: [0, 7, 7]])).dropped == .portLimit)
        #expect(try network.ask(client.discover()).answer().port == V4Network.portA)
    }

    // MARK: Nonsense

    @Test("what is too short for a header is truncated", arguments: [0, 1, 43, 239])
    func truncated(count: Int) throws {
        var network = try V4Network()
        let bytes = try client.discover().serialized()
        #expect(
            try network.ask(Array(bytes.prefix(count))).outcome
                == .dropped(.truncated, request: nil, port: nil))
    }

    @Test("impossible header values", arguments: [(0, 0), (0, 3), (0, 255), (2, 17), (2, 255)])
    func header(offset: Int, value: UInt8) throws {
        var network = try V4Network()
        var bytes = try client.discover().serialized()
        bytes[offset] = value
        #expect(try network.ask(bytes).dropped == .malformedHeader)
    }

    @Test(
        "replies, and messages that only servers send, are no requests",
        arguments: [
            (2, 1, DropReason.notARequest), (1, 2, .notARequest), (1, 5, .notARequest), (1, 6, .notARequest),
            (1, 0, .unknownMessageType), (1, 9, .unknownMessageType), (1, 10, .unknownMessageType),
            (1, 255, .unknownMessageType),
        ])
    func types(operation: UInt8, type: UInt8, reason: DropReason) throws {
        var network = try V4Network()
        var bytes = try client.message(DHCPv4MessageType(rawValue: type)).serialized()
        bytes[0] = operation
        #expect(try network.ask(bytes).dropped == reason)
    }

    @Test(
        "another hardware type than Ethernet is nobody's",
        arguments: [(0, 6), (6, 6), (32, 6), (1, 5), (1, 16)])
    func hardware(type: UInt8, length: UInt8) throws {
        var network = try V4Network()
        var bytes = try client.discover().serialized()
        bytes[1] = type
        bytes[2] = length
        #expect(try network.ask(bytes).dropped == .unsupportedHardwareType)
    }

    @Test(
        "options of the wrong length that say what the message is about are malformed",
        arguments: [
            50, 53, 54,
        ] as [UInt8])
    func malformed(code: UInt8) throws {
        var network = try V4Network()
        var message = client.reboot(own)
        for data in [[], [1, 2], [1, 2, 3, 4, 5]] as [[UInt8]] {
            message[option: code] = data
            #expect(try network.ask(message).dropped == .malformedOption)
        }
    }

    @Test("other options of the wrong length are not looked at", arguments: [51, 57, 118] as [UInt8])
    func tolerated(code: UInt8) throws {
        var network = try V4Network()
        let ack = try network.ask(client.discover([code: [1]])).message()
        #expect(ack.number(51) == 86_400)
    }

    @Test("an option that leads outside is malformed; a missing End, or pads, do no harm")
    func lengths() throws {
        var network = try V4Network()
        let bytes = try client.discover().serialized(minimumLength: 0)
        #expect(try network.ask(Array(bytes.dropLast(2))).dropped == .malformedOption)
        #expect(try network.ask(bytes.dropLast() + [12]).dropped == .malformedOption)
        #expect(try network.ask(Array(bytes.dropLast())).dropped == nil)
        #expect(try network.ask(bytes.dropLast() + [0, 0, 0, 0]).dropped == nil)
        #expect(try network.ask(bytes + [12, 200]).dropped == nil)
        #expect(try network.ask(bytes + Array(repeating: 0, count: 70_000)).dropped == .malformedHeader)
    }

    // MARK: Options in pieces and elsewhere

    @Test("options in pieces are read as one (RFC 3396)")
    func pieces() throws {
        var network = try V4Network()
        var host = V4Network.host(V4Network.portB, V4Network.mac(0xB), (0, IPv4Address(10, 0, 0, 11)))
        host.clientIdentifier = Array(1...30)
        network.engine.insert(host)
        let head = try client.discover().serialized(minimumLength: 0)
        let bytes =
            head.dropLast() + [61, 10] + Array(1...10) + [0, 61, 20] + Array(11...30)
            + [82, 2, 1, 3, 82, 3, 7, 8, 9, 255]
        let exchange = try network.ask(Array(bytes))
        #expect(try exchange.answer().port == V4Network.portB)
        #expect(try exchange.message()[option: 61] == Array(1...30))
        #expect(try exchange.message()[option: 82] == [1, 3, 7, 8, 9])
    }

    @Test("a message type twice is malformed")
    func twice() throws {
        var network = try V4Network()
        let bytes = try client.discover().serialized(minimumLength: 0)
        #expect(try network.ask(bytes.dropLast() + [53, 1, 3, 255]).dropped == .malformedOption)
    }

    @Test("options in file and sname are read (option 52)")
    func overload() throws {
        var network = try V4Network()
        var client = client
        client.requestedOptions = nil
        var bytes = try client.discover().serialized(minimumLength: 0)
        bytes.replaceSubrange(108..<114, with: [55, 2, 3, 12, 255, 9])
        bytes.replaceSubrange(44..<54, with: [52, 1, 0, 61, 4, 1, 2, 3, 4, 255])
        bytes = bytes.dropLast() + [52, 1, 3, 255]
        let offer = try network.ask(bytes).message()
        #expect(offer.options.map(\.code) == [53, 54, 51, 58, 59, 1, 3, 12, 28, 26, 61])
        bytes[bytes.count - 2] = 1
        #expect(try network.ask(bytes).message()[option: 61] == nil)
        bytes[bytes.count - 2] = 4
        #expect(try network.ask(bytes).dropped == .malformedOption)
    }
}
