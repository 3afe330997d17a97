import NetworkModel

/// `/v2.0/networks`
let networkHandler = ResourceHandler<Network, NetworkRequest>(
    table: networkTable, notFoundType: "NetworkNotFound", noun: "Network",
    newRequest: { NetworkRequest() },
    find: { $0.network($1) },
    all: { $0.networks.map(\.value) },
    narrow: { state, request in byID(request) { state.network($0) } },
    create: { requests, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.createNetworks(requests, in: context, using: &generator)
        }
    },
    update: { id, request, revision, context in
        { (state) throws(ModelError) in
            try state.updateNetwork(id, request, ifMatch: revision, in: context)
        }
    },
    delete: { id, revision, context in
        { (state) throws(ModelError) in try state.deleteNetwork(id, ifMatch: revision, in: context) }
    })

/// `/v2.0/subnets`
let subnetHandler = ResourceHandler<Subnet, SubnetRequest>(
    table: subnetTable, notFoundType: "SubnetNotFound", noun: "Subnet",
    newRequest: { SubnetRequest() },
    find: { $0.subnet($1) },
    all: { $0.subnets.map(\.value) },
    narrow: { state, request in
        if let found = byID(request, { state.subnet($0) }) { return found }
        guard let networks = identifiers(request, "network_id") else { return nil }
        return inOrder(networks.flatMap { state.subnets(ofNetwork: $0) })
    },
    create: { requests, context in
        { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.createSubnets(requests, in: context, using: &generator)
        }
    },
    update: { id, request, revision, context in
        { (state) throws(ModelError) in
            try state.updateSubnet(id, request, ifMatch: revision, in: context)
        }
    },
    delete: { id, revision, context in
        { (state) throws(ModelError) in try state.deleteSubnet(id, ifMatch: revision, in: context) }
    })

/// `/v2.0/agents`; agents create themselves by reporting.
let agentHandler = ResourceHandler<Agent, AgentRequest>(
    table: agentTable, notFoundType: "AgentNotFound", noun: "Agent",
    newRequest: { AgentRequest() },
    find: { $0.agent($1) },
    all: { $0.agents.map(\.value) },
    narrow: { state, request in byID(request) { state.agent($0) } },
    create: nil,
    update: { id, request, _, context in
        { (state) throws(ModelError) in try state.updateAgent(id, request, in: context) }
    },
    delete: { id, _, context in
        { (state) throws(ModelError) in try state.deleteAgent(id, in: context) }
    })

/// The identifiers among a parameter's values; nil where the parameter is absent.
func identifiers(_ request: APIRequest, _ name: String) -> [ResourceID]? {
    let values = request.values(of: name)
    return values.isEmpty ? nil : Array(Set(values.compactMap(parseUUID)))
}

/// The resources that the parameter `id` names; nil where it is absent.
func byID<Resource: Identifiable>(
    _ request: APIRequest, _ find: (ResourceID) -> Resource?
) -> [Resource]? where Resource.ID == ResourceID {
    identifiers(request, "id").map { inOrder($0.compactMap(find)) }
}

/// The resources by ascending id, each once: the order of lists.
func inOrder<Resource: Identifiable>(
    _ resources: [Resource]
) -> [Resource] where Resource.ID == ResourceID {
    var seen = Set<ResourceID>()
    return resources.filter { seen.insert($0.id).inserted }.sorted { $0.id < $1.id }
}
