/// What a project may have only so many of.
public enum QuotaResource: String, Hashable, Sendable, CodingKey, CaseIterable {
    case network, port, subnet, subnetpool
    // Clients set limits of these with the others; there are none of them here.
    case floatingIP = "floatingip"
    case rbacPolicy = "rbac_policy"
    case router
    case securityGroup = "security_group"
    case securityGroupRule = "security_group_rule"

    /// The kinds of which there are any.
    public static let existing: [QuotaResource] = [.network, .port, .subnet, .subnetpool]
}

/// How many resources of each kind there are.
public struct ResourceCounts: Hashable, Sendable {
    private var networks = 0
    private var ports = 0
    private var subnets = 0
    private var subnetPools = 0

    /// Nothing of any kind.
    public init() {}

    public subscript(resource: QuotaResource) -> Int {
        get {
            switch resource {
            case .network: networks
            case .port: ports
            case .subnet: subnets
            case .subnetpool: subnetPools
            case .floatingIP, .rbacPolicy, .router, .securityGroup, .securityGroupRule: 0
            }
        }
        set {
            switch resource {
            case .network: networks = newValue
            case .port: ports = newValue
            case .subnet: subnets = newValue
            case .subnetpool: subnetPools = newValue
            case .floatingIP, .rbacPolicy, .router, .securityGroup, .securityGroupRule: break
            }
        }
    }

    /// Whether there is nothing of any kind.
    public var isZero: Bool { self == ResourceCounts() }
}

/// The limits that an operator set for one project (Neutron's `quota`); the others are the defaults of
/// ``ModelPolicy/defaultQuotas``.
public struct ProjectQuota: Hashable, Sendable, Identifiable {
    public let projectID: String
    /// The most that the project may have; -1 for no limit.
    public var limits: [QuotaResource: Int]

    public init(projectID: String, limits: [QuotaResource: Int]) {
        self.projectID = projectID
        self.limits = limits
    }

    /// The name under which the store has it, made of the project.
    public var id: ResourceID {
        .nameBased(projectID, in: ResourceID(rawValue: 0x3c5e_9a41_8d07_4f6b_a2c8_51d0_7be4_96f3))
    }
}

extension ProjectQuota: Codable {
    private enum CodingKeys: CodingKey {
        case limits, projectID
    }

    /// Reads an object of limits; what a later version limits as well is left out.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let limits = try container.nestedContainer(keyedBy: QuotaResource.self, forKey: .limits)
        self.init(projectID: try container.decode(String.self, forKey: .projectID), limits: [:])
        for resource in QuotaResource.allCases {
            self.limits[resource] = try limits.decodeIfPresent(Int.self, forKey: resource)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(projectID, forKey: .projectID)
        var object = container.nestedContainer(keyedBy: QuotaResource.self, forKey: .limits)
        for (resource, limit) in limits { try object.encode(limit, forKey: resource) }
    }
}
