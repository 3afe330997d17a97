import NetworkModel
import NetworkStore

/// What handlers work with.
struct APIService: Sendable {
    let index: StateIndex
    let policy: ModelPolicy
    let clock: @Sendable () -> Timestamp
    let extraRoutes: [ExtraRoute]
    let parser: JSONParser
    /// What clients must send as X-Auth-Token; nil where anybody may call.
    let token: String?
    /// Who knows what clients of DHCP were told; nil where nobody does.
    let leases: (any LeaseSource)?

    /// The state as it stands now.
    func rendering(for caller: Caller) -> Rendering {
        Rendering(state: index.present, now: clock(), policy: policy)
    }

    /// On whose behalf the request is done.
    func caller(_ request: APIRequest) throws(APIError) -> Caller { try .withoutAuthentication(request) }

    /// What decisions are made with.
    func context(_ caller: Caller) -> DecisionContext {
        DecisionContext(projectID: caller.projectID, isAdmin: caller.isAdmin, now: clock(), policy: policy)
    }

    /// The answer to a request; it throws what ``APIError/of(_:)`` knows how to answer.
    func respond(to request: APIRequest) async throws -> APIResponse {
        try authenticate(request)
        guard request.path.first == "v2.0" else {
            if request.path.isEmpty && !extraRoutes.contains(where: { $0.matches(request.path) != nil }) {
                try request.require(["GET"])
                return Discovery.versions(request)
            }
            return try await respondByExtraRoute(to: request)
        }
        let path = request.routedPath
        guard let (route, parameters) = try apiRoutes.route(request.method, path) else {
            return try await respondByExtraRoute(to: request)
        }
        return try await route.handler(
            APICall(request: request, parameters: parameters, service: self, caller: try caller(request)))
    }

    /// Refuses a request to anything but the version document that does not bear the token.
    private func authenticate(_ request: APIRequest) throws(APIError) {
        guard let token, !request.path.isEmpty else { return }
        let given = Array((request.headers["x-auth-token"] ?? "").utf8)
        let wanted = Array(token.utf8)
        // As long for a token that is nearly right as for one that is not.
        var difference = given.count ^ wanted.count
        for index in wanted.indices where index < given.count {
            difference |= Int(given[index] ^ wanted[index])
        }
        guard difference == 0 else { throw .unauthorized }
    }

    /// The parsed body, or nil where there is none.
    func body(of request: APIRequest) throws(APIError) -> JSONValue? {
        if request.body.isEmpty { return nil }
        do throws(JSONError) {
            return try parser.parse(request.body)
        } catch {
            throw .badRequest("Body contains invalid data: \(error)")
        }
    }

    private func respondByExtraRoute(to request: APIRequest) async throws -> APIResponse {
        let found = extraRoutes.filter { $0.matches(request.path) != nil }
        guard !found.isEmpty else { throw APIError.unknownPath }
        guard let route = found.first(where: { $0.method == request.method }),
            let parameters = route.matches(request.path)
        else { throw APIError.methodNotAllowed(request.method, allowed: found.map(\.method)) }
        return try await route.handler(request, parameters)
    }
}

extension APIRequest {
    /// Refuses all verbs but these.
    func require(_ methods: [String]) throws(APIError) {
        guard methods.contains(method) else { throw .methodNotAllowed(method, allowed: methods) }
    }
}

/// A path beside Neutron's, added by whoever composes the server.
public struct ExtraRoute: Sendable {
    /// The verb in capitals.
    public let method: String
    /// The parts of the path; one in braces matches anything: `["leasehold", "networks", "{id}"]`.
    public let path: [String]
    /// Answers a request; the second argument holds what the parts in braces matched.
    ///
    /// A `ModelError` or `StoreError` becomes Neutron's error body; any other becomes a 500 whose cause
    /// goes to the log only.
    public let handler: @Sendable (APIRequest, [String: String]) async throws -> APIResponse

    /// Creates a route for a path such as `/leasehold/networks/{id}`.
    public init(
        _ method: String, _ path: String,
        handler: @escaping @Sendable (APIRequest, [String: String]) async throws -> APIResponse
    ) {
        self.method = method
        self.path = path.split(separator: "/").map(String.init)
        self.handler = handler
    }

    /// What the parts in braces stand for, or nil where the path is another.
    func matches(_ path: [String]) -> [String: String]? {
        guard path.count == self.path.count else { return nil }
        var parameters: [String: String] = [:]
        for (pattern, part) in zip(self.path, path) {
            if pattern.hasPrefix("{") && pattern.hasSuffix("}") {
                parameters[String(pattern.dropFirst().dropLast())] = part
            } else if pattern != part {
                return nil
            }
        }
        return parameters
    }
}
