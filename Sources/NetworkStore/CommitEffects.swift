import NetworkModel

/// What a commit amounts to: one put for each key, and deletes of other keys only.
struct CommitEffects {
    /// The last put of each key, in the order of the commit.
    var puts: [Record]
    /// The keys to delete, without duplicates and without keys that are put.
    var deletes: [RecordKey]

    init(_ commit: Commit) {
        if commit.puts.count + commit.deletes.count <= 1 {
            puts = commit.puts
            deletes = commit.deletes
            return
        }
        var seen: Set<RecordKey> = []
        puts = commit.puts.reversed().filter { seen.insert($0.key).inserted }.reversed()
        deletes = commit.deletes.filter { seen.insert($0).inserted }
    }
}

extension StoreError {
    static func conflict(_ condition: Condition) -> StoreError {
        StoreError(.conflict(condition), operation: "commit", detail: "does not hold any more: \(condition)")
    }

    static func claimed(_ claim: Claim, by holder: RecordKey) -> StoreError {
        StoreError(.claimed(claim, by: holder), operation: "commit", detail: "\(claim) is held by \(holder)")
    }

    static func closed(_ operation: String) -> StoreError {
        StoreError(.closed, operation: operation, detail: "the store is closed")
    }
}
