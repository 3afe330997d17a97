/// An IPv6 address (RFC 4291), held as one integer in host order.
///
/// Text is any form of RFC 4291 section 2.2, without a zone; it is printed as RFC 5952 wants it.
/// `::`, `fe80::1`, `2001:0DB8::`, `::ffff:10.0.0.1` parse; `1::2::3`, `12345::`, `fe80::1%eth0` do not.
public struct IPv6Address: Hashable, Sendable {
    /// The address as a number, most significant group first.
    public var rawValue: UInt128

    /// Creates an address from its number, most significant group first.
    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// Creates an address from sixteen octets in the order in which they travel, or nil if the count differs.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 16 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// Parses a form of RFC 4291 section 2.2, or returns nil.
    public init?(_ text: some StringProtocol) {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var compressed = false
        var rest = Array(text.utf8)[...]
        if rest.starts(with: [0x3A, 0x3A]) {
            compressed = true
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 0x3A) ?? rest.endIndex
            let part = rest[rest.startIndex..<end]
            var groups: [UInt16]
            if part.contains(0x2E) {
                guard end == rest.endIndex, let v4 = IPv4Address(String(decoding: part, as: UTF8.self))
                else { return nil }
                groups = [
                    UInt16(truncatingIfNeeded: v4.rawValue >> 16),
                    UInt16(truncatingIfNeeded: v4.rawValue),
                ]
            } else {
                guard let group = Self.group(part) else { return nil }
                groups = [group]
            }
            if compressed { tail += groups } else { head += groups }
            if head.count + tail.count > 8 { return nil }
            rest = rest[end...]
            if rest.isEmpty { break }
            rest = rest.dropFirst()
            if rest.first == 0x3A {
                if compressed { return nil }
                compressed = true
                rest = rest.dropFirst()
            } else if rest.isEmpty {
                return nil
            }
        }
        let count = head.count + tail.count
        guard compressed ? count < 8 : count == 8 else { return nil }
        let groups = head + Array(repeating: 0, count: 8 - count) + tail
        rawValue = groups.reduce(0) { $0 << 16 | UInt128($1) }
    }

    /// One group of one to four hexadecimal digits.
    private static func group(_ bytes: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(bytes.count) else { return nil }
        var value: UInt16 = 0
        for byte in bytes {
            guard let digit = hexDigit(byte) else { return nil }
            value = value << 4 | UInt16(digit)
        }
        return value
    }

    /// `::`, the unspecified address.
    public static let any = IPv6Address(rawValue: 0)

    /// The sixteen octets, in the order in which they travel.
    public var octets: [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: rawValue >> UInt128(120 - 8 * $0)) }
    }

    /// Whether the address is in ff00::/8.
    public var isMulticast: Bool { rawValue >> 120 == 0xFF }
    /// Whether the address is ::1.
    public var isLoopback: Bool { rawValue == 1 }
    /// Whether the address is in fe80::/10.
    public var isLinkLocal: Bool { rawValue >> 118 == 0x3FA }
}

extension IPv6Address: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension IPv6Address: CustomStringConvertible {
    /// The canonical text of RFC 5952: lower case, the first longest run of two or more zero groups
    /// compressed, IPv4-mapped addresses with a dotted quad.
    public var description: String {
        if rawValue >> 32 == 0xFFFF {
            return "::ffff:\(IPv4Address(rawValue: UInt32(truncatingIfNeeded: rawValue)))"
        }
        let groups = (0..<8).map { UInt16(truncatingIfNeeded: rawValue >> UInt128(112 - 16 * $0)) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8 && groups[end] == 0 { end += 1 }
            if end - start >= 2 && end - start > best.count { best = start..<end }
            start = max(end, start + 1)
        }
        func join(_ part: ArraySlice<UInt16>) -> String {
            part.map { String($0, radix: 16) }.joined(separator: ":")
        }
        if best.isEmpty { return join(groups[...]) }
        return join(groups[..<best.lowerBound]) + "::" + join(groups[best.upperBound...])
    }
}

/// The value of a hexadecimal digit in either case, or nil.
func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x61 + 10
    case 0x41...0x46: byte - 0x41 + 10
    default: nil
    }
}
