import NetworkModel
import NetworkStore

/// `/v2.0/agents/{id}/dhcp-networks` and `/v2.0/networks/{id}/dhcp-agents`: which agents serve which networks.
let schedulingRoutes = [
    Route(
        "GET", "agents/{id}/dhcp-networks",
        Operation(
            "list_networks_of_dhcp_agent", "Lists the networks that a DHCP agent is for.",
            path: [.uuidInAnyForm], answer: .ok(networkHandler.shownList), refusals: [403, 404])
    ) { call in
        try call.enforce("get_dhcp-networks")
        let agent = try call.knownAgent()
        let rendering = call.rendering
        guard rendering.state.agent(agent) != nil else { throw APIError(.agentNotFound(agent)) }
        return networkHandler.answer(rendering.state.networks(ofDHCPAgent: agent), rendering)
    },
    Route(
        "POST", "agents/{id}/dhcp-networks",
        Operation(
            "add_network_to_dhcp_agent", "Has a DHCP agent serve a network.", path: [.uuidInAnyForm],
            body: .object(["network_id": .uuidInAnyForm], isOpen: true), answer: .created(.null),
            refusals: [403, 404, 409, 413])
    ) { call in
        try call.enforce("create_dhcp-network")
        let agent = try call.knownAgent()
        let network = try call.networkToSchedule()
        let context = call.context
        _ = try await call.service.index.perform { (state) throws(ModelError) in
            try state.addNetwork(network, toDHCPAgent: agent, in: context)
        }
        return .json(201) { $0.null() }
    },
    // The SDK sends a body with this DELETE, which says nothing new.
    Route(
        "DELETE", "agents/{id}/dhcp-networks/{network_id}",
        Operation(
            "remove_network_from_dhcp_agent", "Has a DHCP agent leave a network.",
            path: [.uuidInAnyForm, .uuidInAnyForm], answer: .noContent, refusals: [403, 404, 409])
    ) { call in
        try call.enforce("delete_dhcp-network")
        let agent = try call.knownAgent()
        guard let network = parseUUID(call.parameters[1]) else {
            throw networkHandler.notFound(call.parameters[1])
        }
        let context = call.context
        _ = try await call.service.index.perform { (state) throws(ModelError) in
            try state.removeNetwork(network, fromDHCPAgent: agent, in: context)
        }
        return APIResponse(status: 204)
    },
    // Neutron has no agents for a network that does not exist.
    Route(
        "GET", "networks/{id}/dhcp-agents",
        Operation(
            "list_dhcp_agents_of_network", "Lists the DHCP agents that a network is for.",
            path: [.string], answer: .ok(agentHandler.shownList), refusals: [403])
    ) { call in
        try call.enforce("get_dhcp-agents")
        let rendering = call.rendering
        let agents = parseUUID(call.parameters[0]).map { rendering.state.dhcpAgents(ofNetwork: $0) } ?? []
        return agentHandler.answer(agents, rendering)
    },
]

extension APICall {
    /// The agent that the path names.
    fileprivate func knownAgent() throws(APIError) -> ResourceID {
        guard let id = parseUUID(parameters[0]) else { throw agentHandler.notFound(parameters[0]) }
        return id
    }

    /// The network that the body names.
    fileprivate func networkToSchedule() throws(APIError) -> ResourceID {
        guard let given = try body()?["network_id"] else {
            throw .badRequest("Failed to parse request. Required attribute 'network_id' not specified")
        }
        guard let text = given.string, let id = parseUUID(text) else {
            throw networkHandler.notFound(given.pythonText)
        }
        return id
    }
}
