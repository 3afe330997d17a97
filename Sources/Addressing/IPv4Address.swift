/// An IPv4 address (RFC 791), held as one integer in host order.
///
/// Text is the strict dotted quad: four decimal numbers from 0 to 255 without leading zeros.
/// `10.0.0.1` parses; `10.1`, `010.0.0.1`, `10.0.0.256` and ` 10.0.0.1` do not.
public struct IPv4Address: Hashable, Sendable {
    /// The address as a number, most significant octet first.
    public var rawValue: UInt32

    /// Creates an address from its number, most significant octet first.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Creates an address from its four octets, in the order in which they are written.
    public init(_ a: UInt8, _ b: UInt8, _ c: UInt8, _ d: UInt8) {
        rawValue = UInt32(a) << 24 | UInt32(b) << 16 | UInt32(c) << 8 | UInt32(d)
    }

    /// Parses the strict dotted quad, or returns nil.
    public init?(_ text: some StringProtocol) {
        var value: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39:
                if digits == 1 && octet == 0 { return nil }
                octet = octet * 10 + UInt32(byte - 0x30)
                digits += 1
                if digits > 3 || octet > 255 { return nil }
            case 0x2E:
                if digits == 0 { return nil }
                value = value << 8 | octet
                octet = 0
                digits = 0
                dots += 1
                if dots > 3 { return nil }
            default: return nil
            }
        }
        if dots != 3 || digits == 0 { return nil }
        rawValue = value << 8 | octet
    }

    /// `0.0.0.0`, "this host on this network" (RFC 1122 section 3.2.1.3).
    public static let any = IPv4Address(rawValue: 0)
    /// `255.255.255.255`, the limited broadcast address.
    public static let broadcast = IPv4Address(rawValue: .max)

    /// The four octets, in the order in which they travel.
    public var octets: [UInt8] {
        [
            UInt8(truncatingIfNeeded: rawValue >> 24), UInt8(truncatingIfNeeded: rawValue >> 16),
            UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue),
        ]
    }

    /// Whether the address is in 224.0.0.0/4 (RFC 5771).
    public var isMulticast: Bool { rawValue >> 28 == 0xE }
    /// Whether the address is in 127.0.0.0/8.
    public var isLoopback: Bool { rawValue >> 24 == 127 }
}

extension IPv4Address: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension IPv4Address: CustomStringConvertible {
    /// The dotted quad.
    public var description: String {
        String(unsafeUninitializedCapacity: 15) { buffer in
            var count = 0
            func append(_ byte: UInt32) {
                buffer[count] = UInt8(truncatingIfNeeded: byte)
                count += 1
            }
            for shift in stride(from: 24, through: 0, by: -8) {
                let octet = rawValue >> shift & 0xFF
                if octet >= 100 { append(0x30 + octet / 100) }
                if octet >= 10 { append(0x30 + octet / 10 % 10) }
                append(0x30 + octet % 10)
                if shift > 0 { append(0x2E) }
            }
            return count
        }
    }
}
