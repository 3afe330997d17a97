import NetworkModel
import NetworkStore

/// What handlers work with.
struct APIService: Sendable {
    let index: StateIndex
    let policy: ModelPolicy
    let clock: @Sendable () -> Timestamp
    let routes: RouteTable
    /// The description of the routes, as `/openapi.json` has it.
    let document: [UInt8]
    let parser: JSONParser
    /// What clients must send as X-Auth-Token; nil where anybody may call.
    let token: String?
    /// Who knows what clients of DHCP were told; nil where nobody does.
    let leases: (any LeaseSource)?

    init(
        index: StateIndex, policy: ModelPolicy, clock: @escaping @Sendable () -> Timestamp,
        extraRoutes: [ExtraRoute], parser: JSONParser, token: String?, leases: (any LeaseSource)?
    ) {
        self.index = index
        self.policy = policy
        self.clock = clock
        routes = apiRoutes(withLeases: leases != nil, extra: extraRoutes)
        document = OpenAPIDocument(routes.routes).bytes
        self.parser = parser
        self.token = token
        self.leases = leases
    }

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
        let (route, parameters): (Route, [String])
        do throws(APIError) {
            (route, parameters) = try routes.route(request.method, request.routedPath)
        } catch {
            // Who may not call is not told which paths there are.
            try authenticate(request)
            throw error
        }
        if !route.isOpen { try authenticate(request) }
        return try await route.handler(
            APICall(request: request, parameters: parameters, service: self, caller: try caller(request)))
    }

    /// Refuses a request that does not bear the token.
    private func authenticate(_ request: APIRequest) throws(APIError) {
        guard let token else { return }
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
}
