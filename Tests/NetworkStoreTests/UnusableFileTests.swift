import Foundation
import GRDB
import NetworkModel
import NetworkStore
import Testing

/// Files that are no store: the reason is told and nothing is touched.
@Suite struct UnusableFileTests {
    /// The names and contents of everything in the directory.
    private func contents(of directory: String) throws -> [String: Data] {
        var contents: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: directory) {
            contents[name] =
                FileManager.default.contents(atPath: directory + "/" + name) ?? Data("directory".utf8)
        }
        return contents
    }

    /// Makes something at the path, and expects that opening it fails with these words and changes nothing.
    private func expectUnusable(
        _ words: [String], _ make: (String) async throws -> Void,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withDirectory { directory in
            let path = directory + "/a store.sqlite"
            try await make(path)
            let before = try contents(of: directory)
            let error = await #expect(throws: StoreError.self, sourceLocation: sourceLocation) {
                _ = try await SQLiteStore.open(path)
            }
            #expect(
                error?.kind == .unusable, "\(error.map(String.init(describing:)) ?? "")",
                sourceLocation: sourceLocation)
            for word in words + [path] {
                #expect(
                    error?.detail.contains(word) == true, "\(error?.detail ?? "")",
                    sourceLocation: sourceLocation)
            }
            #expect(try contents(of: directory) == before, sourceLocation: sourceLocation)
        }
    }

    /// Makes a store with some records at the path.
    private func makeStore(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        _ = try await store.commit(
            Commit(
                puts: [network(1, vlan: 5), subnetPool(3)]
                    + (1...50).map { port($0, on: 1, name: "p", at: [(2, $0)]) }))
        try await store.close()
    }

    private func alter(_ path: String, _ sql: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA foreign_keys = OFF")
            try db.execute(sql: sql)
            _ = try db.checkpoint(.truncate)
        }
        try queue.close()
    }

    private func write(_ data: Data, to path: String) throws {
        try data.write(to: URL(fileURLWithPath: path))
    }

    @Test func aTextFile() async throws {
        try await expectUnusable(["not a Leasehold store", "name another file"]) {
            try write(Data("[DEFAULT]\ndebug = True\n".utf8), to: $0)
        }
    }

    @Test func randomOctets() async throws {
        var generator = SeededGenerator(seed: 1)
        let data = Data((0..<10_000).map { _ in UInt8.random(in: 0...255, using: &generator) })
        try await expectUnusable(["not a Leasehold store"]) { try write(data, to: $0) }
    }

    @Test func anEmptyFile() async throws {
        try await expectUnusable(["is empty"]) { try write(Data(), to: $0) }
    }

    @Test func aDirectory() async throws {
        try await expectUnusable(["is a directory"]) {
            try FileManager.default.createDirectory(atPath: $0, withIntermediateDirectories: false)
        }
    }

    @Test func aDevice() async throws {
        let error = await #expect(throws: StoreError.self) { _ = try await SQLiteStore.open("/dev/null") }
        #expect(error?.kind == .unusable)
        #expect(error?.detail.contains("not a regular file") == true)
    }

    @Test func aLinkToNowhere() async throws {
        try await expectUnusable(["cannot be found"]) {
            try FileManager.default.createSymbolicLink(atPath: $0, withDestinationPath: "/nowhere/store")
        }
    }

    @Test func aPathWithoutADirectory() async throws {
        let error = await #expect(throws: StoreError.self) {
            _ = try await SQLiteStore.open("/nonexistent/store.sqlite")
        }
        #expect(error?.kind == .unusable)
        #expect(error?.detail.contains("create its directory") == true, "\(error?.detail ?? "")")
    }

    @Test func aFileThatMayNotBeWritten() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: path)
            let before = try contents(of: directory)
            // Root may write any file, unless it has given its capabilities away (capabilities(7)).
            let wrapper = geteuid() == 0 ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] : []
            let lines = try await CrashWriter(["write", path, "1"], under: wrapper).lines().joined()
            for words in ["FAILED", path, "Permission denied", "give this user the right"] {
                #expect(lines.contains(words), "\(words) in \(lines)")
            }
            #expect(try contents(of: directory) == before)
        }
    }

    @Test(arguments: [false, true])
    func aDatabaseOfAnotherProgram(inWAL: Bool) async throws {
        try await expectUnusable(["another program"]) { path in
            let queue = try DatabaseQueue(path: path)
            try await queue.writeWithoutTransaction { db in
                if inWAL { _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = WAL") }
                try db.execute(sql: "CREATE TABLE leases (ip TEXT); INSERT INTO leases VALUES ('10.0.0.1')")
            }
            try queue.close()
        }
    }

    @Test func aStoreOfANewerVersion() async throws {
        try await expectUnusable(["newer Leasehold", "schema version 99"]) {
            try await makeStore($0)
            try await alter($0, "PRAGMA user_version = 99")
        }
    }

    @Test func aStoreOfANewerVersionThatCrashed() async throws {
        try await expectUnusable(["newer Leasehold", "schema version 99"]) { path in
            try await withDirectory { directory in
                let live = directory + "/live"
                try await makeStore(live)
                let queue = try DatabaseQueue(path: live)
                try await queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA user_version = 99") }
                for suffix in ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: live + suffix, toPath: path + suffix)
                }
                try queue.close()
            }
        }
    }

    @Test func aLogWithoutItsStore() async throws {
        try await expectUnusable(["is gone", "-wal"]) { try write(Data(count: 100), to: $0 + "-wal") }
    }

    @Test(arguments: [99, 4096, 8192, 20_000])
    func aTruncatedStore(_ size: Int) async throws {
        try await expectUnusable(["a store.sqlite"]) { path in
            try await makeStore(path)
            let data = try #require(FileManager.default.contents(atPath: path))
            try write(data.prefix(size), to: path)
        }
    }

    @Test(arguments: [
        "UPDATE ports SET body = replace(body, '\"p\"', '\"q\"') WHERE rowid = 7",
        "UPDATE ports SET revision = 0 WHERE rowid = 7",
        "UPDATE ports SET network_id = 'x' WHERE rowid = 7",
        "UPDATE meta SET value = 2 WHERE name = 'revision'",
        "DELETE FROM meta",
        "DELETE FROM addresses WHERE address = '10.0.0.7'",
        "UPDATE macs SET port_id = '00000000-0000-0000-0000-000000000009' WHERE mac = 'fa:16:3e:00:00:07'",
        "INSERT INTO segments SELECT 'vlan', 'x', '9', id FROM networks",
        "DELETE FROM ports WHERE rowid = 7",
        "DROP INDEX ports_by_network",
        "DROP TABLE agent_hosts",
        "DROP TABLE quotas",
        "INSERT INTO default_subnetpools SELECT '9', id FROM subnetpools",
        "INSERT INTO quotas (id, revision, checksum, body) VALUES ('x', 1, 1, '{}')",
        "DROP INDEX subnets_by_subnetpool",
        "ALTER TABLE ports RENAME COLUMN body TO content",
        "DELETE FROM grdb_migrations",
        "PRAGMA user_version = 0",
        "PRAGMA user_version = -1",
    ])
    func aStoreThatSomethingElseWroteTo(_ sql: String) async throws {
        try await expectUnusable(["damaged", "restore it from a backup"]) {
            try await makeStore($0)
            try await alter($0, sql)
        }
    }

    @Test func aStoreInUse() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try await SQLiteStore.open(path)
            _ = try await store.commit(Commit(puts: [network(1)]))
            let link = directory + "/link"
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: path)
            for name in [path, link] {
                let error = await #expect(throws: StoreError.self) { _ = try await SQLiteStore.open(name) }
                #expect(error?.kind == .unusable)
                #expect(
                    error?.detail.contains("in use by process \(getpid())") == true, "\(error?.detail ?? "")")
            }
            #expect(try await store.commit(Commit(puts: [network(2)])) == Revision(2))
            try await store.close()
            let again = try await SQLiteStore.open(path)
            #expect(try await again.snapshot().records.count == 2)
            try await again.close()
        }
    }

    @Test func aStoreInUseByAnotherProcess() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            let writer = try CrashWriter(["write", path, "1"])
            // The log appears once the writer has the store; a busy machine takes its time to start it.
            for _ in 0..<30_000 where !FileManager.default.fileExists(atPath: path + "-wal") {
                try await Task.sleep(for: .milliseconds(20))
            }
            let error = await #expect(throws: StoreError.self) { _ = try await SQLiteStore.open(path) }
            writer.kill()
            // Whoever writes when the directory goes leaves it behind.
            _ = await writer.lines()
            #expect(error?.kind == .unusable)
            #expect(
                error?.detail.contains("in use by process \(writer.processIdentifier)") == true,
                "\(error?.detail ?? "")")
        }
    }

    @Test func aStoreThatWasNotClosedIsReleasedWithItsObject() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            // The writer answers a commit a moment before it is done: many times, so that this matters.
            for number in 1...30 {
                let store = try await SQLiteStore.open(path)
                _ = try await store.commit(Commit(puts: [network(number)]))
            }
            let again = try await SQLiteStore.open(path)
            #expect(try await again.snapshot().records.count == 30)
            try await again.close()
        }
    }
}
