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
        ) { _ in extensions() }.listed(as: "extension", "extensions"),
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

    /// The collections under `/v2.0`.
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

/// An API extension as clients see it.
struct APIExtension: Sendable {
    let alias: String
    let name: String
    let description: String
    let updated: String

    init(_ alias: String, _ name: String, _ description: String, updated: String) {
        self.alias = alias
        self.name = name
        self.description = description
        self.updated = updated + "T00:00:00-00:00"
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.key("alias")
            writer.string(alias)
            writer.key("name")
            writer.string(name)
            writer.key("description")
            writer.string(description)
            writer.key("updated")
            writer.string(updated)
            writer.key("links")
            writer.array { _ in }
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

/// Only what is done whole is listed: clients decide by this list what they may ask for.
let supportedExtensions: [APIExtension] = [
    .init("agent", "agent", "Shows agents and takes them in and out of service.", updated: "2013-02-03"),
    .init(
        "extra_dhcp_opt", "Neutron Extra DHCP options", "DHCP options of a single port.",
        updated: "2013-03-17"),
    .init("net-mtu", "Network MTU", "Shows the MTU of a network.", updated: "2015-03-25"),
    .init("net-mtu-writable", "Network MTU (writable)", "Sets the MTU of a network.", updated: "2017-07-12"),
    .init("provider", "Provider Network", "Maps networks to physical networks.", updated: "2012-09-07"),
    .init("project-id", "project_id field enabled", "Names projects project_id.", updated: "2016-09-09"),
    .init(
        "standard-attr-description", "standard-attr-description", "Descriptions of resources.",
        updated: "2016-02-10"),
    .init(
        "standard-attr-revisions", "Resource revision numbers", "Counts the changes of a resource.",
        updated: "2016-04-11"),
    .init(
        "revision-if-match", "If-Match constraints based on revision_number",
        "Changes a resource only at a known revision.", updated: "2016-12-11"),
    .init(
        "standard-attr-timestamp", "Resource timestamps", "When resources were created and changed.",
        updated: "2016-09-12"),
    .init("standard-attr-tag", "Tag support", "Tags of networks, subnets and ports.", updated: "2017-01-01"),
    .init(
        "tag-ports-during-bulk-creation", "Tag Ports During Bulk Creation",
        "Tags in requests that create ports.", updated: "2019-12-29"),
    .init(
        "subnet-service-types", "Subnet service types", "Reserves subnets for device owners.",
        updated: "2016-03-15"),
    .init(
        "ip-substring-filtering", "IP address substring filtering",
        "Filters ports by a part of their address.", updated: "2017-11-28"),
    .init(
        "empty-string-filtering", "Empty String Filtering Extension",
        "Filters by attributes that are empty.", updated: "2018-05-01"),
    .init(
        "filter-validation", "Filter parameters validation", "Refuses unknown filters.", updated: "2018-03-21"
    ),
    .init("sorting", "Sorting support", "Orders lists.", updated: "2015-09-01"),
    .init("sort-key-validation", "Sort key validation", "Refuses unknown sort keys.", updated: "2018-06-11"),
    .init("pagination", "Pagination support", "Gives lists in pages.", updated: "2016-06-12"),
]
