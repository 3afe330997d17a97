import DHCPDrivers

/// The operator's settings for dnsmasq (dhcp_agent.ini and neutron.conf); names and defaults are Neutron's.
public struct DnsmasqConfiguration: Hashable, Sendable {
    /// The program: a name to look up in PATH, or a path.
    public var dnsmasqPath = "dnsmasq"
    /// `dhcp_confs`: one directory per network lies in it. All above it must be searchable by dnsmasq's user.
    public var dhcpConfs = "/var/lib/neutron/dhcp"
    /// `dhcp_lease_duration` in seconds; -1 for infinite.
    public var leaseDuration = 86_400
    /// `dhcp_renewal_time` (T1) in seconds; 0 leaves it to dnsmasq: half of the lease.
    public var renewalTime = 0
    /// `dhcp_rebinding_time` (T2) in seconds; 0 leaves it to dnsmasq: seven eighths of the lease.
    public var rebindingTime = 0
    /// `dhcp_broadcast_reply`.
    public var broadcastReply = false
    /// `dns_domain`: the domain of all ports, or empty.
    public var dnsDomain = "openstacklocal"
    /// `dnsmasq_dns_servers`: forwarders.
    public var dnsServers: [String] = []
    /// `dnsmasq_local_resolv`: without forwarders, use the host's resolv.conf.
    public var localResolv = false
    /// `dnsmasq_config_file`: the operator's extra file, or empty.
    public var configFile = ""
    /// `dnsmasq_base_log_dir`: logs go to a file per network below it; nil for syslog.
    public var baseLogDirectory: String?
    /// `dnsmasq_lease_max`, 1 and up.
    public var leaseMax: UInt64 = 16_777_216
    /// `dnsmasq_enable_addr6_list`: several addresses of one subnet in one host line; needs dnsmasq 2.81.
    public var enableAddr6List = false
    /// `dnsmasq_txt_record`, or empty.
    public var txtRecord = ""
    /// `force_metadata`.
    public var forceMetadata = false
    /// `enable_isolated_metadata`.
    public var enableIsolatedMetadata = false
    /// Who we are, noted beside each network's files: only networks with this mark are taken for ours where
    /// we know nothing of them. Empty: all are.
    public var owner = ""
    /// How long dnsmasq has to end by itself after SIGTERM, before SIGKILL.
    public var stopTimeout: Duration = .seconds(5)
    /// How long dnsmasq has to read its files; 5 ms are added for each port.
    public var confirmTimeout: Duration = .seconds(10)

    public init() {}

    /// Whether dnsmasq may pass queries on to other servers, as far as we can know.
    var mayForward: Bool { !dnsServers.isEmpty || localResolv || !trimmedConfigFile.isEmpty }

    /// What of the settings decides what clients are told.
    var announcementSettings: AnnouncementSettings {
        AnnouncementSettings(
            dnsDomain: dnsDomain, forceMetadata: forceMetadata,
            enableIsolatedMetadata: enableIsolatedMetadata)
    }

    /// The contents of ``owner``'s file.
    var ownerMark: String { "\(owner)\n" }

    /// The operator's extra file without white space around it.
    var trimmedConfigFile: String {
        var text = configFile[...]
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}

/// What the installed dnsmasq can and what this environment demands of it.
struct DnsmasqAbilities: Hashable, Sendable {
    /// Host lines may have a `tag:` condition (2.81 and up).
    var hostTags = true
    /// SIGHUP is harmless. Not in 2.86 to 2.90: once a client of a host line with `set:` was answered,
    /// the next reload frees memory that is not its own and crashes (bug 2026757).
    var reloadsSafely = true
    /// Groups cannot be changed here (a user namespace with setgroups denied): run as its root.
    var staysRoot = false
    /// Tells one content of the operator's extra file from another, as it was when the driver first looked.
    var extraFile = ""
}
