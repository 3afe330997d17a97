/// Records by their kinds, on their way into a state.
public struct RecordBatch: Sendable {
    private(set) var networks: [RecordTable<Network>.Box] = []
    private(set) var subnets: [RecordTable<Subnet>.Box] = []
    private(set) var ports: [RecordTable<Port>.Box] = []
    /// Records of which there are few.
    private(set) var others: [(record: Record, revision: Revision)] = []

    /// Creates an empty batch.
    public init() {}

    /// Makes room for so many ports.
    public mutating func reserve(ports count: Int) { ports.reserveCapacity(count) }

    /// Adds a record; each comes once.
    public mutating func append(_ record: consuming Record, at revision: Revision) {
        switch record {
        case .network(let network): networks.append(.init(Versioned(network, at: revision)))
        case .subnet(let subnet): subnets.append(.init(Versioned(subnet, at: revision)))
        case .port(let port): ports.append(.init(Versioned(port, at: revision)))
        case .agent, .subnetPool, .quota: others.append((record, revision))
        }
    }

    /// Adds the records of another batch after these.
    public mutating func append(contentsOf other: RecordBatch) {
        networks += other.networks
        subnets += other.subnets
        ports += other.ports
        others += other.others
    }
}
