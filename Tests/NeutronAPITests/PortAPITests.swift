import Addressing
import NetworkModel
import NetworkStore
import Testing

@testable import NeutronAPI

@Suite struct PortsOverTheAPI {
    @Test func `a port is created as the client asks and shown as it expects`() async throws {
        try await withAPI { api in
            let (network, subnet) = try await api.networkWithSubnet()
            let port = try await api.create(
                "port",
                """
                "binding:host_id": "h1", "admin_state_up": true, "name": "port1", "network_id": "\(network)",
                "fixed_ips": [{"subnet_id": "\(subnet)", "ip_address": "10.0.0.5"}],
                "mac_address": "FA:16:3E:11:22:33", "tags": ["x"], "binding:profile": {"a": [1, {"b": null}]},
                "extra_dhcp_opts": [{"opt_name": "bootfile-name", "opt_value": "pxe.0", "ip_version": "4"}]
                """)
            #expect(port["status"] == .string("DOWN"))
            #expect(port["mac_address"] == .string("fa:16:3e:11:22:33"))
            #expect(port["fixed_ips"]?.array?.first?["ip_address"] == .string("10.0.0.5"))
            #expect(port["extra_dhcp_opts"]?.array?.first?["ip_version"] == .integer(4))
            #expect(port["dns_assignment"]?.array?.first?["fqdn"] == .string("host-10-0-0-5.openstacklocal."))
            // No agent is known on that host.
            #expect(port["binding:vif_type"] == .string("binding_failed"))
            #expect(port["binding:profile"]?["a"]?.array?.first == .integer(1))
            #expect(port["tags"] == .array([.string("x")]))
            #expect(
                Set(try #require(port.object).keys) == [
                    "id", "name", "network_id", "admin_state_up", "mac_address", "fixed_ips", "device_id",
                    "device_owner", "status", "project_id", "tenant_id", "extra_dhcp_opts", "dns_name",
                    "dns_domain", "dns_assignment", "allowed_address_pairs", "security_groups",
                    "port_security_enabled", "binding:host_id", "binding:vnic_type", "binding:profile",
                    "binding:vif_type", "binding:vif_details", "ip_allocation", "description", "tags",
                    "revision_number", "created_at", "updated_at", "leasehold:leases",
                ])
            let id = try #require(port["id"]?.string)
            let cleared = try await api.send("PUT", "/v2.0/ports/\(id)", #"{"port": {"fixed_ips": []}}"#)
            #expect(cleared.json["port"]?["fixed_ips"] == .array([]))
            let optionless = try await api.send(
                "PUT", "/v2.0/ports/\(id)",
                #"{"port": {"extra_dhcp_opts": [{"opt_name": "bootfile-name", "opt_value": null}]}}"#)
            #expect(optionless.json["port"]?["extra_dhcp_opts"] == .array([]))
            #expect(try await api.send("DELETE", "/v2.0/ports/\(id)").status == 204)
            #expect(try await api.send("DELETE", "/v2.0/ports/\(id)").errorType == "PortNotFound")
        }
    }

    @Test func `an address pair without a MAC has the port's own, however it was chosen`() async throws {
        try await withAPI { api in
            let (network, _) = try await api.networkWithSubnet()
            let pairs = #""allowed_address_pairs": [{"ip_address": "10.0.0.0/28"}]"#
            let port = try await api.create("port", "\"network_id\": \"\(network)\", \(pairs)")
            let mac = try #require(port["mac_address"])
            #expect(port["allowed_address_pairs"]?.array?.first?["mac_address"] == mac)
            let id = try #require(port["id"]?.string)
            let shown = try await api.send("GET", "/v2.0/ports/\(id)")
            #expect(shown.json["port"]?["allowed_address_pairs"]?.array?.first?["mac_address"] == mac)
            let changed = try await api.send(
                "PUT", "/v2.0/ports/\(id)", "{\"port\": {\"name\": \"n\", \(pairs)}}")
            #expect(changed.json["port"]?["allowed_address_pairs"]?.array?.first?["mac_address"] == mac)
        }
    }

    @Test func `a bulk of ports is all or none`() async throws {
        try await withAPI { api in
            let (network, _) = try await api.networkWithSubnet()
            let good = "{\"network_id\": \"\(network)\"}"
            let made = try await api.send("POST", "/v2.0/ports", "{\"ports\": [\(good), \(good)]}")
            #expect(made.status == 201)
            #expect(made.json["ports"]?.array?.count == 2)
            let clash = "{\"network_id\": \"\(network)\", \"mac_address\": \"fa:16:3e:00:00:01\"}"
            let refused = try await api.send(
                "POST", "/v2.0/ports", "{\"ports\": [\(good), \(clash), \(clash)]}")
            #expect(refused.status == 409)
            #expect(refused.errorType == "MacAddressInUse")
            #expect(try await api.list("ports", field: "id").count == 2)
        }
    }

    @Test func `a thousand ports fit one request and one list`() async throws {
        var policy = ModelPolicy()
        policy.defaultQuotas[.port] = -1
        try await withAPI(policy: policy) { api in
            let (network, _) = try await api.networkWithSubnet(cidr: "10.0.0.0/16")
            let items = (0..<1000).map { "{\"network_id\": \"\(network)\", \"name\": \"port\($0)\"}" }
            let made = try await api.send(
                "POST", "/v2.0/ports", "{\"ports\": [\(items.joined(separator: ","))]}")
            #expect(made.status == 201, "\(made.message ?? "")")
            #expect(Set(try await api.list("ports")).count == 1000)
        }
    }

    @Test func `filters select by any of the values and all of the keys`() async throws {
        try await withAPI { api in
            let (network, subnet) = try await api.networkWithSubnet()
            let (other, _) = try await api.networkWithSubnet()
            for (name, address, mac, net, device) in [
                ("a", "10.0.0.5", "fa:16:3e:00:00:0a", network, "vm1"),
                ("b", "10.0.0.51", "fa:16:3e:00:00:0b", network, "vm2"),
                ("c", "10.0.0.5", "fa:16:3e:00:00:0c", other, "vm1"),
            ] {
                _ = try await api.create(
                    "port",
                    """
                    "name": "\(name)", "network_id": "\(net)", "mac_address": "\(mac)", "device_id": "\(device)",
                    "admin_state_up": \(name != "b"), "fixed_ips": [{"ip_address": "\(address)"}]
                    """)
            }
            for (query, names) in [
                ("", ["a", "b", "c"]), ("name=a&name=c", ["a", "c"]), ("name=a&network_id=\(other)", []),
                ("network_id=\(network)", ["a", "b"]),
                ("network_id=\(network)&network_id=\(other)", ["a", "b", "c"]),
                ("fixed_ips=ip_address%3D10.0.0.5", ["a", "c"]),
                ("fixed_ips=ip_address%3D10.0.0.5&fixed_ips=subnet_id%3D\(subnet)", ["a"]),
                ("fixed_ips=ip_address%3D10.0.0.5&fixed_ips=ip_address%3D10.0.0.51", ["a", "b", "c"]),
                ("fixed_ips=subnet_id=\(subnet)", ["a", "b"]),
                ("fixed_ips=ip_address_substr%3D0.5", ["a", "b", "c"]),
                ("fixed_ips=ip_address_substr%3D51", ["b"]), ("fixed_ips=ip_address%3Dx", []),
                ("mac_address=fa%3A16%3A3e%3A00%3A00%3A0b", ["b"]), ("mac_address=FA-16-3E-00-00-0B", ["b"]),
                ("mac_address=x", []), ("device_id=vm1", ["a", "c"]),
                ("device_id=vm1&network_id=\(other)", ["c"]),
                ("admin_state_up=False", ["b"]), ("admin_state_up=1", ["a", "c"]),
                ("status=down", ["a", "b", "c"]),
                ("status=ACTIVE", []), ("id=x", []), ("network_id=x", []), ("name=", []),
                ("description=", ["a", "b", "c"]),
                ("binding:host_id=", ["a", "b", "c"]), ("revision_number=1", ["a", "b", "c"]),
                ("revision_number=2", []),
                ("changed_since=2026-11-22T14:00:00Z", ["a", "b", "c"]),
                ("changed_since=2026-11-22T14:00:01", []),
                ("project_id=00000000000000000000000000000000", ["a", "b", "c"]), ("tenant_id=x", []),
            ] {
                #expect(try await api.list("ports", query).sorted() == names, "\(query)")
            }
        }
    }

    @Test(arguments: [
        ("shoe_size=3", "['shoe_size'] is invalid attribute for filtering"),
        ("a=1&name=x&b=2&a=3", "['a', 'b'] is invalid attribute for filtering"),
        ("dns_assignment=x", "['dns_assignment'] is invalid attribute for filtering"),
        ("fixed_ips=colour%3Dred", "['colour'] is invalid attribute for filtering"),
        ("admin_state_up=perhaps", "Invalid input for operation: 'perhaps' cannot be converted to boolean."),
        ("fixed_ips=10.0.0.5", "Invalid input for operation: '10.0.0.5' is not of the form <key>=[value]."),
        ("revision_number=x", "Invalid input for operation: 'x' is not an integer."),
        (
            "changed_since=yesterday",
            "Invalid input for operation: The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SS[Z]."
        ),
        ("limit=-1", "Bad limit request: Limit must be an integer 0 or greater and not '-1'."),
        ("limit=x", "Bad limit request: Limit must be an integer 0 or greater and not 'x'."),
        ("sort_key=name", "The number of sort_keys and sort_dirs must be same"),
        ("sort_key=shoe&sort_dir=asc", "['shoe'] is invalid attribute for sort_keys"),
        (
            "sort_key=name&sort_dir=up",
            "['up'] is invalid value for sort_dirs, valid value is 'asc' and 'desc'"
        ),
    ])
    func `queries that mean nothing are refused`(query: String, message: String) async throws {
        try await withAPI { api in
            let answer = try await api.send("GET", "/v2.0/ports?\(query)")
            #expect(answer.status == 400)
            #expect(answer.message == message)
        }
    }

    @Test func `fields limit what is shown`() async throws {
        try await withAPI { api in
            let (network, _) = try await api.networkWithSubnet()
            let id = try #require(
                try await api.create("port", "\"name\": \"p\", \"network_id\": \"\(network)\"")["id"]?.string)
            let list = try await api.send("GET", "/v2.0/ports?fields=id&fields=name&fields=trunk_details")
            #expect(list.json["ports"]?.array?.first?.object?.keys.sorted() == ["id", "name"])
            let shown = try await api.send("GET", "/v2.0/ports/\(id)?fields=status")
            #expect(shown.json["port"]?.object?.keys == ["status"])
        }
    }

    @Test func `lists are sorted and paged`() async throws {
        try await withAPI { api in
            for (name, mtu) in [("b", 1400), ("a", 1300), ("d", 1300), ("c", 1400)] {
                _ = try await api.create("network", "\"name\": \"\(name)\", \"mtu\": \(mtu)")
            }
            #expect(try await api.list("networks", "sort_key=name&sort_dir=asc") == ["a", "b", "c", "d"])
            #expect(
                try await api.list("networks", "sort_key=mtu&sort_dir=desc&sort_key=name&sort_dir=asc")
                    == ["b", "c", "a", "d"])
            let sorted = "sort_key=name&sort_dir=desc&limit=3"
            let first = try await api.send("GET", "/v2.0/networks?\(sorted)")
            #expect(first.json["networks"]?.array?.compactMap { $0["name"]?.string } == ["d", "c", "b"])
            let links = try #require(first.json["networks_links"]?.array)
            #expect(links.compactMap { $0["rel"]?.string } == ["next", "previous"])
            let next = try #require(links[0]["href"]?.string)
            #expect(
                next.hasPrefix(
                    "http://127.0.0.1:9696/v2.0/networks?sort_key=name&sort_dir=desc&limit=3&marker="))
            let second = try await api.send("GET", String(next.dropFirst("http://127.0.0.1:9696".count)))
            #expect(second.json["networks"]?.array?.compactMap { $0["name"]?.string } == ["a"])
            #expect(second.json["networks_links"]?.array?.compactMap { $0["rel"]?.string } == ["previous"])
            let back = try #require(second.json["networks_links"]?.array?.first?["href"]?.string)
            let third = try await api.send("GET", String(back.dropFirst("http://127.0.0.1:9696".count)))
            #expect(third.json["networks"]?.array?.compactMap { $0["name"]?.string } == ["d", "c", "b"])
            let whole = try await api.send("GET", "/v2.0/networks?limit=0")
            #expect(whole.json["networks"]?.array?.count == 4)
            #expect(whole.json["networks_links"] == nil)
            let lost = try await api.send(
                "GET", "/v2.0/networks?limit=1&marker=7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c")
            #expect(lost.errorType == "NetworkNotFound")
        }
    }

    @Test func `why a port is not served is shown while there is something to say`() async throws {
        try await withAPI { api in
            let (network, _) = try await api.networkWithSubnet()
            let id = try #require(
                try await api.create("port", "\"network_id\": \"\(network)\"")["id"]?.string)
            let known = try #require(ResourceID(id))
            let context = DecisionContext(projectID: "", now: api.clock.now)
            for (status, detail, shown) in [
                (PortStatus.down, "dnsmasq: bad option", JSONValue.string("dnsmasq: bad option")),
                (.active, "", nil),
            ] as [(PortStatus, String, JSONValue?)] {
                _ = try await api.index.perform { (state) throws(ModelError) in
                    try state.setPortStatus(known, status, detail: detail, in: context)
                }
                let port = try await api.send("GET", "/v2.0/ports/\(id)").json["port"]
                #expect(port?["leasehold:status_detail"] == shown)
                #expect(port?["status"] == .string(status.rawValue))
            }
        }
    }
}

@Suite struct AgentsOverTheAPI {
    private func report(_ api: Harness, problems: [String] = []) async throws -> ResourceID {
        let configurations = AgentConfigurations(
            dhcpDriver: "neutron.agent.linux.dhcp.Dnsmasq", dhcpLeaseDuration: 86_400, networks: 2,
            problems: problems)
        let report = AgentReport(host: "h1", startedAt: api.clock.now, configurations: configurations)
        let context = DecisionContext(projectID: "", now: api.clock.now)
        return try await api.index.perform { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.heartbeat(report, in: context, using: &generator)
        }.id
    }

    @Test func `an agent is shown with its life, its configuration and its problems`() async throws {
        try await withAPI { api in
            let id = try await report(api, problems: ["net1: the port 53 is in use"])
            let agent = try #require(try await api.send("GET", "/v2.0/agents/\(id)").json["agent"])
            #expect(agent["alive"] == .bool(true))
            #expect(agent["created_at"] == .string("2026-11-22 14:00:00"))
            #expect(agent["description"] == .null)
            #expect(agent["configurations"]?["networks"] == .integer(2))
            #expect(agent["configurations"]?["problems"] == .array([.string("net1: the port 53 is in use")]))
            api.clock.now.secondsSinceEpoch += 75
            #expect(try await api.list("agents", "alive=true", field: "host") == ["h1"])
            api.clock.now.secondsSinceEpoch += 1
            #expect(try await api.list("agents", "alive=true", field: "host") == [])
            #expect(try await api.list("agents", "agent_type=DHCP+Agent", field: "host") == ["h1"])
            #expect(try await api.list("agents", "agent_type=L3+agent", field: "host") == [])
            #expect(
                try await api.list("agents", "host=h1&binary=neutron-dhcp-agent", field: "host") == ["h1"])
        }
    }

    @Test func `an agent is taken out of service and deleted, never created`() async throws {
        try await withAPI { api in
            let id = try await report(api)
            let disabled = try await api.send(
                "PUT", "/v2.0/agents/\(id)", #"{"agent": {"admin_state_up": false, "description": "moved"}}"#)
            #expect(disabled.status == 200)
            #expect(disabled.json["agent"]?["admin_state_up"] == .bool(false))
            #expect(disabled.json["agent"]?["description"] == .string("moved"))
            let readOnly = try await api.send("PUT", "/v2.0/agents/\(id)", #"{"agent": {"host": "h2"}}"#)
            #expect(readOnly.message == "Cannot update read-only attribute host")
            let post = try await api.send("POST", "/v2.0/agents", #"{"agent": {}}"#)
            #expect(post.status == 405)
            #expect(post.headers["Allow"] == "GET")
            #expect(try await api.send("DELETE", "/v2.0/agents/\(id)").status == 204)
            #expect(try await api.send("GET", "/v2.0/agents/\(id)").errorType == "AgentNotFound")
            #expect(try await api.send("GET", "/v2.0/agents/x/tags").status == 404)
        }
    }
}
