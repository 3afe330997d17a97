/// An address with a prefix length, as in `10.0.0.0/24` (RFC 4632 section 3.1, RFC 4291 section 2.3).
///
/// The host bits may be set: `10.0.0.5/24` is an interface's address with its network. ``network``
/// clears them. Lengths run from 0 to 32 or 128.
public struct IPPrefix: Hashable, Sendable {
    /// The address, host bits included.
    public let address: IPAddress
    /// The number of leading bits that name the network.
    public let length: Int

    /// Creates a prefix, or returns nil where the length does not fit the version.
    public init?(_ address: IPAddress, length: Int) {
        guard (0...address.version.bitWidth).contains(length) else { return nil }
        self.address = address
        self.length = length
    }

    /// Creates the prefix that holds just one address.
    public init(host address: IPAddress) {
        self.address = address
        length = address.version.bitWidth
    }

    /// Parses `address/length`, or returns nil; a bare address is no prefix.
    public init?(_ text: some StringProtocol) {
        guard let slash = text.lastIndex(of: "/"), let address = IPAddress(text[..<slash]) else { return nil }
        let digits = text[text.index(after: slash)...]
        guard (1...3).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.utf8.first != 0x30 || digits.utf8.count == 1, let length = Int(digits)
        else { return nil }
        self.init(address, length: length)
    }

    /// The version of the address.
    public var version: IPVersion { address.version }

    /// The prefix with all host bits cleared.
    public var network: IPPrefix { IPPrefix(first, length: length) ?? self }

    /// The first address of the network: all host bits clear.
    public var first: IPAddress { .init(number: address.number & ~hostMask, version: version) }

    /// The last address of the network: all host bits set (the broadcast address of an IPv4 subnet).
    public var last: IPAddress { .init(number: address.number | hostMask, version: version) }

    /// All addresses of the network, first to last.
    public var range: AddressRange { AddressRange(unchecked: first, last) }

    /// The IPv4 netmask, as in 255.255.255.0; nil for IPv6.
    public var netmask: IPv4Address? {
        version == .v4 ? IPv4Address(rawValue: ~UInt32(truncatingIfNeeded: hostMask)) : nil
    }

    /// Whether the address is in the network.
    public func contains(_ other: IPAddress) -> Bool {
        other.version == version && (other.number ^ address.number) & ~hostMask == 0
    }

    /// Whether the two networks share an address.
    public func overlaps(_ other: IPPrefix) -> Bool {
        contains(other.first) || other.contains(first)
    }

    /// The IPv6 address that a host with this MAC configures in the network (RFC 4862 section 5.5.3);
    /// nil unless this is an IPv6 /64.
    public func eui64Address(for mac: MACAddress) -> IPv6Address? {
        guard case .v6(let base) = first, length == 64 else { return nil }
        return IPv6Address(rawValue: base.rawValue | UInt128(mac.eui64))
    }

    /// Ones in the host bits.
    private var hostMask: UInt128 {
        let bits = version.bitWidth - length
        return bits == 128 ? .max : (1 << UInt128(bits)) - 1
    }
}

extension IPPrefix: CustomStringConvertible {
    /// `address/length`.
    public var description: String { "\(address)/\(length)" }
}
