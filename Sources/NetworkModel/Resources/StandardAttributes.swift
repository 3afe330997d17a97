/// A moment, in whole seconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable, Codable {
    /// Seconds since the epoch.
    public var secondsSinceEpoch: Int64

    /// Creates a moment from seconds since the epoch.
    public init(secondsSinceEpoch: Int64) { self.secondsSinceEpoch = secondsSinceEpoch }

    public static func < (a: Self, b: Self) -> Bool { a.secondsSinceEpoch < b.secondsSinceEpoch }
}

/// What every Neutron resource carries besides its own fields (the `standard-attr-*` extensions).
public struct StandardAttributes: Hashable, Sendable, Codable {
    /// The project that owns the resource (`project_id`, and `tenant_id` of old).
    public var projectID: String
    /// A name for people; not unique. At most 255 characters.
    public var name: String
    /// Free text. At most 255 characters.
    public var description: String
    /// At most 50 tags of at most 255 characters, without duplicates.
    public var tags: [String]
    /// When the resource was created.
    public var createdAt: Timestamp
    /// When the resource last changed.
    public var updatedAt: Timestamp
    /// How often the resource changed. A new one has 0, a new network or port 1, as in Neutron, which writes
    /// them twice.
    public var revisionNumber: Int

    /// Creates the attributes of a resource made at a moment.
    public init(
        projectID: String, name: String = "", description: String = "", tags: [String] = [],
        createdAt: Timestamp, updatedAt: Timestamp? = nil, revisionNumber: Int = 0
    ) {
        self.projectID = projectID
        self.name = name
        self.description = description
        self.tags = tags
        self.createdAt = createdAt
        self.updatedAt = updatedAt ?? createdAt
        self.revisionNumber = revisionNumber
    }
}
