import Addressing
import DHCPEngine
import Glibc
import NativeDriver
import NetworkModel
import NeutronAPI

/// What the service is told by its configuration files: one plain property per option with an effect.
///
/// ``ConfigurationOption/effective`` connects each property with its option; defaults live here.
struct Settings: Hashable, Sendable {
    // MARK: the service

    /// Shows every step in the log.
    var debug = false
    /// Where everything that must survive a restart is kept, an absolute path.
    var statePath = "/var/lib/neutron"
    /// This host's name, by which agents and port bindings know it.
    var host = Settings.hostName()
    /// Where the API listens: an address or a host name.
    var bindHost = "127.0.0.1"
    /// The API's TCP port, 1–65535.
    var bindPort = 9696
    /// How it is found out who calls.
    var authStrategy = AuthStrategy.noauth
    /// Further names by which clients call an API that asks nobody who they are.
    var apiHostNames: [String] = []
    /// A token that makes its bearer an administrator; nil for none.
    var apiToken: String?
    /// The file of API tokens.
    var apiTokensFile = "$state_path/api-tokens.json"
    /// How Keystone is asked.
    var keystone = KeystoneConfiguration()
    /// The file of the authorities that may have signed Keystone's certificate; nil for the system's.
    var keystoneCAFile: String?
    /// Whether Keystone's certificate is taken as it is.
    var keystoneInsecure = false
    /// Seconds until a connection to Keystone counts as failed; nil for the default.
    var keystoneConnectTimeout: Int?
    /// Whether the API speaks TLS.
    var useSSL = false
    /// The file of the API's certificate and its chain, PEM.
    var sslCertFile: String?
    /// The file of the certificate's private key, PEM.
    var sslKeyFile: String?
    /// The SQLite file of networks, subnets, ports and agents.
    var database = "$state_path/leasehold.sqlite"

    // MARK: rules of the API

    /// The MAC address whose first three octets every new port gets, and the fourth unless it is 0.
    var baseMAC = MACAddress(rawValue: 0xFA16_3E00_0000)
    /// The domain of hosts' names.
    var dnsDomain = "openstacklocal"
    /// DNS servers per subnet, at most.
    var maxDNSNameservers = 5
    /// Host routes per subnet, at most.
    var maxSubnetHostRoutes = 20
    /// Resources in an answer, at most; nil for no limit.
    var paginationMaxLimit: Int?
    /// Networks, subnets and ports per project; -1 for no limit.
    var quotaNetwork = 100
    var quotaSubnet = 100
    var quotaPort = 500
    /// What else a project may have so many of, which is subnet pools; -1 for no limit.
    var defaultQuota = -1
    /// Bytes.
    var globalPhysnetMTU = 1500
    /// Bytes; 0 for no limit.
    var pathMTU = 0
    /// Bytes per physical network.
    var physicalNetworkMTUs: [String: Int] = [:]
    /// The version of VXLAN's outer addresses.
    var overlayIPVersion = IPVersion.v4
    /// The types that projects' networks may get, in order of preference.
    var tenantNetworkTypes: [NetworkType] = [.local]
    /// Physical networks that may be flat; `*` for any.
    var flatNetworks = ["*"]
    /// VLAN ids per physical network.
    var vlanRanges: [String: ClosedRange<Int>] = [:]
    /// The VNIs to choose from.
    var vniRanges: [ClosedRange<Int>] = [1...16_777_215]
    /// Seconds without a heartbeat after which an agent counts as dead.
    var agentDownTime = 75

    // MARK: the agent

    /// Seconds between heartbeats.
    var reportInterval = 30.0
    var logAgentHeartbeats = false
    var availabilityZone = "nova"
    /// Seconds between attempts to repair what failed, at most.
    var resyncInterval = 5
    /// Seconds between two repairs, at least.
    var resyncThrottle = 1
    /// Networks worked on at a time.
    var numSyncThreads = 4
    /// Seconds between comparisons of every network with what the kernel and the servers really have; 0
    /// for never.
    var auditInterval = 3

    // MARK: DHCP and DNS

    /// What serves networks that name no driver themselves.
    var dhcpDriver = DHCPDriverName.dnsmasq
    /// The directory with one directory per network.
    var dhcpConfs = "$state_path/dhcp"
    /// Seconds; -1 for infinite.
    var dhcpLeaseDuration = 86_400
    /// Seconds; 0 for the server's own choice (half the lease).
    var dhcpRenewalTime = 0
    /// Seconds; 0 for the server's own choice (seven eighths of the lease).
    var dhcpRebindingTime = 0
    var dhcpBroadcastReply = false
    /// A file that every dnsmasq reads besides its own; nil for none.
    var dnsmasqConfigFile: String?
    /// Where dnsmasq forwards questions to.
    var dnsmasqDNSServers: [String] = []
    /// The directory of dnsmasq's logs, one per network; nil for none.
    var dnsmasqBaseLogDir: String?
    /// Whether dnsmasq forwards to the servers of the host's resolv.conf.
    var dnsmasqLocalResolv = false
    /// Leases per network, at most.
    var dnsmasqLeaseMax = 16_777_216
    var dnsmasqEnableAddr6List = false
    /// `name,text` of a TXT record that every dnsmasq answers; nil for none.
    var dnsmasqTXTRecord: String?

    /// Answers per second to one port in the long run; 0 for no limit.
    var dhcpPortRate = Int(RateLimits().portRate)
    /// Answers to one port in a burst.
    var dhcpPortBurst = Int(RateLimits().portBurst)
    /// Answers per second on one network in the long run; 0 for no limit.
    var dhcpNetworkRate = Int(RateLimits().networkRate)
    /// Answers on one network in a burst; 0 for twice the rate.
    var dhcpNetworkBurst = Int(RateLimits().networkBurst)
    /// What becomes of requests whose chaddr is not their Ethernet source.
    var dhcpSourceMismatch = SourceMismatch.count
    /// Leases in the native driver's record, at most.
    var dhcpLeaseRecords = 1_000_000

    // MARK: links

    var interfaceDriver = InterfaceDriverChoice.linuxbridge
    /// The host interface of each physical network.
    var physicalInterfaceMappings: [String: String] = [:]
    /// The bridge, made by somebody else, of each physical network.
    var bridgeMappings: [String: String] = [:]
    var enableVXLAN = true
    /// The address from which VXLAN packets leave.
    var localIP: IPAddress?
    /// The multicast group of all VNIs, or the block out of which each takes one; nil for none.
    var vxlanGroup: IPPrefix? = IPPrefix(host: .v4(IPv4Address(224, 0, 0, 1)))
    /// UDP port.
    var vxlanPort = 8472
    /// The other hosts, where there is no multicast.
    var vxlanPeers: [IPAddress] = []

    /// The values as they stand above: references such as `$state_path` are not resolved.
    private init(unresolved: Void) {}

    /// The settings that hold when there is no file.
    init() { self = Self.defaults }

    /// The values as they are declared, references unresolved, for ``ConfigurationOption``.
    static let declared = Settings(unresolved: ())

    /// The settings that hold when there is no file, references resolved.
    static let defaults: Settings = {
        var problems: [ConfigurationProblem] = []
        return ConfigurationResolver(given: [:]).settings(problems: &problems)
    }()

    /// The kernel's name of this host, or `localhost` where it has none.
    private static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return name.isEmpty ? "localhost" : name
    }
}

/// How it is found out who calls (`auth_strategy`).
enum AuthStrategy: String, Hashable, Sendable, CaseIterable {
    /// Everybody administers.
    case noauth
    /// Leasehold's own tokens.
    case token
    /// Keystone's tokens.
    case keystone
}

extension Settings {
    /// The strategy that holds: a token in the configuration is one that must be sent.
    var effectiveAuthStrategy: AuthStrategy {
        authStrategy == .noauth && apiToken != nil ? .token : authStrategy
    }

    /// The part that requests are judged by.
    var modelPolicy: ModelPolicy {
        var policy = ModelPolicy()
        policy.baseMAC = baseMAC
        policy.dnsDomain = dnsDomain
        policy.maxDNSNameservers = maxDNSNameservers
        policy.maxSubnetHostRoutes = maxSubnetHostRoutes
        for resource in QuotaResource.allCases {
            policy.defaultQuotas[resource] =
                switch resource {
                case .network: quotaNetwork
                case .subnet: quotaSubnet
                case .port: quotaPort
                default: defaultQuota
                }
        }
        policy.globalPhysnetMTU = globalPhysnetMTU
        policy.pathMTU = pathMTU
        policy.physicalNetworkMTUs = physicalNetworkMTUs
        policy.overlayIPVersion = overlayIPVersion
        policy.tenantNetworkTypes = tenantNetworkTypes
        policy.flatNetworks = flatNetworks
        policy.vlanRanges = vlanRanges
        policy.vniRanges = vniRanges
        policy.agentDownTime = Int64(agentDownTime)
        return policy
    }
}
