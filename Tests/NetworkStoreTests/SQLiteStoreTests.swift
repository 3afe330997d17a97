import Dispatch
import Foundation
import GRDB
import Glibc
import NetworkModel
import NetworkStore
import Testing

@Suite struct SQLiteStoreTests {
    @Test func everythingIsThereAfterReopening() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var store = try await SQLiteStore.open(path)
            _ = try await store.commit(
                Commit(puts: [network(1, vlan: 5), subnet(2, on: 1), agent(3, host: "a")]))
            _ = try await store.commit(Commit(puts: [port(4, on: 1, at: [(2, 9)]), port(5, on: 1)]))
            _ = try await store.commit(Commit(deletes: [.port(id(5))]))
            let before = try await store.snapshot()
            try await store.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["store.sqlite"])

            store = try await SQLiteStore.open(path)
            for _ in 0..<2 {
                let after = try await store.snapshot()
                #expect(after.revision == Revision(3))
                #expect(after.byKey == before.byKey)
            }
            #expect(
                try await failure { try await store.commit(Commit(puts: [port(6, on: 1, at: [(2, 9)])])) }
                    == .claimed(.address(address(9), subnet: id(2)), by: .port(id(4))))
            #expect(try await store.commit(Commit(puts: [network(7)])) == Revision(4))
            #expect(
                try await failure { try await changes(of: store, after: 2, through: 4) } == .compacted,
                "the history does not outlive the process")
            try await store.close()
        }
    }

    @Test func theFirstSnapshotShowsCommitsMadeBeforeIt() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            _ = try await store.commit(Commit(puts: [network(1)]))
            #expect(try await store.snapshot().revision == Revision(1))
            try await store.close()
        }
    }

    @Test func aClaimIsItsOctetsAlsoWhereUnicodeMeansTheSame() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var store = try await SQLiteStore.open(path)
            for host in ["caf\u{E9}", "cafe\u{301}"] {
                _ = try await store.commit(Commit(puts: [agent(1, host: host)]))
                try await store.close()
                store = try await SQLiteStore.open(path)
            }
            _ = try await store.commit(Commit(deletes: [.agent(id(1))]))
            _ = try await store.commit(Commit(puts: [agent(2, host: "caf\u{E9}"), agent(3, host: "x")]))
            try await store.close()
            store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().agents.count == 2)
            try await store.close()
        }
    }

    @Test func everyCommitIsSyncedToTheDisk() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            #expect(try await store.pragma("journal_mode") == "wal")
            #expect(try await store.pragma("synchronous") == "2", "FULL")
            #expect(try await store.pragma("application_id") == "\(0x4C45_4153)")
            #expect(try await store.pragma("user_version") == "3")
            try await store.close()
        }
    }

    @Test func onlyTheOwnerMayReadTheFile() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            _ = try await store.commit(Commit(puts: [network(1)]))
            for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory + "/" + name)
                #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
            }
            try await store.close()
        }
    }

    @Test func anOperatorReadsTheTablesWhileTheStoreIsOpen() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            _ = try await store.commit(
                Commit(puts: [network(1, name: "blue", vlan: 7), port(2, on: 1, name: "web", at: [(3, 4)])]))
            var configuration = Configuration()
            configuration.readonly = true
            let shell = try DatabaseQueue(path: store.path, configuration: configuration)
            let rows = try await shell.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT network_list.name || ' ' || port_list.name || ' ' || mac_address || ' ' || status
                        || ' ' || address || ' ' || segmentation_id || ' ' || port_list.revision
                        FROM port_list JOIN network_list ON network_list.id = port_list.network_id
                        JOIN addresses ON addresses.port_id = port_list.id
                        JOIN segments ON segments.network_id = network_list.id
                        """)
            }
            #expect(rows == ["blue web fa:16:3e:00:00:02 DOWN 10.0.0.4 7 1"])
            let revision = try await shell.read {
                try Int.fetchOne($0, sql: "SELECT value FROM meta WHERE name = 'revision'")
            }
            #expect(revision == 1)
            try shell.close()
            try await store.close()
        }
    }

    @Test(arguments: [
        "INSERT INTO macs SELECT network_id, mac, '00000000-0000-0000-0000-000000000005' FROM macs LIMIT 1",
        "INSERT INTO addresses SELECT subnet_id, address, port_id FROM addresses LIMIT 1",
        "INSERT INTO macs VALUES ('n', 'm', 'nobody')",
        "DELETE FROM ports",
    ])
    func theTablesThemselvesRefuseWhatWouldBreakUniqueness(_ sql: String) async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try await SQLiteStore.open(path)
            _ = try await store.commit(Commit(puts: [port(4, on: 1, at: [(2, 9)]), port(5, on: 1)]))
            try await store.close()
            let shell = try DatabaseQueue(path: path)
            await #expect(throws: DatabaseError.self) { try await shell.write { try $0.execute(sql: sql) } }
            try shell.close()
        }
    }

    @Test func aFullDiskFailsTheCommitAndNothingElse() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var store = try await SQLiteStore.open(path)
            _ = try await store.commit(Commit(puts: [network(1), port(2, on: 1, at: [(3, 1)])]))
            try await store.limitPages(60)
            let big = Commit(
                puts: [port(2, on: 1, at: [(3, 2)])] + (10..<600).map { port($0, on: 1, name: "big") })
            let error = await #expect(throws: StoreError.self) { _ = try await store.commit(big) }
            #expect(error?.kind == .io)
            #expect(error?.detail.contains("full") == true, "\(error?.detail ?? "")")
            #expect(try await store.snapshot().records.count == 2)
            #expect(try await store.commit(Commit(puts: [network(1, name: "small")])) == Revision(2))
            try await store.limitPages(nil)
            #expect(try await store.commit(big) == Revision(3))
            #expect(try await changes(of: store, after: 0, through: 3).map(\.puts.count) == [2, 1, 591])
            try await store.close()
            store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().records.count == 592)
            try await store.close()
        }
    }

    @Test func aFullDiskFailsOneCommitOfAGroupAlone() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            _ = try await store.commit(Commit(puts: [network(1)]))
            try await store.limitPages(60)
            let outcomes = try await withThrowingTaskGroup(of: (Int, StoreError.Kind?).self) { group in
                for number in 0..<20 {
                    group.addTask {
                        let puts =
                            number.isMultiple(of: 5)
                            ? (0..<600).map { port(10_000 * (number + 1) + $0, on: 1, name: "big") }
                            : [network(number + 10)]
                        return (number, try await failure { try await store.commit(Commit(puts: puts)) })
                    }
                }
                return try await group.reduce(into: [Int: StoreError.Kind]()) { $0[$1.0] = $1.1 }
            }
            #expect(outcomes == [0: .io, 5: .io, 10: .io, 15: .io])
            #expect(try await store.snapshot().records.count == 17)
            try await store.close()
        }
    }

    @Test func aCommitWaitsForAShellThatHoldsTheWriteLock() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let shell = try DatabaseQueue(path: store.path, configuration: configuration)
            // A thread of its own lets go in time, however busy the tests' threads are.
            let (released, letGo) = AsyncStream.makeStream(of: Void.self)
            try await withCheckedThrowingContinuation { (begun: CheckedContinuation<Void, any Error>) in
                DispatchQueue(label: "sqlite3 shell").async {
                    begun.resume(
                        with: Result {
                            try shell.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
                        })
                    usleep(300_000)
                    // Where the transaction did not begin there is nothing to end.
                    try? shell.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
                    letGo.finish()
                }
            }
            #expect(try await store.snapshot().revision == Revision(0), "reading goes on")
            #expect(try await store.commit(Commit(puts: [network(1)])) == Revision(1))
            for await _ in released {}
            #expect(try await store.snapshot().revision == Revision(1))
            try shell.close()
            try await store.close()
        }
    }

    @Test func manyCommitsShareATransaction() async throws {
        try await withDirectory { directory in
            let store = try await SQLiteStore.open(directory + "/store.sqlite")
            let revisions = try await withThrowingTaskGroup(of: Revision.self) { group in
                for number in 1...2000 {
                    group.addTask { try await store.commit(Commit(puts: [network(number)])) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(revisions.map(\.rawValue).sorted() == Array(1...2000))
            // A frame of the log is 4 KiB and every transaction writes `meta` at least.
            let log =
                try FileManager.default.attributesOfItem(atPath: store.path + "-wal")[.size] as? Int ?? 0
            #expect(log < 2000 * 2 * 4096, "each commit had a transaction of its own: \(log) octets")
            try await store.close()
        }
    }
}
