import Locks

/// Decides which unknown clients are worth a line in the log: each once a minute, all together a few a
/// second, whatever a guest sends.
final class StrangerLog: Sendable {
    private static let pause: UInt64 = 60_000_000_000
    private static let burst = 20
    private static let perSecond: UInt64 = 1_000_000_000 / 5

    private struct State {
        /// A place per hash of a client: what collides is told less often, which does no harm.
        var seen: [(client: UInt64, time: UInt64)] = []
        var tokens = StrangerLog.burst
        var filled: UInt64 = 0
        var suppressed: UInt64 = 0
    }

    private let state = Mutex(State())

    /// Whether to write about this client now; with the number of those about whom nothing was written.
    ///
    /// - Parameters:
    ///   - client: Something that tells clients apart, such as network and MAC mixed.
    ///   - now: Nanoseconds of the monotonic clock.
    func admits(_ client: UInt64, now: UInt64) -> UInt64? {
        state.withLock { state in
            if state.seen.isEmpty { state.seen = Array(repeating: (0, 0), count: 512) }
            let mixed = client &* 0x9E37_79B9_7F4A_7C15
            let place = Int(truncatingIfNeeded: mixed >> 55)
            let last = state.seen[place]
            if last.client == client && last.time != 0 && now &- last.time < Self.pause { return nil }
            let earned = min((now &- state.filled) / Self.perSecond, UInt64(Self.burst))
            if earned > 0 {
                state.tokens = min(Self.burst, state.tokens + Int(earned))
                state.filled = now
            }
            guard state.tokens > 0 else {
                state.suppressed += 1
                return nil
            }
            state.tokens -= 1
            state.seen[place] = (client, now)
            defer { state.suppressed = 0 }
            return state.suppressed
        }
    }
}
