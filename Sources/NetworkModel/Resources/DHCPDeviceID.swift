/// The `device_id` of a DHCP port that no agent has at the moment: the next agent to serve the network
/// adopts it and so keeps its address.
public let reservedDHCPDeviceID = "reserved_dhcp_port"

/// The `device_id` of the DHCP port of the agent on a host: the same for every start of the agent.
///
/// - Parameter host: the host name; only the part before the first dot counts.
public func dhcpDeviceID(host: String, network: ResourceID) -> String {
    DHCPDeviceIDs(host: host).id(on: network)
}

/// What ``dhcpDeviceID(host:network:)`` is for many networks of one host: the host's part is worked out once.
public struct DHCPDeviceIDs: Sendable {
    private let prefix: String

    /// - Parameter host: the host name; only the part before the first dot counts.
    public init(host: String) {
        let name = host.prefix { $0 != "." }
        prefix = "dhcp\(ResourceID.nameBased(String(name), in: .dnsNamespace))-"
    }

    /// The `device_id` of the port on the network.
    public func id(on network: ResourceID) -> String { prefix + network.description }
}

extension ResourceID {
    /// The name space of fully qualified domain names (RFC 9562 section 6.6).
    public static let dnsNamespace = ResourceID(rawValue: 0x6ba7_b810_9dad_11d1_80b4_00c0_4fd4_30c8)

    /// The identifier of a name within a name space, version 5 (RFC 9562 section 5.5).
    public static func nameBased(_ name: String, in namespace: ResourceID) -> ResourceID {
        let space = (0..<16).map { UInt8(truncatingIfNeeded: namespace.rawValue >> UInt128(120 - 8 * $0)) }
        let bits = sha1(space + Array(name.utf8)).prefix(16).reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        return ResourceID(rawValue: bits & ~(0xF << 76) & ~(0x3 << 62) | 0x5 << 76 | 0x2 << 62)
    }
}
