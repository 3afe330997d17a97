import Locks
import NetworkModel

/// Why a network is looked at.
enum PassReason: Hashable, Sendable {
    /// The agent starts.
    case start
    /// The source says that something about the network changed.
    case changed
    /// The source lost its place: anything may have changed.
    case everything
    /// The time to try again after a failure has come.
    case retry
    /// The network's server stopped by itself.
    case died
    /// An audit found that the wiring is not what it should be.
    case drift

    /// The reasons that say no more than "look again".
    static let events: Set<PassReason> = [.changed, .everything]
}

/// The networks to look at: each at most once in line, none handed out while a pass over it runs.
///
/// Adding a network while its pass runs puts it in line again when the pass is done, so that no
/// change is missed, and many changes make one more pass.
final class WorkQueue: Sendable {
    /// A network to look at and why.
    struct Work: Sendable {
        let network: ResourceID
        let reasons: Set<PassReason>
    }

    private struct State {
        /// The networks in line and in passes with what was said about them since.
        var pending: [ResourceID: Set<PassReason>] = [:]
        var running: Set<ResourceID> = []
        /// The line: networks in `pending` that are not running, oldest first.
        var line: [ResourceID] = []
        var lineStart = 0
        var closed = false
        var consumer: CheckedContinuation<Work?, Never>?

        mutating func takeFirst() -> Work? {
            guard !closed, lineStart < line.count else { return nil }
            let network = line[lineStart]
            lineStart += 1
            // Moving the rest to the front costs as much as it frees: amortised O(1).
            if lineStart > 64, lineStart * 2 > line.count {
                line.removeFirst(lineStart)
                lineStart = 0
            }
            running.insert(network)
            return Work(network: network, reasons: pending.removeValue(forKey: network) ?? [])
        }
    }

    private let state = Mutex(State())

    /// Asks for a pass over the network; the reason joins those not yet looked into.
    func add(_ network: ResourceID, _ reason: PassReason) {
        handOver { state in
            if state.pending[network]?.insert(reason) == nil {
                state.pending[network] = [reason]
                if !state.running.contains(network) { state.line.append(network) }
            }
        }
    }

    /// Says that the pass over the network is over.
    func done(_ network: ResourceID) {
        handOver { state in
            guard state.running.remove(network) != nil else { return }
            if state.pending[network] != nil { state.line.append(network) }
        }
    }

    /// The next network, which counts as running from now on; nil once the queue is closed.
    ///
    /// There is one consumer.
    func next() async -> Work? {
        await withCheckedContinuation { continuation in
            let now: Work?? = state.withLock { state in
                if let work = state.takeFirst() { return .some(work) }
                if state.closed { return .some(nil) }
                state.consumer = continuation
                return .none
            }
            if let now { continuation.resume(returning: now) }
        }
    }

    /// Hands out nothing more; passes that run go on to their end.
    func close() {
        let consumer = state.withLock { state in
            state.closed = true
            let consumer = state.consumer
            state.consumer = nil
            return consumer
        }
        consumer?.resume(returning: nil)
    }

    /// Whether nothing more is handed out.
    var isClosed: Bool { state.withLock(\.closed) }

    /// Whether the network is in line or in a pass.
    func isBusy(_ network: ResourceID) -> Bool {
        state.withLock { $0.running.contains(network) || $0.pending[network] != nil }
    }

    /// The number of networks in line or in passes.
    var count: Int {
        state.withLock { state in
            state.running.count + state.pending.keys.count { !state.running.contains($0) }
        }
    }

    /// Changes the state, then gives the consumer what it waits for, outside the lock.
    private func handOver(_ change: (inout State) -> Void) {
        let (consumer, work) = state.withLock { state -> (CheckedContinuation<Work?, Never>?, Work?) in
            change(&state)
            guard let consumer = state.consumer, let work = state.takeFirst() else { return (nil, nil) }
            state.consumer = nil
            return (consumer, work)
        }
        consumer?.resume(returning: work)
    }
}
