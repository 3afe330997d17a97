import Addressing
import NetworkModel
import Testing

@testable import NeutronAPI

private let unknownID = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"

@Suite struct NetworksOverTheAPI {
    @Test func `a network is created, shown, changed and deleted`() async throws {
        try await withAPI { api in
            let network = try await api.create("network", "\"name\": \"net1\", \"admin_state_up\": true")
            let id = try #require(network["id"]?.string)
            #expect(network["status"] == .string("ACTIVE"))
            #expect(network["tenant_id"] == .string("00000000000000000000000000000000"))
            #expect(network["created_at"] == .string("2026-11-22T14:00:00Z"))
            #expect(network["revision_number"] == .integer(1))
            #expect(try await api.send("GET", "/v2.0/networks/\(id)").json["network"] == network)

            api.clock.now = Timestamp(secondsSinceEpoch: 1_795_356_005)
            let changed = try await api.send(
                "PUT", "/v2.0/networks/\(id)", #"{"network": {"description": "newd"}}"#)
            #expect(changed.status == 200)
            #expect(changed.json["network"]?["description"] == .string("newd"))
            #expect(changed.json["network"]?["updated_at"] == .string("2026-11-22T14:00:05Z"))
            #expect(changed.json["network"]?["revision_number"] == .integer(2))

            #expect(try await api.send("DELETE", "/v2.0/networks/\(id)").status == 204)
            let gone = try await api.send("GET", "/v2.0/networks/\(id)")
            #expect(gone.status == 404)
            #expect(gone.errorType == "NetworkNotFound")
            #expect(gone.message == "Network \(id) could not be found.")
        }
    }

    @Test func `a network has all of Neutron's fields`() async throws {
        try await withAPI { api in
            let network = try await api.create("network", "")
            #expect(
                Set(try #require(network.object).keys) == [
                    "id", "name", "admin_state_up", "status", "shared", "project_id", "tenant_id", "subnets",
                    "mtu", "dns_domain", "port_security_enabled", "router:external", "provider:network_type",
                    "provider:physical_network", "provider:segmentation_id", "is_default",
                    "availability_zone_hints", "availability_zones", "ipv4_address_scope",
                    "ipv6_address_scope", "vlan_transparent", "qos_policy_id", "description", "tags",
                    "revision_number", "created_at", "updated_at", "leasehold:dhcp_driver",
                ])
        }
    }

    @Test func `numbers may come as text, as the client sends them`() async throws {
        var policy = ModelPolicy()
        policy.vlanRanges = ["physnet1": 1...4094]
        try await withAPI(policy: policy) { api in
            let network = try await api.create(
                "network",
                #""provider:segmentation_id": "100", "provider:network_type": "vlan", "mtu": "1450", "#
                    + #""shared": "true", "provider:physical_network": "physnet1""#)
            #expect(network["mtu"] == .integer(1450))
            #expect(network["provider:segmentation_id"] == .integer(100))
            #expect(network["shared"] == .bool(true))
        }
    }

    @Test func `descriptions may hold any character, names any that is printed, and come back as they were`()
        async throws
    {
        try await withAPI { api in
            for (attribute, text) in [
                ("description", "a\nb"), ("description", "\u{1}\u{7F}"), ("description", "😀 é 日本"),
                ("description", String(repeating: "😀", count: 255)), ("name", "q\"uo'te\\"),
                ("name", "é 日本"), ("name", "<b>"), ("name", String(repeating: "日", count: 255)),
            ] {
                var writer = JSONWriter()
                writer.string(text)
                let network = try await api.create(
                    "network", "\"\(attribute)\": \(String(decoding: writer.bytes, as: UTF8.self))")
                #expect(network[attribute] == .string(text))
                let query = "\(attribute)=\(percentEncode(text))"
                #expect(try await api.list("networks", query, field: attribute) == [text])
            }
            let refused = try await api.send("POST", "/v2.0/networks", #"{"network": {"name": "😀"}}"#)
            #expect(refused.status == 400)
            #expect(refused.message == "Invalid input for name. Reason: '😀' is not a valid string.")
        }
    }

    @Test func `the project comes from the header or the body`() async throws {
        try await withAPI { api in
            let body = #"{"network": {"name": "n"}}"#
            let answer = try await api.send(
                "POST", "/v2.0/networks", body, headers: ["x-project-id": "p1"])
            #expect(answer.json["network"]?["project_id"] == .string("p1"))
            let other = try await api.create("network", "\"tenant_id\": \"p2\"")
            #expect(other["project_id"] == .string("p2"))
            let mismatch = try await api.send(
                "POST", "/v2.0/networks", #"{"network": {"tenant_id": "a", "project_id": "b"}}"#)
            #expect(mismatch.status == 400)
            #expect(mismatch.message == "'project_id' and 'tenant_id' do not match")
            let long = try await api.send(
                "POST", "/v2.0/networks", body,
                headers: ["x-project-id": String(repeating: "p", count: 256)])
            #expect(long.status == 400)
        }
    }

    @Test func `a bulk request makes all or none`() async throws {
        try await withAPI { api in
            let made = try await api.send(
                "POST", "/v2.0/networks", #"{"networks": [{"name": "a"}, {"network": {"name": "b"}}]}"#)
            #expect(made.status == 201)
            #expect(made.json["networks"]?.array?.compactMap { $0["name"]?.string } == ["a", "b"])
            let refused = try await api.send(
                "POST", "/v2.0/networks", #"{"networks": [{"name": "c"}, {"name": "d", "mtu": -1}]}"#)
            #expect(refused.status == 400)
            #expect(Set(try await api.list("networks")) == ["a", "b"])
        }
    }

    @Test func `If-Match holds a change to a revision`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.create("network", "")["id"]?.string)
            let target = "/v2.0/networks/\(id)"
            let change = #"{"network": {"name": "x"}}"#
            let missed = try await api.send(
                "PUT", target, change, headers: ["if-match": "revision_number=5"])
            #expect(missed.status == 412)
            #expect(missed.errorType == "RevisionNumberConstraintFailed")
            #expect(
                try await api.send("DELETE", target, headers: ["if-match": "revision_number=5"]).status == 412
            )
            for wrong in ["revision_number=soon", "revision_number=0, revision_number=1"] {
                let refused = try await api.send("PUT", target, change, headers: ["if-match": wrong])
                #expect(refused.status == 400)
                #expect(refused.errorType == "BadRequest")
            }
            // Tags of another form say nothing, as in Neutron.
            let other = try await api.send("PUT", target, #"{"network": {}}"#, headers: ["if-match": "soon"])
            #expect(other.status == 200)
            #expect(
                try await api.send("PUT", target, change, headers: ["if-match": "revision_number=1"]).status
                    == 200)
            #expect(
                try await api.send("DELETE", target, headers: ["if-match": "revision_number=2"]).status == 204
            )
        }
    }

    @Test func `tags are replaced, added, asked for and removed`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.create("network", "\"name\": \"t\"")["id"]?.string)
            let tags = "/v2.0/networks/\(id)/tags"
            func present() async throws -> JSONValue? { try await api.send("GET", tags).json["tags"] }

            let put = try await api.send("PUT", tags, #"{"tags": ["a", "b"]}"#)
            #expect(put.status == 200)
            #expect(put.json["tags"] == .array([.string("a"), .string("b")]))
            let posted = try await api.send("POST", tags, #"{"tags": ["b", "c"]}"#)
            #expect(posted.status == 200)
            #expect(posted.json["tags"] == .array([.string("b"), .string("c")]))
            #expect(try await present() == .array([.string("a"), .string("b"), .string("c")]))
            #expect(try await api.send("PUT", "\(tags)/d").status == 201)
            #expect(try await api.send("GET", "\(tags)/d").status == 204)
            #expect(try await api.send("DELETE", "\(tags)/d").status == 204)
            #expect(try await api.send("GET", "\(tags)/d").errorType == "TagNotFound")
            #expect(try await api.send("DELETE", "\(tags)/d").status == 404)
            #expect(try await api.list("networks", "tags=a,b") == ["t"])
            #expect(try await api.list("networks", "tags=a,x") == [])
            #expect(try await api.list("networks", "tags=") == [])
            #expect(try await api.list("networks", "tags-any=x,a") == ["t"])
            #expect(try await api.list("networks", "not-tags=a,x") == ["t"])
            #expect(try await api.list("networks", "not-tags-any=a,x") == [])
            #expect(try await api.send("DELETE", tags).status == 204)
            #expect(try await present() == .array([]))

            #expect(try await api.send("PUT", tags, #"{"tags": ["a", "a"]}"#).errorType == "InvalidInput")
            #expect(try await api.send("PUT", tags, "{}").errorType == "InvalidInput")
            #expect(try await api.send("PATCH", tags).status == 405)
            let long = String(repeating: "a", count: 256)
            #expect(try await api.send("PUT", "\(tags)/\(long)").status == 400)
            let many = (0...50).map { "\"\($0)\"" }.joined(separator: ",")
            let tooMany = try await api.send("PUT", tags, "{\"tags\": [\(many)]}")
            #expect(tooMany.errorType == "BadRequest")
            #expect(
                tooMany.message
                    == "Bad networks request: The number of tags exceed the per-resource limit of 50.")
            let nobody = try await api.send("GET", "/v2.0/networks/\(unknownID)/tags")
            #expect(nobody.errorType == "TagResourceNotFound")
        }
    }
}

@Suite struct SubnetsOverTheAPI {
    @Test func `a subnet is created, shown in its network, changed and deleted`() async throws {
        try await withAPI { api in
            let (network, id) = try await api.networkWithSubnet()
            let subnet = try #require(try await api.send("GET", "/v2.0/subnets/\(id)").json["subnet"])
            #expect(subnet["gateway_ip"] == .string("10.0.0.1"))
            #expect(
                subnet["allocation_pools"]?.array?.first?["start"] == .string("10.0.0.2"))
            #expect(subnet["enable_dhcp"] == .bool(true))
            #expect(subnet["subnetpool_id"] == .null)
            let shown = try await api.send("GET", "/v2.0/networks/\(network)")
            #expect(shown.json["network"]?["subnets"] == .array([.string(id)]))

            let changed = try await api.send(
                "PUT", "/v2.0/subnets/\(id)",
                #"{"subnet": {"dns_nameservers": ["1.1.1.1"], "host_routes": "#
                    + #"[{"destination": "10.9.0.0/16", "nexthop": "10.0.0.9"}], "gateway_ip": null}}"#)
            #expect(changed.status == 200)
            #expect(changed.json["subnet"]?["dns_nameservers"] == .array([.string("1.1.1.1")]))
            #expect(changed.json["subnet"]?["gateway_ip"] == .null)
            #expect(
                changed.json["subnet"]?["host_routes"]?.array?.first?["nexthop"] == .string("10.0.0.9"))
            #expect(try await api.send("DELETE", "/v2.0/subnets/\(id)").status == 204)
            #expect(try await api.send("GET", "/v2.0/subnets/\(id)").errorType == "SubnetNotFound")
        }
    }

    @Test func `a subnet has all of Neutron's fields`() async throws {
        try await withAPI { api in
            let (_, id) = try await api.networkWithSubnet()
            let subnet = try await api.send("GET", "/v2.0/subnets/\(id)").json["subnet"]
            #expect(
                Set(try #require(subnet?.object).keys) == [
                    "id", "name", "network_id", "ip_version", "cidr", "gateway_ip", "allocation_pools",
                    "dns_nameservers", "host_routes", "enable_dhcp", "ipv6_ra_mode", "ipv6_address_mode",
                    "subnetpool_id", "segment_id", "service_types", "dns_publish_fixed_ip", "project_id",
                    "tenant_id", "description", "tags", "revision_number", "created_at", "updated_at",
                ])
        }
    }

    @Test(arguments: [
        (#""ip_version": 4"#, 400, "Failed to parse request. Required attribute 'network_id' not specified"),
        (
            #""network_id": "abc", "ip_version": 4"#, 400,
            "Invalid input for network_id. Reason: 'abc' is not a valid UUID."
        ),
        (
            #""network_id": "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c", "cidr": "10.0.0.0/24", "ip_version": 4"#,
            404,
            "Network 7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c could not be found."
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24""#, 400,
            "Failed to parse request. Required attribute 'ip_version' not specified"
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24", "ip_version": 5"#, 400,
            "Invalid input for ip_version. Reason: '5' is not in [4, 6]."
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24", "ip_version": "four""#, 400,
            "Invalid input for operation: 'four' is not an integer."
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0", "ip_version": 4"#, 400,
            "Invalid input for cidr. Reason: '10.0.0.0' isn't a recognized IP subnet cidr, '10.0.0.0/32' is recommended."
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24", "ip_version": 4, "enable_dhcp": "maybe""#, 400,
            "Invalid input for operation: 'maybe' cannot be converted to boolean."
        ),
        (
            #""network_id": "NET", "cidr": "fd00::/64", "ip_version": 6, "ipv6_ra_mode": "x""#, 400,
            "Invalid input for ipv6_ra_mode. Reason: 'x' is not in ['dhcpv6-stateful', 'dhcpv6-stateless', 'slaac']."
        ),
        (
            #""network_id": "NET", "ip_version": 4, "subnetpool_id": "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c""#,
            404,
            "Subnet pool 7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c could not be found."
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24", "ip_version": 4, "tags": ["a"]"#, 400,
            "Attribute 'tags' not allowed in POST"
        ),
        (
            #""network_id": "NET", "cidr": "10.0.0.0/24", "ip_version": 4, "prefixlen": 24, "zone": 1"#, 400,
            "Unrecognized attribute(s) 'zone'"
        ),
    ])
    func `a subnet that cannot be is refused`(fields: String, status: Int, message: String) async throws {
        try await withAPI { api in
            let network = try #require(try await api.create("network", "")["id"]?.string)
            let body = "{\"subnet\": {\(replacing("NET", in: fields, with: network))}}"
            let answer = try await api.send("POST", "/v2.0/subnets", body)
            #expect(answer.status == status)
            #expect(answer.message == message)
        }
    }
}

/// The text with each occurrence of a word replaced.
func replacing(_ word: String, in text: String, with other: String) -> String {
    var result = ""
    var rest = text[...]
    while let range = rest.firstRange(of: word) {
        result += rest[..<range.lowerBound] + other
        rest = rest[range.upperBound...]
    }
    return result + rest
}
