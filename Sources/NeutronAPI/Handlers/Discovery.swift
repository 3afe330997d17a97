/// `GET /`, `GET /v2.0/` and `GET /v2.0/extensions[/alias]`: what clients ask before anything else.
enum Discovery {
    /// The path of the resource list ends in a slash. The version document is asked for before there is a token,
    /// and the description of the API says nothing that needs a caller.
    static let routes = [
        Route(
            "GET", "/",
            Operation(
                "list_versions", "Lists the versions of the API.",
                answer: .ok(
                    .object([
                        "versions": .array(
                            of: .object([
                                "id": .string, "status": .oneOf(["CURRENT"]), "links": .array(of: .link),
                            ]))
                    ])))
        ) { versions($0.request) }.open,
        Route(
            "GET", "/openapi.json", Operation("describe_api", "This description.", answer: .ok(.object))
        ) { APIResponse(status: 200, body: $0.service.document) }.open,
        Route(
            "GET", "",
            Operation(
                "list_resources", "Lists the collections.",
                answer: .ok(
                    .object([
                        "resources": .array(
                            of: .object([
                                "name": .string, "collection": .string, "links": .array(of: .link),
                            ]))
                    ])))
        ) { resources($0.request, $0.service.routes) },
        Route(
            "GET", "extensions",
            Operation(
                "list_extensions", "Lists the extensions of the API whose behaviour is whole.",
                answer: .ok(.object(["extensions": .array(of: .apiExtension)])))
        ) { _ in extensions() },
        Route(
            "GET", "extensions/{alias}",
            Operation(
                "show_extension", "Shows an extension.", path: [.oneOf(supportedExtensions.map(\.alias))],
                answer: .ok(.object(["extension": .apiExtension])), refusals: [404])
        ) { try `extension`($0.parameters[0]) },
    ]

    /// The version document; keystoneauth's `none` plugin demands it at the root.
    private static func versions(_ request: APIRequest) -> APIResponse {
        .json(200) { writer in
            writer.object { writer in
                writer.key("versions")
                writer.array { writer in
                    writer.object { writer in
                        writer.key("id")
                        writer.string("v2.0")
                        writer.key("status")
                        writer.string("CURRENT")
                        writer.key("links")
                        writeLink("\(request.baseURL)/v2.0/", &writer)
                    }
                }
            }
        }
    }

    /// The collections of Neutron's core; what else there is clients find by the extensions.
    private static func resources(_ request: APIRequest, _ routes: RouteTable) -> APIResponse {
        .json(200) { writer in
            writer.object { writer in
                writer.key("resources")
                writer.array(routes.routes.compactMap(\.resource)) { resource, writer in
                    writer.object { writer in
                        writer.key("name")
                        writer.string(resource.name)
                        writer.key("collection")
                        writer.string(resource.collection)
                        writer.key("links")
                        writeLink("\(request.baseURL)/v2.0/\(resource.collection)", &writer)
                    }
                }
            }
        }
    }

    /// The extensions whose behaviour is whole.
    private static func extensions() -> APIResponse {
        .json(200) { writer in
            writer.object { writer in
                writer.key("extensions")
                writer.array(supportedExtensions) { $0.write(to: &$1) }
            }
        }
    }

    /// One extension.
    private static func `extension`(_ alias: String) throws(APIError) -> APIResponse {
        guard let found = supportedExtensions.first(where: { $0.alias == alias }) else {
            throw APIError(
                status: 404, type: "HTTPNotFound",
                message: "Extension with alias \(alias) does not exist")
        }
        return .json(200) { writer in
            writer.object { writer in
                writer.key("extension")
                found.write(to: &writer)
            }
        }
    }

    private static func writeLink(_ href: String, _ writer: inout JSONWriter) {
        writer.array { writer in
            writer.object { writer in
                writer.key("rel")
                writer.string("self")
                writer.key("href")
                writer.string(href)
            }
        }
    }
}

extension Schema {
    fileprivate static let apiExtension = named(
        "Extension",
        object([
            "alias": .string, "name": .string, "description": .string, "updated": .string,
            "links": .array(of: .link),
        ]))
}
