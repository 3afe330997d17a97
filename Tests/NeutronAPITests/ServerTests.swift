import Dispatch
import Glibc
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore
import Testing

@testable import NeutronAPI

@Suite struct OverHTTP {
    /// Longer than anything that a busy machine sees to late.
    private static let patience = Duration.seconds(600)

    /// Runs the body with a client of the API on a free port.
    private func withServer(
        _ body: @escaping @Sendable (Client) async throws -> Void
    ) async throws {
        var limits = NeutronAPI.Limits()
        (limits.idleTime, limits.bodyTime) = (Self.patience, Self.patience)
        try await withAPI(limits: limits) { api in
            try await api.api.server(host: "127.0.0.1", port: 0).test(.live) { client in
                // A client of its own: that one waits for twenty seconds at most.
                let client = TestClient(
                    host: "127.0.0.1", port: try #require(client.port),
                    configuration: .init(timeout: Self.patience))
                client.connect()
                do {
                    try await body(Client(client: client))
                } catch {
                    try? await client.shutdown()
                    throw error
                }
                try await client.shutdown()
            }
        }
    }

    /// Sends requests over one connection.
    private struct Client {
        let client: TestClient

        func execute(
            uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:], body: ByteBuffer? = nil,
            _ check: (TestClient.Response, String) throws -> Void
        ) async throws {
            let request = TestClient.Request(
                uri, method: method, authority: "127.0.0.1", headers: headers, body: body)
            let response = try await client.execute(request)
            try check(response, response.body.map { String(buffer: $0) } ?? "")
        }
    }

    @Test func `requests and answers go through`() async throws {
        try await withServer { client in
            try await client.execute(
                uri: "/v2.0/networks", method: .post, headers: [.contentType: "application/json"],
                body: ByteBuffer(string: #"{"network": {"name": "n"}}"#)
            ) { response, body in
                #expect(response.status == .created)
                #expect(response.headers[.contentType] == "application/json")
                #expect(body.hasPrefix(#"{"network":{"id":""#))
            }
            try await client.execute(uri: "/v2.0/networks?name=n&fields=name", method: .get) {
                #expect($1 == #"{"networks":[{"name":"n"}]}"#)
            }
            try await client.execute(uri: "/", method: .get) { #expect($1.contains("/v2.0/")) }
        }
    }

    @Test func `failures of HTTP itself have Neutron's body`() async throws {
        try await withServer { client in
            try await client.execute(uri: "/v2.0/networks/%zz", method: .get) { response, body in
                #expect(response.status == .badRequest)
                #expect(body.hasPrefix(#"{"NeutronError":{"type":"HTTPBadRequest""#))
            }
            try await client.execute(uri: "/nowhere", method: .get) { response, body in
                #expect(response.status == .notFound)
                #expect(body.hasPrefix(#"{"NeutronError":"#))
            }
            try await client.execute(uri: "/v2.0/networks", method: .delete) { response, _ in
                #expect(response.status == .methodNotAllowed)
                #expect(response.headers[.allow] == "GET, POST")
            }
        }
    }

    @Test func `ten megabytes are refused and the server goes on`() async throws {
        try await withServer { client in
            try await client.execute(
                uri: "/v2.0/networks", method: .post, body: ByteBuffer(repeating: 0x20, count: 10 << 20)
            ) { response, _ in #expect(response.status == .contentTooLarge) }
            try await client.execute(uri: "/", method: .get) { response, _ in #expect(response.status == .ok)
            }
        }
    }

    /// What the server sends to one who sends this and then nothing more, until it closes the connection.
    private static func exchange(_ text: String, port: Int) async -> String? {
        await withCheckedContinuation { continuation in
            DispatchQueue(label: "client").async { continuation.resume(returning: talk(text, port: port)) }
        }
    }

    /// The same; nil where the connection is open after ten minutes.
    private static func talk(_ text: String, port: Int) -> String? {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var time = timeval(tv_sec: 600, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { return nil }
        let bytes = Array(text.utf8)
        _ = send(socket, bytes, bytes.count, 0)
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: answer, as: UTF8.self) }
            answer += buffer[..<count]
        }
    }

    /// What a server with these limits sends to one who sends each of these and then nothing more.
    private static func answers(to texts: [String], _ limits: NeutronAPI.Limits) async throws -> [String?] {
        try await withAPI(limits: limits) { api in
            try await api.api.server(host: "127.0.0.1", port: 0).test(.live) { client in
                let port = try #require(client.port)
                var answers: [String?] = []
                for text in texts { answers.append(await exchange(text, port: port)) }
                return answers
            }
        }
    }

    @Test func `who sends nothing or half a head is let go`() async throws {
        var limits = NeutronAPI.Limits()
        limits.idleTime = .seconds(1)
        let answers = try await Self.answers(to: ["", "GET / HT"], limits)
        #expect(answers[0] == "")
        #expect(answers[1] != nil)
    }

    @Test func `who sends half a body is told that it took too long`() async throws {
        var limits = NeutronAPI.Limits()
        // Longer than all else here, for a busy machine may see to the body's time late.
        limits.idleTime = .seconds(3600)
        limits.bodyTime = .milliseconds(500)
        let head = "POST /v2.0/networks HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n"
        let answer = try #require(try await Self.answers(to: [head + "{"], limits)[0])
        #expect(answer.hasPrefix("HTTP/1.1 408 "))
        #expect(answer.contains("HTTPRequestTimeout"))
    }

    @Test func `connections leave descriptors for the networks`() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        #expect(NeutronServer.maximumConnections <= Int(clamping: limit.rlim_cur) / 2)
        #expect(NeutronServer.maximumConnections >= 16)
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
