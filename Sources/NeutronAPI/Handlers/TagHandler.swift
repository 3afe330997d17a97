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
        let operations = TagOperations(handler.table)
        return operations.ofAll.map { verb, operation in Route(verb, all, operation) { try await serve($0) } }
            + operations.ofOne.map { verb, operation in
                Route(verb, "\(all)/{tag}", operation) { try await serve($0) }
            }
    }

    private func serve(_ call: APICall) async throws -> APIResponse {
        let (request, service, id) = (call.request, call.service, call.parameters[0])
        let tag = call.parameters.count > 1 ? call.parameters[1] : nil
        guard let known = parseUUID(id), let resource = handler.find(service.index.present, known) else {
            throw APIError(
                status: 404, type: "TagResourceNotFound",
                message: "Resource \(handler.table.collection) \(id) could not be found.")
        }
        if let tag {
            _ = try refusingInput { () throws(InvalidValue) in
                try Validator<String>.string(max: 255).parse(.string(tag))
            }
            switch request.method {
            case "GET":
                try authorize("get", resource, call)
                guard tags(resource).contains(tag) else { throw unknown(tag) }
                return APIResponse(status: 204)
            case "PUT":
                try authorize("update", resource, call)
                try await change(known, call) { $0.contains(tag) ? $0 : $0 + [tag] }
                return APIResponse(status: 201)
            case "DELETE":
                try authorize("delete", resource, call)
                guard tags(resource).contains(tag) else { throw unknown(tag) }
                try await change(known, call) { $0.filter { $0 != tag } }
                return APIResponse(status: 204)
            default: throw APIError.methodNotAllowed(request.method, allowed: ["GET", "PUT", "DELETE"])
            }
        }
        switch request.method {
        case "GET":
            try authorize("get", resource, call)
            return answer(200, tags(resource))
        case "PUT":
            let wanted = try tags(in: try call.body())
            try authorize("update", resource, call)
            return answer(200, try await change(known, call) { _ in wanted })
        case "POST":
            // Neutron answers with what was asked for, not with what there is then.
            let added = try tags(in: try call.body())
            try authorize("create", resource, call)
            try await change(known, call) { old in old + added.filter { !old.contains($0) } }
            return answer(200, added)
        case "DELETE":
            try authorize("delete", resource, call)
            try await change(known, call) { _ in [] }
            return APIResponse(status: 204)
        default:
            throw APIError.methodNotAllowed(request.method, allowed: ["GET", "PUT", "POST", "DELETE"])
        }
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
            guard wanted.count <= maximumTags else {
                throw .badRequest(
                    handler.table.collection,
                    "The number of tags exceed the per-resource limit of \(maximumTags)")
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

/// `max_tags`.
private let maximumTags = 50

let networkTagHandler = TagHandler(
    handler: networkHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let subnetTagHandler = TagHandler(
    handler: subnetHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let portTagHandler = TagHandler(
    handler: portHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
let subnetPoolTagHandler = TagHandler(
    handler: subnetPoolHandler, tags: { $0.standard.tags }, set: { $0.tags = $1 })
