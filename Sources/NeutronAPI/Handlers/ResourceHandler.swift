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
    let newRequest: @Sendable () -> Request
    let find: @Sendable (NetworkState, ResourceID) -> Resource?
    let all: @Sendable (NetworkState) -> [Resource]
    /// The few resources that the hottest filters of the query can select, from the state's indexes; nil
    /// where only looking at all of them helps. They are filtered like all others.
    let narrow: @Sendable (NetworkState, APIRequest) -> [Resource]?
    let create: (@Sendable ([Request], DecisionContext) -> Decide<[Resource]>)?
    let update: @Sendable (ResourceID, Request, Int?, DecisionContext) -> Decide<Resource>
    let delete: @Sendable (ResourceID, Int?, DecisionContext) -> Decide<Void>

    /// Neutron's answer for an unknown identifier, which may be any text.
    func notFound(_ id: String) -> APIError {
        APIError(status: 404, type: notFoundType, message: "\(noun) \(id) could not be found.")
    }

    func list(_ request: APIRequest, _ rendering: Rendering) throws(APIError) -> APIResponse {
        let query = try ListQuery(request, table: table, notFound: notFound)
        let candidates = narrow(rendering.state, request) ?? all(rendering.state)
        let selected = candidates.filter { query.selects($0, rendering) }
        let page = try query.page(of: query.sort(selected, rendering), notFound: notFound)
        let rows = table.visible(fields: request.fields)
        var writer = JSONWriter(capacity: 128 + page.count * rows.count * 48)
        writer.object { writer in
            writer.key(table.collection)
            writer.array(page) { resource, writer in
                ResourceTable.write(resource, rendering, as: rows, to: &writer)
            }
            query.writeLinks(to: page, request, collection: table.collection, &writer)
        }
        return APIResponse(status: 200, body: writer.bytes)
    }

    func show(_ id: String, _ request: APIRequest, _ rendering: Rendering) throws(APIError) -> APIResponse {
        guard let resource = parseUUID(id).flatMap({ find(rendering.state, $0) }) else {
            throw notFound(id)
        }
        return answer(200, resource, rendering, table.visible(fields: request.fields, inDetail: true))
    }

    func create(_ request: APIRequest, _ body: JSONValue?, _ service: APIService) async throws -> APIResponse
    {
        let caller = try service.caller(request)
        guard let create else { throw APIError.methodNotAllowed("POST", allowed: ["GET"]) }
        let (requests, isBulk) = try table.createRequests(
            from: body, projectID: caller.projectID, isAdmin: caller.isAdmin, initial: newRequest)
        let made = try await service.index.perform(create(requests, service.context(caller)))
        let rendering = service.rendering
        if !isBulk, let resource = made.first {
            return answer(201, resource, rendering, table.visible(fields: []))
        }
        let rows = table.visible(fields: [])
        var writer = JSONWriter(capacity: 64 + made.count * rows.count * 48)
        writer.object { writer in
            writer.key(table.collection)
            writer.array(made) { ResourceTable.write($0, rendering, as: rows, to: &$1) }
        }
        return APIResponse(status: 201, body: writer.bytes)
    }

    func update(
        _ id: String, _ request: APIRequest, _ body: JSONValue?, _ service: APIService
    ) async throws -> APIResponse {
        let caller = try service.caller(request)
        let revision = try request.revisionToMatch()
        // Neutron judges the body before it looks for the resource.
        let change = try table.updateRequest(from: body, isAdmin: caller.isAdmin, initial: newRequest())
        guard let known = parseUUID(id) else { throw notFound(id) }
        let resource = try await service.index.perform(
            update(known, change, revision, service.context(caller)))
        return answer(200, resource, service.rendering, table.visible(fields: []))
    }

    func delete(_ id: String, _ request: APIRequest, _ service: APIService) async throws -> APIResponse {
        if !request.body.isEmpty { throw APIError.badRequest("Request body is not supported in DELETE.") }
        let caller = try service.caller(request)
        let revision = try request.revisionToMatch()
        guard let known = parseUUID(id) else { throw notFound(id) }
        try await service.index.perform(delete(known, revision, service.context(caller)))
        return APIResponse(status: 204)
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
