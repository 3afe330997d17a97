import Addressing
import Logging
import NetworkModel
import NetworkStore
import Testing

@testable import NeutronAPI

/// An API over a memory store with a clock that the test moves.
struct Harness: Sendable {
    let api: NeutronAPI
    let index: StateIndex
    let store: MemoryStore
    let clock: Clock
    /// The description of the API.
    let description: JSONValue

    final class Clock: Sendable {
        private let seconds = LockedSeconds()
        var now: Timestamp {
            get { Timestamp(secondsSinceEpoch: seconds.value) }
            set { seconds.value = newValue.secondsSinceEpoch }
        }
    }

    /// What an answer is, parsed.
    struct Answer {
        let status: Int
        let json: JSONValue
        let headers: [String: String]

        var errorType: String? { json["NeutronError"]?["type"]?.string }
        var message: String? { json["NeutronError"]?["message"]?.string }
    }

    func send(
        _ method: String, _ target: String, _ body: String? = nil, headers: [String: String] = [:]
    ) async throws -> Answer {
        try await send(method, target, bytes: Array((body ?? "").utf8), headers: headers)
    }

    func send(
        _ method: String, _ target: String, bytes: [UInt8], headers: [String: String] = [:]
    ) async throws -> Answer {
        let request = try #require(
            APIRequest(
                method: method, target: target,
                headers: ["host": "127.0.0.1:9696"].merging(headers) { $1 }, body: bytes))
        let response = await api.respond(to: request)
        // Whatever a test asks, the answer is one that the description of the API has. What a test breaks on
        // purpose may make it fail otherwise.
        if response.status < 500, let (route, _) = try? api.service.routes.route(method, request.routedPath) {
            let problem = SchemaCheck(description).problem(of: response, to: route, in: description)
            #expect(problem == nil)
        }
        let json = response.body.isEmpty ? JSONValue.null : try JSONParser().parse(response.body)
        return Answer(status: response.status, json: json, headers: response.headers)
    }

    /// Creates a resource and returns it, without its envelope.
    func create(_ kind: String, _ fields: String) async throws -> JSONValue {
        let answer = try await send("POST", "/v2.0/\(kind)s", "{\"\(kind)\": {\(fields)}}")
        #expect(answer.status == 201, "\(answer.message ?? "")")
        return try #require(answer.json[kind])
    }

    /// A network with one subnet; returns their ids.
    func networkWithSubnet(cidr: String = "10.0.0.0/24") async throws -> (network: String, subnet: String) {
        let network = try #require(try await create("network", "\"name\": \"net\"")["id"]?.string)
        let version = cidr.contains(":") ? 6 : 4
        let subnet = try await create(
            "subnet", "\"network_id\": \"\(network)\", \"cidr\": \"\(cidr)\", \"ip_version\": \(version)")
        return (network, try #require(subnet["id"]?.string))
    }

    /// The named field of every item of a list.
    func list(
        _ collection: String, _ query: String = "", field: String = "name", key: String? = nil
    ) async throws -> [String] {
        let answer = try await send("GET", "/v2.0/\(collection)\(query.isEmpty ? "" : "?")\(query)")
        #expect(answer.status == 200, "\(answer.message ?? "")")
        return try #require(answer.json[key ?? collection]?.array).compactMap { $0[field]?.string }
    }
}

/// Runs the body with an API whose index follows its store.
func withAPI<R: Sendable>(
    policy: ModelPolicy = ModelPolicy(), limits: NeutronAPI.Limits = .init(),
    authenticator: any Authenticator = NoAuthentication(),
    leases: (any LeaseSource)? = nil, routes: [ExtraRoute] = [],
    _ body: @escaping @Sendable (Harness) async throws -> R
) async throws -> R {
    let store = MemoryStore()
    let index = try await StateIndex(store: store)
    let clock = Harness.Clock()
    clock.now = Timestamp(secondsSinceEpoch: 1_795_356_000)  // 2026-11-22T14:00:00Z
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    let api = NeutronAPI(
        index: index, policy: policy, limits: limits, authenticator: authenticator, leases: leases,
        extraRoutes: routes,
        logger: logger
    ) { clock.now }
    let harness = Harness(
        api: api, index: index, store: store, clock: clock,
        description: OpenAPIDocument(api.service.routes.routes).json)
    return try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask {
            try? await index.run()
            return nil
        }
        group.addTask { try await body(harness) }
        defer { group.cancelAll() }
        while let result = try await group.next() {
            if let result { return result }
        }
        throw HarnessError.noResult
    }
}

enum HarnessError: Error { case noResult }
