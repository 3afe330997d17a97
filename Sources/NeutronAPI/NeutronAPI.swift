public import Logging
public import NetworkModel
public import NetworkStore

/// Neutron's v2.0 REST API over a ``StateIndex``: the stock `openstack` client and SDK drive it.
///
/// Requests are judged in three steps: form (JSON, attribute tables: here), rules (`NetworkModel`'s
/// decisions), commit (`StateIndex.perform`). Lists come from the index in memory.
public struct NeutronAPI: Sendable {
    /// How large requests may be.
    public struct Limits: Sendable {
        /// Bytes of a body; a bulk request of 1000 ports has some 300 KiB.
        public var bodyBytes = 1 << 20
        /// How long a client may take to send a body.
        public var bodyTime = Duration.seconds(30)
        /// How long a connection may stay without a request.
        public var idleTime = Duration.seconds(60)
        /// How deep JSON may be nested.
        public var jsonDepth = 32
        /// How many resources a page of a list has at most; nil for as many as the client asks for.
        public var pageLength: Int?

        public init() {}
    }

    let service: APIService
    let limits: Limits
    let logger: Logger

    /// Creates the API.
    ///
    /// - Parameters:
    ///   - index: the state to answer from; its `run()` must be running, or changes never return.
    ///   - policy: the operator's settings.
    ///   - authenticator: finds out who calls.
    ///   - leases: who knows what clients of DHCP were told.
    ///   - extraRoutes: further paths, looked up where Neutron has none.
    ///   - logger: gets a line per request, and the causes that clients are not told.
    ///   - clock: the present moment.
    public init(
        index: StateIndex, policy: ModelPolicy = ModelPolicy(), limits: Limits = Limits(),
        authenticator: any Authenticator = NoAuthentication(), leases: (any LeaseSource)? = nil,
        extraRoutes: [ExtraRoute] = [],
        logger: Logger,
        clock: @escaping @Sendable () -> Timestamp
    ) {
        service = APIService(
            index: index, policy: policy, clock: clock, extraRoutes: extraRoutes,
            parser: JSONParser(maximumDepth: limits.jsonDepth), longestPage: limits.pageLength,
            authenticator: authenticator, leases: leases)
        self.limits = limits
        self.logger = logger
    }

    /// Answers a request; failures become Neutron's error bodies.
    public func respond(to request: APIRequest) async -> APIResponse {
        let start = ContinuousClock.now
        do {
            guard request.body.count <= limits.bodyBytes else {
                throw APIError.bodyTooLarge(limit: limits.bodyBytes)
            }
            let response = try await service.respond(to: request)
            log(request, response, since: start)
            return response
        } catch {
            return answer(to: APIError.of(error), request, since: start)
        }
    }

    /// Answers with a failure, and tells the log more than the client.
    func answer(
        to error: APIError, _ request: APIRequest?, since start: ContinuousClock.Instant = .now
    ) -> APIResponse {
        if let cause = error.logged {
            logger.error(
                "request failed",
                metadata: [
                    "method": "\(request?.method ?? "-")", "path": "\(request?.pathText ?? "-")",
                    "status": "\(error.status)", "cause": "\(cause)",
                ])
        }
        var response = APIResponse(status: error.status, body: error.body)
        response.headers = error.headers
        if !error.allowedMethods.isEmpty {
            response.headers["Allow"] = error.allowedMethods.joined(separator: ", ")
        }
        if let request { log(request, response, since: start) }
        return response
    }

    private func log(_ request: APIRequest, _ response: APIResponse, since start: ContinuousClock.Instant) {
        // Reads are frequent and change nothing (and clients look names up as ids first, which gives many
        // 404s); writes are what an operator looks for afterwards.
        logger.log(
            level: request.method == "GET" && response.status < 500 ? .debug : .info,
            "\(request.method) \(request.pathText) \(response.status)",
            metadata: ["bytes": "\(response.body.count)", "duration": "\(ContinuousClock.now - start)"])
    }
}

extension APIRequest {
    /// The path without the query, encoded: it goes into a log line.
    fileprivate var pathText: String { "/" + path.map(percentEncode).joined(separator: "/") }
}
