import Locks
import NetworkModel

/// The last changes, in order and without gaps, for watchers to read at their own pace.
///
/// A watcher holds no more than its position; what it has not read yet lies here once for all of them, and
/// what falls out of the bound is compacted. So a slow watcher costs no memory.
final class ChangeHistory: Sendable {
    /// What became of a watcher's wait.
    enum Next: Sendable {
        /// The changes after the position, one at least.
        case changes([ChangeSet])
        /// The change after the position is not kept any more.
        case compacted
        /// The history ended.
        case ended
    }

    private struct Waiter {
        var target: Revision
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        /// The kept changes; slots before `head` are vacated.
        var slots: [ChangeSet?] = []
        var head = 0
        /// The number of records in the kept changes.
        var weight = 0
        var latest: Revision
        var isEnded = false
        var waiters: [UInt64: Waiter] = [:]
        var nextWaiter: UInt64 = 0

        /// The position before the oldest kept change.
        var compactedTo: Revision { Revision(latest.rawValue - Int64(slots.count - head)) }

        mutating func reached() -> [CheckedContinuation<Void, Never>] {
            guard !waiters.isEmpty else { return [] }
            let due = waiters.filter { isEnded || $0.value.target <= latest }
            for id in due.keys { waiters[id] = nil }
            return due.values.map(\.continuation)
        }
    }

    private let state: Mutex<State>
    private let bound: Int

    /// A watch gives changes of at most so many records at once: who waits for the first waits for all.
    private static let groupLimit = 64

    /// Creates a history that goes on after the revision.
    ///
    /// - Parameter bound: the number of records of changes that are kept; the last change is kept whatever
    ///   its size.
    init(after revision: Revision, bound: Int) {
        state = Mutex(State(latest: revision))
        self.bound = bound
    }

    /// The revision of the last change.
    var latest: Revision { state.withLock { $0.latest } }

    /// Takes in the changes that follow the latest one and wakes who waits for them.
    func append(_ changes: [ChangeSet]) {
        let due = state.withLock { state in
            for change in changes where !state.isEnded {
                precondition(change.revision.rawValue == state.latest.rawValue + 1, "a gap in the history")
                state.slots.append(change)
                state.weight += Self.weight(of: change)
                state.latest = change.revision
            }
            while state.weight > bound, state.slots.count - state.head > 1 {
                if let oldest = state.slots[state.head] { state.weight -= Self.weight(of: oldest) }
                state.slots[state.head] = nil
                state.head += 1
            }
            if state.head > 1024, state.head > state.slots.count / 2 {
                state.slots.removeFirst(state.head)
                state.head = 0
            }
            return state.reached()
        }
        for continuation in due { continuation.resume() }
    }

    /// Forgets all changes and goes on after the revision: every watcher finds itself compacted.
    func restart(after revision: Revision) {
        let due = state.withLock { state in
            state.slots = []
            state.head = 0
            state.weight = 0
            state.latest = revision
            return state.reached()
        }
        for continuation in due { continuation.resume() }
    }

    /// Ends every watch after the changes it has still to read.
    func end() {
        let due = state.withLock { state in
            state.isEnded = true
            return state.reached()
        }
        for continuation in due { continuation.resume() }
    }

    /// Lets waits begin again after ``end()``.
    func reopen() { state.withLock { $0.isEnded = false } }

    /// The changes after the position that are there, as soon as there is one.
    ///
    /// - Parameter limit: for how many records together; one change is given whatever its size.
    func next(after position: Revision, upTo limit: Int) async throws(CancellationError) -> Next {
        while true {
            let found: Next? = state.withLock { state in
                if position < state.compactedTo { return .compacted }
                if position < state.latest {
                    let index = Int(position.rawValue - state.compactedTo.rawValue)
                    return .changes(Self.group(state.slots[(state.head + index)...], limit))
                }
                return state.isEnded ? .ended : nil
            }
            if let found { return found }
            try await wait(until: Revision(position.rawValue + 1))
        }
    }

    /// Waits until the history has come to the revision.
    ///
    /// - Returns: whether it did; false if it ended before.
    @discardableResult
    func wait(until target: Revision) async throws(CancellationError) -> Bool {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    // A cancellation before this point found no waiter to resume; it shows here.
                    if state.latest >= target || state.isEnded || Task.isCancelled { return true }
                    state.waiters[id] = Waiter(target: target, continuation: continuation)
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.continuation.resume()
        }
        if state.withLock({ $0.latest >= target }) { return true }
        if Task.isCancelled { throw CancellationError() }
        return false
    }

    /// The changes after the revision as a store's watch.
    func watch(after revision: Revision) -> AsyncThrowingStream<[ChangeSet], any Error> {
        let position = Mutex(revision)
        return AsyncThrowingStream {
            switch try await self.next(after: position.withLock { $0 }, upTo: Self.groupLimit) {
            case .changes(let changes):
                if let last = changes.last { position.withLock { $0 = last.revision } }
                return changes
            case .compacted:
                throw StoreError(
                    .compacted, operation: "watch",
                    detail: "the changes after revision \(revision.rawValue) are not kept any more")
            case .ended: return nil
            }
        }
    }

    /// The first changes, of so many records together but at least one change.
    private static func group(_ slots: ArraySlice<ChangeSet?>, _ limit: Int) -> [ChangeSet] {
        var group: [ChangeSet] = []
        var weight = 0
        for change in slots.lazy.compactMap(\.self) {
            weight += self.weight(of: change)
            if weight > limit, !group.isEmpty { break }
            group.append(change)
        }
        return group
    }

    private static func weight(of change: ChangeSet) -> Int {
        max(1, change.puts.count + change.deletes.count)
    }
}
