/// On whose behalf a request is done.
public struct Caller: Hashable, Sendable {
    /// The project that the caller works in; empty where the token names none.
    public var projectID: String
    /// Who it is, where that is known.
    public var userID: String?
    /// What the caller may do, in the project or, for administrators, everywhere.
    public var roles: Roles

    /// The roles that policy knows; all others count for nothing.
    public struct Roles: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8

        public init(rawValue: UInt8) { self.rawValue = rawValue }

        /// Sees what belongs to the project.
        public static let reader = Roles(rawValue: 1)
        /// Changes what belongs to the project.
        public static let member = Roles(rawValue: 2)
        /// Looks after the project: its quota, the MAC addresses on its networks.
        public static let manager = Roles(rawValue: 4)
        /// Everything, in all projects.
        public static let admin = Roles(rawValue: 8)
        /// Another service of the cloud, as Nova is.
        public static let service = Roles(rawValue: 16)

        /// The roles that are named, in any case as oslo.policy compares them.
        public init(names: some Sequence<String>) {
            self = names.reduce(into: []) { roles, name in
                if let role = Self.byName[name.lowercased()] { roles.insert(role) }
            }
        }

        /// The roles together with those that Keystone makes them imply: an administrator is a manager,
        /// a manager a member, a member a reader.
        public var withImplied: Roles {
            var roles = self
            if roles.contains(.admin) { roles.insert(.manager) }
            if roles.contains(.manager) { roles.insert(.member) }
            if roles.contains(.member) { roles.insert(.reader) }
            return roles
        }

        private static let byName: [String: Roles] = [
            "reader": .reader, "member": .member, "manager": .manager, "admin": .admin, "service": .service,
        ]
    }

    public init(projectID: String, userID: String? = nil, roles: Roles) {
        self.projectID = projectID
        self.userID = userID
        self.roles = roles
    }

    /// Who calls what is open to all.
    static let nobody = Caller(projectID: "", roles: [])

    /// Whether the caller may see and do everything (Neutron's rule `context_is_admin`).
    public var isAdmin: Bool { roles.contains(.admin) }

    /// Whether the caller may create things for other projects, and sees those of all.
    var actsForAllProjects: Bool { !roles.isDisjoint(with: [.admin, .service]) }
}
