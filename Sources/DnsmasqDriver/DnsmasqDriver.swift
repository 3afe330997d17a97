public import DHCPDrivers
import Dispatch
public import LinuxKernel
import Locks
public import Logging
public import NetworkModel

/// Serves DHCP with a dnsmasq process per network, started and configured as Neutron does it.
///
/// Processes outlive the driver: a new one adopts what runs. Files lie in `<dhcp_confs>/<network id>/`.
public final class DnsmasqDriver: DHCPDriver {
    public let configuration: DnsmasqConfiguration
    public let deaths: AsyncStream<ResourceID>

    let log: Logger
    private let surroundings: DnsmasqServer.Surroundings
    private let servers = Mutex<[ResourceID: DnsmasqServer]>([:])
    private let abilities = Mutex<DnsmasqAbilities?>(nil)
    private let extraFile = Mutex<String?>(nil)
    /// Where looking at what is common to all networks blocks, off the cooperative pool. Serial as those of
    /// the servers: on Linux concurrent queues share their threads with the pool.
    private let queue = DispatchQueue(label: "dnsmasq")

    /// Creates a driver; nothing is looked at or started yet.
    public init(configuration: DnsmasqConfiguration, namespaces: NamespaceThread, log: Logger) {
        self.configuration = configuration
        self.log = log
        let (deaths, continuation) = AsyncStream.makeStream(of: ResourceID.self)
        self.deaths = deaths
        surroundings = DnsmasqServer.Surroundings(
            configuration: configuration, namespaces: namespaces, log: log, deaths: continuation)
    }

    deinit { surroundings.deaths.finish() }

    public var name: String { "dnsmasq" }

    public func checkRequirements() async throws(DHCPDriverError) { _ = try await probe() }

    public func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        let configuration = configuration
        let log = log
        return try await queue.blocking { () throws(DHCPDriverError) in
            guard fileExists(path: configuration.dhcpConfs) else { return [] }
            return try DnsmasqServer.file("list networks") { () throws(FileError) in
                var networks: [ResourceID] = []
                for name in try directoryEntries(path: configuration.dhcpConfs) {
                    guard let network = ResourceID(name) else { continue }
                    do throws(FileError) {
                        if try Self.isOurs(network, configuration) { networks.append(network) }
                    } catch {
                        log.warning(
                            "whose network this is cannot be read: \(error)",
                            metadata: ["network": "\(network)"])
                    }
                }
                return networks
            }
        }
    }

    /// Whether the network's directory is there and ours: others (neutron-dhcp-agent) may use the same place.
    private static func isOurs(
        _ network: ResourceID, _ configuration: DnsmasqConfiguration
    ) throws(FileError) -> Bool {
        let directory = ConfigurationDirectory(configuration, network)
        if !directory.isUsed, fileExists(path: directory.native) || !isDirectory(path: directory.path) {
            return false
        }
        if configuration.owner.isEmpty { return true }
        return try contents(of: directory.owner, limit: 4096) == Array(configuration.ownerMark.utf8)
    }

    public func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let view = ServiceView(service, configuration, try await knownAbilities())
        return try await server(of: service.network.id).apply(view, change)
    }

    public func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        try await knownServer(of: network).remove()
        servers.withLock { $0[network] = nil }
    }

    public func status(of network: ResourceID) async -> DHCPServerStatus {
        guard let pid = await knownServer(of: network).runningPID() else { return .stopped }
        return .running(pid: pid)
    }

    public func leases(of network: ResourceID) async -> [Lease] {
        let server = knownServer(of: network)
        return (try? await server.queue.blocking { () throws(DHCPDriverError) in server.record() }) ?? []
    }

    public func take(_ leases: [Lease], of network: ResourceID) async {
        let server = server(of: network)
        do throws(DHCPDriverError) {
            try await server.queue.blocking { () throws(DHCPDriverError) in try server.take(leases) }
        } catch {
            log.warning("\(error)", metadata: ["network": "\(network)"])
        }
    }

    /// Where the network's log is, with the process id where one runs.
    public func logLocation(of network: ResourceID) async -> LogLocation {
        .of(network, configuration, pid: await knownServer(of: network).runningPID())
    }

    /// What could not be written for the network as its ports ask, a sentence each.
    public func problems(of network: ResourceID) async -> [String] {
        servers.withLock { $0[network] }?.problems ?? []
    }

    /// The networks of which something is remembered.
    var rememberedNetworks: Set<ResourceID> { servers.withLock { Set($0.keys) } }

    /// The network's server to look at: of one that nothing was done for yet nothing is remembered, since
    /// anybody may ask for anything.
    private func knownServer(of network: ResourceID) -> DnsmasqServer {
        servers.withLock { $0[network] } ?? DnsmasqServer(network, surroundings)
    }

    private func server(of network: ResourceID) -> DnsmasqServer {
        servers.withLock { servers in
            if let server = servers[network] { return server }
            let server = DnsmasqServer(network, surroundings)
            servers[network] = server
            return server
        }
    }

    private func knownAbilities() async throws(DHCPDriverError) -> DnsmasqAbilities {
        if let known = abilities.withLock({ $0 }) { return known }
        return try await probe()
    }

    private func probe() async throws(DHCPDriverError) -> DnsmasqAbilities {
        var log = log
        // What was said once need not be said at every look.
        if abilities.withLock({ $0 }) != nil { log.logLevel = .error }
        var found = try await Requirements.check(configuration, surroundings.namespaces, log)
        found.extraFile = try await extraFileDigest()
        let abilities = found
        self.abilities.withLock { $0 = abilities }
        return abilities
    }

    /// The digest of the operator's extra file, read once: as with Neutron, a restart brings a change in.
    private func extraFileDigest() async throws(DHCPDriverError) -> String {
        if let known = extraFile.withLock({ $0 }) { return known }
        let path = configuration.trimmedConfigFile
        if path.isEmpty { return "none" }
        let digest = try await queue.blocking { () throws(DHCPDriverError) in
            try DnsmasqServer.file("read dnsmasq_config_file") { () throws(FileError) in
                // Where it is missing, dnsmasq says so itself.
                try contents(of: path).map(ServedMarker.digest) ?? "missing"
            }
        }
        return extraFile.withLock { known in
            let first = known ?? digest
            known = first
            return first
        }
    }
}

extension DispatchQueue {
    /// Runs a body that may block, off the cooperative pool.
    func blocking<T: Sendable>(
        _ body: @escaping @Sendable () throws(DHCPDriverError) -> T
    ) async throws(DHCPDriverError) -> T {
        let result: Result<T, DHCPDriverError> = await withCheckedContinuation { continuation in
            async { continuation.resume(returning: Result(catching: body)) }
        }
        return try result.get()
    }
}
