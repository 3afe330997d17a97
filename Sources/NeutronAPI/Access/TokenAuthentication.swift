import Locks
public import NetworkModel

/// `auth_strategy = token`: who sends a token of the file as `X-Auth-Token` is whom it was made for.
///
/// The file is looked at for each request, so that a token counts from when it is made until it is revoked.
public final class TokenAuthentication: Authenticator {
    private let file: TokenFile
    private let adminToken: AdminToken?
    private let clock: @Sendable () -> Timestamp
    private let known = Mutex(Known())

    private struct Known {
        var version: TokenFile.Version?
        var tokens: [APIToken] = []
    }

    /// Creates it.
    ///
    /// - Parameter adminToken: one more token, which makes its bearer an administrator.
    public init(
        file: TokenFile, adminToken: AdminToken? = nil, clock: @escaping @Sendable () -> Timestamp
    ) {
        self.file = file
        self.adminToken = adminToken
        self.clock = clock
    }

    public func caller(for request: APIRequest) throws(AuthenticationFailure) -> Caller {
        guard let text = request.headers["x-auth-token"], !text.isEmpty else {
            throw AuthenticationFailure(.unauthorized(challenge: nil))
        }
        if let adminToken, adminToken.isBorne(by: request) { return try adminToken.caller(for: request) }
        let digest = sha256(text.utf8)
        // All are compared, and each in full.
        var found: APIToken?
        for token in try tokens() where isEqualInConstantTime(digest, token.digest) { found = token }
        guard let found else { throw AuthenticationFailure(.unauthorized(challenge: nil)) }
        if let end = found.expiresAt, end <= clock() {
            throw AuthenticationFailure(.unauthorized(challenge: nil))
        }
        return Caller(
            projectID: found.projectID, userID: found.id.description, roles: found.role.roles)
    }

    /// The tokens of the file as it is now; nobody gets in while it cannot be trusted.
    private func tokens() throws(AuthenticationFailure) -> [APIToken] {
        do throws(TokenFile.Failure) {
            let version = try file.version()
            if let tokens = known.withLock({ $0.version == version ? $0.tokens : nil }) { return tokens }
            let (tokens, read) = try file.read()
            known.withLock { $0 = Known(version: read, tokens: tokens) }
            return tokens
        } catch {
            throw AuthenticationFailure(.unavailable, logged: error.description)
        }
    }
}
