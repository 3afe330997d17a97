import Addressing
import DNSEngine

/// What holds for the DNS engine of a fixed network, whatever the bytes.
enum DNSProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        for engine in [authoritative, forwarding] {
            for transport in [DNSTransport.udp, .tcp] { try query(bytes, engine, transport) }
        }
        try answerOfServer(bytes)
        _ = DNSName(String(decoding: bytes, as: UTF8.self))?.description
    }

    private static func query(
        _ bytes: [UInt8], _ engine: DNSEngine, _ transport: DNSTransport
    ) throws(PropertyFailure) {
        let room = transport == .udp ? 1232 : 65_535
        let (outcome, reply) = exchange(bytes, engine, from: client, transport, room)
        switch outcome {
        case .answered:
            try require(reply.count >= 12 && reply.count <= room, "the answer has \(reply.count) bytes")
            try require(Array(reply[0..<2]) == Array(bytes[0..<2]), "the answer has another id")
            try require(reply[2] & 0x80 != 0, "the answer is no answer")
            try DNSMessageReader.check(reply)
        case .forward(let forwarded):
            try forward(forwarded, bytes, room)
        case .dropped: break
        }
        // Never an open resolver: the same bytes from elsewhere get nothing.
        let (foreign, nothing) = exchange(bytes, engine, from: stranger, transport, room)
        guard case .dropped(.foreignSource) = foreign, nothing.isEmpty else {
            throw PropertyFailure("a stranger is answered")
        }
        // With hardly any room nothing is written past it.
        let (_, short) = exchange(bytes, engine, from: client, transport, 20)
        try require(short.count <= 20, "more is written than there is room for")
    }

    private static func forward(
        _ forwarded: DNSForwardedQuery, _ bytes: [UInt8], _ room: Int
    ) throws(PropertyFailure) {
        let upstream = forwarded.serialized(id: 0x1234)
        try require(upstream.count <= bytes.count + 11, "a query grows when it is forwarded")
        try DNSMessageReader.check(upstream)
        // What a server echoes with QR set is an answer to it.
        var echoed = upstream
        echoed[2] |= 0x80
        try require(forwarded.judge(echoed.span.bytes, id: 0x1234) == .answer, "an answer is not recognised")
        try require(forwarded.judge(echoed.span.bytes, id: 0x1235) == .foreign, "a foreign id is taken")
        let failure = written(capacity: room) { _ = forwarded.writeFailure(into: &$0) }
        try require(failure.isEmpty || failure[3] & 0xF == 2, "a failure is not SERVFAIL")
    }

    /// The input as what a server says to a query that was forwarded to it.
    private static func answerOfServer(_ bytes: [UInt8]) throws(PropertyFailure) {
        guard bytes.count > 2,
            case (.forward(let forwarded), _) = exchange(forwardable, forwarding, from: client, .udp, 1232)
        else { return }
        let id = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard forwarded.judge(bytes.span.bytes, id: id) == .answer else { return }
        let reply = written(capacity: 1232) { _ = forwarded.write(bytes.span.bytes, into: &$0) }
        try require(reply.count <= 1232, "a forwarded answer has \(reply.count) bytes")
        if !reply.isEmpty {
            try require(Array(reply[0..<2]) == Array(forwardable[0..<2]), "the client's id is lost")
        }
    }

    private static func exchange(
        _ bytes: [UInt8], _ engine: DNSEngine, from source: IPAddress, _ transport: DNSTransport, _ room: Int
    ) -> (DNSOutcome, [UInt8]) {
        var outcome = DNSOutcome.dropped(.truncated)
        let reply = written(capacity: room) { output in
            outcome = engine.answer(bytes.span.bytes, from: source, transport: transport, into: &output)
        }
        return (outcome, reply)
    }

    static let forwardable = DNSSeeds.query("example.org", type: 1)
    private static let client = IPAddress.v4(IPv4Address(10, 0, 0, 11))
    private static let stranger = IPAddress.v4(IPv4Address(192, 0, 2, 1))
    private static let authoritative = engine(forwards: false)
    private static let forwarding = engine(forwards: true)

    private static func engine(forwards: Bool) -> DNSEngine {
        let subnets = ["10.0.0.0/24", "2001:db8::/64"].compactMap { IPPrefix($0) }
        var engine = DNSEngine(
            DNSConfiguration(
                domain: "openstacklocal", subnets: subnets,
                textRecord: DNSTextRecord("alive.openstacklocal,yes,\(String(repeating: "x", count: 300))"),
                forwards: forwards))
        for number in UInt8(1)...60 {
            let address = IPAddress.v4(IPv4Address(10, 0, 0, number))
            let name = number < 40 ? "many" : "host-10-0-0-\(number)"
            engine.insert(
                [
                    DNSHost(
                        port: UInt128(number), address: address, hostname: name,
                        fqdn: "\(name).openstacklocal."),
                    DNSHost(
                        port: UInt128(number), address: .v6(FuzzNetwork.address(0, number)),
                        hostname: "six-\(number)", fqdn: "six-\(number).openstacklocal."),
                ], of: UInt128(number))
        }
        return engine
    }
}
