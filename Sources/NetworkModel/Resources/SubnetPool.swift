public import Addressing

/// Address space that subnets are cut from (Neutron's `subnetpool`): its blocks never overlap.
public struct SubnetPool: Hashable, Sendable, Codable, Identifiable {
    public let id: ResourceID
    public var standard: StandardAttributes
    /// The space, as the fewest blocks that make it up, in order; never empty, all of one version.
    public var prefixes: [IPPrefix]
    /// `min_prefixlen`: the largest block that a subnet can get, as its prefix length.
    public var minPrefixLength: Int
    /// `max_prefixlen`: the smallest block that a subnet can get, as its prefix length.
    public var maxPrefixLength: Int
    /// `default_prefixlen`: the prefix length of a subnet that asks for none.
    public var defaultPrefixLength: Int
    /// How much one project may have of the pool: addresses of IPv4, /64 blocks of IPv6; nil and 0 for no
    /// limit.
    public var defaultQuota: Int?
    /// Whether every project may use the pool; fixed once it exists.
    public let shared: Bool
    /// Whether `use_default_subnetpool` means this one; at most one pool of each version.
    public var isDefault: Bool
    public let ipVersion: IPVersion

    public init(
        id: ResourceID, standard: StandardAttributes, prefixes: [IPPrefix], minPrefixLength: Int,
        maxPrefixLength: Int, defaultPrefixLength: Int, defaultQuota: Int? = nil, shared: Bool = false,
        isDefault: Bool = false, ipVersion: IPVersion
    ) {
        self.id = id
        self.standard = standard
        self.prefixes = prefixes
        self.minPrefixLength = minPrefixLength
        self.maxPrefixLength = maxPrefixLength
        self.defaultPrefixLength = defaultPrefixLength
        self.defaultQuota = defaultQuota
        self.shared = shared
        self.isDefault = isDefault
        self.ipVersion = ipVersion
    }
}
