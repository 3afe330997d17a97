/// Why a wiring cannot be made: something that is not ours is in the way, or something is missing
/// that we must not make. Compares by kind.
public struct PlanError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of obstacle it is.
    public enum Kind: String, Hashable, Sendable {
        /// A device of one of our names is something else.
        case foreignDevice
        /// A bridge that is not ours to make does not exist.
        case bridgeMissing
        /// The interface that should carry the bridge's frames does not exist.
        case uplinkMissing
        /// That interface is the port of another bridge.
        case uplinkTaken
        /// That interface has addresses, which would stop working as a bridge's port.
        case uplinkHasAddresses
    }

    public let kind: Kind
    /// The device it is about.
    public let object: String
    /// What was found.
    public let detail: String
    /// What the operator can do about it.
    public let remedy: String

    public init(_ kind: Kind, object: String, detail: String, remedy: String) {
        self.kind = kind
        self.object = object
        self.detail = detail
        self.remedy = remedy
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "\(object): \(detail); \(remedy)" }
}
