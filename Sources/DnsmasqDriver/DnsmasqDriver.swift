public import DHCPDrivers
import Dispatch
public import LinuxKernel
public import Logging
public import NetworkModel
import Synchronization

/// Serves DHCP with a dnsmasq process per network, started and configured as Neutron does it.
///
/// Processes outlive the driver: a new one adopts what runs. Files lie in `<dhcp_confs>/<network id>/`.
public final class DnsmasqDriver: DHCPDriver {
    public let configuration: DnsmasqConfiguration
    public let deaths: AsyncStream<ResourceID>

    let namespaces: NamespaceThread
    let log: Logger
    private let deathsContinuation: AsyncStream<ResourceID>.Continuation
    private let servers = Mutex<[ResourceID: DnsmasqServer]>([:])
    private let abilities = Mutex<DnsmasqAbilities?>(nil)
    /// Where files, polls and waits for dnsmasq block, off the cooperative pool.
    private let queue = DispatchQueue(label: "dnsmasq", attributes: .concurrent)

    /// Creates a driver; nothing is looked at or started yet.
    public init(configuration: DnsmasqConfiguration, namespaces: NamespaceThread, log: Logger) {
        self.configuration = configuration
        self.namespaces = namespaces
        self.log = log
        (deaths, deathsContinuation) = AsyncStream.makeStream(of: ResourceID.self)
    }

    deinit { deathsContinuation.finish() }

    public var name: String { "dnsmasq" }

    public func checkRequirements() async throws(DHCPDriverError) { _ = try await probe() }

    public func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        let path = configuration.dhcpConfs
        return try await blocking { () throws(DHCPDriverError) in
            guard fileExists(path: path) else { return [] }
            do throws(FileError) {
                return try directoryEntries(path: path).compactMap { name in
                    ResourceID(name).flatMap { isDirectory(path: "\(path)/\(name)") ? $0 : nil }
                }
            } catch {
                throw DHCPDriverError(.file, operation: "list networks", detail: "\(error)")
            }
        }
    }

    public func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let view = ServiceView(service, configuration, try await knownAbilities())
        return try await server(of: service.network.id).apply(view, change)
    }

    public func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        try await server(of: network).remove()
        servers.withLock { $0[network] = nil }
    }

    public func status(of network: ResourceID) async -> DHCPServerStatus {
        guard let pid = await server(of: network).runningPID() else { return .stopped }
        return .running(pid: pid)
    }

    /// Where the network's log is, with the process id where one runs.
    public func logLocation(of network: ResourceID) async -> LogLocation {
        .of(network, configuration, pid: await server(of: network).runningPID())
    }

    /// What could not be written for the network as its ports ask, a sentence each.
    public func problems(of network: ResourceID) -> [String] {
        servers.withLock { $0[network] }?.problems ?? []
    }

    private func server(of network: ResourceID) -> DnsmasqServer {
        servers.withLock { servers in
            if let server = servers[network] { return server }
            let server = DnsmasqServer(network, configuration, namespaces, queue, log, deathsContinuation)
            servers[network] = server
            return server
        }
    }

    private func knownAbilities() async throws(DHCPDriverError) -> DnsmasqAbilities {
        if let known = abilities.withLock({ $0 }) { return known }
        return try await probe()
    }

    private func probe() async throws(DHCPDriverError) -> DnsmasqAbilities {
        let found = try await Requirements.check(configuration, namespaces, log)
        abilities.withLock { $0 = found }
        return found
    }

    private func blocking<T: Sendable>(
        _ body: @escaping @Sendable () throws(DHCPDriverError) -> T
    ) async throws(DHCPDriverError) -> T {
        try await queue.blocking(body)
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
