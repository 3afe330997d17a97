import Foundation
import GRDB
import NetworkModel
import NetworkStore
import Synchronization
import Testing

@Suite struct CrashTests {
    @Test func whatWasAcknowledgedSurvivesAKillAndNothingIsHalf() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            var generator = SeededGenerator(seed: 3)
            var acknowledged: [Int: Int64] = [:]
            var round = -1
            // On a busy machine the writer does not come to its first commit in time: then it gets more.
            while round < 11 || (acknowledged.count <= 100 && round < 119) {
                round += 1
                let writer = try CrashWriter(["write", path, "\(round * 1_000_000 + 1)"])
                let delay = Int.random(in: 20...300, using: &generator)
                try await Task.sleep(for: .milliseconds(delay * (1 + round / 12)))
                writer.kill()
                for line in await writer.lines() {
                    #expect(!line.hasPrefix("FAILED"), "\(line)")
                    let words = line.split(separator: " ")
                    guard words.count == 3, words[0] == "ack", let number = Int(words[1]),
                        let revision = Int64(words[2])
                    else { continue }
                    acknowledged[number] = revision
                }
                guard FileManager.default.fileExists(atPath: path) else { continue }
                let store = try await SQLiteStore.open(path)
                let snapshot = try await store.snapshot()
                var halves: [Int: [Revision]] = [:]
                for (record, revision) in snapshot.records {
                    guard case .port(let port) = record, let number = Int(port.standard.name) else {
                        continue
                    }
                    halves[number, default: []].append(revision)
                }
                for (number, revisions) in halves {
                    #expect(
                        revisions.count == 2 && revisions.first == revisions.last, "half of pair \(number)")
                }
                for (number, revision) in acknowledged {
                    #expect(halves[number] != nil, "pair \(number) of revision \(revision) is lost")
                }
                #expect(acknowledged.values.max() ?? 0 <= snapshot.revision.rawValue)
                if !round.isMultiple(of: 3) { try await store.close() }
            }
            #expect(acknowledged.count > 100, "the writer was killed too early every time")
        }
    }
}

/// Whether this machine lets us mount inside a namespace of our own.
private let mayMount: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["unshare", "--user", "--map-root-user", "--mount", "true"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
}()

private let mustMount = ProcessInfo.processInfo.environment["LEASEHOLD_REQUIRE_PRIVILEGED"] == "1"

@Suite(.enabled(if: mayMount || mustMount, "needs a user and a mount namespace"))
struct PrivilegedStoreTests {
    /// Runs the writer in a mount namespace of its own after the script, in which $1 is the directory.
    private func run(_ arguments: [String], in directory: String, after script: String) async throws
        -> [String]
    {
        try await CrashWriter(
            arguments,
            under: [
                "unshare", "--user", "--map-root-user", "--mount", "sh", "-ec",
                "directory=$1; shift; \(script); exec \"$@\"", "sh", directory,
            ]
        ).lines()
    }

    @Test func aFullFileSystemFailsCommitsUntilThereIsRoomAgain() async throws {
        try await withDirectory { directory in
            let lines = try await run(
                ["full", directory], in: directory,
                after: "mount -t tmpfs -o size=4m leasehold-store-test \"$directory\"")
            #expect(lines.last == "OK", "\(lines.joined(separator: "\n"))")
        }
    }

    /// What the writer says of a store that a crash left where a copy of it has no room.
    ///
    /// - Parameter damage: what somebody else wrote to it before.
    private func linesOfACrashedStore(in directory: String, damage: String? = nil) async throws -> [String] {
        let (live, crashed) = (directory + "/live", directory + "/crashed")
        var store = try await SQLiteStore.open(live)
        let long = (1...1000).map { number in
            var attributes = standard()
            attributes.description = String(repeating: "x", count: 2000)
            return NetworkModel.Record.network(
                Network(id: id(number), standard: attributes, segment: NetworkSegment(type: .local)))
        }
        _ = try await store.commit(Commit(puts: long))
        try await store.close()
        store = try await SQLiteStore.open(live)
        _ = try await store.commit(Commit(puts: [network(2000)]))
        if let damage {
            try await DatabaseQueue(path: live).writeWithoutTransaction { try $0.execute(sql: damage) }
        }
        // What a crash leaves: the file with its log beside it.
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: live + suffix, toPath: crashed + suffix)
        }
        try await store.close()
        let size = try #require(FileManager.default.contents(atPath: crashed)).count
        #expect(size > 2_000_000)
        let place = directory + "/place"
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: false)
        return try await run(
            ["write", place + "/crashed", "1"], in: directory,
            after: "mount -t tmpfs -o size=\(size * 3 / 2) leasehold-store-test \"$directory/place\"; "
                + "cp \"$directory/crashed\" \"$directory/crashed-wal\" \"$directory/place\"")
    }

    @Test func aStoreThatACrashLeftOpensWhereItsCopyHasNoRoom() async throws {
        try await withDirectory { directory in
            let lines = try await linesOfACrashedStore(in: directory)
            #expect(lines.first == "open", "\(lines.prefix(3))")
            #expect(lines.contains { $0.hasSuffix(" 3") }, "the log was not taken in: \(lines.prefix(3))")
        }
    }

    @Test func damageThatIsFoundInPlaceIsToldOfAsSuch() async throws {
        try await withDirectory { directory in
            let lines = try await linesOfACrashedStore(
                in: directory, damage: "UPDATE networks SET revision = 0 WHERE rowid = 7")
            let words = lines.joined(separator: " ")
            #expect(words.hasPrefix("FAILED") && words.contains("is damaged"), "\(lines.prefix(3))")
            #expect(words.contains("there was no room for a copy"), "\(lines.prefix(3))")
        }
    }

    @Test func aStoreOnAReadOnlyFileSystemIsRefused() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try await SQLiteStore.open(path)
            _ = try await store.commit(Commit(puts: [network(1)]))
            try await store.close()
            let before = FileManager.default.contents(atPath: path)
            let lines = try await run(
                ["write", path, "1"], in: directory,
                after: "mount --bind \"$directory\" \"$directory\"; mount -o remount,bind,ro \"$directory\"")
            #expect(
                lines.last?.contains("Read-only file system; give this user the right") == true, "\(lines)")
            #expect(FileManager.default.contents(atPath: path) == before)
        }
    }
}
