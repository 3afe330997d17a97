import Locks
public import NetworkModel

/// A store without a file: the meaning of ``Store`` at its plainest, for tests and for a service whose
/// state may go with the process.
public final class MemoryStore: Store {
    private let contents: Mutex<MemoryContents>
    private let history: ChangeHistory
    private let faults = Mutex(Faults())

    /// What the next commits meet.
    private struct Faults {
        var failures: [StoreError] = []
        var delay: Duration?
    }

    /// Creates an empty store.
    ///
    /// - Parameter historyBound: the number of changed records that watchers can go back.
    public init(historyBound: Int = 100_000) {
        contents = Mutex(MemoryContents())
        history = ChangeHistory(after: Revision(0), bound: historyBound)
    }

    deinit { history.end() }

    public func snapshot() async throws(StoreError) -> NetworkState {
        let snapshot: NetworkState? = contents.withLock { $0.isClosed ? nil : $0.snapshot }
        guard let snapshot else { throw .closed("snapshot") }
        return snapshot
    }

    public func commit(_ commit: Commit) async throws(StoreError) -> Revision {
        if let delay = faults.withLock({ $0.delay }) {
            // A commit that has begun is not called off: a cancelled sleep only makes it sooner.
            try? await Task.sleep(for: delay)
        }
        if let failure = faults.withLock({ $0.failures.isEmpty ? nil : $0.failures.removeFirst() }) {
            throw failure
        }
        let outcome: Result<Revision, StoreError> = contents.withLock { contents in
            Result { () throws(StoreError) -> Revision in
                guard !contents.isClosed else { throw .closed("commit") }
                guard let change = try contents.apply(commit) else { return contents.revision }
                // Under the lock, so that the history has the order of the commits.
                history.append([change])
                return change.revision
            }
        }
        return try outcome.get()
    }

    public func watch(after revision: Revision) -> AsyncThrowingStream<[ChangeSet], any Error> {
        history.watch(after: revision)
    }

    /// Ends all watches; every later call throws ``StoreError/Kind/closed``.
    public func close() async {
        contents.withLock { $0.isClosed = true }
        history.end()
    }

    /// Makes the next commit fail with the error and change nothing; repeated calls queue up.
    public func failNextCommit(_ error: StoreError) { faults.withLock { $0.failures.append(error) } }

    /// Makes every commit from now on wait before it takes effect; nil for no wait.
    public func delayCommits(_ delay: Duration?) { faults.withLock { $0.delay = delay } }
}

/// The records, their claims and what ``Condition/quiet(_:since:)`` asks.
private struct MemoryContents {
    /// The revisions of the records of one scope.
    struct Members {
        var revisions: [ResourceID: Revision] = [:]
        var latest = Revision(0)

        mutating func put(_ id: ResourceID, at revision: Revision) {
            revisions[id] = revision
            latest = max(latest, revision)
        }

        mutating func remove(_ id: ResourceID) {
            guard let revision = revisions.removeValue(forKey: id), revision == latest else { return }
            latest = revisions.values.max() ?? Revision(0)
        }
    }

    var isClosed = false
    var revision = Revision(0)
    var records: [RecordKey: (record: Record, revision: Revision)] = [:]
    var claims: [Claim: RecordKey] = [:]
    var scopes: [Scope: Members] = [:]
    var usage = ProjectUsage()

    var snapshot: NetworkState { NetworkState(records: records.values, at: revision) }

    /// Applies the commit, or changes nothing; nil if there was nothing to change.
    mutating func apply(_ commit: Commit) throws(StoreError) -> ChangeSet? {
        for condition in commit.conditions where !holds(condition) { throw .conflict(condition) }
        let effects = CommitEffects(commit)
        let deletes = effects.deletes.filter { records[$0] != nil }
        guard !effects.puts.isEmpty || !deletes.isEmpty else { return nil }

        // What the commit gives up counts as free for what it takes.
        var released: Set<Claim> = []
        for key in deletes { released.formUnion(records[key]?.record.claims ?? []) }
        for put in effects.puts {
            released.formUnion(Set(records[put.key]?.record.claims ?? []).subtracting(put.claims))
        }
        var taken: [Claim: RecordKey] = [:]
        for put in effects.puts {
            for claim in put.claims {
                let holder = taken[claim] ?? (released.contains(claim) ? nil : claims[claim])
                if let holder, holder != put.key { throw .claimed(claim, by: holder) }
                taken[claim] = put.key
            }
        }

        let next = Revision(revision.rawValue + 1)
        for claim in released { claims[claim] = nil }
        for (claim, key) in taken { claims[claim] = key }
        for key in deletes { remove(key) }
        for put in effects.puts {
            remove(put.key)
            records[put.key] = (put, next)
            usage.add(1, put)
            for scope in put.scopes { scopes[scope, default: Members()].put(put.key.id, at: next) }
        }
        revision = next
        return ChangeSet(revision: next, puts: effects.puts, deletes: deletes)
    }

    private mutating func remove(_ key: RecordKey) {
        guard let old = records.removeValue(forKey: key) else { return }
        usage.add(-1, old.record)
        for scope in old.record.scopes {
            scopes[scope]?.remove(key.id)
            if scopes[scope]?.revisions.isEmpty == true { scopes[scope] = nil }
        }
    }

    private func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .unchanged(let key, let revision): records[key]?.revision == revision
        case .exists(let key): records[key] != nil
        case .absent(let key): records[key] == nil
        case .quiet(let scope, let since): scopes[scope].map { $0.latest <= since } ?? true
        case .atMost(let most, let resource, let project): usage[project][resource] <= most
        }
    }
}

extension Record {
    /// The scopes that the record belongs to.
    fileprivate var scopes: [Scope] {
        switch self {
        case .network, .agent, .subnetPool, .quota: []
        case .subnet(let subnet):
            [.subnets(network: subnet.networkID)]
                + (subnet.subnetpoolID.map { [.blocks(subnetPool: $0)] } ?? [])
        case .port(let port):
            [.ports(network: port.networkID)]
                + Set(port.fixedIPs.map(\.subnetID)).map { .addresses(subnet: $0) }
        }
    }
}
