import NetworkModel
import NetworkStore
import Testing

@testable import NeutronAPI

@Suite struct Discoveries {
    @Test func `the root has the version document that keystoneauth demands`() async throws {
        try await withAPI { api in
            let answer = try await api.send("GET", "/")
            #expect(answer.status == 200)
            let version = try #require(answer.json["versions"]?.array?.first)
            #expect(version["id"] == .string("v2.0"))
            #expect(version["status"] == .string("CURRENT"))
            #expect(version["links"]?.array?.first?["href"] == .string("http://127.0.0.1:9696/v2.0/"))
        }
    }

    @Test func `the resource list stands at the path with a slash only`() async throws {
        try await withAPI { api in
            let answer = try await api.send("GET", "/v2.0/")
            let names = answer.json["resources"]?.array?.compactMap { $0["collection"]?.string }
            #expect(names == ["networks", "subnets", "ports", "subnetpools"])
            #expect(try await api.send("GET", "/v2.0").status == 404)
        }
    }

    @Test func `extensions are listed and shown, unknown ones are 404`() async throws {
        try await withAPI { api in
            let list = try await api.send("GET", "/v2.0/extensions").json["extensions"]?.array
            let aliases = try #require(list).compactMap { $0["alias"]?.string }
            #expect(Set(aliases).count == aliases.count)
            #expect(aliases.contains("extra_dhcp_opt"))
            for alias in aliases {
                let shown = try await api.send("GET", "/v2.0/extensions/\(alias)")
                #expect(shown.json["extension"]?["alias"] == .string(alias))
            }
            let unknown = try await api.send("GET", "/v2.0/extensions/security-group")
            #expect(unknown.status == 404)
            #expect(unknown.message == "Extension with alias security-group does not exist")
        }
    }
}

@Suite struct Refusals {
    @Test(arguments: [
        ("", "Unable to find 'network' in request body"), ("{}", "Unable to find 'network' in request body"),
        ("null", "Body contains invalid data"),
        ("[]", "Body contains invalid data"), ("7", "Body contains invalid data"),
        (#"{"port": {}}"#, "Unable to find 'network' in request body"),
        (#"{"network": null}"#, "Unable to find 'network' in request body"),
        (#"{"network": []}"#, "Object 'network' contains invalid data"),
        (#"{"network": "x"}"#, "Object 'network' contains invalid data"),
        (#"{"networks": []}"#, "Resources required"), (#"{"networks": {}}"#, "Resources required"),
        (#"{"networks": "x"}"#, "Object 'network' contains invalid data"),
        (#"{"networks": [7]}"#, "Body contains invalid data"),
        (#"{"network": {"shoe": 1, "name": "x", "hat": 2}}"#, "Unrecognized attribute(s) 'shoe, hat'"),
        (#"{"network": {"id": "x"}}"#, "Attribute 'id' not allowed in POST"),
        (#"{"network": {"status": "ACTIVE"}}"#, "Attribute 'status' not allowed in POST"),
        (#"{"network": {"name": 5}}"#, "Invalid input for name. Reason: '5' is not a valid string."),
        (
            #"{"network": {"admin_state_up": "x"}}"#,
            "Invalid input for operation: 'x' cannot be converted to boolean."
        ),
        (#"{"network": {"mtu": -1}}"#, "Invalid input for mtu. Reason: '-1' should be non-negative."),
        (
            #"{"network": {"availability_zone_hints": "nova"}}"#,
            "Invalid input for availability_zone_hints. Reason: 'nova' is not a list."
        ),
        (#"{"network": "#, "Body contains invalid data: the text ends too early (at byte 12)"),
        (
            #"{"network": {"name": "a", "name": "b"}}"#,
            "Body contains invalid data: the key 'name' appears twice (at byte 26)"
        ),
    ])
    func `bodies that are no request are refused with the reason`(body: String, message: String) async throws
    {
        try await withAPI { api in
            let answer = try await api.send("POST", "/v2.0/networks", body)
            #expect(answer.status == 400)
            #expect(answer.message == message)
            #expect(answer.json["NeutronError"]?["detail"] == .string(""))
            #expect(try await api.list("networks") == [])
        }
    }

    @Test func `a name of 256 characters is refused`() async throws {
        try await withAPI { api in
            let name = String(repeating: "n", count: 256)
            let answer = try await api.send(
                "POST", "/v2.0/networks", "{\"network\": {\"name\": \"\(name)\"}}")
            #expect(
                answer.message == "Invalid input for name. Reason: '\(name)' exceeds maximum length of 255.")
        }
    }

    @Test func `bytes that are not UTF-8, depth bombs and large bodies are refused`() async throws {
        try await withAPI { api in
            var bytes = Array(#"{"network": {"name": "x"}}"#.utf8)
            bytes[22] = 0xFF
            let garbled = try await api.send("POST", "/v2.0/networks", bytes: bytes)
            #expect(garbled.status == 400)
            #expect(garbled.message?.contains("not UTF-8") == true)
            let bomb = [UInt8](repeating: UInt8(ascii: "["), count: 500_000)
            #expect(
                try await api.send("POST", "/v2.0/networks", bytes: bomb).message?.contains("deeper") == true)
            let large = [UInt8](repeating: 0x20, count: 10 << 20)
            let refused = try await api.send("POST", "/v2.0/networks", bytes: large)
            #expect(refused.status == 413)
            #expect(refused.message == "The request body is larger than 1048576 bytes.")
        }
    }

    @Test func `read-only attributes and bulk bodies are refused in PUT`() async throws {
        try await withAPI { api in
            let (network, subnet) = try await api.networkWithSubnet()
            for (target, body, message) in [
                (
                    "subnets/\(subnet)", #"{"subnet": {"cidr": "10.1.0.0/24"}}"#,
                    "Cannot update read-only attribute cidr"
                ),
                (
                    "subnets/\(subnet)", #"{"subnet": {"network_id": null}}"#,
                    "Cannot update read-only attribute network_id"
                ),
                (
                    "networks/\(network)", #"{"network": {"tags": []}}"#,
                    "Cannot update read-only attribute tags"
                ),
                (
                    "networks/\(network)", #"{"network": {"tenant_id": "x"}}"#,
                    "Cannot update read-only attribute tenant_id"
                ),
                ("networks/\(network)", #"{"network": {"x": 1}}"#, "Unrecognized attribute(s) 'x'"),
                ("networks/\(network)", #"{"networks": [{}]}"#, "Bulk operation not supported"),
                ("networks/\(network)", #"{"subnet": {}}"#, "Unable to find 'network' in request body"),
                ("networks/\(network)", "", "Unable to find 'network' in request body"),
            ] {
                let answer = try await api.send("PUT", "/v2.0/\(target)", body)
                #expect(answer.status == 400)
                #expect(answer.message == message)
            }
        }
    }

    @Test func `a DELETE with a body is refused`() async throws {
        try await withAPI { api in
            let id = try #require(try await api.create("network", "\"name\": \"n\"")["id"]?.string)
            let answer = try await api.send("DELETE", "/v2.0/networks/\(id)", "{}")
            #expect(answer.status == 400)
            #expect(try await api.list("networks") == ["n"])
            #expect(
                try await api.send("DELETE", "/v2.0/networks/e5a5c64a-03f2-4652-a5ae-3e5ff2d36102", "{}")
                    .status == 404)
        }
    }

    @Test(arguments: ["networks", "subnets", "ports", "agents"])
    func `ids that nothing has are 404 for every verb`(collection: String) async throws {
        try await withAPI { api in
            let singular = String(collection.dropLast())
            for id in ["7b3f5f23-2dd6-4ccf-840d-de08f97d1b1c", "no such name", "é\"", "..", "'"] {
                let target = "/v2.0/\(collection)/\(percentEncode(id))"
                for (method, body) in [
                    ("GET", ""), ("PUT", "{\"\(singular)\": {\"description\": \"x\"}}"), ("DELETE", ""),
                ] {
                    let answer = try await api.send(method, target, body)
                    #expect(answer.status == 404, "\(method) \(target)")
                    #expect(answer.errorType?.hasSuffix("NotFound") == true)
                    #expect(answer.message?.contains(id) == true)
                }
            }
        }
    }

    @Test(arguments: [
        "/v2.0/trunks", "/v2.0/tenants/x", "/v2.0/networks/a/b/c/d/e", "/v2.0/networks/a/subnets", "/v3",
        "/v2.0//", "/identity", "/v2.0/extensions/a/b", "/favicon.ico", "//",
    ])
    func `unknown paths are 404 with Neutron's body`(path: String) async throws {
        try await withAPI { api in
            let answer = try await api.send("GET", path)
            #expect(answer.status == 404)
            #expect(answer.errorType == "HTTPNotFound")
        }
    }

    @Test(arguments: [
        ("PUT", "/v2.0/networks", "GET, POST"), ("DELETE", "/v2.0/ports", "GET, POST"),
        ("POST", "/v2.0/networks/x", "GET, PUT, DELETE"), ("PATCH", "/v2.0/subnets/x", "GET, PUT, DELETE"),
        ("POST", "/v2.0/extensions", "GET"), ("POST", "/", "GET"), ("DELETE", "/v2.0/", "GET"),
        ("BREW", "/v2.0/networks", "GET, POST"),
    ])
    func `wrong verbs are 405 and say which are right`(method: String, path: String, allowed: String)
        async throws
    {
        try await withAPI { api in
            let answer = try await api.send(method, path)
            #expect(answer.status == 405)
            #expect(answer.headers["Allow"] == allowed)
            #expect(answer.errorType == "HTTPMethodNotAllowed")
        }
    }

    @Test(arguments: ["/v2.0/networks/%", "/v2.0/networks/%zz", "/v2.0/networks?name=%ff", "/%C3"])
    func `malformed targets are no requests`(target: String) {
        #expect(APIRequest(method: "GET", target: target) == nil)
    }

    @Test func `a store that fails is 503 with a fixed text`() async throws {
        try await withAPI { api in
            api.store.failNextCommit(StoreError(.io, operation: "commit", detail: "/secret/path: disk full"))
            let answer = try await api.send("POST", "/v2.0/networks", #"{"network": {}}"#)
            #expect(answer.status == 503)
            #expect(answer.errorType == "ServiceUnavailable")
            #expect(answer.message?.contains("secret") == false)
            #expect(try await api.send("POST", "/v2.0/networks", #"{"network": {}}"#).status == 201)
        }
    }

    @Test func `every kind of refusal has its status`() {
        let statuses: [(ModelError.Kind, Int)] = [
            (.badRequest, 400), (.notAuthorized, 403), (.forbidden, 403), (.notFound, 404), (.conflict, 409),
            (.preconditionFailed, 412), (.serviceUnavailable, 503), (.notImplemented, 501),
            (.internalError, 500),
        ]
        for (kind, status) in statuses {
            let error = APIError(ModelError(kind, "SomeType", "cause"))
            #expect(error.status == status)
            #expect((error.message == "cause") == (status != 500))
        }
        struct Surprise: Error {}
        let surprise = APIError.of(Surprise())
        #expect(surprise.status == 500)
        #expect(surprise.message == APIError.internalMessage)
        #expect(surprise.logged?.contains("Surprise") == true)
    }
}

@Suite struct Tokens {
    @Test func `with a token only the version document is open`() async throws {
        try await withAPI(authenticator: AdminToken("secret")) { api in
            #expect(try await api.send("GET", "/").status == 200)
            for token in [nil, "", "secreT", "secre", "secrets"] {
                let headers = token.map { ["x-auth-token": $0] } ?? [:]
                let answer = try await api.send("GET", "/v2.0/networks", headers: headers)
                #expect(answer.status == 401)
                #expect(answer.errorType == "HTTPUnauthorized")
            }
            #expect(
                try await api.send("GET", "/v2.0/networks", headers: ["x-auth-token": "secret"]).status == 200
            )
        }
    }
}

@Suite struct ExtraRoutes {
    @Test func `extra routes answer beside Neutron's and share its errors`() async throws {
        let routes = [
            ExtraRoute("GET", "/leasehold/status", id: "a", summary: "Status.", answer: .string) { _, _ in
                .json(200) { $0.string("up") }
            },
            ExtraRoute(
                "GET", "/leasehold/networks/{id}", id: "b", summary: "Network.", parameters: [.string],
                answer: .string, refusals: [404]
            ) {
                request, parameters in
                guard parameters == ["n1"] else { throw ModelError(.notFound, "NoNet", "none") }
                return .json(200) { $0.string(request.values(of: "q").joined()) }
            },
            ExtraRoute("GET", "/leasehold/broken", id: "c", summary: "Nothing.", answer: .string) { _, _ in
                throw HarnessError.noResult
            },
        ]
        try await withAPI(routes: routes) { api in
            #expect(try await api.send("GET", "/leasehold/status").json == .string("up"))
            #expect(try await api.send("POST", "/leasehold/status").status == 405)
            #expect(try await api.send("GET", "/leasehold/networks/n1?q=a+b").json == .string("a b"))
            #expect(try await api.send("GET", "/leasehold/networks/n2").errorType == "NoNet")
            let broken = try await api.send("GET", "/leasehold/broken")
            #expect(broken.status == 500)
            #expect(broken.message == APIError.internalMessage)
            #expect(try await api.send("GET", "/leasehold/other").status == 404)
            #expect(try await api.send("GET", "/").status == 200)
        }
    }
}
