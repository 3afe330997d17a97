/// The operator's settings that decide what clients are told, whichever server tells them.
public struct AnnouncementSettings: Hashable, Sendable {
    /// `dns_domain`: the domain of all ports, or empty.
    public var dnsDomain: String
    /// `force_metadata`: the metadata service is our own address on every subnet.
    public var forceMetadata: Bool
    /// `enable_isolated_metadata`: it is our own address on subnets without a router.
    public var enableIsolatedMetadata: Bool

    public init(dnsDomain: String, forceMetadata: Bool = false, enableIsolatedMetadata: Bool = false) {
        self.dnsDomain = dnsDomain
        self.forceMetadata = forceMetadata
        self.enableIsolatedMetadata = enableIsolatedMetadata
    }

    /// ``dnsDomain`` as clients are told it: without the dot at its end.
    public var announcedDomain: String {
        dnsDomain.hasSuffix(".") ? String(dnsDomain.dropLast()) : dnsDomain
    }
}
