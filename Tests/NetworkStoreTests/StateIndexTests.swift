import Locks
import NetworkModel
import NetworkStore
import Testing

@Suite struct StateIndexTests {
    /// Runs the body beside an index that follows the store.
    private func following(
        _ store: any Store, changesBound: Int = 100_000, _ body: (StateIndex) async throws -> Void
    ) async throws {
        let index = try await StateIndex(store: store, changesBound: changesBound)
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await index.run() } catch is CancellationError {}
            }
            try await body(index)
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aWriterReadsItsOwnWrites(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            try await following(store) { index async throws in
                for number in 1...50 {
                    let record = network(number)
                    try await index.perform { _ throws(ModelError) in
                        Decision((), commit: Commit(puts: [record]))
                    }
                    #expect(index.read { $0.network(id(number)) } != nil)
                    #expect(index.present.revision == Revision(Int64(number)))
                }
            }
        }
    }

    @Test func anIndexStartsWithWhatTheStoreHolds() async throws {
        let store = MemoryStore()
        _ = try await store.commit(Commit(puts: [network(1), port(2, on: 1)]))
        let index = try await StateIndex(store: store)
        #expect(index.present.revision == Revision(1))
        #expect(index.read { $0.ports(ofNetwork: id(1)).count } == 1)
    }

    @Test func aLostRaceIsDecidedAgainOnTheNewState() async throws {
        let store = MemoryStore()
        _ = try await store.commit(Commit(puts: [network(1)]))
        try await following(store) { index async throws in
            let seen = Mutex<[Revision]>([])
            let revision = try await index.perform { state throws(ModelError) in
                let first = seen.withLock { seen in
                    seen.append(state.revision)
                    return seen.count == 1
                }
                // The first decision relies on a revision that the record does not have.
                let reliedOn = first ? Revision(0) : state.revision
                return Decision(
                    reliedOn,
                    commit: Commit(
                        conditions: [.unchanged(.network(id(1)), reliedOn)], puts: [network(1, name: "x")]))
            }
            #expect(revision == Revision(1))
            #expect(seen.withLock { $0 } == [Revision(1), Revision(1)])
            #expect(index.present.revision == Revision(2))
        }
    }

    @Test func whoAlwaysLosesIsToldThatTheServiceIsUnavailable() async throws {
        let store = MemoryStore()
        try await following(store) { index async throws in
            let attempts = Mutex(0)
            let error = await #expect(throws: ModelError.self) {
                try await index.perform { _ throws(ModelError) in
                    attempts.withLock { $0 += 1 }
                    return Decision(
                        (), commit: Commit(conditions: [.exists(.port(id(1)))], puts: [network(1)]))
                }
            }
            #expect(error?.kind == .serviceUnavailable)
            #expect(attempts.withLock { $0 } == 100)
        }
    }

    @Test func aRefusalAndAFailureOfTheStorePassThrough() async throws {
        let store = MemoryStore()
        try await following(store) { index async throws in
            let refusal = ModelError(.notFound, "NetworkNotFound", "no")
            await #expect(throws: refusal) {
                try await index.perform { _ throws(ModelError) -> Decision<Void> in throw refusal }
            }
            let full = StoreError(.io, operation: "commit", detail: "full")
            store.failNextCommit(full)
            await #expect(throws: full) {
                try await index.perform { _ throws(ModelError) in
                    Decision((), commit: Commit(puts: [network(1)]))
                }
            }
            try await index.perform { _ throws(ModelError) in Decision((), commit: Commit(puts: [network(1)]))
            }
            #expect(index.present.revision == Revision(1))
        }
    }

    @Test func aDecisionWithoutChangesDoesNotTouchTheStore() async throws {
        let store = MemoryStore()
        store.failNextCommit(StoreError(.io, operation: "commit", detail: "touched"))
        try await following(store) { index async throws in
            #expect(try await index.perform { _ throws(ModelError) in Decision(7) } == 7)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func manyWritersThatWantTheLowestFreeAddressAllGetOne(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            try await following(store) { index async throws in
                let hosts = try await withThrowingTaskGroup(of: Int.self) { group in
                    for number in 1...40 {
                        group.addTask {
                            try await index.perform { state throws(ModelError) in
                                let free = (1...254).first {
                                    state.port(holding: address($0), onSubnet: id(8)) == nil
                                }
                                guard let free else { throw ModelError(.conflict, "Full", "") }
                                let record = port(number, on: 9, at: [(8, free)])
                                return Decision(free, commit: Commit(puts: [record]))
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(hosts.sorted() == Array(1...40))
                #expect(index.read { $0.addressCount(ofSubnet: id(8)) } == 40)
            }
        }
    }

    @Test func aWatcherLearnsOfAChangeAfterTheIndexHasIt() async throws {
        let store = MemoryStore()
        try await following(store) { index async throws in
            var changes = index.changes().makeAsyncIterator()
            for number in 1...20 { _ = try await store.commit(Commit(puts: [network(number)])) }
            for number in 1...20 {
                guard case .changed(let change) = await changes.next() else {
                    Issue.record("no change \(number)")
                    return
                }
                #expect(change.revision == Revision(Int64(number)))
                #expect(index.present.revision >= change.revision)
            }
        }
    }

    @Test func aWatcherTooFarBehindIsToldToResyncAndGoesOn() async throws {
        let store = MemoryStore()
        try await following(store, changesBound: 5) { index async throws in
            var changes = index.changes().makeAsyncIterator()
            for number in 1...20 { _ = try await store.commit(Commit(puts: [network(number)])) }
            try await index.reached(Revision(20))
            guard case .resync = await changes.next() else {
                Issue.record("20 changes fitted into 5")
                return
            }
            _ = try await store.commit(Commit(puts: [network(21)]))
            guard case .changed(let change) = await changes.next() else {
                Issue.record("the watcher did not go on")
                return
            }
            #expect(change.revision == Revision(21))
        }
    }

    @Test func anIndexThatFellBehindTheStoreLoadsItAfresh() async throws {
        let store = MemoryStore(historyBound: 3)
        let index = try await StateIndex(store: store)
        var changes = index.changes().makeAsyncIterator()
        for number in 1...20 { _ = try await store.commit(Commit(puts: [network(number)])) }
        try await withThrowingTaskGroup { group in
            group.addTask {
                do { try await index.run() } catch is CancellationError {}
            }
            try await index.reached(Revision(20))
            #expect(index.read { $0.networks.count } == 20)
            guard case .resync = await changes.next() else {
                Issue.record("the watcher was not told")
                return
            }
            group.cancelAll()
            try await group.waitForAll()
        }
    }

    /// A store in a file with a network and ports 2…, opened as at a start.
    private func opened(_ path: String, ports: Int) async throws -> SQLiteStore {
        let first = try await SQLiteStore.open(path)
        _ = try await first.commit(Commit(puts: [network(1)] + (1...ports).map { port($0 + 1, on: 1) }))
        try await first.close()
        return try await SQLiteStore.open(path)
    }

    /// The ports that have a value and no others, as lists sort them out.
    private func ports(_ state: NetworkState, named name: String) -> Set<ResourceID> {
        Set(state.portIDs(with: .name(name)).filter { state.port($0)?.standard.name == name })
    }

    @Test func whatListsNeedIsBuiltAfterTheOpeningAndFindsTheSame() async throws {
        try await withDirectory { directory in
            let store = try await opened(directory + "/store.sqlite", ports: 100)
            try await following(store) { index async throws in
                #expect(!index.present.hasAllIndexes)
                let renamed = port(7, on: 1, name: "other")
                _ = try await index.perform { _ throws(ModelError) in
                    Decision((), commit: Commit(puts: [renamed]))
                }
                // Not found by its value yet, but among all.
                #expect(index.present.portIDs(with: .name("other")).count == 100)
                #expect(ports(index.present, named: "other") == [id(7)])
                // Many values cost no more than one.
                let state = index.present
                let any = OrderedIDs(union: (0..<1000).map { state.portIDs(with: .name("vm-\($0)")) })
                #expect(any.count == 100 && Array(any).count == 100)
                try await index.finishIndexes()
                #expect(index.present.hasAllIndexes)
                #expect(Array(index.present.portIDs(with: .name("other"))) == [id(7)])
                #expect(index.present.portIDs(with: .project("demo")).count == 100)
                // Nothing is left to do.
                try await index.finishIndexes()
                #expect(index.present.hasAllIndexes)
            }
            try await store.close()
        }
    }

    @Test func changesWhileAnIndexIsBuiltAreInIt() async throws {
        try await withDirectory { directory in
            let count = 2000
            let store = try await opened(directory + "/store.sqlite", ports: count)
            try await following(store) { index async throws in
                async let finished: Void = index.finishIndexes()
                // One that is made beside, which is the more delicate, and small ones, which are made in place.
                let many = (41...100).map { port($0, on: 1, name: "changed") }
                var last = try await store.commit(
                    Commit(puts: many, deletes: [.port(id(count + 1))]))
                for number in 2...40 {
                    last = try await store.commit(Commit(puts: [port(number, on: 1, name: "changed")]))
                }
                try await finished
                try await index.reached(last)
                let state = index.present
                #expect(state.hasAllIndexes)
                #expect(Set(state.portIDs(with: .name("changed"))) == Set((2...100).map { id($0) }))
                #expect(state.portIDs(with: .status(.down)).count == count - 1)
            }
            try await store.close()
        }
    }

    @Test func nobodyWaitsForAnIndexThatHasStopped() async throws {
        let store = MemoryStore()
        let index = try await StateIndex(store: store)
        async let waiting: StoreError.Kind? = failure { try await index.reached(Revision(5)) }
        async let watching = { () async -> Bool in
            var changes = index.changes().makeAsyncIterator()
            return await changes.next() == nil
        }()
        async let running: Void = index.run()
        _ = try await store.commit(Commit(puts: [network(1)]))
        try await index.reached(Revision(1))
        await store.close()
        try await running
        #expect(try await waiting == .closed)
        _ = await watching
        #expect(try await failure { try await index.reached(Revision(6)) } == .closed)
    }
}
