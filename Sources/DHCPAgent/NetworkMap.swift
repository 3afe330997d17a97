import NetworkModel
import NetworkStore

/// To which network each subnet and port belongs: a deletion names the record alone.
struct NetworkMap: Sendable {
    private var owners: [ResourceID: ResourceID] = [:]
    /// What of each agent decides what it serves: only a change of that concerns the networks.
    private var agents: [ResourceID: Standing] = [:]

    private struct Standing: Hashable {
        var isUp: Bool
        var zone: String

        init(_ agent: Agent) {
            isUp = agent.adminStateUp
            zone = agent.availabilityZone
        }
    }

    /// What the owners are made of when they are first asked for: a start has more urgent things to do.
    private var start: NetworkState?

    init(_ state: NetworkState) {
        start = state
        for agent in state.agents.lazy.map(\.value) { agents[agent.id] = Standing(agent) }
    }

    private mutating func load() {
        guard let state = start.take() else { return }
        owners.reserveCapacity(state.subnets.count + state.ports.count)
        for network in state.networks {
            let id = network.value.id
            for subnet in state.subnetIDs(ofNetwork: id) { owners[subnet] = id }
            for port in state.portIDs(ofNetwork: id) { owners[port] = id }
        }
    }

    /// The networks that a commit concerns, but for what it says of some ports.
    mutating func networks(of change: ChangeSet, except own: Set<ResourceID> = []) -> SourceChange {
        if !change.isOfAgentsOnly { load() }
        var networks: Set<ResourceID> = []
        var everything = false
        for key in change.deletes {
            switch key {
            case .network(let id): networks.insert(id)
            case .subnet(let id), .port(let id):
                if let network = owners.removeValue(forKey: id) { networks.insert(network) }
            case .agent(let id):
                if agents.removeValue(forKey: id) != nil { everything = true }
            case .subnetPool, .quota: break
            }
        }
        for record in change.puts {
            switch record {
            case .network(let network): networks.insert(network.id)
            case .subnet(let subnet):
                owners[subnet.id] = subnet.networkID
                networks.insert(subnet.networkID)
            case .port(let port):
                owners[port.id] = port.networkID
                if !own.contains(port.id) { networks.insert(port.networkID) }
            case .agent(let agent):
                let standing = Standing(agent)
                if agents.updateValue(standing, forKey: agent.id) != standing { everything = true }
            case .subnetPool, .quota: break
            }
        }
        return everything ? .everything : .networks(networks)
    }
}

extension ChangeSet {
    /// Whether the commit changed nothing but agents, as their reports do.
    fileprivate var isOfAgentsOnly: Bool {
        deletes.isEmpty && puts.allSatisfy { if case .agent = $0 { true } else { false } }
    }
}
