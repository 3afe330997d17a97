import Addressing
import DHCPEngine
import DHCPMessages

/// What holds for the DHCPv4 engine of a fixed network, whatever the bytes.
enum DHCPv4EngineProperties {
    /// Room for a reply, as the server has it.
    private static let capacity = 1500

    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        for arrival in arrivals {
            let (outcome, reply) = answer(bytes, arrival)
            let (again, sameReply) = answer(bytes, arrival)
            try require(outcome == again && reply == sameReply, "two answers to one request differ")
            if case .answered(let answer) = outcome { try check(reply, answer, bytes) }
        }
    }

    private static func answer(_ bytes: [UInt8], _ arrival: DHCPv4Arrival) -> (DHCPv4Outcome, [UInt8]) {
        var engine = FuzzNetwork.engine4
        var outcome: DHCPv4Outcome?
        let reply = written(capacity: capacity) { output in
            outcome = engine.answer(bytes.span.bytes, arrival, now: .init(rawValue: 1), into: &output)
        }
        return (outcome ?? .dropped(.truncated, request: nil, port: nil), reply)
    }

    private static func check(
        _ reply: [UInt8], _ answer: DHCPv4Answer, _ bytes: [UInt8]
    ) throws(PropertyFailure) {
        guard let message = try? DHCPv4Message(parsing: reply) else {
            throw PropertyFailure("the reply cannot be parsed")
        }
        try require(message.operation == .reply, "the reply is a request")
        try require((300...capacity).contains(reply.count), "the reply has \(reply.count) bytes")
        try require(
            (try? message.messageType()) == .some(answer.reply), "the reply is not what the outcome says")
        guard let request = try? DHCPv4Message(parsing: bytes) else {
            // Plain BOOTP has no cookie.
            return try checkAddress(message, answer, nil)
        }
        let limit = ((try? request.maximumMessageSize()) ?? nil).map { max(Int($0), 576) } ?? capacity
        try require(reply.count <= limit, "the reply has \(reply.count) bytes, the client takes \(limit)")
        try require(
            message.transactionID == request.transactionID && message.chaddr == request.chaddr
                && message.giaddr == request.giaddr && message.hardwareType == request.hardwareType,
            "the reply is to somebody else")
        if let information = request[option: 82] {
            try require(message[option: 82] == information, "option 82 is not echoed")
            try require(lastCode(reply) == 82, "option 82 is not the last")
        }
        if let identifier = request[option: 61], let echoed = message[option: 61] {
            try require(echoed == identifier, "the client identifier is another")
        }
        try checkAddress(message, answer, request)
    }

    /// The last option of the options field; those in file and sname (option 52) come after it only when
    /// the fields are joined.
    private static func lastCode(_ reply: [UInt8]) -> UInt8? {
        var last: UInt8?
        var at = 240
        while at < reply.count, reply[at] != 255 {
            if reply[at] == 0 {
                at += 1
                continue
            }
            last = reply[at]
            at += 2 + (at + 1 < reply.count ? Int(reply[at + 1]) : 0)
        }
        return last
    }

    /// An address is only ever given to the port that has it.
    private static func checkAddress(
        _ message: DHCPv4Message, _ answer: DHCPv4Answer, _ request: DHCPv4Message?
    ) throws(PropertyFailure) {
        if message.yiaddr == .any { return }
        try require(answer.reply != .nak, "a NAK gives an address")
        guard let port = answer.port, let host = FuzzNetwork.engine4.host(of: port) else {
            throw PropertyFailure("an address without a port")
        }
        try require(
            host.addresses.contains { $0.address == message.yiaddr }, "\(message.yiaddr) is not the port's")
        try require(answer.address == message.yiaddr, "the outcome says another address")
        if let identifier = host.clientIdentifier, let sent = request?[option: 61],
            sent == identifier || sent == [0] + identifier
        {
            return
        }
        try require(
            host.mac.octets == message.chaddr, "\(message.chaddr) is given the address of \(host.mac)")
    }

    /// From a client without an address, from one with, from a relay, and from elsewhere.
    private static let arrivals: [DHCPv4Arrival] = [
        .init(source: .any, destination: .broadcast),
        .init(source: IPv4Address(10, 0, 0, 11), destination: IPv4Address(10, 0, 0, 2)),
        .init(source: IPv4Address(10, 2, 0, 1), sourcePort: 67, destination: IPv4Address(10, 0, 0, 2)),
        .init(source: IPv4Address(192, 0, 2, 1), destination: .broadcast),
    ]
}
