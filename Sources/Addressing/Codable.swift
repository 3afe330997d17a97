// Every type of this room is stored and sent as its text.

/// A value with one canonical text that parses back to it.
public protocol TextConvertible: Codable, CustomStringConvertible {
    /// Parses the text, or returns nil.
    init?(text: String)
}

extension TextConvertible {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text: text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is no valid \(Self.self)")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension IPv4Address: TextConvertible {
    public init?(text: String) { self.init(text) }
}
extension IPv6Address: TextConvertible {
    public init?(text: String) { self.init(text) }
}
extension IPAddress: TextConvertible {
    public init?(text: String) { self.init(text) }
}
extension MACAddress: TextConvertible {
    public init?(text: String) { self.init(text) }
}
extension IPPrefix: TextConvertible {
    public init?(text: String) { self.init(text) }
}
extension AddressRange: TextConvertible {
    public init?(text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = IPAddress(ends[0]), let last = IPAddress(ends[1]) else {
            return nil
        }
        self.init(first, last)
    }
}
