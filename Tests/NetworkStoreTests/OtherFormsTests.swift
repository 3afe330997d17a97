import Foundation
import GRDB
import NetworkModel
import Testing

@testable import NetworkStore

/// Files whose bodies this version would not write like that.
@Suite struct OtherFormsTests {
    /// Makes a store of 60 random records, gives each of its rows another body with the checksum that fits,
    /// and the closed file to `check` with what it held.
    private func withRewritten(
        seed: UInt64, _ rewrite: (inout RandomRecords, String) throws -> String,
        _ check: (String, [RecordKey: Versioned<NetworkModel.Record>]) async throws -> Void
    ) async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var random = RandomRecords(seed: seed)
            let store = try await SQLiteStore.open(path)
            for _ in 0..<60 {
                // Two random records may want the same segment.
                _ = try? await store.commit(Commit(puts: [random.record()]))
            }
            let before = try await store.snapshot()
            #expect(before.records.count > 40)
            try await store.close()
            let shell = try DatabaseQueue(path: path)
            for (record, revision) in before.records {
                let stored = StoredRecord(record)
                let body = try rewrite(&random, stored.body)
                let checksum = Checksum(
                    kind: stored.kind, id: stored.id, networkID: stored.networkID, body: body)
                try await shell.write { db in
                    try db.execute(
                        sql: "UPDATE \(stored.kind.rawValue) SET body = ?, checksum = ? WHERE id = ?",
                        arguments: [body, checksum.at(revision), stored.id])
                }
            }
            try shell.close()
            try await check(path, before.byKey)
        }
    }

    @Test(arguments: 1...3)
    func bodiesInAnyFormOfJSONAreLoaded(seed: UInt64) async throws {
        try await withRewritten(seed: seed) { random, body in
            random.form(of: try JSONDecoder().decode(JSONValue.self, from: Data(body.utf8)))
        } _: { path, records in
            let store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().byKey == records)
            #expect(try await store.snapshot().byKey == records, "read anew")
            try await store.close()
        }
    }

    @Test func aBodyThatIsNotUnderstoodIsRefusedThoughItsChecksumFits() async throws {
        var isFirst = true
        try await withRewritten(seed: 4) { _, body in
            defer { isFirst = false }
            return isFirst ? "{}" : body
        } _: { path, _ in
            let file = FileManager.default.contents(atPath: path)
            let error = await #expect(throws: StoreError.self) { try await SQLiteStore.open(path) }
            #expect(error?.kind == .unusable)
            #expect(error?.detail.contains("is not understood") == true, "\(error?.detail ?? "")")
            #expect(FileManager.default.contents(atPath: path) == file, "a refused file was changed")
        }
    }

    @Test func moreRecordsThanOneTaskDecodesAreAllThere() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var store = try await SQLiteStore.open(path)
            let puts = (0..<2600).map { port(10 + $0, on: 1, at: [(2 + $0 / 250, $0 % 250)]) }
            _ = try await store.commit(Commit(puts: puts))
            try await store.close()
            store = try await SQLiteStore.open(path)
            for _ in 0..<2 {
                let snapshot = try await store.snapshot()
                #expect(snapshot.records.count == 2600)
                #expect(Set(snapshot.records.map(\.record)) == Set(puts))
            }
            try await store.close()
        }
    }
}
