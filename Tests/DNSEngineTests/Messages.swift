import Addressing

@testable import DNSEngine

/// A DNS message taken apart for comparison; names as text.
struct Message: Hashable {
    struct Record: Hashable {
        var name: String
        var type: UInt16
        var recordClass: UInt16
        var ttl: UInt32
        var data: [UInt8]
    }

    var id: UInt16
    var flags: UInt16
    var questions: [String] = []
    var answers: [Record] = []
    var authorities: [Record] = []
    var additionals: [Record] = []

    var code: UInt16 { flags & 15 }
    var isAuthoritative: Bool { flags & 0x0400 != 0 }
    var isTruncated: Bool { flags & 0x0200 != 0 }

    /// nil where the bytes are no whole message with nothing behind it.
    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 12 else { return nil }
        func word(_ at: Int) -> UInt16 { UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1]) }
        id = word(0)
        flags = word(2)
        var position = 12
        func name(_ start: inout Int) -> String? {
            var labels: [String] = []
            var at = start
            var jumped = false
            for _ in 0..<130 {
                guard at < bytes.count else { return nil }
                let length = Int(bytes[at])
                if length & 0xC0 == 0xC0 {
                    guard at + 1 < bytes.count else { return nil }
                    if !jumped { start = at + 2 }
                    jumped = true
                    at = Int(word(at) & 0x3FFF)
                } else if length == 0 {
                    if !jumped { start = at + 1 }
                    return labels.joined(separator: ".") + "."
                } else {
                    guard at + 1 + length <= bytes.count else { return nil }
                    labels.append(String(decoding: bytes[(at + 1)..<(at + 1 + length)], as: UTF8.self))
                    at += 1 + length
                }
            }
            return nil
        }
        for _ in 0..<word(4) {
            guard let name = name(&position), position + 4 <= bytes.count else { return nil }
            questions.append("\(name) \(word(position)) \(word(position + 2))")
            position += 4
        }
        func records(_ count: UInt16) -> [Record]? {
            var records: [Record] = []
            for _ in 0..<count {
                guard let name = name(&position), position + 10 <= bytes.count else { return nil }
                let length = Int(word(position + 8))
                guard position + 10 + length <= bytes.count else { return nil }
                records.append(
                    Record(
                        name: name, type: word(position), recordClass: word(position + 2),
                        ttl: UInt32(word(position + 4)) << 16 | UInt32(word(position + 6)),
                        data: Array(bytes[(position + 10)..<(position + 10 + length)])))
                position += 10 + length
            }
            return records
        }
        guard let first = records(word(6)), let second = records(word(8)), let third = records(word(10)),
            position == bytes.count
        else { return nil }
        answers = first
        authorities = second
        additionals = third
    }
}

extension [UInt8] {
    /// A query for one name; `extensions` puts OPT behind it.
    static func query(
        _ name: String, _ type: DNSRecordType, recordClass: DNSClass = .internet, id: UInt16 = 0x1234,
        flags: UInt16 = 0x0100, udpLimit: UInt16? = nil, version: UInt8 = 0, options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ words: UInt16...) {
            for word in words { bytes += [UInt8(word >> 8), UInt8(word & 0xFF)] }
        }
        append(id, flags, 1, 0, 0, udpLimit == nil ? 0 : 1)
        bytes += DNSName(name)?.wire ?? []
        append(type.rawValue, recordClass.rawValue)
        if let udpLimit {
            bytes.append(0)
            append(41, udpLimit)
            bytes += [0, version]
            append(0, UInt16(options.count))
            bytes += options
        }
        return bytes
    }
}

/// What an engine did with a message.
struct Exchange {
    var outcome: DNSOutcome
    var bytes: [UInt8]

    var message: Message? { Message(bytes) }
    var code: DNSResponseCode? { if case .answered(let code) = outcome { code } else { nil } }
    var isForwarded: Bool { if case .forward = outcome { true } else { false } }
    var drop: DNSDropReason? { if case .dropped(let reason) = outcome { reason } else { nil } }
    /// The answers' data as text.
    var data: [String] { message?.answers.map(\.text) ?? [] }
}

extension Message.Record {
    /// Addresses and names as people write them, others as bytes.
    var text: String {
        switch (type, data.count) {
        case (1, 4): IPv4Address(data[0], data[1], data[2], data[3]).description
        case (28, 16): IPv6Address(octets: data)?.description ?? ""
        case (12, _): DNSName(unchecked: data).description
        default: "\(type): \(data)"
        }
    }
}

extension DNSEngine {
    func exchange(
        _ query: [UInt8], from source: String = "10.0.0.77", _ transport: DNSTransport = .udp,
        room: Int = 65_535
    ) -> Exchange {
        var outcome = DNSOutcome.dropped(.noRoom)
        let source = IPAddress(source) ?? .any(.v4)
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var output = OutputRawSpan(buffer: raw, initializedCount: 0)
            outcome = answer(query.span.bytes, from: source, transport: transport, into: &output)
            count = output.finalize(for: raw)
        }
        return Exchange(outcome: outcome, bytes: bytes)
    }

    func ask(_ name: String, _ type: DNSRecordType = .a) -> Exchange { exchange(.query(name, type)) }
}

extension DNSHost {
    /// A host whose names come with the address, or are given.
    init(_ port: UInt128, _ address: String, _ name: String? = nil, domain: String = "openstacklocal") {
        let address = IPAddress(address) ?? .any(.v4)
        let hyphened = String(address.description.map { $0 == "." || $0 == ":" ? "-" : $0 })
        let hostname = name ?? "host-\(hyphened)"
        let fqdn = domain.isEmpty ? hostname : "\(hostname).\(domain)."
        self.init(port: port, address: address, hostname: hostname, fqdn: fqdn)
    }
}

/// A network with a few ports.
func makeEngine(_ change: (inout DNSConfiguration) -> Void = { _ in }) -> DNSEngine {
    var configuration = DNSConfiguration(
        domain: "openstacklocal",
        subnets: ["10.0.0.0/24", "2001:db8::/64"].compactMap { IPPrefix($0) },
        textRecord: DNSTextRecord("live.test,hello,world"))
    change(&configuration)
    var engine = DNSEngine(configuration)
    engine.insert([DNSHost(1, "10.0.0.5"), DNSHost(1, "2001:db8::5")], of: 1)
    engine.insert([DNSHost(2, "10.0.0.6", "vm"), DNSHost(2, "2001:db8::6", "vm")], of: 2)
    engine.insert([DNSHost(3, "10.0.0.9", "VM")], of: 3)
    engine.insert([DNSHost(4, "10.0.0.8", "web.front")], of: 4)
    return engine
}
