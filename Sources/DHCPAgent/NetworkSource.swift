public import NetworkModel

/// What the agent is told and what it answers: the store on one machine, Neutron's RPC elsewhere.
///
/// Nothing here is an order to do something: the agent asks what should be, and events only tell it
/// where to look again.
public protocol NetworkSource: Sendable {
    /// Which networks there are for this agent to see to.
    func overview() async throws -> SourceOverview

    /// What this agent must do about one network now.
    func assignment(of network: ResourceID) async throws -> Assignment

    /// Where to look again, from the call on. May repeat and coalesce; one consumer.
    func changes() async -> any AsyncSequence<SourceChange, Never> & Sendable

    /// The agent's own port on the network, with an address on each DHCP-enabled subnet.
    func reserveDHCPPort(on network: ResourceID) async throws -> Port

    /// Gives up the agent's own port on the network; does nothing if there is none.
    func releaseDHCPPort(on network: ResourceID) async throws

    /// Says that these ports are served; one that changed since the mark's revision is left alone.
    func portsReady(_ ports: [PortMark]) async throws

    /// Says why these ports cannot be served; one that changed since the mark's revision is left alone.
    func portTrouble(_ ports: [PortMark], detail: String) async throws

    /// Reports what the agent is doing (its heartbeat).
    func report(_ configurations: AgentConfigurations) async throws
}

/// Which networks an agent has to look at.
public struct SourceOverview: Sendable, Hashable {
    /// The networks that this agent must serve.
    public var served: Set<ResourceID>
    /// Other networks on which this agent has a port.
    public var reserved: Set<ResourceID>
    /// Other networks with ports that wait for no agent to turn ACTIVE.
    public var waiting: Set<ResourceID>
    /// All networks that the source knows.
    public var known: Set<ResourceID>

    public init(
        served: Set<ResourceID> = [], reserved: Set<ResourceID> = [], waiting: Set<ResourceID> = [],
        known: Set<ResourceID> = []
    ) {
        self.served = served
        self.reserved = reserved
        self.waiting = waiting
        self.known = known
    }
}

/// What an agent must do about a network.
public enum Assignment: Sendable {
    case serve(ServedNetwork)
    /// Nothing of this agent's should stand; the marks are of ports that wait for no agent.
    case leave(ready: [PortMark])
}

/// Where to look again.
public enum SourceChange: Sendable, Hashable {
    case networks(Set<ResourceID>)
    case everything
}

/// A port in one of its versions.
public struct PortMark: Sendable, Hashable {
    public var port: ResourceID
    /// The `revision_number` of the version.
    public var revisionNumber: Int

    public init(_ port: Port) {
        self.port = port.id
        revisionNumber = port.standard.revisionNumber
    }
}

/// The truth about a network that is to be served, as it stood at one revision.
public struct ServedNetwork: Sendable, Hashable {
    public var network: Network
    /// All subnets, sorted by id.
    public var subnets: [Subnet]
    /// All ports, the agent's own included, sorted by id.
    public var ports: [Port]
    /// The agent's own port, if it has one.
    public var dhcpPort: Port?
    public var revision: Revision

    public init(network: Network, subnets: [Subnet], ports: [Port], dhcpPort: Port?, revision: Revision) {
        self.network = network
        self.subnets = subnets
        self.ports = ports
        self.dhcpPort = dhcpPort
        self.revision = revision
    }

    /// The agent's own port if it has an address on each DHCP-enabled subnet and on no other.
    var fittingDHCPPort: Port? {
        guard let dhcpPort,
            Set(dhcpPort.fixedIPs.map(\.subnetID)) == Set(subnets.lazy.filter(\.enableDHCP).map(\.id))
        else { return nil }
        return dhcpPort
    }

    /// The same with this port as the agent's own.
    func with(dhcpPort port: Port) -> ServedNetwork {
        var result = self
        result.dhcpPort = port
        result.ports.removeAll { $0.id == port.id }
        let position = result.ports.firstIndex { port.id < $0.id } ?? result.ports.endIndex
        result.ports.insert(port, at: position)
        return result
    }

    /// The ports that should turn ACTIVE now that they are served.
    var waitingPorts: [PortMark] { ports.filter(\.awaitsService).map(PortMark.init) }
}
