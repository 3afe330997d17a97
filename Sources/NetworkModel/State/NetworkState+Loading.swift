import Addressing

// Taking in everything at once, as at a start: each index is sorted and built as a whole.
extension NetworkState {
    /// Creates the state of these records, which stood together at the revision, each of which
    /// comes once.
    public init(records: some Sequence<(record: Record, revision: Revision)>, at revision: Revision) {
        var batch = RecordBatch()
        for (record, changed) in records { batch.append(record, at: changed) }
        self.init(
            batch, at: revision, ports: RecordTable(batch.ports), portValues: ValueIndex(batch.ports))
    }

    /// The state of these records, built on several cores where there are as many.
    public static func built(of batch: RecordBatch, at revision: Revision) async -> NetworkState {
        async let portValues = ValueIndex(batch.ports)
        async let ports = RecordTable(batch.ports)
        var state = NetworkState(batch, at: revision, ports: RecordTable(), portValues: ValueIndex())
        state.ports = await ports
        state.index.portValues = await portValues
        return state
    }

    private init(
        _ batch: RecordBatch, at revision: Revision, ports: RecordTable<Port>, portValues: ValueIndex
    ) {
        networks = RecordTable(batch.networks)
        subnets = RecordTable(batch.subnets)
        self.ports = ports
        index = StateIndexes(batch, portValues: portValues)
        for (record, changed) in batch.others { put(record, at: changed) }
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
