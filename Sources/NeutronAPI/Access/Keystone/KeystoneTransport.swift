/// Something that carries requests to Keystone.
public protocol KeystoneTransport: Sendable {
    /// The answer, whatever its status.
    func send(_ request: KeystoneRequest) async throws(KeystoneUnreachable) -> KeystoneResponse
}

/// A request to Keystone, complete.
public struct KeystoneRequest: Hashable, Sendable {
    /// `GET` or `POST`.
    public var method: String
    public var url: String
    public var headers: [String: String]
    /// JSON, or nothing.
    public var body: [UInt8]?
}

/// What Keystone answered.
public struct KeystoneResponse: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// By their name in lower case.
    public var headers: [String: String]
    public var body: [UInt8]

    public init(status: Int, headers: [String: String] = [:], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Keystone did not answer.
public struct KeystoneUnreachable: Error, Hashable, Sendable {
    /// Why, as the end of a sentence.
    public var reason: String

    public init(_ reason: String) { self.reason = reason }
}
