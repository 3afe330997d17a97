extension Agent {
    /// The `agent_type` of DHCP agents.
    public static let dhcpType = "DHCP agent"
}

extension NetworkState {
    /// The DHCP agents that the network is for, in the order of their ids: those that an administrator chose,
    /// else, if a subnet has DHCP, all that are up in a zone that the network's hints name, if it has hints.
    public func dhcpAgents(ofNetwork id: ResourceID) -> [Agent] {
        guard let network = network(id) else { return [] }
        if let chosen = chosenDHCPAgents(of: network) { return chosen.compactMap { agent($0) } }
        guard hasDHCP(id) else { return [] }
        return agents.lazy.map(\.value).filter {
            $0.agentType == Agent.dhcpType && $0.adminStateUp && network.allows(zone: $0.availabilityZone)
        }
    }

    /// The networks that the DHCP agent is for, in the order of their ids.
    public func networks(ofDHCPAgent id: ResourceID) -> [Network] {
        guard let agent = agent(id), agent.agentType == Agent.dhcpType else { return [] }
        return networks.lazy.map(\.value).filter { network in
            chosenDHCPAgents(of: network)?.contains(id)
                ?? (agent.adminStateUp && network.allows(zone: agent.availabilityZone)
                    && self.hasDHCP(network.id))
        }
    }

    /// The agents that administrators chose for the network or left it, those that there are; nil if nobody
    /// chose, or if of those that were chosen none is left.
    public func chosenDHCPAgents(of network: Network) -> [ResourceID]? {
        guard let stored = network.dhcpAgentIDs else { return nil }
        let chosen = stored.filter { agent($0) != nil }
        return chosen.isEmpty && !stored.isEmpty ? nil : chosen
    }

    /// Whether the network, if it has DHCP, is for any agent, be it up or down: administrators may have left it
    /// none, and its hints may name only zones in which there is none.
    public func isForDHCPAgents(_ network: Network) -> Bool {
        if let chosen = chosenDHCPAgents(of: network) { return !chosen.isEmpty }
        // Without hints also agents that never reported serve it.
        return network.availabilityZoneHints.isEmpty
            || agents.lazy.map(\.value).contains {
                $0.agentType == Agent.dhcpType && network.allows(zone: $0.availabilityZone)
            }
    }

    /// Whether the DHCP agent of the host is one of those that the network is for, be it up or down. An agent
    /// that never reported is for all networks that nobody chose agents or zones for.
    public func isScheduled(_ network: Network, toDHCPAgentOn host: String) -> Bool {
        let agent = agent(type: Agent.dhcpType, host: host)
        guard let chosen = chosenDHCPAgents(of: network) else {
            return agent.map { network.allows(zone: $0.availabilityZone) }
                ?? network.availabilityZoneHints.isEmpty
        }
        return agent.map { chosen.contains($0.id) } ?? false
    }

    /// Has a DHCP agent serve a network.
    ///
    /// From then on the network is for those agents that administrators chose.
    /// - Throws: 404 for the network or the agent, or if it is none for DHCP or not up, 409 if it serves the
    ///   network already.
    public func addNetwork(
        _ id: ResourceID, toDHCPAgent agentID: ResourceID, in context: DecisionContext
    ) throws(ModelError) -> Decision<Network> {
        var network = try requireNetwork(id)
        guard let agent = agent(agentID) else { throw .agentNotFound(agentID) }
        guard agent.agentType == Agent.dhcpType, agent.adminStateUp else { throw .invalidDHCPAgent(agentID) }
        let present = dhcpAgents(ofNetwork: id).map(\.id)
        if present.contains(agentID) { throw .networkHosted(id, by: agentID) }
        network.dhcpAgentIDs = (present + [agentID]).sorted()
        var draft = Draft(self, context)
        draft.require(.exists(.agent(agentID)))
        draft.put(.network(network))
        return Decision(network, commit: draft.commit)
    }

    /// Has a DHCP agent leave a network; its port there waits for the next agent and keeps its addresses.
    ///
    /// From then on the network is for those agents that administrators left it or chose.
    /// - Throws: 404 for the agent, 409 if it does not serve the network.
    public func removeNetwork(
        _ id: ResourceID, fromDHCPAgent agentID: ResourceID, in context: DecisionContext
    ) throws(ModelError) -> Decision<Network> {
        guard let agent = agent(agentID) else { throw .agentNotFound(agentID) }
        let present = dhcpAgents(ofNetwork: id).map(\.id)
        guard var network = network(id), present.contains(agentID) else {
            throw .networkNotHosted(id, by: agentID)
        }
        network.dhcpAgentIDs = present.filter { $0 != agentID }
        var draft = Draft(self, context)
        draft.put(.network(network))
        // The agent may reserve its port at this moment.
        draft.requireQuiet(.ports(network: id))
        let deviceID = dhcpDeviceID(host: agent.host, network: id)
        for var port in dhcpPorts(ofNetwork: id) where port.deviceID == deviceID {
            port.deviceID = reservedDHCPDeviceID
            port.standard.touch(at: context.now)
            draft.put(.port(port))
        }
        return Decision(network, commit: draft.commit)
    }

    private func hasDHCP(_ id: ResourceID) -> Bool { subnets(ofNetwork: id).contains(where: \.enableDHCP) }
}

extension Network {
    /// Whether agents of the zone may serve the network: all, unless its hints name zones.
    fileprivate func allows(zone: String) -> Bool {
        availabilityZoneHints.isEmpty || availabilityZoneHints.contains(zone)
    }
}

extension Draft {
    /// Takes an agent out of all choices of agents. A network that is left without any is for all again.
    mutating func unschedule(agent id: ResourceID) {
        for var network in base.networks.lazy.map(\.value) {
            guard network.dhcpAgentIDs?.contains(id) == true else { continue }
            let chosen = (base.chosenDHCPAgents(of: network) ?? []).filter { $0 != id }
            network.dhcpAgentIDs = chosen.isEmpty ? nil : chosen
            put(.network(network))
        }
    }
}
