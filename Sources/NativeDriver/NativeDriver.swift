public import DHCPDrivers
import DHCPEngine
import DNSEngine
import Dispatch
import Glibc
import KernelPlan
import LinuxKernel
import Locks
public import Logging
public import NetworkModel

/// Serves DHCP and DNS of all networks from this process, with sockets in their namespaces.
///
/// Changes of ports are taken in at once; nothing is written but a mark in `<dhcp_confs>/<network id>/` and
/// the record of leases.
public final class NativeDriver: DHCPDriver {
    public let configuration: NativeDriverConfiguration
    public let deaths: AsyncStream<ResourceID>

    /// What needs threads and descriptors of the system.
    struct Machinery: Sendable {
        let surroundings: NetworkServer.Surroundings
        let loops: [DriverLoop]
    }

    /// How often what nobody tells of is looked after: at each turn some of the networks.
    struct Care: Sendable {
        var interval = Duration.seconds(1)
        /// The turns after which all networks were looked after once.
        var turns = 60
        /// The turns after which sockets of an earlier run are given up that no network took.
        var patience = 600
    }

    let machinery: Result<Machinery, DHCPDriverError>
    private let log: Logger
    /// Where files are looked at where there is no machinery: what lies there of a network must not keep
    /// another driver from serving it.
    private let spareQueue = DispatchQueue(label: "native")
    private let deathNews: AsyncStream<ResourceID>.Continuation
    private let care: Care
    private let servers = Mutex<[ResourceID: NetworkServer]>([:])
    /// The networks that were found to be noted on disk as ours, and have no server yet.
    private let marked = Mutex<Set<ResourceID>>([])

    /// Creates a driver with its threads; nothing is opened yet.
    ///
    /// Where the system has no threads or descriptors left, all that needs them throws that.
    ///
    /// - Parameter loops: How many threads answer packets; each network belongs to one of them. Where not
    ///   given, as many as there are processors for, at most two.
    public convenience init(
        configuration: NativeDriverConfiguration, log: Logger, loops: Int? = nil
    ) {
        self.init(
            configuration: configuration, log: log,
            loops: loops ?? min(2, usableProcessors()),
            environment: DescriptorStore.processEnvironment())
    }

    convenience init(
        configuration: NativeDriverConfiguration, log: Logger, loops: Int,
        environment: [String: String], firstDescriptor: Int32 = 3, care: Care = Care()
    ) {
        let news = AsyncStream.makeStream(of: ResourceID.self)
        let machinery: Result<Machinery, DHCPDriverError>
        do {
            let surroundings = NetworkServer.Surroundings(
                configuration: configuration, log: log, deaths: news.continuation,
                journal: try LeaseJournal(
                    path: "\(configuration.dhcpConfs)/leases", capacity: configuration.leaseRecordCapacity,
                    log: log),
                files: try configuration.baseLogDirectory.map { try LogFiles(directory: $0, log: log) },
                strangers: StrangerLog(),
                descriptors: DescriptorStore(
                    environment: environment, prefix: "dhcp", first: firstDescriptor, log: log),
                foreignSources: Self.foreignSources(configuration, log))
            machinery = .success(
                Machinery(
                    surroundings: surroundings,
                    loops: try (0..<max(1, loops)).map { try DriverLoop(number: $0) }))
        } catch {
            machinery = .failure(
                DHCPDriverError(.startFailed, operation: "start the native driver", detail: "\(error)"))
        }
        self.init(configuration: configuration, log: log, machinery: machinery, news: news, care: care)
    }

    /// - Parameter machinery: what the system has for it, or why it has nothing.
    init(
        configuration: NativeDriverConfiguration, log: Logger,
        machinery: Result<Machinery, DHCPDriverError>,
        news: (stream: AsyncStream<ResourceID>, continuation: AsyncStream<ResourceID>.Continuation),
        care: Care = Care()
    ) {
        self.care = care
        self.configuration = configuration
        self.log = log
        self.machinery = machinery
        (deaths, deathNews) = (news.stream, news.continuation)
        takeCareLater(turn: 0)
    }

    /// Has some networks looked after at each turn, as long as there is a driver.
    private func takeCareLater(turn: Int) {
        guard let machinery = try? machinery.get() else { return }
        // The first turn lets a start be over.
        let delay = turn == 0 ? care.interval * 10 : care.interval
        machinery.loops[0].events.schedule(after: delay) { [weak self] in
            guard let self else { return }
            let turns = UInt128(care.turns)
            let share = UInt128(turn) % turns
            for server in servers.withLock({ Array($0.values) })
            where server.network.rawValue % turns == share {
                server.takeCare()
            }
            if turn == care.patience {
                (try? self.machinery.get())?.surroundings.descriptors.forgetUnclaimed()
            }
            takeCareLater(turn: turn + 1)
        }
    }

    /// What counts requests under another's Ethernet address, where that is wanted and possible.
    private static func foreignSources(
        _ configuration: NativeDriverConfiguration, _ log: Logger
    ) -> ForeignSources? {
        guard configuration.sourceMismatch == .count else { return nil }
        do throws(KernelError) {
            return try ForeignSources()
        } catch {
            log.info("requests from another Ethernet source than they name are not counted here: \(error)")
            return nil
        }
    }

    deinit {
        for server in servers.withLock({ Array($0.values) }) { server.close() }
        deathNews.finish()
    }

    public var name: String { "native" }

    public func checkRequirements() async throws(DHCPDriverError) {
        if let shortcoming = PrivilegeCheck.current().shortcoming {
            throw DHCPDriverError(
                .requirement, operation: "serve DHCP",
                detail: "\(shortcoming): run it as root, or in a lab (`leasehold help lab`)")
        }
        for server in configuration.dnsServers {
            do throws(DNSServerAddressError) {
                _ = try DNSServerAddress(server)
            } catch {
                throw DHCPDriverError(.requirement, operation: "read dnsmasq_dns_servers", detail: "\(error)")
            }
        }
        if !configuration.txtRecord.isEmpty, DNSTextRecord(configuration.txtRecord) == nil {
            throw DHCPDriverError(
                .requirement, operation: "read dnsmasq_txt_record",
                detail: "'\(configuration.txtRecord)' is no record; write it as name,text")
        }
        _ = try machinery.get()
    }

    public func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        let (configuration, log) = (configuration, log)
        return try await onWorkThread { [self] () throws(DHCPDriverError) in
            do throws(FileError) {
                let networks = try ServedMarker.networks(configuration) { network, error in
                    log.warning(
                        "whose network this is cannot be read: \(error)", metadata: ["network": "\(network)"])
                }
                marked.withLock { $0 = Set(networks) }
                return networks
            } catch {
                throw DHCPDriverError(.file, operation: "list networks", detail: "\(error)")
            }
        }
    }

    public func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let server = try server(of: service.network.id)
        return try await onWorkThread(of: server) { () throws(DHCPDriverError) in
            try server.apply(service, change)
        }
    }

    public func servesFromThisProcess(_ network: Network) async -> Bool { true }

    public func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        guard case .success = machinery else {
            // Nothing of this process serves it; there may be the mark of an earlier one.
            let configuration = configuration
            return try await onWorkThread { () throws(DHCPDriverError) in
                try NetworkServer.removeMark(of: network, configuration)
            }
        }
        let server = try server(of: network)
        try await onWorkThread(of: server) { () throws(DHCPDriverError) in try server.remove() }
        servers.withLock { $0[network] = nil }
    }

    public func status(of network: ResourceID) async -> DHCPServerStatus {
        guard let server = servers.withLock({ $0[network] }), server.isServing else { return .stopped }
        return .running(pid: nil)
    }

    /// Where the network's log is; nil where it is in the service's own log.
    public func logFile(of network: ResourceID) -> String? {
        configuration.baseLogDirectory.map { LogFiles.path($0, "\(network)") }
    }

    /// What became of the network's packets since its server started; nil where it has none.
    public func counters(of network: ResourceID) -> NetworkCounters? {
        servers.withLock { $0[network] }?.counters
    }

    /// The network's latest outcomes, oldest first.
    public func outcomes(of network: ResourceID) -> [OutcomeRecord] {
        servers.withLock { $0[network] }?.outcomes ?? []
    }

    /// What clients of the network were told, by address.
    public func leases(of network: ResourceID) async -> [Lease] {
        await (try? machinery.get())?.surroundings.journal.listing(of: network) ?? []
    }

    /// What clients of the networks were told, by network and address.
    public func leases(of networks: [ResourceID]) async -> [Lease] {
        guard let journal = (try? machinery.get())?.surroundings.journal else { return [] }
        let wanted = Set(networks)
        return await journal.listing(of: nil).filter { wanted.contains($0.networkID) }
    }

    /// What could not be sent to the network's ports as they ask, a sentence each.
    public func problems(of network: ResourceID) async -> [String] {
        servers.withLock { $0[network] }?.problems ?? []
    }

    /// What clients of the port were told, by address.
    public func leases(of port: ResourceID, on network: ResourceID) async -> [Lease] {
        guard let journal = (try? machinery.get())?.surroundings.journal else { return [] }
        await journal.reading()
        return journal.leases(of: PortIdentity(rawValue: port.rawValue))
    }

    /// The network's server, made when it is first asked for.
    func server(of network: ResourceID) throws(DHCPDriverError) -> NetworkServer {
        let machinery = try machinery.get()
        return servers.withLock { servers in
            if let server = servers[network] { return server }
            // Ids are random, so the loops get about as many networks each.
            let loops = machinery.loops
            let loop = loops[Int(truncatingIfNeeded: network.rawValue % UInt128(loops.count))]
            // What was found is not looked for again.
            let hasMarker = marked.withLock { $0.remove(network) != nil }
            let server = NetworkServer(network, loop, machinery.surroundings, hasMarker: hasMarker)
            servers[network] = server
            return server
        }
    }

    /// Runs a body that waits for the kernel, off the cooperative pool.
    private func onWorkThread<T: Sendable>(
        of server: NetworkServer? = nil, _ body: @escaping @Sendable () throws(DHCPDriverError) -> T
    ) async throws(DHCPDriverError) -> T {
        let work = (server?.loop ?? (try? machinery.get())?.loops[0])?.work
        let result: Result<T, DHCPDriverError> = await withCheckedContinuation { continuation in
            let job: @Sendable () -> Void = { continuation.resume(returning: Result(catching: body)) }
            if let work { work.submit(job) } else { spareQueue.async(execute: job) }
        }
        return try result.get()
    }
}
