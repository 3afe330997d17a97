import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NeutronAPI
import ServiceLifecycle

/// Requests to Keystone over TCP; a `Service` because its connections must be closed in the end.
struct KeystoneConnection: KeystoneTransport, Service {
    private let client: HTTPClient
    /// How long one request may take.
    private static let timeout = TimeAmount.seconds(20)
    /// Bytes of an answer, at most; a token of a user with a hundred roles has some 10 KiB.
    private static let largestBody = 1 << 20

    init(_ settings: Settings) throws {
        var configuration = HTTPClient.Configuration()
        configuration.tlsConfiguration = try .client(
            authorities: settings.keystoneCAFile, isInsecure: settings.keystoneInsecure)
        configuration.timeout.connect = .seconds(Int64(settings.keystoneConnectTimeout ?? 5))
        configuration.redirectConfiguration = .disallow
        // Retries are counted by who asks.
        configuration.connectionPool.retryConnectionEstablishment = false
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Waits for the end, and closes the connections.
    func run() async throws {
        try? await gracefulShutdown()
        try await client.shutdown()
    }

    func send(_ request: KeystoneRequest) async throws(KeystoneUnreachable) -> KeystoneResponse {
        do {
            let (response, body) = try await client.exchange(
                request.method, request.url, request.headers, request.body, timeout: Self.timeout,
                largestBody: Self.largestBody)
            var headers: [String: String] = [:]
            for (name, value) in response.headers { headers[name.lowercased()] = value }
            return KeystoneResponse(status: Int(response.status.code), headers: headers, body: body)
        } catch let error as HTTPClientError {
            throw KeystoneUnreachable(error.shortDescription)
        } catch {
            throw KeystoneUnreachable(String(describing: error))
        }
    }
}

extension TLSConfiguration {
    /// What a client believes.
    ///
    /// - Parameters:
    ///   - authorities: a PEM file of the certificates that may have signed the server's; nil for the system's.
    ///   - isInsecure: whether any certificate will do.
    static func client(authorities: String?, isInsecure: Bool) throws(CommandFailure) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if isInsecure { configuration.certificateVerification = .none }
        if let authorities {
            do {
                configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile(authorities))
            } catch {
                throw CommandFailure(
                    "the file of certificates \(authorities) cannot be used: \(error)",
                    status: ExitStatus.configuration)
            }
        }
        return configuration
    }
}
