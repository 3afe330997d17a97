/// One secret that makes whoever sends it as `X-Auth-Token` an administrator; `X-Project-Id` says for whom.
public struct AdminToken: Authenticator {
    private let token: [UInt8]

    public init(_ token: String) { self.token = Array(token.utf8) }

    public func caller(for request: APIRequest) throws(AuthenticationFailure) -> Caller {
        guard isBorne(by: request) else { throw AuthenticationFailure(.unauthorized(challenge: nil)) }
        return try NoAuthentication.namedCaller(request)
    }

    /// Whether the request has the token.
    func isBorne(by request: APIRequest) -> Bool {
        isEqualInConstantTime(Array((request.headers["x-auth-token"] ?? "").utf8), token)
    }
}

/// Whether secrets are equal; it takes as long for one that is nearly right as for one that is not.
func isEqualInConstantTime(_ given: [UInt8], _ wanted: [UInt8]) -> Bool {
    var difference = given.count ^ wanted.count
    for index in wanted.indices where index < given.count {
        difference |= Int(given[index] ^ wanted[index])
    }
    return difference == 0
}
