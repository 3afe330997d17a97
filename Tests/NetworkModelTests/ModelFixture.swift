import Addressing
import NetworkModel
import Testing

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Why the reference store refused a commit.
enum Refusal: Error, Equatable {
    case condition(Condition)
    case claimed(Claim)
}

/// A store that does what the contract says in the plainest way: it looks at every record each time.
struct ReferenceStore {
    private(set) var records: [RecordKey: (record: Record, revision: Revision)] = [:]
    private(set) var revision = Revision(0)
    /// The state that followed every change, which the tests compare with one built from scratch.
    private(set) var state = NetworkState()

    mutating func commit(_ commit: Commit) throws {
        for condition in commit.conditions where !holds(condition) { throw Refusal.condition(condition) }
        var next = records
        for key in commit.deletes { next[key] = nil }
        revision = Revision(revision.rawValue + 1)
        for record in commit.puts { next[record.key] = (record, revision) }
        var held: Set<Claim> = []
        for (record, _) in next.values {
            for claim in record.claims where !held.insert(claim).inserted { throw Refusal.claimed(claim) }
        }
        records = next
        state.apply(ChangeSet(revision: revision, puts: commit.puts, deletes: commit.deletes))
    }

    private func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .unchanged(let key, let revision): records[key]?.revision == revision
        case .exists(let key): records[key] != nil
        case .absent(let key): records[key] == nil
        case .atMost(let most, let resource, let project):
            records.values.count { record, _ in
                record.quotaShare.map { $0 == (resource, project) } ?? false
            } <= most
        case .quiet(let scope, let since):
            !records.values.contains { $0.revision > since && isMember($0.record, scope) }
        }
    }

    private func isMember(_ record: Record, _ scope: Scope) -> Bool {
        switch (record, scope) {
        case (.subnet(let subnet), .subnets(let network)): subnet.networkID == network
        case (.port(let port), .ports(let network)): port.networkID == network
        case (.port(let port), .addresses(let subnet)): port.fixedIPs.contains { $0.subnetID == subnet }
        case (.subnet(let subnet), .blocks(let pool)): subnet.subnetpoolID == pool
        default: false
        }
    }
}

/// A store with the ways to fill it that the tests need.
struct Model {
    var store = ReferenceStore()
    var generator = SeededGenerator(seed: 1)
    var context = DecisionContext(projectID: "p", now: Timestamp(secondsSinceEpoch: 1000))

    init() {
        for resource in QuotaResource.allCases { context.policy.defaultQuotas[resource] = -1 }
    }

    var state: NetworkState { store.state }

    @discardableResult
    mutating func commit<Value>(_ decision: Decision<Value>) throws -> Value {
        if !decision.isNoChange { try store.commit(decision.commit) }
        return decision.value
    }

    mutating func network(_ change: (inout NetworkRequest) -> Void = { _ in }) throws -> Network {
        var request = NetworkRequest()
        change(&request)
        let decision = try state.createNetworks([request], in: context, using: &generator)
        return try #require(try commit(decision).first)
    }

    mutating func updateNetwork(
        _ id: ResourceID, ifMatch: Int? = nil, _ change: (inout NetworkRequest) -> Void
    ) throws -> Network {
        var request = NetworkRequest()
        change(&request)
        return try commit(state.updateNetwork(id, request, ifMatch: ifMatch, in: context))
    }

    mutating func subnet(
        _ network: Network, _ cidr: String, _ change: (inout SubnetRequest) -> Void = { _ in }
    ) throws -> Subnet {
        var request = SubnetRequest()
        request.networkID = network.id
        request.cidr = try prefix(cidr)
        change(&request)
        let decision = try state.createSubnets([request], in: context, using: &generator)
        return try #require(try commit(decision).first)
    }

    mutating func updateSubnet(
        _ id: ResourceID, ifMatch: Int? = nil, _ change: (inout SubnetRequest) -> Void
    ) throws -> Subnet {
        var request = SubnetRequest()
        change(&request)
        return try commit(state.updateSubnet(id, request, ifMatch: ifMatch, in: context))
    }

    mutating func subnetPool(
        _ prefixes: [String], _ change: (inout SubnetPoolRequest) -> Void = { _ in }
    ) throws -> SubnetPool {
        var request = SubnetPoolRequest()
        request.name = "pool"
        request.prefixes = try prefixes.map { try prefix($0) }
        change(&request)
        let decision = try state.createSubnetPools([request], in: context, using: &generator)
        return try #require(try commit(decision).first)
    }

    mutating func updateSubnetPool(
        _ id: ResourceID, ifMatch: Int? = nil, _ change: (inout SubnetPoolRequest) -> Void
    ) throws -> SubnetPool {
        var request = SubnetPoolRequest()
        change(&request)
        return try commit(state.updateSubnetPool(id, request, ifMatch: ifMatch, in: context))
    }

    /// A subnet cut from a pool, on a network of its own unless one is given.
    mutating func subnet(
        from pool: SubnetPool, on network: Network? = nil, _ change: (inout SubnetRequest) -> Void = { _ in }
    ) throws -> Subnet {
        let network = try network ?? self.network()
        var request = SubnetRequest()
        request.networkID = network.id
        request.subnetpoolID = pool.id
        change(&request)
        let decision = try state.createSubnets([request], in: context, using: &generator)
        return try #require(try commit(decision).first)
    }

    mutating func agent(_ host: String, type: String = Agent.dhcpType) throws -> Agent {
        let report = AgentReport(
            agentType: type, host: host, startedAt: context.now,
            configurations: AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
        return try commit(state.heartbeat(report, in: context, using: &generator))
    }

    func portRequest(_ network: Network, _ change: (inout PortRequest) -> Void = { _ in }) -> PortRequest {
        var request = PortRequest()
        request.networkID = network.id
        change(&request)
        return request
    }

    mutating func port(_ network: Network, _ change: (inout PortRequest) -> Void = { _ in }) throws -> Port {
        let decision = try state.createPorts([portRequest(network, change)], in: context, using: &generator)
        return try #require(try commit(decision).first)
    }

    mutating func updatePort(
        _ id: ResourceID, ifMatch: Int? = nil, _ change: (inout PortRequest) -> Void
    ) throws -> Port {
        var request = PortRequest()
        change(&request)
        return try commit(state.updatePort(id, request, ifMatch: ifMatch, in: context, using: &generator))
    }

    mutating func dhcpPort(_ network: Network, host: String = "host-1") throws -> Port {
        try commit(state.reserveDHCPPort(network: network.id, host: host, in: context, using: &generator))
    }
}

/// Expects the body to be refused with Neutron's exception of that name and a message with that text.
func expectRefusal(
    _ type: String, _ text: String = "", kind: ModelError.Kind? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("not refused; expected \(type)", sourceLocation: sourceLocation)
    } catch let error as ModelError {
        #expect(error.type == type, "\(error)", sourceLocation: sourceLocation)
        #expect(text.isEmpty || error.message.contains(text), "\(error)", sourceLocation: sourceLocation)
        if let kind { #expect(error.kind == kind, sourceLocation: sourceLocation) }
    } catch {
        Issue.record(error, sourceLocation: sourceLocation)
    }
}

/// The address of a text; tests name only good ones.
func ip(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

/// The prefix of a text.
func prefix(_ text: String) throws -> IPPrefix { try #require(IPPrefix(text)) }

/// The range of two texts.
func range(_ first: String, _ last: String) throws -> AddressRange {
    let (first, last) = (try ip(first), try ip(last))
    return try #require(AddressRange(first, last))
}

extension Port {
    /// The port's addresses as texts.
    var addresses: [String] { fixedIPs.map(\.address.description) }
}
