import Addressing

// Taking in everything at once, as at a start: each index is sorted and built as a whole.
extension NetworkState {
    /// Creates the state of these records, which stood together at the revision; of several with one key the
    /// last counts.
    public init(records: some Sequence<(record: Record, revision: Revision)>, at revision: Revision) {
        var loaded = LoadedRecords()
        for (record, changed) in records { loaded.append(record, changed) }
        networks = RecordTable(loaded.networks)
        subnets = RecordTable(loaded.subnets)
        ports = RecordTable(loaded.ports)
        for agent in loaded.agents { put(.agent(agent.value), at: agent.revision) }
        for pool in loaded.pools { put(.subnetPool(pool.value), at: pool.revision) }
        for quota in loaded.quotas { put(.quota(quota.value), at: quota.revision) }
        index.load(networks.map(\.value), subnets.map(\.value), ports.map(\.value))
        self.revision = revision
    }
}

extension NetworkState {
    /// All records with the revisions at which they changed last.
    public var records: [(record: Record, revision: Revision)] {
        networks.map { (.network($0.value), $0.revision) } + subnets.map { (.subnet($0.value), $0.revision) }
            + ports.map { (.port($0.value), $0.revision) } + agents.map { (.agent($0.value), $0.revision) }
            + subnetPools.map { (.subnetPool($0.value), $0.revision) }
            + quotas.map { (.quota($0.value), $0.revision) }
    }
}

/// Records by their kinds.
private struct LoadedRecords {
    var networks: [Versioned<Network>] = []
    var subnets: [Versioned<Subnet>] = []
    var ports: [Versioned<Port>] = []
    var agents: [Versioned<Agent>] = []
    var pools: [Versioned<SubnetPool>] = []
    var quotas: [Versioned<ProjectQuota>] = []

    mutating func append(_ record: Record, _ revision: Revision) {
        switch record {
        case .network(let network): networks.append(Versioned(network, at: revision))
        case .subnet(let subnet): subnets.append(Versioned(subnet, at: revision))
        case .port(let port): ports.append(Versioned(port, at: revision))
        case .agent(let agent): agents.append(Versioned(agent, at: revision))
        case .subnetPool(let pool): pools.append(Versioned(pool, at: revision))
        case .quota(let quota): quotas.append(Versioned(quota, at: revision))
        }
    }
}
