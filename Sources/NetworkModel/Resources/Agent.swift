/// What a DHCP agent says of itself in its heartbeat (`configurations`).
public struct AgentConfigurations: Hashable, Sendable, Codable {
    public var dhcpDriver: String
    /// Seconds; -1 for infinite.
    public var dhcpLeaseDuration: Int
    public var logAgentHeartbeats: Bool
    public var networks: Int
    public var subnets: Int
    public var ports: Int
    /// What does not work now, a sentence each: the network, the cause in the server's own words.
    public var problems: [String]

    public init(
        dhcpDriver: String, dhcpLeaseDuration: Int, logAgentHeartbeats: Bool = false, networks: Int = 0,
        subnets: Int = 0, ports: Int = 0, problems: [String] = []
    ) {
        self.dhcpDriver = dhcpDriver
        self.dhcpLeaseDuration = dhcpLeaseDuration
        self.logAgentHeartbeats = logAgentHeartbeats
        self.networks = networks
        self.subnets = subnets
        self.ports = ports
        self.problems = problems
    }
}

/// A process that serves networks on one host (Neutron's `agent`).
public struct Agent: Hashable, Sendable, Codable, Identifiable {
    public let id: ResourceID
    /// `DHCP agent`.
    public let agentType: String
    /// `neutron-dhcp-agent`, as clients expect it.
    public let binary: String
    /// `dhcp_agent`.
    public let topic: String
    public let host: String
    public var adminStateUp: Bool
    public var description: String
    public var availabilityZone: String
    public var createdAt: Timestamp
    public var startedAt: Timestamp
    public var heartbeatAt: Timestamp
    public var configurations: AgentConfigurations

    public init(
        id: ResourceID, agentType: String = Agent.dhcpType, binary: String = "neutron-dhcp-agent",
        topic: String = "dhcp_agent", host: String, adminStateUp: Bool = true, description: String = "",
        availabilityZone: String = "nova", createdAt: Timestamp, startedAt: Timestamp,
        heartbeatAt: Timestamp, configurations: AgentConfigurations
    ) {
        self.id = id
        self.agentType = agentType
        self.binary = binary
        self.topic = topic
        self.host = host
        self.adminStateUp = adminStateUp
        self.description = description
        self.availabilityZone = availabilityZone
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.heartbeatAt = heartbeatAt
        self.configurations = configurations
    }

    /// Whether the agent reported within `agent_down_time` (75 s by default).
    public func isAlive(at now: Timestamp, downTime: Int64 = 75) -> Bool {
        now.secondsSinceEpoch - heartbeatAt.secondsSinceEpoch <= downTime
    }
}
