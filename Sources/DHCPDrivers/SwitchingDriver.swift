public import NetworkModel

/// Several drivers as one: each network is served by the driver that it names, or else by the configured one.
///
/// Where the choice changes, the old server is stopped and the new one started in one step; clients notice
/// nothing but some milliseconds without an answer. Where the new one cannot start, the old one is started
/// again and the error says so.
public final class SwitchingDriver: DHCPDriver {
    public let name: String
    public let deaths: AsyncStream<ResourceID>

    private let drivers: [DHCPDriverName: any DHCPDriver]
    private let configured: DHCPDriverName
    private let places: Places
    private let forwarding: [Task<Void, Never>]

    /// Creates a driver of drivers; nothing is looked at yet.
    ///
    /// - Parameters:
    ///   - drivers: what there is to choose from; the configured one must be among them.
    ///   - configured: what serves networks that name none (`dhcp_driver`).
    ///   - name: how the whole is called; the configured driver's own name where not given.
    public init(
        _ drivers: [DHCPDriverName: any DHCPDriver], configured: DHCPDriverName, name: String? = nil
    ) {
        precondition(drivers[configured] != nil, "the configured driver \(configured) is missing")
        self.drivers = drivers
        self.configured = configured
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

    /// A switch that failed a moment ago: until its time the network is not disturbed again for it.
    private struct Refusal {
        let wanted: DHCPDriverName
        let error: DHCPDriverError
        let until: ContinuousClock.Instant
    }

    /// How long a network is left in peace after a switch that failed.
    private static let peace = Duration.seconds(60)

    /// What is known of where networks are served. Calls for one network never overlap, those for different
    /// ones do.
    private actor Places {
        /// The driver that was applied last.
        private var serving: [ResourceID: DHCPDriverName] = [:]
        /// Drivers that left state behind, as they were found at the start; nil before anybody looked.
        private var found: [ResourceID: Set<DHCPDriverName>]?
        private var refusals: [ResourceID: Refusal] = [:]

        func driver(of network: ResourceID) -> DHCPDriverName? { serving[network] }

        /// Whether a driver may be the one that serves the network, as far as is known.
        func mayServe(_ network: ResourceID, _ driver: DHCPDriverName) -> Bool {
            serving[network].map { $0 == driver } ?? true
        }

        /// The drivers that are known to have state of the network; nil where nobody looked yet.
        func holders(of network: ResourceID) -> Set<DHCPDriverName>? {
            if let driver = serving[network] { return (found?[network] ?? []).union([driver]) }
            return found.map { $0[network] ?? [] }
        }

        func note(_ found: [ResourceID: Set<DHCPDriverName>]) { self.found = found }

        func serves(_ network: ResourceID, _ driver: DHCPDriverName) {
            serving[network] = driver
            found?[network] = nil
        }

        func forget(_ network: ResourceID) {
            serving[network] = nil
            found?[network] = nil
            refusals[network] = nil
        }

        func refused(_ network: ResourceID, _ refusal: Refusal?) { refusals[network] = refusal }

        /// Why a switch to the driver is not tried now.
        func refusal(of network: ResourceID, _ wanted: DHCPDriverName) -> DHCPDriverError? {
            guard let refusal = refusals[network], refusal.wanted == wanted, refusal.until > .now else {
                return nil
            }
            return refusal.error
        }

        /// The drivers that serve a network.
        var used: Set<DHCPDriverName> { Set(serving.values) }
    }

    // MARK: DHCPDriver

    /// Checks the configured driver and those that serve networks now.
    public func checkRequirements() async throws(DHCPDriverError) {
        let needed = await places.used.union([configured])
        for driver in DHCPDriverName.allCases where needed.contains(driver) {
            try await drivers[driver]?.checkRequirements()
        }
    }

    public func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        var found: [ResourceID: Set<DHCPDriverName>] = [:]
        for (name, driver) in drivers {
            for network in try await driver.existingNetworks() { found[network, default: []].insert(name) }
        }
        await places.note(found)
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
        let others = try await others(than: wanted, of: network)
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
        guard let driver = drivers[wanted], await places.holders(of: network.id) == [wanted] else {
            return false
        }
        return await driver.servesFromThisProcess(network)
    }

    public func problems(of network: ResourceID) async -> [String] {
        await drivers[await places.driver(of: network) ?? configured]?.problems(of: network) ?? []
    }

    // MARK: Switching

    /// The other drivers that have state of the network, the one that serves it first.
    private func others(
        than wanted: DHCPDriverName, of network: ResourceID
    ) async throws(DHCPDriverError) -> [DHCPDriverName] {
        if await places.holders(of: network) == nil { _ = try await existingNetworks() }
        let holders = (await places.holders(of: network) ?? []).subtracting([wanted])
        let serving = await places.driver(of: network)
        return DHCPDriverName.allCases.filter { $0 == serving && holders.contains($0) }
            + DHCPDriverName.allCases.filter { $0 != serving && holders.contains($0) }
    }

    private func switchDriver(
        of service: DHCPService, from former: DHCPDriverName, to wanted: DHCPDriverName,
        _ driver: any DHCPDriver
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let network = service.network.id
        if let refusal = await places.refusal(of: network, wanted) {
            // Clients get what is new all the same.
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            throw refusal
        }
        // What is missing is better known before anything is stopped.
        do throws(DHCPDriverError) {
            try await driver.checkRequirements()
        } catch {
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            throw Self.unchanged(error, former)
        }
        let leases = service.withPorts(await drivers[former]?.leases(of: network) ?? [])
        try await drivers[former]?.remove(network)
        await driver.take(leases, of: network)
        do throws(DHCPDriverError) {
            let outcome = try await driver.apply(service, change: .anything)
            await places.serves(network, wanted)
            await places.refused(network, nil)
            return outcome == .started ? .restarted : outcome
        } catch {
            let told = await goBack(service, to: former, from: driver, because: error, leases)
            await places.refused(
                network, Refusal(wanted: wanted, error: told, until: .now + Self.peace))
            throw told
        }
    }

    private static func unchanged(_ error: DHCPDriverError, _ former: DHCPDriverName) -> DHCPDriverError {
        DHCPDriverError(
            error.kind, operation: error.operation,
            detail: "\(error.detail); \(former.rawValue) serves the network as before")
    }

    /// Starts the old server again; returns what to tell.
    private func goBack(
        _ service: DHCPService, to former: DHCPDriverName, from driver: any DHCPDriver,
        because error: DHCPDriverError, _ leases: [Lease]
    ) async -> DHCPDriverError {
        let network = service.network.id
        do throws(DHCPDriverError) {
            try await driver.remove(network)
            await drivers[former]?.take(leases, of: network)
            _ = try await drivers[former]?.apply(service, change: .anything)
            await places.serves(network, former)
            return Self.unchanged(error, former)
        } catch let second {
            await places.forget(network)
            return DHCPDriverError(
                error.kind, operation: error.operation,
                detail: "\(error.detail); and \(former.rawValue) could not be started again: \(second)")
        }
    }
}
