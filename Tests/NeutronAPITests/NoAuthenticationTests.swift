import Testing

@testable import NeutronAPI

/// `auth_strategy = noauth` means every program, not every web page.
@Suite struct NoAuthenticationTests {
    private static let names = ["node1.example.org", "127.0.0.1", "controller"]

    private func status(_ headers: [String: String], names: [String]? = names) async throws -> Int {
        try await withAPI(authenticator: NoAuthentication(hostNames: names)) { api in
            try await api.send(
                "POST", "/v2.0/networks", #"{"network": {"name": "n"}}"#, headers: headers
            ).status
        }
    }

    @Test(arguments: [
        "127.0.0.1:9696", "127.0.0.1", "[::1]:9696", "localhost:9696", "localhost", "api.localhost",
        "localhost.localdomain:9696", "controller", "node1", "node1.example.org.", "NODE1.example.org:9696",
        "192.0.2.7",
    ])
    func `programs are answered`(host: String) async throws {
        #expect(try await status(["host": host]) == 201)
        #expect(try await status(["host": host, "origin": "http://\(host)"]) == 201)
    }

    @Test(arguments: ["http://evil.example", "null", "http://127.0.0.1:8080", "http://localhost:9696", ""])
    func `a page from elsewhere is refused`(origin: String) async throws {
        #expect(try await status(["host": "127.0.0.1:9696", "origin": origin]) == 403)
        #expect(try await status(["host": "127.0.0.1:9696", "origin": origin], names: nil) == 403)
    }

    @Test(arguments: [
        "evil.example:9696", "evil:9696", "127.0.0.1.evil.example", "node1.example.org.evil.example",
    ])
    func `a page whose name was made to mean loopback is refused`(host: String) async throws {
        #expect(try await status(["host": host]) == 403)
        #expect(try await status(["host": host, "origin": "http://\(host)"]) == 403)
        #expect(try await status(["host": host], names: nil) == 201)
    }

    @Test func `the refusal names the page and the remedy`() async throws {
        try await withAPI { api in
            let refused = try await api.send(
                "GET", "/v2.0/networks", headers: ["host": "127.0.0.1", "origin": "http://evil.example"])
            #expect(refused.status == 403)
            #expect(
                refused.message
                    == "The API does not answer a web page (Origin: http://evil.example) while auth_strategy is "
                    + "noauth. Call it by its address, name the host in api_host_names of [leasehold], or set "
                    + "auth_strategy to token or keystone.")
        }
    }

    @Test func `a token is no web page's`() async throws {
        try await withAPI(authenticator: AdminToken("secret")) { api async throws in
            let headers = [
                "host": "cloud.example", "origin": "http://evil.example", "x-auth-token": "secret",
            ]
            #expect(try await api.send("GET", "/v2.0/networks", headers: headers).status == 200)
        }
    }
}
