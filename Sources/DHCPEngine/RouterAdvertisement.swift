public import Addressing

/// A Router Advertisement (RFC 4861 section 4.2) of a network without a router: it tells how addresses are
/// made, not where to route.
///
/// The router lifetime is 0 unless it is set, so no host takes us for a default router.
public struct RouterAdvertisement: Hashable, Sendable {
    /// A prefix of the link (RFC 4861 section 4.6.2).
    public struct Prefix: Hashable, Sendable {
        /// An IPv6 block; host bits are sent as 0.
        public var prefix: IPPrefix
        /// L: its addresses are reached without a router.
        public var isOnLink: Bool
        /// A: hosts make addresses of it (RFC 4862).
        public var isAutonomous: Bool
        /// Seconds; 4294967295 is for ever.
        public var validLifetime: UInt32
        /// Seconds, at most ``validLifetime``.
        public var preferredLifetime: UInt32

        public init(
            prefix: IPPrefix, isOnLink: Bool = true, isAutonomous: Bool, validLifetime: UInt32 = 2_592_000,
            preferredLifetime: UInt32 = 604_800
        ) {
            self.prefix = prefix
            self.isOnLink = isOnLink
            self.isAutonomous = isAutonomous
            self.validLifetime = validLifetime
            self.preferredLifetime = preferredLifetime
        }
    }

    /// How hosts of a subnet come to their addresses: Neutron's `ipv6_ra_mode`.
    public enum Mode: String, Hashable, Sendable, CaseIterable {
        case slaac = "slaac"
        case stateless = "dhcpv6-stateless"
        case stateful = "dhcpv6-stateful"
    }

    /// 0 says nothing of the hop limit.
    public var hopLimit: UInt8 = 0
    /// M: addresses by DHCPv6.
    public var isManaged = false
    /// O: other configuration by DHCPv6.
    public var hasOtherConfiguration = false
    /// Seconds, at most 9000; 0 for no default router.
    public var routerLifetime: UInt16 = 0
    /// Milliseconds; 0 says nothing.
    public var reachableTime: UInt32 = 0
    /// Milliseconds; 0 says nothing.
    public var retransmissionTimer: UInt32 = 0
    /// The sender's MAC (option 1); nil leaves it out.
    public var sourceLinkLayer: MACAddress?
    /// The link's MTU (option 5); nil leaves it out.
    public var mtu: UInt32?
    /// Option 3, one each.
    public var prefixes: [Prefix] = []
    /// Recursive DNS servers (option 25, RFC 8106 section 5.1).
    public var dnsServers: [IPv6Address] = []
    /// The DNS search list (option 31, RFC 8106 section 5.2); what is no domain name is left out.
    public var searchDomains: [String] = []
    /// Seconds that DNS servers and search list are used: three times the longest interval, by default.
    public var dnsLifetime: UInt32 = 1800

    public init() {}

    /// Adds a subnet: `slaac` lets hosts make addresses; `dhcpv6-stateless` too, with options by DHCPv6;
    /// `dhcpv6-stateful` leaves both to DHCPv6. The lifetimes are in seconds; an IPv4 block is ignored.
    public mutating func add(
        _ prefix: IPPrefix, _ mode: Mode, validLifetime: UInt32 = 2_592_000,
        preferredLifetime: UInt32 = 604_800
    ) {
        guard prefix.version == .v6 else { return }
        isManaged = isManaged || mode == .stateful
        // M makes O redundant (RFC 4861 section 4.2).
        hasOtherConfiguration = hasOtherConfiguration || mode == .stateless
        prefixes.append(
            Prefix(
                prefix: prefix, isAutonomous: mode != .stateful, validLifetime: validLifetime,
                preferredLifetime: min(preferredLifetime, validLifetime)))
    }

    /// The smallest limit of ``serialized(limit:)``: what the smallest MTU of IPv6 leaves behind the IP
    /// header (RFC 8200 section 5).
    public static let smallestLimit = 1240

    /// The ICMPv6 message, however long, checksum 0: the kernel fills it in for an ICMPv6 socket (RFC 3542
    /// section 3.1).
    public func serialized() -> [UInt8] { messages(limit: .max)[0] }

    /// The ICMPv6 messages of at most so many bytes that say it together, checksum 0: hosts add up what
    /// several advertisements say (RFC 4861 section 6.2.3), and drop one that comes in fragments (RFC 6980
    /// section 5).
    ///
    /// Each message has the flags, the sender's MAC and the MTU. Lists of DNS servers and domains are spread
    /// over several options.
    ///
    /// - Parameter limit: the link's MTU without 40 bytes of IP header; below ``smallestLimit`` it is that.
    public func serialized(limit: Int) -> [[UInt8]] { messages(limit: max(limit, Self.smallestLimit)) }

    private func messages(limit: Int) -> [[UInt8]] {
        let start = header
        var messages = [start]
        /// Adds an option to the last message, or to a new one.
        func add(_ option: [UInt8]) {
            if messages[messages.count - 1].count + option.count > limit { messages.append(start) }
            messages[messages.count - 1] += option
        }
        for prefix in prefixes where prefix.prefix.version == .v6 { add(prefix.option) }
        // The length counts eight bytes in one, so that long lists take several options.
        let longest = min(255 * 8, (limit - start.count) / 8 * 8)
        var servers = dnsServers[...]
        while !servers.isEmpty {
            // What still fits in the last message, or else as many as fit in a new one.
            let left = min(longest, limit - messages[messages.count - 1].count)
            let count = left >= 24 ? (left - 8) / 16 : (longest - 8) / 16
            let part = servers.prefix(count)
            servers = servers.dropFirst(count)
            var option: [UInt8] = [25, UInt8(1 + 2 * part.count), 0, 0]
            option.appendNumber(dnsLifetime)
            for server in part { option.appendNumber(server.rawValue) }
            add(option)
        }
        for list in Self.searchLists(searchDomains, longest: longest - 8) {
            let padded = (list.count + 7) / 8
            var option: [UInt8] = [31, UInt8(1 + padded), 0, 0]
            option.appendNumber(dnsLifetime)
            option += list + [UInt8](repeating: 0, count: padded * 8 - list.count)
            add(option)
        }
        return messages
    }

    /// What every message begins with.
    private var header: [UInt8] {
        let flags: UInt8 = (isManaged ? 0x80 : 0) | (hasOtherConfiguration ? 0x40 : 0)
        var bytes: [UInt8] = [134, 0, 0, 0, hopLimit, flags]
        bytes.appendNumber(routerLifetime)
        bytes.appendNumber(reachableTime)
        bytes.appendNumber(retransmissionTimer)
        if let sourceLinkLayer { bytes += [1, 1] + sourceLinkLayer.octets }
        if let mtu {
            bytes += [5, 1, 0, 0]
            bytes.appendNumber(mtu)
        }
        return bytes
    }

    /// Names as labels (RFC 1035 section 3.1), in as many lists as they need of at most so many bytes.
    private static func searchLists(_ names: [String], longest: Int) -> [[UInt8]] {
        var lists: [[UInt8]] = []
        for name in names {
            guard let labels = DomainLabels.encode(name), labels.count < 255 else { continue }
            let encoded = labels + [0]
            if let last = lists.last, last.count + encoded.count <= longest {
                lists[lists.count - 1] += encoded
            } else {
                lists.append(encoded)
            }
        }
        return lists
    }
}

extension RouterAdvertisement.Prefix {
    /// The option that says it.
    fileprivate var option: [UInt8] {
        var bytes: [UInt8] = [
            3, 4, UInt8(clamping: prefix.length), (isOnLink ? 0x80 : 0) | (isAutonomous ? 0x40 : 0),
        ]
        bytes.appendNumber(validLifetime)
        bytes.appendNumber(preferredLifetime)
        bytes.appendNumber(UInt32(0))
        bytes.appendNumber(prefix.network.address.number)
        return bytes
    }
}
