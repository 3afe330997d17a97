import Addressing
import NetworkModel
import NetworkStore
import Synchronization
import Testing

/// What every ``Store`` means.
@Suite struct StoreConformanceTests {
    @Test(arguments: StoreKind.allCases)
    func aNewStoreIsEmptyAtRevisionZero(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let snapshot = try await store.snapshot()
            #expect(snapshot.revision == Revision(0))
            #expect(snapshot.records.isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func everyCommitMakesTheNextRevision(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            #expect(try await store.commit(Commit(puts: [network(1)])) == Revision(1))
            #expect(try await store.commit(Commit(puts: [subnet(2, on: 1), port(3, on: 1)])) == Revision(2))
            #expect(try await store.commit(Commit(puts: [network(1, name: "new")])) == Revision(3))
            let snapshot = try await store.snapshot()
            #expect(snapshot.revision == Revision(3))
            #expect(
                snapshot.byKey == [
                    .network(id(1)): Versioned(network(1, name: "new"), at: Revision(3)),
                    .subnet(id(2)): Versioned(subnet(2, on: 1), at: Revision(2)),
                    .port(id(3)): Versioned(port(3, on: 1), at: Revision(2)),
                ])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func everyFieldComesBackAsItWas(_ kind: StoreKind) async throws {
        var richNetwork = Network(
            id: id(1), standard: standard("Größe \"1\" / \\ \u{0}\u{1F600}"),
            segment: NetworkSegment(type: .vxlan, segmentationID: 77))
        richNetwork.standard.tags = ["a", "b/c"]
        richNetwork.availabilityZoneHints = ["nova"]
        richNetwork.dhcpAgentIDs = [id(4), id(5)]
        let richSubnet = Subnet(
            id: id(2), networkID: id(1), standard: standard(),
            cidr: try #require(IPPrefix("2001:db8::/64")), gatewayIP: IPAddress("2001:db8::1"),
            allocationPools: [try #require(AddressRange(text: "2001:db8::2-2001:db8::ff"))],
            dnsNameservers: [try #require(IPAddress("::"))],
            hostRoutes: [
                HostRoute(
                    destination: try #require(IPPrefix("2001:db8:1::5/48")),
                    nexthop: try #require(IPAddress("2001:db8::9")))
            ], ipv6RAMode: .dhcpv6Stateful, ipv6AddressMode: .dhcpv6Stateful, serviceTypes: ["compute:nova"],
            subnetpoolID: id(9))
        let richPort = Port(
            id: id(3), networkID: id(1), standard: standard("p"), macAddress: mac(3),
            fixedIPs: [FixedIP(subnetID: id(2), address: try #require(IPAddress("2001:db8::3")))],
            status: .error, statusDetail: "line\nline",
            extraDHCPOptions: [ExtraDHCPOption(name: "tag:x,67", value: "", ipVersion: .v6)],
            allowedAddressPairs: [AllowedAddressPair(ipAddress: "10.0.0.0/8", macAddress: mac(9))],
            securityGroups: ["s"], ipAllocation: .deferred, bindingProfile: "{\"a\": 1}")
        let records: [NetworkModel.Record] = [
            .network(richNetwork), .subnet(richSubnet), .port(richPort), agent(4, host: "host-ä"),
            subnetPool(5, name: "p", isDefault: true, version: .v6),
            quota("demo ü", [.port: -1, .network: 7]),
            quota("other", [:]),
        ]
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: records))
            #expect(Set(try await store.snapshot().records.map(\.record)) == Set(records))
        }
    }

    // MARK: Conditions

    @Test(arguments: StoreKind.allCases)
    func aRecordThatMovedFailsUnchanged(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let first = try await store.commit(Commit(puts: [network(1)]))
            let key = RecordKey.network(id(1))
            let second = try await store.commit(
                Commit(conditions: [.unchanged(key, first)], puts: [network(1, name: "a")]))
            let stale = Commit(
                conditions: [.unchanged(key, first)], puts: [network(1, name: "b"), network(2)])
            #expect(try await failure { try await store.commit(stale) } == .conflict(.unchanged(key, first)))
            #expect(
                try await store.snapshot().byKey == [key: Versioned(network(1, name: "a"), at: second)],
                "a failed commit leaves nothing")
            let missing = Condition.unchanged(.port(id(9)), Revision(0))
            #expect(
                try await failure { try await store.commit(Commit(conditions: [missing])) }
                    == .conflict(missing))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aMissingRecordFailsExists(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let condition = Condition.exists(.network(id(1)))
            let commit = Commit(conditions: [condition], puts: [network(1)])
            #expect(
                try await failure { try await store.commit(commit) } == .conflict(condition),
                "conditions look at what was before the puts")
            _ = try await store.commit(Commit(puts: [network(1)]))
            #expect(try await store.commit(commit) == Revision(2))
            _ = try await store.commit(Commit(deletes: [.network(id(1))]))
            #expect(try await failure { try await store.commit(commit) } == .conflict(condition))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRecordThatIsThereFailsAbsent(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            for record in [network(1), quota("p", [.port: 1])] {
                let condition = Condition.absent(record.key)
                let commit = Commit(conditions: [condition], puts: [record])
                let made = try await store.commit(commit)
                #expect(try await failure { try await store.commit(commit) } == .conflict(condition))
                let next = try await store.commit(Commit(deletes: [record.key]))
                #expect(next > made)
                _ = try await store.commit(commit)
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theFirstConditionThatFailsIsNamed(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [network(1)]))
            let conditions: [Condition] = [
                .exists(.network(id(1))), .exists(.port(id(7))), .exists(.subnet(id(8))),
            ]
            #expect(
                try await failure { try await store.commit(Commit(conditions: conditions)) }
                    == .conflict(conditions[1]))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aScopeIsQuietUntilARecordOfItComesOrChanges(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(
                Commit(puts: [network(1), network(2), subnet(3, on: 1), subnet(4, on: 1)]))
            let start = try await store.commit(
                Commit(puts: [port(5, on: 1, at: [(3, 5)]), port(6, on: 1), port(7, on: 2)]))
            func isQuiet(_ scope: Scope, since: Revision) async throws -> Bool {
                let condition = Condition.quiet(scope, since: since)
                switch try await failure({ try await store.commit(Commit(conditions: [condition])) }) {
                case nil: return true
                case .conflict(condition): return false
                case let other: throw StoreError(.io, operation: "test", detail: "\(other as Any)")
                }
            }
            #expect(try await isQuiet(.ports(network: id(1)), since: start))
            #expect(try await !isQuiet(.ports(network: id(1)), since: Revision(start.rawValue - 1)))
            #expect(try await isQuiet(.subnets(network: id(1)), since: Revision(1)))
            #expect(try await !isQuiet(.subnets(network: id(1)), since: Revision(0)))
            #expect(try await isQuiet(.addresses(subnet: id(3)), since: start))
            #expect(try await isQuiet(.addresses(subnet: id(4)), since: Revision(0)))
            #expect(try await isQuiet(.ports(network: id(99)), since: Revision(0)))

            // A port without an address there does not disturb the subnet; a change of one that has does.
            let changed = try await store.commit(Commit(puts: [port(6, on: 1, name: "x")]))
            #expect(try await isQuiet(.addresses(subnet: id(3)), since: start))
            #expect(try await !isQuiet(.ports(network: id(1)), since: start))
            #expect(try await isQuiet(.ports(network: id(2)), since: start))
            let renamed = try await store.commit(Commit(puts: [port(5, on: 1, name: "y", at: [(3, 5)])]))
            #expect(try await !isQuiet(.addresses(subnet: id(3)), since: changed))

            // What left the scope, by deletion or by moving on, is no record of it.
            _ = try await store.commit(Commit(puts: [port(5, on: 1, at: [(4, 5)])]))
            #expect(try await isQuiet(.addresses(subnet: id(3)), since: Revision(0)))
            #expect(try await !isQuiet(.addresses(subnet: id(4)), since: renamed))
            _ = try await store.commit(Commit(deletes: [.port(id(5))]))
            #expect(try await isQuiet(.ports(network: id(1)), since: changed))
            #expect(try await isQuiet(.addresses(subnet: id(4)), since: Revision(0)))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aCommitDoesNotDisturbItsOwnQuietScope(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let commit = Commit(
                conditions: [.quiet(.ports(network: id(1)), since: Revision(0))], puts: [port(2, on: 1)])
            #expect(try await store.commit(commit) == Revision(1))
            #expect(try await failure { try await store.commit(commit) } == .conflict(commit.conditions[0]))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theSubnetsOfAPoolAreAScope(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let start = try await store.commit(
                Commit(puts: [subnetPool(8), subnet(2, on: 1, pool: 8), subnet(3, on: 1)]))
            func isQuiet(_ pool: Int, since: Revision) async throws -> Bool {
                let condition = Condition.quiet(.blocks(subnetPool: id(pool)), since: since)
                return try await failure { try await store.commit(Commit(conditions: [condition])) } == nil
            }
            #expect(try await isQuiet(8, since: start))
            #expect(try await !isQuiet(8, since: Revision(0)))
            _ = try await store.commit(Commit(puts: [subnetPool(8, name: "x"), subnet(4, on: 1, pool: 9)]))
            #expect(try await isQuiet(8, since: start))
            #expect(try await !isQuiet(9, since: start))
            _ = try await store.commit(Commit(puts: [subnet(5, on: 7, pool: 8)]))
            #expect(try await !isQuiet(8, since: start))
            _ = try await store.commit(Commit(deletes: [.subnet(id(5))]))
            #expect(try await isQuiet(8, since: start))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aProjectsResourcesAreCounted(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            func expect(
                _ count: Int, _ resource: QuotaResource, _ project: String,
                sourceLocation: SourceLocation = #_sourceLocation
            ) async throws {
                for most in max(0, count - 1)...count + 1 {
                    let condition = Condition.atMost(most, resource, project: project)
                    let kind = try await failure { try await store.commit(Commit(conditions: [condition])) }
                    #expect(
                        kind == (most < count ? .conflict(condition) : nil), sourceLocation: sourceLocation)
                }
            }
            try await expect(0, .port, "a")
            _ = try await store.commit(
                Commit(puts: [
                    network(1, project: "a"), subnet(2, on: 1, project: "a"), subnetPool(3, project: "a"),
                    port(4, on: 1, project: "a"), port(5, on: 1, project: "b"), agent(6, host: "h"),
                    quota("a", [.port: 1]),
                ]))
            for resource in QuotaResource.existing { try await expect(1, resource, "a") }
            try await expect(0, .network, "b")
            try await expect(1, .port, "b")
            // A change is no second one, and a move is one less and one more.
            _ = try await store.commit(
                Commit(puts: [port(4, on: 1, name: "x", project: "a"), port(5, on: 1, project: "a")]))
            try await expect(2, .port, "a")
            try await expect(0, .port, "b")
            // What fails counts nothing, in whatever part of the commit.
            let failing = Commit(
                puts: [port(7, on: 1, project: "a"), port(8, on: 1, mac: 4, project: "a")],
                deletes: [.network(id(1))])
            #expect(try await failure { try await store.commit(failing) } != nil)
            try await expect(2, .port, "a")
            try await expect(1, .network, "a")
            // Conditions look at what was before.
            _ = try await store.commit(
                Commit(
                    conditions: [.atMost(2, .port, project: "a")],
                    puts: [port(7, on: 1, project: "a"), port(7, on: 1, name: "y", project: "a")]))
            try await expect(3, .port, "a")
            _ = try await store.commit(
                Commit(
                    puts: [port(7, on: 1, project: "a")],
                    deletes: [.port(id(7)), .port(id(4)), .port(id(4)), .port(id(99)), .subnet(id(2))]))
            try await expect(2, .port, "a")
            try await expect(0, .subnet, "a")
            try await expect(1, .subnetpool, "a")
        }
    }

    @Test(arguments: StoreKind.allCases)
    func creatorsFillALimitToTheLastAndNobodyPassesIt(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let limit = 50
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 1...120 {
                    group.addTask {
                        let commit = Commit(
                            conditions: [.atMost(limit - 1, .port, project: "demo")],
                            puts: [port(number, on: 9)])
                        return try await failure { try await store.commit(commit) } == nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == limit)
            #expect(try await store.snapshot().records.count == limit)
        }
    }

    // MARK: Claims

    @Test(arguments: StoreKind.allCases)
    func oneRecordHoldsAClaim(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(
                Commit(puts: [
                    network(1, vlan: 100), port(2, on: 1, at: [(9, 5)]), agent(3, host: "a"), network(4),
                    subnetPool(40, isDefault: true), subnetPool(41),
                ]))
            let clashes: [(NetworkModel.Record, Claim, RecordKey)] = [
                (port(20, on: 1, at: [(9, 5)]), .address(address(5), subnet: id(9)), .port(id(2))),
                (port(20, on: 1, mac: 2), .mac(mac(2), network: id(1)), .port(id(2))),
                (
                    network(20, vlan: 100),
                    .segment(NetworkSegment(type: .vlan, physicalNetwork: "physnet1", segmentationID: 100)),
                    .network(id(1))
                ),
                (agent(20, host: "a"), .agent(type: "DHCP agent", host: "a"), .agent(id(3))),
                (subnetPool(41, isDefault: true), .defaultSubnetPool(.v4), .subnetPool(id(40))),
            ]
            for (record, claim, holder) in clashes {
                #expect(
                    try await failure { try await store.commit(Commit(puts: [network(30), record])) }
                        == .claimed(claim, by: holder))
            }
            #expect(try await store.snapshot().revision == Revision(1))
            // The same address elsewhere, the same MAC elsewhere, another segment, any number of local ones.
            _ = try await store.commit(
                Commit(puts: [
                    port(5, on: 4, mac: 2, at: [(10, 5)]), network(6, vlan: 101), network(7),
                    agent(8, host: "b"), subnetPool(42, isDefault: true, version: .v6), subnetPool(43),
                ]))
            #expect(try await store.snapshot().records.count == 12)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func segmentsWithoutAPhysicalNetworkOrAnIDAreUniqueToo(_ kind: StoreKind) async throws {
        func network(_ number: Int, _ segment: NetworkSegment) -> NetworkModel.Record {
            .network(Network(id: id(number), standard: standard(), segment: segment))
        }
        let flat = NetworkSegment(type: .flat, physicalNetwork: "p")
        let vxlan = NetworkSegment(type: .vxlan, segmentationID: 5)
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [network(1, flat), network(2, vxlan)]))
            #expect(
                try await failure { try await store.commit(Commit(puts: [network(3, flat)])) }
                    == .claimed(.segment(flat), by: .network(id(1))))
            #expect(
                try await failure { try await store.commit(Commit(puts: [network(3, vxlan)])) }
                    == .claimed(.segment(vxlan), by: .network(id(2))))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func portsSwapAddressesWithinOneCommit(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let before = [
                port(1, on: 9, at: [(8, 1)]), port(2, on: 9, at: [(8, 2)]), port(3, on: 9, at: [(8, 3)]),
            ]
            let after = [
                port(1, on: 9, at: [(8, 2)]), port(2, on: 9, at: [(8, 3)]), port(3, on: 9, at: [(8, 1)]),
            ]
            _ = try await store.commit(Commit(puts: before))
            _ = try await store.commit(Commit(puts: after))
            #expect(Set(try await store.snapshot().records.map(\.record)) == Set(after))
            #expect(
                try await failure { try await store.commit(Commit(puts: [port(4, on: 9, at: [(8, 1)])])) }
                    == .claimed(.address(address(1), subnet: id(8)), by: .port(id(3))))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aDeletedRecordGivesUpItsClaimsWithinTheSameCommit(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [port(1, on: 9, at: [(8, 1), (8, 2)])]))
            _ = try await store.commit(
                Commit(puts: [port(2, on: 9, mac: 1, at: [(8, 2), (8, 1)])], deletes: [.port(id(1))]))
            #expect(try await store.snapshot().records.map(\.record.key) == [.port(id(2))])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func anUpdateGivesUpOnlyWhatItDoesNotName(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [port(1, on: 9, at: [(8, 1), (8, 2)])]))
            _ = try await store.commit(Commit(puts: [port(1, on: 9, at: [(8, 2)])]))
            _ = try await store.commit(Commit(puts: [port(2, on: 9, at: [(8, 1)])]))
            #expect(
                try await failure { try await store.commit(Commit(puts: [port(3, on: 9, at: [(8, 2)])])) }
                    == .claimed(.address(address(2), subnet: id(8)), by: .port(id(1))))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func twoPutsOfOneCommitCannotClaimTheSame(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            #expect(
                try await failure {
                    try await store.commit(
                        Commit(puts: [port(1, on: 9, at: [(8, 1)]), port(2, on: 9, at: [(8, 1)])]))
                } == .claimed(.address(address(1), subnet: id(8)), by: .port(id(1))))
            #expect(try await store.snapshot().records.isEmpty)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aRecordMayNameAClaimTwice(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [port(1, on: 9, at: [(8, 1), (8, 1)])]))
            #expect(
                try await store.commit(Commit(puts: [port(1, on: 9, at: [(8, 1), (8, 1)])])) == Revision(2))
        }
    }

    // MARK: What a commit amounts to

    @Test(arguments: StoreKind.allCases)
    func deletingWhatIsNotThereChangesNothing(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [network(1), network(2)]))
            #expect(try await store.commit(Commit(deletes: [.port(id(5))])) == Revision(1))
            let gone: [RecordKey] = [.network(id(7)), .network(id(1)), .network(id(1))]
            #expect(try await store.commit(Commit(deletes: gone)) == Revision(2))
            #expect(
                try await changes(of: store, after: 1, through: 2) == [
                    ChangeSet(revision: Revision(2), puts: [], deletes: [.network(id(1))])
                ])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aCommitOfNothingTellsThePresentRevision(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            #expect(try await store.commit(Commit()) == Revision(0))
            _ = try await store.commit(Commit(puts: [network(1)]))
            #expect(try await store.commit(Commit()) == Revision(1))
            #expect(try await store.snapshot().revision == Revision(1))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theLastPutOfAKeyWinsAndAPutWinsOverADelete(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [network(1)]))
            _ = try await store.commit(
                Commit(
                    puts: [network(1, name: "a"), network(2), network(1, name: "b")],
                    deletes: [.network(id(1))]))
            #expect(
                try await changes(of: store, after: 1, through: 2) == [
                    ChangeSet(revision: Revision(2), puts: [network(2), network(1, name: "b")], deletes: [])
                ])
            #expect(
                Set(try await store.snapshot().records.map(\.record)) == [network(1, name: "b"), network(2)])
        }
    }

    @Test(arguments: StoreKind.allCases)
    func oneOfManyConcurrentClaimantsWinsAndNobodyElseSuffers(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let outcomes = try await withThrowingTaskGroup(of: (Int, StoreError.Kind?).self) { group in
                for number in 0..<200 {
                    group.addTask {
                        // Every other one wants the same address; the rest their own.
                        let host = number.isMultiple(of: 2) ? 250 : number
                        let commit = Commit(puts: [
                            network(1000 + number), port(number + 1, on: 9, at: [(8, host)]),
                        ])
                        return (number, try await failure { try await store.commit(commit) })
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            // A dictionary drops the nil of a success.
            #expect(outcomes.count == 99)
            #expect(outcomes.keys.allSatisfy { $0.isMultiple(of: 2) })
            let winner = try #require((0..<200).first { $0.isMultiple(of: 2) && outcomes[$0] == nil })
            let claim = Claim.address(address(250), subnet: id(8))
            #expect(outcomes.values.allSatisfy { $0 == .claimed(claim, by: .port(id(winner + 1))) })
            let snapshot = try await store.snapshot()
            #expect(snapshot.revision == Revision(101))
            #expect(snapshot.records.count == 202, "each success left its network and its port")
        }
    }

    // MARK: Watching

    @Test(arguments: StoreKind.allCases)
    func watchersSeeEveryChangeInOrderFromWhereTheyAsk(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let total = 300
            async let live = changes(of: store, after: 0, through: Int64(total))
            try await withThrowingTaskGroup { group in
                for writer in 0..<10 {
                    group.addTask {
                        for number in 0..<total / 10 {
                            _ = try await store.commit(Commit(puts: [network(writer * 100 + number + 1)]))
                        }
                    }
                }
                try await group.waitForAll()
            }
            let seen = try await live
            #expect(seen.map(\.revision.rawValue) == Array(1...Int64(total)))
            #expect(Set(seen.flatMap(\.puts)).count == total)
            #expect(try await changes(of: store, after: 120, through: Int64(total)) == Array(seen[120...]))
            let snapshot = try await store.snapshot()
            for change in seen {
                for put in change.puts { #expect(snapshot.byKey[put.key]?.revision == change.revision) }
            }
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aWatcherGetsWhatIsThereInGroups(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            for number in 1...150 { _ = try await store.commit(Commit(puts: [network(number)])) }
            var watcher = store.watch(after: Revision(2)).makeAsyncIterator()
            var groups: [[ChangeSet]] = []
            while groups.joined().count < 148 { groups.append(try #require(try await watcher.next())) }
            #expect(groups.map(\.count) == [64, 64, 20])
            #expect(groups.joined().map(\.revision.rawValue) == Array(3...150))
        }
    }

    @Test(arguments: StoreKind.allCases)
    func aWatcherTooFarBehindIsTold(_ kind: StoreKind) async throws {
        try await kind.run(historyBound: 10) { store async throws in
            _ = try await store.commit(Commit(puts: [network(1)]))
            var slow = store.watch(after: Revision(0)).makeAsyncIterator()
            #expect(try await slow.next()?.map(\.revision) == [Revision(1)])
            for number in 2...30 { _ = try await store.commit(Commit(puts: [network(number)])) }
            #expect(try await failure { try await slow.next() } == .compacted)
            #expect(try await failure { try await changes(of: store, after: 19, through: 30) } == .compacted)
            #expect(try await changes(of: store, after: 20, through: 30).count == 10)
            #expect(try await changes(of: store, after: 29, through: 30).count == 1)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func theLastChangeIsKeptWhateverItsSize(_ kind: StoreKind) async throws {
        try await kind.run(historyBound: 10) { store async throws in
            _ = try await store.commit(Commit(puts: [network(1)]))
            _ = try await store.commit(Commit(puts: (1...50).map { network($0) }))
            #expect(try await changes(of: store, after: 1, through: 2).first?.puts.count == 50)
            #expect(try await failure { try await changes(of: store, after: 0, through: 2) } == .compacted)
        }
    }

    @Test(arguments: StoreKind.allCases)
    func closingEndsWatchesAndRefusesEverythingElse(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            _ = try await store.commit(Commit(puts: [network(1)]))
            var waiting = store.watch(after: Revision(1)).makeAsyncIterator()
            async let end = waiting.next()
            var behind = store.watch(after: Revision(0)).makeAsyncIterator()
            try await store.close()
            #expect(try await end == nil)
            #expect(
                try await behind.next()?.map(\.revision) == [Revision(1)], "what was committed is still told")
            #expect(try await behind.next() == nil)
            #expect(try await failure { try await store.commit(Commit(puts: [network(2)])) } == .closed)
            #expect(try await failure { try await store.snapshot() } == .closed)
            try await store.close()
        }
    }

    @Test(arguments: StoreKind.allCases, [false, true])
    func aCancelledWatcherStopsWaiting(_ kind: StoreKind, atOnce: Bool) async throws {
        try await kind.run { store async throws in
            await withTaskGroup { group in
                group.addTask {
                    do {
                        for try await _ in store.watch(after: Revision(0)) {
                            Issue.record("nothing was committed")
                        }
                    } catch { #expect(error is CancellationError) }
                }
                if !atOnce { for _ in 0..<100 { await Task.yield() } }
                group.cancelAll()
            }
        }
    }

    // MARK: Consistency

    @Test(arguments: StoreKind.allCases)
    func snapshotsShowCommitsWholeAndWatchesContinueThem(_ kind: StoreKind) async throws {
        try await kind.run { store async throws in
            let rounds = 60
            _ = try await store.commit(Commit(puts: [network(1, name: "start"), network(2, name: "start")]))
            try await withThrowingTaskGroup { group in
                for writer in 0..<4 {
                    group.addTask {
                        for round in 0..<rounds {
                            let name = "\(writer).\(round)"
                            _ = try await store.commit(
                                Commit(puts: [network(1, name: name), network(2, name: name)]))
                        }
                    }
                }
                group.addTask {
                    for _ in 0..<20 {
                        let snapshot = try await store.snapshot()
                        let names = Set(
                            snapshot.records.compactMap { entry -> String? in
                                if case .network(let network) = entry.record {
                                    network.standard.name
                                } else {
                                    nil
                                }
                            })
                        #expect(names.count == 1, "half a commit at \(snapshot.revision)")
                        #expect(snapshot.records.allSatisfy { $0.revision == snapshot.revision })
                        // The snapshot and what comes after it make the present.
                        guard snapshot.revision.rawValue <= Int64(rounds * 4) else { continue }
                        let next = try await changes(
                            of: store, after: snapshot.revision.rawValue,
                            through: snapshot.revision.rawValue + 1)
                        #expect(next.map(\.revision.rawValue) == [snapshot.revision.rawValue + 1])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.snapshot().revision == Revision(Int64(rounds * 4 + 1)))
        }
    }

    @Test(arguments: StoreKind.allCases, 1...6)
    func randomCommitsHaveTheOutcomesOfANaiveModel(_ kind: StoreKind, seed: UInt64) async throws {
        try await kind.run { store async throws in
            var generator = SeededGenerator(seed: seed)
            var model = NaiveStore()
            var changeSets: [ChangeSet] = []
            var outcomes: [String: Int] = [:]
            for step in 0..<400 {
                let commit = model.randomCommit(using: &generator)
                let expected = model.commit(commit)
                let actual = try await failure { try await store.commit(commit) }
                switch expected {
                case .success(let change):
                    #expect(actual == nil, "step \(step): \(commit)")
                    if let change { changeSets.append(change) }
                    outcomes["ok", default: 0] += 1
                case .failure(let error):
                    #expect(actual == error.kind, "step \(step): \(commit)")
                    if case .claimed = error.kind { outcomes["claimed", default: 0] += 1 }
                    if case .conflict = error.kind { outcomes["conflict", default: 0] += 1 }
                }
                if step.isMultiple(of: 50) || step == 399 {
                    let snapshot = try await store.snapshot()
                    #expect(snapshot.revision == model.revision)
                    #expect(snapshot.byKey == model.records)
                }
            }
            #expect(try await changes(of: store, after: 0, through: model.revision.rawValue) == changeSets)
            for kind in ["ok", "claimed", "conflict"] {
                #expect(outcomes[kind, default: 0] > 20, "the commits try too little: \(outcomes)")
            }
        }
    }
}
