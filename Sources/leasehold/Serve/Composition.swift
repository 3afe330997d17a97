import Addressing
import DHCPAgent
import Dispatch
import Glibc
import InterfaceDrivers
import KernelPlan
import LinuxKernel
import Logging
import NativeDriver
import NetworkModel
import NetworkStore
import NeutronAPI
import ServiceLifecycle

/// The concrete parts of a service, put together from its settings: the one place that names them.
struct Composition {
    /// In the order of dependence; they stop in the reverse order.
    let services: [any Service]
    private let store: SQLiteStore
    private let kernel: LinuxKernel
    private let drivers: Drivers

    /// A logger for what is only of interest when something goes wrong.
    let quietLogger: Logger

    init(settings: Settings, logger: Logger) async throws {
        store = try await Self.open(settings.database)
        let index = try await StateIndex(store: store)
        let namespaces = try NamespaceThread()
        let kernel = try LinuxKernel(thread: namespaces)
        self.kernel = kernel
        let drivers = Drivers(settings, owner: store.identity, namespaces, logger)
        self.drivers = drivers
        let uplinks = Set(settings.physicalInterfaceMappings.values).union(settings.bridgeMappings.values)
        var configuration = AgentConfiguration(host: settings.host, leaseDuration: settings.dhcpLeaseDuration)
        configuration.reportInterval = .seconds(settings.reportInterval)
        configuration.logHeartbeats = settings.logAgentHeartbeats
        configuration.auditInterval = .seconds(settings.auditInterval)
        configuration.parallelism = settings.numSyncThreads
        configuration.backoff = Backoff(
            first: .seconds(max(settings.resyncThrottle, 1)) / 2, longest: .seconds(settings.resyncInterval))
        let agent = DHCPAgent(
            source: StoreNetworkSource(
                index: index, host: settings.host, availabilityZone: settings.availabilityZone,
                policy: settings.modelPolicy),
            interfaceDriver: LinuxBridge(try LinuxBridgeConfiguration(settings, kernel)), driver: drivers.all,
            kernel: kernel, configuration: configuration, logger: logger,
            kernelEvents: { try kernel.wiringChanges(uplinks: uplinks) })
        let status = StatusRoutes(
            agent: agent, drivers: drivers, index: index, settings: settings, version: Leasehold.version)
        let access = try Access(settings, clock: Self.now)
        var limits = NeutronAPI.Limits()
        limits.pageLength = settings.paginationMaxLimit
        let api = NeutronAPI(
            index: index, policy: settings.modelPolicy, limits: limits,
            authenticator: access.authenticator,
            leases: ServedLeases(agent: agent, driver: drivers.all), extraRoutes: status.routes,
            logger: logger, clock: Self.now)
        services =
            [
                IndexService(index: index), agent,
                AfterStartService(agent: agent, store: store, index: index, logger: logger),
            ] + access.services + [
                try api.server(
                    host: settings.bindHost, port: settings.bindPort, certificate: access.certificate
                ) { _ in
                    do throws(FileError) {
                        try notifyReady()
                    } catch {
                        logger.warning("systemd does not hear that the service is ready: \(error)")
                    }
                }
            ]
        var quiet = logger
        quiet.logLevel = .error
        quietLogger = quiet
    }

    /// Ends what the services have begun, after they have stopped: deletions and records that still wait,
    /// the store.
    func close(logger: Logger) async {
        let kernel = kernel
        let native = drivers.native
        // Deleting bridges blocks; a thread of its own, and nothing else goes on any more.
        let failures = await withCheckedContinuation { continuation in
            DispatchQueue(label: "last deletions").async {
                native.flushLeases()
                continuation.resume(returning: kernel.flushReaper())
            }
        }
        for failure in failures { logger.warning("\(failure)") }
        do {
            try await store.close()
        } catch {
            logger.error("\(error)")
        }
    }

    /// The present moment, for what carries a time.
    @Sendable private static func now() -> Timestamp { Timestamp(secondsSinceEpoch: Int64(time(nil))) }

    private static func open(_ path: String) async throws -> SQLiteStore {
        do {
            return try await SQLiteStore.open(path)
        } catch {
            throw CommandFailure("\(error)", status: 73)
        }
    }
}

/// The index as a service: it follows the store until the service stops.
private struct IndexService: Service {
    let index: StateIndex

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await index.run()
            } catch is CancellationError {
                return
            }
        }
    }
}

/// Does what the opening of the store has left for later, once the networks are served again.
private struct AfterStartService: Service {
    /// The start needs all cores. It is not waited for beyond so many seconds: it may be one network that takes
    /// so long.
    private static let patience = 60

    let agent: DHCPAgent
    let store: SQLiteStore
    let index: StateIndex
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            do {
                for _ in 0..<Self.patience {
                    try await Task.sleep(for: .seconds(1))
                    if agent.isStarted { break }
                }
                try await index.finishIndexes()
                try await store.finishInspection()
            } catch let damage as StoreError where damage.kind == .unusable {
                logger.error("\(damage); networks are served as they are, every change is refused")
            } catch {
                // Cancelled: the next start looks first.
                if !Task.isCancelled { logger.warning("\(error)") }
            }
        }
        try? await gracefulShutdown()
    }
}

extension LinuxBridgeConfiguration {
    /// The settings about links.
    fileprivate init(_ settings: Settings, _ kernel: LinuxKernel) throws {
        // Multicast leaves by the interface that has local_ip.
        var device: String?
        if let local = settings.localIP,
            let address = try kernel.addresses().first(where: { $0.address.address == local })
        {
            device = try kernel.links().first { $0.index == address.link }?.name
        }
        self.init(
            physicalInterfaceMappings: settings.physicalInterfaceMappings,
            bridgeMappings: settings.bridgeMappings, enableVXLAN: settings.enableVXLAN,
            localIP: settings.localIP, vxlanGroup: settings.vxlanGroup,
            vxlanDevice: device, vxlanPeers: settings.vxlanPeers,
            udpDestinationPort: UInt16(settings.vxlanPort))
    }
}
