/// The version of the Internet Protocol, with Neutron's numbers 4 and 6.
public enum IPVersion: Int, Hashable, Sendable, CaseIterable {
    case v4 = 4
    case v6 = 6

    /// The number of bits in an address: 32 or 128.
    public var bitWidth: Int { self == .v4 ? 32 : 128 }
}

/// An address of either version. IPv4 sorts before IPv6.
public enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// Parses an address of either version in strict form, or returns nil.
    public init?(_ text: some StringProtocol) {
        if let v4 = IPv4Address(text) {
            self = .v4(v4)
        } else if let v6 = IPv6Address(text) {
            self = .v6(v6)
        } else {
            return nil
        }
    }

    /// Creates an address of the version from its number; higher bits of a v4 number are dropped.
    public init(number: UInt128, version: IPVersion) {
        switch version {
        case .v4: self = .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
        case .v6: self = .v6(IPv6Address(rawValue: number))
        }
    }

    /// The version of the address.
    public var version: IPVersion {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// The address as a number, most significant bits first.
    public var number: UInt128 {
        switch self {
        case .v4(let address): UInt128(address.rawValue)
        case .v6(let address): address.rawValue
        }
    }

    /// The IPv4 address, if it is one.
    public var v4: IPv4Address? {
        if case .v4(let address) = self { address } else { nil }
    }

    /// The IPv6 address, if it is one.
    public var v6: IPv6Address? {
        if case .v6(let address) = self { address } else { nil }
    }

    /// The octets in the order in which they travel: 4 or 16.
    public var octets: [UInt8] {
        switch self {
        case .v4(let address): address.octets
        case .v6(let address): address.octets
        }
    }

    /// `0.0.0.0` or `::`.
    public static func any(_ version: IPVersion) -> IPAddress { .init(number: 0, version: version) }

    /// Whether the address is a multicast one.
    public var isMulticast: Bool {
        switch self {
        case .v4(let address): address.isMulticast
        case .v6(let address): address.isMulticast
        }
    }

    /// Whether the address is a loopback one.
    public var isLoopback: Bool {
        switch self {
        case .v4(let address): address.isLoopback
        case .v6(let address): address.isLoopback
        }
    }
}

extension IPAddress: Comparable {
    public static func < (a: Self, b: Self) -> Bool {
        (a.version.rawValue, a.number) < (b.version.rawValue, b.number)
    }
}

extension IPAddress: CustomStringConvertible {
    /// The dotted quad, or the canonical text of RFC 5952.
    public var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}
