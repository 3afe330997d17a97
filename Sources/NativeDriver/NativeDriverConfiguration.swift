public import DHCPDrivers
public import DHCPEngine

/// The operator's settings for the native server (dhcp_agent.ini and neutron.conf); names and defaults are
/// Neutron's, those of its dnsmasq driver where both have them.
public struct NativeDriverConfiguration: Hashable, Sendable {
    /// `dhcp_confs`: one directory per network lies in it, and the record of leases.
    public var dhcpConfs = "/var/lib/neutron/dhcp"
    /// `dhcp_lease_duration` in seconds; -1 for infinite.
    public var leaseDuration = 86_400
    /// `dhcp_renewal_time` (DHCPv4 T1) in seconds; 0 for half of the lease.
    public var renewalTime = 0
    /// `dhcp_rebinding_time` (DHCPv4 T2) in seconds; 0 for seven eighths of the lease.
    public var rebindingTime = 0
    /// `dhcp_broadcast_reply`.
    public var broadcastReply = false
    /// `dns_domain`: the domain of all ports, or empty.
    public var dnsDomain = "openstacklocal"
    /// `dnsmasq_dns_servers`: forwarders.
    public var dnsServers: [String] = []
    /// `dnsmasq_local_resolv`: without forwarders, use the host's resolv.conf.
    public var localResolv = false
    /// `dnsmasq_base_log_dir`: what became of each packet goes to a file per network below it; nil for the
    /// service's own log.
    public var baseLogDirectory: String?
    /// `dnsmasq_txt_record`, or empty.
    public var txtRecord = ""
    /// `force_metadata`.
    public var forceMetadata = false
    /// `enable_isolated_metadata`.
    public var enableIsolatedMetadata = false
    /// Who we are, noted beside each network's files: only networks with this mark are taken for ours where
    /// we know nothing of them. Empty: all are.
    public var owner = ""
    /// `dhcp_port_rate`, `dhcp_port_burst`, `dhcp_network_rate` and `dhcp_network_burst`: the token buckets.
    public var limits = RateLimits()
    /// `dhcp_source_mismatch`: what becomes of requests whose chaddr is not their Ethernet source.
    public var sourceMismatch = SourceMismatch.count
    /// How many leases the record holds before the oldest ones give way.
    public var leaseRecordCapacity = 1_000_000
    /// How many senders of DHCPv6 messages are looked for in the kernel, on all networks together: each costs
    /// up to seven conversations of some 10 µs with it.
    var lookups = TokenBucket.Limit(rate: 1000, burst: 256)

    public init() {}

    /// What of the settings decides what clients are told.
    public var announcementSettings: AnnouncementSettings {
        AnnouncementSettings(
            dnsDomain: dnsDomain, forceMetadata: forceMetadata,
            enableIsolatedMetadata: enableIsolatedMetadata)
    }

    /// The times of a lease, in seconds.
    struct LeaseTimes: Hashable {
        var lease: UInt32
        var renewal: UInt32
        var rebinding: UInt32
    }

    /// What a client that has nothing else is told: half of the lease and seven eighths of it, all endless
    /// where the lease is.
    var defaultTimes: LeaseTimes {
        guard let lease = UInt32(exactly: leaseDuration), lease < .max else {
            return LeaseTimes(lease: .max, renewal: .max, rebinding: .max)
        }
        return LeaseTimes(lease: lease, renewal: lease / 2, rebinding: lease / 8 * 7 + lease % 8 * 7 / 8)
    }

    /// The times of DHCPv4, with the configured ones where they make sense: T1 < T2 < lease (RFC 2131
    /// section 4.4.5). dnsmasq, too, uses them for DHCPv4 alone.
    var timesV4: LeaseTimes {
        var times = defaultTimes
        if times.lease == .max {
            // T1 and T2 of an endless lease are told only where they are set.
            if let renewal = UInt32(exactly: renewalTime), renewal > 0 { times.renewal = renewal }
            if let rebinding = UInt32(exactly: rebindingTime), rebinding > 0 { times.rebinding = rebinding }
        } else {
            if let renewal = UInt32(exactly: renewalTime), (1..<times.lease).contains(renewal) {
                times.renewal = renewal
            }
            if let rebinding = UInt32(exactly: rebindingTime), (1..<times.lease).contains(rebinding) {
                times.rebinding = rebinding
            }
        }
        if times.renewal >= times.rebinding, times.rebinding < .max, times.rebinding > 0 {
            times.renewal = times.rebinding - 1
        }
        return times
    }
}

/// What becomes of a request whose chaddr is not the Ethernet source it came from.
public enum SourceMismatch: String, Hashable, Sendable, CaseIterable {
    /// It is counted and answered.
    case count
    /// It is counted and dropped.
    case refuse
}
