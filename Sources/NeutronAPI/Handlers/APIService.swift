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
    /// How many resources a page of a list has at most; nil for no limit.
    let longestPage: Int?
    let authenticator: any Authenticator
    /// Who knows what clients of DHCP were told; nil where nobody does.
    let leases: (any LeaseSource)?

    init(
        index: StateIndex, policy: ModelPolicy, clock: @escaping @Sendable () -> Timestamp,
        extraRoutes: [ExtraRoute], parser: JSONParser, longestPage: Int?, authenticator: any Authenticator,
        leases: (any LeaseSource)?
    ) {
        self.index = index
        self.policy = policy
        self.clock = clock
        routes = apiRoutes(withLeases: leases != nil, extra: extraRoutes)
        document = OpenAPIDocument(routes.routes).bytes
        self.parser = parser
        self.longestPage = longestPage
        self.authenticator = authenticator
        self.leases = leases
    }

    /// The state as it stands now.
    func rendering(for caller: Caller) -> Rendering {
        Rendering(
            state: index.present, now: clock(), policy: policy, caller: caller, longestPage: longestPage)
    }

    /// What decisions are made with.
    func context(_ caller: Caller) -> DecisionContext {
        DecisionContext(
            projectID: caller.projectID, isAdmin: caller.isAdmin,
            actsForAllProjects: caller.actsForAllProjects, now: clock(), policy: policy)
    }

    /// The answer to a request; it throws what ``APIError/of(_:)`` knows how to answer.
    func respond(to request: APIRequest) async throws -> APIResponse {
        let (route, parameters): (Route, [String])
        do throws(APIError) {
            (route, parameters) = try routes.route(request.method, request.routedPath)
        } catch {
            // Who may not call is not told which paths there are.
            _ = try await caller(request)
            throw error
        }
        let caller = route.isOpen ? .nobody : try await caller(request)
        if let action = route.action { try Policy.enforce(action, caller) }
        return try await route.handler(
            APICall(request: request, parameters: parameters, service: self, caller: caller))
    }

    /// On whose behalf the request is done.
    private func caller(_ request: APIRequest) async throws(APIError) -> Caller {
        do throws(AuthenticationFailure) {
            return try await authenticator.caller(for: request)
        } catch {
            throw APIError(error)
        }
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
