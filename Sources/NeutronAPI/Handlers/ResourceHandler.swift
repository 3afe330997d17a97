import NetworkModel
import NetworkStore

/// A decision of the model as a function, to be run again when others were faster.
typealias Decide<Value: Sendable> = @Sendable (NetworkState) throws(ModelError) -> Decision<Value>

/// The verbs of one kind of resource, over its attribute table and the model's decisions.
struct ResourceHandler<Resource: Sendable & Hashable & Identifiable, Request: Sendable>: Sendable
where Resource.ID == ResourceID {
    let table: ResourceTable<Resource, Request>
    /// Neutron's exception for an unknown one, as in `NetworkNotFound`, and its noun, as in `Network`.
    let notFoundType: String
    let noun: String
    /// Who sees it and may do what with it.
    let access: ResourceAccess<Resource>
    let newRequest: @Sendable () -> Request
    let find: @Sendable (NetworkState, ResourceID) -> Resource?
    let all: @Sendable (NetworkState) -> ListSource<Resource>
    /// The indexes that the hottest filters of a query can use in place of looking at all resources.
    let narrowing: Narrowing<Resource>
    /// Adds what answers to reads are written from, where the state alone does not do for these resources.
    var completing: @Sendable (Rendering, [Resource], APICall) async -> Rendering = { rendering, _, _ in
        rendering
    }
    let create: (@Sendable ([Request], DecisionContext) -> Decide<[Resource]>)?
    let update: @Sendable (ResourceID, Request, Int?, DecisionContext) -> Decide<Resource>
    let delete: @Sendable (ResourceID, Int?, DecisionContext) -> Decide<Void>

    /// Neutron's answer for an unknown identifier, which may be any text.
    func notFound(_ id: String) -> APIError {
        APIError(status: 404, type: notFoundType, message: "\(noun) \(id) could not be found.")
    }

    /// The verbs of the collection and of its members.
    var routes: [Route] {
        let (collection, member) = (table.collection, "\(table.collection)/{id}")
        let operations = ResourceOperations(table)
        let listing = Route("GET", collection, operations.list) { try await list($0) }
        var routes = [
            // Neutron lists its core only; that is what clients create.
            create == nil ? listing : listing.listed(as: table.name, collection),
            Route("GET", member, operations.show) { call in try await show(call.parameters[0], call) },
            Route("PUT", member, operations.update) { call in try await update(call.parameters[0], call) },
            Route("DELETE", member, operations.delete) { call in try await delete(call.parameters[0], call) },
        ]
        if let create {
            routes.insert(
                Route("POST", collection, operations.create) { try await make($0, by: create) }, at: 1)
        }
        return routes
    }

    private func list(_ call: APICall) async throws -> APIResponse {
        var rendering = call.rendering
        let (query, page) = try page(call.request, rendering)
        rendering = await completing(rendering, page, call)
        let rows = visible(rendering, fields: call.request.fields)
        return table.answer(page, rendering, as: rows) {
            query.writeLinks(to: page, call.request, table, &$0)
        }
    }

    /// The resources that the request asks for, of those that the caller sees.
    func page(
        _ request: APIRequest, _ rendering: Rendering
    ) throws(APIError) -> (query: ListQuery<Resource, Request>, resources: [Resource]) {
        let caller = rendering.caller
        let query = try ListQuery(
            request, table: table, longestPage: rendering.longestPage,
            shows: { access.showsAttribute($0, to: caller) }, notFound: notFound)
        let source =
            narrowing.source(
                rendering.state, request, ofProject: caller.actsForAllProjects ? nil : caller.projectID)
            ?? all(rendering.state)
        let page = try query.select(
            from: source, rendering, isVisible: access.visibility(rendering),
            find: { find(rendering.state, $0) }, notFound: notFound)
        return (query, page)
    }

    private func show(_ id: String, _ call: APICall) async throws -> APIResponse {
        var rendering = call.rendering
        guard let resource = parseUUID(id).flatMap({ find(rendering.state, $0) }) else {
            throw notFound(id)
        }
        try access.authorizeView(resource, rendering.caller, rendering.state, notFound: notFound(id))
        rendering = await completing(rendering, [resource], call)
        return answer(
            200, resource, rendering, visible(rendering, fields: call.request.fields, inDetail: true))
    }

    private func make(
        _ call: APICall, by create: @Sendable ([Request], DecisionContext) -> Decide<[Resource]>
    ) async throws -> APIResponse {
        let caller = call.caller
        let (parsed, isBulk) = try table.createRequests(from: try call.body(), caller, initial: newRequest)
        let state = call.service.index.present
        for item in parsed {
            try access.authorizeCreation(item.fields, owner: item.owner(caller), caller, state)
        }
        let made = try await call.service.index.perform(create(parsed.map(\.request), call.context))
        let rendering = call.rendering
        if !isBulk, let resource = made.first {
            // With the keys that a GET has: there are clients that compare the two.
            return answer(201, resource, rendering, visible(rendering, inDetail: true))
        }
        return table.answer(made, rendering, as: visible(rendering), status: 201)
    }

    private func update(_ id: String, _ call: APICall) async throws -> APIResponse {
        let revision = try call.request.revisionToMatch()
        // Neutron judges the body before it looks for the resource.
        let change = try table.updateRequest(from: try call.body(), call.caller, initial: newRequest())
        let state = call.service.index.present
        guard let known = parseUUID(id), let present = find(state, known) else { throw notFound(id) }
        try access.authorizeChange(present, change.fields, call.caller, state, notFound: notFound(id))
        let resource = try await call.service.index.perform(
            update(known, change.request, revision, call.context))
        let rendering = call.rendering
        return answer(200, resource, rendering, visible(rendering))
    }

    private func delete(_ id: String, _ call: APICall) async throws -> APIResponse {
        let state = call.service.index.present
        guard let known = parseUUID(id), let present = find(state, known) else { throw notFound(id) }
        try access.authorizeDeletion(present, call.caller, state, notFound: notFound(id))
        if !call.request.body.isEmpty {
            throw APIError.badRequest("Request body is not supported in DELETE.")
        }
        let revision = try call.request.revisionToMatch()
        try await call.service.index.perform(delete(known, revision, call.context))
        return APIResponse(status: 204)
    }

    /// What ``answer(_:_:)`` looks like.
    var shownList: Schema {
        .object(required: [(table.collection, .array(of: table.shown))], optional: [])
    }

    /// The answer that lists resources as they are, without the query's order and pages.
    func answer(_ resources: [Resource], _ rendering: Rendering) -> APIResponse {
        table.answer(resources, rendering, as: visible(rendering))
    }

    /// The rows of an answer that its reader may see.
    private func visible(
        _ rendering: Rendering, fields: [String] = [], inDetail: Bool = false
    ) -> [Attribute<Resource, Request>] {
        table.visible(fields: fields, inDetail: inDetail)
            .filter { access.showsAttribute($0.name, to: rendering.caller) }
    }

    private func answer(
        _ status: Int, _ resource: Resource, _ rendering: Rendering, _ rows: [Attribute<Resource, Request>]
    ) -> APIResponse {
        .json(status) { writer in
            writer.object { writer in
                writer.key(table.name)
                ResourceTable.write(resource, rendering, as: rows, to: &writer)
            }
        }
    }
}

extension APIRequest {
    /// The attributes that an answer is to be limited to; empty for all.
    var fields: [String] { values(of: "fields").filter { !$0.isEmpty } }
}
