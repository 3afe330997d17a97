import ArgumentParser
import Glibc
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
        LoggingSystem.bootstrap { StandardErrorLog(label: $0) }
        var logger = Logger(label: "leasehold")
        logger.logLevel = settings.debug ? .debug : .info
        Preflight.raiseDescriptorLimit()
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

/// Log lines on standard error: time, level, message.
struct StandardErrorLog: LogHandler {
    let label: String
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(label: String) { self.label = label }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Self.time()) \(event.level) \(label): \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        // One write per line, so that lines of several threads don't mix; a line stays one line
        // whatever the message holds.
        var bytes = Array(line.utf8).map { $0 == 0x0A ? UInt8(ascii: " ") : $0 }
        bytes.append(0x0A)
        _ = write(2, bytes, bytes.count)
    }

    /// Local time as `2026-11-22 17:00:00.123`.
    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)"
    }
}
