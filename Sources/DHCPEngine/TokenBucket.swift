/// A token bucket in eight bytes: the virtual scheduling form of the leaky bucket (ITU-T I.371 annex A).
///
/// It keeps the moment at which the bucket is full again; a bucket never used is full.
public struct TokenBucket: Hashable, Sendable {
    /// How fast a bucket fills and how much it holds.
    public struct Limit: Hashable, Sendable {
        /// The time that one token takes, in 1/1024 µs; 0 for no limit.
        let interval: UInt64
        /// How far ahead of now the bucket may be full again, in 1/1024 µs.
        let tolerance: UInt64

        /// `rate` tokens per second in the long run, 0 for no limit; `burst` at once, but at least one.
        public init(rate: UInt32, burst: UInt32) {
            interval = rate == 0 ? 0 : 1_024_000_000 / UInt64(rate)
            tolerance = interval * UInt64(max(burst, 1) - 1)
        }
    }

    /// In 1/1024 µs.
    private var fullAt: UInt64 = 0

    public init() {}

    /// Takes a token if there is one; `rate` and `burst` are those of ``Limit/init(rate:burst:)``.
    public mutating func take(rate: UInt32, burst: UInt32, now: EngineTime) -> Bool {
        take(Limit(rate: rate, burst: burst), now: now)
    }

    /// Takes a token if there is one.
    public mutating func take(_ limit: Limit, now: EngineTime) -> Bool {
        if limit.interval == 0 { return true }
        let now = now.rawValue << 10
        guard fullAt <= now &+ limit.tolerance else { return false }
        fullAt = max(fullAt, now) + limit.interval
        return true
    }
}

extension RateLimits {
    /// The bucket of one port.
    public var port: TokenBucket.Limit { .init(rate: portRate, burst: portBurst) }
    /// The bucket of the whole network.
    public var network: TokenBucket.Limit { .init(rate: networkRate, burst: networkBurst) }
}
