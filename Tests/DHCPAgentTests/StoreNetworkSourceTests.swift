import Addressing
import DHCPDrivers
import InterfaceDrivers
import Logging
import NetworkModel
import NetworkStore
import Testing

@testable import DHCPAgent

/// A store with the API's decisions in front of it.
struct Cloud: Sendable {
    let store = MemoryStore()
    let index: StateIndex
    let source: StoreNetworkSource
    let context: DecisionContext = {
        var policy = ModelPolicy()
        for resource in QuotaResource.allCases { policy.defaultQuotas[resource] = -1 }
        return DecisionContext(projectID: "p", now: Timestamp(secondsSinceEpoch: 1000), policy: policy)
    }()

    init() async throws {
        index = try await StateIndex(store: store)
        source = StoreNetworkSource(index: index, host: "node-1")
    }

    /// The agent's row, as soon as it has reported: it serves beside that.
    func agentRow(_ host: String = "node-1") async throws -> Agent {
        let row = { index.read { $0.agent(type: Agent.dhcpType, host: host) } }
        try await eventually("\(host) has reported") { row() != nil }
        return try #require(row())
    }

    func agentID(_ host: String = "node-1") async throws -> ResourceID { try await agentRow(host).id }

    func add(_ network: ResourceID, to agent: ResourceID) async throws {
        _ = try await index.perform { state throws(ModelError) in
            try state.addNetwork(network, toDHCPAgent: agent, in: context)
        }
    }

    func remove(_ network: ResourceID, from agent: ResourceID) async throws {
        _ = try await index.perform { state throws(ModelError) in
            try state.removeNetwork(network, fromDHCPAgent: agent, in: context)
        }
    }

    func network(dhcp: Bool = true) async throws -> ResourceID {
        var request = NetworkRequest()
        request.name = "net"
        let wanted = request
        let network = try await index.perform { state throws(ModelError) in
            var generator = SplitMix64(seed: .random(in: 0...UInt64.max))
            return try state.createNetworks([wanted], in: context, using: &generator)
        }[0]
        try await subnet(network.id, "10.0.0.0/24", dhcp: dhcp)
        return network.id
    }

    @discardableResult
    func subnet(_ network: ResourceID, _ cidr: String, dhcp: Bool = true) async throws -> ResourceID {
        var request = SubnetRequest()
        request.networkID = network
        request.ipVersion = .v4
        request.cidr = IPPrefix(cidr)
        request.enableDHCP = dhcp
        let wanted = request
        return try await index.perform { state throws(ModelError) in
            var generator = SplitMix64(seed: .random(in: 0...UInt64.max))
            return try state.createSubnets([wanted], in: context, using: &generator)
        }[0].id
    }

    func setDHCP(_ enabled: Bool, _ subnet: ResourceID) async throws {
        var request = SubnetRequest()
        request.enableDHCP = enabled
        let wanted = request
        _ = try await index.perform { state throws(ModelError) in
            try state.updateSubnet(subnet, wanted, in: context)
        }
    }

    func port(_ network: ResourceID) async throws -> ResourceID {
        var request = PortRequest()
        request.networkID = network
        request.deviceOwner = "compute:nova"
        let wanted = request
        return try await index.perform { state throws(ModelError) in
            var generator = SplitMix64(seed: .random(in: 0...UInt64.max))
            return try state.createPorts([wanted], in: context, using: &generator)
        }[0].id
    }

    func rename(_ port: ResourceID, _ name: String) async throws {
        var request = PortRequest()
        request.extraDHCPOptions = [ExtraDHCPOptionRequest(name: "bootfile-name", value: name)]
        let wanted = request
        _ = try await index.perform { state throws(ModelError) in
            var generator = SplitMix64(seed: .random(in: 0...UInt64.max))
            return try state.updatePort(port, wanted, in: context, using: &generator)
        }
    }

    /// Has the zones named as hints.
    func hint(_ network: ResourceID, _ zones: [String]) async throws {
        _ = try await index.perform { state throws(ModelError) in
            guard var hinted = state.network(network) else { throw .networkNotFound(network) }
            hinted.availabilityZoneHints = zones
            return Decision((), commit: Commit(puts: [.network(hinted)]))
        }
    }

    func delete(network: ResourceID) async throws {
        _ = try await index.perform { state throws(ModelError) in
            try state.deleteNetwork(network, in: context)
        }
    }

    func delete(port: ResourceID) async throws {
        _ = try await index.perform { state throws(ModelError) in try state.deletePort(port, in: context) }
    }

    func setAgentUp(_ up: Bool) async throws {
        var request = AgentRequest()
        request.adminStateUp = up
        let wanted = request
        _ = try await index.perform { state throws(ModelError) in
            guard let agent = state.agent(type: "DHCP agent", host: "node-1") else { return Decision(()) }
            return Decision((), commit: try state.updateAgent(agent.id, wanted, in: context).commit)
        }
    }

    func ports(_ network: ResourceID) -> [Port] { index.read { $0.ports(ofNetwork: network) } }
    var allPorts: [Port] { index.read { state in state.ports.map(\.value) } }

    func agent(
        _ driver: FakeDHCPDriver, _ kernel: FakeKernel, host: String = "node-1",
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) -> DHCPAgent {
        var configuration = AgentConfiguration(host: host)
        configuration.auditInterval = .milliseconds(50)
        configuration.backoff = Backoff(first: .milliseconds(10), longest: .milliseconds(100))
        configure(&configuration)
        return DHCPAgent(
            source: host == "node-1" ? source : StoreNetworkSource(index: index, host: host),
            interfaceDriver: LinuxBridge(), driver: driver, kernel: kernel,
            configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Runs the index, and an agent if one is given, while the body runs.
    func run(_ agent: DHCPAgent? = nil, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await index.run() }
            if let agent { group.addTask { try await agent.run() } }
            defer { group.cancelAll() }
            try await body()
        }
    }
}

@Suite(.timeLimit(.minutes(20))) struct StoreNetworkSourceTests {
    @Test func `marks of the agent's own are no news, and what others write is`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let network = try await cloud.network()
            let port = try await cloud.port(network)
            let changes = await cloud.source.changes()
            try await cloud.source.portsReady(cloud.ports(network).map(PortMark.init))
            #expect(cloud.ports(network)[0].status == .active)
            try await cloud.rename(port, "other")
            let other = try await cloud.network()
            var heard: [SourceChange] = []
            for await change in changes {
                heard.append(change)
                if change == .networks([other]) { break }
            }
            // The mark, the user's change, the other network.
            #expect(heard.prefix(2) == [.networks([]), .networks([network])])
        }
    }

    @Test func `a port as its mark would have made it is news if it differs in anything`() throws {
        let marks = OwnMarks()
        var port = Port(
            id: ResourceID(rawValue: 1), networkID: ResourceID(rawValue: 2),
            standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)),
            macAddress: MACAddress(rawValue: 0xFA16_3E00_0001), fixedIPs: [], deviceOwner: "")
        let change = { ChangeSet(revision: Revision(1), puts: [.port($0)], deletes: []) }
        marks.expect(port)
        #expect(marks.taking(change(port)) == [port.id])
        #expect(marks.taking(change(port)) == [])
        marks.expect(port)
        port.dnsName = "somebody-was-faster"
        #expect(marks.taking(change(port)) == [])
    }

    @Test func `the source serves networks that are up and have DHCP`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let served = try await cloud.network()
            let silent = try await cloud.network(dhcp: false)
            let overview = try await cloud.source.overview()
            #expect(overview.served == [served])
            #expect(overview.known == [served, silent])
            #expect(overview.waiting == [])
            let port = try await cloud.port(silent)
            #expect(try await cloud.source.overview().waiting == [silent])
            guard case .leave(let ready) = try await cloud.source.assignment(of: silent) else {
                Issue.record("the network without DHCP is to be served")
                return
            }
            #expect(ready.map(\.port) == [port])
        }
    }

    @Test func `ports of a network whose hints match no agent wait for nobody`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let network = try await cloud.network()
            let port = try await cloud.port(network)
            try await cloud.source.report(AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
            try await cloud.hint(network, ["elsewhere"])
            #expect(try await cloud.source.overview().waiting == [network])
            guard case .leave(let ready) = try await cloud.source.assignment(of: network) else {
                Issue.record("served")
                return
            }
            #expect(ready.map(\.port) == [port])
            let other = StoreNetworkSource(index: cloud.index, host: "node-2", availabilityZone: "elsewhere")
            try await other.report(AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
            #expect(try await cloud.source.overview().waiting == [])
            #expect(try await other.overview().served == [network])
        }
    }

    @Test func `a reserved port has an address on each DHCP subnet and is found again`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let network = try await cloud.network()
            let port = try await cloud.source.reserveDHCPPort(on: network)
            #expect(port.deviceID == dhcpDeviceID(host: "node-1", network: network))
            #expect(port.fixedIPs.map(\.address.description) == ["10.0.0.2"])
            let revision = cloud.index.present.revision
            #expect(try await cloud.source.reserveDHCPPort(on: network).id == port.id)
            #expect(cloud.index.present.revision == revision)
            try await cloud.subnet(network, "10.1.0.0/24")
            #expect(try await cloud.source.reserveDHCPPort(on: network).fixedIPs.count == 2)
            try await cloud.source.releaseDHCPPort(on: network)
            #expect(cloud.ports(network).isEmpty)
            try await cloud.source.releaseDHCPPort(on: network)
        }
    }

    @Test func `a mark of an older version leaves the port alone`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let network = try await cloud.network()
            let port = try await cloud.port(network)
            let old = PortMark(cloud.ports(network)[0])
            try await cloud.rename(port, "pxe")
            try await cloud.source.portsReady([old])
            #expect(cloud.ports(network)[0].status == .down)
            try await cloud.source.portsReady([PortMark(cloud.ports(network)[0])])
            #expect(cloud.ports(network)[0].status == .active)
            try await cloud.delete(port: port)
            try await cloud.source.portsReady([old])
        }
    }

    @Test func `changes name the network of whatever changed, deletions too, but not heartbeats`()
        async throws
    {
        let cloud = try await Cloud()
        try await cloud.run {
            let network = try await cloud.network()
            let changes = await cloud.source.changes()
            let port = try await cloud.port(network)
            // An agent that appears may be the one that networks are hinted at; its heartbeats are no news.
            for duration in 1...3 {
                try await cloud.source.report(
                    AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: duration))
            }
            try await cloud.delete(port: port)
            try await cloud.setAgentUp(false)
            try await cloud.delete(network: network)
            let seen = Shared<[SourceChange]>([])
            for await change in changes {
                if change != .networks([]) { seen.withLock { $0.append(change) } }
                if seen.withLock({ $0.count }) == 5 { break }
            }
            #expect(
                seen.withLock { $0 } == [
                    .networks([network]), .everything, .networks([network]), .everything,
                    .networks([network]),
                ])
        }
    }

    @Test func `from request to ACTIVE and back, over the real store`() async throws {
        let cloud = try await Cloud()
        let driver = FakeDHCPDriver()
        let kernel = FakeKernel()
        let agent = cloud.agent(driver, kernel)
        let began = AgentTime.system.now() / 1000
        try await cloud.run(agent) {
            let network = try await cloud.network()
            let silent = try await cloud.network(dhcp: false)
            let port = try await cloud.port(network)
            let free = try await cloud.port(silent)
            try await eventually("all are ACTIVE") {
                cloud.allPorts.count == 3 && cloud.allPorts.allSatisfy { $0.status == .active }
            }
            let row = try await cloud.agentRow()
            #expect(row.heartbeatAt.secondsSinceEpoch >= began)
            #expect(row.heartbeatAt.secondsSinceEpoch <= AgentTime.system.now() / 1000)
            #expect(driver.served(network)?.ports.contains { $0.id == port } == true)
            #expect(driver.served(silent) == nil)
            try await cloud.rename(port, "pxelinux.0")
            try await eventually("the option is served") {
                driver.served(network)?.ports.contains { $0.extraDHCPOptions.map(\.value) == ["pxelinux.0"] }
                    == true
            }
            driver.fail(network, with: .init(.startFailed, operation: "start dnsmasq", detail: "bad option"))
            let late = try await cloud.port(network)
            try await eventually("the late port is in ERROR") {
                cloud.index.read { $0.port(late) }?.statusDetail == "start dnsmasq: bad option"
            }
            driver.fail(network, with: nil)
            try await eventually("all are ACTIVE again") {
                cloud.allPorts.allSatisfy { $0.status == .active }
            }
            try await cloud.setAgentUp(false)
            try await eventually("nothing is served") { try kernel.namespaceNames().isEmpty }
            try await cloud.setAgentUp(true)
            try await eventually("all is served") { driver.isRunning(network) }
            for id in [port, late, free] { try await cloud.delete(port: id) }
            try await cloud.delete(network: network)
            try await eventually("the network is gone") { try kernel.namespaceNames().isEmpty }
            try await eventually("its server too") { !driver.isRunning(network) }
        }
        #expect(driver.violations == [])
    }

    @Test func `two hundred ports on twenty networks, created and changed at once, all turn ACTIVE`()
        async throws
    {
        let cloud = try await Cloud()
        let driver = FakeDHCPDriver(delay: {
            if Bool.random() { try? await Task.sleep(for: .microseconds(Int.random(in: 0...1000))) }
        })
        let agent = cloud.agent(driver, FakeKernel())
        try await cloud.run(agent) {
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask {
                        let network = try await cloud.network()
                        for _ in 0..<10 {
                            let port = try await cloud.port(network)
                            if Bool.random() { try await cloud.rename(port, "a") }
                            if Bool.random() {
                                try await Task.sleep(for: .microseconds(Int.random(in: 0...1500)))
                                try await cloud.rename(port, "b")
                            }
                        }
                    }
                }
            }
            try await eventually("all are ACTIVE") {
                cloud.allPorts.count == 220 && cloud.allPorts.allSatisfy { $0.status == .active }
            }
            try await eventually("the truth is served") {
                cloud.index.read { state in
                    state.networks.allSatisfy { network in
                        driver.served(network.value.id)?.ports.map(\.served)
                            == state.ports(ofNetwork: network.value.id).map(\.served)
                    }
                }
            }
        }
        #expect(driver.violations == [])
    }

    @Test func `a thousand networks are adopted without a write`() async throws {
        let cloud = try await Cloud()
        let (first, kernel) = (FakeDHCPDriver(), FakeKernel())
        let second = FakeDHCPDriver()
        try await cloud.run(cloud.agent(first, kernel)) {
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<1000 {
                    group.addTask { _ = try await cloud.port(try await cloud.network()) }
                }
            }
            try await eventually("all are ACTIVE") {
                cloud.allPorts.count == 2000 && cloud.allPorts.allSatisfy { $0.status == .active }
            }
        }
        for network in cloud.index.read({ state in state.networks.map(\.value.id) }) {
            if let service = first.served(network) { second.preload(service) }
        }
        // However long the start takes: no heartbeats by the clock meanwhile.
        let agent = cloud.agent(second, kernel) { $0.reportInterval = .seconds(3600) }
        let before = cloud.index.present.revision
        try await cloud.run(agent) {
            try await eventually("the start is over") { agent.status().start != nil }
            let summary = try #require(agent.status().start)
            #expect(summary.adopted == 1000)
            print("adoption over the store: \(summary)", summary.duration)
            #expect(cloud.allPorts.allSatisfy { $0.status == .active })
            // Heartbeats are the only commits: at the start, at its end, when the store answers late.
            #expect(cloud.index.present.revision.rawValue - before.rawValue <= 5)
        }
    }
}
