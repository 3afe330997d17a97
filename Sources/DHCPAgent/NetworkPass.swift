import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel

// One pass over a network that is to be served: port, wiring, server, ready.
extension NetworkWorker {
    /// Makes the network be served as the truth says, and tells the source.
    func apply(
        _ truth: ServedNetwork, _ reasons: Set<PassReason>, seen: SeenWiring?
    ) async throws -> Result {
        var truth = truth
        var reserved = false
        if truth.fittingDHCPPort == nil {
            let port = try await context.source.reserveDHCPPort(on: id)
            reserved = true
            // The port may have taken effect on others; and the network may be gone by now.
            guard case .serve(let now) = try await context.source.assignment(of: id) else {
                return await leave([], reasons)
            }
            truth = now.dhcpPort?.id == port.id ? now : now.with(dhcpPort: port)
            attempted = truth
        }
        guard let dhcpPort = truth.dhcpPort else { throw AgentError.noDHCPPort }
        let wanted = try context.interfaceDriver.wiring(
            network: truth.network, subnets: truth.subnets, dhcpPort: dhcpPort)
        let repair = try await align(wanted, seen: seen)
        if repair.isNewNamespace, case .running = await context.driver.status(of: id) {
            // A server in a namespace that is gone answers nobody and can't be told to move.
            try await context.limiter.run { () async throws(DHCPDriverError) in
                try await context.driver.remove(id)
            }
        }
        let service = DHCPService(
            network: truth.network, subnets: truth.subnets, ports: truth.ports, dhcpPort: dhcpPort,
            namespace: wanted.namespace, interface: wanted.innerDevice, revision: truth.revision)
        let mustCompare = !reasons.isDisjoint(with: [.start, .died, .retry, .drift]) || !repair.isNothing
        let change = mustCompare ? .anything : applied.map { truth.change(since: $0) } ?? .anything
        // Until the driver says otherwise nobody knows what the server answers from.
        applied = nil
        let outcome = try await context.limiter.run { () async throws(DHCPDriverError) in
            try await context.driver.apply(service, change: change)
        }
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
        let name = context.driverName
        switch outcome {
        case .unchanged:
            // A thousand lines at each start would hide the one that sums them up.
            if reasons.contains(.start) { context.note(id, "adopted \(name)\(pidText)", quiet: true) }
        case .reloaded:
            context.note(id, "\(name) took in the change", why: "revision \(truth.revision.rawValue)")
        case .restarted, .started:
            serverCameUp()
            let verb =
                outcome == .restarted ? "restarted" : reasons.contains(.died) ? "started again" : "started"
            context.note(id, "\(verb) \(name)\(pidText)", why: "revision \(truth.revision.rawValue)")
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
            try await context.limiter.run { () async throws(DHCPDriverError) in
                try await context.driver.remove(id)
            }
            status.server = .stopped
            try await clear()
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

/// A failure of the agent's own.
enum AgentError: Error, CustomStringConvertible {
    case noDHCPPort

    var description: String { "the source gave no DHCP port" }
}
