import GRDBSQLite
import Glibc

/// The floor under any API that keeps what it acknowledged: SQLite alone, one row and one durable commit
/// after the other (WAL, synchronous FULL, as the service's store).
enum CommitFloor {
    /// Commits per second into a new file at the path.
    static func measure(_ path: String, seconds: Double) throws -> Double {
        let files = [path, path + "-wal", path + "-shm"]
        files.forEach { unlink($0) }
        defer { files.forEach { unlink($0) } }
        var handle: OpaquePointer?
        guard sqlite3_open(path, &handle) == SQLITE_OK, let database = handle else {
            throw Failure("sqlite3 cannot open \(path)")
        }
        defer { sqlite3_close(database) }
        func execute(_ sql: String) throws(Failure) {
            guard sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK else {
                throw Failure("sqlite3: \(sql): \(String(cString: sqlite3_errmsg(database)))")
            }
        }
        try execute("PRAGMA journal_mode = WAL")
        try execute("PRAGMA synchronous = FULL")
        try execute("CREATE TABLE ports (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID")
        var prepared: OpaquePointer?
        guard
            sqlite3_prepare_v2(database, "INSERT INTO ports VALUES (?, ?)", -1, &prepared, nil) == SQLITE_OK,
            let statement = prepared
        else { throw Failure("sqlite3: \(String(cString: sqlite3_errmsg(database)))") }
        defer { sqlite3_finalize(statement) }
        // The size of a port's record.
        let body = String(repeating: "x", count: 600)
        let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
        var count = 0
        let begin = now()
        while now() - begin < seconds {
            sqlite3_bind_text(
                statement, 1, "port-\(UInt32.random(in: .min ... .max))-\(count)", -1, transient)
            sqlite3_bind_text(statement, 2, body, -1, transient)
            // Outside of a transaction each statement is one, committed and synced before the call returns.
            guard sqlite3_step(statement) == SQLITE_DONE else {
                throw Failure("sqlite3: insert: \(String(cString: sqlite3_errmsg(database)))")
            }
            sqlite3_reset(statement)
            count += 1
        }
        return Double(count) / (now() - begin)
    }
}
