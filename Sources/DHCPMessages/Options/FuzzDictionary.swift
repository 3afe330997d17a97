extension DHCPOptionRegistry {
    /// The registry as a dictionary in libFuzzer's form: `name="\x35\x01"`, a line per row.
    ///
    /// Version 4: the code, with the length where the format fixes one, and the magic cookie. Version 6:
    /// code and length in two bytes each.
    public static func fuzzDictionary(_ version: DHCPVersion) -> String {
        var lines = ["# DHCPv\(version.rawValue) options, printed from the registry."]
        if version == .v4 { lines.append(entry("magic-cookie", [0x63, 0x82, 0x53, 0x63])) }
        for row in definitions(version) {
            let length = fixedLength(row.format, version)
            var bytes: [UInt8] = []
            if version == .v4 {
                bytes.append(UInt8(truncatingIfNeeded: row.code))
                if let length { bytes.append(UInt8(truncatingIfNeeded: length)) }
            } else {
                bytes.append(bigEndian: row.code)
                if let length { bytes.append(bigEndian: UInt16(truncatingIfNeeded: length)) }
            }
            lines.append(entry(row.name, bytes))
        }
        let messages: ClosedRange<UInt8> = version == .v4 ? 1...15 : 1...13
        for type in messages {
            lines.append(
                version == .v4
                    ? entry(DHCPv4MessageType(rawValue: type).description, [53, 1, type])
                    : entry(DHCPv6MessageType(rawValue: type).description, [type]))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The bytes of the shortest value where the format has a width; nil where any length will do.
    private static func fixedLength(_ format: DHCPOptionFormat, _ version: DHCPVersion) -> Int? {
        switch format {
        case .addresses: version == .v4 ? 4 : 16
        case .addressPairs: 8
        case .seconds, .signedInteger: 4
        case .integer(let bytes): bytes
        case .text, .domainNames, .classlessRoutes, .sipServers, .lengthPrefixedStrings, .ntpServers,
            .untyped:
            nil
        }
    }

    /// A dictionary line; names have letters, digits and underscores there.
    private static func entry(_ name: String, _ bytes: [UInt8]) -> String {
        let word = name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
        return String(word) + "=\"" + bytes.map { "\\x\(Hexadecimal.digits($0))" }.joined() + "\""
    }
}
