import Foundation
import NetworkModel
import NetworkStore
import Testing

/// Octets flipped and cut off at random: an error or the right records, never a crash or wrong ones.
@Suite struct DamagedFileTests {
    /// The files of a store with many records and the records at every revision.
    private struct Original {
        var main: Data
        var log: Data?
        var states: [Revision: [RecordKey: Versioned<NetworkModel.Record>]]
        var last: Revision { states.keys.max() ?? Revision(0) }
    }

    private func makeOriginal(seed: UInt64, closed: Bool) async throws -> Original {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            let store = try await SQLiteStore.open(path)
            var generator = SeededGenerator(seed: seed)
            var model = NaiveStore()
            var states = [Revision(0): model.records]
            for _ in 0..<150 {
                let commit = model.randomCommit(using: &generator)
                guard case .success = model.commit(commit) else { continue }
                #expect(try await store.commit(commit) == model.revision)
                states[model.revision] = model.records
            }
            let many = Commit(
                puts: (1000..<1100).map { port($0, on: 1, name: "many", at: [(14, $0 - 1000)]) })
            _ = model.commit(many)
            _ = try await store.commit(many)
            states[model.revision] = model.records
            if closed { try await store.close() }
            let main = try #require(FileManager.default.contents(atPath: path))
            let log = FileManager.default.contents(atPath: path + "-wal")
            if !closed { try await store.close() }
            return Original(main: main, log: log, states: states)
        }
    }

    /// Opens the files; nil if they are refused, else the records at the revision.
    private func open(_ main: Data, _ log: Data?) async throws -> NetworkState? {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try main.write(to: URL(fileURLWithPath: path))
            if let log { try log.write(to: URL(fileURLWithPath: path + "-wal")) }
            let store: SQLiteStore
            do { store = try await SQLiteStore.open(path) } catch let error as StoreError {
                #expect(error.kind == .unusable, "\(error)")
                #expect(FileManager.default.contents(atPath: path) == main, "a refused file was changed")
                #expect(FileManager.default.contents(atPath: path + "-wal") == log)
                let names = try FileManager.default.contentsOfDirectory(atPath: directory)
                #expect(names.count == (log == nil ? 1 : 2), "left behind: \(names)")
                return nil
            }
            let snapshot = try await store.snapshot()
            _ = try await store.commit(Commit(puts: [network(5000)]))
            try await store.close()
            return snapshot
        }
    }

    @Test func anUndamagedCopyOpens() async throws {
        for closed in [true, false] {
            let original = try await makeOriginal(seed: 1, closed: closed)
            #expect((original.log == nil) == closed)
            let snapshot = try #require(try await open(original.main, original.log))
            #expect(snapshot.revision == original.last)
            #expect(snapshot.byKey == original.states[original.last])
        }
    }

    @Test func everyFlippedOctetOfTheHeaderIsHarmlessOrRefused() async throws {
        let original = try await makeOriginal(seed: 2, closed: true)
        var refused = 0
        for offset in 0..<100 {
            var main = original.main
            main[offset] ^= 0x55
            if let snapshot = try await open(main, nil) {
                #expect(snapshot.byKey == original.states[original.last], "octet \(offset)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 30, "only \(refused) refused")
    }

    @Test(arguments: 1...4)
    func flippedOctetsAreHarmlessOrRefused(seed: UInt64) async throws {
        let original = try await makeOriginal(seed: seed, closed: true)
        var generator = SeededGenerator(seed: seed &* 77)
        var refused = 0
        for _ in 0..<60 {
            var main = original.main
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let offset = Int.random(in: 0..<main.count, using: &generator)
                main[offset] ^= UInt8.random(in: 1...255, using: &generator)
            }
            if let snapshot = try await open(main, nil) {
                #expect(snapshot.revision == original.last)
                #expect(snapshot.byKey == original.states[original.last])
            } else {
                refused += 1
            }
        }
        #expect(refused > 20, "only \(refused) refused")
    }

    @Test func aStoreCutOffAnywhereIsRefused() async throws {
        let original = try await makeOriginal(seed: 6, closed: true)
        var generator = SeededGenerator(seed: 6)
        for _ in 0..<60 {
            let size = Int.random(in: 0..<original.main.count, using: &generator)
            #expect(try await open(original.main.prefix(size), nil) == nil, "cut off at \(size)")
        }
    }

    @Test func aDamagedLogGivesAnEarlierMomentOrIsRefused() async throws {
        let original = try await makeOriginal(seed: 7, closed: false)
        let whole = try #require(original.log)
        var generator = SeededGenerator(seed: 7)
        for round in 0..<80 {
            var log = whole
            let offset = Int.random(in: 0..<log.count, using: &generator)
            if round.isMultiple(of: 2) {
                log = log.prefix(offset)
            } else {
                log[offset] ^= UInt8.random(in: 1...255, using: &generator)
            }
            guard let snapshot = try await open(original.main, log) else { continue }
            #expect(snapshot.byKey == original.states[snapshot.revision], "at \(snapshot.revision)")
        }
    }
}
