public import Addressing

/// A stored resource of any kind.
public enum Record: Hashable, Sendable {
    case network(Network)
    case subnet(Subnet)
    case port(Port)
    case agent(Agent)
    case subnetPool(SubnetPool)
    case quota(ProjectQuota)

    /// The key under which the record is stored.
    public var key: RecordKey {
        switch self {
        case .network(let network): .network(network.id)
        case .subnet(let subnet): .subnet(subnet.id)
        case .port(let port): .port(port.id)
        case .agent(let agent): .agent(agent.id)
        case .subnetPool(let pool): .subnetPool(pool.id)
        case .quota(let quota): .quota(quota.id)
        }
    }

    /// What nobody else may hold while this record exists.
    public var claims: [Claim] {
        switch self {
        case .network(let network):
            guard network.segment.type != .local else { return [] }
            return [.segment(network.segment)]
        case .subnet, .quota: return []
        case .port(let port):
            return [.mac(port.macAddress, network: port.networkID)]
                + port.fixedIPs.map { .address($0.address, subnet: $0.subnetID) }
        case .agent(let agent): return [.agent(type: agent.agentType, host: agent.host)]
        case .subnetPool(let pool): return pool.isDefault ? [.defaultSubnetPool(pool.ipVersion)] : []
        }
    }

    /// What the record counts as, and against whose quota; nil for what no quota limits.
    public var quotaShare: (resource: QuotaResource, projectID: String)? {
        switch self {
        case .network(let network): (.network, network.standard.projectID)
        case .subnet(let subnet): (.subnet, subnet.standard.projectID)
        case .port(let port): (.port, port.standard.projectID)
        case .subnetPool(let pool): (.subnetpool, pool.standard.projectID)
        case .agent, .quota: nil
        }
    }
}

/// The name of a stored resource.
public enum RecordKey: Hashable, Sendable {
    case network(ResourceID)
    case subnet(ResourceID)
    case port(ResourceID)
    case agent(ResourceID)
    case subnetPool(ResourceID)
    /// By ``ProjectQuota/id``.
    case quota(ResourceID)

    /// The identifier of the resource.
    public var id: ResourceID {
        switch self {
        case .network(let id), .subnet(let id), .port(let id), .agent(let id), .subnetPool(let id),
            .quota(let id):
            id
        }
    }
}

/// Something that only one record may hold: uniqueness as the store enforces it.
public enum Claim: Hashable, Sendable {
    case address(IPAddress, subnet: ResourceID)
    case mac(MACAddress, network: ResourceID)
    case segment(NetworkSegment)
    case agent(type: String, host: String)
    /// To be what `use_default_subnetpool` means for the version.
    case defaultSubnetPool(IPVersion)
}

/// A position in the store's history; every commit makes the next one. 0 is the empty store.
public struct Revision: Hashable, Comparable, Sendable, Codable {
    public var rawValue: Int64

    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// Records that belong together, for "nothing was added here since I looked".
public enum Scope: Hashable, Sendable {
    case subnets(network: ResourceID)
    case ports(network: ResourceID)
    /// The ports with an address on the subnet.
    case addresses(subnet: ResourceID)
    /// The subnets that were cut from the pool.
    case blocks(subnetPool: ResourceID)
}

/// What must still hold for a commit to go through; maps to a compare of a key-value store.
public enum Condition: Hashable, Sendable {
    /// The record exists and last changed at this revision.
    case unchanged(RecordKey, Revision)
    /// The record exists, in whatever version.
    case exists(RecordKey)
    /// There is no such record.
    case absent(RecordKey)
    /// No record of the scope was created or changed after the revision.
    case quiet(Scope, since: Revision)
    /// The project has at most so many of the resource. Unlike a scope that must be quiet this lets others
    /// create as well, as long as there is room for all; a key-value store compares a counter.
    case atMost(Int, QuotaResource, project: String)
}

/// Changes that take effect together or not at all, if their conditions hold.
public struct Commit: Hashable, Sendable {
    public var conditions: [Condition]
    public var puts: [Record]
    public var deletes: [RecordKey]

    public init(conditions: [Condition] = [], puts: [Record] = [], deletes: [RecordKey] = []) {
        self.conditions = conditions
        self.puts = puts
        self.deletes = deletes
    }
}

/// What one commit did, as watchers see it.
public struct ChangeSet: Hashable, Sendable {
    /// The revision that the commit made.
    public var revision: Revision
    public var puts: [Record]
    public var deletes: [RecordKey]

    public init(revision: Revision, puts: [Record], deletes: [RecordKey]) {
        self.revision = revision
        self.puts = puts
        self.deletes = deletes
    }
}

/// A value with the revision at which the store last changed it.
public struct Versioned<Value: Sendable & Hashable>: Hashable, Sendable {
    public var value: Value
    public var revision: Revision

    public init(_ value: Value, at revision: Revision) {
        self.value = value
        self.revision = revision
    }
}
