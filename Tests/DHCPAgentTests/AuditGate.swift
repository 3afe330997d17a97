import DHCPAgent
import Locks

/// Holds an agent's audits: the wait before the first and after each one ends when the test says so, however
/// long that takes.
final class AuditGate: Sendable {
    /// For ``AgentConfiguration/auditThrottle``; no other wait is as long.
    static let throttle = Duration.seconds(4321)

    private struct State {
        var begun = 0
        var allowed = 0
        var isOpen = false
    }

    private let state = Mutex(State())

    /// How many waits have begun: one more than there were audits.
    var waits: Int { state.withLock(\.begun) }

    /// The machine's clocks but for the audits' waits.
    func time(
        sleep: @escaping @Sendable (Duration) async throws -> Void = AgentTime.system.sleep
    ) -> AgentTime {
        let system = AgentTime.system
        return AgentTime(
            now: system.now, uptime: system.uptime,
            sleep: { [self] duration in
                guard duration == Self.throttle else { return try await sleep(duration) }
                let number = state.withLock { state in
                    state.begun += 1
                    return state.begun
                }
                while !state.withLock({ $0.isOpen || $0.allowed >= number }) {
                    try await Task.sleep(for: .milliseconds(2))
                }
            })
    }

    /// Ends the wait that has begun last.
    func passOne() { state.withLock { $0.allowed = $0.begun } }

    /// Ends all waits at once from now on.
    func open() { state.withLock { $0.isOpen = true } }
}
