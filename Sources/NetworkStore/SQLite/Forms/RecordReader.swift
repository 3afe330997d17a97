import Addressing
import NetworkModel

/// Reads the JSON of one record in the very form in which ``RecordWriter`` writes it: keys in order, no
/// white space. A start of the service reads every record of its store, so this has to be quick: one pass,
/// no dictionaries, nothing looked up.
///
/// It knows that form and no other. Whatever else it meets, be it other valid JSON or damage, is
/// ``Unfamiliar``: `JSONDecoder` is asked then, and has the last word.
struct RecordReader {
    /// The text is not in the form that the store writes.
    struct Unfamiliar: Error {}

    private let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    /// Reads from the bytes, which must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next byte; 0, which JSON text never has, after the last one.
    private var next: UInt8 { position < bytes.count ? bytes[position] : 0 }

    /// Goes past the text if it comes next.
    @inline(__always)
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - position >= count else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
        position += count
        return true
    }

    /// Goes past the text, which has to come next.
    @inline(__always)
    mutating func expect(_ text: StaticString) throws(Unfamiliar) {
        guard take(text) else { throw Unfamiliar() }
    }

    /// There must be nothing left.
    func expectEnd() throws(Unfamiliar) {
        guard position == bytes.count else { throw Unfamiliar() }
    }

    // MARK: Values

    mutating func bool() throws(Unfamiliar) -> Bool {
        if take("true") { return true }
        try expect("false")
        return false
    }

    /// A whole number of at most 18 digits.
    mutating func integer() throws(Unfamiliar) -> Int64 {
        let isNegative = take("-")
        let start = position
        var value: Int64 = 0
        while case 0x30...0x39 = next, position - start < 18 {
            value = value * 10 + Int64(next - 0x30)
            position += 1
        }
        let count = position - start
        // Neither "007" nor "-0", and no fraction, exponent or further digit.
        guard count > 0, bytes[start] != 0x30 || count == 1 && !isNegative, next == 0x2C || next == 0x7D
        else { throw Unfamiliar() }
        return isNegative ? -value : value
    }

    mutating func array<Element>(
        of element: (inout RecordReader) throws(Unfamiliar) -> Element
    ) throws(Unfamiliar) -> [Element] {
        try expect("[")
        if take("]") { return [] }
        var elements: [Element] = []
        repeat { elements.append(try element(&self)) } while take(",")
        try expect("]")
        return elements
    }

    mutating func strings() throws(Unfamiliar) -> [String] {
        try array { reader throws(Unfamiliar) in try reader.string() }
    }

    mutating func string() throws(Unfamiliar) -> String {
        try expect("\"")
        let start = position
        var union: UInt8 = 0
        while position < bytes.count {
            let byte = bytes[position]
            if byte == 0x22 {
                let text = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position += 1
                return try Self.string(text, isASCII: union < 0x80)
            }
            if byte == 0x5C { return try escapedString(from: start) }
            // A control character has to be escaped (RFC 8259 section 7).
            guard byte >= 0x20 else { throw Unfamiliar() }
            union |= byte
            position += 1
        }
        throw Unfamiliar()
    }

    private static func string(
        _ text: UnsafeBufferPointer<UInt8>, isASCII: Bool
    ) throws(Unfamiliar) -> String {
        if isASCII { return String(decoding: text, as: UTF8.self) }
        guard let valid = String(validating: text, as: UTF8.self) else { throw Unfamiliar() }
        return valid
    }

    /// Goes on with a string that began at the index and has an escape at the position.
    private mutating func escapedString(from start: Int) throws(Unfamiliar) -> String {
        var text = Array(bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case 0x22:
                guard let valid = String(validating: text, as: UTF8.self) else { throw Unfamiliar() }
                return valid
            case 0x5C: text += try escaped().utf8
            case 0..<0x20: throw Unfamiliar()
            default: text.append(byte)
            }
        }
        throw Unfamiliar()
    }

    /// The character of an escape whose backslash has been read; pairs of surrogates are never written.
    private mutating func escaped() throws(Unfamiliar) -> Unicode.Scalar {
        let kind = next
        position += 1
        switch kind {
        case 0x22, 0x5C, 0x2F: return Unicode.Scalar(kind)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            var code: UInt32 = 0
            for _ in 0..<4 {
                guard let digit = Character(Unicode.Scalar(next)).hexDigitValue else { throw Unfamiliar() }
                code = code << 4 | UInt32(digit)
                position += 1
            }
            guard let scalar = Unicode.Scalar(code) else { throw Unfamiliar() }
            return scalar
        default: throw Unfamiliar()
        }
    }

    // MARK: Values that are written as text

    /// A value by its text, in whatever form it accepts.
    mutating func text<Value: TextConvertible>(_: Value.Type = Value.self) throws(Unfamiliar) -> Value {
        guard let value = Value(text: try string()) else { throw Unfamiliar() }
        return value
    }

    /// A value by its raw text.
    mutating func raw<Value: RawRepresentable<String>>(
        _: Value.Type = Value.self
    ) throws(Unfamiliar) -> Value {
        guard let value = Value(rawValue: try string()) else { throw Unfamiliar() }
        return value
    }

    mutating func identifier() throws(Unfamiliar) -> ResourceID {
        guard bytes.count - position >= 38, bytes[position] == 0x22, bytes[position + 37] == 0x22 else {
            throw Unfamiliar()
        }
        // Free of branches over the digits, which follow no pattern.
        var high: UInt64 = 0
        var low: UInt64 = 0
        var wrong: UInt8 = 0
        for index in 1..<37 {
            let byte = bytes[position + index]
            if index == 9 || index == 14 || index == 19 || index == 24 {
                wrong |= byte ^ 0x2D
                continue
            }
            let digit = Self.hexadecimal(byte, &wrong)
            high = high << 4 | low >> 60
            low = low << 4 | UInt64(digit)
        }
        guard wrong == 0 else { throw Unfamiliar() }
        position += 38
        return ResourceID(rawValue: UInt128(high) << 64 | UInt128(low))
    }

    mutating func macAddress() throws(Unfamiliar) -> MACAddress {
        guard bytes.count - position >= 19, bytes[position] == 0x22, bytes[position + 18] == 0x22 else {
            throw Unfamiliar()
        }
        var value: UInt64 = 0
        var wrong: UInt8 = 0
        for octet in 0..<6 {
            let start = position + 1 + octet * 3
            value = value << 4 | UInt64(Self.hexadecimal(bytes[start], &wrong))
            value = value << 4 | UInt64(Self.hexadecimal(bytes[start + 1], &wrong))
            if octet < 5 { wrong |= bytes[start + 2] ^ 0x3A }
        }
        guard wrong == 0 else { throw Unfamiliar() }
        position += 19
        return MACAddress(rawValue: value)
    }

    mutating func address() throws(Unfamiliar) -> IPAddress {
        let start = position
        if let address = dottedQuad() { return .v4(address) }
        position = start
        return try text()
    }

    /// An IPv4 address; nil, wherever that leaves the position, if it is none.
    private mutating func dottedQuad() -> IPv4Address? {
        guard take("\"") else { return nil }
        var value: UInt32 = 0
        for index in 0..<4 {
            let start = position
            var octet: UInt32 = 0
            while case 0x30...0x39 = next, position - start < 3 {
                octet = octet * 10 + UInt32(next - 0x30)
                position += 1
            }
            let count = position - start
            guard count > 0, octet < 256, bytes[start] != 0x30 || count == 1 else { return nil }
            guard next == (index < 3 ? 0x2E : 0x22) else { return nil }
            position += 1
            value = value << 8 | octet
        }
        return IPv4Address(rawValue: value)
    }

    /// The value of a lower-case hexadecimal digit; sets bits if it is none.
    @inline(__always)
    private static func hexadecimal(_ byte: UInt8, _ wrong: inout UInt8) -> UInt8 {
        let digit = (byte & 0xF) &+ (byte >> 6) &* 9
        wrong |= byte ^ (digit < 10 ? 0x30 &+ digit : 0x57 &+ digit) | digit & 0xF0
        return digit
    }
}
