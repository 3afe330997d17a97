import DHCPAgent
import DHCPDrivers
import DHCPEngine
import DnsmasqDriver
import LinuxKernel
import Logging
import NativeDriver
import NetworkModel
import NeutronAPI

/// The DHCP drivers of a service: each network has the one that it names, or else the configured one.
struct Drivers: Sendable {
    let dnsmasq: DnsmasqDriver
    let native: NativeDriver
    /// Both as one.
    let all: SwitchingDriver

    /// Makes the drivers; nothing is started yet.
    ///
    /// - Parameter owner: who we are: what lies in `dhcp_confs` is ours only with this mark.
    init(_ settings: Settings, owner: String, _ namespaces: NamespaceThread, _ logger: Logger) {
        var ofDnsmasq = DnsmasqConfiguration(settings)
        ofDnsmasq.owner = owner
        var ofNative = NativeDriverConfiguration(settings)
        ofNative.owner = owner
        dnsmasq = DnsmasqDriver(configuration: ofDnsmasq, namespaces: namespaces, log: logger)
        native = NativeDriver(configuration: ofNative, log: logger)
        all = SwitchingDriver(
            [.dnsmasq: dnsmasq, .native: native], configured: settings.dhcpDriver, log: logger)
    }
}

/// What the servers of this host's agent told their clients.
struct ServedLeases: LeaseSource {
    let agent: DHCPAgent
    let driver: SwitchingDriver

    func leases(of networks: Set<ResourceID>?) async -> [Lease] {
        // The native driver finds one network in its record, and goes through all of it once for several.
        if let networks, networks.count == 1, let network = networks.first {
            return await driver.leases(of: network)
        }
        return await driver.leases(of: networks.map(Array.init) ?? agent.status().networks.map(\.id))
    }

    func leases(of port: ResourceID, on network: ResourceID) async -> [Lease] {
        await driver.leases(of: port, on: network)
    }
}

extension DnsmasqConfiguration {
    /// The settings that dnsmasq is started with.
    fileprivate init(_ settings: Settings) {
        self.init()
        dhcpConfs = settings.dhcpConfs
        leaseDuration = settings.dhcpLeaseDuration
        renewalTime = settings.dhcpRenewalTime
        rebindingTime = settings.dhcpRebindingTime
        broadcastReply = settings.dhcpBroadcastReply
        dnsDomain = settings.dnsDomain
        dnsServers = settings.dnsmasqDNSServers
        localResolv = settings.dnsmasqLocalResolv
        configFile = settings.dnsmasqConfigFile ?? ""
        baseLogDirectory = settings.dnsmasqBaseLogDir
        leaseMax = UInt64(settings.dnsmasqLeaseMax)
        enableAddr6List = settings.dnsmasqEnableAddr6List
        txtRecord = settings.dnsmasqTXTRecord ?? ""
    }
}

extension NativeDriverConfiguration {
    /// The settings of the server in this process.
    fileprivate init(_ settings: Settings) {
        self.init()
        dhcpConfs = settings.dhcpConfs
        leaseDuration = settings.dhcpLeaseDuration
        renewalTime = settings.dhcpRenewalTime
        rebindingTime = settings.dhcpRebindingTime
        broadcastReply = settings.dhcpBroadcastReply
        dnsDomain = settings.dnsDomain
        dnsServers = settings.dnsmasqDNSServers
        localResolv = settings.dnsmasqLocalResolv
        baseLogDirectory = settings.dnsmasqBaseLogDir
        txtRecord = settings.dnsmasqTXTRecord ?? ""
        limits.portRate = UInt32(clamping: settings.dhcpPortRate)
        limits.portBurst = UInt32(clamping: settings.dhcpPortBurst)
        limits.networkRate = UInt32(clamping: settings.dhcpNetworkRate)
        limits.networkBurst = UInt32(
            clamping: settings.dhcpNetworkBurst > 0
                ? settings.dhcpNetworkBurst : 2 * settings.dhcpNetworkRate)
        sourceMismatch = settings.dhcpSourceMismatch
        leaseRecordCapacity = settings.dhcpLeaseRecords
    }
}
