import NetworkModel
import Testing

@testable import NeutronAPI

/// Callers of two projects and an administrator of a third, told apart by headers of `noauth`.
private enum Who: String, CaseIterable {
    case admin, member, reader, manager, other, otherReader, nobody, service

    var headers: [String: String] {
        switch self {
        case .admin: ["x-project-id": "ops", "x-roles": "admin,manager,member,reader"]
        case .manager: ["x-project-id": "blue", "x-roles": "manager,member,reader"]
        case .member: ["x-project-id": "blue", "x-roles": "member,reader"]
        case .reader: ["x-project-id": "blue", "x-roles": "Reader"]
        case .other: ["x-project-id": "red", "x-roles": "member,reader"]
        case .otherReader: ["x-project-id": "red", "x-roles": "reader"]
        case .nobody: ["x-project-id": "blue", "x-roles": "audience"]
        case .service: ["x-project-id": "services", "x-roles": "service"]
        }
    }
}

/// What there is, all of project blue unless the name says otherwise: networks `own`, `shared`, `external`,
/// each with a subnet and a port; `guest` is a port of red's on blue's shared network.
private struct Scene {
    let api: Harness
    var ids: [String: String] = [:]

    init(_ api: Harness) async throws {
        self.api = api
        for (name, extra) in [
            ("own", ""), ("shared", #", "shared": true"#), ("external", #", "router:external": true"#),
        ] {
            let network = try await create("network", #""name": "\#(name)", "project_id": "blue"\#(extra)"#)
            let subnet = try await create(
                "subnet",
                #""name": "\#(name)", "network_id": "\#(network)", "cidr": "10.0.0.0/24", "ip_version": 4, "project_id": "blue", "#
                    // Ports get random addresses, none of which a test asks for.
                    + #""allocation_pools": [{"start": "10.0.0.100", "end": "10.0.0.199"}]"#)
            ids["network \(name)"] = network
            ids["subnet \(name)"] = subnet
            ids["port \(name)"] = try await create(
                "port", #""name": "\#(name)", "network_id": "\#(network)", "project_id": "blue""#)
        }
        ids["port guest"] = try await create(
            "port", #""name": "guest", "network_id": "\#(ids["network shared"] ?? "")", "project_id": "red""#)
    }

    private func create(_ kind: String, _ fields: String) async throws -> String {
        let answer = try await api.send(
            "POST", "/v2.0/\(kind)s", "{\"\(kind)\": {\(fields)}}", headers: Who.admin.headers)
        return try #require(answer.json[kind]?["id"]?.string, "\(answer.message ?? "")")
    }

    /// The text with the ids in place of what stands in angle brackets.
    func resolve(_ text: String) -> String {
        ids.reduce(text) { $0.replacing("<\($1.key)>", with: $1.value) }
    }

    func send(_ who: Who, _ request: String) async throws -> Harness.Answer {
        let parts = resolve(request).split(separator: " ", maxSplits: 2).map(String.init)
        return try await api.send(
            parts[0], "/v2.0/\(parts[1])", parts.count > 2 ? parts[2] : nil, headers: who.headers)
    }

    func names(_ who: Who, _ collection: String) async throws -> [String] {
        let answer = try await send(who, "GET \(collection)?sort_key=name&sort_dir=asc")
        return (answer.json[collection]?.array ?? []).compactMap { $0["name"]?.string }
    }
}

@Suite struct Policies {
    @Test func `what answers hide is neither filtered nor ordered by`() async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            for (collection, attribute) in [
                ("networks", "provider:network_type"), ("ports", "binding:host_id"),
                ("ports", "binding:vif_type"),
            ] {
                for query in ["\(attribute)=x", "sort_key=\(attribute)&sort_dir=asc"] {
                    let answer = try await scene.send(.member, "GET \(collection)?\(query)")
                    let open = try await scene.send(.admin, "GET \(collection)?\(query)")
                    let unknown = try await scene.send(
                        .admin, "GET \(collection)?\(query.replacing(attribute, with: "colour"))")
                    #expect(answer.status == 400)
                    #expect(answer.message == unknown.message?.replacing("colour", with: attribute))
                    #expect(open.status == 200 || open.message == answer.message)
                }
            }
            #expect(try await scene.send(.admin, "GET ports?binding:host_id=x").status == 200)
        }
    }

    @Test func `a marker does not tell whether there is a network`() async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            let unknown = "00000000-0000-0000-0000-00000000dead"
            for marker in ["<network own>", unknown] {
                let answer = try await scene.send(
                    .member, "GET network-ip-availabilities?limit=1&marker=\(marker)")
                #expect(answer.status == 404)
                #expect(answer.errorType == "NetworkNotFound")
            }
        }
    }

    @Test func `lists hold what the caller may see`() async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            let all = ["external", "own", "shared"]
            for (who, networks, ports) in [
                (Who.admin, all, ["external", "guest", "own", "shared"]),
                (.service, all, ["external", "guest", "own", "shared"]),
                (.member, all, ["external", "guest", "own", "shared"]),
                (.reader, all, ["external", "guest", "own", "shared"]),
                (.other, ["external", "shared"], ["guest"]),
                (.otherReader, ["external", "shared"], ["guest"]),
                (.nobody, ["external", "shared"], []),
            ] {
                #expect(try await scene.names(who, "networks") == networks, "\(who)")
                #expect(try await scene.names(who, "subnets") == networks, "\(who)")
                #expect(try await scene.names(who, "ports") == ports, "\(who)")
            }
        }
    }

    @Test func `attributes for administrators are absent for others`() async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            let hidden = [
                "networks": [
                    "provider:network_type", "provider:physical_network", "provider:segmentation_id",
                ],
                "subnets": ["segment_id"],
                "ports": [
                    "binding:host_id", "binding:profile", "binding:vif_type", "binding:vif_details",
                ],
            ]
            for (collection, attributes) in hidden {
                let kind = String(collection.dropLast())
                for (who, isShown) in [(Who.admin, true), (.member, false), (.reader, false)] {
                    let list = try await scene.send(who, "GET \(collection)").json[collection]?.array?.first
                    let one = try await scene.send(who, "GET \(collection)/<\(kind) own>").json[kind]
                    let change = try await scene.send(
                        who, "PUT \(collection)/<\(kind) own> {\"\(kind)\": {\"name\": \"own\"}}"
                    ).json[kind]
                    for shown in [list, one] + (who == .reader ? [] : [change]) {
                        let keys = try #require(shown?.object?.keys)
                        for attribute in attributes {
                            #expect(keys.contains(attribute) == isShown, "\(who) \(attribute)")
                        }
                    }
                }
            }
        }
    }

    struct Case: CustomTestStringConvertible, Sendable {
        fileprivate let who: Who
        let request: String
        let status: Int
        var type: String?
        /// The message, or nil for whatever.
        var message: String?

        var testDescription: String { "\(who): \(request)" }

        fileprivate init(
            _ who: Who, _ request: String, _ status: Int, _ type: String? = nil, _ message: String? = nil
        ) {
            self.who = who
            self.request = request
            self.status = status
            self.type = type
            self.message = message
        }

        /// 403, and the rule that is named.
        fileprivate init(_ who: Who, _ request: String, disallowed rule: String) {
            self.init(who, request, 403, "PolicyNotAuthorized", "\(rule) is disallowed by policy")
        }
    }

    @Test(arguments: [
        // What another project owns does not exist.
        Case(
            .other, "GET networks/<network own>", 404, "NetworkNotFound",
            "Network <network own> could not be found."),
        Case(
            .other, "GET subnets/<subnet own>", 404, "SubnetNotFound",
            "Subnet <subnet own> could not be found."),
        Case(.other, "GET ports/<port own>", 404, "PortNotFound", "Port <port own> could not be found."),
        Case(.other, #"PUT networks/<network own> {"network": {"name": "x"}}"#, 404, "NetworkNotFound"),
        Case(.other, #"PUT subnets/<subnet own> {"subnet": {"name": "x"}}"#, 404, "SubnetNotFound"),
        Case(.other, #"PUT ports/<port own> {"port": {"name": "x"}}"#, 404, "PortNotFound"),
        Case(.other, "DELETE networks/<network own>", 404, "NetworkNotFound"),
        Case(.other, "DELETE subnets/<subnet own>", 404, "SubnetNotFound"),
        Case(.other, "DELETE ports/<port own>", 404, "PortNotFound"),
        Case(.other, "GET ports/<port shared>", 404, "PortNotFound"),
        // What is shared is seen, and no more.
        Case(.other, "GET networks/<network shared>", 200),
        Case(.other, "GET networks/<network external>", 200),
        Case(.other, "GET subnets/<subnet shared>", 200), Case(.other, "GET subnets/<subnet external>", 200),
        Case(
            .other, #"PUT networks/<network shared> {"network": {"name": "x"}}"#,
            disallowed: "rule:update_network"),
        Case(.other, "DELETE networks/<network shared>", disallowed: "rule:delete_network"),
        Case(
            .other, #"PUT subnets/<subnet shared> {"subnet": {"name": "x"}}"#,
            disallowed: "rule:update_subnet"),
        Case(.other, "DELETE subnets/<subnet external>", disallowed: "rule:delete_subnet"),
        // Tags: Neutron finds the resource for everybody.
        Case(.other, "GET networks/<network own>/tags", disallowed: "rule:get_network:tags"),
        Case(.other, "GET networks/<network shared>/tags", 200),
        Case(
            .other, #"PUT networks/<network shared>/tags {"tags": ["x"]}"#,
            disallowed: "rule:update_network:tags"),
        Case(.other, "PUT ports/<port own>/tags/x", disallowed: "rule:update_port:tags"),
        Case(.other, "DELETE subnets/<subnet own>/tags", disallowed: "rule:delete_subnet:tags"),
        Case(
            .other, #"POST subnets/<subnet shared>/tags {"tags": ["x"]}"#,
            disallowed: "rule:create_subnet:tags"),
        Case(.reader, "PUT networks/<network own>/tags/x", disallowed: "rule:update_network:tags"),
        Case(.member, "PUT networks/<network own>/tags/x", 201),
        // Readers read.
        Case(.reader, "GET networks/<network own>", 200), Case(.reader, "GET ports/<port own>", 200),
        Case(.reader, #"POST networks {"network": {}}"#, disallowed: "rule:create_network"),
        Case(
            .reader, #"PUT networks/<network own> {"network": {"name": "x"}}"#,
            disallowed: "rule:update_network"),
        Case(.reader, "DELETE networks/<network own>", disallowed: "rule:delete_network"),
        Case(
            .reader,
            #"POST subnets {"subnet": {"network_id": "<network own>", "cidr": "10.1.0.0/24", "ip_version": 4}}"#,
            disallowed: "rule:create_subnet"),
        Case(
            .reader, #"POST ports {"port": {"network_id": "<network own>"}}"#, disallowed: "rule:create_port"),
        Case(.reader, "DELETE ports/<port own>", disallowed: "rule:delete_port"),
        // A role that policy does not know sees nothing of its project.
        Case(.nobody, "GET networks/<network own>", 404, "HTTPNotFound", "The resource could not be found."),
        Case(.nobody, #"PUT networks/<network own> {"network": {"name": "x"}}"#, 404, "HTTPNotFound"),
        // Members own what is their project's.
        Case(.member, #"POST networks {"network": {"name": "n"}}"#, 201),
        Case(.member, #"PUT networks/<network own> {"network": {"name": "x", "mtu": 1400}}"#, 200),
        Case(.member, "DELETE ports/<port own>", 204),
        // What only administrators may ask of networks.
        Case(
            .member, #"POST networks {"network": {"shared": true}}"#,
            disallowed: "(rule:create_network and rule:create_network:shared)"),
        Case(.member, #"POST networks {"network": {"shared": false, "router:external": "False"}}"#, 201),
        Case(
            .member, #"POST networks {"network": {"router:external": true}}"#,
            disallowed: "(rule:create_network and rule:create_network:router:external)"),
        Case(
            .member, #"POST networks {"network": {"provider:network_type": "local"}}"#,
            disallowed: "(rule:create_network and rule:create_network:provider:network_type)"),
        Case(
            .member, #"POST networks {"network": {"shared": true, "provider:network_type": "local"}}"#,
            disallowed:
                "((rule:create_network and rule:create_network:shared) and rule:create_network:provider:network_type)"
        ),
        Case(.member, #"POST networks {"network": {"port_security_enabled": false}}"#, 201),
        Case(
            .member, #"PUT networks/<network own> {"network": {"shared": true}}"#,
            disallowed: "(rule:update_network and rule:update_network:shared)"),
        Case(
            .member, #"PUT networks/<network own> {"network": {"shared": false}}"#,
            disallowed: "(rule:update_network and rule:update_network:shared)"),
        Case(
            .member, #"PUT networks/<network own> {"network": {"router:external": true}}"#,
            disallowed: "(rule:update_network and rule:update_network:router:external)"),
        Case(
            .member, #"POST networks {"network": {"leasehold:dhcp_driver": "native"}}"#,
            disallowed: "(rule:create_network and rule:create_network:leasehold:dhcp_driver)"),
        Case(.admin, #"POST networks {"network": {"shared": true, "provider:network_type": "local"}}"#, 201),
        // Whose it shall be.
        Case(
            .member, #"POST networks {"network": {"project_id": "red"}}"#, 400, "HTTPBadRequest",
            "Specifying 'project_id' other than the authenticated project in request is not allowed for the current user."
        ),
        Case(.member, #"POST networks {"network": {"tenant_id": "red"}}"#, 400, "HTTPBadRequest"),
        Case(.member, #"POST networks {"network": {"project_id": "blue"}}"#, 201),
        Case(.admin, #"POST networks {"network": {"project_id": "red"}}"#, 201),
        // All of a bulk or nothing.
        Case(
            .member, #"POST networks {"networks": [{"name": "a"}, {"shared": true}]}"#,
            disallowed: "(rule:create_network and rule:create_network:shared)"),
        // On other people's networks.
        Case(
            .other,
            #"POST subnets {"subnet": {"network_id": "<network own>", "cidr": "10.1.0.0/24", "ip_version": 4}}"#,
            disallowed: "rule:create_subnet"),
        Case(
            .other,
            #"POST subnets {"subnet": {"network_id": "<network shared>", "cidr": "10.1.0.0/24", "ip_version": 4}}"#,
            disallowed: "rule:create_subnet"),
        Case(
            .other, #"POST ports {"port": {"network_id": "<network own>"}}"#, 404, "NetworkNotFound",
            "Network <network own> could not be found."),
        Case(
            .other, #"POST ports {"port": {"network_id": "<network external>"}}"#,
            disallowed: "rule:create_port"),
        Case(.other, #"POST ports {"port": {"network_id": "<network shared>"}}"#, 201),
        Case(
            .otherReader, #"POST ports {"port": {"network_id": "<network shared>"}}"#,
            disallowed: "rule:create_port"),
        Case(
            .nobody, #"POST ports {"port": {"network_id": "<network shared>"}}"#,
            disallowed: "rule:create_port"),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "fixed_ips": [{"subnet_id": "<subnet shared>"}]}}"#,
            201),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "fixed_ips": [{"ip_address": "10.0.0.77"}]}}"#,
            disallowed:
                "(rule:create_port and (rule:create_port:fixed_ips and (rule:create_port:fixed_ips:ip_address)))"
        ),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "mac_address": "fa:16:3e:00:00:99"}}"#,
            disallowed: "(rule:create_port and rule:create_port:mac_address)"),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "device_owner": "network:dhcp"}}"#,
            disallowed: "(rule:create_port and rule:create_port:device_owner)"),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "device_owner": "compute:nova", "device_id": "i"}}"#,
            201),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "port_security_enabled": false}}"#,
            disallowed: "(rule:create_port and rule:create_port:port_security_enabled)"),
        Case(
            .other,
            #"POST ports {"port": {"network_id": "<network shared>", "allowed_address_pairs": [{"ip_address": "10.0.0.9"}]}}"#,
            disallowed:
                "(rule:create_port and (rule:create_port:allowed_address_pairs and (rule:create_port:allowed_address_pairs:ip_address)))"
        ),
        Case(
            .other, #"POST ports {"port": {"network_id": "<network shared>", "binding:host_id": "h"}}"#,
            disallowed: "(rule:create_port and rule:create_port:binding:host_id)"),
        Case(
            .other, #"POST ports {"port": {"network_id": "00000000-0000-0000-0000-000000000001"}}"#, 404,
            "NetworkNotFound"),
        // On one's own.
        Case(
            .member,
            #"POST ports {"port": {"network_id": "<network own>", "fixed_ips": [{"ip_address": "10.0.0.77"}], "mac_address": "fa:16:3e:00:00:99", "device_owner": "network:dhcp"}}"#,
            201),
        Case(
            .member, #"POST ports {"port": {"network_id": "<network own>", "binding:profile": {"a": 1}}}"#,
            disallowed: "(rule:create_port and rule:create_port:binding:profile)"),
        Case(
            .member, #"POST ports {"port": {"network_id": "<network own>", "binding:vnic_type": "direct"}}"#,
            201),
        Case(
            .service,
            #"POST ports {"port": {"network_id": "<network own>", "project_id": "blue", "binding:host_id": "h"}}"#,
            201),
        // Ports of guests: theirs, and the network owner's to see and delete.
        Case(.other, #"PUT ports/<port guest> {"port": {"name": "x"}}"#, 200),
        Case(
            .other, #"PUT ports/<port guest> {"port": {"fixed_ips": [{"ip_address": "10.0.0.77"}]}}"#,
            disallowed:
                "(rule:update_port and (rule:update_port:fixed_ips and (rule:update_port:fixed_ips:ip_address)))"
        ),
        Case(
            .other, #"PUT ports/<port guest> {"port": {"device_owner": "network:router_interface"}}"#,
            disallowed: "(rule:update_port and rule:update_port:device_owner)"),
        Case(.member, #"PUT ports/<port guest> {"port": {"name": "x"}}"#, disallowed: "rule:update_port"),
        Case(.member, "GET ports/<port guest>", 200), Case(.member, "DELETE ports/<port guest>", 204),
        Case(
            .member, #"PUT ports/<port own> {"port": {"mac_address": "fa:16:3e:00:00:99"}}"#,
            disallowed: "(rule:update_port and rule:update_port:mac_address)"),
        Case(.manager, #"PUT ports/<port own> {"port": {"mac_address": "fa:16:3e:00:00:99"}}"#, 200),
        Case(
            .member, #"PUT ports/<port own> {"port": {"binding:host_id": "h"}}"#,
            disallowed: "(rule:update_port and rule:update_port:binding:host_id)"),
        Case(
            .admin, #"PUT ports/<port own> {"port": {"binding:host_id": "h", "binding:profile": {"a": 1}}}"#,
            200),
        // Agents are the administrators'.
        Case(.member, "GET agents", 200),
        Case(.member, "GET agents/00000000-0000-0000-0000-000000000001", 404, "AgentNotFound"),
        // A marker that is not seen is none.
        Case(.other, "GET networks?limit=1&marker=<network own>", 404, "NetworkNotFound"),
    ])
    func `requests are refused as Neutron refuses them`(_ expected: Case) async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            let answer = try await scene.send(expected.who, expected.request)
            #expect(answer.status == expected.status, "\(answer.message ?? "")")
            if let type = expected.type { #expect(answer.errorType == type) }
            if let message = expected.message { #expect(answer.message == scene.resolve(message)) }
        }
    }

    @Test func `every guarded attribute has rules, and every rule about an attribute is of one that exists`()
    {
        func check<Resource, Request>(
            _ table: ResourceTable<Resource, Request>, _ access: ResourceAccess<Resource>
        ) {
            #expect(access.name == table.name)
            #expect(PolicyTable.rule("get_\(access.name)") != nil)
            for row in table.attributes where access.guarded.contains(where: { $0.name == row.name }) {
                if row.post != .no {
                    #expect(PolicyTable.rule("create_\(access.name):\(row.name)") != nil, "\(row.name)")
                }
                if row.put {
                    #expect(PolicyTable.rule("update_\(access.name):\(row.name)") != nil, "\(row.name)")
                }
            }
        }
        check(networkTable, networkAccess)
        check(subnetTable, subnetAccess)
        check(portTable, portAccess)
        check(agentTable, agentAccess)
    }
}

@Suite struct TagsAndPolicy {
    @Test func `another service sees what there is, but no tags`() async throws {
        try await withAPI { api in
            let scene = try await Scene(api)
            for kind in ["network", "subnet", "port"] {
                for (who, seesTags) in [(Who.reader, true), (.admin, true), (.service, false)] {
                    let one = try await scene.send(who, "GET \(kind)s/<\(kind) own>")
                    #expect(one.status == 200)
                    #expect((one.json[kind]?["tags"] != nil) == seesTags, "\(kind) \(who)")
                    let list = try await scene.send(who, "GET \(kind)s")
                    #expect(
                        list.json["\(kind)s"]?.array?.allSatisfy { ($0["tags"] != nil) == seesTags } == true)
                }
                let tags = try await scene.send(.service, "GET \(kind)s/<\(kind) own>/tags")
                #expect(tags.status == 403)
                let filtered = try await scene.send(.service, "GET \(kind)s?tags=a")
                #expect(filtered.status == 400)
            }
        }
    }
}
