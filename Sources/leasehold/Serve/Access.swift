import NetworkModel
import NeutronAPI
import ServiceLifecycle

/// How callers are known and the connection is protected, put together from the settings.
struct Access {
    let authenticator: any Authenticator
    /// What the authenticator needs.
    let services: [any Service]
    let certificate: ServerCertificate?

    init(_ settings: Settings, clock: @escaping @Sendable () -> Timestamp) throws {
        switch settings.effectiveAuthStrategy {
        case .noauth:
            authenticator = NoAuthentication(
                hostNames: [settings.host, settings.bindHost] + settings.apiHostNames)
            services = []
        case .token:
            authenticator = TokenAuthentication(
                file: TokenFile(path: settings.apiTokensFile),
                adminToken: settings.apiToken.map { AdminToken($0) }, clock: clock)
            services = []
        case .keystone:
            let connection = try KeystoneConnection(settings)
            authenticator = KeystoneAuthentication(settings.keystone, transport: connection, clock: clock)
            services = [connection]
        }
        certificate = try Self.certificate(settings)
    }

    private static func certificate(_ settings: Settings) throws(CommandFailure) -> ServerCertificate? {
        guard settings.useSSL, let certificate = settings.sslCertFile, let key = settings.sslKeyFile else {
            return nil
        }
        do {
            return try ServerCertificate(certificateFile: certificate, keyFile: key)
        } catch {
            throw CommandFailure(
                "\(error).\nSet cert_file and key_file in [ssl] to PEM files that this user can read.",
                status: ExitStatus.configuration)
        }
    }
}
