import Addressing
import NetworkModel
import Testing

@Suite struct AgentSchedulingTests {
    private var model = Model()
    private let network: Network
    private let subnet: Subnet
    private let a: Agent
    private let b: Agent

    init() throws {
        network = try model.network()
        subnet = try model.subnet(network, "10.0.0.0/24")
        a = try model.agent("a")
        b = try model.agent("b")
    }

    private func hosts(_ id: ResourceID? = nil) -> Set<String> {
        Set(model.state.dhcpAgents(ofNetwork: id ?? network.id).map(\.host))
    }

    private mutating func setUp(_ agent: Agent, _ isUp: Bool) throws {
        var request = AgentRequest()
        request.adminStateUp = isUp
        try model.commit(model.state.updateAgent(agent.id, request, in: model.context))
    }

    private mutating func add(_ agent: Agent, to id: ResourceID? = nil) throws -> Network {
        try model.commit(
            model.state.addNetwork(id ?? network.id, toDHCPAgent: agent.id, in: model.context))
    }

    private mutating func remove(_ agent: Agent) throws -> Network {
        try model.commit(
            model.state.removeNetwork(network.id, fromDHCPAgent: agent.id, in: model.context))
    }

    @Test mutating func untilSomebodyChoosesAllAgentsThatAreUpServeANetworkWithDHCP() throws {
        let silent = try model.network()
        _ = try model.agent("l3", type: "L3 agent")
        #expect(hosts() == ["a", "b"] && hosts(silent.id) == [] && hosts(ResourceID(rawValue: 1)) == [])
        #expect(model.state.networks(ofDHCPAgent: a.id).map(\.id) == [network.id])
        try setUp(a, false)
        #expect(hosts() == ["b"] && model.state.networks(ofDHCPAgent: a.id) == [])
        #expect(model.state.isScheduled(network, toDHCPAgentOn: "a"))
        #expect(model.state.isScheduled(network, toDHCPAgentOn: "never-seen"))
        _ = try model.updateSubnet(subnet.id) { $0.enableDHCP = false }
        #expect(hosts() == [])
    }

    @Test mutating func anAgentIsTakenFromANetworkAndComesBack() throws {
        let before = network.standard.revisionNumber
        var changed = try remove(a)
        #expect(changed.dhcpAgentIDs == [b.id] && hosts() == ["b"])
        #expect(
            changed.standard.revisionNumber == before + 1,
            "scheduling is no change of the network; the subnet was")
        #expect(
            model.state.networks(ofDHCPAgent: a.id) == []
                && model.state.networks(ofDHCPAgent: b.id) == [changed])
        #expect(!model.state.isScheduled(changed, toDHCPAgentOn: "a"))
        #expect(!model.state.isScheduled(changed, toDHCPAgentOn: "never-seen"))
        _ = try model.agent("c")
        #expect(hosts() == ["b"], "who comes later was not chosen")
        changed = try remove(b)
        #expect(changed.dhcpAgentIDs == [] && hosts() == [])
        changed = try add(a)
        #expect(changed.dhcpAgentIDs == [a.id] && hosts() == ["a"])
        changed = try add(b)
        #expect(changed.dhcpAgentIDs == [a.id, b.id].sorted())
        try setUp(b, false)
        #expect(hosts() == ["a", "b"], "a choice outlives the agent's rest")
    }

    @Test mutating func anAgentCanBeChosenBeforeTheNetworkHasDHCP() throws {
        let silent = try model.network()
        #expect(try add(b, to: silent.id).dhcpAgentIDs == [b.id])
        #expect(hosts(silent.id) == ["b"])
    }

    @Test mutating func whatCannotBeIsRefused() throws {
        let nobody = ResourceID(rawValue: 9)
        let router = try model.agent("l3", type: "L3 agent")
        expectRefusal("NetworkNotFound", kind: .notFound) { _ = try add(a, to: nobody) }
        expectRefusal("AgentNotFound", kind: .notFound) {
            _ = try model.state.addNetwork(network.id, toDHCPAgent: nobody, in: model.context)
        }
        expectRefusal("InvalidDHCPAgent", "is not a valid DHCP Agent or has been disabled.", kind: .notFound)
        {
            _ = try add(router)
        }
        expectRefusal(
            "NetworkHostedByDHCPAgent",
            "The network \(network.id) has been already hosted by the DHCP Agent \(a.id).", kind: .conflict
        ) { _ = try add(a) }
        _ = try remove(a)
        expectRefusal(
            "NetworkNotHostedByDhcpAgent",
            "The network \(network.id) is not hosted by the DHCP agent \(a.id).", kind: .conflict
        ) { _ = try remove(a) }
        expectRefusal("NetworkNotHostedByDhcpAgent") { _ = try remove(router) }
        expectRefusal("NetworkNotHostedByDhcpAgent") {
            _ = try model.state.removeNetwork(nobody, fromDHCPAgent: a.id, in: model.context)
        }
        expectRefusal("AgentNotFound") {
            _ = try model.state.removeNetwork(network.id, fromDHCPAgent: nobody, in: model.context)
        }
        try setUp(a, false)
        expectRefusal("InvalidDHCPAgent") { _ = try add(a) }
    }

    @Test mutating func thePortOfAnAgentThatLeavesWaitsForTheNextOne() throws {
        let mine = try model.dhcpPort(network, host: "a")
        let other = try model.dhcpPort(network, host: "b")
        _ = try remove(a)
        let waiting = try #require(model.state.port(mine.id))
        #expect(waiting.deviceID == reservedDHCPDeviceID && waiting.fixedIPs == mine.fixedIPs)
        #expect(waiting.standard.revisionNumber == mine.standard.revisionNumber + 1)
        #expect(model.state.port(other.id) == other)
        expectRefusal("NetworkNotFound", kind: .notFound) { _ = try model.dhcpPort(network, host: "a") }
        try model.commit(
            model.state.releaseDHCPPorts(network: network.id, host: "a", in: model.context))
        #expect(model.state.port(mine.id) == waiting, "it is nobody's to give up")
        _ = try add(a)
        let adopted = try model.dhcpPort(network, host: "a")
        #expect(adopted.id == mine.id && adopted.fixedIPs == mine.fixedIPs)
        #expect(adopted.deviceID == mine.deviceID && adopted.bindingHostID == "a")
    }

    @Test mutating func anAgentDoesNotTakeAPortOfANetworkThatIsBeingTakenFromIt() throws {
        let reserve = try model.state.reserveDHCPPort(
            network: network.id, host: "a", in: model.context, using: &model.generator)
        _ = try remove(a)
        #expect(throws: Refusal.self) { try model.store.commit(reserve.commit) }
        _ = try add(a)
        let port = try model.dhcpPort(network, host: "a")
        let removal = try model.state.removeNetwork(
            network.id, fromDHCPAgent: a.id, in: model.context)
        _ = try model.updatePort(port.id) { $0.name = "x" }
        #expect(throws: Refusal.self) { try model.store.commit(removal.commit) }
    }

    @Test mutating func aPortThatAnAgentReservesMeanwhileIsNotLeftBehind() throws {
        let early = try model.state.removeNetwork(network.id, fromDHCPAgent: a.id, in: model.context)
        let port = try model.dhcpPort(network, host: "a")
        #expect(throws: Refusal.self) { try model.store.commit(early.commit) }
        _ = try remove(a)
        #expect(model.state.port(port.id)?.deviceID == reservedDHCPDeviceID)
    }

    @Test mutating func anAgentThatIsDeletedIsForgotten() throws {
        let second = try model.network()
        _ = try model.subnet(second, "10.0.0.0/24")
        _ = try remove(a)
        #expect(model.state.network(second.id)?.dhcpAgentIDs == nil)
        _ = try add(a)
        try model.commit(model.state.deleteAgent(b.id, in: model.context))
        #expect(model.state.network(network.id)?.dhcpAgentIDs == [a.id])
        try model.commit(model.state.deleteAgent(a.id, in: model.context))
        #expect(model.state.network(network.id)?.dhcpAgentIDs == nil, "nobody was left: for all again")
        let again = try model.agent("a")
        #expect(again.id != a.id && hosts() == ["a"])
    }

    @Test mutating func agentsThatAreGoneWereNotChosen() throws {
        let gone = ResourceID(rawValue: 7)
        var stale = network
        stale.dhcpAgentIDs = [gone]
        try model.store.commit(Commit(puts: [.network(stale)]))
        #expect(hosts() == ["a", "b"], "for all, as if nobody had chosen")
        #expect(model.state.networks(ofDHCPAgent: a.id).map(\.id) == [network.id])
        #expect(model.state.isScheduled(stale, toDHCPAgentOn: "a"))
        #expect(model.state.isScheduled(stale, toDHCPAgentOn: "never-seen"))
        stale.dhcpAgentIDs = [gone, a.id]
        try model.store.commit(Commit(puts: [.network(stale)]))
        #expect(hosts() == ["a"] && model.state.networks(ofDHCPAgent: b.id) == [])
        #expect(!model.state.isScheduled(stale, toDHCPAgentOn: "b"))
        try model.commit(model.state.deleteAgent(a.id, in: model.context))
        #expect(model.state.network(network.id)?.dhcpAgentIDs == nil, "nobody was left: for all again")
    }
}
