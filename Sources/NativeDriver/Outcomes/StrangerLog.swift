import LinuxKernel
import Locks
import Logging
import NetworkModel

/// Decides which unknown clients are worth a line in the log: each once a minute, all together a few a
/// second, whatever a guest sends. Lines are written in the background: a log that hangs stops nobody.
final class StrangerLog: Sendable {
    private static let pause: UInt64 = 60_000_000_000
    private static let burst = 20
    private static let perSecond: UInt64 = 1_000_000_000 / 5
    /// The most lines that wait for the log.
    static let limit = 64

    private struct State {
        /// A place per hash of a client: what collides is told less often, which does no harm.
        var seen: [(client: UInt64, time: UInt64)] = []
        var tokens = StrangerLog.burst
        var filled: UInt64 = 0
        var suppressed: UInt64 = 0
        /// Lines that the log has not taken yet.
        var waiting = 0
    }

    private let state = Mutex(State())
    /// nil where the system has no thread for it: then there are no lines.
    private let thread = try? JobThread(name: "dhcp strangers")

    /// Writes about this client where it is time for that, at level info, and returns at once.
    ///
    /// - Parameters:
    ///   - client: Something that tells clients apart, such as network and MAC mixed.
    ///   - now: Nanoseconds of the monotonic clock.
    ///   - message: Called on another thread, and only for what is written; the number of those about whom
    ///     nothing was written is added.
    func tell(
        _ client: UInt64, now: UInt64, log: Logger, network: ResourceID,
        _ message: @autoclosure @escaping @Sendable () -> String
    ) {
        guard let thread, let suppressed = admits(client, now: now) else { return }
        let hasRoom = state.withLock { state in
            guard state.waiting < Self.limit else {
                state.suppressed += suppressed + 1
                return false
            }
            state.waiting += 1
            return true
        }
        guard hasRoom else { return }
        thread.submit { [weak self] in
            let more = suppressed == 0 ? "" : " (\(suppressed) like it were not written)"
            log.info("\(message())\(more)", metadata: ["network": "\(network)"])
            self?.state.withLock { $0.waiting -= 1 }
        }
    }

    /// Whether to write about this client now; with the number of those about whom nothing was written.
    ///
    /// The clocks of those who call may differ a little: each reads it once for many packets.
    func admits(_ client: UInt64, now: UInt64) -> UInt64? {
        state.withLock { state in
            if state.seen.isEmpty { state.seen = Array(repeating: (0, 0), count: 512) }
            let mixed = client &* 0x9E37_79B9_7F4A_7C15
            let place = Int(truncatingIfNeeded: mixed >> 55)
            let last = state.seen[place]
            if last.client == client && last.time != 0 && Self.nanoseconds(last.time, now) < Self.pause {
                return nil
            }
            let earned = min(Self.nanoseconds(state.filled, now) / Self.perSecond, UInt64(Self.burst))
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

    /// How long it is from one time to the other; 0 where that is the earlier one.
    private static func nanoseconds(_ since: UInt64, _ now: UInt64) -> UInt64 {
        now > since ? now - since : 0
    }
}
