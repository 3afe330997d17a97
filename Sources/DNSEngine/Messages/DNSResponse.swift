/// Writes answers: header, the question as it was asked, records of its name, OPT.
struct DNSResponse {
    /// One answer's data; its owner is the question's name.
    enum Record {
        case address4(UInt32)
        case address6(UInt128)
        case pointer(DNSName)
        case text([UInt8])

        var type: DNSRecordType {
            switch self {
            case .address4: .a
            case .address6: .aaaa
            case .pointer: .ptr
            case .text: .txt
            }
        }

        /// RDLENGTH.
        var size: Int {
            switch self {
            case .address4: 4
            case .address6: 16
            case .pointer(let name): name.wire.count
            case .text(let strings): strings.count
            }
        }
    }

    var code: DNSResponseCode
    /// Whether the answer is from what we know ourselves.
    var isAuthoritative = false
    var records: [Record] = []
    /// Whether TC is set whatever fits.
    var isTruncated = false

    /// Name pointer, type, class, TTL, length.
    private static let fixedSize = 12
    private static let optSize = 11

    /// Writes an answer of just the header, to a message that has no readable question.
    static func writeHeader(
        id: UInt16, flags: UInt16, _ code: DNSResponseCode, into output: inout OutputRawSpan
    ) -> Bool {
        guard output.freeCapacity >= headerSize else { return false }
        let kept = flags & (DNSFlags.opcode | DNSFlags.recursionDesired | DNSFlags.checkingDisabled)
        output.append(bigEndian: id)
        output.append(
            bigEndian: DNSFlags.response | DNSFlags.recursionAvailable | kept
                | code.rawValue & DNSFlags.responseCode)
        for _ in 0..<4 { output.append(bigEndian: UInt16(0)) }
        return true
    }

    /// Writes the answer; false, with nothing written, where not even header and question fit.
    ///
    /// `question` is the message that asked, or just its first bytes up to the end of the question.
    func write(
        to query: DNSQuery, question: RawSpan, _ transport: DNSTransport, into output: inout OutputRawSpan
    ) -> Bool {
        let limit = min(query.answerLimit(transport), output.freeCapacity)
        let optSize = query.extensions == nil ? 0 : Self.optSize
        var size = headerSize + query.questionLength + optSize
        guard size <= limit else { return false }
        var count = 0
        for record in records {
            guard size + Self.fixedSize + record.size <= limit else { break }
            size += Self.fixedSize + record.size
            count += 1
        }
        var flags = DNSFlags.response | DNSFlags.recursionAvailable | code.rawValue & DNSFlags.responseCode
        flags |= query.flags & (DNSFlags.recursionDesired | DNSFlags.checkingDisabled)
        if isAuthoritative { flags |= DNSFlags.authoritative }
        if isTruncated || count < records.count { flags |= DNSFlags.truncated }
        output.append(bigEndian: query.id)
        output.append(bigEndian: flags)
        output.append(bigEndian: UInt16(1))
        output.append(bigEndian: UInt16(count))
        output.append(bigEndian: UInt16(0))
        output.append(bigEndian: UInt16(optSize == 0 ? 0 : 1))
        for offset in headerSize..<(headerSize + query.questionLength) {
            output.append(question.uint8(at: offset))
        }
        for record in records.prefix(count) { Self.write(record, into: &output) }
        if let extensions = query.extensions { Self.write(extensions, code, into: &output) }
        return true
    }

    private static func write(_ record: Record, into output: inout OutputRawSpan) {
        // A pointer to the question's name (RFC 1035 section 4.1.4).
        output.append(bigEndian: 0xC000 | UInt16(headerSize))
        output.append(bigEndian: record.type.rawValue)
        output.append(bigEndian: DNSClass.internet.rawValue)
        // TTL 0, as dnsmasq says of hosts files: ask again, the port may be gone.
        output.append(bigEndian: UInt16(0))
        output.append(bigEndian: UInt16(0))
        output.append(bigEndian: UInt16(record.size))
        switch record {
        case .address4(let address):
            output.append(bigEndian: UInt16(truncatingIfNeeded: address >> 16))
            output.append(bigEndian: UInt16(truncatingIfNeeded: address))
        case .address6(let address):
            var shift: UInt128 = 128
            while shift > 0 {
                shift -= 16
                output.append(bigEndian: UInt16(truncatingIfNeeded: address >> shift))
            }
        case .pointer(let name): for byte in name.wire { output.append(byte) }
        case .text(let strings): for byte in strings { output.append(byte) }
        }
    }

    /// OPT (RFC 6891 section 6.1.2): our own limit, the code's upper bits, version 0, DO as it was asked.
    private static func write(
        _ extensions: DNSExtensions, _ code: DNSResponseCode, into output: inout OutputRawSpan
    ) {
        output.append(UInt8(0))
        output.append(bigEndian: DNSRecordType.opt.rawValue)
        output.append(bigEndian: UInt16(largestUDPLimit))
        output.append(bigEndian: (code.rawValue >> 4) << 8)
        output.append(bigEndian: extensions.wantsDNSSEC ? DNSFlags.dnssecOK : 0)
        output.append(bigEndian: UInt16(0))
    }
}

extension DNSQuery {
    /// How long an answer may be.
    func answerLimit(_ transport: DNSTransport) -> Int {
        switch transport {
        case .tcp: Int(UInt16.max)
        case .udp:
            min(max(extensions.map { Int($0.udpLimit) } ?? 0, smallestUDPLimit), largestUDPLimit)
        }
    }
}

extension OutputRawSpan {
    /// Appends one byte; there is room.
    mutating func append(_ byte: UInt8) { append(byte, as: UInt8.self) }

    /// Appends a number in network order; there is room.
    mutating func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8), as: UInt8.self)
        append(UInt8(value & 0xFF), as: UInt8.self)
    }
}
