/// A domain name in wire format: labels with their lengths, a zero at the end (RFC 1035 section 3.1).
///
/// Equal where the bytes are equal: fold the case first where it must not matter.
public struct DNSName: Hashable, Sendable {
    /// The labels with the final zero, at most 255 bytes.
    public let wire: [UInt8]

    /// The longest name and the longest label (RFC 1035 section 2.3.4).
    static let longestName = 255
    static let longestLabel = 63

    /// Takes over bytes that are known to be a whole name.
    init(unchecked wire: [UInt8]) { self.wire = wire }

    /// The root.
    public static let root = DNSName(unchecked: [0])

    /// Reads labels joined by dots, perhaps with a final dot; nil where one is empty or too long. The empty
    /// text and a single dot are the root. Backslashes have no meaning.
    public init?(_ text: some StringProtocol) {
        if text == "." {
            self = .root
            return
        }
        var wire: [UInt8] = []
        wire.reserveCapacity(text.utf8.count + 2)
        var lengthAt = 0
        wire.append(0)
        for byte in text.utf8 {
            if byte == 0x2E {
                if wire[lengthAt] == 0 { return nil }
                lengthAt = wire.count
                wire.append(0)
            } else {
                if wire[lengthAt] == Self.longestLabel { return nil }
                wire[lengthAt] += 1
                wire.append(byte)
            }
        }
        if wire[lengthAt] != 0 { wire.append(0) }
        if wire.count > Self.longestName { return nil }
        self.wire = wire
    }

    /// The name with ASCII capitals made small: names are equal without regard to case (RFC 4343).
    public var folded: DNSName { DNSName(unchecked: wire.map(asciiLowercased)) }

    /// Whether the name is below the other or the same; both folded.
    func isWithin(_ ancestor: DNSName) -> Bool { prefixLength(before: ancestor) != nil }

    /// How many bytes of labels come before the ancestor's; 0 where it is the same name, nil where the name
    /// is not below it.
    func prefixLength(before ancestor: DNSName) -> Int? {
        var position = 0
        while wire.count - position > ancestor.wire.count { position += 1 + Int(wire[position]) }
        return wire[position...].elementsEqual(ancestor.wire) ? position : nil
    }

    /// The name without its first label; nil for the root.
    var parent: DNSName? {
        wire[0] == 0 ? nil : DNSName(unchecked: Array(wire[(1 + Int(wire[0]))...]))
    }

    /// The labels, first to last, without the root's.
    var labels: [ArraySlice<UInt8>] {
        var labels: [ArraySlice<UInt8>] = []
        var position = 0
        while wire[position] != 0 {
            let end = position + 1 + Int(wire[position])
            labels.append(wire[(position + 1)..<end])
            position = end
        }
        return labels
    }

    /// The name that has the label before the other's; nil where it would be too long.
    init?(label: [UInt8], below ancestor: DNSName) {
        guard (1...Self.longestLabel).contains(label.count),
            1 + label.count + ancestor.wire.count <= Self.longestName
        else { return nil }
        self.init(unchecked: [UInt8(label.count)] + label + ancestor.wire)
    }
}

extension DNSName: CustomStringConvertible {
    /// The labels joined by dots with a dot at the end; what is not printable ASCII as in `\009`, dots and
    /// backslashes inside labels with a backslash (RFC 4343 section 2.1).
    public var description: String {
        if wire[0] == 0 { return "." }
        var text = ""
        for label in labels {
            for byte in label {
                switch byte {
                case 0x2E, 0x5C: text += "\\\(Character(UnicodeScalar(byte)))"
                case 0x21...0x7E: text.unicodeScalars.append(UnicodeScalar(byte))
                default: text += "\\" + String(1000 + Int(byte)).dropFirst()
                }
            }
            text += "."
        }
        return text
    }
}

/// A small letter for an ASCII capital; everything else as it is.
func asciiLowercased(_ byte: UInt8) -> UInt8 {
    (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
}
