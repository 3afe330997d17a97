/// The description of the API in OpenAPI 3.1, made of the routes that serve it.
struct OpenAPIDocument: Sendable {
    let json: JSONValue

    init(_ routes: [Route]) {
        var paths: [(template: String, operations: [JSONObject.Member])] = []
        var definitions: [String: JSONObject] = [:]
        for route in routes {
            for schema in route.schemas { definitions.merge(schema.definitions) { old, _ in old } }
            let member = JSONObject.Member(key: route.method.lowercased(), value: route.description)
            if let at = paths.firstIndex(where: { $0.template == route.template }) {
                paths[at].operations.append(member)
            } else {
                paths.append((route.template, [member]))
            }
        }
        json = [
            "openapi": "3.1.0",
            "info": [
                "title": "Leasehold",
                "description": "OpenStack Neutron's v2.0 dialect for networks, subnets, ports and agents.",
                "version": "2.0",
                "license": ["name": "Apache 2.0", "identifier": "Apache-2.0"],
            ],
            "servers": [["url": "/"]],
            "paths": .object(
                JSONObject(
                    members: paths.map { path in
                        .init(key: path.template, value: .object(JSONObject(members: path.operations)))
                    })),
            "components": [
                "schemas": .object(
                    JSONObject(
                        members: definitions.sorted { $0.key < $1.key }.map {
                            .init(key: $0.key, value: .object($0.value))
                        })),
                "securitySchemes": [
                    "token": ["type": "apiKey", "in": "header", "name": "X-Auth-Token"]
                ],
            ],
            "security": [["token": []], [:]],
        ]
    }

    var bytes: [UInt8] {
        var writer = JSONWriter(capacity: 1 << 17)
        writer.value(json)
        return writer.bytes
    }
}

extension Route {
    /// All schemas that the description of the route refers to.
    fileprivate var schemas: [Schema] {
        operation.path + operation.parameters.map(\.schema)
            + [operation.body, operation.answer.schema].compactMap { $0 } + [.neutronError]
    }

    /// The route as an OpenAPI operation.
    fileprivate var description: JSONValue {
        var members: [JSONObject.Member] = [
            .init(key: "operationId", value: .string(operation.id)),
            .init(key: "summary", value: .string(operation.summary)),
        ]
        let parameters = pathParameters + operation.parameters.map(\.description)
        if !parameters.isEmpty { members.append(.init(key: "parameters", value: .array(parameters))) }
        if let body = operation.body {
            members.append(
                .init(
                    key: "requestBody",
                    value: ["required": .bool(true), "content": ["application/json": ["schema": body.json]]]))
        }
        members.append(.init(key: "responses", value: responses))
        if isOpen { members.append(.init(key: "security", value: [])) }
        return .object(JSONObject(members: members))
    }

    private var pathParameters: [JSONValue] {
        zip(path.filter { $0.hasPrefix("{") }, operation.path).map { part, schema in
            [
                "name": .string(String(part.dropFirst().dropLast())), "in": "path", "required": .bool(true),
                "schema": schema.json,
            ]
        }
    }

    private var responses: JSONValue {
        var answer: [JSONObject.Member] = [
            .init(key: "description", value: .string(reason(operation.answer.status)))
        ]
        if let schema = operation.answer.schema {
            answer.append(.init(key: "content", value: ["application/json": ["schema": schema.json]]))
        }
        if !operation.links.isEmpty {
            answer.append(
                .init(
                    key: "links",
                    value: .object(
                        JSONObject(
                            members: operation.links.map { .init(key: $0.operation, value: $0.description) }))
                ))
        }
        var members: [JSONObject.Member] = [
            .init(key: String(operation.answer.status), value: .object(JSONObject(members: answer)))
        ]
        // Every request may be malformed, and every one but the open ones may lack credentials.
        let refusals = Set(operation.refusals + (isOpen ? [400] : [400, 401, 403]))
        for status in refusals.sorted() {
            members.append(
                .init(
                    key: String(status),
                    value: [
                        "description": .string(reason(status)),
                        "content": ["application/json": ["schema": Schema.neutronError.json]],
                    ]))
        }
        return .object(JSONObject(members: members))
    }
}

extension Operation.Parameter {
    fileprivate var description: JSONValue {
        [
            "name": .string(name), "in": isHeader ? "header" : "query", "required": .bool(false),
            "schema": isRepeated ? ["type": "array", "items": schema.json] : schema.json,
        ]
    }
}

extension Operation.Link {
    fileprivate var description: JSONValue {
        [
            "operationId": .string(operation),
            "parameters": .object(
                JSONObject(
                    members: parameters.map {
                        .init(key: $0.name, value: .string("$response.body#\($0.pointer)"))
                    })),
        ]
    }
}

private func reason(_ status: Int) -> String {
    switch status {
    case 200: "Done"
    case 201: "Created"
    case 204: "Done; there is nothing more to say"
    case 400: "The request is malformed or breaks a rule"
    case 401: "The request lacks valid credentials"
    case 403: "The caller may not do this"
    case 404: "There is no such thing, or the caller may not see it"
    case 409: "The request conflicts with the present state"
    case 412: "The resource has another revision"
    case 413: "The body is too large"
    default: "The request was refused"
    }
}
