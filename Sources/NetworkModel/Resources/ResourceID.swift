public import Addressing

/// The identifier of a network, subnet, port, agent, subnet pool or quota: a UUID (RFC 9562).
public struct ResourceID: Hashable, Sendable {
    /// The 128 bits, first octet most significant.
    public let rawValue: UInt128

    /// Creates an identifier from its bits, first octet most significant.
    public init(rawValue: UInt128) { self.rawValue = rawValue }

    /// Parses the 36 characters of RFC 9562 section 4, in either case, or returns nil.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 36 else { return nil }
        var value: UInt128 = 0
        for (index, byte) in bytes.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard byte == 0x2D else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case 0x30...0x39: digit = byte - 0x30
            case 0x61...0x66: digit = byte - 0x61 + 10
            case 0x41...0x46: digit = byte - 0x41 + 10
            default: return nil
            }
            value = value << 4 | UInt128(digit)
        }
        rawValue = value
    }

    /// A random identifier of version 4 (RFC 9562 section 5.4).
    public static func random(using generator: inout some RandomNumberGenerator) -> ResourceID {
        let bits = UInt128(generator.next()) << 64 | UInt128(generator.next())
        return ResourceID(rawValue: bits & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62)
    }
}

extension ResourceID: Comparable {
    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension ResourceID: TextConvertible {
    public init?(text: String) { self.init(text) }

    /// The 36 lower-case characters of RFC 9562 section 4.
    public var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(unsafeUninitializedCapacity: 36) { buffer in
            var shift: UInt128 = 124
            for index in 0..<36 {
                if index == 8 || index == 13 || index == 18 || index == 23 {
                    buffer[index] = 0x2D
                } else {
                    buffer[index] = digits[Int(truncatingIfNeeded: rawValue >> shift & 15)]
                    shift = shift &- 4
                }
            }
            return 36
        }
    }
}
