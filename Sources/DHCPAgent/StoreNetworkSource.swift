import Locks
public import NetworkModel
public import NetworkStore

/// The store as the source of an agent.
///
/// The agent serves each network that is up, has a DHCP-enabled subnet and is for this agent (all networks
/// are, unless an administrator chose others), unless its own row says that it is down. Ports of networks
/// that are without DHCP, or for no agent at all, wait for nobody.
public final class StoreNetworkSource: NetworkSource {
    /// How many ports are marked at a time; the store makes few commits of many.
    private static let marksAtOnce = 512

    private let index: StateIndex
    private let host: String
    private let deviceIDs: DHCPDeviceIDs
    private let availabilityZone: String
    private let policy: ModelPolicy
    private let time: AgentTime
    private let generator: SharedGenerator
    private let startedAt: Timestamp
    /// Ports as they will be with the marks that are on their way.
    private let ownMarks = OwnMarks()

    /// Creates the source of the agent of one host; somebody must run the index.
    ///
    /// - Parameter generator: draws ids and MAC addresses.
    public init(
        index: StateIndex, host: String, availabilityZone: String = "nova", policy: ModelPolicy = .init(),
        time: AgentTime = .system,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator()
    ) {
        self.index = index
        self.host = host
        deviceIDs = DHCPDeviceIDs(host: host)
        self.availabilityZone = availabilityZone
        self.policy = policy
        self.time = time
        self.generator = SharedGenerator(generator)
        startedAt = Timestamp(secondsSinceEpoch: time.now() / 1000)
    }

    public func overview() async throws -> SourceOverview {
        let state = index.present
        var overview = SourceOverview()
        let isUp = state.isDHCPAgentUp(on: host)
        for network in state.networks.lazy.map(\.value) {
            overview.known.insert(network.id)
            let subnets = state.subnets(ofNetwork: network.id)
            if isUp, state.isToBeServed(network, subnets, on: host) {
                overview.served.insert(network.id)
                continue
            }
            if state.dhcpPort(deviceIDs.id(on: network.id), on: network.id) != nil {
                overview.reserved.insert(network.id)
            }
            if !state.freePorts(of: network, subnets).isEmpty { overview.waiting.insert(network.id) }
        }
        return overview
    }

    public func assignment(of id: ResourceID) async throws -> Assignment {
        let state = index.present
        guard let network = state.network(id) else { return .leave(ready: []) }
        let subnets = state.subnets(ofNetwork: id)
        guard state.isDHCPAgentUp(on: host), state.isToBeServed(network, subnets, on: host) else {
            return .leave(ready: state.freePorts(of: network, subnets))
        }
        return .serve(
            ServedNetwork(
                network: network, subnets: subnets, ports: state.ports(ofNetwork: id),
                dhcpPort: state.dhcpPort(deviceIDs.id(on: id), on: id), revision: state.revision))
    }

    public func changes() async -> any AsyncSequence<SourceChange, Never> & Sendable {
        // Subscribe first: what the map has not seen yet comes as a change.
        let changes = index.changes()
        let map = Mutex(NetworkMap(index.present))
        let index = index
        let ownMarks = ownMarks
        return changes.map { change in
            switch change {
            case .changed(let set): map.withLock { $0.networks(of: set, except: ownMarks.taking(set)) }
            case .resync:
                map.withLock { map in
                    map = NetworkMap(index.present)
                    return .everything
                }
            }
        }
    }

    public func reserveDHCPPort(on network: ResourceID) async throws -> Port {
        try await index.perform { [self] state throws(ModelError) in
            try generator.draw { generator throws(ModelError) in
                try state.reserveDHCPPort(network: network, host: host, in: context, using: &generator)
            }
        }
    }

    public func releaseDHCPPort(on network: ResourceID) async throws {
        try await index.perform { [self] state throws(ModelError) in
            guard state.network(network) != nil else { return Decision(()) }
            return try state.releaseDHCPPorts(network: network, host: host, in: context)
        }
    }

    public func portsReady(_ ports: [PortMark]) async throws { try await mark(ports, .active, detail: "") }

    public func portTrouble(_ ports: [PortMark], detail: String) async throws {
        try await mark(ports, .error, detail: detail)
    }

    public func report(_ configurations: AgentConfigurations) async throws {
        let report = AgentReport(
            host: host, availabilityZone: availabilityZone, startedAt: startedAt,
            configurations: configurations)
        _ = try await index.perform { [self] state throws(ModelError) in
            try generator.draw { generator throws(ModelError) in
                try state.heartbeat(report, in: context, using: &generator)
            }
        }
    }

    /// Sets the status of many ports, all on their way at once.
    private func mark(_ marks: [PortMark], _ status: PortStatus, detail: String) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, mark) in marks.enumerated() {
                if number >= Self.marksAtOnce { try await group.next() }
                group.addTask { try await self.mark(mark, status, detail: detail) }
            }
            try await group.waitForAll()
        }
    }

    private func mark(_ mark: PortMark, _ status: PortStatus, detail: String) async throws {
        _ = try await index.perform { [self] state throws(ModelError) -> Decision<Void> in
            // A port that was deleted meanwhile needs no mark.
            guard state.port(mark.port) != nil else { return Decision(()) }
            let decision = try state.setPortStatus(
                mark.port, status, detail: detail, ifRevision: mark.revisionNumber, in: context)
            if !decision.isNoChange { ownMarks.expect(decision.value) }
            return Decision((), commit: decision.commit)
        }
    }

    private var context: DecisionContext {
        DecisionContext(
            projectID: "", now: Timestamp(secondsSinceEpoch: time.now() / 1000), policy: policy)
    }
}

/// The marks that the agent makes and need not hear of.
///
/// Compared as whole records: where somebody else was faster, what the watch brings is not what was
/// expected here.
final class OwnMarks: Sendable {
    private let expected = Mutex<[ResourceID: Port]>([:])

    /// Says that this version of a port is about to be written.
    func expect(_ port: Port) { expected.withLock { $0[port.id] = port } }

    /// The ports of a commit that are as expected; they are forgotten with all others that it names.
    func taking(_ change: ChangeSet) -> Set<ResourceID> {
        expected.withLock { expected in
            guard !expected.isEmpty else { return [] }
            var own: Set<ResourceID> = []
            for record in change.puts {
                guard case .port(let port) = record else { continue }
                if expected.removeValue(forKey: port.id) == port { own.insert(port.id) }
            }
            for case .port(let id) in change.deletes { expected[id] = nil }
            return own
        }
    }
}

extension NetworkState {
    /// Whether the DHCP agent of the host may serve; one that never reported may.
    fileprivate func isDHCPAgentUp(on host: String) -> Bool {
        agent(type: Agent.dhcpType, host: host)?.adminStateUp ?? true
    }

    /// Whether the DHCP agent of the host, if it is up, serves the network.
    fileprivate func isToBeServed(_ network: Network, _ subnets: [Subnet], on host: String) -> Bool {
        network.adminStateUp && subnets.contains(where: \.enableDHCP)
            && isScheduled(network, toDHCPAgentOn: host)
    }

    /// The DHCP port with this device id on the network.
    fileprivate func dhcpPort(_ deviceID: String, on network: ResourceID) -> Port? {
        dhcpPorts(ofNetwork: network).first { $0.deviceID == deviceID }
    }

    /// The ports of a network without DHCP, or that is for no agent, that are not ACTIVE yet: no agent has to
    /// serve them first.
    fileprivate func freePorts(of network: Network, _ subnets: [Subnet]) -> [PortMark] {
        let isServed = subnets.contains(where: \.enableDHCP) && isForDHCPAgents(network)
        guard network.adminStateUp, !isServed else { return [] }
        return waitingPorts(ofNetwork: network.id).map(PortMark.init)
    }
}
