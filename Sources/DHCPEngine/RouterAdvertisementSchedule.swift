public import Addressing

/// When Router Advertisements are sent, and to whom (RFC 4861 sections 6.2.4 and 6.2.6).
///
/// A value without a clock: ask for ``next``, wait until then, call ``due(now:)`` and send to what it
/// returns. Randomness comes from the seed, so that the agents of a network don't speak all at once.
public struct RouterAdvertisementSchedule: Hashable, Sendable {
    /// All nodes of the link.
    public static let allNodes = IPv6Address(rawValue: 0xFF02 << 112 | 1)

    /// MAX_INITIAL_RTR_ADVERTISEMENTS.
    static let initialCount = 3
    /// MAX_INITIAL_RTR_ADVERT_INTERVAL, in microseconds.
    static let initialInterval: UInt64 = 16_000_000
    /// MIN_DELAY_BETWEEN_RAS, in microseconds.
    static let minimumDelay: UInt64 = 3_000_000
    /// MAX_RA_DELAY_TIME, in microseconds.
    static let solicitedDelay: UInt64 = 500_000
    /// How many hosts are answered one by one; where there are more, all are told at once.
    static let unicastLimit = 16

    /// An answer to a host that is on its way.
    private struct Answer: Hashable {
        var host: IPv6Address
        var at: UInt64
    }

    private let maximumInterval: UInt64
    private var random: UInt64
    private var initialLeft = Self.initialCount
    private var multicastAt: UInt64
    private var lastMulticast: UInt64?
    private var answers: [Answer] = []

    /// Starts with the first of three advertisements within half a second; `maximumInterval` is
    /// MaxRtrAdvInterval in seconds, 4 to 1800.
    public init(maximumInterval: UInt32 = 600, seed: UInt64, now: EngineTime) {
        self.maximumInterval = UInt64(min(max(maximumInterval, 4), 1800)) * 1_000_000
        random = seed
        multicastAt = now.rawValue
        multicastAt += number(upTo: Self.solicitedDelay)
    }

    /// When ``due(now:)`` has something to send.
    public var next: EngineTime {
        EngineTime(rawValue: answers.reduce(multicastAt) { min($0, $1.at) })
    }

    /// Takes note of a valid Router Solicitation.
    ///
    /// The host is answered alone, so that a thousand machines that boot don't wake each other (RFC 7772
    /// section 5.1); one without an address is answered by multicast, at most every three seconds.
    public mutating func solicited(by source: IPv6Address, now: EngineTime) {
        let at = now.rawValue + number(upTo: Self.solicitedDelay)
        if source != .any, !source.isMulticast {
            if answers.contains(where: { $0.host == source }) { return }
            if answers.count < Self.unicastLimit {
                answers.append(Answer(host: source, at: at))
                return
            }
        }
        hastenMulticast(at)
    }

    /// Tells all hosts soon, and three times, that the advertisement has changed (section 6.2.4).
    public mutating func changed(now: EngineTime) {
        initialLeft = Self.initialCount
        hastenMulticast(now.rawValue + number(upTo: Self.solicitedDelay))
    }

    /// Where advertisements are to be sent now: hosts, or ``allNodes``.
    public mutating func due(now: EngineTime) -> [IPv6Address] {
        if now.rawValue >= multicastAt {
            // What was meant for one of them is heard by all.
            answers = []
            lastMulticast = now.rawValue
            initialLeft = max(initialLeft - 1, 0)
            let minimum = max(maximumInterval * 33 / 100, Self.minimumDelay)
            var interval = minimum + number(upTo: maximumInterval - minimum)
            if initialLeft > 0 { interval = min(interval, Self.initialInterval) }
            multicastAt = now.rawValue + interval
            return [Self.allNodes]
        }
        let hosts = answers.filter { $0.at <= now.rawValue }.map(\.host)
        answers.removeAll { $0.at <= now.rawValue }
        return hosts
    }

    /// Brings the next multicast forward, but not closer than three seconds to the last one.
    private mutating func hastenMulticast(_ at: UInt64) {
        var at = at
        if let lastMulticast, at < lastMulticast + Self.minimumDelay {
            at = lastMulticast + Self.minimumDelay + number(upTo: Self.solicitedDelay)
        }
        multicastAt = min(multicastAt, at)
    }

    /// A number from 0 to the limit (SplitMix64).
    private mutating func number(upTo limit: UInt64) -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return (mixed ^ mixed >> 31) % (limit + 1)
    }
}
