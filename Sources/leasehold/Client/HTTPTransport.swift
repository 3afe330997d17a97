import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A request of the API, complete.
struct ClientRequest: Hashable, Sendable {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    var method: String
    var url: String
    var headers: [String: String]
    /// JSON, or nothing.
    var body: [UInt8]?
}

/// What came back.
struct ClientResponse: Hashable, Sendable {
    /// The HTTP status.
    var status: Int
    var body: [UInt8]
}

/// Why nothing came back.
enum TransportError: Error, Hashable, Sendable {
    /// Nobody listens there, or the host does not exist.
    case unreachable(String)
    case timedOut
    /// The service's certificate is none that this client believes, or there is no TLS at all.
    case untrusted(String)
    /// Somebody answers, but not in HTTP, or stops in the middle.
    case broken(String)
}

/// Something that carries requests to a service.
protocol HTTPTransport: Sendable {
    func send(_ request: ClientRequest) async throws(TransportError) -> ClientResponse
}

/// The transport over TCP.
struct NetworkTransport: HTTPTransport {
    private let client: HTTPClient
    /// How long one request may take.
    private let timeout: TimeAmount
    /// Bytes of an answer, at most.
    private static let largestBody = 256 * 1024 * 1024

    /// Runs the body with a transport that is shut down afterwards.
    static func with<Result: Sendable>(
        timeout: TimeAmount = .seconds(60), authorities: String? = nil, isInsecure: Bool = false,
        _ body: (NetworkTransport) async throws -> Result
    ) async throws -> Result {
        var configuration = HTTPClient.Configuration()
        if authorities != nil || isInsecure {
            configuration.tlsConfiguration = try .client(authorities: authorities, isInsecure: isInsecure)
        }
        configuration.timeout.connect = .seconds(5)
        configuration.redirectConfiguration = .disallow
        // A command wants to hear at once that nobody listens.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let result: Result
        do {
            result = try await body(NetworkTransport(client: client, timeout: timeout))
        } catch {
            // The body's error says more than one of the shutdown could.
            try? await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return result
    }

    func send(_ request: ClientRequest) async throws(TransportError) -> ClientResponse {
        do {
            let (response, body) = try await client.exchange(
                request.method, request.url, request.headers, request.body, timeout: timeout,
                largestBody: Self.largestBody)
            return ClientResponse(status: Int(response.status.code), body: body)
        } catch {
            throw Self.transportError(error)
        }
    }

    private static func transportError(_ error: any Error) -> TransportError {
        if let error = error as? HTTPClientError {
            switch error {
            case .connectTimeout: return .unreachable("it does not answer")
            case .readTimeout, .writeTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout:
                return .timedOut
            default: return .broken(error.shortDescription)
            }
        }
        if let error = error as? NIOSSLExtraError { return .untrusted(error.description) }
        if let error = error as? NIOSSLError { return .untrusted(String(describing: error)) }
        if error is NIOConnectionError || error is IOError { return .unreachable(String(describing: error)) }
        return .broken(String(describing: error))
    }
}

extension HTTPClient {
    /// Sends a request and waits for all of the answer.
    func exchange(
        _ method: String, _ url: String, _ headers: [String: String], _ body: [UInt8]?, timeout: TimeAmount,
        largestBody: Int
    ) async throws -> (response: HTTPClientResponse, body: [UInt8]) {
        var request = HTTPClientRequest(url: url)
        request.method = HTTPMethod(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(body) }
        let response = try await execute(request, timeout: timeout)
        return (response, Array(try await response.body.collect(upTo: largestBody).readableBytesView))
    }
}
