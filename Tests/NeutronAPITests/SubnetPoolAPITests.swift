import Testing

@testable import NeutronAPI

private let unknownID = "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c"

@Suite struct SubnetPoolsOverTheAPI {
    @Test func `a pool is created, shown, changed, tagged and deleted`() async throws {
        try await withAPI { api in
            let pool = try await api.create(
                "subnetpool",
                #""name": "p", "prefixes": ["10.1.0.0/16", "10.0.0.0/16"], "default_prefixlen": "24""#)
            let id = try #require(pool["id"]?.string)
            #expect(
                Set(try #require(pool.object).keys) == [
                    "id", "name", "prefixes", "default_quota", "ip_version", "default_prefixlen",
                    "min_prefixlen", "max_prefixlen", "is_default", "shared", "address_scope_id",
                    "project_id", "tenant_id", "description", "tags", "created_at", "updated_at",
                    "revision_number",
                ])
            #expect(pool["prefixes"] == .array([.string("10.0.0.0/15")]))
            #expect(pool["default_prefixlen"] == .string("24"))
            #expect(pool["min_prefixlen"] == .string("8"))
            #expect(pool["max_prefixlen"] == .string("32"))
            #expect(pool["ip_version"] == .integer(4))
            #expect(pool["default_quota"] == .null)
            #expect(pool["address_scope_id"] == .null)

            let target = "/v2.0/subnetpools/\(id)"
            let changed = try await api.send(
                "PUT", target, #"{"subnetpool": {"prefixes": ["10.0.0.0/14"], "default_quota": 1024}}"#,
                headers: ["if-match": "revision_number=0"])
            #expect(changed.status == 200)
            #expect(changed.json["subnetpool"]?["prefixes"] == .array([.string("10.0.0.0/14")]))
            #expect(changed.json["subnetpool"]?["default_quota"] == .integer(1024))
            #expect(changed.json["subnetpool"]?["revision_number"] == .integer(1))
            #expect(
                try await api.send(
                    "PUT", target, #"{"subnetpool": {}}"#, headers: ["if-match": "revision_number=0"]
                ).status == 412)
            #expect(try await api.send("PUT", "\(target)/tags/red").status == 201)
            #expect(try await api.list("subnetpools", "tags=red") == ["p"])
            #expect(try await api.list("subnetpools", "not-tags=red") == [])
            #expect(try await api.send("DELETE", target).status == 204)
            #expect(try await api.send("GET", target).message == "Subnet pool \(id) could not be found.")
        }
    }

    @Test func `pools are filtered by what Neutron filters them by`() async throws {
        try await withAPI { api in
            _ = try await api.create(
                "subnetpool", #""name": "a", "prefixes": ["10.0.0.0/16"], "is_default": true"#)
            _ = try await api.create(
                "subnetpool", #""name": "b", "prefixes": ["2001:db8::/32"], "shared": true"#)
            for (query, names) in [
                ("ip_version=4", ["a"]), ("is_default=true", ["a"]), ("shared=1", ["b"]),
                ("min_prefixlen=64", ["b"]), ("max_prefixlen=32", ["a"]), ("default_prefixlen=8", ["a"]),
                ("name=a&name=b", ["a", "b"]), ("default_quota=5", []),
            ] {
                #expect(try await api.list("subnetpools", query).sorted() == names, "\(query)")
            }
            #expect(
                try await api.list("subnetpools", "sort_key=ip_version&sort_dir=desc") == ["b", "a"])
        }
    }

    @Test(arguments: [
        (
            #""prefixes": ["10.0.0.0/8"]"#, 400,
            "Failed to parse request. Required attribute 'name' not specified"
        ),
        (
            #""name": " ", "prefixes": ["10.0.0.0/8"]"#, 400,
            "Invalid input for name. Reason: ' ' Blank strings are not permitted."
        ),
        (#""name": "p", "prefixes": []"#, 400, "Empty subnet pool prefix list."),
        (
            #""name": "p", "prefixes": ["10.0.0.0/33"]"#, 400,
            "Invalid input for prefixes. Reason: '10.0.0.0/33' is not a valid IP subnet."
        ),
        (
            #""name": "p", "prefixes": ["10.0.0.0/8", "2001:db8::/32"]"#, 400,
            "Cannot mix IPv4 and IPv6 prefixes in a subnet pool."
        ),
        (
            #""name": "p", "prefixes": ["10.0.0.0/8"], "min_prefixlen": 30, "max_prefixlen": 24"#, 400,
            "Illegal prefix bounds: min_prefixlen=30, max_prefixlen=24."
        ),
        (
            #""name": "p", "prefixes": ["10.0.0.0/8"], "default_quota": -1"#, 400,
            "Invalid input for default_quota. Reason: '-1' should be non-negative."
        ),
        (
            #""name": "p", "prefixes": ["10.0.0.0/8"], "ip_version": 4"#, 400,
            "Attribute 'ip_version' not allowed in POST"
        ),
    ])
    func `a pool that cannot be is refused`(fields: String, status: Int, message: String) async throws {
        try await withAPI { api in
            let answer = try await api.send("POST", "/v2.0/subnetpools", "{\"subnetpool\": {\(fields)}}")
            #expect(answer.status == status)
            #expect(answer.message == message)
        }
    }

    @Test func `subnets are cut from a named pool, from the default one, and of a length`() async throws {
        try await withAPI { api in
            let pool = try await api.id(
                of: "subnetpool",
                #""name": "p", "prefixes": ["10.0.0.0/16"], "default_prefixlen": 26, "is_default": true"#)
            let network = try await api.id(of: "network", "")
            let common = "\"network_id\": \"\(network)\", \"ip_version\": 4"
            let first = try await api.create("subnet", "\(common), \"subnetpool_id\": \"\(pool)\"")
            #expect(first["cidr"] == .string("10.0.0.0/26"))
            #expect(first["subnetpool_id"] == .string(pool))
            #expect(first["gateway_ip"] == .string("10.0.0.1"))
            let second = try await api.create("subnet", "\(common), \"use_default_subnetpool\": true")
            #expect(second["cidr"] == .string("10.0.0.64/26"))
            let third = try await api.create(
                "subnet", "\(common), \"subnetpool_id\": \"\(pool)\", \"prefixlen\": \"25\"")
            #expect(third["cidr"] == .string("10.0.0.128/25"))
            #expect(third["prefixlen"] == nil && third["use_default_subnetpool"] == nil)
            #expect(try await api.list("subnets", "subnetpool_id=\(pool)", field: "cidr").count == 3)
            let held = try await api.send("DELETE", "/v2.0/subnetpools/\(pool)")
            #expect(held.status == 400)
            #expect(held.errorType == "SubnetPoolDeleteError")
            #expect(held.message == "Unable to delete subnet pool: Subnet pool has existing allocations.")
        }
    }

    @Test(arguments: [
        (#""subnetpool_id": "POOL", "cidr": "10.0.0.0/24", "prefixlen": 24"#, 400, "BadRequest"),
        (#""subnetpool_id": "POOL", "use_default_subnetpool": true"#, 400, "BadRequest"),
        (#""subnetpool_id": "POOL", "prefixlen": 4"#, 400, "MinPrefixSubnetAllocationError"),
        (#""use_default_subnetpool": true"#, 400, "BadRequest"),
        (#""subnetpool_id": "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c""#, 404, "SubnetPoolNotFound"),
        (
            #""subnetpool_id": "POOL", "segment_id": "7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c""#, 404,
            "SegmentNotFound"
        ),
        (#""prefixlen": 24"#, 400, "BadRequest"),
        (#""subnetpool_id": "p""#, 400, "HTTPBadRequest"),
    ])
    func `a subnet that a pool cannot give is refused`(fields: String, status: Int, type: String) async throws
    {
        try await withAPI { api in
            let pool = try await api.id(of: "subnetpool", #""name": "p", "prefixes": ["10.0.0.0/16"]"#)
            let network = try await api.id(of: "network", "")
            let answer = try await api.send(
                "POST", "/v2.0/subnets",
                "{\"subnet\": {\"network_id\": \"\(network)\", \"ip_version\": 4, "
                    + "\(replacing("POOL", in: fields, with: pool))}}")
            #expect(answer.status == status, "\(answer.message ?? "")")
            #expect(answer.errorType == type, "\(answer.message ?? "")")
        }
    }

    @Test func `bulk requests make all pools or none`() async throws {
        try await withAPI { api in
            let refused = try await api.send(
                "POST", "/v2.0/subnetpools",
                #"{"subnetpools": [{"name": "a", "prefixes": ["10.0.0.0/8"]}, {"name": "b", "prefixes": []}]}"#
            )
            #expect(refused.status == 400)
            #expect(try await api.list("subnetpools") == [])
            let made = try await api.send(
                "POST", "/v2.0/subnetpools",
                #"{"subnetpools": [{"name": "a", "prefixes": ["10.0.0.0/8"]}, "#
                    + #"{"name": "b", "prefixes": ["10.0.0.0/8"]}]}"#)
            #expect(made.status == 201)
            #expect(try await api.list("subnetpools", "sort_key=name&sort_dir=asc") == ["a", "b"])
        }
    }
}
