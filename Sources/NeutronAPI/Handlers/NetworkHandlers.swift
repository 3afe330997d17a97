import NetworkModel

/// `/v2.0/networks`
let networkHandler = ResourceHandler<Network, NetworkRequest>(
    table: networkTable, notFoundType: "NetworkNotFound", noun: "Network", access: networkAccess,
    newRequest: { NetworkRequest() },
    find: { $0.network($1) },
    all: { ListSource($0.networks) },
    narrowing: Narrowing(
        find: { $0.network($1) },
        rules: ["shared", "router:external"].map { Narrowing<Network>.byFlag($0) { $0.openNetworkIDs } }
            + Narrowing<Network>.byStandardAttributes { $0.networkIDs(with: $1) },
        visible: { OrderedIDs(union: [$0.networkIDs(with: .project($1)), $0.openNetworkIDs]) }),
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
    table: subnetTable, notFoundType: "SubnetNotFound", noun: "Subnet", access: subnetAccess,
    newRequest: { SubnetRequest() },
    find: { $0.subnet($1) },
    all: { ListSource($0.subnets) },
    narrowing: Narrowing(
        find: { $0.subnet($1) },
        rules: [
            Narrowing<Subnet>.byID("network_id") { $0.subnetIDs(ofNetwork: $1) },
            Narrowing<Subnet>.byID("subnetpool_id") { $0.subnetIDs(ofSubnetPool: $1) },
            Narrowing<Subnet>.byValue(["cidr"], { $0.subnetIDs(with: $1) }) {
                parseBlock($0).map { [.cidr($0)] }
            },
        ] + Narrowing<Subnet>.byStandardAttributes { $0.subnetIDs(with: $1) },
        visible: { state, project in
            let own = state.subnetIDs(with: .project(project))
            let networks = OrderedIDs(
                union: [state.networkIDs(with: .project(project)), state.openNetworkIDs])
            let count = networks.reduce(own.count) { $0 + state.subnetIDs(ofNetwork: $1).count }
            return OrderedIDs(count: count) {
                OrderedIDs(Array(own) + networks.flatMap { Array(state.subnetIDs(ofNetwork: $0)) })
            }
        }),
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
    table: agentTable, notFoundType: "AgentNotFound", noun: "Agent", access: agentAccess,
    newRequest: { AgentRequest() },
    find: { $0.agent($1) },
    all: { ListSource($0.agents) },
    narrowing: Narrowing(find: { $0.agent($1) }, rules: [Narrowing<Agent>.byID]),
    create: nil,
    update: { id, request, _, context in
        { (state) throws(ModelError) in try state.updateAgent(id, request, in: context) }
    },
    delete: { id, _, context in
        { (state) throws(ModelError) in try state.deleteAgent(id, in: context) }
    })

/// The names under which a query may ask for a project.
let projectParameters = ["project_id", "tenant_id"]
