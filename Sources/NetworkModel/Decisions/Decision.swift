/// What a request comes to under the model's rules: the answer, and the commit that makes it true.
///
/// The decision was made from one ``NetworkState``. Its commit carries the conditions under which it
/// still is right; if the store refuses it with a conflict or a claim, take the new state and decide again.
public struct Decision<Value: Sendable>: Sendable {
    /// The resources as they will be, or nothing.
    public var value: Value
    /// The changes with their conditions; see ``isNoChange``.
    public var commit: Commit

    public init(_ value: Value, commit: Commit = Commit()) {
        self.value = value
        self.commit = commit
    }

    /// Whether all is as it should be and there is nothing to commit.
    public var isNoChange: Bool { commit.puts.isEmpty && commit.deletes.isEmpty }
}

/// Who asks, when, and under which settings.
public struct DecisionContext: Sendable {
    /// The project of the caller; resources belong to it unless the request names another.
    public var projectID: String
    public var isAdmin: Bool
    /// Whether the caller may use what belongs to any project, as administrators and other services do.
    public var actsForAllProjects: Bool
    /// The moment that becomes `created_at` or `updated_at`.
    public var now: Timestamp
    public var policy: ModelPolicy

    /// Creates a context.
    ///
    /// - Parameter actsForAllProjects: nil for what administrators may.
    public init(
        projectID: String, isAdmin: Bool = true, actsForAllProjects: Bool? = nil, now: Timestamp,
        policy: ModelPolicy = ModelPolicy()
    ) {
        self.projectID = projectID
        self.isAdmin = isAdmin
        self.actsForAllProjects = actsForAllProjects ?? isAdmin
        self.now = now
        self.policy = policy
    }

    /// Whether the caller may have ports on the network.
    func admits(_ network: Network) -> Bool {
        actsForAllProjects || network.shared || network.standard.projectID == projectID
    }

    /// Whether the network and its subnets are there for the caller.
    func sees(_ network: Network) -> Bool { admits(network) || network.isExternal }
}
