public import Logging
public import NetworkModel

/// Several drivers as one: each network is served by the driver that it names, or else by the configured one.
///
/// Where the choice changes, the old server is stopped and the new one started in one step; clients notice
/// nothing but some milliseconds without an answer. Where the new one cannot start, the old one is started
/// again and the error says so.
public final class SwitchingDriver: DHCPDriver {
    public let name: String
    public let deaths: AsyncStream<ResourceID>

    let drivers: [DHCPDriverName: any DHCPDriver]
    private let configured: DHCPDriverName
    let places: Places
    let peace: Duration
    private let log: Logger
    private let forwarding: [Task<Void, Never>]

    /// Creates a driver of drivers; nothing is looked at yet.
    ///
    /// - Parameters:
    ///   - drivers: what there is to choose from; the configured one must be among them.
    ///   - configured: what serves networks that name none (`dhcp_driver`).
    ///   - name: how the whole is called; the configured driver's own name where not given.
    ///   - peace: how long a network is left in peace after a switch that failed.
    public init(
        _ drivers: [DHCPDriverName: any DHCPDriver], configured: DHCPDriverName, name: String? = nil,
        peace: Duration = .seconds(60), log: Logger
    ) {
        precondition(drivers[configured] != nil, "the configured driver \(configured) is missing")
        self.drivers = drivers
        self.configured = configured
        self.peace = peace
        self.log = log
        self.name = name ?? drivers[configured]?.name ?? configured.rawValue
        let places = Places()
        self.places = places
        let (deaths, continuation) = AsyncStream.makeStream(of: ResourceID.self)
        self.deaths = deaths
        // Unstructured: they live as long as the driver, which has no scope of its own to run them in.
        forwarding = drivers.map { driver, other in
            let stream = other.deaths
            return Task {
                for await network in stream where await places.mayServe(network, driver) {
                    continuation.yield(network)
                }
            }
        }
    }

    deinit { for task in forwarding { task.cancel() } }

    // MARK: DHCPDriver

    /// Checks the configured driver and those that serve networks now.
    public func checkRequirements() async throws(DHCPDriverError) {
        let needed = await places.used.union([configured])
        for driver in DHCPDriverName.allCases where needed.contains(driver) {
            try await drivers[driver]?.checkRequirements()
        }
    }

    /// What those drivers found that can tell: one that cannot must not keep the networks of the others from
    /// being served. Throws where none can.
    public func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        var found: [ResourceID: Set<DHCPDriverName>] = [:]
        var failures: [DHCPDriverName: DHCPDriverError] = [:]
        await withTaskGroup(of: (DHCPDriverName, Result<[ResourceID], DHCPDriverError>).self) { group in
            for (name, driver) in drivers {
                group.addTask {
                    // Returned from inside of `do`, the optimizer of Swift 6.3 forgets the name.
                    let result: Result<[ResourceID], DHCPDriverError>
                    do throws(DHCPDriverError) {
                        result = .success(try await driver.existingNetworks())
                    } catch {
                        result = .failure(error)
                    }
                    return (name, result)
                }
            }
            for await (name, result) in group {
                switch result {
                case .success(let networks):
                    for network in networks { found[network, default: []].insert(name) }
                case .failure(let error): failures[name] = error
                }
            }
        }
        await places.note(found, unseen: Set(failures.keys))
        if failures.count == drivers.count, let failure = failures[configured] { throw failure }
        for (name, failure) in failures {
            log.error(
                "what \(name.rawValue) left behind before is not known and stays as it is: \(failure)")
        }
        return found.keys.sorted()
    }

    public func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let network = service.network.id
        let wanted = service.network.dhcpDriver ?? configured
        guard let driver = drivers[wanted] else {
            throw DHCPDriverError(
                .requirement, operation: "serve network \(network)",
                detail: "there is no driver \(wanted.rawValue) here")
        }
        let others = await others(than: wanted, of: network)
        guard let former = others.first else {
            let isSame = await places.driver(of: network) == wanted
            let outcome = try await driver.apply(service, change: isSame ? change : .anything)
            await places.serves(network, wanted)
            return outcome
        }
        // Two that are left over from a switch that was cut short: only one of them can go on.
        for extra in others.dropFirst() { try await drivers[extra]?.remove(network) }
        return try await switchDriver(of: service, from: former, to: wanted, driver)
    }

    public func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        var failure: DHCPDriverError?
        // All of them: what is known may be less than what is there.
        for name in DHCPDriverName.allCases {
            do throws(DHCPDriverError) {
                try await drivers[name]?.remove(network)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        await places.forget(network)
    }

    public func status(of network: ResourceID) async -> DHCPServerStatus {
        if let serving = await places.driver(of: network) {
            return await drivers[serving]?.status(of: network) ?? .stopped
        }
        for name in DHCPDriverName.allCases {
            if let status = await drivers[name]?.status(of: network), status != .stopped { return status }
        }
        return .stopped
    }

    public func leases(of network: ResourceID) async -> [Lease] {
        if let serving = await places.driver(of: network) {
            return await drivers[serving]?.leases(of: network) ?? []
        }
        var leases: [Lease] = []
        for name in DHCPDriverName.allCases { leases += await drivers[name]?.leases(of: network) ?? [] }
        return leases
    }

    public func leases(of networks: [ResourceID]) async -> [Lease] {
        var groups: [DHCPDriverName?: [ResourceID]] = [:]
        for network in networks { groups[await places.driver(of: network), default: []].append(network) }
        var leases: [Lease] = []
        for (name, networks) in groups {
            for name in name.map({ [$0] }) ?? DHCPDriverName.allCases {
                leases += await drivers[name]?.leases(of: networks) ?? []
            }
        }
        return leases
    }

    public func leases(of port: ResourceID, on network: ResourceID) async -> [Lease] {
        if let serving = await places.driver(of: network) {
            return await drivers[serving]?.leases(of: port, on: network) ?? []
        }
        var leases: [Lease] = []
        for name in DHCPDriverName.allCases {
            leases += await drivers[name]?.leases(of: port, on: network) ?? []
        }
        return leases
    }

    public func take(_ leases: [Lease], of network: ResourceID) async {
        await drivers[await places.driver(of: network) ?? configured]?.take(leases, of: network)
    }

    public func servingDriver(of network: ResourceID) async -> String {
        let serving = await places.driver(of: network) ?? configured
        return await drivers[serving]?.servingDriver(of: network) ?? serving.rawValue
    }

    /// What is to be switched to another driver is no such network.
    public func servesFromThisProcess(_ network: Network) async -> Bool {
        let wanted = network.dhcpDriver ?? configured
        guard let driver = drivers[wanted], await places.isOnly(wanted, of: network.id) else { return false }
        return await driver.servesFromThisProcess(network)
    }

    public func problems(of network: ResourceID) async -> [String] {
        await drivers[await places.driver(of: network) ?? configured]?.problems(of: network) ?? []
    }
}
