import GRDB
import GRDBSQLite

/// The row on which a statement stands, read where SQLite has it: a start reads millions of values, and to wrap
/// each costs more than to read it.
struct StatementRow {
    fileprivate let statement: SQLiteStatement

    /// The octets of a text or a blob, which are there until the next row is asked for.
    ///
    /// - Throws: `DatabaseError` if the value is anything else, as in no sound file.
    func bytes(_ column: Int32) throws -> UnsafeRawBufferPointer {
        let type = sqlite3_column_type(statement, column)
        guard type == SQLITE_TEXT || type == SQLITE_BLOB else { throw Row.missingValue }
        // Null for an empty blob.
        let start = sqlite3_column_blob(statement, column)
        return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
    }

    /// An integer.
    ///
    /// - Throws: `DatabaseError` if the value is anything else, as in no sound file.
    func integer(_ column: Int32) throws -> Int64 {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { throw Row.missingValue }
        return sqlite3_column_int64(statement, column)
    }
}

extension Database {
    /// Gives each row of a query to the function.
    func forEachRow(_ sql: String, _ body: (StatementRow) throws -> Void) throws {
        // It ends the query when it goes.
        let statement = try makeStatement(sql: sql)
        try withExtendedLifetime(statement) {
            while true {
                let code = sqlite3_step(statement.sqliteStatement)
                if code == SQLITE_DONE { return }
                guard code == SQLITE_ROW else {
                    throw DatabaseError(
                        resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
                }
                try body(StatementRow(statement: statement.sqliteStatement))
            }
        }
    }
}
