/// What a rule looks at: a resource, or one that is to be.
struct PolicyTarget: Hashable, Sendable {
    var projectID = ""
    /// The project of the resource's network, for subnets and ports.
    var networkProjectID: String?
    /// Whether it, or else its network, is shared with all projects.
    var isShared = false
    /// Whether it, or else its network, is external.
    var isExternal = false
    /// The device owner of a port.
    var deviceOwner = ""
}

/// Who may do something, in the words of Neutron's policies.
indirect enum PolicyRule: Sendable {
    /// Everybody with the role.
    case role(Caller.Roles)
    /// Whose project the target belongs to.
    case owner
    /// Whose project the target's network belongs to.
    case networkOwner
    case shared
    case external
    /// The target is a port whose device owner begins so.
    case device(String)
    case not(PolicyRule)
    case all([PolicyRule])
    case any([PolicyRule])

    func allows(_ caller: Caller, _ target: PolicyTarget) -> Bool {
        switch self {
        case .role(let role): caller.roles.isSuperset(of: role)
        case .owner: !caller.projectID.isEmpty && caller.projectID == target.projectID
        case .networkOwner: !caller.projectID.isEmpty && caller.projectID == target.networkProjectID
        case .shared: target.isShared
        case .external: target.isExternal
        case .device(let prefix): target.deviceOwner.hasPrefix(prefix)
        case .not(let rule): !rule.allows(caller, target)
        case .all(let rules): rules.allSatisfy { $0.allows(caller, target) }
        case .any(let rules): rules.contains { $0.allows(caller, target) }
        }
    }

    static let admin = PolicyRule.role(.admin)
    static let service = PolicyRule.role(.service)
    static let adminOrService = PolicyRule.any([admin, service])
    static let projectReader = PolicyRule.all([.role(.reader), .owner])
    static let projectMember = PolicyRule.all([.role(.member), .owner])
    static let projectManager = PolicyRule.all([.role(.manager), .owner])
    static let networkReader = PolicyRule.all([.role(.reader), .networkOwner])
    static let networkMember = PolicyRule.all([.role(.member), .networkOwner])
    static let networkManager = PolicyRule.all([.role(.manager), .networkOwner])
}
