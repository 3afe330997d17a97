import NetworkModel

/// What was found out about tokens, by their digest, for a while; bounded.
struct VerdictCache {
    /// What a token is: somebody's, or nobody's.
    struct Verdict: Sendable {
        let token: KeystoneToken?
        /// From when on it must be asked for again.
        let expiresAt: Timestamp
    }

    /// Two generations: what was not asked for during a whole one is forgotten with it.
    private var young: [[UInt8]: Verdict] = [:]
    private var old: [[UInt8]: Verdict] = [:]
    private let capacity: Int

    /// Creates a cache that holds at most twice the capacity.
    init(capacity: Int) { self.capacity = capacity }

    /// How many verdicts it holds.
    var count: Int { young.count + old.count }

    /// The verdict about a token that still counts.
    mutating func verdict(_ digest: [UInt8], at now: Timestamp) -> Verdict? {
        if let found = young[digest] { return found.expiresAt > now ? found : nil }
        guard let found = old[digest], found.expiresAt > now else { return nil }
        insert(found, digest)
        return found
    }

    mutating func insert(_ verdict: Verdict, _ digest: [UInt8]) {
        if young.count >= capacity {
            old = young
            young = [:]
        }
        old[digest] = nil
        young[digest] = verdict
    }
}
