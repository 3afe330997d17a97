extension NetworkState {
    /// Changes an agent; nil fields stay.
    ///
    /// - Throws: 404, 400 for a text that is too long.
    public func updateAgent(
        _ id: ResourceID, _ request: AgentRequest, in context: DecisionContext
    ) throws(ModelError) -> Decision<Agent> {
        guard let old = agent(id) else { throw .agentNotFound(id) }
        try TextLimits.check(request.description, "description")
        var agent = old
        if let value = request.adminStateUp { agent.adminStateUp = value }
        if let value = request.description { agent.description = value }
        if agent == old { return Decision(old) }
        var draft = Draft(self, context)
        draft.put(.agent(agent))
        return Decision(agent, commit: draft.commit)
    }

    /// Deletes an agent; one that still runs comes back with its next report, and no network remembers that
    /// it was chosen.
    ///
    /// - Throws: 404.
    public func deleteAgent(
        _ id: ResourceID, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        guard agent(id) != nil else { throw .agentNotFound(id) }
        var draft = Draft(self, context)
        // The agent reports every few seconds: its latest report does not matter here.
        draft.delete(.agent(id), inWhateverVersion: true)
        draft.unschedule(agent: id)
        return Decision((), commit: draft.commit)
    }

    /// Takes in an agent's report: creates its row or moves its heartbeat.
    ///
    /// The row keeps its id, created_at, admin_state_up and description.
    ///
    /// - Throws: 400 for a text that is too long.
    public func heartbeat(
        _ report: AgentReport, in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<Agent> {
        for (text, name) in [
            (report.host, "host"), (report.agentType, "agent_type"), (report.binary, "binary"),
            (report.topic, "topic"), (report.availabilityZone, "availability_zone"),
        ] {
            try TextLimits.check(text, name)
        }
        var configurations = report.configurations
        configurations.dhcpDriver = TextLimits.storable(configurations.dhcpDriver)
        configurations.problems = configurations.problems.map(TextLimits.storable)
        let old = agent(type: report.agentType, host: report.host)
        let agent = Agent(
            id: old?.id ?? .random(using: &generator), agentType: report.agentType, binary: report.binary,
            topic: report.topic, host: report.host, adminStateUp: old?.adminStateUp ?? true,
            description: old?.description ?? "", availabilityZone: report.availabilityZone,
            createdAt: old?.createdAt ?? context.now, startedAt: report.startedAt, heartbeatAt: context.now,
            configurations: configurations)
        if agent == old { return Decision(agent) }
        var draft = Draft(self, context)
        draft.put(.agent(agent))
        return Decision(agent, commit: draft.commit)
    }
}
