import NetworkModel

/// Keystone's API as far as it takes to judge tokens, with the service's own token.
actor KeystoneClient {
    private let configuration: KeystoneConfiguration
    private let transport: any KeystoneTransport
    private let clock: @Sendable () -> Timestamp
    private var own: OwnToken?
    /// The request for a token of one's own that is under way.
    private var renewal: Task<OwnToken, any Error>?

    private struct OwnToken: Sendable {
        let text: String
        let expiresAt: Timestamp
    }

    /// Why Keystone gave no verdict; for the log.
    struct Failure: Error, Hashable, CustomStringConvertible {
        let description: String
    }

    init(
        _ configuration: KeystoneConfiguration, _ transport: any KeystoneTransport,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
    }

    /// What Keystone says of the token; nil where it knows none, or no more.
    func validate(_ token: String, allowingExpired: Bool = false) async throws -> KeystoneToken? {
        let path = allowingExpired ? "auth/tokens?allow_expired=1&nocatalog" : "auth/tokens?nocatalog"
        for attempt in 0..<2 {
            let own = try await ownToken()
            let answer = try await send(
                KeystoneRequest(
                    method: "GET", url: configuration.url(path),
                    headers: [
                        "Accept": "application/json", "X-Auth-Token": own, "X-Subject-Token": token,
                    ]))
            switch answer.status {
            case 200:
                guard let token = KeystoneToken(answer.body) else {
                    throw Failure(
                        description: "what answers at \(configuration.authURL) is no Keystone of version 3")
                }
                return token
            case 404: return nil
            case 401 where attempt == 0:
                // The service's own token was revoked, or Keystone has changed its keys.
                self.own = nil
            case 401, 403:
                throw Failure(
                    description:
                        "Keystone does not let \(identity) validate tokens (status \(answer.status)): give it the role service or admin in its project"
                )
            default:
                throw Failure(
                    description:
                        "Keystone at \(configuration.authURL) answered \(answer.status) to the validation of a token"
                )
            }
        }
        return nil
    }

    /// The service's own token, renewed before it expires.
    private func ownToken() async throws -> String {
        // Well before the end, so that it lasts for the request.
        if let own, own.expiresAt.secondsSinceEpoch > clock().secondsSinceEpoch + 30 { return own.text }
        if let renewal { return try await renewal.value.text }
        // Unstructured, since many requests wait for it and any of them may be cancelled.
        let task = Task { try await fetchToken() }
        renewal = task
        defer { renewal = nil }
        let token = try await task.value
        own = token
        return token.text
    }

    private func fetchToken() async throws -> OwnToken {
        let answer = try await send(
            KeystoneRequest(
                method: "POST", url: configuration.url("auth/tokens?nocatalog"),
                headers: ["Accept": "application/json", "Content-Type": "application/json"],
                body: configuration.authentication))
        guard answer.status == 201 else {
            let hint =
                answer.status == 401
                ? "refuses the credentials of \(identity): look at [keystone_authtoken] username, password, project_name and the domains"
                : "answered \(answer.status) to the request for a token; is auth_url right?"
            throw Failure(description: "Keystone at \(configuration.authURL) \(hint)")
        }
        guard let text = answer.headers["x-subject-token"], let token = KeystoneToken(answer.body) else {
            throw Failure(
                description: "what answers at \(configuration.authURL) is no Keystone of version 3")
        }
        return OwnToken(text: text, expiresAt: token.expiresAt)
    }

    /// Sends it again while Keystone does not answer, or answers that it cannot.
    private func send(_ request: KeystoneRequest) async throws -> KeystoneResponse {
        var reason = ""
        for attempt in 0...max(configuration.retries, 0) {
            if attempt > 0 { try await Task.sleep(for: .milliseconds(100 << min(attempt, 5))) }
            do throws(KeystoneUnreachable) {
                let answer = try await transport.send(request)
                guard answer.status >= 500 else { return answer }
                reason = "it answers \(answer.status)"
            } catch {
                reason = error.reason
            }
        }
        throw Failure(description: "Keystone at \(configuration.authURL) cannot be reached: \(reason)")
    }

    /// Who the service is, for messages.
    private nonisolated var identity: String {
        switch configuration.authType {
        case .password: "the user '\(configuration.username)'"
        case .applicationCredential:
            "the application credential '\(configuration.applicationCredentialID)'"
        }
    }
}

extension KeystoneConfiguration {
    /// The body of the request for a token of one's own.
    fileprivate var authentication: [UInt8] {
        func object(_ members: (String, JSONValue)...) -> JSONValue {
            .object(JSONObject(members: members.map { .init(key: $0, value: $1) }))
        }
        func domain(_ domain: Domain) -> JSONValue {
            domain.id.isEmpty ? object(("name", .string(domain.name))) : object(("id", .string(domain.id)))
        }
        let auth: JSONValue
        switch authType {
        case .password:
            let user = object(
                ("name", .string(username)), ("domain", domain(userDomain)), ("password", .string(password)))
            let project =
                projectID.isEmpty
                ? object(("name", .string(projectName)), ("domain", domain(projectDomain)))
                : object(("id", .string(projectID)))
            auth = object(
                (
                    "identity",
                    object(
                        ("methods", .array([.string("password")])), ("password", object(("user", user))))
                ), ("scope", object(("project", project))))
        case .applicationCredential:
            let credential = object(
                ("id", .string(applicationCredentialID)), ("secret", .string(applicationCredentialSecret)))
            auth = object(
                (
                    "identity",
                    object(
                        ("methods", .array([.string("application_credential")])),
                        ("application_credential", credential))
                ))
        }
        var writer = JSONWriter()
        writer.value(object(("auth", auth)))
        return writer.bytes
    }
}
