import Locks
public import NetworkModel

/// What watchers of a ``StateIndex`` learn.
public enum IndexChange: Sendable {
    /// A commit that the index has taken in.
    case changed(ChangeSet)
    /// Anything may have changed: the watcher or the index fell behind. Look at everything.
    case resync
}

/// All records in memory, following a store's watch; where every read and every decision looks.
public final class StateIndex: Sendable {
    private let store: any Store
    private let state: Mutex<NetworkState>
    /// Held by who makes the next state out of the present one, while readers read on.
    private let successor = Mutex(())
    /// What the index has taken in; ``NetworkState/revision`` is never behind it.
    private let applied: ChangeHistory

    /// How often ``perform(_:)`` decides before it gives up. In each round at least one of those who want
    /// the same thing gets it.
    private static let attempts = 100
    /// Up to so many records are taken in while readers wait.
    private static let changesInPlace = 16
    /// So many that came while an index was built are taken into it together.
    private static let changesAtOnce = 1000

    /// Loads the store's present state; ``run()`` follows it from there, and ``finishIndexes()`` makes lists fast.
    ///
    /// - Parameter changesBound: the number of changed records that a watcher of ``changes()`` may be behind
    ///   before it is told to resync.
    public init(store: any Store, changesBound: Int = 100_000) async throws {
        self.store = store
        let snapshot = try await store.snapshot()
        state = Mutex(snapshot)
        applied = ChangeHistory(after: snapshot.revision, bound: changesBound)
    }

    /// Follows the store until the task is cancelled or the store closes.
    ///
    /// - Throws: `CancellationError`, or what the store's watch failed with. Whoever waits for the index
    ///   then fails too rather than wait for ever.
    public func run() async throws {
        applied.reopen()
        defer { applied.end() }
        while true {
            do {
                for try await changes in store.watch(after: applied.latest) {
                    for change in changes { take(change) }
                    applied.append(changes)
                }
                try Task.checkCancellation()
                return
            } catch let error as StoreError where error.kind == .compacted {
                var snapshot = try await store.snapshot()
                snapshot.finishIndexes()
                let revision = snapshot.revision
                successor.withLock { _ in state.withLock { swap(&$0, &snapshot) } }
                applied.restart(after: revision)
            }
        }
    }

    private func take(_ change: ChangeSet) {
        // In place nothing is copied but what a reader holds at this moment. Only a large change is worth a copy
        // of all that it touches, so that nobody waits for it.
        if change.puts.count + change.deletes.count <= Self.changesInPlace {
            state.withLock { $0.apply(change) }
            return
        }
        successor.withLock { _ in
            var next = present
            next.apply(change)
            // What only the state before had is freed behind the lock.
            state.withLock { swap(&$0, &next) }
        }
    }

    /// Builds what a store leaves for later when it is loaded: an index that only lists need. Others read and
    /// write meanwhile.
    ///
    /// - Throws: `CancellationError`.
    public func finishIndexes() async throws {
        var finished = present
        while true {
            finished.finishIndexes()
            let isTaken = successor.withLock { _ in
                state.withLock { state in
                    guard !state.hasAllIndexes else { return true }
                    guard state.revision == finished.revision else { return false }
                    swap(&state, &finished)
                    return true
                }
            }
            if isTaken { return }
            switch try await applied.next(after: finished.revision, upTo: Self.changesAtOnce) {
            case .changes(let changes): for change in changes { finished.apply(change) }
            case .compacted: finished = present
            // Nobody follows the store any more.
            case .ended: return
            }
        }
    }

    /// The state as it stands; a copy costs nothing and does not change.
    public var present: NetworkState { state.withLock { $0 } }

    /// Gives the body the state as it stands.
    public func read<R>(_ body: (NetworkState) throws -> R) rethrows -> R { try body(present) }

    /// Waits until the index reflects the revision.
    ///
    /// - Throws: `CancellationError`, or ``StoreError/Kind/closed`` if the index does not follow the store
    ///   any more.
    public func reached(_ revision: Revision) async throws {
        guard try await applied.wait(until: revision) else {
            throw StoreError(
                .closed, operation: "wait for revision \(revision.rawValue)",
                detail: "the index does not follow the store any more")
        }
    }

    /// Decides on the present state and commits; decides again if others were faster.
    ///
    /// Returns when the index reflects the commit, so that the caller reads its own writes. A decision
    /// without changes does not touch the store.
    /// - Throws: what `decide` refuses with; `ModelError` of kind `serviceUnavailable` if others were faster
    ///   every time; `StoreError` if the store failed; `CancellationError` (the commit may have been made).
    public func perform<Value: Sendable>(
        _ decide: @Sendable (NetworkState) throws(ModelError) -> Decision<Value>
    ) async throws -> Value {
        for _ in 0..<Self.attempts {
            let decision = try decide(present)
            if decision.isNoChange { return decision.value }
            do {
                try await reached(try await store.commit(decision.commit))
                return decision.value
            } catch let error as StoreError where error.isLostRace {
                // A commit of nothing tells how far the store is: the winner is not beyond that.
                try await reached(try await store.commit(Commit()))
            }
        }
        throw ModelError(
            .serviceUnavailable, "ServiceUnavailable",
            "Others changed the same resources \(Self.attempts) times in a row; try again later.")
    }

    /// Every change from now on, after the index has taken it in.
    ///
    /// The watcher reads at its own pace; one that is too far behind gets ``IndexChange/resync`` in place of
    /// what it missed. Ends when ``run()`` ends.
    public func changes() -> AsyncStream<IndexChange> {
        let position = Mutex(applied.latest)
        return AsyncStream {
            guard let next = try? await self.applied.next(after: position.withLock { $0 }, upTo: 1)
            else { return nil }
            switch next {
            case .changes(let changes):
                guard let change = changes.first else { return nil }
                position.withLock { $0 = change.revision }
                return .changed(change)
            case .compacted:
                position.withLock { $0 = self.applied.latest }
                return .resync
            case .ended: return nil
            }
        }
    }
}

extension StoreError {
    /// Whether another commit was faster.
    fileprivate var isLostRace: Bool {
        switch kind {
        case .conflict, .claimed: true
        case .compacted, .unusable, .io, .closed: false
        }
    }
}
