/// A request that Neutron's rules refuse: a kind, Neutron's stable type name, and its message.
///
/// Errors compare by kind and type; the message is for people. `NeutronAPI` maps the kind to a status.
public struct ModelError: Error, Sendable, Hashable {
    /// What sort of refusal it is.
    public enum Kind: Hashable, Sendable {
        case badRequest, notAuthorized, forbidden, notFound, conflict, preconditionFailed
        case serviceUnavailable, notImplemented, internalError
    }

    public let kind: Kind
    /// Neutron's exception name, such as `NetworkNotFound`; clients match on it.
    public let type: String
    public let message: String

    public init(_ kind: Kind, _ type: String, _ message: String) {
        self.kind = kind
        self.type = type
        self.message = message
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind && a.type == b.type }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(type)
    }
}

extension ModelError: CustomStringConvertible {
    public var description: String { "\(type): \(message)" }
}
