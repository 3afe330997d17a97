/// What a query asks, as far as this server looks: header, question and OPT.
struct DNSQuery: Sendable {
    var id: UInt16
    var flags: UInt16
    /// The bytes of the question section in the message, from the header's end.
    var questionLength: Int
    /// As it was asked.
    var name: DNSName
    var type: DNSRecordType
    var recordClass: DNSClass
    /// nil without OPT.
    var extensions: DNSExtensions?
}

/// What OPT says (RFC 6891 section 6.1.2); its options (cookies, client subnet, …) are not looked at.
struct DNSExtensions: Hashable, Sendable {
    /// The largest UDP answer that the sender takes.
    var udpLimit: UInt16
    var version: UInt8
    var wantsDNSSEC: Bool
}

/// What a message turned out to be.
enum DNSParsedQuery {
    case query(DNSQuery)
    /// Answered with a code and nothing but the header.
    case refusable(id: UInt16, flags: UInt16, DNSResponseCode)
    case none(DNSDropReason)

    /// Reads a message from a client.
    init(_ message: RawSpan) {
        guard message.byteCount >= headerSize else {
            self = .none(.truncated)
            return
        }
        let id = message.uint16(at: 0)
        let flags = message.uint16(at: 2)
        if flags & DNSFlags.response != 0 {
            self = .none(.notAQuery)
        } else if flags & DNSFlags.opcode != 0 {
            self = .refusable(id: id, flags: flags, .notImplemented)
        } else if let query = Self.parse(message, id: id, flags: flags) {
            self = .query(query)
        } else {
            self = .refusable(id: id, flags: flags, .formatError)
        }
    }

    /// The question and OPT; nil where the message has another form.
    private static func parse(_ message: RawSpan, id: UInt16, flags: UInt16) -> DNSQuery? {
        // Exactly one question (RFC 9619), and a question has no answers in it.
        guard message.uint16(at: 4) == 1, message.uint16(at: 6) == 0, message.uint16(at: 8) == 0,
            let (name, afterName) = name(message, at: headerSize), message.byteCount - afterName >= 4
        else { return nil }
        let type = DNSRecordType(rawValue: message.uint16(at: afterName))
        let recordClass = DNSClass(rawValue: message.uint16(at: afterName + 2))
        var position = afterName + 4
        var query = DNSQuery(
            id: id, flags: flags, questionLength: position - headerSize, name: name, type: type,
            recordClass: recordClass)
        for _ in 0..<message.uint16(at: 10) {
            let start = position
            guard let fixed = skipName(message, at: position), message.byteCount - fixed >= 10 else {
                return nil
            }
            position = fixed + 10 + Int(message.uint16(at: fixed + 8))
            guard position <= message.byteCount else { return nil }
            guard message.uint16(at: fixed) == DNSRecordType.opt.rawValue else { continue }
            // Once, and of the root (RFC 6891 section 6.1.1).
            guard query.extensions == nil, fixed == start + 1 else { return nil }
            query.extensions = DNSExtensions(
                udpLimit: message.uint16(at: fixed + 2), version: message.uint8(at: fixed + 5),
                wantsDNSSEC: message.uint16(at: fixed + 6) & DNSFlags.dnssecOK != 0)
        }
        return query
    }

    /// The name in the question, which cannot point to an earlier one: there is none.
    private static func name(_ message: RawSpan, at start: Int) -> (DNSName, end: Int)? {
        var wire: [UInt8] = []
        var position = start
        while position < message.byteCount {
            let length = Int(message.uint8(at: position))
            guard length <= DNSName.longestLabel, message.byteCount - position > length,
                wire.count + 1 + length < DNSName.longestName || length == 0
            else { return nil }
            for index in position...(position + length) { wire.append(message.uint8(at: index)) }
            position += 1 + length
            if length == 0 { return (DNSName(unchecked: wire), position) }
        }
        return nil
    }

    /// Where a record's name ends; pointers are not followed.
    private static func skipName(_ message: RawSpan, at start: Int) -> Int? {
        var position = start
        while position < message.byteCount, position - start <= DNSName.longestName {
            let length = Int(message.uint8(at: position))
            if length & 0xC0 == 0xC0 { return message.byteCount - position >= 2 ? position + 2 : nil }
            if length & 0xC0 != 0 { return nil }
            position += 1 + length
            if length == 0 { return position }
        }
        return nil
    }
}

extension RawSpan {
    /// One byte; the offset is inside.
    func uint8(at offset: Int) -> UInt8 { unsafeLoad(fromByteOffset: offset, as: UInt8.self) }

    /// Two bytes in network order; the offset is inside.
    func uint16(at offset: Int) -> UInt16 { UInt16(uint8(at: offset)) << 8 | UInt16(uint8(at: offset + 1)) }
}
