import Addressing
import Testing

@testable import NetworkModel

@Suite struct NetworkStateTests {
    /// A long random history; after it the state that followed the changes answers as one built from the
    /// records, and as a look at every record does.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func followingChangesGivesTheSameAsStartingFromTheRecords(_ seed: UInt64) throws {
        var model = Model()
        model.generator = SeededGenerator(seed: seed)
        var random = SeededGenerator(seed: seed &+ 100)
        for step in 0..<600 {
            model.context.now = Timestamp(secondsSinceEpoch: Int64(step))
            model.context.projectID = ["p", "q", "r"][Int.random(in: 0..<3, using: &random)]
            do { try act(&model, &random) } catch is ModelError {}
        }
        let store = model.store
        let built = NetworkState(
            records: store.records.values.map { ($0.record, $0.revision) }, at: store.revision)
        for state in [store.state, built] { try expectConsistent(state, with: store) }
    }

    @Test func aSegmentThatAnotherNetworkTookOverInTheSameCommitIsItsOwn() {
        func network(_ number: Int, vlan: Int) -> Record {
            .network(
                Network(
                    id: ResourceID(rawValue: UInt128(number)),
                    standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)),
                    segment: NetworkSegment(type: .vlan, physicalNetwork: "physnet1", segmentationID: vlan)))
        }
        var state = NetworkState(records: [(network(1, vlan: 5), Revision(1))], at: Revision(1))
        state.apply(
            ChangeSet(
                revision: Revision(2), puts: [network(2, vlan: 5), network(1, vlan: 6)], deletes: []))
        let holders = state.index.segments(SegmentSpace(type: .vlan, physicalNetwork: "physnet1"))
        #expect(holders[5] == ResourceID(rawValue: 2))
        #expect(holders[6] == ResourceID(rawValue: 1))
    }

    private func act(_ model: inout Model, _ random: inout SeededGenerator) throws {
        let state = model.state
        let networks = state.networks.map(\.value)
        let ports = state.ports.map(\.value)
        let subnets = state.subnets.map(\.value)
        let number = Int.random(in: 0..<250, using: &random)
        let (network, port) = (networks.randomElement(using: &random), ports.randomElement(using: &random))
        let pool = state.subnetPools.map(\.value).randomElement(using: &random)
        switch (Int.random(in: 0..<27, using: &random), network, port) {
        case (0, _, _): _ = try model.network { $0.networkType = number % 2 == 0 ? "vxlan" : nil }
        case (1, let network?, _):
            _ = try model.subnet(network, "10.\(number % 4).0.0/24")
        case (2, let network?, _):
            _ = try model.subnet(network, "2001:db8:\(number % 4)::/64") { $0.ipv6AddressMode = .slaac }
        case (3, let network?, _): _ = try model.dhcpPort(network, host: "host-\(number % 3)")
        case (4, let network?, _):
            try model.commit(
                state.releaseDHCPPorts(network: network.id, host: "host-\(number % 3)", in: model.context))
        case (5...10, let network?, _):
            _ = try model.port(network) {
                $0.deviceID = number % 3 == 0 ? "" : "vm-\(number % 7)"
                $0.deviceOwner = number % 11 == 0 ? DeviceOwner.dhcp : "compute:nova"
                $0.name = number % 2 == 0 ? nil : "port-\(number % 5)"
                $0.projectID = "project-\(number % 3)"
                $0.bindingHostID = number % 4 == 0 ? nil : "host-\(number % 3)"
                $0.tags = (0..<(number % 4)).map { "tag-\($0)" }
                $0.description = number % 5 == 0 ? "text-\(number % 2)" : nil
                $0.dnsName = number % 6 == 0 ? "name-\(number % 3)" : nil
                $0.adminStateUp = number % 9 != 0
            }
        case (11, _, let port?):
            _ = try model.updatePort(port.id) { $0.fixedIPs = [] }
        case (12, _, let port?):
            _ = try model.updatePort(port.id) {
                $0.macAddress = MACAddress(rawValue: UInt64(number) + 0x1000)
            }
        case (13, _, let port?):
            _ = try model.updatePort(port.id) {
                $0.deviceID = "vm-\(number % 7)"
                $0.name = "port-\(number % 5)"
            }
        case (14, _, let port?): try model.commit(state.setPortStatus(port.id, .active, in: model.context))
        case (15, _, let port?): try model.commit(state.deletePort(port.id, in: model.context))
        case (16, let network?, _) where number % 4 == 0:
            try model.commit(state.deleteNetwork(network.id, in: model.context))
        case (17, _, _):
            if let subnet = subnets.randomElement(using: &random) {
                try model.commit(state.deleteSubnet(subnet.id, in: model.context))
            }
        case (18, _, _):
            let report = AgentReport(
                host: "host-\(number % 3)", startedAt: model.context.now,
                configurations: AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
            try model.commit(state.heartbeat(report, in: model.context, using: &model.generator))
        case (20, _, _):
            _ = try model.subnetPool([number % 2 == 0 ? "172.16.0.0/20" : "2001:db8:8000::/56"]) {
                $0.isDefault = number % 3 == 0
            }
        case (21...22, let network, _):
            guard let pool else { return }
            _ = try model.subnet(from: pool, on: number % 2 == 0 ? network : nil) {
                $0.prefixLength = pool.ipVersion == .v4 ? 24 + number % 3 : 64
            }
        case (23, _, _):
            guard let pool else { return }
            if number % 3 == 0 {
                try model.commit(state.deleteSubnetPool(pool.id, in: model.context))
            } else {
                _ = try model.updateSubnetPool(pool.id) { $0.isDefault = number % 2 == 0 }
            }
        case (24, _, _):
            try model.commit(
                state.updateQuota(model.context.projectID, [.port: number], force: true, in: model.context))
        case (25, _, _):
            try model.commit(state.deleteQuota(model.context.projectID, in: model.context))
        case (26, _, var port?):
            port.standard.projectID = "s"
            try model.store.commit(Commit(puts: [.port(port)]))
        default:
            if let agent = state.agents.map(\.value).randomElement(using: &random), number < 20 {
                try model.commit(state.deleteAgent(agent.id, in: model.context))
            }
        }
    }

    private func expectConsistent(_ state: NetworkState, with store: ReferenceStore) throws {
        #expect(state.revision == store.revision)
        var ports: [Port] = []
        var subnets: [Subnet] = []
        var networks: [Network] = []
        var agents: [Agent] = []
        var pools: [SubnetPool] = []
        var quotas: [ProjectQuota] = []
        for (record, revision) in store.records.values {
            #expect(state.revision(of: record.key) == revision)
            switch record {
            case .network(let network): networks.append(network)
            case .subnet(let subnet): subnets.append(subnet)
            case .port(let port): ports.append(port)
            case .agent(let agent): agents.append(agent)
            case .subnetPool(let pool): pools.append(pool)
            case .quota(let quota): quotas.append(quota)
            }
        }
        ports.sort { $0.id < $1.id }
        #expect(state.ports.map(\.value) == ports)
        #expect(state.networks.map(\.value) == networks.sorted { $0.id < $1.id })
        #expect(state.subnets.map(\.value) == subnets.sorted { $0.id < $1.id })
        #expect(state.agents.map(\.value) == agents.sorted { $0.id < $1.id })
        #expect(state.subnetPools.map(\.value) == pools.sorted { $0.id < $1.id })
        for pool in pools {
            let mine = subnets.filter { $0.subnetpoolID == pool.id }
            #expect(state.subnets(ofSubnetPool: pool.id) == mine.sorted { $0.cidr.first < $1.cidr.first })
        }
        for version in [IPVersion.v4, .v6] {
            #expect(
                state.defaultSubnetPool(version) == pools.first { $0.isDefault && $0.ipVersion == version })
        }
        for project in ["", "p", "q", "r", "s"] {
            var naive = ResourceCounts()
            for (record, _) in store.records.values {
                guard let share = record.quotaShare, share.projectID == project else { continue }
                naive[share.resource] += 1
            }
            #expect(state.usage(ofProject: project) == naive)
            #expect(state.quota(ofProject: project) == quotas.first { $0.projectID == project })
        }
        for network in networks {
            let mine = ports.filter { $0.networkID == network.id }
            #expect(state.ports(ofNetwork: network.id) == mine)
            #expect(state.portCount(ofNetwork: network.id) == mine.count)
            #expect(state.waitingPorts(ofNetwork: network.id) == mine.filter(\.awaitsService))
            #expect(
                state.dhcpPorts(ofNetwork: network.id) == mine.filter { $0.deviceOwner == DeviceOwner.dhcp })
            let expected = subnets.filter { $0.networkID == network.id }.sorted { $0.id < $1.id }
            #expect(state.subnets(ofNetwork: network.id) == expected)
        }
        for port in ports {
            #expect(state.port(holding: port.macAddress, onNetwork: port.networkID) == port)
            for fixedIP in port.fixedIPs {
                #expect(state.port(holding: fixedIP.address, onSubnet: fixedIP.subnetID) == port)
            }
        }
        for subnet in subnets {
            let held = ports.flatMap(\.fixedIPs).filter { $0.subnetID == subnet.id }.map(\.address)
            #expect(state.addressCount(ofSubnet: subnet.id) == held.count)
            let pooled = held.count { address in subnet.allocationPools.contains { $0.contains(address) } }
            let size = subnet.allocationPools.reduce(UInt128(0)) { $0 + $1.count }
            #expect(state.freeAddresses(ofSubnet: subnet).count == size - UInt128(pooled))
        }
        for device in (0..<7).map({ "vm-\($0)" }) + ["", "vm", "vm-"] {
            let expected = device.isEmpty ? [] : ports.filter { $0.deviceID == device }
            #expect(state.ports(ofDevice: device) == expected)
        }
        try expectLists(state, ports, subnets, networks)
        for agent in agents { #expect(state.agent(type: agent.agentType, host: agent.host) == agent) }
    }

    /// The indexes of lists, read from any place in either direction, say what a look at all records does.
    private func expectLists(
        _ state: NetworkState, _ ports: [Port], _ subnets: [Subnet], _ networks: [Network]
    ) throws {
        func expect(_ ids: OrderedIDs, _ expected: [ResourceID]) {
            let expected = expected.sorted()
            #expect(Array(ids) == expected)
            #expect(ids.count >= expected.count)
            #expect(Array(IteratorSequence(ids.before(nil))) == expected.reversed())
            for id in [expected.first, expected.last, expected.randomElement()] {
                guard let id else { continue }
                #expect(Array(IteratorSequence(ids.after(id))) == expected.filter { $0 > id })
                #expect(Array(IteratorSequence(ids.before(id))) == expected.filter { $0 < id }.reversed())
            }
        }
        for project in Set(ports.map(\.standard.projectID) + ["nobody"]) {
            expect(
                state.portIDs(with: .project(project)),
                ports.filter { $0.standard.projectID == project }.map(\.id))
            expect(
                state.networkIDs(with: .project(project)),
                networks.filter { $0.standard.projectID == project }.map(\.id))
            expect(
                state.subnetIDs(with: .project(project)),
                subnets.filter { $0.standard.projectID == project }.map(\.id))
        }
        let values: [(key: ListKey, has: (Port) -> Bool)] =
            ["port-1", "port-4", "nothing"].map { name in (.name(name), { $0.standard.name == name }) }
            + ["text-0", "text-1", "none"].map { text in
                (.description(text), { $0.standard.description == text })
            }
            + ["tag-0", "tag-1", "tag-2", "tag-3"].map { tag in
                (.tag(tag), { $0.standard.tags.contains(tag) })
            }
            + ["vm-1", "vm-2", "vm"].map { device in (.device(device), { $0.deviceID == device }) }
            + [DeviceOwner.dhcp, "compute:nova", "compute:"].map { owner in
                (.deviceOwner(owner), { $0.deviceOwner == owner })
            }
            + ["host-0", "host-1", "host-3"].map { host in (.host(host), { $0.bindingHostID == host }) }
            + ["name-0", "name-1"].map { name in (.dnsName(name), { $0.dnsName == name }) }
            + PortStatus.allCases.map { status in (.status(status), { $0.status == status }) }
            + ports.map(\.macAddress).prefix(5).map { mac in (.mac(mac), { $0.macAddress == mac }) }
            + ports.compactMap(\.fixedIPs.first?.address).prefix(5).map { address in
                (.address(address), { $0.fixedIPs.contains { $0.address == address } })
            }
        for (key, has) in values { expect(state.portIDs(with: key), ports.filter(has).map(\.id)) }
        for network in networks {
            expect(
                state.portIDs(ofNetwork: network.id), ports.filter { $0.networkID == network.id }.map(\.id))
        }
        let devices = ["vm-1", "vm-2", "vm"]
        expect(
            OrderedIDs(union: devices.map { state.portIDs(with: .device($0)) }),
            ports.filter { devices.contains($0.deviceID) }.map(\.id))
    }

    @Test func aCopyStaysAsItWas() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let before = model.state
        let port = try model.port(network)
        #expect(before.port(port.id) == nil && before.portCount(ofNetwork: network.id) == 0)
        #expect(before.revision < model.state.revision)
        #expect(model.state.port(port.id) == port)
    }

    @Test func aPageFollowsItsMarker() throws {
        var model = Model()
        let network = try model.network()
        let ids = try (0..<100).map { _ in try model.port(network).id }.sorted()
        #expect(model.state.ports.after(ids[9]).prefix(5).map(\.value.id) == Array(ids[10..<15]))
        #expect(Array(model.state.ports.after(ids[99])).isEmpty)
        #expect(model.state.ports.after(ResourceID(rawValue: 0)).map(\.value.id) == ids)
    }

    @Test func anAddressMayMoveFromOnePortToAnotherInOneChange() throws {
        let network = ResourceID(rawValue: 1)
        let subnet = ResourceID(rawValue: 2)
        let standard = StandardAttributes(projectID: "", createdAt: Timestamp(secondsSinceEpoch: 0))
        let address = FixedIP(subnetID: subnet, address: try ip("10.0.0.5"))
        func port(_ id: UInt128, _ mac: UInt64, _ fixedIPs: [FixedIP]) -> Port {
            Port(
                id: ResourceID(rawValue: id), networkID: network, standard: standard,
                macAddress: MACAddress(rawValue: mac), fixedIPs: fixedIPs)
        }
        for order in [[0, 1], [1, 0]] {
            var state = NetworkState(
                records: [
                    (.port(port(10, 1, [address])), Revision(1)), (.port(port(11, 2, [])), Revision(1)),
                ],
                at: Revision(1))
            let puts: [Record] = [.port(port(10, 2, [])), .port(port(11, 1, [address]))]
            state.apply(ChangeSet(revision: Revision(2), puts: order.map { puts[$0] }, deletes: []))
            #expect(state.port(holding: address.address, onSubnet: subnet)?.id.rawValue == 11)
            #expect(state.port(holding: MACAddress(rawValue: 1), onNetwork: network)?.id.rawValue == 11)
            #expect(state.port(holding: MACAddress(rawValue: 2), onNetwork: network)?.id.rawValue == 10)
            #expect(state.revision == Revision(2))
        }
    }

    /// Every port in a commit of its own, through the decisions themselves.
    @Test func aBlockIsFilledToItsLastAddress() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/22")
        var state = model.state
        var seen: Set<IPAddress> = []
        let request = model.portRequest(network)
        for _ in 0..<1021 {
            let decision = try state.createPorts([request], in: model.context, using: &model.generator)
            state.apply(
                ChangeSet(
                    revision: Revision(state.revision.rawValue + 1), puts: decision.commit.puts, deletes: []))
            #expect(seen.insert(decision.value[0].fixedIPs[0].address).inserted)
        }
        #expect(state.freeAddresses(ofSubnet: subnet).count == 0)
        expectRefusal("IpAddressGenerationFailure") {
            _ = try state.createPorts([request], in: model.context, using: &model.generator)
        }
    }
}
