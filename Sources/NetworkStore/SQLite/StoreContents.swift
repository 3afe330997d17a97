import Dispatch
import GRDB
import NetworkModel

/// Everything that a store file holds, as read in one transaction.
enum StoreContents {
    /// Something in the file that was not written like that.
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    /// What a sound file holds.
    struct Contents: Sendable {
        var state: NetworkState
        /// How many resources each project has.
        var usage: ProjectUsage
    }

    /// Reads everything, checks each row against its checksum and the claims against the records.
    ///
    /// Rows come from SQLite one after the other; meanwhile all cores decode those that have come.
    static func load(from reader: any DatabaseReader) async throws -> Contents {
        try await withThrowingTaskGroup(of: Part.self) { group in
            let (portions, continuation) = AsyncStream.makeStream(of: RecordPortion.self)
            // Who reads, on a thread of SQLite's queue, waits for who decodes: memory that was just used is used
            // again.
            let room = DispatchSemaphore(value: 0)
            for _ in 0..<portionsUnderWay { room.signal() }
            group.addTask {
                defer { continuation.finish() }
                let (revision, claims) = try await reader.read { db in
                    try read(db) { portion in
                        room.wait()
                        if case .terminated = continuation.yield(portion) { throw CancellationError() }
                    }
                }
                return .read(revision, claims)
            }
            for await portion in portions {
                group.addTask {
                    defer { room.signal() }
                    return try .decoded(DecodedPortion(portion))
                }
            }
            // Where this was cancelled nobody takes what is still read, and who reads it has to see that.
            room.signal()
            return try await assemble(&group)
        }
    }

    /// How many portions are read and not decoded at most.
    private static let portionsUnderWay = 64

    /// What one task of a load came to.
    private enum Part: Sendable {
        case read(Revision, ClaimSum)
        case decoded(DecodedPortion)
    }

    private static func assemble(_ group: inout ThrowingTaskGroup<Part, any Error>) async throws -> Contents {
        var revision = Revision(0)
        var claims: ClaimSum?
        var derived = ClaimSum()
        var usage = ProjectUsage()
        var records = RecordBatch()
        var latest = Revision(0)
        for try await part in group {
            switch part {
            case .read(let last, let sum): (revision, claims) = (last, sum)
            case .decoded(let portion):
                derived.add(portion.claims)
                usage.add(portion.usage)
                records.append(contentsOf: portion.records)
                latest = max(latest, portion.latest)
            }
        }
        guard derived == claims else {
            throw Damage(
                description: "the tables of addresses, MACs, segments, agent hosts and default subnet pools "
                    + "do not fit the records")
        }
        guard latest <= revision else {
            throw Damage(description: "a record is newer than the store")
        }
        return Contents(state: await NetworkState.built(of: records, at: revision), usage: usage)
    }

    /// Reads all rows, gives the records on in portions and sums up the claims.
    private static func read(
        _ db: Database, giving give: (RecordPortion) throws -> Void
    ) throws -> (Revision, ClaimSum) {
        let revision = Revision(try meta("revision", db))
        let version = try meta("schema_version", db)
        for kind in RecordKind.allCases where kind.firstVersion <= version {
            let network = kind.hasNetworkID ? "network_id" : "''"
            var portion = RecordPortion(kind: kind)
            try db.forEachRow("SELECT revision, checksum, id, \(network), body FROM \(kind.rawValue)") {
                row in
                try portion.append(row)
                if portion.isFull {
                    try give(portion)
                    portion = RecordPortion(kind: kind)
                }
            }
            if !portion.rows.isEmpty { try give(portion) }
        }
        var claims = ClaimSum()
        var text: [UInt8] = []
        for table in ClaimTable.allCases where table.holder.firstVersion <= version {
            let columns = table.columns + [table.holderColumn]
            try db.forEachRow("SELECT \(columns.joined(separator: ", ")) FROM \(table.rawValue)") { row in
                text.removeAll(keepingCapacity: true)
                for column in columns.indices {
                    if column > 0 { text.append(Checksum.end) }
                    text.append(contentsOf: try row.bytes(Int32(column)))
                }
                text.withUnsafeBytes { claims.add(table, $0) }
            }
        }
        return (revision, claims)
    }

    /// Reads a number of the `meta` table.
    static func meta(_ name: String, _ db: Database) throws -> Int64 {
        let row = try Row.fetchOne(
            db, sql: "SELECT value, checksum FROM meta WHERE name = ?", arguments: [name])
        guard let row, let value = try row.decode(Int64?.self, atIndex: 0),
            try row.decode(Int64?.self, atIndex: 1) == Checksum.ofMeta(name, value)
        else {
            throw Damage(description: "the value '\(name)' of the table meta is wrong")
        }
        return value
    }
}

extension Row {
    /// The value of a column that is never NULL in a sound file.
    func read<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: Int) throws -> Value {
        guard let value = try decode(Value?.self, atIndex: column) else { throw Self.missingValue }
        return value
    }

    static let missingValue = DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a value is missing")
}
