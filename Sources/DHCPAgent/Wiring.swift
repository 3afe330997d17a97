import InterfaceDrivers
import KernelPlan
import NetworkModel

/// What the kernel showed of a wiring at one moment.
struct SeenWiring: Sendable {
    let wiring: NetworkWiring
    let observed: ObservedWiring

    /// Whether something has to be done; an obstacle counts, so that somebody hears of it.
    var differs: Bool {
        do throws(PlanError) {
            return try !plan(from: observed, to: wiring).isEmpty
        } catch {
            return true
        }
    }
}

/// What was done to a wiring.
struct Repair: Sendable {
    /// How many reasons are worth reading.
    private static let reasonsShown = 4

    var steps: [WiringStep] = []

    var isNothing: Bool { steps.isEmpty }

    /// Why it was done: the first reasons of the plan, each once.
    var text: String {
        var reasons: [String] = []
        for step in steps where !reasons.contains(step.reason) { reasons.append(step.reason) }
        let shown = reasons.prefix(Self.reasonsShown).joined(separator: "; ")
        return reasons.count > Self.reasonsShown
            ? "\(shown); and \(reasons.count - Self.reasonsShown) more" : shown
    }
}

extension NetworkWorker {
    /// Makes the wiring stand as wanted.
    ///
    /// - Parameter seen: what the kernel showed a moment ago, if somebody looked.
    func align(_ wanted: NetworkWiring, seen: SeenWiring?) async throws -> Repair {
        wiring = wanted
        // Most of a start: what was seen is right, and the kernel need not be troubled.
        if let seen, seen.wiring == wanted, !seen.differs { return Repair() }
        return try await context.kernel.run { kernel throws(WiringError) in
            var known = seen?.wiring == wanted ? seen?.observed : nil
            var repair = Repair()
            var steps = try kernel.plan(known, to: wanted)
            do throws(KernelError) {
                for step in steps {
                    try kernel.apply(step)
                    repair.steps.append(step)
                }
                return repair
            } catch {
                // Somebody else is at work, or what was seen is old: look again, once.
                known = nil
                steps = try kernel.plan(known, to: wanted)
                try kernel.perform(steps)
                repair.steps += steps
                return repair
            }
        }
    }

    /// Takes away what stands of the wiring, as far as its names are known; returns whether a pair whose
    /// inner end is out of reach keeps the bridge.
    func clear() async throws -> Bool {
        let wiring = wiring ?? context.interfaceDriver.remains(of: id)
        let isKept = try await context.kernel.run { kernel throws(WiringError) in
            do throws(KernelError) {
                let observed = try kernel.observe(wiring)
                let steps = planRemoval(of: wiring, from: observed)
                for step in steps { try kernel.apply(step) }
                return !steps.contains { $0.action == .deleteBridge(wiring.bridge) }
                    && observed.namespace == .absent && observed.bridge?.kind == "bridge"
                    && observed.bridgePorts.contains { $0.peerNamespaceID != nil }
            } catch {
                throw .kernel(error)
            }
        }
        self.wiring = nil
        return isKept
    }
}

extension DHCPAgent {
    /// What the kernel shows of wirings now, each handed over as soon as it was looked at, or why it could not
    /// be.
    func see(
        _ wirings: [(network: ResourceID, wiring: NetworkWiring)], withSettings: Bool,
        each: @Sendable (ResourceID, Result<SeenWiring, KernelError>) -> Void
    ) async {
        if wirings.isEmpty { return }
        await context.kernel.run { kernel in
            kernel.observeAll(wirings.map(\.wiring), withSettings: withSettings) { place, result in
                let (network, wiring) = wirings[place]
                each(network, result.map { SeenWiring(wiring: wiring, observed: $0) })
            }
        }
    }
}

/// What a pass knows of the wiring before it begins.
enum WiringKnowledge: Sendable {
    case unknown
    /// What the kernel showed a moment ago.
    case seen(SeenWiring)
    /// It is taken to stand as it was left, for its clients wait for a server that ended with the process before;
    /// the first audit looks at it.
    case trusted

    var seen: SeenWiring? { if case .seen(let seen) = self { seen } else { nil } }
    var isTrusted: Bool { if case .trusted = self { true } else { false } }
}

/// What the start learned of a network before its first pass.
struct FirstLook: Sendable {
    /// What is to be done; the first pass goes by it, and changes since then make one more.
    let truth: ServedNetwork
    let wiring: WiringKnowledge
}

/// A wiring that could not be made or taken away.
enum WiringError: Error, CustomStringConvertible {
    case plan(PlanError)
    case kernel(KernelError)

    var description: String {
        switch self {
        case .plan(let error): "\(error)"
        case .kernel(let error): "\(error)"
        }
    }
}

extension Kernel {
    /// The steps to the wiring from what is known of it, or else from what stands now.
    fileprivate func plan(
        _ known: ObservedWiring?, to wanted: NetworkWiring
    ) throws(WiringError) -> [WiringStep] {
        let observed: ObservedWiring
        do throws(KernelError) {
            if let known { observed = known } else { observed = try observe(wanted) }
        } catch {
            throw .kernel(error)
        }
        do throws(PlanError) {
            return try KernelPlan.plan(from: observed, to: wanted)
        } catch {
            throw .plan(error)
        }
    }

    fileprivate func perform(_ steps: [WiringStep]) throws(WiringError) {
        do throws(KernelError) {
            for step in steps { try apply(step) }
        } catch {
            throw .kernel(error)
        }
    }
}
