/// A 48-bit Ethernet address (EUI-48), held in the low bits of one integer.
///
/// Text is six pairs of hexadecimal digits joined by colons, or by hyphens as some tools print them.
/// `fa:16:3e:00:00:01` and `FA-16-3E-00-00-01` parse; `fa16.3e00.0001`, `fa:16:3e:0:0:1` do not.
public struct MACAddress: Hashable, Sendable {
    /// The address as a number below 2^48, first octet most significant.
    public let rawValue: UInt64

    /// Creates an address from its low 48 bits, first octet most significant.
    public init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// Creates an address from six octets in the order in which they travel, or nil if the count differs.
    public init?(octets: some Collection<UInt8>) {
        guard octets.count == 6 else { return nil }
        rawValue = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Parses six pairs of hexadecimal digits joined by one kind of separator, or returns nil.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 17, bytes[2] == 0x3A || bytes[2] == 0x2D else { return nil }
        var value: UInt64 = 0
        for index in 0..<6 {
            let at = index * 3
            guard let high = hexDigit(bytes[at]), let low = hexDigit(bytes[at + 1]),
                index == 5 || bytes[at + 2] == bytes[2]
            else { return nil }
            value = value << 8 | UInt64(high << 4 | low)
        }
        rawValue = value
    }

    /// The six octets, in the order in which they travel.
    public var octets: [UInt8] {
        (0..<6).map { UInt8(truncatingIfNeeded: rawValue >> UInt64(40 - 8 * $0)) }
    }

    /// Whether the group bit is set: a multicast or broadcast address, which no interface can own.
    public var isMulticast: Bool { rawValue >> 40 & 1 == 1 }

    /// The modified EUI-64 interface identifier (RFC 4291 appendix A).
    public var eui64: UInt64 {
        let high = rawValue >> 24
        let low = rawValue & 0xFF_FFFF
        return (high << 40 | 0xFFFE << 24 | low) ^ 0x0200_0000_0000_0000
    }

    /// The link-local address that the kernel derives from this address (RFC 4862 section 5.3).
    public var linkLocal: IPv6Address {
        IPv6Address(rawValue: 0xFE80 << 112 | UInt128(eui64))
    }
}

extension MACAddress: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension MACAddress: CustomStringConvertible {
    /// Six lower-case pairs joined by colons.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 17) { buffer in
            for (index, octet) in octets.enumerated() {
                buffer[index * 3] = digits[Int(octet >> 4)]
                buffer[index * 3 + 1] = digits[Int(octet & 15)]
                if index < 5 { buffer[index * 3 + 2] = 0x3A }
            }
            return 17
        }
    }
}
