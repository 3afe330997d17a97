import NetworkModel

/// A verb at a path, who answers there, and what the description of the API says of it. There is no other list of
/// what is served, so neither can be forgotten.
struct Route: Sendable {
    /// The verb in capitals.
    let method: String
    /// The parts of the whole path; one in braces matches anything: `["v2.0", "networks", "{id}"]`.
    let path: [String]
    let operation: Operation
    let handler: @Sendable (APICall) async throws -> APIResponse
    /// Whether anybody may call it, with or without credentials.
    private(set) var isOpen = false
    /// What policy calls the request, where it is judged before anything is looked at.
    private(set) var action: String?
    /// The names in the list of resources at `/v2.0/`, where the route is a collection that stands there.
    private(set) var resource: (name: String, collection: String)?

    /// Creates a route for a path under `/v2.0` such as `networks/{id}`, or for a whole one such as `/openapi.json`.
    init(
        _ method: String, _ path: String, _ operation: Operation,
        handler: @escaping @Sendable (APICall) async throws -> APIResponse
    ) {
        self.method = method
        let whole = path.hasPrefix("/") ? path.dropFirst() : "v2.0/\(path)"
        self.path =
            whole.isEmpty
            ? [] : whole.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        self.operation = operation
        self.handler = handler
        precondition(
            self.path.count { $0.hasPrefix("{") } == operation.path.count,
            "\(operation.id) needs a schema for each parameter of its path")
    }

    /// The route, for callers without credentials too.
    var open: Route {
        var route = self
        route.isOpen = true
        return route
    }

    /// The route, only for whom policy allows the action.
    func judged(as action: String) -> Route {
        var route = self
        route.action = action
        return route
    }

    /// The route, as a collection in the list of resources.
    func listed(as name: String, _ collection: String) -> Route {
        var route = self
        route.resource = (name, collection)
        return route
    }

    /// The path as OpenAPI writes it: `/v2.0/networks/{id}`.
    var template: String { "/" + path.joined(separator: "/") }
}

/// A request that found its route.
struct APICall: Sendable {
    let request: APIRequest
    /// What the parts of the path in braces stand for, in order.
    let parameters: [String]
    let service: APIService
    let caller: Caller

    /// The state as the caller may see it now.
    var rendering: Rendering { service.rendering(for: caller) }

    /// What decisions are made with.
    var context: DecisionContext { service.context(caller) }

    /// Refuses what policy does not allow the caller, where the target is nothing that has an owner.
    func enforce(_ action: String, _ target: PolicyTarget = PolicyTarget()) throws(APIError) {
        try Policy.enforce(action, caller, target)
    }

    /// The parsed body, or nil where there is none.
    func body() throws(APIError) -> JSONValue? { try service.body(of: request) }
}

/// All routes, to be found by path.
struct RouteTable: Sendable {
    /// In the order in which they were given.
    let routes: [Route]
    private var root = Node()

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        /// None or one.
        var parameter: [Node] = []
        var routes: [Route] = []
    }

    /// Of two routes for one verb and path the first one serves.
    init(_ routes: [Route]) {
        var kept: [Route] = []
        for route in routes where Self.insert(route, route.path[...], into: &root) { kept.append(route) }
        self.routes = kept
    }

    private static func insert(_ route: Route, _ path: ArraySlice<String>, into node: inout Node) -> Bool {
        guard let part = path.first else {
            guard !node.routes.contains(where: { $0.method == route.method }) else { return false }
            node.routes.append(route)
            return true
        }
        guard part.hasPrefix("{") else {
            return insert(route, path.dropFirst(), into: &node.literals[part, default: Node()])
        }
        if node.parameter.isEmpty { node.parameter.append(Node()) }
        return insert(route, path.dropFirst(), into: &node.parameter[0])
    }

    /// The route of a request, with what its parameters stand for; 404 for a path that leads nowhere, 405 for a
    /// verb that the path does not know.
    func route(_ method: String, _ path: [String]) throws(APIError) -> (route: Route, parameters: [String]) {
        var parameters: [String] = []
        var others: [String] = []
        if let route = Self.find(method, path[...], in: root, &parameters, &others) {
            return (route, parameters)
        }
        throw others.isEmpty ? .unknownPath : .methodNotAllowed(method, allowed: others)
    }

    /// The route of a path; a literal part goes before a parameter, unless its paths don't know the verb: a
    /// project may be called `project`.
    private static func find(
        _ method: String, _ path: ArraySlice<String>, in node: Node, _ parameters: inout [String],
        _ others: inout [String]
    ) -> Route? {
        guard let part = path.first else {
            if let route = node.routes.first(where: { $0.method == method }) { return route }
            // Of several paths that fit the description knows the most literal one.
            if others.isEmpty { others = node.routes.map(\.method) }
            return nil
        }
        if let next = node.literals[part],
            let found = find(method, path.dropFirst(), in: next, &parameters, &others)
        {
            return found
        }
        guard let next = node.parameter.first else { return nil }
        parameters.append(part)
        if let found = find(method, path.dropFirst(), in: next, &parameters, &others) { return found }
        parameters.removeLast()
        return nil
    }
}

extension APIRequest {
    /// The parts of the path as routes know them: under `/v2.0` without a final slash, and without the `.json`
    /// that clients of old append. A tag may end like that itself.
    var routedPath: [String] {
        guard path.first == "v2.0" else { return path }
        var path = path
        if path.count > 2, path[1] != "", path.last == "" { path.removeLast() }
        guard let last = path.last, last.hasSuffix(".json"), !(path.count == 5 && path[3] == "tags") else {
            return path
        }
        path[path.count - 1] = String(last.dropLast(5))
        return path
    }
}
