import NetworkModel
import Testing

@testable import NeutronAPI

private let own = "00000000000000000000000000000000"

@Suite struct QuotasOverTheAPI {
    private func limits(_ json: JSONValue?) -> [Int?] {
        ["network", "subnet", "port", "subnetpool"].map {
            if case .integer(let limit)? = json?[$0] { limit } else { nil }
        }
    }

    @Test func `a project has the defaults until something is set, and again when it is deleted`()
        async throws
    {
        try await withAPI { api in
            let quota = try await api.send("GET", "/v2.0/quotas/p1").json["quota"]
            #expect(limits(quota) == [100, 100, 500, -1])
            #expect(quota?["project_id"] == .string("p1"))
            #expect(try await api.list("quotas", field: "project_id") == [])

            let set = try await api.send(
                "PUT", "/v2.0/quotas/p1", #"{"quota": {"network": "3", "port": -1, "check_limit": true}}"#)
            #expect(set.status == 200)
            #expect(limits(set.json["quota"]) == [3, 100, -1, -1])
            #expect(try await api.list("quotas", field: "project_id") == ["p1"])
            #expect(try await api.list("quotas", field: "tenant_id") == ["p1"])
            for suffix in ["default", "default.json"] {
                let standard = try await api.send("GET", "/v2.0/quotas/p1/\(suffix)").json["quota"]
                #expect(limits(standard) == [100, 100, 500, -1])
            }

            #expect(try await api.send("DELETE", "/v2.0/quotas/p1").status == 204)
            #expect(limits(try await api.send("GET", "/v2.0/quotas/p1.json").json["quota"])[0] == 100)
            let again = try await api.send("DELETE", "/v2.0/quotas/p1")
            #expect(again.status == 404)
            #expect(again.message == "Quota for project p1 could not be found.")
        }
    }

    @Test func `details count what the project has`() async throws {
        try await withAPI { api in
            let (network, _) = try await api.networkWithSubnet()
            _ = try await api.create("port", "\"network_id\": \"\(network)\"")
            for suffix in ["details.json", "details"] {
                let quota = try await api.send("GET", "/v2.0/quotas/\(own)/\(suffix)").json["quota"]
                #expect(
                    ["network", "subnet", "port", "subnetpool"].map { quota?[$0]?["used"] } == [
                        .integer(1), .integer(1), .integer(1), .integer(0),
                    ])
                #expect(quota?["port"]?["limit"] == .integer(500))
                #expect(quota?["port"]?["reserved"] == .integer(0))
            }
            let me = try await api.send("GET", "/v2.0/quotas/project")
            #expect(me.json["project"]?["project_id"] == .string(own))
            let tenant = try await api.send("GET", "/v2.0/quotas/tenant")
            #expect(tenant.json["tenant"]?["tenant_id"] == .string(own))
        }
    }

    @Test func `limits of what there is none of are kept and shown, too`() async throws {
        let kinds = ["router", "floatingip", "security_group", "security_group_rule", "rbac_policy"]
        try await withAPI { api in
            for kind in kinds {
                let before = try await api.send("GET", "/v2.0/quotas/p1").json["quota"]
                #expect(before?[kind] == .integer(-1))
                let set = try await api.send("PUT", "/v2.0/quotas/p1", "{\"quota\": {\"\(kind)\": 0}}")
                #expect(set.status == 200)
                #expect(set.json["quota"]?[kind] == .integer(0))
                #expect(try await api.send("GET", "/v2.0/quotas/p1").json["quota"]?[kind] == .integer(0))
                let details = try await api.send("GET", "/v2.0/quotas/p1/details").json["quota"]?[kind]
                #expect(details?["limit"] == .integer(0))
                #expect(details?["used"] == .integer(0))
            }
            #expect(try await api.list("quotas", field: "project_id") == ["p1"])
            #expect(
                limits(try await api.send("GET", "/v2.0/quotas/p1").json["quota"]) == [100, 100, 500, -1])
        }
    }

    @Test func `a project may be called project`() async throws {
        try await withAPI { api in
            let put = try await api.send("PUT", "/v2.0/quotas/project", #"{"quota": {"network": 3}}"#)
            #expect(put.json["quota"]?["network"] == .integer(3))
            #expect(put.json["quota"]?["project_id"] == .string("project"))
            #expect(try await api.list("quotas", field: "project_id") == ["project"])
            #expect(try await api.send("DELETE", "/v2.0/quotas/project").status == 204)
            let post = try await api.send("POST", "/v2.0/quotas/project", "{}")
            #expect(post.status == 405)
            // What the description says of the most literal path.
            #expect(post.headers["Allow"] == "GET")
        }
    }

    @Test func `creations stop at the limit, all or none`() async throws {
        try await withAPI { api in
            #expect(
                try await api.send("PUT", "/v2.0/quotas/\(own)", #"{"quota": {"network": 2}}"#).status == 200)
            let three = try await api.send(
                "POST", "/v2.0/networks", #"{"networks": [{"name": "a"}, {"name": "b"}, {"name": "c"}]}"#)
            #expect(three.status == 409)
            #expect(three.errorType == "OverQuota")
            #expect(three.message == "Quota exceeded for resources: ['network'].")
            #expect(try await api.list("networks") == [])
            _ = try await api.create("network", "")
            _ = try await api.create("network", "")
            #expect(try await api.send("POST", "/v2.0/networks", #"{"network": {}}"#).status == 409)
            _ = try await api.create("network", #""project_id": "p2""#)

            let below = try await api.send("PUT", "/v2.0/quotas/\(own)", #"{"quota": {"network": 1}}"#)
            #expect(below.status == 400)
            #expect(
                below.message
                    == "Quota limit 1 for network must be greater than or equal to already used 2")
            let forced = try await api.send(
                "PUT", "/v2.0/quotas/\(own)", #"{"quota": {"network": 1, "force": true}}"#)
            #expect(forced.status == 200)
        }
    }

    @Test(arguments: [
        ("", "Resource body required"), ("{}", "Resource body required"),
        ("[]", "Body contains invalid data"),
        (#"{"network": 1}"#, "Unable to find 'quota' in request body"),
        (#"{"quota": 1}"#, "Object 'quota' contains invalid data"),
        (#"{"quota": {"firewall": 1}}"#, "Unrecognized attribute(s) 'firewall'"),
        (
            #"{"quota": {"network": -2}}"#,
            "Invalid input for network. Reason: '-2' is too small - must be at least '-1'."
        ),
        (
            #"{"quota": {"port": 2147483648}}"#,
            "Invalid input for port. Reason: '2147483648' is too large - must be no larger than '2147483647'."
        ),
        (#"{"quota": {"port": "many"}}"#, "Invalid input for operation: 'many' is not an integer."),
        (#"{"quota": {"project_id": "x"}}"#, "Cannot update read-only attribute project_id"),
    ])
    func `quotas that cannot be are refused`(body: String, message: String) async throws {
        try await withAPI { api in
            let answer = try await api.send("PUT", "/v2.0/quotas/p1", body)
            #expect(answer.status == 400)
            #expect(answer.message == message)
            #expect(try await api.list("quotas", field: "project_id") == [])
        }
    }

    @Test func `other verbs are refused`() async throws {
        try await withAPI { api in
            for (method, target) in [("POST", "quotas"), ("POST", "quotas/p1"), ("PUT", "quotas/p1/details")]
            {
                let answer = try await api.send(method, "/v2.0/\(target)", "{}")
                #expect(answer.status == 405)
            }
            let withBody = try await api.send("DELETE", "/v2.0/quotas/p1", "{}")
            #expect(withBody.status == 400)
        }
    }
}
