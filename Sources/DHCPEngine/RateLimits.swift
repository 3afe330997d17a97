/// How many requests are answered, by token buckets: two per port, one for the whole network.
///
/// A port's second bucket is for what only says that it comes from the port's client: through a relay agent,
/// by a DUID or client identifier. So nobody can use up a port's answers by naming it.
///
/// A client that behaves sends a handful of messages an hour; a thousand machines that boot at once send a
/// few thousand in some seconds.
public struct RateLimits: Hashable, Sendable {
    /// Answers per second to one port in the long run, for either bucket; 0 for no limit.
    public var portRate: UInt32 = 20
    /// Answers to one port in a burst, for either bucket.
    public var portBurst: UInt32 = 60
    /// Answers per second on one network in the long run; 0 for no limit.
    public var networkRate: UInt32 = 0
    /// Answers on one network in a burst.
    public var networkBurst: UInt32 = 0

    public init() {}

    /// Everything is answered.
    public static var unlimited: RateLimits {
        var limits = RateLimits()
        limits.portRate = 0
        return limits
    }
}
