import Addressing
import Dispatch
import Glibc
import LinuxKernel

/// A DNS question (RFC 1035 section 4).
struct DNSQuestion: Sendable {
    static let a: UInt16 = 1
    static let ptr: UInt16 = 12
    static let txt: UInt16 = 16
    static let aaaa: UInt16 = 28

    var name: String
    var type: UInt16
    /// The size for an OPT record (RFC 6891), or nil for none.
    var size: UInt16?
    let id = UInt16.random(in: 1 ... .max)

    init(_ name: String, _ type: UInt16, size: UInt16? = nil) {
        self.name = name
        self.type = type
        self.size = size
    }

    /// Asks for the name of an address.
    init(backwards address: IPAddress) {
        let labels =
            switch address {
            case .v4(let v4): v4.octets.reversed().map { "\($0)" } + ["in-addr", "arpa"]
            case .v6(let v6):
                v6.octets.reversed().flatMap { [String($0 & 15, radix: 16), String($0 >> 4, radix: 16)] }
                    + ["ip6", "arpa"]
            }
        self.init(labels.joined(separator: "."), Self.ptr)
    }

    func bytes() -> [UInt8] {
        var bytes = id.bytes + [1, 0, 0, 1, 0, 0, 0, 0, 0, size == nil ? 0 : 1]
        for label in name.split(separator: ".") { bytes += [UInt8(label.utf8.count)] + Array(label.utf8) }
        bytes += [0] + type.bytes + UInt16(1).bytes
        if let size { bytes += [0, 0, 41] + size.bytes + [0, 0, 0, 0, 0, 0] }
        return bytes
    }
}

/// A DNS answer.
struct DNSAnswer: Sendable {
    struct Record: Sendable {
        var name: String
        var type: UInt16
        var timeToLive: UInt32
        var data: [UInt8]
        /// The name in the data, of a PTR.
        var target: String
    }

    static let success: UInt8 = 0
    static let serverFailure: UInt8 = 2
    static let nameError: UInt8 = 3
    static let refused: UInt8 = 5

    let id: UInt16
    let code: UInt8
    let isAuthoritative: Bool
    let isTruncated: Bool
    let answers: [Record]
    let additional: [Record]

    init(parsing bytes: [UInt8]) throws {
        guard bytes.count >= 12, bytes[2] & 0x80 != 0 else { throw FactFailure("no DNS answer") }
        id = UInt16(bytes[0], bytes[1])
        code = bytes[3] & 15
        isAuthoritative = bytes[2] & 4 != 0
        isTruncated = bytes[2] & 2 != 0
        let counts = stride(from: 4, to: 12, by: 2).map { Int(UInt16(bytes[$0], bytes[$0 + 1])) }
        var at = 12
        for _ in 0..<counts[0] {
            _ = try Self.name(bytes, &at)
            at += 4
        }
        answers = try (0..<counts[1]).map { _ in try Self.record(bytes, &at) }
        _ = try (0..<counts[2]).map { _ in try Self.record(bytes, &at) }
        additional = try (0..<counts[3]).map { _ in try Self.record(bytes, &at) }
        try require("bytes behind the message", bytes.count - at, is: 0)
    }

    private static func record(_ bytes: [UInt8], _ at: inout Int) throws -> Record {
        let name = try name(bytes, &at)
        guard at + 10 <= bytes.count else { throw FactFailure("a record leads outside") }
        let type = UInt16(bytes[at], bytes[at + 1])
        let timeToLive = UInt32(bytes[at + 4..<at + 8])
        let count = Int(UInt16(bytes[at + 8], bytes[at + 9]))
        at += 10
        guard at + count <= bytes.count else { throw FactFailure("a record leads outside") }
        defer { at += count }
        var inner = at
        let target = type == DNSQuestion.ptr ? try Self.name(bytes, &inner) : ""
        return Record(
            name: name, type: type, timeToLive: timeToLive, data: Array(bytes[at..<at + count]),
            target: target)
    }

    private static func name(_ bytes: [UInt8], _ at: inout Int) throws -> String {
        var labels: [String] = []
        var position = at
        var hasJumped = false
        for _ in 0..<128 {
            guard position < bytes.count else { throw FactFailure("a name leads outside") }
            let length = Int(bytes[position])
            if length >= 0xC0 {
                guard position + 1 < bytes.count else { throw FactFailure("a name leads outside") }
                if !hasJumped { at = position + 2 }
                hasJumped = true
                position = (length & 0x3F) << 8 | Int(bytes[position + 1])
                continue
            }
            guard position + length < bytes.count else { throw FactFailure("a name leads outside") }
            if length == 0 {
                if !hasJumped { at = position + 1 }
                return labels.joined(separator: ".")
            }
            labels.append(String(decoding: bytes[position + 1...position + length], as: UTF8.self))
            position += length + 1
        }
        throw FactFailure("a name without end")
    }
}

extension Site {
    /// Asks our DNS server over UDP, as a machine with this source address; nil where nobody answers.
    func resolve(
        _ question: DNSQuestion, from guest: Guest, source: IPAddress? = nil, payload: [UInt8]? = nil,
        within limit: Duration? = nil
    ) async throws -> DNSAnswer? {
        let version = source?.version ?? .v4
        let server = try server(version)
        let from = source ?? .v4(guest.address)
        wire.own(from, guest.mac)
        let port = UInt16.random(in: 20_000...60_000)
        let mark = wire.mark()
        let datagram = Datagram(
            from: guest.mac, from, port: port, to: Segment.serverMAC, server, port: 53,
            payload: payload ?? question.bytes())
        try wire.send(datagram.frame())
        let heard = await wire.first(since: mark, within: limit ?? patience) { heard in
            if case .datagram(let answer) = heard {
                answer.sourcePort == 53 && answer.destinationPort == port
            } else {
                false
            }
        }
        guard case .datagram(let answer) = heard else { return nil }
        try require(answer.faults.isEmpty, "\(answer.faults)")
        try require("the source of the answer", answer.source, is: server)
        let parsed = try DNSAnswer(parsing: answer.payload)
        try require("the answer's id", parsed.id, is: question.id)
        return parsed
    }

    /// As ``resolve(_:from:source:payload:within:)``, and there must be an answer.
    func ask(_ question: DNSQuestion, from guest: Guest, source: IPAddress? = nil) async throws -> DNSAnswer {
        try require(
            some: try await resolve(question, from: guest, source: source), "no answer for \(question.name)")
    }

    /// Asks over TCP (RFC 7766) from the kernel of the clients' namespace; several questions in one go.
    func askTCP(_ questions: [DNSQuestion]) async throws -> [DNSAnswer] {
        try await Segment.shell(
            "ip -n \(segment.clients) address replace \(Segment.kernelAddress) dev \(Segment.clientDevice)",
            segment.namespaces)
        let server = try serverV4()
        let number = try await segment.namespaces.run(in: segment.clients) {
            socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        }
        // A queue of its own, for it blocks.
        let queue = DispatchQueue(label: "dns over tcp")
        let result: Result<[DNSAnswer], any Error> = await withCheckedContinuation { continuation in
            queue.async {
                defer { Glibc.close(number) }
                continuation.resume(returning: Result { try Self.converse(number, server, questions) })
            }
        }
        return try result.get()
    }

    private static func converse(
        _ number: Int32, _ server: IPv4Address, _ questions: [DNSQuestion]
    ) throws -> [DNSAnswer] {
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(number, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(53).bigEndian
        address.sin_addr.s_addr = server.rawValue.bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw FactFailure("connect: errno \(errno)") }
        let sent = questions.flatMap { UInt16($0.bytes().count).bytes + $0.bytes() }
        guard send(number, sent, sent.count, Int32(MSG_NOSIGNAL)) == sent.count else {
            throw FactFailure("send: errno \(errno)")
        }
        func take(_ count: Int) throws -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count)
            var got = 0
            while got < count {
                let part = bytes.withUnsafeMutableBytes {
                    recv(number, $0.baseAddress?.advanced(by: got), count - got, 0)
                }
                guard part > 0 else { throw FactFailure("the connection ended early: errno \(errno)") }
                got += part
            }
            return bytes
        }
        return try questions.map { _ in
            let length = try take(2)
            return try DNSAnswer(parsing: try take(Int(UInt16(length[0], length[1]))))
        }
    }
}
