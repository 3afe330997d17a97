/// Bytes as hexadecimal text.
enum Hexadecimal {
    /// Two digits.
    static func digits(_ byte: UInt8) -> String {
        let digits = Array("0123456789abcdef")
        return "\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
    }

    /// Two digits per byte, joined by colons.
    static func colons(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map(digits).joined(separator: ":")
    }
}
