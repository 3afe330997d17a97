import Glibc
public import Hummingbird
public import HummingbirdCore
import HummingbirdTLS
public import Logging
public import NIOCore

/// The API on a TCP port; a `Service` for the program's `ServiceGroup`.
public struct NeutronServer: ApplicationProtocol {
    public let responder: NeutronResponder
    public let configuration: ApplicationConfiguration
    public let logger: Logger
    public let server: HTTPServerBuilder
    private let host: String
    private let port: Int
    private let onListening: @Sendable (Int) async -> Void

    init(
        responder: NeutronResponder, host: String, port: Int, certificate: ServerCertificate?,
        logger: Logger, onListening: @escaping @Sendable (Int) async -> Void
    ) throws {
        let plain = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                idleTimeout: TimeAmount(responder.limits.idleTime)))
        server =
            try certificate.map { try .tls(plain, tlsConfiguration: $0.configuration) } ?? plain
        self.responder = responder
        self.host = host
        self.port = port
        self.logger = logger
        self.onListening = onListening
        configuration = ApplicationConfiguration(
            address: .hostname(host, port: port),
            availableConnectionsDelegate: MaximumAvailableConnections(Self.maximumConnections, logger: logger)
        )
    }

    /// How many connections are open at a time; further ones wait. Networks need descriptors too, so half of
    /// those that the process may have stay for them.
    static var maximumConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 256 }
        return max(16, min(8192, Int(clamping: limit.rlim_cur) / 2))
    }

    public func onServerRunning(_ channel: any Channel) async {
        await onListening(channel.localAddress?.port ?? port)
    }

    /// Serves until the task is cancelled or graceful shutdown begins.
    ///
    /// - Throws: ``ListenError``, which names host and port, where the port cannot be had.
    public func run() async throws {
        let application = Application(
            responder: responder, server: server, configuration: configuration,
            onServerRunning: onServerRunning, logger: logger)
        do {
            try await application.run()
        } catch let error as IOError {
            throw ListenError(host: host, port: port, errno: error.errnoCode)
        } catch let error as SocketAddressError {
            throw ListenError(host: host, port: port, reason: String(describing: error))
        }
    }
}

/// Why the server could not listen where it was told to.
public struct ListenError: Error, Hashable, Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    /// The error number, or 0 where it was not the kernel that refused.
    public let errno: CInt
    /// The cause for people.
    public let reason: String

    init(host: String, port: Int, errno: CInt) {
        self.host = host
        self.port = port
        self.errno = errno
        reason =
            switch errno {
            case EADDRINUSE: "the port is in use by another process"
            case EACCES: "permission denied (ports below 1024 need privileges)"
            case EADDRNOTAVAIL: "this host has no such address"
            default: String(cString: strerror(errno))
            }
    }

    init(host: String, port: Int, reason: String) {
        self.host = host
        self.port = port
        errno = 0
        self.reason = reason
    }

    /// Whether another process has the port.
    public var isPortInUse: Bool { errno == EADDRINUSE }

    public var description: String { "cannot listen on \(host):\(port): \(reason)" }
}

extension NeutronAPI {
    /// The API as a service that listens on a host name or address and a port; port 0 takes a free one.
    ///
    /// - Parameters:
    ///   - certificate: what the server shows clients; nil serves without TLS.
    ///   - onListening: called once with the port when connections are accepted.
    public func server(
        host: String, port: Int, certificate: ServerCertificate? = nil,
        onListening: @escaping @Sendable (Int) async -> Void = { _ in }
    ) throws -> NeutronServer {
        try NeutronServer(
            responder: NeutronResponder(self, isSecure: certificate != nil), host: host, port: port,
            certificate: certificate, logger: logger, onListening: onListening)
    }
}
