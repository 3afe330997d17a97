/// An option of one port, sent where the client has (or lacks) certain tags.
///
/// This is what `extra_dhcp_opts` such as `tag:!ipxe,67` become.
public struct TaggedOption: Hashable, Sendable {
    /// A tag that the client must have, or must not.
    public struct Condition: Hashable, Sendable {
        public var tag: String
        /// Whether the client must lack the tag (`tag:!ipxe`).
        public var isNegated: Bool

        public init(tag: String, isNegated: Bool) {
            self.tag = tag
            self.isNegated = isNegated
        }
    }

    /// All must hold.
    public var conditions: [Condition]
    /// The option code; 255 in version 4 is dnsmasq's pseudo option `server-ip-address`, which sets siaddr.
    public var code: UInt16
    /// The bytes; empty with ``isBlank``.
    public var data: [UInt8]
    /// Whether the option is suppressed: `router` with a blank value sends no router.
    public var isBlank: Bool

    public init(conditions: [Condition] = [], code: UInt16, data: [UInt8], isBlank: Bool = false) {
        self.conditions = conditions
        self.code = code
        self.data = data
        self.isBlank = isBlank
    }
}
