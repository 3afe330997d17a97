import NetworkModel
import Testing

@testable import NeutronAPI

@Suite("The description of the API") struct OpenAPITests {
    private let routes = apiRoutes(withLeases: true, extra: []).routes
    private let document = OpenAPIDocument(apiRoutes(withLeases: true, extra: []).routes).json

    @Test("is served to everybody, as JSON, and describes itself")
    func served() async throws {
        try await withAPI(authenticator: AdminToken("secret")) { api in
            let answer = try await api.send("GET", "/openapi.json")
            #expect(answer.status == 200)
            #expect(answer.json["openapi"] == .string("3.1.0"))
            #expect(answer.json["paths"]?["/openapi.json"]?["get"] != nil)
            #expect(answer.json["paths"]?["/v2.0/networks/{id}"]?["put"] != nil)
        }
    }

    @Test("has every route, with a name of its own, what it answers, and the parameters of its path")
    func operations() throws {
        for route in routes {
            let operation = try #require(document["paths"]?[route.template]?[route.method.lowercased()])
            #expect(operation["operationId"]?.string == route.operation.id)
            #expect(operation["summary"]?.string?.hasSuffix(".") == true)
            #expect(operation["responses"]?[String(route.operation.answer.status)] != nil)
            let names = (operation["parameters"]?.array ?? []).filter { $0["in"] == .string("path") }
                .compactMap { $0["name"]?.string }
            #expect(
                names == route.path.filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) })
        }
        let ids = routes.map(\.operation.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test("says something of every value, and refers to nothing that it does not have")
    func noGaps() {
        let definitions = SchemaCheck(document).definitions
        func check(_ schema: JSONValue, _ place: String) {
            guard case .object(let object) = schema else {
                Issue.record("\(place) is no schema")
                return
            }
            #expect(object.keys.contains { $0 != "description" }, "\(place) allows anything")
            if let name = object["$ref"]?.string?.split(separator: "/").last {
                #expect(definitions[String(name)] != nil, "\(place) refers to \(name)")
            }
            for member in object["properties"]?.object?.members ?? [] {
                check(member.value, "\(place).\(member.key)")
            }
            for alternative in object["anyOf"]?.array ?? [] { check(alternative, "\(place)|") }
            if let items = object["items"] { check(items, "\(place)[]") }
        }
        for member in definitions.members { check(member.value, member.key) }
        for route in routes {
            let id = route.operation.id
            for schema in route.operation.path { check(schema.json, "\(id) path") }
            for parameter in route.operation.parameters {
                check(parameter.schema.json, "\(id) \(parameter.name)")
            }
            if let body = route.operation.body { check(body.json, "\(id) body") }
            if let answer = route.operation.answer.schema { check(answer.json, "\(id) answer") }
        }
    }

    @Test("links lead to operations that exist, by parameters that they have")
    func links() throws {
        for route in routes {
            for link in route.operation.links {
                let target = try #require(routes.first { $0.operation.id == link.operation })
                #expect(link.parameters.allSatisfy { target.path.contains("{\($0.name)}") })
            }
        }
    }

    @Test("allows whatever validators take")
    func validators() {
        let tables: [any SchemaSample] = [
            Sample(networkTable, NetworkRequest()), Sample(subnetTable, SubnetRequest()),
            Sample(portTable, PortRequest()), Sample(agentTable, AgentRequest()),
            Sample(subnetPoolTable, SubnetPoolRequest()),
        ]
        let settable = routes.filter { $0.method == "PUT" && $0.path.count == 3 && $0.path.last == "{id}" }
            .map { $0.path[1] }
        #expect(Set(settable).isSubset(of: tables.map(\.collection)), "a table is missing here")
        for table in tables {
            for attribute in table.accepted {
                for value in attribute.values {
                    let problem = SchemaCheck(document).problem(value, attribute.schema)
                    #expect(problem == nil, "\(table.collection) \(attribute.name)")
                }
            }
        }
    }
}

/// What the validators of a table take of many values.
private protocol SchemaSample {
    var collection: String { get }
    var accepted: [(name: String, schema: JSONValue, values: [JSONValue])] { get }
}

private struct Sample<Resource: Sendable, Request>: SchemaSample {
    let table: ResourceTable<Resource, Request>
    let empty: Request

    init(_ table: ResourceTable<Resource, Request>, _ empty: Request) {
        self.table = table
        self.empty = empty
    }

    var collection: String { table.collection }

    var accepted: [(name: String, schema: JSONValue, values: [JSONValue])] {
        table.attributes.compactMap { row in
            guard let set = row.set, let accepts = row.accepts else { return nil }
            let values = manyValues.filter { value in
                var request = empty
                return (try? set(&request, value)) != nil
            }
            return (row.name, accepts.json, values)
        }
    }
}

/// Values of all forms that requests have had, right and wrong.
private let manyValues: [JSONValue] =
    [
        .null, .bool(true), .bool(false), .integer(0), .integer(1), .integer(4), .integer(6), .integer(-1),
        .integer(1500), .integer(1 << 40), .decimal("4.7"), .decimal("6.0"), .decimal("-0.5"),
        .decimal("0.5"),
        .decimal("1e3"), [], [:], ["a": "b"], [["a": "b"]],
    ] + manyTexts.map { .string($0) } + manyTexts.map { [.string($0)] }
    + [
        ["a", "b"], ["a", "a"], [["start": "10.0.0.2", "end": "10.0.0.9"]],
        [["start": "10.0.0.2", "end": "10.0.0.9", "more": "x"]], [["start": "fd00::2", "end": "fd00::9"]],
        [["destination": "10.9.0.0/16", "nexthop": "10.0.0.1"]], [["destination": "10.9.0.0/16"]],
        [["opt_name": "mtu", "opt_value": "1400"]],
        [["opt_name": "mtu", "opt_value": .null, "ip_version": "4"]],
        [["opt_name": "bootfile-name", "opt_value": "x", "ip_version": .integer(4)]],
        [["opt_name": "dns-server", "opt_value": "fd00::1", "ip_version": .decimal("6.5")]],
        [["opt_name": "router", "opt_value": ""]], [["ip_address": "10.0.0.7"]],
        [["subnet_id": "8f8d1d8a-8c3a-4c0e-9d8a-000000000001"]],
        [["subnet_id": "8f8d1d8a8c3a4c0e9d8a000000000001", "delete_subnet": "yes"]],
        [["ip_address": "10.0.0.0/24", "mac_address": "fa163e000001"]],
        [["ip_address": "fd00::/64", "mac_address": .null]], [["mac_address": "fa:16:3e:00:00:01"]],
    ]

private let manyTexts = [
    "", " ", "a", "none", "True", " on ", "N", "OFF", "1", " 4 ", "+6", "-3", "0x10", "4.5", "slaac",
    "dhcpv6-stateful", "normal", "direct", "native", "dnsmasq", "vlan", "10.0.0.1", "010.0.0.1",
    "10.0.0.0/24",
    "10.0.0.0/255.255.255.0", "fd00::1", "fd00::/64", "::ffff:10.0.0.1", "fe80::1%eth0", "fa:16:3e:00:00:01",
    "FA-16-3E-00-00-01", "fa16.3e00.0001", "fa163e000001", "00:00:00:00:00:00",
    "8f8d1d8a-8c3a-4c0e-9d8a-000000000001", "8F8D1D8A8C3A4C0E9D8A000000000001", "network:dhcp",
    "host.example.org",
    "line\nbreak", "nul\0", String(repeating: "x", count: 255), String(repeating: "x", count: 256), "ünïcödé",
]
