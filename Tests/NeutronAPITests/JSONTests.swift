import NetworkModel
import NeutronAPI
import Testing

private func parse(_ text: String, depth: Int = 32) throws -> JSONValue {
    try JSONParser(maximumDepth: depth).parse(Array(text.utf8))
}

private func failure(_ bytes: [UInt8], depth: Int = 32) -> JSONError? {
    do {
        _ = try JSONParser(maximumDepth: depth).parse(bytes)
        return nil
    } catch {
        return error
    }
}

private func written(_ value: JSONValue) -> String {
    var writer = JSONWriter()
    writer.value(value)
    return String(decoding: writer.bytes, as: UTF8.self)
}

/// A small generator with a seed, so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite struct JSONParsing {
    @Test(
        arguments: [
            ("null", .null), ("true", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
            ("-0", .integer(0)), ("-17", .integer(-17)), (" 42 ", .integer(42)),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .decimal("9223372036854775808")),
            ("1.50", .decimal("1.50")), ("1e3", .decimal("1e3")), ("-2.5E-7", .decimal("-2.5E-7")),
            ("\"\"", .string("")), ("\"a\\n\\\"\\\\\\/\\u0041\"", .string("a\n\"\\/A")),
            ("\"\\ud83d\\ude00\"", .string("😀")), ("\"😀\"", .string("😀")), ("[]", .array([])),
            ("[1 ,2]", .array([.integer(1), .integer(2)])), ("{}", .object(JSONObject())),
            ("\r\n\t{ \"a\" : [ ] }", .object(JSONObject(members: [.init(key: "a", value: .array([]))]))),
        ] as [(String, JSONValue)])
    func `what the grammar allows parses to its value`(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[1", .unexpectedEnd, 2),
            ("{\"a\"", .unexpectedEnd, 4), ("\"ab", .unexpectedEnd, 3), ("tru", .unexpectedEnd, 3),
            ("nulk", .unexpectedByte(0x6B), 3), ("NaN", .unexpectedByte(0x4E), 0),
            ("Infinity", .unexpectedByte(0x49), 0), ("'a'", .unexpectedByte(0x27), 0),
            ("[1,]", .unexpectedByte(0x5D), 3), ("[,1]", .unexpectedByte(0x2C), 1),
            ("{\"a\":1,}", .unexpectedByte(0x7D), 7), ("{a:1}", .unexpectedByte(0x61), 1),
            ("{\"a\" 1}", .unexpectedByte(0x31), 5), ("[1 2]", .unexpectedByte(0x32), 3),
            ("[1}", .unexpectedByte(0x7D), 2), ("// x", .unexpectedByte(0x2F), 0), ("1 2", .trailingBytes, 2),
            ("{}{}", .trailingBytes, 2), ("null\0", .trailingBytes, 4), ("01", .badNumber, 0),
            ("-", .badNumber, 0), ("1.", .badNumber, 0), (".5", .unexpectedByte(0x2E), 0),
            ("1e", .badNumber, 0),
            ("1e+", .badNumber, 0), ("+1", .unexpectedByte(0x2B), 0), ("0x10", .trailingBytes, 1),
            ("\"\\x41\"", .badEscape, 1), ("\"\\u00g0\"", .badEscape, 1), ("\"\\ud83d\"", .loneSurrogate, 1),
            ("\"\\ud83d\\u0041\"", .loneSurrogate, 1), ("\"\\ude00\"", .loneSurrogate, 1),
            ("\"a\nb\"", .controlCharacter, 2), ("\"\\n\u{1}\"", .controlCharacter, 3),
            ("{\"a\":1,\"b\":2,\"a\":3}", .duplicateKey("a"), 13),
            ("{\"a\":1,\"\\u0061\":3}", .duplicateKey("a"), 7),
        ] as [(String, JSONError.Kind, Int)])
    func `what the grammar forbids is refused with its position`(
        text: String, kind: JSONError.Kind, offset: Int
    ) {
        #expect(failure(Array(text.utf8)) == JSONError(kind, offset: offset))
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF5, 0x80, 0x80, 0x80, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22],
        ] as [[UInt8]])
    func `strings that are not UTF-8 are refused`(bytes: [UInt8]) {
        #expect(failure(bytes) == JSONError(.invalidUTF8, offset: 0))
    }

    @Test func `a byte order mark is refused`() {
        #expect(failure([0xEF, 0xBB, 0xBF, 0x31])?.kind == .unexpectedByte(0xEF))
    }

    @Test func `nesting is allowed up to the limit and refused beyond it`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try parse(nested(32))
        #expect(failure(Array(nested(33).utf8)) == JSONError(.tooDeep(limit: 32), offset: 32))
        _ = try parse("[{\"a\":1}]", depth: 2)
        #expect(failure(Array("[{\"a\":[]}]".utf8), depth: 2)?.kind == .tooDeep(limit: 2))
        #expect(JSONParser(maximumDepth: 100_000).maximumDepth == 512)
    }

    @Test func `a bomb of a million brackets is refused without recursion`() {
        let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
        #expect(failure(bomb)?.kind == .tooDeep(limit: 32))
        #expect(
            failure(Array(String(repeating: "{\"a\":", count: 200_000).utf8))?.kind == .tooDeep(limit: 32))
    }

    @Test func `key order is kept`() throws {
        #expect(try parse("{\"z\":1,\"a\":2,\"m\":3}").object?.keys == ["z", "a", "m"])
    }

    @Test func `random bytes never crash the parser`() throws {
        var generator = SeededGenerator(state: 7)
        let alphabet = Array("[]{}\",:0123456789.eE+-truefalsnu\\ \n\u{1}é".utf8) + [0xFF, 0xC3, 0xED]
        for _ in 0..<20_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
            }
            if let error = failure(bytes) {
                #expect((0...bytes.count).contains(error.offset))
            } else {
                let value = try JSONParser().parse(bytes)
                #expect(try parse(written(value)) == value)
            }
        }
    }

    @Test func `every prefix of a text is refused and never crashes`() {
        let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\n😀"],"b":{"c":null,"d":[true,false]}}"#.utf8)
        for count in 0..<text.count { #expect(failure(Array(text[..<count])) != nil) }
        #expect(failure(text) == nil)
    }
}

@Suite struct JSONWriting {
    @Test(arguments: [
        ("", "\"\""), ("a\"b\\c/", "\"a\\\"b\\\\c/\""), ("\n\r\t\u{8}\u{C}", "\"\\n\\r\\t\\b\\f\""),
        ("\0\u{1F}\u{7F}", "\"\\u0000\\u001f\\u007f\""), ("é😀", "\"é😀\""),
    ])
    func `strings are escaped where RFC 8259 demands it`(text: String, json: String) {
        #expect(written(.string(text)) == json)
    }

    @Test func `commas stand between values and members and nowhere else`() {
        var writer = JSONWriter()
        writer.object { writer in
            writer.key("a")
            writer.array([1, 2]) { $1.integer($0) }
            writer.key("b")
            writer.object { _ in }
            writer.key("c")
            writer.array { writer in
                writer.array { _ in }
                writer.null()
                writer.bool(true)
            }
        }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":[1,2],"b":{},"c":[[],null,true]}"#)
    }

    @Test func `identifiers are written as their text`() {
        var generator = SeededGenerator(state: 1)
        for _ in 0..<100 {
            let id = ResourceID.random(using: &generator)
            var writer = JSONWriter()
            writer.id(id)
            #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"\(id)\"")
        }
    }

    @Test func `random values come back as they were written`() throws {
        var generator = SeededGenerator(state: 11)
        for _ in 0..<2_000 {
            let value = Self.random(depth: 0, &generator)
            #expect(try parse(written(value)) == value)
        }
    }

    private static func random(depth: Int, _ generator: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth < 4 ? 7 : 5), using: &generator) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &generator))
        case 2: return .integer(Int.random(in: .min ... .max, using: &generator))
        case 3: return .decimal("\(Int.random(in: -999...999, using: &generator)).5e2")
        case 4: return .string(text(&generator))
        case 5:
            return .array(
                (0..<Int.random(in: 0...4, using: &generator)).map { _ in random(depth: depth + 1, &generator)
                })
        default:
            var keys = Set<String>()
            for _ in 0..<Int.random(in: 0...4, using: &generator) { keys.insert(text(&generator)) }
            return .object(
                JSONObject(
                    members: keys.sorted().map { .init(key: $0, value: random(depth: depth + 1, &generator)) }
                ))
        }
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let limit: UInt32 = Bool.random(using: &generator) ? 0x80 : 0x2_0000
            if let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &generator)) {
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
