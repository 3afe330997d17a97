import DHCPDrivers

/// Values as dnsmasq's files can hold them, so that none can turn into configuration.
///
/// dnsmasq reads a file line by line with a buffer of 1,024 bytes: what is longer becomes another line.
/// Outside quotes `#` after white space begins a comment, a comma ends a field and spaces around it
/// go; `"` begins a quoted part in which `\` escapes. Bytes below 0x20 stand for hidden characters.
enum DnsmasqText {
    /// The longest line that is read as one, without its line feed.
    static let longestLine = 1022

    /// An option's value, quoted where dnsmasq would read something else than its characters.
    static func optionValue(_ value: String) -> String {
        needsQuotes(Array(value.utf8)) ? quoted(value) : value
    }

    private static func needsQuotes(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first, let last = bytes.last else { return false }
        if first == 0x20 || last == 0x20 || first == 0x23 { return true }
        if bytes.contains(0x22) || bytes.contains(0x09) { return true }
        // A comma at the front would be an empty first field; white space before # begins a comment.
        return zip(bytes, bytes.dropFirst()).contains { $0 == 0x20 && $1 == 0x23 }
    }

    /// The value in quotes, inside which nothing but the quote itself has a meaning.
    static func quoted(_ value: String) -> String {
        var text = "\""
        for character in value.unicodeScalars {
            switch character {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\t": text += "\\t"
            default: text.unicodeScalars.append(character)
            }
        }
        return text + "\""
    }

    /// A client identifier behind `id:`: as given where it is plain text, hexadecimal bytes, or `*`
    /// ("ignore the client's identifier"); all else as the hexadecimal bytes of its UTF-8.
    static func clientID(_ value: String) -> String {
        let bytes = Array(value.utf8)
        if value == "*" || HexBytes.parse(value) != nil || bytes.allSatisfy(isPlain) { return value }
        if bytes.count == 1 { return quoted(value) }
        return HexBytes.text(bytes)
    }

    /// Characters without a meaning in a host line.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case 0x2D, 0x2E, 0x5F, 0x2B, 0x40, 0x2F, 0x3D: true  // - . _ + @ / =
        default: false
        }
    }

    /// A host name as it may stand in a host line, or nil where dnsmasq would refuse the whole line.
    ///
    /// Quoted where it would be read as a lease time, an address or a keyword.
    static func hostLineName(_ name: String) -> String? {
        guard isHostname(name) else { return nil }
        return isMistakable(name) ? quoted(name) : name
    }

    /// `ignore`, `infinite`, a number with or without a unit of time, an address: not for a name.
    private static func isMistakable(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        if !(0x30...0x39).contains(first) {
            let lower = name.utf8.count <= 8 ? name.lowercased() : ""
            return lower == "ignore" || lower == "infinite"
        }
        let rest = name.utf8.drop { (0x30...0x39).contains($0) || $0 == 0x2E }
        // s, m, h, d and w in either case.
        return rest.isEmpty
            || (rest.count == 1 && [0x73, 0x6D, 0x68, 0x64, 0x77].contains((rest.first ?? 0) | 0x20))
    }
}

/// Bytes written as two hexadecimal digits each, joined by colons.
enum HexBytes {
    /// Two or more groups of one or two digits, or nil.
    static func parse(_ text: some StringProtocol) -> [UInt8]? {
        let groups = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard groups.count > 1 else { return nil }
        var bytes: [UInt8] = []
        for group in groups {
            guard let byte = byte(group) else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    /// As ``parse(_:)``, or just one group.
    static func parseAny(_ text: some StringProtocol) -> [UInt8]? {
        if let bytes = parse(text) { return bytes }
        return byte(Array(text.utf8)).map { [$0] }
    }

    /// The bytes in lower case.
    static func text(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            if !text.isEmpty { text.append(0x3A) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func byte(_ group: some Collection<UInt8>) -> UInt8? {
        guard (1...2).contains(group.count) else { return nil }
        var value: UInt8 = 0
        for digit in group {
            switch digit {
            case 0x30...0x39: value = value << 4 | (digit - 0x30)
            case 0x61...0x66: value = value << 4 | (digit - 0x61 + 10)
            case 0x41...0x46: value = value << 4 | (digit - 0x41 + 10)
            default: return nil
            }
        }
        return value
    }
}
