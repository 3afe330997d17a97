import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import NeutronAPI

@Suite struct OverHTTP {
    /// Runs the body with a client of the API on a free port.
    private func withServer(
        _ body: @escaping @Sendable (any TestClientProtocol) async throws -> Void
    ) async throws {
        try await withAPI { api in
            try await api.api.server(host: "127.0.0.1", port: 0).test(.live) { client in
                try await body(client)
            }
        }
    }

    @Test func `requests and answers go through`() async throws {
        try await withServer { client in
            try await client.execute(
                uri: "/v2.0/networks", method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"network": {"name": "n"}}"#)
            ) { response in
                #expect(response.status == .created)
                #expect(response.headers[.contentType] == "application/json")
                #expect(String(buffer: response.body).hasPrefix(#"{"network":{"id":""#))
            }
            try await client.execute(uri: "/v2.0/networks?name=n&fields=name", method: .get) { response in
                #expect(String(buffer: response.body) == #"{"networks":[{"name":"n"}]}"#)
            }
            try await client.execute(uri: "/", method: .get) { response in
                #expect(String(buffer: response.body).contains("/v2.0/"))
            }
        }
    }

    @Test func `failures of HTTP itself have Neutron's body`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/v2.0/networks/%zz", method: .get) { response in
                #expect(response.status == .badRequest)
                #expect(String(buffer: response.body).hasPrefix(#"{"NeutronError":{"type":"HTTPBadRequest""#))
            }
            try await client.execute(uri: "/nowhere", method: .get) { response in
                #expect(response.status == .notFound)
                #expect(String(buffer: response.body).hasPrefix(#"{"NeutronError":"#))
            }
            try await client.execute(uri: "/v2.0/networks", method: .delete) { response in
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET, POST")
            }
        }
    }

    @Test func `ten megabytes are refused and the server goes on`() async throws {
        try await withServer { client in
            try await client.execute(
                uri: "/v2.0/networks", method: .post, body: ByteBuffer(repeating: 0x20, count: 10 << 20)
            ) { response in #expect(response.status == .contentTooLarge) }
            try await client.execute(uri: "/", method: .get) { #expect($0.status == .ok) }
        }
    }

    @Test func `a port in use is an error that names it`() async throws {
        try await withAPI { api in
            let held = try HeldPort()
            let server = try api.api.server(host: "127.0.0.1", port: held.port)
            let error = await #expect(throws: ListenError.self) { try await server.run() }
            #expect(error?.isPortInUse == true)
            #expect(
                error?.description
                    == "cannot listen on 127.0.0.1:\(held.port): the port is in use by another process")
        }
    }

    @Test func `an address that the host has not is an error that names it`() async throws {
        try await withAPI { api in
            let error = await #expect(throws: ListenError.self) {
                try await api.api.server(host: "203.0.113.1", port: 0).run()
            }
            #expect(error?.reason == "this host has no such address")
        }
    }
}
