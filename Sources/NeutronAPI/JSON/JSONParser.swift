/// A strict parser of RFC 8259 texts.
///
/// It exists because `JSONSerialization` lets the last of two duplicate keys win (so two readers of
/// one body may see different requests), recurses as deep as the text says (a stack overflow from the
/// network), forgets key order and exact numbers, and builds an object graph that costs several times
/// what parsing does. Input is refused for: duplicate keys, nesting beyond ``maximumDepth``, invalid
/// UTF-8, numbers and literals outside the grammar (`NaN`, `01`, `1.`), unescaped control characters,
/// half surrogate pairs, and anything after the value.
public struct JSONParser: Sendable {
    /// How deep arrays and objects may be nested; 1 allows `[]` and no more.
    public let maximumDepth: Int

    private var bytes: [UInt8] = []
    private var position = 0

    /// Creates a parser; depths beyond 512 are taken as 512, as each level uses the stack.
    public init(maximumDepth: Int = 32) { self.maximumDepth = min(maximumDepth, 512) }

    /// Parses one text of UTF-8 bytes.
    public func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        var parser = self
        parser.bytes = bytes
        parser.skipWhitespace()
        let value = try parser.value(depth: 0)
        parser.skipWhitespace()
        guard parser.position == bytes.count else {
            throw JSONError(.trailingBytes, offset: parser.position)
        }
        return value
    }

    // MARK: values

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        switch try peek() {
        case UInt8(ascii: "{"): return .object(try object(depth: depth + 1))
        case UInt8(ascii: "["): return .array(try array(depth: depth + 1))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case let byte: throw JSONError(.unexpectedByte(byte), offset: position)
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        for offset in 0..<text.utf8CodeUnitCount {
            guard try peek() == text.utf8Start[offset] else {
                throw JSONError(.unexpectedByte(bytes[position]), offset: position)
            }
            position += 1
        }
        return value
    }

    private mutating func array(depth: Int) throws(JSONError) -> [JSONValue] {
        try enter(depth)
        var elements: [JSONValue] = []
        if try close(UInt8(ascii: "]")) { return elements }
        while true {
            elements.append(try value(depth: depth))
            if try separatorOrEnd(UInt8(ascii: "]")) { return elements }
        }
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
        try enter(depth)
        var members: [JSONObject.Member] = []
        var keys = Set<String>()
        if try close(UInt8(ascii: "}")) { return JSONObject() }
        while true {
            let start = position
            guard try peek() == UInt8(ascii: "\"") else {
                throw JSONError(.unexpectedByte(bytes[position]), offset: position)
            }
            let key = try string()
            guard keys.insert(key).inserted else { throw JSONError(.duplicateKey(key), offset: start) }
            skipWhitespace()
            guard try peek() == UInt8(ascii: ":") else {
                throw JSONError(.unexpectedByte(bytes[position]), offset: position)
            }
            position += 1
            skipWhitespace()
            members.append(.init(key: key, value: try value(depth: depth)))
            if try separatorOrEnd(UInt8(ascii: "}")) { return JSONObject(members: members) }
        }
    }

    /// Takes the opening bracket of the given level.
    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= maximumDepth else {
            throw JSONError(.tooDeep(limit: maximumDepth), offset: position)
        }
        position += 1
        skipWhitespace()
    }

    /// Takes the closing bracket if it comes at once.
    private mutating func close(_ bracket: UInt8) throws(JSONError) -> Bool {
        guard try peek() == bracket else { return false }
        position += 1
        return true
    }

    /// Takes a comma (false) or the closing bracket (true).
    private mutating func separatorOrEnd(_ bracket: UInt8) throws(JSONError) -> Bool {
        skipWhitespace()
        let byte = try peek()
        guard byte == bracket || byte == UInt8(ascii: ",") else {
            throw JSONError(.unexpectedByte(byte), offset: position)
        }
        position += 1
        if byte == bracket { return true }
        skipWhitespace()
        return false
    }

    // MARK: numbers

    /// RFC 8259 section 6.
    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isInteger = true
        take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if digits() > 0 { throw JSONError(.badNumber, offset: start) }
        } else if digits() == 0 {
            throw JSONError(.badNumber, offset: start)
        }
        if take(UInt8(ascii: ".")) {
            isInteger = false
            if digits() == 0 { throw JSONError(.badNumber, offset: start) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            if digits() == 0 { throw JSONError(.badNumber, offset: start) }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        return .decimal(text)
    }

    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position - start
    }

    // MARK: strings

    private mutating func string() throws(JSONError) -> String {
        let start = position
        position += 1
        let first = position
        while true {
            switch try peek() {
            case UInt8(ascii: "\""):
                let text = String(validating: bytes[first..<position], as: UTF8.self)
                position += 1
                guard let text else { throw JSONError(.invalidUTF8, offset: start) }
                return text
            case UInt8(ascii: "\\"): return try escapedString(from: first, start: start)
            case 0..<0x20: throw JSONError(.controlCharacter, offset: position)
            default: position += 1
            }
        }
    }

    /// The rest of a string that holds an escape at the current position.
    private mutating func escapedString(from first: Int, start: Int) throws(JSONError) -> String {
        var content = Array(bytes[first..<position])
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw JSONError(.invalidUTF8, offset: start)
                }
                return text
            case UInt8(ascii: "\\"): content.append(contentsOf: String(try escape()).utf8)
            case 0..<0x20: throw JSONError(.controlCharacter, offset: position)
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    /// RFC 8259 section 7.
    private mutating func escape() throws(JSONError) -> Character {
        let start = position
        position += 1
        let byte = try peek()
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Character(Unicode.Scalar(byte))
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw JSONError(.badEscape, offset: start)
        }
        var code = try hexadecimal(start)
        if (0xD800...0xDBFF).contains(code) {
            guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else {
                throw JSONError(.loneSurrogate, offset: start)
            }
            let low = try hexadecimal(start)
            guard (0xDC00...0xDFFF).contains(low) else { throw JSONError(.loneSurrogate, offset: start) }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw JSONError(.loneSurrogate, offset: start) }
        return Character(scalar)
    }

    /// Four hexadecimal digits of the escape that begins at `start`.
    private mutating func hexadecimal(_ start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            let byte = try peek()
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x41...0x46: digit = byte - 0x41 + 10
            case 0x61...0x66: digit = byte - 0x61 + 10
            default: throw JSONError(.badEscape, offset: start)
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    // MARK: bytes

    private func peek() throws(JSONError) -> UInt8 {
        guard position < bytes.count else { throw JSONError(.unexpectedEnd, offset: position) }
        return bytes[position]
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }
}
