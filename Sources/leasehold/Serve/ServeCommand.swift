import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals

/// `leasehold serve`: API, store and agent in one process.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve networks: API, store and DHCP agent in one process.",
        discussion: """
            Listens on 127.0.0.1:9696 and keeps its state under /var/lib/neutron unless a configuration \
            file says otherwise. Needs root, or a lab (`leasehold help lab`). Stopping it (SIGTERM, SIGINT) \
            leaves namespaces, wiring and DHCP servers running; starting it again adopts them.

            EXAMPLES
              leasehold serve
              leasehold serve --config-file /etc/neutron/neutron.conf --config-file /etc/neutron/dhcp_agent.ini

            EXIT STATUS
              0 stopped on request; 69 a part of it failed; 73 the state directory or store cannot be used; \
            77 no privilege; 78 the configuration is wrong.
            """)

    @OptionGroup var files: ConfigurationOptions

    func run() async throws {
        let settings = try files.load(saying: [.warning, .error]).settings
        let lines = StandardErrorLog.lines()
        // Also before an error is told.
        defer { lines.flush() }
        LoggingSystem.bootstrap { StandardErrorLog(label: $0, lines: lines) }
        var logger = Logger(label: "leasehold")
        logger.logLevel = settings.debug ? .debug : .info
        try Preflight(settings: settings).check()
        let composition = try await Composition(settings: settings, logger: logger)
        let group = ServiceGroup(
            configuration: .init(
                // By default a service's name is all that it holds, which takes 0.1 s to write.
                services: composition.services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: composition.quietLogger))
        do {
            try await group.run()
        } catch {
            await composition.close(logger: logger)
            throw CommandFailure("the service ended: \(error)", status: 69)
        }
        await composition.close(logger: logger)
        logger.info("stopped; namespaces, wiring and DHCP servers stay as they are")
    }
}
