import NetworkModel
import NetworkStore

/// `/v2.0/<collection>/<id>/tags[/<tag>]` of one kind of resource.
struct TagHandler<Resource: Sendable & Hashable & Identifiable, Request: Sendable>: Sendable
where Resource.ID == ResourceID {
    let handler: ResourceHandler<Resource, Request>
    let tags: @Sendable (Resource) -> [String]
    let set: @Sendable (inout Request, [String]) -> Void

    /// The verbs of all tags and of one.
    var routes: [Route] {
        let all = "\(handler.table.collection)/{id}/tags"
        let one = "\(all)/{tag}"
        let operations = TagOperations(handler.table)
        return [
            Route("GET", all, operations.list) { call in
                let (_, resource) = try found(call)
                try authorize("get", resource, call)
                return answer(200, tags(resource))
            },
            Route("PUT", all, operations.replace) { call in
                let (id, resource) = try found(call)
                let wanted = try tags(in: try call.body())
                try authorize("update", resource, call)
                return answer(200, try await change(id, call) { _ in wanted })
            },
            Route("POST", all, operations.add) { call in
                // Neutron answers with what was asked for, not with what there is then.
                let (id, resource) = try found(call)
                let added = try tags(in: try call.body())
                try authorize("create", resource, call)
                try await change(id, call) { old in old + added.filter { !old.contains($0) } }
                return answer(200, added)
            },
            Route("DELETE", all, operations.removeAll) { call in
                let (id, resource) = try found(call)
                try authorize("delete", resource, call)
                try await change(id, call) { _ in [] }
                return APIResponse(status: 204)
            },
            Route("GET", one, operations.show) { call in
                let (_, resource, tag) = try foundTag(call)
                try authorize("get", resource, call)
                guard tags(resource).contains(tag) else { throw unknown(tag) }
                return APIResponse(status: 204)
            },
            Route("PUT", one, operations.addOne) { call in
                let (id, resource, tag) = try foundTag(call)
                try authorize("update", resource, call)
                try await change(id, call) { $0.contains(tag) ? $0 : $0 + [tag] }
                return APIResponse(status: 201)
            },
            Route("DELETE", one, operations.removeOne) { call in
                let (id, resource, tag) = try foundTag(call)
                try authorize("delete", resource, call)
                guard tags(resource).contains(tag) else { throw unknown(tag) }
                try await change(id, call) { $0.filter { $0 != tag } }
                return APIResponse(status: 204)
            },
        ]
    }

    /// The resource that the path names.
    private func found(_ call: APICall) throws(APIError) -> (id: ResourceID, resource: Resource) {
        let text = call.parameters[0]
        guard let id = parseUUID(text), let resource = handler.find(call.service.index.present, id) else {
            throw APIError(
                status: 404, type: "TagResourceNotFound",
                message: "Resource \(handler.table.collection) \(text) could not be found.")
        }
        return (id, resource)
    }

    /// The resource and the tag that the path names.
    private func foundTag(
        _ call: APICall
    ) throws(APIError) -> (id: ResourceID, resource: Resource, tag: String) {
        let (id, resource) = try found(call)
        let tag = try refusingInput { () throws(InvalidValue) in
            try Validator<String>.string(max: 255).parse(.string(call.parameters[1]))
        }
        return (id, resource, tag)
    }

    /// Neutron finds the resource for everybody, and then refuses with 403.
    private func authorize(_ verb: String, _ resource: Resource, _ call: APICall) throws(APIError) {
        try Policy.enforce(
            "\(verb)_\(handler.access.name):tags", call.caller,
            handler.access.target(resource, call.service.index.present))
    }

    /// Changes the tags as they stand when the change is committed.
    @discardableResult
    private func change(
        _ id: ResourceID, _ call: APICall,
        _ edit: @escaping @Sendable ([String]) -> [String]
    ) async throws -> [String] {
        let context = call.context
        let revision = try call.request.revisionToMatch()
        let resource = try await call.service.index.perform { (state) throws(ModelError) in
            var change = handler.newRequest()
            let wanted = edit(handler.find(state, id).map(tags) ?? [])
            guard wanted.count <= StandardAttributes.mostTags else {
                throw .badRequest(
                    handler.table.collection,
                    "The number of tags exceed the per-resource limit of \(StandardAttributes.mostTags)")
            }
            set(&change, wanted)
            return try handler.update(id, change, revision, context)(state)
        }
        return tags(resource)
    }

    private func tags(in body: JSONValue?) throws(APIError) -> [String] {
        guard let tags = body?["tags"] else { throw APIError(ModelError.invalidInput("Invalid tags body")) }
        return try refusingInput { () throws(InvalidValue) in
            try Validator<[String]>.tags.parse(tags)
        }
    }

    private func unknown(_ tag: String) -> APIError {
        APIError(status: 404, type: "TagNotFound", message: "Tag \(tag) could not be found.")
    }

    private func answer(_ status: Int, _ tags: [String]) -> APIResponse {
        .json(status) { writer in
            writer.object { writer in
                writer.key("tags")
                writer.array(tags) { $1.string($0) }
            }
        }
    }
}

extension Validator where Value == [String] {
    /// The tags of a resource.
    static let tags = list(of: .string(max: 255))
}

/// Reads a value that is no attribute of a resource.
private func refusingInput<Value>(_ parse: () throws(InvalidValue) -> Value) throws(APIError) -> Value {
    do throws(InvalidValue) {
        return try parse()
    } catch {
        throw error.apiError { APIError(ModelError.invalidInput($0)) }
    }
}

let networkTagHandler = TagHandler(
    handler: networkHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let subnetTagHandler = TagHandler(
    handler: subnetHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let portTagHandler = TagHandler(
    handler: portHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let subnetPoolTagHandler = TagHandler(
    handler: subnetPoolHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
