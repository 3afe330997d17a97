public import DHCPDrivers
public import InterfaceDrivers
public import KernelPlan
import Locks
public import Logging
public import NetworkModel
public import ServiceLifecycle

/// Serves DHCP on the networks that its source assigns to it, on this host.
///
/// Each network has a worker that compares what should be with what is and applies the difference;
/// events only make it look again. Stopping the agent leaves everything running; starting it adopts
/// what is right.
public final class DHCPAgent: Service {
    let context: AgentContext
    let queue = WorkQueue()
    /// What the kernel tells of changes that may concern wiring.
    let kernelEvents: KernelEvents?
    let auditSignal = Signal()
    let auditPlan = Mutex(AuditPlan())
    let reportSignal = Signal()
    let shared = Mutex(Shared())

    /// What passes and loops have in common.
    struct Shared {
        var workers: [ResourceID: NetworkWorker] = [:]
        /// What the start learned, for the first passes.
        var looks: [ResourceID: FirstLook] = [:]
        /// Of what the source told news while the start learned; nil once the start knows all that it needs.
        var news: News? = News()
        /// Networks of which something may be left over from before the start.
        var remains: Set<ResourceID> = []
        /// Whether the driver could tell what it served before.
        var knowsRemains = true
        var tally: StartTally?
        var start: StartSummary?
        /// What is wrong with the agent as a whole.
        var ownProblem: String?
    }

    /// The networks that changed while the start looked at them.
    struct News {
        private var networks: Set<ResourceID> = []
        private var isOfAll = false

        mutating func add(_ change: SourceChange) {
            switch change {
            case .networks(let changed): networks.formUnion(changed)
            case .everything: isOfAll = true
            }
        }

        func concerns(_ network: ResourceID) -> Bool { isOfAll || networks.contains(network) }
    }

    /// Creates an agent; ``run()`` sets it to work.
    ///
    /// - Parameters:
    ///   - kernelEvents: begins to listen to the changes in the kernel that may concern wirings, if anybody can;
    ///     called as the agent starts.
    ///   - generator: spreads retries in time.
    public init(
        source: any NetworkSource, interfaceDriver: any InterfaceDriver, driver: any DHCPDriver,
        kernel: any Kernel, configuration: AgentConfiguration, logger: Logger,
        kernelEvents: KernelEvents? = nil, time: AgentTime = .system,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        context = AgentContext(
            configuration: configuration, source: source, interfaceDriver: interfaceDriver, driver: driver,
            kernel: KernelThread(kernel),
            limiter: Limiter(limit: configuration.parallelism, uptime: time.uptime),
            journal: Journal(
                capacity: configuration.journalCapacity,
                capacityPerNetwork: configuration.journalCapacityPerNetwork),
            board: StatusBoard(), logger: logger, time: time, generator: SharedGenerator(generator))
        self.kernelEvents = kernelEvents
    }

    /// Begins to listen to the kernel for what may concern wirings.
    public typealias KernelEvents = @Sendable () throws -> AsyncStream<WiringChange>

    /// Serves until a graceful shutdown or a cancellation; then ends the passes that run and leaves
    /// everything as it is.
    public func run() async throws {
        await withTaskCancellationOrGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                // Listen first, then look: what changes in between is looked at twice, never missed.
                let changes = await context.source.changes()
                group.addTask { await self.untilShutdown { await self.follow(changes) } }
                group.addTask { await self.untilShutdown { await self.followDeaths() } }
                // Beside the look at everything, most of which is one thing after the other.
                group.addTask { await self.untilShutdown { await self.followKernel() } }
                group.addTask { await self.untilShutdown { await self.reportForever() } }
                group.addTask {
                    await self.untilShutdown {
                        guard await self.begin() else { return }
                        await self.auditForever()
                    }
                }
                while let work = await queue.next() {
                    group.addTask { await self.perform(work) }
                }
            }
        } onCancelOrGracefulShutdown: {
            self.queue.close()
        }
        context.note(nil, "stopped", why: "servers and wiring stay as they are")
    }

    /// The entries of the journal about one network, or all that are kept, oldest first.
    public func journal(network: ResourceID? = nil) -> [JournalEntry] {
        context.journal.entries(network: network)
    }

    /// What the agent is doing now.
    public func status() -> AgentStatus {
        let (start, problems) = shared.withLock { ($0.start, $0.ownProblem.map { [$0] } ?? []) }
        let networks = context.board.statuses
        return AgentStatus(
            host: context.configuration.host, driver: context.driver.name, networks: networks, start: start,
            problems: problems + networks.compactMap(\.problem), busyNetworks: queue.count)
    }

    /// Whether each network that there was at the start has had its first pass.
    public var isStarted: Bool { shared.withLock { $0.start != nil } }

    /// Asks for a look at everything, as after a loss of the source.
    public func resync() async throws {
        let overview = try await context.source.overview()
        let mine = shared.withLock { Set($0.workers.keys) }
        for network in overview.served.union(overview.reserved).union(overview.waiting).union(mine) {
            queue.add(network, .everything)
        }
    }

    /// Makes one pass over a network, and if it fails waits for the time of the next one.
    private func perform(_ work: WorkQueue.Work) async {
        let (worker, isFirst, look, mayHaveRemains) = shared.withLock { shared in
            let known = shared.workers[work.network]
            let worker = known ?? NetworkWorker(id: work.network, context: context)
            shared.workers[work.network] = worker
            return (
                worker, known == nil, shared.looks.removeValue(forKey: work.network),
                shared.remains.remove(work.network) != nil
            )
        }
        let (result, status, wiring) = await worker.pass(
            work.reasons, look: look, mayHaveRemains: mayHaveRemains)
        let problemsChanged: Bool
        if result.isGone {
            shared.withLock { _ = $0.workers.removeValue(forKey: work.network) }
            context.journal.forget(work.network)
            problemsChanged = context.board.remove(work.network)
        } else {
            problemsChanged = context.board.post(status, wiring: wiring)
        }
        if problemsChanged { reportSignal.send() }
        if isFirst, let wiring {
            // It was taken to stand, or changed before anybody knew whose it is: the next audit looks.
            auditPlan.withLock { $0.note(.namespace(wiring.namespace)) }
            auditSignal.send()
        }
        if status.servedRevision != nil, result.outcome != .failed, result.outcome != .waiting {
            settleOwnProblem()
        }
        if work.reasons.contains(.start) { count(work.network, result.outcome) }
        queue.done(work.network)
        guard let retry = result.retry else { return }
        await untilShutdown {
            try? await self.context.time.sleep(retry.delay)
            if !Task.isCancelled, await worker.awaits(retry) { self.queue.add(work.network, .retry) }
        }
    }

    private func follow(_ changes: any AsyncSequence<SourceChange, Never> & Sendable) async {
        for await change in changes {
            // What the start has read before this and not put in line yet is old.
            shared.withLock { $0.news?.add(change) }
            switch change {
            case .networks(let networks): for network in networks { queue.add(network, .changed) }
            case .everything: await insist("look at all networks") { try await self.resync() }
            }
        }
        if !Task.isCancelled { context.note(nil, "the source has closed", trouble: true) }
    }

    private func followDeaths() async {
        for await network in context.driver.deaths { queue.add(network, .died) }
    }

    /// Does something until it works or the task is cancelled; returns whether it worked.
    @discardableResult
    func insist(_ what: String, _ body: @Sendable () async throws -> Void) async -> Bool {
        var failures = 0
        while !Task.isCancelled {
            do {
                try await body()
                return true
            } catch {
                failures += 1
                context.note(nil, "could not \(what)", why: "\(error)", trouble: true)
                let delay = context.generator.draw { generator in
                    context.configuration.backoff.delay(afterFailures: failures, using: &generator)
                }
                try? await context.time.sleep(delay)
            }
        }
        return false
    }

    /// Runs something that ends by cancellation, until the agent is to stop.
    private func untilShutdown(_ body: @Sendable @escaping () async -> Void) async {
        await cancelWhenGracefulShutdown { await body() }
    }
}

extension NetworkStatus {
    /// What is wrong with the network, as a sentence; nil if nothing is.
    var problem: String? { lastError.map { "network \(id): \($0)" } }
}

/// A wish that somebody waits for; wishes that meet become one.
struct Signal: Sendable {
    let wishes: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (wishes, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func send() { continuation.yield() }
}
