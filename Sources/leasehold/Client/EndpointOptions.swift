import ArgumentParser

/// Which service a command talks to.
struct EndpointOptions: ParsableArguments {
    @Option(
        name: [.customLong("endpoint"), .customLong("os-endpoint")],
        help: ArgumentHelp(
            "Where the service is: LEASEHOLD_ENDPOINT or OS_ENDPOINT if not said, else \(Endpoint.standard).",
            valueName: "url"))
    var endpoint: String?

    @Option(
        name: [.customLong("token"), .customLong("os-token")],
        help: ArgumentHelp(
            "The token to send: OS_TOKEN if not said, which other users of the host cannot see.",
            valueName: "token"))
    var token: String?

    @Option(
        name: [.customLong("cacert"), .customLong("os-cacert")],
        help: ArgumentHelp(
            "The certificates (PEM) that may have signed the service's: OS_CACERT if not said, else the system's.",
            valueName: "path"),
        completion: .file())
    var authorities: String?

    @Flag(help: "Take any certificate for the service's.") var insecure = false

    /// The endpoint, from the option or else from the environment.
    func resolved(environment: (String) -> String? = leasehold.environment) throws(CommandFailure) -> Endpoint
    {
        let given =
            [("--endpoint", endpoint)] + ["LEASEHOLD_ENDPOINT", "OS_ENDPOINT"].map { ($0, environment($0)) }
        for (source, text) in given {
            guard let text, !text.isEmpty else { continue }
            guard let endpoint = Endpoint(text) else {
                throw CommandFailure(
                    "\(source) '\(text)' is not a URL such as \(Endpoint.standard)", status: ExitStatus.usage)
            }
            return endpoint
        }
        return .standard
    }

    /// Runs the body with a client of the service.
    ///
    /// What goes wrong is reported on standard error; the error thrown then only carries the status.
    func withClient<Result: Sendable>(
        _ body: (NeutronClient) async throws -> Result
    ) async throws -> Result {
        do {
            let endpoint = try resolved()
            let token = token ?? leasehold.environment("OS_TOKEN")
            let authorities =
                authorities ?? leasehold.environment("OS_CACERT").flatMap { $0.isEmpty ? nil : $0 }
            return try await NetworkTransport.with(authorities: authorities, isInsecure: insecure) {
                transport in
                try await body(NeutronClient(endpoint: endpoint, token: token, transport: transport))
            }
        } catch let failure as CommandFailure {
            throw failure.reported()
        } catch let refusal as NeutronClient.Refusal {
            throw CommandFailure(refusal.message).reported()
        }
    }
}
