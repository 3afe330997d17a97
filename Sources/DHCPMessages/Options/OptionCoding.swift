import Addressing

/// Text of an option's value to its bytes, by format; what dnsmasq sends for the same text.
enum DHCPOptionCoding {
    /// The bytes, or nil where the text has not the format's form.
    static func encode(_ value: String, _ format: DHCPOptionFormat, _ version: DHCPVersion) -> [UInt8]? {
        switch format {
        case .addresses: return addresses(value, version)
        case .addressPairs:
            guard let bytes = addresses(value, .v4), bytes.count % 8 == 0 else { return nil }
            return bytes
        case .text: return value.isEmpty ? nil : Array(value.utf8)
        case .domainNames(let compressed): return DomainNames.encode(fields(value), compressed: compressed)
        case .seconds: return seconds(value)
        case .integer(let count): return integer(value, bytes: count)
        case .signedInteger: return signedInteger(value)
        case .classlessRoutes: return classlessRoutes(value) ?? hexOfShape(value, format, version)
        case .sipServers:
            if let bytes = addresses(value, .v4) { return [1] + bytes }
            // What dnsmasq reads as a number, bytes or broken addresses is no name.
            guard OptionGuess.bytes(value, version) == Array(value.utf8) else {
                return hexOfShape(value, format, version)
            }
            return DomainNames.encode(fields(value), compressed: false).map { [0] + $0 }
        case .lengthPrefixedStrings:
            let parts = fields(value)
            guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
            return parts.flatMap { part in
                let count = UInt16(truncatingIfNeeded: part.utf8.count)
                return [UInt8(count >> 8), UInt8(count & 0xFF)] + Array(part.utf8)
            }
        case .ntpServers: return hexOfShape(value, format, version) ?? ntpServers(value)
        case .untyped: return OptionGuess.bytes(value, version)
        }
    }

    /// A client identifier: hexadecimal bytes joined by colons, else the text itself.
    static func clientID(_ value: String) -> [UInt8] {
        hexBytes(value) ?? Array(value.utf8)
    }

    /// Hexadecimal bytes joined by colons, where they are a value of the format.
    private static func hexOfShape(
        _ value: String, _ format: DHCPOptionFormat, _ version: DHCPVersion
    ) -> [UInt8]? {
        guard let bytes = hexBytes(value), DHCPOptionRegistry.typed(bytes, format, version) != nil else {
            return nil
        }
        return bytes
    }

    /// The comma-separated parts without the spaces around them.
    static func fields(_ value: String) -> [String] {
        value.split(separator: ",", omittingEmptySubsequences: false).map { trim($0) }
    }

    private static func trim(_ text: Substring) -> String {
        var rest = text
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }

    static func addresses(_ value: String, _ version: DHCPVersion) -> [UInt8]? {
        var bytes: [UInt8] = []
        for field in fields(value) {
            if version == .v4 {
                guard let address = IPv4Address(field) else { return nil }
                bytes += address.octets
            } else {
                let bare =
                    field.hasPrefix("[") && field.hasSuffix("]") ? field.dropFirst().dropLast() : field[...]
                guard let address = IPv6Address(bare) else { return nil }
                bytes += address.octets
            }
        }
        return bytes
    }

    private static func seconds(_ value: String) -> [UInt8]? {
        let text = trim(value[...])
        let units: [Character: UInt64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
        var digits = text[...]
        var factor: UInt64 = 1
        if let last = digits.last, let unit = units[Character(last.lowercased())] {
            factor = unit
            digits = digits.dropLast()
        }
        guard let number = decimal(digits), number <= UInt64(UInt32.max),
            number * factor <= UInt64(UInt32.max)
        else { return nil }
        return bigEndian(UInt32(number * factor), bytes: 4)
    }

    /// A decimal, perhaps with the suffix that names this width, or as many hexadecimal bytes.
    private static func integer(_ value: String, bytes: Int) -> [UInt8]? {
        let text = trim(value[...])
        if text.contains(":") {
            guard let hex = hexBytes(text), hex.count == bytes else { return nil }
            return hex
        }
        let suffix: Character = bytes == 1 ? "b" : bytes == 2 ? "s" : "i"
        guard let number = decimal(text.last == suffix ? text.dropLast() : text[...]),
            number <= UInt64(DHCPOptionFormat.largest(bytes))
        else { return nil }
        return bigEndian(UInt32(number), bytes: bytes)
    }

    /// The same in two's complement of 32 bits.
    private static func signedInteger(_ value: String) -> [UInt8]? {
        let text = trim(value[...])
        guard text.hasPrefix("-") else { return integer(value, bytes: 4) }
        let digits = text.dropFirst()
        guard let magnitude = decimal(digits.last == "i" ? digits.dropLast() : digits),
            magnitude <= 1 << 31
        else { return nil }
        return bigEndian(UInt32(truncatingIfNeeded: 0 &- magnitude), bytes: 4)
    }

    /// RFC 3442: prefix length, the significant octets of the destination, the next hop.
    private static func classlessRoutes(_ value: String) -> [UInt8]? {
        let parts = fields(value)
        guard parts.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: parts.count, by: 2) {
            guard let destination = IPPrefix(parts[index]), case .v4(let network) = destination.address,
                let hop = IPv4Address(parts[index + 1])
            else { return nil }
            bytes.append(UInt8(destination.length))
            bytes += network.octets.prefix((destination.length + 7) / 8)
            bytes += hop.octets
        }
        return bytes
    }

    /// RFC 5908: suboption 1 per address, suboption 3 per name.
    private static func ntpServers(_ value: String) -> [UInt8]? {
        if let all = addresses(value, .v6) {
            return stride(from: 0, to: all.count, by: 16).flatMap { [0, 1, 0, 16] + all[$0..<$0 + 16] }
        }
        var bytes: [UInt8] = []
        for field in fields(value) {
            guard let name = DomainNames.encode([field], compressed: false) else { return nil }
            bytes += [0, 3] + bigEndian(UInt32(name.count), bytes: 2) + name
        }
        return bytes
    }

    /// Two or more groups of one or two hexadecimal digits joined by colons, or nil.
    static func hexBytes(_ text: String) -> [UInt8]? {
        let groups = text.utf8.split(separator: 0x3A, omittingEmptySubsequences: false)
        guard groups.count > 1 else { return nil }
        var bytes: [UInt8] = []
        for group in groups {
            guard (1...2).contains(group.count), group.allSatisfy(isHexDigit),
                let byte = UInt8(String(Substring(group)), radix: 16)
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
    }

    /// A decimal of at most 10 digits, or nil.
    static func decimal(_ text: Substring) -> UInt64? {
        guard (1...10).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return UInt64(text)
    }

    static func bigEndian(_ value: UInt32, bytes: Int) -> [UInt8] {
        (0..<bytes).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * (bytes - 1 - $0))) }
    }
}
