import Addressing

/// Neutron's names for ports without one: `host-` and the address with hyphens for its dots or colons.
///
/// They are computed in both directions, so no table has to hold them.
enum DefaultNames {
    private static let start = Array("host-".utf8)
    /// `host-` and eight groups of four digits.
    private static let longest = 5 + 39

    /// The label of an address.
    static func label(of address: IPAddress) -> [UInt8] {
        var label = start
        switch address {
        case .v4(let v4):
            var shift: UInt32 = 32
            while shift > 0 {
                shift -= 8
                let octet = UInt8(truncatingIfNeeded: v4.rawValue >> shift)
                if octet >= 100 { label.append(0x30 + octet / 100) }
                if octet >= 10 { label.append(0x30 + octet / 10 % 10) }
                label.append(0x30 + octet % 10)
                if shift > 0 { label.append(0x2D) }
            }
        case .v6(let v6):
            for byte in v6.description.utf8 { label.append(byte == 0x3A || byte == 0x2E ? 0x2D : byte) }
        }
        return label
    }

    /// The addresses that have this folded label: none or one, or two where an IPv4-mapped address and
    /// another are called the same.
    static func addresses(of label: ArraySlice<UInt8>) -> [IPAddress] {
        guard label.starts(with: start), label.count <= longest else { return [] }
        let digits = label.dropFirst(start.count)
        var candidates: [IPAddress] = []
        if let v4 = IPv4Address(text(digits[...], hyphen: ".")) { candidates.append(.v4(v4)) }
        if let v6 = IPv6Address(text(digits[...], hyphen: ":")) { candidates.append(.v6(v6)) }
        let mapped = Array("--ffff-".utf8)
        if digits.starts(with: mapped),
            let v4 = IPv4Address(text(digits.dropFirst(mapped.count), hyphen: "."))
        {
            let address = IPv6Address(rawValue: 0xFFFF << 32 | UInt128(v4.rawValue))
            if !candidates.contains(.v6(address)) { candidates.append(.v6(address)) }
        }
        // Only the canonical text names it.
        return candidates.filter { self.label(of: $0).elementsEqual(label) }
    }

    private static func text(_ digits: ArraySlice<UInt8>, hyphen: Character) -> String {
        String(String(decoding: digits, as: UTF8.self).map { $0 == "-" ? hyphen : $0 })
    }
}
