/// Why a text is no JSON that is accepted here, and where.
public struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What sort of fault it is.
    public enum Kind: Hashable, Sendable {
        case unexpectedEnd
        case unexpectedByte(UInt8)
        case trailingBytes
        case badNumber
        case badEscape
        /// A `\u` escape names half a surrogate pair (RFC 8259 section 8.2).
        case loneSurrogate
        /// A control character stands unescaped in a string (RFC 8259 section 7).
        case controlCharacter
        case invalidUTF8
        case duplicateKey(String)
        case tooDeep(limit: Int)
    }

    public let kind: Kind
    /// The offset in bytes at which the fault was seen.
    public let offset: Int

    public init(_ kind: Kind, offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    public var description: String {
        let reason =
            switch kind {
            case .unexpectedEnd: "the text ends too early"
            case .unexpectedByte(let byte):
                (0x21...0x7E).contains(byte)
                    ? "'\(Character(Unicode.Scalar(byte)))' is not expected"
                    : "byte 0x\(String(byte, radix: 16, uppercase: true)) is not expected"
            case .trailingBytes: "something follows the value"
            case .badNumber: "the number is malformed"
            case .badEscape: "the escape is malformed"
            case .loneSurrogate: "the escape names half a surrogate pair"
            case .controlCharacter: "a control character must be escaped"
            case .invalidUTF8: "the string is not UTF-8"
            case .duplicateKey(let key): "the key \(JSONValue.pythonQuoted(key)) appears twice"
            case .tooDeep(let limit): "values are nested deeper than \(limit)"
            }
        return "\(reason) (at byte \(offset))"
    }
}
