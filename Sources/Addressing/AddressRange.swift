/// A closed range of addresses of one version, such as an allocation pool.
public struct AddressRange: Hashable, Sendable {
    /// The first address of the range.
    public let first: IPAddress
    /// The last address of the range, not before the first.
    public let last: IPAddress

    /// Creates a range, or returns nil where the versions differ or the order is reversed.
    public init?(_ first: IPAddress, _ last: IPAddress) {
        guard first.version == last.version, first <= last else { return nil }
        self.init(unchecked: first, last)
    }

    /// Creates a range from ends that are known to be of one version and in order.
    init(unchecked first: IPAddress, _ last: IPAddress) {
        self.first = first
        self.last = last
    }

    /// The version of both ends.
    public var version: IPVersion { first.version }

    /// The number of addresses, at most 2^128 - 1 (the whole of IPv6 counts one short).
    public var count: UInt128 {
        let (count, overflow) = (last.number - first.number).addingReportingOverflow(1)
        return overflow ? .max : count
    }

    /// Whether the address lies in the range.
    public func contains(_ address: IPAddress) -> Bool {
        address.version == version && first <= address && address <= last
    }

    /// Whether the two ranges share an address.
    public func overlaps(_ other: AddressRange) -> Bool {
        version == other.version && first <= other.last && other.first <= last
    }
}

extension AddressRange: Comparable {
    public static func < (a: Self, b: Self) -> Bool { (a.first, a.last) < (b.first, b.last) }
}

extension AddressRange: CustomStringConvertible {
    /// `first-last`.
    public var description: String { "\(first)-\(last)" }
}
