import Addressing
import DHCPDrivers
import Locks
import NetworkModel

/// A driver that serves nobody but remembers what it was told, and catches the agent breaking the contract.
final class FakeDHCPDriver: DHCPDriver {
    struct Call: Sendable {
        let service: DHCPService
        let change: DHCPServiceChange
        let outcome: DHCPApplyOutcome
    }

    fileprivate struct State {
        var calls: [Call] = []
        var attempts = 0
        var serving: [ResourceID: DHCPService] = [:]
        var running: [ResourceID: Int32] = [:]
        var nextPID: Int32 = 100
        var failing: [ResourceID: DHCPDriverError] = [:]
        var removed: [ResourceID] = []
        var inCall: Set<ResourceID> = []
        var concurrent = 0
        var mostConcurrent = 0
        var violations: [String] = []
        /// Calls for these networks wait until the gate opens.
        var gated: Set<ResourceID> = []
        var waiting: [ResourceID: [CheckedContinuation<Void, Never>]] = [:]
        var requirement: DHCPDriverError?
        /// What the next call for a network fails with, and only that.
        var failingOnce: [ResourceID: DHCPDriverError] = [:]
        /// Networks of which there is state but no server.
        var left: Set<ResourceID> = []
        /// How often it will not be able to tell what it left behind.
        var blindLooks = 0
        var whenRemoved: (@Sendable () -> Void)?
        var whenAsked: (@Sendable (ResourceID) async -> Void)?
    }

    let name = "neutron.agent.linux.dhcp.Dnsmasq"
    let deaths: AsyncStream<ResourceID>
    private let mourner: AsyncStream<ResourceID>.Continuation
    private let state = Mutex(State())
    /// Sleeps in a call, to let things happen meanwhile.
    private let delay: @Sendable () async -> Void

    /// Whether servers end with the process, as those of a native driver do.
    let isNative: Bool

    init(isNative: Bool = false, delay: @Sendable @escaping () async -> Void = {}) {
        self.isNative = isNative
        (deaths, mourner) = AsyncStream.makeStream()
        self.delay = delay
    }

    var calls: [Call] { state.withLock(\.calls) }
    /// Calls of apply, those that failed included.
    var attempts: Int { state.withLock(\.attempts) }
    var removed: [ResourceID] { state.withLock(\.removed) }
    var violations: [String] { state.withLock(\.violations) }
    var mostConcurrent: Int { state.withLock(\.mostConcurrent) }
    func calls(for network: ResourceID) -> [Call] { calls.filter { $0.service.network.id == network } }
    func served(_ network: ResourceID) -> DHCPService? { state.withLock { $0.serving[network] } }
    func isWaiting(_ network: ResourceID) -> Bool { state.withLock { $0.waiting[network]?.isEmpty == false } }
    func isRunning(_ network: ResourceID) -> Bool { state.withLock { $0.running[network] != nil } }

    func fail(_ network: ResourceID, with error: DHCPDriverError?) {
        state.withLock { $0.failing[network] = error }
    }

    func failOnce(_ network: ResourceID, with error: DHCPDriverError) {
        state.withLock { $0.failingOnce[network] = error }
    }

    /// State of a server that ended.
    func leaveState(_ network: ResourceID) { state.withLock { _ = $0.left.insert(network) } }

    /// Has the next looks at what it left behind fail.
    func blind(_ looks: Int) { state.withLock { $0.blindLooks = looks } }

    /// Does something when the start asks whose process a network's server lives in.
    func onAsked(_ action: @escaping @Sendable (ResourceID) async -> Void) {
        state.withLock { $0.whenAsked = action }
    }

    /// Does something when a server was removed.
    func onRemove(_ action: @escaping @Sendable () -> Void) { state.withLock { $0.whenRemoved = action } }

    func require(_ error: DHCPDriverError?) { state.withLock { $0.requirement = error } }

    /// A server that runs from before the agent's start.
    func preload(_ service: DHCPService) {
        state.withLock {
            $0.serving[service.network.id] = service
            $0.running[service.network.id] = 99
        }
    }

    /// A directory that was left over.
    func leaveBehind(_ network: ResourceID) { state.withLock { $0.running[network] = 98 } }

    func closeGate(_ network: ResourceID) { state.withLock { _ = $0.gated.insert(network) } }

    func openGate(_ network: ResourceID) {
        let waiting = state.withLock { state in
            state.gated.remove(network)
            return state.waiting.removeValue(forKey: network) ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The server stops by itself.
    func kill(_ network: ResourceID) {
        state.withLock { _ = $0.running.removeValue(forKey: network) }
        mourner.yield(network)
    }

    func checkRequirements() async throws(DHCPDriverError) {
        if let error = state.withLock(\.requirement) { throw error }
    }

    func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        let networks: [ResourceID]? = state.withLock { state in
            guard state.blindLooks == 0 else {
                state.blindLooks -= 1
                return nil
            }
            return Array(state.left.union(state.serving.keys).union(state.running.keys))
        }
        guard let networks else {
            throw DHCPDriverError(.file, operation: "list networks", detail: "no luck")
        }
        return networks
    }

    func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let id = service.network.id
        enter(id)
        defer { leave(id) }
        await delay()
        await withCheckedContinuation { continuation in
            let open = state.withLock { state in
                guard state.gated.contains(id) else { return true }
                state.waiting[id, default: []].append(continuation)
                return false
            }
            if open { continuation.resume() }
        }
        let outcome: Result<DHCPApplyOutcome, DHCPDriverError> = state.withLock { state in
            state.attempts += 1
            if let error = state.failing[id] { return .failure(error) }
            if let error = state.failingOnce.removeValue(forKey: id) { return .failure(error) }
            if case .ports(let changed) = change { state.check(service, changed) }
            let outcome: DHCPApplyOutcome
            if state.running[id] == nil {
                state.nextPID += 1
                state.running[id] = state.nextPID
                outcome = .started
            } else {
                outcome = state.serving[id].map { $0.isSame(as: service) } == true ? .unchanged : .reloaded
            }
            state.serving[id] = service
            state.calls.append(Call(service: service, change: change, outcome: outcome))
            return .success(outcome)
        }
        return try outcome.get()
    }

    func servesFromThisProcess(_ network: Network) async -> Bool {
        await state.withLock(\.whenAsked)?(network.id)
        return isNative
    }

    func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        enter(network)
        defer { leave(network) }
        let error = state.withLock { state in
            if let error = state.failing[network] { return Optional(error) }
            state.removed.append(network)
            state.serving[network] = nil
            state.running[network] = nil
            return nil
        }
        if let error { throw error }
        state.withLock(\.whenRemoved)?()
    }

    func status(of network: ResourceID) async -> DHCPServerStatus {
        state.withLock { $0.running[network].map { .running(pid: $0) } ?? .stopped }
    }

    private func enter(_ id: ResourceID) {
        state.withLock { state in
            if !state.inCall.insert(id).inserted { state.violations.append("calls for \(id) overlap") }
            state.concurrent += 1
            state.mostConcurrent = max(state.mostConcurrent, state.concurrent)
        }
    }

    private func leave(_ id: ResourceID) {
        state.withLock { state in
            state.inCall.remove(id)
            state.concurrent -= 1
        }
    }
}

extension FakeDHCPDriver.State {
    /// The named ports must be all that differs from what is served.
    fileprivate mutating func check(_ service: DHCPService, _ changed: Set<ResourceID>) {
        guard let old = serving[service.network.id] else {
            violations.append("only ports of \(service.network.id), which is not served")
            return
        }
        let before = Dictionary(uniqueKeysWithValues: old.ports.map { ($0.id, $0.served) })
        let after = Dictionary(uniqueKeysWithValues: service.ports.map { ($0.id, $0.served) })
        for id in Set(before.keys).union(after.keys) where before[id] != after[id] && !changed.contains(id) {
            violations.append("port \(id) differs and is not named")
        }
        if old.subnets != service.subnets { violations.append("subnets differ and only ports are named") }
    }
}

extension Port {
    /// What a client sees of the port.
    var served: [String] {
        [macAddress.description] + fixedIPs.map(\.address.description)
            + extraDHCPOptions.map { "\($0.name)=\($0.value)" } + [dnsName]
    }
}

extension DHCPService {
    /// Whether clients see the same of both.
    func isSame(as other: DHCPService) -> Bool {
        network.mtu == other.network.mtu && subnets == other.subnets && interface == other.interface
            && ports.map(\.id) == other.ports.map(\.id) && ports.map(\.served) == other.ports.map(\.served)
    }
}
