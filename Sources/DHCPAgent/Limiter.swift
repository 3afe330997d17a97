import Locks

/// A limit on how many calls run at a time, in order of arrival, that a call which hangs cannot use up.
final class Limiter: Sendable {
    /// The right to run one call.
    struct Permit: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private struct State {
        var free: Int
        var nextNumber: UInt64 = 0
        /// When each running call that counts against the limit began.
        var running: [Permit: Duration] = [:]
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let uptime: @Sendable () -> Duration

    /// - Parameter limit: calls at a time, 1 and up.
    init(limit: Int, uptime: @escaping @Sendable () -> Duration) {
        state = Mutex(State(free: max(limit, 1)))
        self.uptime = uptime
    }

    /// Runs the call when its turn comes.
    nonisolated(nonsending) func run<Value: Sendable, Failure>(
        _ call: nonisolated(nonsending) () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let permit = await acquire()
        defer { release(permit) }
        return try await call()
    }

    /// Lets another call run for each that has been running for longer than this.
    func forgive(longerThan patience: Duration) {
        let now = uptime()
        let late = state.withLock { state in state.running.filter { now - $0.value > patience }.map(\.key) }
        for permit in late { release(permit) }
    }

    private func acquire() async -> Permit {
        await withCheckedContinuation { continuation in
            let admitted = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append(continuation)
                    return false
                }
                state.free -= 1
                return true
            }
            if admitted { continuation.resume() }
        }
        let now = uptime()
        return state.withLock { state in
            let permit = Permit(number: state.nextNumber)
            state.nextNumber += 1
            state.running[permit] = now
            return permit
        }
    }

    /// Gives the permit back, to the call that has waited longest; once, however often it is called.
    private func release(_ permit: Permit) {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.running.removeValue(forKey: permit) != nil else { return nil }
            if state.waiting.isEmpty {
                state.free += 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}
