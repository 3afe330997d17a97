/// The options of a message, of a relay's header or of another option, read where they are.
///
/// The lengths are checked once, when the block is made; nothing is copied.
struct DHCPv6OptionBlock: Sequence {
    /// An option: its code, and where its value is.
    struct Element {
        var code: UInt16
        var value: Range<Int>
    }

    let bytes: [UInt8]
    let range: Range<Int>

    /// Takes the range for options; nil where a length leads outside of it (RFC 8415 section 21.1).
    init?(_ bytes: [UInt8], _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return nil }
        var at = range.lowerBound
        while at < range.upperBound {
            guard at + 4 <= range.upperBound else { return nil }
            at += 4 + Int(bytes.uint16(at: at + 2))
        }
        guard at == range.upperBound else { return nil }
        self.bytes = bytes
        self.range = range
    }

    struct Iterator: IteratorProtocol {
        let bytes: [UInt8]
        var at: Int
        let end: Int

        mutating func next() -> Element? {
            guard at < end else { return nil }
            let start = at + 4
            let element = Element(
                code: bytes.uint16(at: at), value: start..<start + Int(bytes.uint16(at: at + 2)))
            at = element.value.upperBound
            return element
        }
    }

    func makeIterator() -> Iterator { Iterator(bytes: bytes, at: range.lowerBound, end: range.upperBound) }

    /// Where the value of the first option of the code is.
    func first(_ code: UInt16) -> Range<Int>? {
        for option in self where option.code == code { return option.value }
        return nil
    }
}

extension [UInt8] {
    /// The number in network order at the offset, which must lie inside.
    func uint16(at offset: Int) -> UInt16 {
        UInt16(self[offset]) << 8 | UInt16(self[offset + 1])
    }

    /// The number in network order at the offset, which must lie inside.
    func uint32(at offset: Int) -> UInt32 {
        UInt32(uint16(at: offset)) << 16 | UInt32(uint16(at: offset + 2))
    }

    /// The number in network order at the offset, which must lie inside.
    func uint128(at offset: Int) -> UInt128 {
        self[offset..<offset + 16].reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Appends a number in network order.
    mutating func appendNumber(_ number: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: type(of: number).bitWidth - 8, through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Appends an option of version 6.
    mutating func appendOption6(_ code: UInt16, _ data: some Collection<UInt8>) {
        appendNumber(code)
        appendNumber(UInt16(truncatingIfNeeded: data.count))
        append(contentsOf: data)
    }
}
