import NetworkModel

/// A kind of resource of the API, with its words.
enum ResourceKind: String, Hashable, Sendable, CaseIterable {
    case network, subnet, port, agent
    case subnetPool = "subnetpool"

    /// The key of one in a body, and the noun for people.
    var singular: String { rawValue }
    /// The collection's path and key.
    var plural: String { rawValue + "s" }
    /// The field by which people know one.
    var nameField: String { self == .agent ? "host" : "name" }
}
