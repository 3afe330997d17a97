import CLinux
import Foundation
import GRDB
import Glibc
import NetworkModel
import NetworkStore
import Testing

/// Whether files in the temporary directory can have extended attributes of users.
private let takesNotes: Bool = {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("leasehold-note-\(UUID())").path
    defer { unlink(path) }
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    defer { close(file) }
    return fsetxattr(file, "user.leasehold.test", "", 0, 0) == 0
}()

/// A file that is as a sound store closed it is opened without the checks of its schema and of SQLite's trees, which
/// come later; any other is checked first.
@Suite(.enabled(if: takesNotes, "the temporary directory takes no extended attributes"))
struct ClosingNoteTests {
    private func makeStore(_ path: String) async throws {
        let store = try await SQLiteStore.open(path)
        _ = try await store.commit(Commit(puts: [network(1)] + (1...5).map { port($0, on: 1) }))
        try await store.close()
    }

    /// Spoils an entry of an index, of which only SQLite's check can know; as a disk does it, without the
    /// file's times.
    private func spoilIndex(_ path: String, keepingTimes: Bool = true) throws {
        var status = stat()
        try #require(stat(path, &status) == 0)
        var configuration = Configuration()
        configuration.readonly = true
        let queue = try DatabaseQueue(path: "file:\(path)?immutable=1", configuration: configuration)
        let page = try queue.read { db in
            try Int.fetchOne(
                db, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'sqlite_autoindex_ports_1'")
        }
        try queue.close()
        let start = (try #require(page) - 1) * 4096
        var bytes = try #require(FileManager.default.contents(atPath: path))
        let key = try #require(bytes[start..<start + 4096].range(of: Data(id(3).description.utf8)))
        bytes[key.upperBound - 1] ^= 1
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        try file.write(contentsOf: bytes)
        try file.close()
        if keepingTimes { try setTimes(of: path, status) }
    }

    /// Alters the file as if it had been so when it was closed.
    private func alter(_ path: String, by sql: String) throws {
        var status = stat()
        try #require(stat(path, &status) == 0)
        let queue = try DatabaseQueue(path: path)
        try queue.write { db in try db.execute(sql: sql) }
        try queue.close()
        try setTimes(of: path, status)
    }

    private func setTimes(of path: String, _ status: stat) throws {
        var times = [status.st_atim, status.st_mtim]
        try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    }

    private func expectRefused(_ path: String, sourceLocation: SourceLocation = #_sourceLocation) async {
        await #expect(
            throws: StoreError(.unusable, operation: "", detail: ""), sourceLocation: sourceLocation
        ) {
            _ = try await SQLiteStore.open(path)
        }
    }

    @Test(arguments: ["an index", "the schema"])
    func aFileAsItWasClosedIsCheckedLater(_ damaged: String) async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            if damaged == "an index" {
                try spoilIndex(path)
            } else {
                try alter(path, by: "DROP INDEX subnets_by_network")
            }
            let store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().ports.count == 5)
            let found = await #expect(throws: StoreError.self) { try await store.finishInspection() }
            #expect(found?.kind == .unusable)
            for word in ["check the store", path, "damaged", "backup"] {
                #expect("\(try #require(found))".contains(word))
            }
            // Nothing more is written into it, and everything is read as before.
            let refused = await #expect(throws: StoreError.self) {
                try await store.commit(Commit(puts: [port(6, on: 1)]))
            }
            #expect(refused?.description == found?.description)
            #expect(try await store.snapshot().ports.count == 5)
            try await store.close()
            // What was found is not forgotten.
            await expectRefused(path)
        }
    }

    @Test(arguments: ["store_id", "application_id", "revision"])
    func whatTheFileSaysOfItselfIsCheckedFirst(_ name: String) async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            try alter(path, by: "UPDATE meta SET value = value + 1 WHERE name = '\(name)'")
            let before = FileManager.default.contents(atPath: path)
            await expectRefused(path)
            #expect(FileManager.default.contents(atPath: path) == before)
        }
    }

    @Test func whatWasCheckedLaterIsNotedAgain() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            var store = try await SQLiteStore.open(path)
            try await store.finishInspection()
            // Twice is as good.
            try await store.finishInspection()
            _ = try await store.commit(Commit(puts: [port(6, on: 1)]))
            try await store.close()
            try spoilIndex(path)
            store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().ports.count == 6)
            try await store.close()
        }
    }

    @Test(arguments: [
        "ended before the check", "ended before it without a change", "another's file", "written to",
    ])
    func anyOtherFileIsCheckedFirst(_ reason: String) async throws {
        try await withDirectory { directory in
            var path = directory + "/store.sqlite"
            try await makeStore(path)
            switch reason {
            case "ended before the check":
                let store = try await SQLiteStore.open(path)
                _ = try await store.commit(Commit(puts: [port(6, on: 1)]))
                try await store.close()
                try spoilIndex(path)
            case "ended before it without a change":
                try await SQLiteStore.open(path).close()
                try spoilIndex(path)
            case "another's file":
                try spoilIndex(path)
                let copy = directory + "/copy.sqlite"
                let tool = Process()
                tool.executableURL = URL(fileURLWithPath: "/bin/cp")
                tool.arguments = ["--preserve=all", path, copy]
                try tool.run()
                tool.waitUntilExit()
                try #require(tool.terminationStatus == 0)
                path = copy
            default: try spoilIndex(path, keepingTimes: false)
            }
            await expectRefused(path)
        }
    }

    @Test func aCommitThatStumblesLeavesNoNote() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeStore(path)
            let store = try await SQLiteStore.open(path)
            try await store.finishInspection()
            // Behind the store's back a claim that the port must have goes away, and comes back.
            let shell = try DatabaseQueue(path: path)
            try await shell.writeWithoutTransaction { db in
                try db.execute(sql: "CREATE TEMP TABLE kept AS SELECT * FROM macs; DELETE FROM macs")
            }
            await #expect(throws: StoreError(.unusable, operation: "", detail: "")) {
                try await store.commit(Commit(deletes: [.port(id(3))]))
            }
            try await shell.writeWithoutTransaction { db in
                try db.execute(sql: "INSERT INTO macs SELECT * FROM kept")
            }
            try shell.close()
            try await store.close()
            try spoilIndex(path)
            await expectRefused(path)
        }
    }
}
