import Addressing
import NetworkModel

/// Writes the JSON of one record, with no tree and nothing looked up: every commit waits for it.
///
/// Keys and punctuation are the caller's; ``RecordReader`` reads the same.
struct RecordWriter {
    private(set) var bytes: [UInt8] = []

    /// Creates a writer with room for so many bytes.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Writes keys and punctuation.
    mutating func write(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func bool(_ value: Bool) { write(value ? "true" : "false") }

    mutating func integer(_ value: some BinaryInteger) { ascii(String(value)) }

    mutating func array<Element>(
        _ elements: [Element], of element: (Element, inout RecordWriter) -> Void
    ) {
        write("[")
        var isFirst = true
        for value in elements {
            if !isFirst { write(",") }
            isFirst = false
            element(value, &self)
        }
        write("]")
    }

    mutating func strings(_ texts: [String]) { array(texts) { $1.string($0) } }

    mutating func string(_ text: String) {
        write("\"")
        var text = text
        text.withUTF8 { utf8 in
            var start = 0
            for index in utf8.indices {
                let byte = utf8[index]
                guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
                bytes.append(contentsOf: utf8[start..<index])
                escape(byte)
                start = index + 1
            }
            bytes.append(contentsOf: utf8[start...])
        }
        write("\"")
    }

    /// Writes what a string may not have as it is (RFC 8259 section 7).
    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case 0x08: write("\\b")
        case 0x09: write("\\t")
        case 0x0A: write("\\n")
        case 0x0C: write("\\f")
        case 0x0D: write("\\r")
        case 0..<0x20:
            write("\\u00")
            hexadecimal(byte)
        default:
            write("\\")
            bytes.append(byte)
        }
    }

    // MARK: Values that are written as text

    /// Writes a value as its text, which has nothing to escape.
    mutating func text(_ value: some TextConvertible) {
        write("\"")
        ascii(value.description)
        write("\"")
    }

    mutating func identifier(_ id: ResourceID) {
        write("\"")
        for index in 0..<16 {
            if index == 4 || index == 6 || index == 8 || index == 10 { write("-") }
            hexadecimal(UInt8(truncatingIfNeeded: id.rawValue >> UInt128(8 * (15 - index))))
        }
        write("\"")
    }

    private mutating func ascii(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Writes a byte as two digits.
    private mutating func hexadecimal(_ byte: UInt8) {
        bytes.append(Self.digit(byte >> 4))
        bytes.append(Self.digit(byte & 0xF))
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
