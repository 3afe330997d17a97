import FoundationEssentials
import GRDB
import NetworkModel

/// A commit in the form in which it is written; made by the caller, off the writer's queue.
struct PreparedCommit: Sendable {
    var conditions: [Condition]
    var puts: [StoredRecord]
    var deletes: [RecordKey]

    init(_ commit: Commit) {
        let effects = CommitEffects(commit)
        conditions = commit.conditions
        deletes = effects.deletes
        puts = effects.puts.map(StoredRecord.init)
    }
}

/// Writes commits through one connection; used on the writer's queue only.
struct SQLiteCommitter {
    let db: Database
    /// The file, for messages.
    let path: String

    /// Writes the commits in one transaction, a savepoint each, and returns when it is durable.
    ///
    /// - Returns: what became of each commit, and the changes in order. If the transaction as a whole fails,
    ///   nothing of it stays and every commit fails with an I/O kind: what a conflict was found against is
    ///   gone as well. On a full disk each is tried alone then, as a smaller one may fit.
    func write(
        _ commits: [PreparedCommit], after latest: Revision, _ usage: inout UsageLedger
    ) -> (outcomes: [Result<Revision, StoreError>], changes: [ChangeSet]) {
        let group = writeTogether(commits, after: latest, &usage)
        guard group.wasFull, commits.count > 1 else { return (group.outcomes, group.changes) }
        var outcomes: [Result<Revision, StoreError>] = []
        var changes: [ChangeSet] = []
        for commit in commits {
            let alone = writeTogether([commit], after: changes.last?.revision ?? latest, &usage)
            outcomes += alone.outcomes
            changes += alone.changes
        }
        return (outcomes, changes)
    }

    private func writeTogether(
        _ commits: [PreparedCommit], after latest: Revision, _ usage: inout UsageLedger
    ) -> (outcomes: [Result<Revision, StoreError>], changes: [ChangeSet], wasFull: Bool) {
        let start = usage.mark
        do {
            try run("BEGIN IMMEDIATE")
            var outcomes: [Result<Revision, StoreError>] = []
            var changes: [ChangeSet] = []
            var revision = latest
            for commit in commits {
                do {
                    if let change = try inSavepoint(
                        commit, at: Revision(revision.rawValue + 1), &usage)
                    {
                        revision = change.revision
                        changes.append(change)
                    }
                    outcomes.append(.success(revision))
                } catch let error as StoreError {
                    outcomes.append(.failure(error))
                }
            }
            if !changes.isEmpty {
                let name = "revision"
                try run(
                    "UPDATE meta SET value = ?, checksum = ? WHERE name = ?",
                    [revision.rawValue, Checksum.ofMeta(name, revision.rawValue), name])
            }
            try run("COMMIT")
            usage.settle()
            return (outcomes, changes, false)
        } catch {
            if db.isInsideTransaction { try? run("ROLLBACK") }
            usage.undo(to: start)
            let failure = StoreError(medium: error, operation: "commit", path: path)
            let wasFull = (error as? DatabaseError)?.resultCode == .SQLITE_FULL
            return (commits.map { _ in .failure(failure) }, [], wasFull)
        }
    }

    /// Applies the commit in a savepoint of its own.
    ///
    /// - Throws: `StoreError` if that failed and its savepoint is undone; another error if the whole
    ///   transaction is lost.
    private func inSavepoint(
        _ commit: PreparedCommit, at revision: Revision, _ usage: inout UsageLedger
    ) throws -> ChangeSet? {
        let start = usage.mark
        try run("SAVEPOINT one_commit")
        do {
            let change = try apply(commit, at: revision, &usage)
            try run("RELEASE one_commit")
            return change
        } catch {
            // SQLite rolls everything back by itself after some failures of the medium.
            guard db.isInsideTransaction else { throw error }
            try run("ROLLBACK TO one_commit")
            try run("RELEASE one_commit")
            usage.undo(to: start)
            throw error as? StoreError ?? StoreError(medium: error, operation: "commit", path: path)
        }
    }

    private func apply(
        _ commit: PreparedCommit, at revision: Revision, _ usage: inout UsageLedger
    ) throws -> ChangeSet? {
        for condition in commit.conditions where try !holds(condition, usage.present) {
            throw StoreError.conflict(condition)
        }

        // What the commit gives up is free before it takes anything.
        var deleted: [RecordKey] = []
        for key in commit.deletes where try delete(key, &usage) { deleted.append(key) }
        var held: [Set<ClaimRow>] = []
        for put in commit.puts {
            let rows = try heldClaims(of: put, &usage)
            if !rows.isEmpty {
                let wanted = Set(put.claims.map(\.row))
                for row in rows where !wanted.contains(row) { try release(row, of: put.id) }
            }
            held.append(rows)
        }
        for put in commit.puts { try upsert(put, at: revision) }
        for (put, held) in zip(commit.puts, held) {
            for (claim, row) in put.claims where !held.contains(row) {
                try take(claim, row, for: put)
            }
        }
        guard !commit.puts.isEmpty || !deleted.isEmpty else { return nil }
        return ChangeSet(revision: revision, puts: commit.puts.map(\.record), deletes: deleted)
    }

    // MARK: Conditions

    private func holds(_ condition: Condition, _ usage: ProjectUsage) throws -> Bool {
        switch condition {
        case .unchanged(let key, let revision): try self.revision(of: key) == revision.rawValue
        case .exists(let key): try self.revision(of: key) != nil
        case .absent(let key): try self.revision(of: key) == nil
        case .quiet(.subnets(let network), let since):
            try isEmpty(
                "SELECT 1 FROM subnets WHERE network_id = ? AND revision > ? LIMIT 1",
                [network.description, since.rawValue])
        case .quiet(.ports(let network), let since):
            try isEmpty(
                "SELECT 1 FROM ports WHERE network_id = ? AND revision > ? LIMIT 1",
                [network.description, since.rawValue])
        case .quiet(.addresses(let subnet), let since):
            // Few ports have changed since.
            try isEmpty(
                """
                SELECT 1 FROM ports, json_each(ports.body, '$.fixedIPs') AS fixed_ip
                WHERE ports.revision > ? AND json_extract(fixed_ip.value, '$.subnetID') = ? LIMIT 1
                """, [since.rawValue, subnet.description])
        case .quiet(.blocks(let pool), let since):
            try isEmpty(
                "SELECT 1 FROM subnets WHERE subnetpool_id = ? AND revision > ? LIMIT 1",
                [pool.description, since.rawValue])
        case .atMost(let most, let resource, let project): usage[project][resource] <= most
        }
    }

    private func revision(of key: RecordKey) throws -> Int64? {
        try Int64.fetchOne(
            db.cachedStatement(sql: "SELECT revision FROM \(RecordKind(key).rawValue) WHERE id = ?"),
            arguments: [key.id.description])
    }

    /// The record as it stands, or nil if there is none.
    private func record(_ kind: RecordKind, _ id: String) throws -> NetworkModel.Record? {
        let rows = try Row.fetchCursor(
            db.cachedStatement(sql: "SELECT body FROM \(kind.rawValue) WHERE id = ?"), arguments: [id])
        // The row is SQLite's for as long as the cursor lives.
        return try withExtendedLifetime(rows) {
            try rows.next()?.withUnsafeData(atIndex: 0) { data in
                guard let data else { throw Row.missingValue }
                return try data.withUnsafeBytes { try kind.decode($0.bindMemory(to: UInt8.self)) }
            }
        }
    }

    private func isEmpty(_ sql: String, _ arguments: StatementArguments) throws -> Bool {
        try Int.fetchOne(db.cachedStatement(sql: sql), arguments: arguments) == nil
    }

    // MARK: Records

    private func upsert(_ put: StoredRecord, at revision: Revision) throws {
        let table = put.kind.rawValue
        let checksum = put.checksum(at: revision)
        if put.kind.hasNetworkID {
            try run(
                """
                INSERT INTO \(table) (id, network_id, revision, checksum, body) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET network_id = excluded.network_id,
                revision = excluded.revision, checksum = excluded.checksum, body = excluded.body
                """, [put.id, put.networkID, revision.rawValue, checksum, put.body])
        } else {
            try run(
                """
                INSERT INTO \(table) (id, revision, checksum, body) VALUES (?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET
                revision = excluded.revision, checksum = excluded.checksum, body = excluded.body
                """, [put.id, revision.rawValue, checksum, put.body])
        }
    }

    /// Deletes the record with its claims; false if there is none.
    private func delete(_ key: RecordKey, _ usage: inout UsageLedger) throws -> Bool {
        let kind = RecordKind(key)
        let id = key.id.description
        guard let old = try record(kind, id) else { return false }
        if let (resource, project) = old.quotaShare { usage.add(-1, resource, project: project) }
        for row in old.claimRows { try release(row, of: id) }
        try run("DELETE FROM \(kind.rawValue) WHERE id = ?", [id])
        return true
    }

    // MARK: Claims

    /// The claims of the record as it stands; counts what the change of it means for its project.
    private func heldClaims(of put: StoredRecord, _ usage: inout UsageLedger) throws -> Set<ClaimRow> {
        let old = try record(put.kind, put.id)
        if let (resource, project) = put.record.quotaShare {
            let former = old?.quotaShare?.projectID
            if former != project {
                usage.add(1, resource, project: project)
                if let former { usage.add(-1, resource, project: former) }
            }
        }
        return old?.claimRows ?? []
    }

    /// Frees a claim of the record, which must have it.
    private func release(_ row: ClaimRow, of holder: String) throws {
        let table = row.table
        try run(
            "DELETE FROM \(table.rawValue) WHERE \(Self.match(table)) AND \(table.holderColumn) = ?",
            StatementArguments(row.values + [holder]))
        guard db.changesCount == 1 else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT,
                message: "a row of \(table.rawValue) that the record \(holder) must have is missing")
        }
    }

    private func take(_ claim: Claim, _ row: ClaimRow, for put: StoredRecord) throws {
        let table = row.table
        let columns = (table.columns + [table.holderColumn]).joined(separator: ", ")
        let marks = table.columns.map { _ in "?, " }.joined() + "?"
        try run(
            "INSERT INTO \(table.rawValue) (\(columns)) VALUES (\(marks)) ON CONFLICT DO NOTHING",
            StatementArguments(row.values + [put.id]))
        guard db.changesCount == 0 else { return }
        let holder = try String.fetchOne(
            db.cachedStatement(
                sql: "SELECT \(table.holderColumn) FROM \(table.rawValue) WHERE \(Self.match(table))"),
            arguments: StatementArguments(row.values))
        // A record may name the same claim twice.
        if holder == put.id { return }
        guard let holder, let id = ResourceID(holder) else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT,
                message: "the holder of a row of \(table.rawValue) cannot be read")
        }
        throw StoreError.claimed(claim, by: table.holder.key(id))
    }

    private static func match(_ table: ClaimTable) -> String {
        table.columns.map { "\($0) = ?" }.joined(separator: " AND ")
    }

    private func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try db.cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
