public import DHCPDrivers
public import NetworkModel

/// What an agent is doing, as it stood at one moment.
public struct AgentStatus: Sendable, Hashable {
    public var host: String
    /// The DHCP driver's name.
    public var driver: String
    /// The networks that the agent sees to, sorted by id.
    public var networks: [NetworkStatus]
    /// How the start went; nil until each network was looked at once.
    public var start: StartSummary?
    /// What does not work now, a sentence each.
    public var problems: [String]
    /// Networks in line for a pass or in one.
    public var busyNetworks: Int

    /// Networks that are served.
    public var servedNetworks: Int { networks.count { $0.servedRevision != nil } }
    /// Ports of the networks that are served.
    public var servedPorts: Int { networks.lazy.map(\.ports).reduce(0, +) }
}

/// What an agent is doing for one network.
public struct NetworkStatus: Sendable, Hashable, Identifiable {
    public let id: ResourceID
    /// The store's revision that the server answers from; nil while nothing was served.
    public var servedRevision: Revision?
    /// What the network's server was doing after the last pass.
    public var server = DHCPServerStatus.stopped
    /// The driver that serves the network, as people call it; empty while nothing was served.
    public var driver = ""
    /// What of the network's ports cannot be served as they ask, a sentence each.
    public var remarks: [String] = []
    /// DHCP-enabled subnets that are served.
    public var subnets = 0
    /// Ports that are served, the agent's own included.
    public var ports = 0
    /// Why the last pass failed; nil if it did not.
    public var lastError: String?
    /// Seconds since the epoch at which the network is tried again; nil if nothing failed.
    public var nextRetry: Timestamp?

    init(id: ResourceID) { self.id = id }
}

/// How the start went, in networks.
public struct StartSummary: Sendable, Hashable, CustomStringConvertible {
    /// All was right and was left as it was.
    public var adopted = 0
    /// Something was put right.
    public var changed = 0
    /// There was no server; one was started.
    public var started = 0
    /// What was left over of the network was removed.
    public var removed = 0
    /// The network could not be served or removed and will be tried again.
    public var failed = 0
    /// From the start of the agent to the end of the last network's first pass.
    public var duration = Duration.zero

    /// One line, such as `adopted 1000, changed 0, removed 2 in 0.4 s`.
    public var description: String {
        var words = ["adopted \(adopted)", "changed \(changed)"]
        if started > 0 { words.append("started \(started)") }
        words.append("removed \(removed)")
        if failed > 0 { words.append("failed \(failed)") }
        // A start that takes less than a tenth of a second did take some time.
        let tenths = max(1, Int((duration / .milliseconds(100)).rounded()))
        return "\(words.joined(separator: ", ")) in \(tenths / 10).\(tenths % 10) s"
    }
}

/// What a pass over a network came to.
enum PassOutcome: Hashable, Sendable {
    /// All was right.
    case unchanged
    case changed
    case started
    case removed
    /// It was no network of this agent's and nothing of it stood.
    case nothing
    case failed
    /// The network failed before and waits for its retry.
    case waiting
}

/// Counts the outcomes of the first passes after a start.
struct StartTally {
    private(set) var pending: Set<ResourceID>
    private var summary = StartSummary()
    private let begin: Duration

    init(_ networks: Set<ResourceID>, begin: Duration) {
        pending = networks
        self.begin = begin
    }

    /// Counts a pass and returns the summary if it was the last one to wait for.
    mutating func count(_ network: ResourceID, _ outcome: PassOutcome, now: Duration) -> StartSummary? {
        guard pending.remove(network) != nil else { return nil }
        switch outcome {
        case .unchanged: summary.adopted += 1
        case .changed: summary.changed += 1
        case .started: summary.started += 1
        case .removed: summary.removed += 1
        case .failed, .waiting: summary.failed += 1
        case .nothing: break
        }
        return finish(now: now)
    }

    /// The summary, if there is nothing to wait for.
    mutating func finish(now: Duration) -> StartSummary? {
        guard pending.isEmpty else { return nil }
        summary.duration = now - begin
        return summary
    }
}
