import NetworkModel

/// A request with the fields that it was made from: policy looks at those.
struct ParsedRequest<Request: Sendable>: Sendable {
    let request: Request
    let fields: JSONObject

    /// The project that a new resource would belong to.
    func owner(_ caller: Caller) -> String {
        (fields["project_id"] ?? fields["tenant_id"])?.string ?? caller.projectID
    }
}

extension ResourceTable where Request: Sendable {
    /// The requests of a POST: one under the resource's name, or many under the collection's.
    func createRequests(
        from body: JSONValue?, _ caller: Caller, initial: @Sendable () -> Request
    ) throws(APIError) -> (requests: [ParsedRequest<Request>], isBulk: Bool) {
        let object = try envelope(body)
        guard let items = object[collection] else {
            return ([try createRequest(try resource(in: object), caller, initial())], false)
        }
        guard case .array(let elements) = items, !elements.isEmpty else {
            throw items == .array([]) || items == .null || items.isEmptyObject
                ? .badRequest("Resources required")
                : .badRequest("Object '\(name)' contains invalid data")
        }
        var requests: [ParsedRequest<Request>] = []
        for element in elements {
            // Neutron takes each item with or without its own envelope.
            guard case .object(let item) = element else { throw .badRequest("Body contains invalid data") }
            let inner = item[name] == nil ? item : try resource(in: item)
            requests.append(try createRequest(inner, caller, initial()))
        }
        return (requests, true)
    }

    /// The request of a PUT.
    func updateRequest(
        from body: JSONValue?, _ caller: Caller, initial: Request
    ) throws(APIError) -> ParsedRequest<Request> {
        let object = try envelope(body)
        if object[name] == nil, object[collection] != nil {
            throw .badRequest("Bulk operation not supported")
        }
        let fields = try resource(in: object)
        try checkProject(fields, caller)
        try checkNames(fields)
        for row in attributes where fields[row.name] != nil && !row.put {
            throw .badRequest("Cannot update read-only attribute \(row.name)")
        }
        return ParsedRequest(request: try fill(initial, from: fields), fields: fields)
    }

    private func createRequest(
        _ fields: JSONObject, _ caller: Caller, _ initial: Request
    ) throws(APIError) -> ParsedRequest<Request> {
        try checkProject(fields, caller)
        try checkNames(fields)
        for row in attributes {
            let isGiven = fields[row.name] != nil
            switch row.post {
            case .required where !isGiven:
                throw .badRequest("Failed to parse request. Required attribute '\(row.name)' not specified")
            case .no where isGiven: throw .badRequest("Attribute '\(row.name)' not allowed in POST")
            default: break
            }
        }
        return ParsedRequest(request: try fill(initial, from: fields), fields: fields)
    }

    private func envelope(_ body: JSONValue?) throws(APIError) -> JSONObject {
        switch body {
        case nil: return JSONObject()
        case .object(let object): return object
        default: throw .badRequest("Body contains invalid data")
        }
    }

    private func resource(in object: JSONObject) throws(APIError) -> JSONObject {
        switch object[name] {
        case nil, .null: throw .badRequest("Unable to find '\(name)' in request body")
        case .object(let fields): return fields
        default: throw .badRequest("Object '\(name)' contains invalid data")
        }
    }

    private func checkProject(_ fields: JSONObject, _ caller: Caller) throws(APIError) {
        let project = fields["project_id"]
        let tenant = fields["tenant_id"]
        if let project, let tenant, project != tenant {
            throw .badRequest("'project_id' and 'tenant_id' do not match")
        }
        if !caller.actsForAllProjects, let given = project ?? tenant, given.string != caller.projectID {
            throw .badRequest(
                "Specifying 'project_id' other than the authenticated project in request is not allowed "
                    + "for the current user.")
        }
    }

    private func checkNames(_ fields: JSONObject) throws(APIError) {
        let unknown = fields.keys.filter { attribute($0) == nil }
        if !unknown.isEmpty {
            throw .badRequest("Unrecognized attribute(s) '\(unknown.joined(separator: ", "))'")
        }
    }

    private func fill(_ initial: Request, from fields: JSONObject) throws(APIError) -> Request {
        var request = initial
        for row in attributes {
            guard let data = fields[row.name], let set = row.set else { continue }
            try refusing(row.name) { () throws(InvalidValue) in try set(&request, data) }
        }
        return request
    }
}

/// Reads the value of an attribute.
func refusing<Value>(
    _ name: String, _ parse: () throws(InvalidValue) -> Value
) throws(APIError) -> Value {
    do throws(InvalidValue) {
        return try parse()
    } catch {
        throw error.apiError { .badRequest("Invalid input for \(name). Reason: \($0).") }
    }
}

extension InvalidValue {
    /// The refusal as it goes out; a validator's reason is worded by its context.
    func apiError(wording reason: (String) -> APIError) -> APIError {
        switch self {
        case .reason(let text): reason(text)
        case .operation(let text): APIError(ModelError.invalidInput(text))
        case .request(let text): .badRequest(text)
        case .model(let error): APIError(error)
        }
    }
}
