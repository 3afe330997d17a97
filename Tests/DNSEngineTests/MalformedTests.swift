import Addressing
import Testing

@testable import DNSEngine

/// Messages as no resolver sends them.
@Suite struct MalformedTests {
    let engine = makeEngine { $0.forwards = true }

    @Test func `less than a header is dropped`() {
        for count in 0..<12 {
            #expect(engine.exchange(Array([UInt8].query("vm", .a).prefix(count))).drop == .truncated)
        }
    }

    @Test func `answers are dropped, so two servers cannot play ball`() {
        #expect(engine.exchange(.query("vm", .a, flags: 0x8100)).drop == .notAQuery)
        let refusal = engine.exchange(Array([UInt8].query("vm", .a).prefix(14)))
        #expect(engine.exchange(refusal.bytes).drop == .notAQuery)
    }

    @Test(arguments: 1...15)
    func `other opcodes are not implemented`(_ opcode: UInt16) {
        let exchange = engine.exchange(.query("vm", .a, flags: opcode << 11 | 0x0100))
        #expect(exchange.code == .notImplemented)
        #expect(exchange.bytes == [0x12, 0x34, 0x81 | UInt8(opcode << 3), 0x84, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    @Test func `anything but one question is a format error`() {
        for count: UInt8 in [0, 2, 255] {
            var query = [UInt8].query("vm", .a)
            query[5] = count
            #expect(engine.exchange(query).code == .formatError)
        }
        for section in [7, 9] {
            var query = [UInt8].query("vm", .a)
            query[section] = 1
            #expect(engine.exchange(query).code == .formatError)
        }
    }

    @Test(
        arguments: [
            [0xC0, 0x0C, 0, 1, 0, 1], [2, 0x76, 0x6D, 0xC0, 0x0C, 0, 1, 0, 1],
            [0x42, 0x76, 0x6D, 0, 0, 1, 0, 1],
            [0x82, 0x76, 0x6D, 0, 0, 1, 0, 1], [2, 0x76], [2, 0x76, 0x6D], [0, 0, 1, 0], [],
        ] as [[UInt8]])
    func `pointers, unknown label types and cut names in the question are format errors`(_ question: [UInt8])
    {
        let header: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let exchange = engine.exchange(header + question)
        #expect(exchange.code == .formatError)
        #expect(exchange.bytes.count == 12)
    }

    @Test func `a name of 255 bytes is read and one of 256 is not`() {
        let header: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        func question(_ last: Int) -> [UInt8] {
            let label = [UInt8](repeating: 0x61, count: 63)
            let labels = [63] + label + [63] + label + [63] + label + [UInt8(last)]
            return header + labels + label.prefix(last) + [0, 0, 1, 0, 1]
        }
        #expect(engine.exchange(question(61)).isForwarded)
        #expect(engine.exchange(question(62)).code == .formatError)
        let short = [UInt8](repeating: 1, count: 254).enumerated().map {
            $0.offset % 2 == 0 ? 1 : UInt8(0x61)
        }
        #expect(engine.exchange(header + short + [0, 0, 1, 0, 1]).isForwarded)
        #expect(engine.exchange(header + short + [1, 0x61, 0, 0, 1, 0, 1]).code == .formatError)
    }

    @Test func `records behind the question must be whole`() {
        let query = [UInt8].query("vm", .a, udpLimit: 1232, options: [0, 10, 0, 2, 1, 2])
        for count in 20..<query.count {
            #expect(engine.exchange(Array(query.prefix(count))).code == .formatError)
        }
        #expect(engine.exchange(query).code == .noError)
        var more = query
        more[11] = 200
        #expect(engine.exchange(more).code == .formatError)
    }

    @Test func `two OPT or one of another name than the root are format errors`() {
        let opt: [UInt8] = [0, 0, 41, 4, 0, 0, 0, 0, 0, 0, 0]
        var query = [UInt8].query("vm", .a)
        query[11] = 2
        #expect(engine.exchange(query + opt + opt).code == .formatError)
        query[11] = 1
        #expect(engine.exchange(query + opt).code == .noError)
        #expect(engine.exchange(query + [1, 0x61] + opt).code == .formatError)
        #expect(engine.exchange(query + [0xC0, 12] + opt.dropFirst()).code == .formatError)
    }

    @Test func `a foreign signature is passed over`() {
        // TSIG, with a name that points to the question.
        var query = [UInt8].query("vm", .a)
        query[11] = 1
        let exchange = engine.exchange(query + [0xC0, 12, 0, 250, 0, 255, 0, 0, 0, 0, 0, 3, 1, 2, 3])
        #expect(exchange.data == ["10.0.0.6", "10.0.0.9"])
    }

    @Test func `names with odd bytes are just names`() {
        let header: [UInt8] = [1, 2, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]
        let domain = DNSName("openstacklocal")?.wire ?? []
        for byte in UInt8.min...UInt8.max {
            let exchange = engine.exchange(header + [3, byte, 0, byte] + domain + [0, 1, 0, 1])
            #expect(exchange.code == .nameError)
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `random bytes never trap, and every answer is a message`(_ seed: UInt64) {
        var random = SplitMix(state: seed)
        let seeds: [[UInt8]] = [
            .query("vm", .a), .query("host-10-0-0-5.openstacklocal", .any, udpLimit: 1232),
            .query("5.0.0.10.in-addr.arpa", .ptr, udpLimit: 512, options: [0, 10, 0, 1, 9]),
            .query("host-2001-db8--5", .aaaa), .query("live.test", .txt),
        ]
        for _ in 0..<20_000 {
            var bytes = seeds[Int(random.next() % UInt64(seeds.count))]
            switch random.next() % 4 {
            case 0: bytes = (0..<random.next() % 80).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            case 1: bytes = Array(bytes.prefix(Int(random.next() % UInt64(bytes.count))))
            default:
                for _ in 0..<(1 + random.next() % 4) {
                    bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
                }
            }
            let transport: DNSTransport = random.next() % 2 == 0 ? .udp : .tcp
            let exchange = engine.exchange(bytes, transport, room: Int(random.next() % 1500))
            switch exchange.outcome {
            case .answered:
                #expect(exchange.message != nil, "\(bytes)")
                #expect(exchange.bytes.starts(with: bytes.prefix(2)) && exchange.bytes[2] & 0x80 != 0)
            case .forward(let query):
                #expect(Message(query.serialized(id: 7))?.questions.count == 1, "\(bytes)")
            case .dropped: #expect(exchange.bytes.isEmpty)
            }
        }
    }
}

/// Random numbers that repeat (Vigna's SplitMix64).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
