// Typed views of options. An absent option is nil or empty; one of the wrong length throws.
extension DHCPv6Message {
    /// Option 1, the client (RFC 8415 section 21.2).
    public func clientIdentifier() throws(DHCPParseError) -> DUID? { try duid(1) }

    /// Option 2, the server (RFC 8415 section 21.3).
    public func serverIdentifier() throws(DHCPParseError) -> DUID? { try duid(2) }

    /// All options 3, the associations with addresses (RFC 8415 section 21.4), in order.
    public func identityAssociations() throws(DHCPParseError) -> [DHCPv6IdentityAssociation] {
        var associations: [DHCPv6IdentityAssociation] = []
        for option in options where option.code == 3 {
            associations.append(try DHCPv6IdentityAssociation(parsing: option.data))
        }
        return associations
    }

    /// Option 6, the options that the client asks for (RFC 8415 section 21.7), in its order.
    public func requestedOptions() throws(DHCPParseError) -> [UInt16]? {
        guard let data = self[option: 6] else { return nil }
        guard data.count % 2 == 0 else { throw .malformedOption(code: 6) }
        return stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]) }
    }

    /// Option 7, 0 to 255, the highest wins (RFC 8415 section 21.8).
    public func preference() throws(DHCPParseError) -> UInt8? {
        guard let data = self[option: 7] else { return nil }
        guard data.count == 1 else { throw .malformedOption(code: 7) }
        return data[0]
    }

    /// Option 8, since the client began, in hundredths of a second (RFC 8415 section 21.9).
    public func elapsedTime() throws(DHCPParseError) -> UInt16? {
        guard let data = self[option: 8] else { return nil }
        guard data.count == 2 else { throw .malformedOption(code: 8) }
        return UInt16(data[0]) << 8 | UInt16(data[1])
    }

    /// Option 13 (RFC 8415 section 21.13); nil means success.
    public func status() throws(DHCPParseError) -> DHCPv6Status? {
        guard let data = self[option: 13] else { return nil }
        return try DHCPv6Status(parsing: data)
    }

    /// Option 14, whether a two-message exchange is wanted (RFC 8415 section 21.14); it has no value.
    public func wantsRapidCommit() throws(DHCPParseError) -> Bool {
        guard let data = self[option: 14] else { return false }
        guard data.isEmpty else { throw .malformedOption(code: 14) }
        return true
    }

    /// Option 15, the user classes (RFC 8415 section 21.15).
    public func userClasses() throws(DHCPParseError) -> [[UInt8]]? {
        guard let data = self[option: 15] else { return nil }
        return try Self.strings(data[...], 15)
    }

    /// Option 16: the vendor's enterprise number and its class data (RFC 8415 section 21.16).
    public func vendorClass() throws(DHCPParseError) -> (enterprise: UInt32, data: [[UInt8]])? {
        guard let data = self[option: 16] else { return nil }
        var reader = ByteReader(data[...])
        guard let enterprise = try? reader.uint32("") else { throw .malformedOption(code: 16) }
        return (enterprise, try Self.strings(data[reader.position...], 16))
    }

    /// Option 39, the client's full name (RFC 4704).
    public func clientFQDN() throws(DHCPParseError) -> DHCPClientFQDN? {
        guard let data = self[option: 39] else { return nil }
        return try DHCPClientFQDN(parsing: data, .v6)
    }

    /// Option 61, the architectures that the client can boot, best first (RFC 5970 section 3.3).
    public func clientArchitectures() throws(DHCPParseError) -> [UInt16]? {
        guard let data = self[option: 61] else { return nil }
        guard !data.isEmpty, data.count % 2 == 0 else { throw .malformedOption(code: 61) }
        return stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]) }
    }

    private func duid(_ code: UInt16) throws(DHCPParseError) -> DUID? {
        guard let data = self[option: code] else { return nil }
        guard let duid = try? DUID(parsing: data) else { throw .malformedOption(code: code) }
        return duid
    }

    /// Strings, each behind its 16-bit length.
    private static func strings(
        _ data: ArraySlice<UInt8>, _ code: UInt16
    ) throws(DHCPParseError) -> [[UInt8]] {
        var reader = ByteReader(data)
        var strings: [[UInt8]] = []
        while reader.remaining > 0 {
            guard let count = try? reader.uint16(""), let string = try? reader.take(Int(count), "") else {
                throw .malformedOption(code: code)
            }
            strings.append(Array(string))
        }
        return strings
    }
}
