/// Why bytes are no DHCP message.
public enum DHCPParseError: Error, Hashable, Sendable {
    /// The bytes end inside the field.
    case truncated(field: String)
    /// The magic cookie of RFC 2131 section 3 is missing: plain BOOTP, or not BOOTP at all.
    case noMagicCookie
    /// A field has a value that the RFC does not allow.
    case malformed(field: String, value: UInt32)
    /// An option's value has not the length or content that its RFC wants.
    case malformedOption(code: UInt16)
}

extension DHCPParseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .truncated(let field): "the message ends inside \(field)"
        case .noMagicCookie: "no DHCP magic cookie"
        case .malformed(let field, let value): "\(field) may not be \(value)"
        case .malformedOption(let code): "option \(code) is malformed"
        }
    }
}

/// Why a message has no bytes.
public enum DHCPSerializeError: Error, Hashable, Sendable {
    /// A field holds more bytes than it has room for.
    case tooLong(field: String, count: Int)
    /// The option code cannot stand in a message: 0 and 255 have no value in version 4.
    case unsendableOption(code: UInt16)
    /// What may not be dropped needs more bytes than the largest message has.
    case doesNotFit(count: Int, limit: Int)
    /// More relay agents than RFC 8415 section 7.6 allows.
    case tooManyRelays(count: Int)
}
