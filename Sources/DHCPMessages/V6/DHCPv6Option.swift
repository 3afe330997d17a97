/// An option's code with its bytes (RFC 8415 section 21.1).
public struct DHCPv6Option: Hashable, Sendable {
    public var code: UInt16
    public var data: [UInt8]

    public init(_ code: UInt16, _ data: [UInt8]) {
        self.code = code
        self.data = data
    }

    /// Parses options up to the last byte; a length that leads outside throws.
    public static func parse(_ bytes: ArraySlice<UInt8>) throws(DHCPParseError) -> [DHCPv6Option] {
        var reader = ByteReader(bytes)
        var options: [DHCPv6Option] = []
        while reader.remaining > 0 {
            let code = try reader.uint16("option code")
            let count = try reader.uint16("option \(code)")
            options.append(DHCPv6Option(code, Array(try reader.take(Int(count), "option \(code)"))))
        }
        return options
    }

    /// The bytes of options, in order.
    public static func serialize(_ options: [DHCPv6Option]) throws(DHCPSerializeError) -> [UInt8] {
        var bytes: [UInt8] = []
        for option in options {
            guard let count = UInt16(exactly: option.data.count) else {
                throw .tooLong(field: "option \(option.code)", count: option.data.count)
            }
            bytes.append(bigEndian: option.code)
            bytes.append(bigEndian: count)
            bytes += option.data
        }
        return bytes
    }
}
