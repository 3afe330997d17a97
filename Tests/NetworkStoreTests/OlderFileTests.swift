import Foundation
import GRDB
import NetworkModel
import NetworkStore
import Testing

/// A file that an earlier Leasehold wrote becomes a present one, and nothing of it is lost.
@Suite struct OlderFileTests {
    /// What a dump said of a file that a Leasehold of that version wrote. Version 1: two networks, two subnets, four
    /// ports and an agent. Version 2: a subnet pool, which is the default, a VXLAN network with a subnet from it,
    /// three ports, an agent and a quota.
    private static func dump(_ version: Int) -> String {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.replaceSubrange((parts.count - 2)..., with: ["StoreFiles", "version-\(version).sql"])
        return parts.joined(separator: "/")
    }

    private func makeFile(_ path: String, version: Int = 1) async throws {
        let dump = try String(contentsOfFile: Self.dump(version), encoding: .utf8)
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: dump)
            try db.execute(sql: "PRAGMA application_id = \(0x4C45_4153)")
            try db.execute(sql: "PRAGMA user_version = \(version)")
        }
        try queue.close()
    }

    /// What is in a file of version 2 holds on to its claims, of which its present form knows by the bodies alone.
    @Test(arguments: [false, true])
    func aFileOfVersionTwoOpensWithAllItHolds(leftByACrash: Bool) async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeFile(path, version: 2)
            if leftByACrash { try await leaveJournal(path) }
            var store = try await SQLiteStore.open(path)
            #expect(try await store.pragma("user_version") == "3")
            let state = try await store.snapshot()
            #expect(state.revision == Revision(13))
            #expect(state.ports.count == 3 && state.subnetPools.count == 1 && state.quotas.count == 1)
            let first = try #require(state.ports.map(\.value).first { $0.standard.name == "vm1" })
            let second = try #require(state.ports.map(\.value).first { $0.standard.name == "vm2" })
            let network = try #require(state.networks.first { _ in true }?.value)
            let pool = try #require(state.subnetPools.first { _ in true }?.value)

            // What one port has nobody else gets before it gives it up.
            let address = try #require(second.fixedIPs.first)
            var taking = first
            taking.fixedIPs = [address]
            #expect(
                try await failure { try await store.commit(Commit(puts: [.port(taking)])) }
                    == .claimed(.address(address.address, subnet: address.subnetID), by: .port(second.id)))
            _ = try await store.commit(Commit(puts: [.port(taking)], deletes: [.port(second.id)]))
            taking.macAddress = second.macAddress
            taking.fixedIPs = first.fixedIPs
            _ = try await store.commit(Commit(puts: [.port(taking)]))
            _ = try await store.commit(
                Commit(
                    puts: [subnetPool(7, isDefault: true)],
                    deletes: [.subnetPool(pool.id), .network(network.id)]))
            try await store.close()
            store = try await SQLiteStore.open(path)
            #expect(try await store.snapshot().ports.map(\.value).contains(taking))
            try await store.close()
        }
    }

    /// Leaves a write-ahead log beside the file, as a process does that is killed.
    private func leaveJournal(_ path: String) async throws {
        var configuration = Configuration()
        configuration.journalMode = .wal
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try await queue.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA wal_autocheckpoint = 0; UPDATE meta SET value = value")
        }
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: path + suffix + ".copy")
        }
        try queue.close()
        for suffix in ["", "-wal"] {
            try? FileManager.default.removeItem(atPath: path + suffix)
            try FileManager.default.moveItem(atPath: path + suffix + ".copy", toPath: path + suffix)
        }
        try #require(FileManager.default.fileExists(atPath: path + "-wal"))
    }

    @Test(arguments: [
        "CREATE VIEW my_ports AS SELECT id, name FROM ports", "CREATE INDEX by_mac ON ports (mac_address)",
        "CREATE TABLE port_list (x)", "CREATE VIEW broken AS SELECT nope FROM nowhere",
    ])
    func anOlderFileWithWhatSomebodyMadeIsRefusedByName(_ sql: String) async throws {
        let name = sql.split(separator: " ")[2]
        let error = try await refusal(version: 2, after: sql)
        #expect(error?.kind == .unusable)
        let words = error?.description ?? ""
        #expect(words.contains("\(name)") && words.contains("drop it"))
    }

    /// What is said of an older file that somebody altered; expects that it is refused and left as it is.
    @discardableResult
    private func refusal(version: Int, after sql: String) async throws -> StoreError? {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeFile(path, version: version)
            try await alter(path, sql)
            let before = FileManager.default.contents(atPath: path)
            let error = await #expect(throws: StoreError.self) { _ = try await SQLiteStore.open(path) }
            #expect(FileManager.default.contents(atPath: path) == before)
            return error
        }
    }

    private func alter(_ path: String, _ sql: String) async throws {
        let queue = try DatabaseQueue(path: path)
        try await queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func aFileOfVersionOneOpensWithAllItHolds() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeFile(path)
            var store = try await SQLiteStore.open(path)
            #expect(try await store.pragma("user_version") == "3")
            let state = try await store.snapshot()
            #expect(state.revision == Revision(14))
            #expect(state.networks.count == 2 && state.subnets.count == 2 && state.agents.count == 1)
            let blue = try #require(state.networks.map(\.value).first { $0.standard.name.hasPrefix("blue") })
            #expect(blue.standard.name == "blue \"1\" uml\u{FC}" && blue.standard.projectID == "p1")
            #expect(blue.dhcpAgentIDs == nil, "the agents of an older network choose themselves")
            #expect(state.dhcpAgents(ofNetwork: blue.id).map(\.host) == ["node-1"])
            #expect(state.ports(ofNetwork: blue.id).count == 4)
            #expect(state.subnetPools.count == 0 && state.quotas.count == 0)
            // The counts are those of the records, and what is new can be stored.
            let ports = state.usage(ofProject: "p1")[.port]
            #expect(ports == 2, "one port and the agent's")
            #expect(
                try await failure {
                    try await store.commit(
                        Commit(conditions: [.atMost(ports - 1, .port, project: "p1")], puts: [network(1)]))
                } == .conflict(.atMost(ports - 1, .port, project: "p1")))
            let subnets = state.subnets.map(\.value)
            let added: [NetworkModel.Record] = [
                subnetPool(7, isDefault: true), quota("p1", [.port: 9]), subnet(8, on: 1, pool: 7),
            ]
            _ = try await store.commit(
                Commit(
                    conditions: [
                        .atMost(ports, .port, project: "p1"),
                        .quiet(.blocks(subnetPool: id(7)), since: Revision(0)),
                        .quiet(.subnets(network: blue.id), since: Revision(14)),
                    ], puts: added))
            try await store.close()

            store = try await SQLiteStore.open(path)
            let again = try await store.snapshot()
            #expect(again.revision == Revision(15))
            let expected = state.byKey.merging(
                added.map { ($0.key, Versioned($0, at: Revision(15))) }, uniquingKeysWith: { $1 })
            #expect(again.byKey == expected && subnets.count == 2)
            try await store.close()
        }
    }

    @Test func aMigrationThatCommittedIsNotUndoneByAReader() async throws {
        try await withDirectory { directory in
            let path = directory + "/store.sqlite"
            try await makeFile(path)
            var configuration = Configuration()
            configuration.journalMode = .wal
            configuration.allowsUnsafeTransactions = true
            // A sqlite3 shell in the middle of a transaction: the log cannot go into the file.
            let shell = try DatabaseQueue(path: path, configuration: configuration)
            try await shell.writeWithoutTransaction { db in
                try db.execute(sql: "BEGIN")
                #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM ports") == 4)
            }
            let store = try await SQLiteStore.open(path)
            #expect(try await store.pragma("user_version") == "3")
            #expect(try await store.snapshot().revision == Revision(14))
            try await shell.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
            try shell.close()
            _ = try await store.commit(Commit(puts: [network(1)]))
            try await store.close()
            let again = try await SQLiteStore.open(path)
            #expect(try await again.snapshot().revision == Revision(15))
            try await again.close()
        }
    }

    @Test(arguments: [
        "UPDATE ports SET body = replace(body, 'vm1', 'vm2')", "DELETE FROM macs",
        "PRAGMA user_version = 2", "CREATE TABLE quotas (id TEXT)",
    ])
    func anOlderFileThatIsDamagedIsLeftAsItIs(_ sql: String) async throws {
        try await refusal(version: 1, after: sql)
    }
}
