import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel

/// Sees to one network: makes what is what should be, again and again, and remembers how that went.
///
/// The work queue lets one pass run at a time; the actor is for those who ask meanwhile.
actor NetworkWorker {
    /// What a pass came to.
    struct Result: Sendable {
        var outcome: PassOutcome
        /// The failure to come back to, if this pass was one.
        var retry: Retry?
        /// Whether nothing of the network is left to remember.
        var isGone = false
    }

    /// A pass to make later, unless something better happens until then.
    struct Retry: Hashable, Sendable {
        let number: Int
        let delay: Duration
    }

    let id: ResourceID
    let context: AgentContext

    /// What the server answers from; nil when it must be compared from the ground up.
    var applied: ServedNetwork?
    /// What the last pass went by.
    var attempted: ServedNetwork?
    /// What should stand in the kernel.
    var wiring: NetworkWiring?
    /// Whether something of the network may stand on this host.
    var mayHaveRemains = false
    var status: NetworkStatus
    /// Failures in a row.
    private var failures = 0
    var pendingRetry: Int?
    private var retryNumber = 0
    /// Quick deaths of the server in a row, and when it last came up.
    private var deaths = 0
    private var serverStart: Duration?

    init(id: ResourceID, context: AgentContext) {
        self.id = id
        self.context = context
        status = NetworkStatus(id: id)
    }

    /// Reads the present truth and makes it so; returns what came of it with what there is to know then.
    ///
    /// - Parameters:
    ///   - look: what the start learned a moment ago, if it did.
    ///   - mayHaveRemains: whether something from before the start may stand of the network.
    func pass(
        _ reasons: Set<PassReason>, look: FirstLook?, mayHaveRemains: Bool
    ) async -> (result: Result, status: NetworkStatus, wiring: NetworkWiring?) {
        if mayHaveRemains { self.mayHaveRemains = true }
        let result = await pass(reasons, look)
        return (result, status, wiring)
    }

    private func pass(_ reasons: Set<PassReason>, _ look: FirstLook?) async -> Result {
        // More reasons than the start: something changed since that look.
        if let look, reasons == [.start] {
            return await serve(look.truth, reasons, look.wiring)
        }
        let assignment: Assignment
        do {
            assignment = try await context.source.assignment(of: id)
        } catch {
            return fail(error, "could not learn what to serve")
        }
        switch assignment {
        case .serve(let truth): return await serve(truth, reasons, .unknown)
        case .leave(let ready): return await leave(ready, reasons)
        }
    }

    /// Whether the retry is still the one to make.
    func awaits(_ retry: Retry) -> Bool { pendingRetry == retry.number }

    private func serve(
        _ truth: ServedNetwork, _ reasons: Set<PassReason>, _ knowledge: WiringKnowledge
    ) async -> Result {
        // Where nothing is served, a death is no news: it may be the very failure to recover from.
        let deferrable = PassReason.events.union(applied == nil ? [.drift, .died] : [.drift])
        if pendingRetry != nil, reasons.isSubset(of: deferrable), attempted?.servesSame(as: truth) == true {
            // Nothing that could help has changed: the retry's time will come.
            return Result(outcome: .waiting)
        }
        // Worked out once: on a large network the comparison is most of the pass.
        let change = applied.map { truth.change(since: $0) }
        if status.lastError == nil, reasons.isSubset(of: PassReason.events), change == .ports([]) {
            return await markReady(truth.waitingPorts, after: .unchanged)
        }
        if reasons.contains(.died), let wait = await countDeath(truth) { return wait }
        attempted = truth
        mayHaveRemains = true
        do {
            return try await apply(truth, change, reasons, knowledge)
        } catch {
            applied = nil
            await reportTrouble("\(error)")
            return fail(error, "could not be served")
        }
    }

    /// Tells the source that ports are served, and settles the pass.
    func markReady(_ ports: [PortMark], after outcome: PassOutcome) async -> Result {
        guard !ports.isEmpty else { return Result(outcome: outcome) }
        do {
            try await context.source.portsReady(ports)
            return Result(outcome: outcome)
        } catch {
            return fail(error, "\(ports.count) ports could not be reported ready")
        }
    }

    /// Settles a failure: the wait before the next try, what people are told.
    func fail(_ error: any Error, _ what: String) -> Result {
        failures += 1
        let text = "\(error)"
        if status.lastError != text { context.note(id, what, why: text, trouble: true) }
        status.lastError = text
        let retry = schedule(afterFailures: failures)
        return Result(outcome: .failed, retry: retry)
    }

    /// Notes that a pass went well: the failures before it are over.
    func succeed() {
        failures = 0
        pendingRetry = nil
        status.nextRetry = nil
        if status.lastError != nil {
            status.lastError = nil
            context.note(id, "works again")
        }
    }

    private func schedule(afterFailures count: Int) -> Retry {
        let delay = context.generator.draw { generator in
            context.configuration.backoff.delay(afterFailures: count, using: &generator)
        }
        retryNumber += 1
        pendingRetry = retryNumber
        status.nextRetry = Timestamp(
            secondsSinceEpoch: (context.time.now() + Int64(delay / .milliseconds(1))) / 1000)
        return Retry(number: retryNumber, delay: delay)
    }

    /// Notes the server's death; returns a wait if it dies too often to be started again at once.
    private func countDeath(_ truth: ServedNetwork) async -> Result? {
        // A pass that was under way may have started it again already.
        if case .running = await context.driver.status(of: id) { return nil }
        applied = nil
        let lived = serverStart.map { context.time.uptime() - $0 }
        deaths = lived.map { $0 < context.configuration.calm } == true ? deaths + 1 : 1
        let died = "\(status.driver.isEmpty ? context.driverName : status.driver) died\(pidText)"
        status.server = .stopped
        guard deaths > 1 else {
            context.note(id, died, trouble: true)
            return nil
        }
        attempted = truth
        let retry = schedule(afterFailures: deaths - 1)
        let text = "\(died) for the \(deaths). time in a row"
        context.note(id, text, why: "starting it again in \(seconds(retry.delay))", trouble: true)
        status.lastError = text
        return Result(outcome: .failed, retry: retry)
    }

    /// Notes that the server came up now.
    func serverCameUp() { serverStart = context.time.uptime() }

    /// ` (pid 123)` if the server had a process of its own.
    var pidText: String {
        if case .running(.some(let pid)) = status.server { " (pid \(pid))" } else { "" }
    }

    /// Tells the source why the ports that are not served yet are not.
    private func reportTrouble(_ detail: String) async {
        guard let attempted else { return }
        let waiting = attempted.ports.filter {
            $0.awaitsService && $0.status != .active && ($0.status != .error || $0.statusDetail != detail)
        }
        if waiting.isEmpty { return }
        do {
            try await context.source.portTrouble(waiting.map(PortMark.init), detail: detail)
        } catch {
            context.note(
                id, "could not report the trouble of \(waiting.count) ports", why: "\(error)", trouble: true)
        }
    }
}

/// A duration for people, in seconds with one decimal.
func seconds(_ duration: Duration) -> String {
    let tenths = Int((duration / .milliseconds(100)).rounded())
    return "\(tenths / 10).\(tenths % 10) s"
}
