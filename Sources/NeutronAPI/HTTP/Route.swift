import NetworkModel

/// A verb at a path under `/v2.0`, and who answers there.
struct Route: Sendable {
    /// The verb in capitals.
    let method: String
    /// The parts of the path after `v2.0/`; one in braces matches anything: `["networks", "{id}"]`.
    let path: [String]
    let handler: @Sendable (APICall) async throws -> APIResponse

    /// Creates a route for a path such as `networks/{id}`.
    init(_ method: String, _ path: String, handler: @escaping @Sendable (APICall) async throws -> APIResponse)
    {
        self.method = method
        self.path = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        self.handler = handler
    }

    /// What the parts in braces stand for, or nil where the path is another.
    func matches(_ parts: [String]) -> [String]? {
        guard parts.count == path.count else { return nil }
        var parameters: [String] = []
        for (pattern, part) in zip(path, parts) {
            if pattern.hasPrefix("{") { parameters.append(part) } else if pattern != part { return nil }
        }
        return parameters
    }
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

    /// The parsed body, or nil where there is none.
    func body() throws(APIError) -> JSONValue? { try service.body(of: request) }
}

/// All routes under `/v2.0`.
struct RouteTable: Sendable {
    let routes: [Route]
    /// The routes by the first part of their paths, which is never in braces.
    private let collections: [String: [Route]]

    init(_ routes: [Route]) {
        self.routes = routes
        collections = Dictionary(grouping: routes) { $0.path.first ?? "" }
    }

    /// The route of a request, with what its parameters stand for; nil for a path that leads nowhere, 405
    /// for a verb that the path does not know.
    func route(_ method: String, _ path: [String]) throws(APIError) -> (route: Route, parameters: [String])? {
        var allowed: [String] = []
        for route in collections[path.first ?? ""] ?? [] {
            guard let parameters = route.matches(path) else { continue }
            if route.method == method { return (route, parameters) }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        if allowed.isEmpty { return nil }
        throw .methodNotAllowed(method, allowed: allowed)
    }
}

extension APIRequest {
    /// The parts of the path after `v2.0` as routes know them: without a final slash, and without the
    /// `.json` that clients of old append. A tag may end like that itself.
    var routedPath: [String] {
        var path = Array(self.path.dropFirst())
        if path.count > 1, path.first != "", path.last == "" { path.removeLast() }
        guard let last = path.last, last.hasSuffix(".json"), !(path.count == 4 && path[2] == "tags") else {
            return path
        }
        path[path.count - 1] = String(last.dropLast(5))
        return path
    }
}
