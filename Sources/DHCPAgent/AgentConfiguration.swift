import Glibc
import Locks

/// How an agent works; defaults are Neutron's where it has the option.
public struct AgentConfiguration: Hashable, Sendable {
    /// `host`: who the agent is to the source.
    public var host: String
    /// `dhcp_lease_duration` as the heartbeat tells it: seconds, -1 for infinite.
    public var leaseDuration: Int
    /// `report_interval`.
    public var reportInterval = Duration.seconds(30)
    /// `log_agent_heartbeats`.
    public var logHeartbeats = false
    /// How often wiring is compared with what it should be though the kernel told of no change: of up to 50
    /// networks, or a twentieth of all. Zero for only where the kernel tells of a change.
    public var auditInterval = Duration.seconds(3)
    /// The shortest time between two audits when the kernel tells of changes.
    public var auditThrottle = Duration.milliseconds(500)
    /// How many calls to the DHCP driver run at a time, 1 and up.
    public var parallelism = max(2, 2 * sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    /// After this long a driver call that hangs no longer keeps another network waiting.
    public var patience = Duration.seconds(5)
    /// The waits before a failed network is tried again.
    public var backoff = Backoff()
    /// A server that ran for this long before it died is restarted at once.
    public var calm = Duration.seconds(60)
    /// How many journal entries are kept.
    public var journalCapacity = 4096
    /// How many journal entries are kept of each network.
    public var journalCapacityPerNetwork = 64

    public init(host: String, leaseDuration: Int = 86400) {
        self.host = host
        self.leaseDuration = leaseDuration
    }
}

/// The clocks of an agent.
public struct AgentTime: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var now: @Sendable () -> Int64
    /// Time since some fixed moment, never going back.
    public var uptime: @Sendable () -> Duration
    /// Returns after the duration; throws when the task is cancelled.
    public var sleep: @Sendable (Duration) async throws -> Void

    public init(
        now: @escaping @Sendable () -> Int64, uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    /// The machine's own clocks.
    public static var system: AgentTime {
        let start = ContinuousClock.now
        return AgentTime(
            now: {
                var time = timespec()
                clock_gettime(CLOCK_REALTIME, &time)
                return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
            }, uptime: { ContinuousClock.now - start }, sleep: { try await Task.sleep(for: $0) })
    }
}

/// A random generator that many tasks share.
final class SharedGenerator: Sendable {
    private let generator: Mutex<any RandomNumberGenerator & Sendable>

    init(_ generator: any RandomNumberGenerator & Sendable) { self.generator = Mutex(generator) }

    /// Draws from the generator, one task at a time.
    func draw<Value: Sendable, Failure>(
        _ body: (inout AnyGenerator) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try generator.withLock { base throws(Failure) in
            var any = AnyGenerator(base: base)
            defer { base = any.base }
            return try body(&any)
        }
    }

    /// A generator of whatever type, as one type.
    struct AnyGenerator: RandomNumberGenerator {
        fileprivate var base: any RandomNumberGenerator & Sendable

        mutating func next() -> UInt64 { base.next() }
    }
}
