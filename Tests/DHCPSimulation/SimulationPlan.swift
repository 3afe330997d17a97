/// What is simulated.
public struct SimulationPlan: Sendable {
    /// The same seed makes the same run.
    public var seed: UInt64
    /// How many machines there are.
    public var clients = 300
    /// How many agents serve the network.
    public var agents = 2
    /// All machines start within so many seconds.
    public var startSeconds = 1
    /// How long ports change, machines restart and agents fail, in seconds.
    public var restlessSeconds = 1200
    /// How long everything is left alone then, in seconds.
    public var calmSeconds = 900
    public var leaseSeconds: UInt32 = 600
    /// The probability that a packet is lost.
    public var loss = 0.05
    /// The probability that a packet comes twice.
    public var duplication = 0.02
    /// How long a packet takes at most, in milliseconds; what is sent later may come sooner.
    public var delayMilliseconds = 200
    /// How many changes of ports and machines there are in a second.
    public var changesPerSecond = 1.0
    /// How late agents learn of a change, at most, in milliseconds.
    public var lagMilliseconds = 2000
    /// Whether one agent after the other is away for some minutes.
    public var hasOutages = true
    /// Whether replies come from different agents to the same request must be compared.
    public var comparesAgents = true

    public init(seed: UInt64) { self.seed = seed }
}

/// What came of a simulation.
public struct SimulationReport: Sendable {
    /// What should never happen, with the virtual time; the first hundred.
    public internal(set) var violations: [String] = []
    /// Replies and drops by their names.
    public internal(set) var counts: [String: Int] = [:]
    /// The longest that a machine with a port waited for its address, in seconds.
    public internal(set) var longestWait = 0.0
    /// How many machines had an address in the end, and how many should have.
    public internal(set) var bound = 0
    public internal(set) var expected = 0
    /// How many requests were answered by two agents alike.
    public internal(set) var comparisons = 0
    /// A sum over everything that was said, to compare runs by.
    public internal(set) var checksum: UInt64 = 0
}
