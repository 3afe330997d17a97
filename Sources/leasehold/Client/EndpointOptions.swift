import ArgumentParser

/// Which service a command talks to.
struct EndpointOptions: ParsableArguments {
    @Option(
        name: [.customLong("endpoint"), .customLong("os-endpoint")],
        help: ArgumentHelp(
            "Where the service is: LEASEHOLD_ENDPOINT or OS_ENDPOINT if not said, else \(Endpoint.standard). A token is taken from OS_TOKEN.",
            valueName: "url"))
    var endpoint: String?

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
            let token = leasehold.environment("OS_TOKEN")
            return try await NetworkTransport.with { transport in
                try await body(NeutronClient(endpoint: endpoint, token: token, transport: transport))
            }
        } catch let failure as CommandFailure {
            throw failure.reported()
        } catch let refusal as NeutronClient.Refusal {
            throw CommandFailure(refusal.message).reported()
        }
    }
}
