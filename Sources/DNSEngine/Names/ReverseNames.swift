import Addressing

/// What a name below in-addr.arpa or ip6.arpa stands for (RFC 1035 section 3.5, RFC 3596 section 2.5).
enum ReverseName: Equatable {
    case address(IPAddress)
    /// Fewer labels than an address has: a block of addresses.
    case block(IPPrefix)
    /// Labels that are no address's, inside the block that those after them name.
    case nonsense(inside: IPPrefix)

    private static let v4Labels = ["in-addr", "arpa"].map { Array($0.utf8) }
    private static let v6Labels = ["ip6", "arpa"].map { Array($0.utf8) }

    /// Reads a folded name; nil where it is no reverse name.
    init?(_ name: DNSName) {
        let labels = name.labels
        guard labels.count >= 2 else { return nil }
        let isV4: Bool
        switch labels.suffix(2).map(Array.init) {
        case Self.v4Labels: isV4 = true
        case Self.v6Labels: isV4 = false
        default: return nil
        }
        let version: IPVersion = isV4 ? .v4 : .v6
        let step = isV4 ? 8 : 4
        var number: UInt128 = 0
        var length = 0
        var rest = labels.dropLast(2)
        while let label = rest.last, length < version.bitWidth,
            let part = isV4 ? Self.octet(label) : Self.nibble(label)
        {
            length += step
            number |= UInt128(part) << UInt128(version.bitWidth - length)
            rest.removeLast()
        }
        let address = IPAddress(number: number, version: version)
        guard let block = IPPrefix(address, length: length) else { return nil }
        if !rest.isEmpty {
            self = .nonsense(inside: block)
        } else if length == version.bitWidth {
            self = .address(address)
        } else {
            self = .block(block)
        }
    }

    /// The addresses that it is about.
    var block: IPPrefix {
        switch self {
        case .address(let address): IPPrefix(host: address)
        case .block(let block), .nonsense(let block): block
        }
    }

    /// 0 to 255 without leading zeros.
    private static func octet(_ label: ArraySlice<UInt8>) -> UInt8? {
        guard (1...3).contains(label.count), label.allSatisfy({ (0x30...0x39).contains($0) }),
            label.count == 1 || label.first != 0x30
        else { return nil }
        return UInt8(exactly: label.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }

    /// One hexadecimal digit, folded.
    private static func nibble(_ label: ArraySlice<UInt8>) -> UInt8? {
        guard label.count == 1, let digit = label.first else { return nil }
        switch digit {
        case 0x30...0x39: return digit - 0x30
        case 0x61...0x66: return digit - 0x61 + 10
        default: return nil
        }
    }
}
