/// A decision in the making: the state with what was decided so far, and the commit that grows with it.
///
/// Items of one bulk see each other because each is decided on the state that the ones before left.
struct Draft {
    /// What the decision is based on; conditions name its revisions.
    let base: NetworkState
    let context: DecisionContext

    /// The base with the staged changes but for the unsettled ones.
    private var staged: NetworkState
    private var unsettled: [Change] = []

    private var conditions: [Condition] = []
    private var known: Set<Condition> = []
    private var puts: [RecordKey: Record] = [:]
    /// The keys of ``puts`` in the order in which they were staged.
    private var order: [RecordKey] = []
    private var deletes: [RecordKey] = []

    /// A staged change of the state.
    private enum Change {
        case put(Record)
        case delete(RecordKey)
    }

    init(_ base: NetworkState, _ context: DecisionContext) {
        self.base = base
        self.context = context
        staged = base
    }

    /// The base with the staged changes.
    ///
    /// They are taken in when somebody looks: nobody does behind the last item, which mostly is the only one,
    /// and all indexes would be changed for nothing.
    var state: NetworkState {
        mutating get {
            for change in unsettled {
                switch change {
                case .put(let record): staged.put(record, at: base.revision)
                case .delete(let key): staged.delete(key)
                }
            }
            unsettled = []
            return staged
        }
    }

    /// What has been decided, as one commit.
    var commit: Commit {
        Commit(conditions: conditions, puts: order.compactMap { puts[$0] }, deletes: deletes)
    }

    /// Adds a condition once.
    mutating func require(_ condition: Condition) {
        if known.insert(condition).inserted { conditions.append(condition) }
    }

    /// Requires that the record, if it was there at all before this draft, has not changed since.
    mutating func requireUnchanged(_ key: RecordKey) {
        if let revision = base.revision(of: key) { require(.unchanged(key, revision)) }
    }

    /// Requires that the record has not changed since, and has not come to be if there was none.
    mutating func requireAsItIs(_ key: RecordKey) {
        require(base.revision(of: key).map { .unchanged(key, $0) } ?? .absent(key))
    }

    /// Requires that no record of the scope was created or changed since.
    mutating func requireQuiet(_ scope: Scope) { require(.quiet(scope, since: base.revision)) }

    /// Stages a new or changed record, an existing one under the condition that it is as it was.
    mutating func put(_ record: Record) {
        requireUnchanged(record.key)
        if puts.updateValue(record, forKey: record.key) == nil { order.append(record.key) }
        unsettled.append(.put(record))
    }

    /// Stages the deletion of a record, under the condition that it is as it was or just that it is there.
    mutating func delete(_ key: RecordKey, inWhateverVersion: Bool = false) {
        if inWhateverVersion { require(.exists(key)) } else { requireUnchanged(key) }
        deletes.append(key)
        unsettled.append(.delete(key))
    }

    /// Counts a change of what belongs to the network as a change of the network, once per commit, as
    /// Neutron does for subnets (not for ports).
    mutating func touchNetwork(_ id: ResourceID) {
        guard puts[.network(id)] == nil, var network = state.network(id) else { return }
        network.standard.touch(at: context.now)
        put(.network(network))
    }
}

extension NetworkState {
    /// The revision at which the record last changed, or nil if it does not exist.
    func revision(of key: RecordKey) -> Revision? {
        switch key {
        case .network(let id): networks[id]?.revision
        case .subnet(let id): subnets[id]?.revision
        case .port(let id): ports[id]?.revision
        case .agent(let id): agents[id]?.revision
        case .subnetPool(let id): subnetPools[id]?.revision
        case .quota(let id): quotas[id]?.revision
        }
    }

    /// The network, or 404.
    func requireNetwork(_ id: ResourceID) throws(ModelError) -> Network {
        guard let network = network(id) else { throw .networkNotFound(id) }
        return network
    }

    /// The subnet, or 404.
    func requireSubnet(_ id: ResourceID) throws(ModelError) -> Subnet {
        guard let subnet = subnet(id) else { throw .subnetNotFound(id) }
        return subnet
    }

    /// The subnet pool, or 404.
    func requireSubnetPool(_ id: ResourceID) throws(ModelError) -> SubnetPool {
        guard let pool = subnetPool(id) else { throw .subnetPoolNotFound(id) }
        return pool
    }

    /// The port, or 404.
    func requirePort(_ id: ResourceID) throws(ModelError) -> Port {
        guard let port = port(id) else { throw .portNotFound(id) }
        return port
    }
}

extension StandardAttributes {
    /// Counts a change.
    mutating func touch(at now: Timestamp) {
        revisionNumber += 1
        updatedAt = now
    }

    /// Throws 412 if the client named another revision number (`If-Match: revision_number=N`).
    func requireRevision(_ expected: Int?) throws(ModelError) {
        guard let expected, expected != revisionNumber else { return }
        throw .revisionMismatch(expected: expected, current: revisionNumber)
    }
}
