import Addressing

// Taking in everything at once, as at a start: each index is sorted and built as a whole.
extension NetworkState {
    /// Creates the state of these records, which stood together at the revision, each of which
    /// comes once.
    public init(records: some Sequence<(record: Record, revision: Revision)>, at revision: Revision) {
        var batch = RecordBatch()
        for (record, changed) in records { batch.append(record, at: changed) }
        self.init(
            batch, at: revision, ports: RecordTable(batch.ports),
            addresses: StateIndexes.addresses(of: batch.ports))
        finishIndexes()
    }

    /// The state of these records, built on several cores where there are as many; what only lists need is left to
    /// ``finishIndexes()``.
    public static func built(of batch: RecordBatch, at revision: Revision) async -> NetworkState {
        async let ports = RecordTable(batch.ports)
        async let addresses = StateIndexes.addresses(of: batch.ports)
        var state = NetworkState(batch, at: revision, ports: RecordTable(), addresses: SortedMap())
        (state.ports, state.index.addresses) = await (ports, addresses)
        return state
    }

    /// Whether ``finishIndexes()`` has nothing to do.
    public var hasAllIndexes: Bool { index.portValues != nil }

    /// Builds the index of ports by their values, where ``built(of:at:)`` has left it for later; till then
    /// whoever looks for a value gets all ports.
    ///
    /// It takes a microsecond for each port.
    public mutating func finishIndexes() {
        if !hasAllIndexes { index.portValues = ValueIndex(ports.boxes.lazy.map(\.value)) }
    }

    private init(
        _ batch: RecordBatch, at revision: Revision, ports: RecordTable<Port>,
        addresses: SortedMap<ResourceID, SortedMap<UInt128, ResourceID>>
    ) {
        networks = RecordTable(batch.networks)
        subnets = RecordTable(batch.subnets)
        self.ports = ports
        index = StateIndexes(batch, addresses: addresses)
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
