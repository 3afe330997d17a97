public import NetworkModel

/// `auth_strategy = keystone`: Keystone says whose the token in `X-Auth-Token` is, as it does for Neutron.
public actor KeystoneAuthentication: Authenticator {
    private let configuration: KeystoneConfiguration
    private let client: KeystoneClient
    private let clock: @Sendable () -> Timestamp
    private var cache = VerdictCache(capacity: 10_000)
    /// The questions that are under way, each asked once for all who wait for the answer.
    private var questions: [[UInt8]: Task<KeystoneToken?, any Error>] = [:]

    /// Seconds for which a token that Keystone does not know is refused without asking again: long enough
    /// against a client that tries and tries, short enough for one whose token was not everywhere yet.
    private static let refusalTime: Int64 = 10

    /// Bytes of a token; Keystone's have some 250, those of old a few thousand.
    private static let longestToken = 8192

    /// How many questions may be under way at a time: who sends many tokens shall not make us drown Keystone.
    static let maximumQuestions = 256

    /// Creates it; Keystone is asked when the first token comes.
    public init(
        _ configuration: KeystoneConfiguration, transport: any KeystoneTransport,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.clock = clock
        client = KeystoneClient(configuration, transport, clock: clock)
    }

    public func caller(for request: APIRequest) async throws(AuthenticationFailure) -> Caller {
        guard let text = request.headers["x-auth-token"], !text.isEmpty else { throw unauthorized }
        let isFromService = try await isFromService(request)
        guard let token = try await token(text, allowingExpired: isFromService) else { throw unauthorized }
        // A service may finish what began while the token was good.
        guard isFromService || token.expiresAt > clock() else { throw unauthorized }
        // Everything here belongs to a project, so that nothing is for a token of the system, a domain or nobody.
        guard !token.caller.projectID.isEmpty else { throw AuthenticationFailure(.withoutProject) }
        return token.caller
    }

    /// Whether another service asks on a user's behalf (`X-Service-Token`).
    private func isFromService(_ request: APIRequest) async throws(AuthenticationFailure) -> Bool {
        guard let text = request.headers["x-service-token"], !text.isEmpty else { return false }
        guard let token = try await token(text, allowingExpired: false), token.expiresAt > clock() else {
            throw unauthorized
        }
        if configuration.serviceTokenRoles.contains(where: { token.roles.contains($0.lowercased()) }) {
            return true
        }
        if configuration.serviceTokenRolesRequired { throw unauthorized }
        return false
    }

    /// What is known of the token, from Keystone or from a moment ago.
    private func token(
        _ text: String, allowingExpired: Bool
    ) async throws(AuthenticationFailure) -> KeystoneToken? {
        guard Self.canBeToken(text) else { return nil }
        // The text itself is kept nowhere. What a service may use must not be found by who is none.
        let digest = sha256(text.utf8) + (allowingExpired ? [1] : [])
        if let known = cache.verdict(digest, at: clock()) { return known.token }
        do {
            if let question = questions[digest] { return try await question.value }
            guard questions.count < Self.maximumQuestions else {
                throw AuthenticationFailure(
                    .unavailable, logged: "\(Self.maximumQuestions) questions to Keystone wait for an answer")
            }
            // Unstructured, since many requests wait for it and any of them may be cancelled.
            let question = Task { try await client.validate(text, allowingExpired: allowingExpired) }
            questions[digest] = question
            defer { questions[digest] = nil }
            let token = try await question.value
            remember(token, digest)
            return token
        } catch let error as AuthenticationFailure {
            throw error
        } catch let error as KeystoneClient.Failure {
            throw AuthenticationFailure(.unavailable, logged: error.description)
        } catch {
            throw AuthenticationFailure(.unavailable, logged: String(describing: error))
        }
    }

    /// Whether Keystone could have made the text: it goes into a header of the question.
    private static func canBeToken(_ text: String) -> Bool {
        text.utf8.count <= longestToken && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private func remember(_ token: KeystoneToken?, _ digest: [UInt8]) {
        var seconds = Int64(configuration.tokenCacheTime)
        if token == nil { seconds = min(seconds, Self.refusalTime) }
        guard seconds > 0 else { return }
        let end = Timestamp(secondsSinceEpoch: clock().secondsSinceEpoch + seconds)
        cache.insert(.init(token: token, expiresAt: end), digest)
    }

    private var unauthorized: AuthenticationFailure {
        AuthenticationFailure(.unauthorized(challenge: configuration.challenge))
    }
}
