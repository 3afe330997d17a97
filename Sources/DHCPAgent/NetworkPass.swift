import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel

// One pass over a network that is to be served: port, wiring, server, ready.
extension NetworkWorker {
    /// Makes the network be served as the truth says, and tells the source.
    ///
    /// - Parameter change: what differs from what was applied last; nil if that is not known.
    func apply(
        _ truth: ServedNetwork, _ change: DHCPServiceChange?, _ reasons: Set<PassReason>,
        _ knowledge: WiringKnowledge
    ) async throws -> Result {
        var truth = truth
        var change = change
        var reserved = false
        if truth.fittingDHCPPort == nil {
            let port: Port
            do {
                port = try await context.source.reserveDHCPPort(on: id)
            } catch {
                // Nothing went wrong if the network was taken from this agent meanwhile.
                guard case .leave(let ready)? = try? await context.source.assignment(of: id) else {
                    throw error
                }
                return await leave(ready, reasons)
            }
            reserved = true
            // The port may have taken effect on others; and the network may be gone by now.
            guard case .serve(let now) = try await context.source.assignment(of: id) else {
                return await leave([], reasons)
            }
            truth = now.dhcpPort?.id == port.id ? now : now.with(dhcpPort: port)
            attempted = truth
            change = applied.map { truth.change(since: $0) }
        }
        guard let dhcpPort = truth.dhcpPort else { throw AgentError.noDHCPPort }
        let wanted = try context.interfaceDriver.wiring(
            network: truth.network, subnets: truth.subnets, dhcpPort: dhcpPort)
        let service = DHCPService(
            network: truth.network, subnets: truth.subnets, ports: truth.ports, dhcpPort: dhcpPort,
            namespace: wanted.namespace, interface: wanted.innerDevice, revision: truth.revision)
        let served = try await wireAndServe(wanted, service, change, reasons, knowledge)
        let (repair, outcome) = (served.repair, served.outcome)
        applied = truth
        await settle(truth, outcome, reasons, repair)
        let result: PassOutcome =
            switch outcome {
            case .started: .started
            case .unchanged where repair.isNothing && !reserved: .unchanged
            case .unchanged, .reloaded, .restarted: .changed
            }
        return await markReady(truth.waitingPorts, after: result)
    }

    /// Makes the wiring stand and the server answer.
    private func wireAndServe(
        _ wanted: NetworkWiring, _ service: DHCPService, _ change: DHCPServiceChange?,
        _ reasons: Set<PassReason>, _ knowledge: WiringKnowledge
    ) async throws -> (repair: Repair, outcome: DHCPApplyOutcome) {
        if knowledge.isTrusted, let outcome = try? await told(service, .anything) {
            wiring = wanted
            return (Repair(), outcome)
        }
        // Ports that come and go leave the wiring as it is, and drift is what audits are for.
        let isWired = applied != nil && wiring == wanted && reasons.isSubset(of: PassReason.events)
        let repair = isWired ? Repair() : try await align(wanted, seen: knowledge.seen)
        let mustCompare = !reasons.isDisjoint(with: [.start, .died, .retry, .drift]) || !repair.isNothing
        // Until the driver says otherwise nobody knows what the server answers from.
        applied = nil
        return (repair, try await told(service, mustCompare ? .anything : change ?? .anything))
    }

    /// Tells the driver, when its turn comes: processes are started and reloaded a few at a time, while a
    /// server in this process has threads of its own to wait for.
    private func told(
        _ service: DHCPService, _ change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        if await context.driver.servesFromThisProcess(service.network) {
            return try await context.driver.apply(service, change: change)
        }
        return try await context.limiter.run { () async throws(DHCPDriverError) in
            try await context.driver.apply(service, change: change)
        }
    }

    /// Remembers and writes down what the pass did.
    private func settle(
        _ truth: ServedNetwork, _ outcome: DHCPApplyOutcome, _ reasons: Set<PassReason>, _ repair: Repair
    ) async {
        if !repair.isNothing {
            context.note(id, reasons.contains(.drift) ? "repaired the wiring" : "wired", why: repair.text)
        }
        status.servedRevision = truth.revision
        status.subnets = truth.subnets.count(where: \.enableDHCP)
        status.ports = truth.ports.count
        status.server = await context.driver.status(of: id)
        status.remarks = await context.driver.problems(of: id)
        let name = AgentContext.shortName(await context.driver.servingDriver(of: id))
        let former = status.driver
        status.driver = name
        switch outcome {
        case .unchanged:
            // A thousand lines at each start would hide the one that sums them up.
            if reasons.contains(.start) { context.note(id, "adopted \(name)\(pidText)", quiet: true) }
        case .reloaded:
            // A thousand ports make a thousand lines.
            context.note(
                id, "\(name) took in the change", why: "revision \(truth.revision.rawValue)", quiet: true)
        case .restarted, .started:
            serverCameUp()
            let verb =
                !former.isEmpty && former != name
                ? "switched from \(former) to"
                : outcome == .restarted ? "restarted" : reasons.contains(.died) ? "started again" : "started"
            // A server that lives in this process is started at each start, over wiring that stands.
            context.note(
                id, "\(verb) \(name)\(pidText)", why: "revision \(truth.revision.rawValue)",
                quiet: reasons.contains(.start) && repair.isNothing)
        }
        succeed()
    }

    /// Takes down what stands of a network that is not to be served here, and lets waiting ports go.
    func leave(_ ready: [PortMark], _ reasons: Set<PassReason>) async -> Result {
        // No attempt to serve since the failure: what failed is the removal, and its time will come.
        if pendingRetry != nil, attempted == nil, mayHaveRemains, reasons.isSubset(of: PassReason.events) {
            return Result(outcome: .waiting)
        }
        guard mayHaveRemains else {
            var result = await markReady(ready, after: .nothing)
            result.isGone = result.outcome == .nothing
            return result
        }
        applied = nil
        attempted = nil
        status.servedRevision = nil
        status.subnets = 0
        status.ports = 0
        do {
            // The driver's state is what proves that all this is ours, so it goes last.
            let isKept = try await clear()
            try await context.limiter.run { () async throws(DHCPDriverError) in
                try await context.driver.remove(id)
            }
            status.server = .stopped
            if isKept { try await clearAfterServer() }
            try await context.source.releaseDHCPPort(on: id)
        } catch {
            return fail(error, "could not be removed")
        }
        mayHaveRemains = false
        succeed()
        context.note(id, "removed", why: "not to be served here")
        var result = await markReady(ready, after: .removed)
        result.isGone = result.outcome == .removed
        return result
    }
}

extension NetworkWorker {
    /// How often and how long to wait for the kernel to clean up a namespace without a name.
    private static let cleanups = (most: 20, pause: Duration.milliseconds(100))

    /// Takes the bridge away when the pair that keeps it is gone.
    ///
    /// A removal that was cut short may have left the server in a namespace without a name; the kernel
    /// takes that, and the pair with it, some time after the server's end. A pair that stays is
    /// somebody else's, and so is the bridge then.
    private func clearAfterServer() async throws {
        for _ in 0..<Self.cleanups.most {
            try await context.time.sleep(Self.cleanups.pause)
            if try await !clear() { return }
        }
    }
}

/// A failure of the agent's own.
enum AgentError: Error, CustomStringConvertible {
    case noDHCPPort

    var description: String { "the source gave no DHCP port" }
}
