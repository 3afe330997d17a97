import Dispatch
import KernelPlan
import Locks
import NetworkModel

/// Which networks are to be looked at next: at once those whose wiring somebody touched, all others in
/// turns.
///
/// The kernel tells of nearly all that can happen to a wiring. What it does not tell of (a setting, a mount
/// point) a round over all networks finds, a part of it at each turn, so that thousands of networks cost no
/// more than a few.
struct AuditPlan: Sendable {
    /// A turn looks at no fewer networks than this if there are as many.
    static let leastPerTurn = 50
    /// A round over all networks takes no more turns than this.
    static let mostTurns = 20

    /// What was touched since the last look.
    private(set) var changes: Set<WiringChange> = []
    /// Networks whose time came while a pass was at work on them, which may have looked before or not at all.
    private var postponed: Set<ResourceID> = []
    /// Networks that could not be looked at; the next look takes them along.
    private var unseen: Set<ResourceID> = []
    /// Whether a network could not be looked at the last time.
    var isBlind = false
    private var isTurn = false
    /// The network that the last turn ended with.
    private var last: ResourceID?

    /// How many changes are told apart; beyond that, everything is looked at.
    private static let changesTold = 10_000

    /// Notes a change that the kernel told of.
    mutating func note(_ change: WiringChange) {
        if changes.count >= Self.changesTold { changes = [.anything] }
        changes.insert(change)
    }

    /// Notes that it is time for the next part of the round.
    mutating func noteTurn() { isTurn = true }

    /// Notes networks that were to be looked at and could not be.
    mutating func note(unseen networks: [ResourceID]) { unseen.formUnion(networks) }

    /// Whether networks wait for a look that need not wait for the next turn or change.
    var isPending: Bool { !postponed.isEmpty }

    /// Takes the networks that are to be looked at now out of all that stand.
    ///
    /// - Parameters:
    ///   - wirings: the wirings of all networks that are served.
    ///   - isBusy: whether a pass is at work on the network or will be; it looks for itself.
    mutating func take(
        of wirings: [(network: ResourceID, wiring: NetworkWiring)], isBusy: (ResourceID) -> Bool
    ) -> [(network: ResourceID, wiring: NetworkWiring)] {
        let turn = isTurn ? nextTurn(of: wirings.map(\.network)) : []
        let touched = wirings.filter {
            postponed.contains($0.network) || unseen.contains($0.network)
                || $0.wiring.isTouched(by: changes)
        }
        changes = []
        unseen = []
        isTurn = false
        let chosen = turn.union(touched.lazy.map(\.network))
        postponed = chosen.filter(isBusy)
        return wirings.filter { chosen.contains($0.network) && !postponed.contains($0.network) }
    }

    /// The next part of the round.
    private mutating func nextTurn(of networks: [ResourceID]) -> Set<ResourceID> {
        let count = max(Self.leastPerTurn, (networks.count + Self.mostTurns - 1) / Self.mostTurns)
        guard networks.count > count else {
            last = nil
            return Set(networks)
        }
        let sorted = networks.sorted()
        let start = last.map { last in sorted.firstIndex { $0 > last } ?? 0 } ?? 0
        let part = (start..<start + count).map { sorted[$0 % sorted.count] }
        last = part.last
        return Set(part)
    }
}

extension DHCPAgent {
    /// Compares wirings with what they should be: in turns, and at once where the kernel tells of a change.
    func auditForever() async {
        await withDiscardingTaskGroup { group in
            let configuration = context.configuration
            if configuration.auditInterval > .zero {
                group.addTask {
                    while (try? await self.context.time.sleep(configuration.auditInterval)) != nil {
                        self.auditPlan.withLock { $0.noteTurn() }
                        self.auditSignal.send()
                    }
                }
            }
            group.addTask {
                // A call that hangs is noticed late by less than as long as it is borne.
                let pause = max(configuration.patience / 2, .milliseconds(1))
                while (try? await self.context.time.sleep(pause)) != nil {
                    self.context.limiter.forgive(longerThan: configuration.patience)
                }
            }
            if !shared.withLock(\.knowsRemains) { group.addTask { await self.findRemains() } }
            // The passes of the start come first.
            try? await context.time.sleep(context.configuration.auditThrottle)
            for await _ in auditSignal.wishes {
                await audit()
                try? await context.time.sleep(context.configuration.auditThrottle)
                if auditPlan.withLock(\.isPending) { auditSignal.send() }
            }
        }
    }

    /// Notes what the kernel tells, from the moment on when it is asked.
    func followKernel() async {
        guard let kernelEvents else { return }
        await insist("listen to the kernel") {
            // It waits for whoever speaks to the kernel; the kernel's own thread is needed for the start.
            let changes = try await withCheckedThrowingContinuation { continuation in
                DispatchQueue(label: "kernel events").async {
                    continuation.resume(with: Result { try kernelEvents() })
                }
            }
            for await change in changes {
                self.auditPlan.withLock { $0.note(change) }
                self.auditSignal.send()
            }
        }
    }

    /// Puts the networks in line whose wiring is not what it should be.
    private func audit() async {
        let wirings = context.board.wirings
        let chosen = auditPlan.withLock { $0.take(of: wirings) { queue.isBusy($0) } }
        let failures = Mutex<[(network: ResourceID, error: KernelError)]>([])
        await see(chosen, withSettings: true) { network, seen in
            switch seen {
            case .success(let seen): if seen.differs { self.queue.add(network, .drift) }
            case .failure(let error): failures.withLock { $0.append((network, error)) }
            }
        }
        if !chosen.isEmpty { settle(unseen: failures.withLock { $0 }) }
    }

    /// Has the networks that could not be looked at looked at again, and tells of the trouble and of its end,
    /// once each.
    private func settle(unseen: [(network: ResourceID, error: KernelError)]) {
        let wasBlind = auditPlan.withLock { plan in
            plan.note(unseen: unseen.map(\.network))
            defer { plan.isBlind = !unseen.isEmpty }
            return plan.isBlind
        }
        if let first = unseen.first, !wasBlind {
            context.note(
                nil, "could not look at the wiring of \(unseen.count) networks", why: "\(first.error)",
                trouble: true)
        } else if unseen.isEmpty, wasBlind {
            context.note(nil, "can look at wirings again")
        }
    }
}
