/// A query that other servers are to answer: what to send them, and what their answers are worth.
public struct DNSForwardedQuery: Sendable {
    private let query: DNSQuery
    private let transport: DNSTransport
    /// The question section, its case as it was asked.
    private let question: [UInt8]

    init(_ query: DNSQuery, message: RawSpan, _ transport: DNSTransport) {
        self.query = query
        self.transport = transport
        var question: [UInt8] = []
        question.reserveCapacity(query.questionLength)
        for offset in headerSize..<(headerSize + query.questionLength) {
            question.append(message.uint8(at: offset))
        }
        self.question = question
    }

    /// What a server's message is worth.
    public enum Verdict: Hashable, Sendable {
        /// It answers another question, or none: go on waiting.
        case foreign
        /// It answers.
        case answer
        /// It says that the answer is longer than UDP carries, and the client could take it.
        case truncated
        /// The server will not or cannot answer: another one may.
        case failure
    }

    /// The query for a server: header, question and, where the client has it, OPT without options. Cookies
    /// and client subnets are between the client and us.
    public func serialized(id: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(headerSize + question.count + 11)
        let kept = DNSFlags.recursionDesired | DNSFlags.checkingDisabled | DNSFlags.authenticData
        for value in [id, query.flags & kept, 1, 0, 0, query.extensions == nil ? 0 : 1] {
            bytes.append(bigEndian: value)
        }
        bytes += question
        if let extensions = query.extensions {
            bytes.append(0)
            bytes.append(bigEndian: DNSRecordType.opt.rawValue)
            bytes.append(bigEndian: UInt16(clamping: min(query.answerLimit(transport), largestUDPLimit)))
            bytes.append(bigEndian: 0)
            bytes.append(bigEndian: extensions.wantsDNSSEC ? DNSFlags.dnssecOK : 0)
            bytes.append(bigEndian: 0)
        }
        return bytes
    }

    /// Judges a message from the server that was asked: it must have the id and the very bytes of the
    /// question, case included (RFC 5452 section 4.2).
    public func judge(_ message: RawSpan, id: UInt16) -> Verdict {
        guard message.byteCount >= headerSize, message.uint16(at: 0) == id else { return .foreign }
        let flags = message.uint16(at: 2)
        let code = flags & DNSFlags.responseCode
        guard flags & DNSFlags.response != 0, flags & DNSFlags.opcode == 0 else { return .foreign }
        // A server that could not read the query may leave the question out.
        if message.uint16(at: 4) == 0, message.byteCount == headerSize, code != 0 { return .failure }
        guard message.uint16(at: 4) == 1, message.byteCount >= headerSize + question.count else {
            return .foreign
        }
        for offset in question.indices where message.uint8(at: headerSize + offset) != question[offset] {
            return .foreign
        }
        if code == DNSResponseCode.serverFailure.rawValue || code == DNSResponseCode.refused.rawValue
            || code == DNSResponseCode.notImplemented.rawValue
        {
            return .failure
        }
        return flags & DNSFlags.truncated != 0 && transport == .tcp ? .truncated : .answer
    }

    /// Writes a server's answer for the client: the client's id, recursion available, and no word that the
    /// data is authentic, for nobody checked it here (RFC 4035 section 4.6).
    ///
    /// What is longer than the client takes becomes an answer without records and with TC. False, with
    /// nothing written, where there is no room for the answer.
    public func write(_ answer: RawSpan, into output: inout OutputRawSpan) -> Bool {
        if answer.byteCount > query.answerLimit(transport) {
            return write(DNSResponse(code: .noError, isTruncated: true), into: &output)
        }
        guard answer.byteCount >= headerSize, answer.byteCount <= output.freeCapacity else { return false }
        output.append(bigEndian: query.id)
        output.append(
            bigEndian: answer.uint16(at: 2) & ~DNSFlags.authenticData | DNSFlags.recursionAvailable)
        for offset in 4..<answer.byteCount { output.append(answer.uint8(at: offset)) }
        return true
    }

    /// Writes SERVFAIL for the client; false, with nothing written, where there is no room.
    public func writeFailure(into output: inout OutputRawSpan) -> Bool {
        write(DNSResponse(code: .serverFailure), into: &output)
    }

    private func write(_ response: DNSResponse, into output: inout OutputRawSpan) -> Bool {
        let head = Array(repeating: 0, count: headerSize) + question
        return response.write(to: query, question: head.span.bytes, transport, into: &output)
    }
}

extension [UInt8] {
    /// Appends a number in network order.
    fileprivate mutating func append(bigEndian value: UInt16) {
        append(UInt8(value >> 8))
        append(UInt8(value & 0xFF))
    }
}
