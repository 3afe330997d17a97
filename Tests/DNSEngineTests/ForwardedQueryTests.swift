import Addressing
import Testing

@testable import DNSEngine

/// What is sent to other servers and believed of them.
@Suite struct ForwardedQueryTests {
    func forwarded(_ query: [UInt8], _ transport: DNSTransport = .udp) throws -> DNSForwardedQuery {
        let outcome = makeEngine { $0.forwards = true }.exchange(query, transport).outcome
        guard case .forward(let query) = outcome else { throw Unexpected(text: "\(outcome)") }
        return query
    }

    struct Unexpected: Error { let text: String }

    func written(_ body: (inout OutputRawSpan) -> Bool, room: Int = 4096) -> [UInt8]? {
        var isWritten = false
        let bytes = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            let raw = UnsafeMutableRawBufferPointer(buffer)
            var output = OutputRawSpan(buffer: raw, initializedCount: 0)
            isWritten = body(&output)
            count = output.finalize(for: raw)
        }
        return isWritten ? bytes : nil
    }

    /// An answer with one address.
    func answer(_ query: [UInt8], code: UInt8 = 0, flags: UInt8 = 0x84) -> [UInt8] {
        var bytes = query
        bytes[2] = flags
        bytes[3] = 0x80 | code
        bytes[7] = 1
        bytes[11] = 0
        return bytes + [0xC0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4, 192, 0, 2, 1]
    }

    @Test func `the question goes out as it came, with another id and without the client's options`() throws {
        let cookie: [UInt8] = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        let query = try forwarded(.query("ExamPle.com", .a, udpLimit: 4096, options: cookie))
        #expect(query.serialized(id: 0xABCD) == .query("ExamPle.com", .a, id: 0xABCD, udpLimit: 1232))
        let plain = try forwarded(.query("example.com", .a))
        #expect(plain.serialized(id: 1) == .query("example.com", .a, id: 1))
    }

    @Test func `only the id and the very question are believed`() throws {
        let query = try forwarded(.query("Example.com", .a))
        let good = answer(query.serialized(id: 7))
        #expect(query.judge(good.span.bytes, id: 7) == .answer)
        #expect(query.judge(good.span.bytes, id: 8) == .foreign)
        let otherCase = answer(.query("example.com", .a, id: 7))
        #expect(query.judge(otherCase.span.bytes, id: 7) == .foreign)
        let otherType = answer(.query("Example.com", .aaaa, id: 7))
        #expect(query.judge(otherType.span.bytes, id: 7) == .foreign)
        #expect(query.judge(query.serialized(id: 7).span.bytes, id: 7) == .foreign)
        for count in 0..<29 { #expect(query.judge(Array(good.prefix(count)).span.bytes, id: 7) == .foreign) }
        var two = good
        two[5] = 2
        #expect(query.judge(two.span.bytes, id: 7) == .foreign)
    }

    @Test func `a server that cannot answer is told from one that can`() throws {
        let query = try forwarded(.query("example.com", .a))
        for code: UInt8 in [2, 4, 5] {
            #expect(query.judge(answer(query.serialized(id: 7), code: code).span.bytes, id: 7) == .failure)
        }
        for code: UInt8 in [0, 3] {
            #expect(query.judge(answer(query.serialized(id: 7), code: code).span.bytes, id: 7) == .answer)
        }
        let bare: [UInt8] = [0, 7, 0x81, 0x81, 0, 0, 0, 0, 0, 0, 0, 0]
        #expect(query.judge(bare.span.bytes, id: 7) == .failure)
    }

    @Test func `a truncated answer is enough by UDP and not by TCP`() throws {
        let datagram = try forwarded(.query("example.com", .a))
        let short = answer(datagram.serialized(id: 7), flags: 0x86)
        #expect(datagram.judge(short.span.bytes, id: 7) == .answer)
        #expect(try forwarded(.query("example.com", .a), .tcp).judge(short.span.bytes, id: 7) == .truncated)
    }

    @Test func `the client gets its id back, and no promise that data is authentic`() throws {
        let query = try forwarded(.query("example.com", .a, id: 0x4321))
        var upstream = answer(query.serialized(id: 7))
        upstream[3] = 0x20
        let bytes = try #require(written { query.write(upstream.span.bytes, into: &$0) })
        #expect(Array(bytes.prefix(4)) == [0x43, 0x21, 0x84, 0x80])
        #expect(bytes.dropFirst(4).elementsEqual(upstream.dropFirst(4)))
        #expect(written({ query.write(upstream.span.bytes, into: &$0) }, room: 30) == nil)
    }

    @Test func `an answer longer than the client takes becomes a truncated one`() throws {
        let query = try forwarded(.query("example.com", .a))
        let long = answer(query.serialized(id: 7)) + [UInt8](repeating: 0, count: 600)
        let message = try #require(
            written { query.write(long.span.bytes, into: &$0) }.flatMap { Message($0) })
        #expect(message.isTruncated && message.id == 0x1234 && message.answers.isEmpty)
        #expect(message.questions == ["example.com. 1 1"])
        let stream = try forwarded(.query("example.com", .a), .tcp)
        #expect(written { stream.write(long.span.bytes, into: &$0) }?.count == long.count)
    }

    @Test func `a failure carries the question`() throws {
        let query = try forwarded(.query("example.com", .a, udpLimit: 1232))
        let message = try #require(written { query.writeFailure(into: &$0) }.flatMap { Message($0) })
        #expect(
            message.code == 2 && message.questions == ["example.com. 1 1"] && message.additionals.count == 1)
    }
}
