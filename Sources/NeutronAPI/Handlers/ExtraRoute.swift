/// A path beside Neutron's for administrators, added by whoever composes the server.
public struct ExtraRoute: Sendable {
    let route: Route

    /// Creates a route for a path such as `/leasehold/networks/{id}`.
    ///
    /// - Parameters:
    ///   - method: the verb in capitals.
    ///   - path: the whole path; a part in braces matches anything.
    ///   - id: what the API's description names it by, unique: `show_served_network`.
    ///   - summary: what it does, in a sentence.
    ///   - parameters: what the parts in braces look like, in order.
    ///   - answer: what the JSON of a 200 looks like.
    ///   - refusals: the statuses of refusals, beside 400, 401 and 403.
    ///   - handler: answers a request; the second argument holds what the parts in braces matched, in order. A
    ///     `ModelError` or `StoreError` becomes Neutron's error body; any other becomes a 500 whose cause goes to
    ///     the log only.
    public init(
        _ method: String, _ path: String, id: String, summary: String, parameters: [Schema] = [],
        answer: Schema, refusals: [Int] = [],
        handler: @escaping @Sendable (APIRequest, [String]) async throws -> APIResponse
    ) {
        route = Route(
            method, path,
            Operation(id, summary, path: parameters, answer: .ok(answer), refusals: refusals)
        ) { call in try await handler(call.request, call.parameters) }
        .judged(as: "get_leasehold_status")
    }
}
