import NetworkModel

/// Agents as the API shows them.
let agentTable = ResourceTable<Agent, AgentRequest>("agent", "agents") {
    Attribute(readOnly: "id", filter: .id { $0.id }, shows: .uuid) { $2.id($0.id) }
    // MySQL compares without case, and clients rely on it ("DHCP Agent").
    Attribute(readOnly: "agent_type", filter: .textInAnyCase { $0.agentType }, shows: .string) {
        $2.string($0.agentType)
    }
    Attribute(readOnly: "binary", filter: .text { $0.binary }, shows: .string) { $2.string($0.binary) }
    Attribute(readOnly: "topic", filter: .text { $0.topic }, shows: .string) { $2.string($0.topic) }
    Attribute(readOnly: "host", filter: .text { $0.host }, shows: .string) { $2.string($0.host) }
    Attribute(
        "admin_state_up", put: true, .boolean, { $0.adminStateUp = $1 },
        filter: .boolean { agent, _ in agent.adminStateUp }, shows: .boolean
    ) { $2.bool($0.adminStateUp) }
    Attribute(
        readOnly: "alive", filter: .boolean { $0.isAlive(at: $1.now, downTime: $1.policy.agentDownTime) },
        shows: .boolean
    ) {
        $2.bool($0.isAlive(at: $1.now, downTime: $1.policy.agentDownTime))
    }
    Attribute(readOnly: "created_at", filter: .agentTime { $0.createdAt }, shows: .agentMoment) {
        $2.string($0.createdAt.agentText)
    }
    Attribute(readOnly: "started_at", filter: .agentTime { $0.startedAt }, shows: .agentMoment) {
        $2.string($0.startedAt.agentText)
    }
    Attribute(readOnly: "heartbeat_timestamp", filter: .agentTime { $0.heartbeatAt }, shows: .agentMoment) {
        $2.string($0.heartbeatAt.agentText)
    }
    Attribute(readOnly: "configurations", shows: .agentConfigurations) { agent, _, writer in
        agent.configurations.write(to: &writer)
    }
    Attribute(
        "description", put: true, Validator<String>.string(max: 255).null(is: ""),
        { $0.description = $1 }, filter: .text { $0.description }, shows: .string.orNull
    ) { $2.string(orNull: $0.description.isEmpty ? nil : $0.description) }
    Attribute(readOnly: "availability_zone", filter: .text { $0.availabilityZone }, shows: .string) {
        $2.string($0.availabilityZone)
    }
    Attribute.alwaysNull("resources_synced")
}

extension FilterRule where Resource == Agent {
    /// The moment, as agents carry it, equals one of the values.
    fileprivate static func agentTime(_ read: @escaping @Sendable (Agent) -> Timestamp) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { agent, _ in .number(Int(read(agent).secondsSinceEpoch)) }) {
            values in
            let values = Set(values)
            return { agent, _ in values.contains(read(agent).agentText) }
        }
    }
}

extension AgentConfigurations {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("dhcp_driver")
            writer.string(dhcpDriver)
            writer.key("dhcp_lease_duration")
            writer.integer(dhcpLeaseDuration)
            writer.key("log_agent_heartbeats")
            writer.bool(logAgentHeartbeats)
            writer.key("networks")
            writer.integer(networks)
            writer.key("subnets")
            writer.integer(subnets)
            writer.key("ports")
            writer.integer(ports)
            writer.key("problems")
            writer.array(problems) { $1.string($0) }
        }
    }
}

extension Schema {
    /// A moment as agents carry it: `2026-11-22 14:00:00`.
    fileprivate static let agentMoment = named(
        "AgentMoment", string(pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}$"))
    fileprivate static let agentConfigurations = named(
        "AgentConfigurations",
        object([
            "dhcp_driver": .string, "dhcp_lease_duration": .integer, "log_agent_heartbeats": .boolean,
            "networks": .integer, "subnets": .integer, "ports": .integer, "problems": .array(of: .string),
        ]))
}
