import Addressing
import FoundationEssentials
import GRDB
import NetworkModel

/// All rows of a store file as read in one transaction, not yet decoded.
struct StoreContents: Sendable {
    struct Row: Sendable {
        var kind: RecordKind
        var id: String
        var networkID: String?
        var revision: Revision
        var checksum: Int64
        var body: String
    }

    /// Something in the file that was not written like that.
    struct Damage: Error, CustomStringConvertible {
        var description: String
    }

    var revision: Revision
    /// Rows in portions that are worth a task each.
    var portions: [[Row]] = []
    /// The number of claim rows and the sum of their fingerprints.
    var claims = (count: 0, sum: UInt64(0))

    /// Reads everything.
    init(_ db: Database) throws {
        revision = Revision(try Self.meta("revision", db))
        for kind in RecordKind.allCases {
            let network = kind.hasNetworkID ? "network_id" : "NULL"
            let rows = try GRDB.Row.fetchCursor(
                db, sql: "SELECT id, revision, checksum, body, \(network) FROM \(kind.rawValue)")
            var portion: [Row] = []
            while let row = try rows.next() {
                portion.append(
                    Row(
                        kind: kind, id: try row.read(0), networkID: row[4],
                        revision: Revision(try row.read(1)), checksum: try row.read(2),
                        body: try row.read(3)))
                if portion.count == 1000 {
                    portions.append(portion)
                    portion = []
                }
            }
            if !portion.isEmpty { portions.append(portion) }
        }
        for table in ClaimTable.allCases {
            let columns = (table.columns + [table.holderColumn]).joined(separator: ", ")
            let rows = try GRDB.Row.fetchCursor(db, sql: "SELECT \(columns) FROM \(table.rawValue)")
            while let row = try rows.next() {
                let claim = ClaimRow(table: table, values: try table.columns.indices.map { try row.read($0) })
                claims.count += 1
                claims.sum &+= claim.fingerprint(holder: try row.read(table.columns.count))
            }
        }
    }

    /// Reads a number of the `meta` table.
    static func meta(_ name: String, _ db: Database) throws -> Int64 {
        let row = try GRDB.Row.fetchOne(
            db, sql: "SELECT value, checksum FROM meta WHERE name = ?", arguments: [name])
        guard let row, let value = row[0] as Int64?, row[1] as Int64? == Checksum.ofMeta(name, value) else {
            throw Damage(description: "the value '\(name)' of the table meta is wrong")
        }
        return value
    }

    /// Decodes the rows on all cores and checks each against its checksum, and the claims against the
    /// records.
    func decoded() async throws -> Snapshot {
        try await withThrowingTaskGroup { group in
            for portion in portions {
                group.addTask { try Decoded(portion) }
            }
            var snapshot = Snapshot(revision: revision, records: [])
            snapshot.records.reserveCapacity(portions.count * 1000)
            var derived = (count: 0, sum: UInt64(0))
            for try await decoded in group {
                snapshot.records.append(contentsOf: decoded.records)
                derived.count += decoded.claims.count
                derived.sum &+= decoded.claims.sum
            }
            guard derived == claims else {
                throw Damage(
                    description: "the tables of addresses, MACs, segments and agent hosts do not fit the "
                        + "records")
            }
            guard snapshot.records.allSatisfy({ $0.revision <= revision }) else {
                throw Damage(description: "a record is newer than the store")
            }
            return snapshot
        }
    }

    /// What the rows of one portion came to.
    private struct Decoded: Sendable {
        var records: [(record: NetworkModel.Record, revision: Revision)] = []
        var claims = (count: 0, sum: UInt64(0))

        init(_ rows: [Row]) throws {
            let decoder = JSONDecoder()
            records.reserveCapacity(rows.count)
            for row in rows {
                let checksum = Checksum(kind: row.kind, id: row.id, networkID: row.networkID, body: row.body)
                guard checksum.at(row.revision) == row.checksum else {
                    throw Damage(description: "the row \(row.id) of the table \(row.kind.rawValue) is wrong")
                }
                let record: NetworkModel.Record
                do { record = try row.kind.decode(Data(row.body.utf8), with: decoder) } catch {
                    throw Damage(
                        description: "the row \(row.id) of the table \(row.kind.rawValue) is not "
                            + "understood: \(error)")
                }
                records.append((record, row.revision))
                for claim in Set(record.claims) {
                    claims.count += 1
                    claims.sum &+= ClaimRow(claim).fingerprint(holder: row.id)
                }
            }
        }
    }
}

extension GRDB.Row {
    /// The value of a column that is never NULL in a sound file.
    func read<Value: DatabaseValueConvertible & StatementColumnConvertible>(_ column: Int) throws -> Value {
        guard let value = self[column] as Value? else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "a value is missing")
        }
        return value
    }
}

extension RecordKind {
    fileprivate func decode(_ body: Data, with decoder: JSONDecoder) throws -> NetworkModel.Record {
        switch self {
        case .networks: .network(try decoder.decode(Network.self, from: body))
        case .subnets: .subnet(try decoder.decode(Subnet.self, from: body))
        case .ports: .port(try decoder.decode(Port.self, from: body))
        case .agents: .agent(try decoder.decode(Agent.self, from: body))
        }
    }
}
