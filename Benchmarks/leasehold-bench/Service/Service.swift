import Glibc

/// `leasehold serve` as a child of a phase.
final class Service {
    let pid: pid_t
    /// When it was started, on the clock of ``now()``.
    let started: Double
    let place: ServicePlace
    private var isRunning = true

    private init(pid: pid_t, started: Double, place: ServicePlace) {
        self.pid = pid
        self.started = started
        self.place = place
    }

    /// Starts the service; does not wait.
    static func launch(_ place: ServicePlace) throws -> Service {
        unlink(place.log)
        let started = now()
        let pid = try Program.start(
            [place.program, "serve", "--config-file", place.configuration], log: place.log)
        return Service(pid: pid, started: started, place: place)
    }

    /// Starts the service and waits until it accepts connections.
    static func start(_ place: ServicePlace) throws -> Service {
        let service = try launch(place)
        try service.waitUntilItListens()
        return service
    }

    func waitUntilItListens() throws {
        try wait(for: "the service to listen\n\(place.lastWords)", limit: 30) {
            try checkIsAlive()
            return (try? HTTPConnection(port: place.port)) != nil
        }
    }

    /// Waits until the log has a line with all of these texts.
    ///
    /// - Returns: the line, and the seconds from the start of the process until it was seen.
    func line(with texts: [String], limit: Double) throws -> (text: String, after: Double) {
        var found: (String, Double)?
        try wait(
            for: "'\(texts.joined(separator: " … "))' in the service's log\n\(place.lastWords)", limit: limit,
            every: 0.001
        ) {
            let log = (try? readFile(place.log)) ?? ""
            for line in log.split(separator: "\n") where texts.allSatisfy({ line.contains($0) }) {
                found = (String(line), now() - started)
                return true
            }
            try checkIsAlive()
            return false
        }
        guard let found else { throw Failure("the service's log is empty") }
        return found
    }

    /// Ends the service by SIGTERM; what it started stays.
    func stop() throws {
        guard isRunning else { return }
        isRunning = false
        kill(pid, SIGTERM)
        let status = Program.wait(pid)
        guard status == 0 || status == 128 + SIGTERM else {
            throw Failure("the service ended with \(status):\n\(place.lastWords)")
        }
    }

    private func checkIsAlive() throws(Failure) {
        var status: Int32 = 0
        if isRunning, waitpid(pid, &status, WNOHANG) == pid {
            isRunning = false
            throw Failure("the service ended:\n\(place.lastWords)")
        }
    }
}

/// Where a service keeps its things and how it is told.
struct ServicePlace {
    let program: String
    /// A directory on the lab's own tmpfs: what dnsmasq reads and writes.
    let statePath: String
    let database: String
    let port: UInt16 = 9696

    var log: String { statePath + "/serve.log" }
    var configuration: String { statePath + "/leasehold.ini" }

    /// Makes the place.
    ///
    /// - Parameters:
    ///   - database: the store's file; nil for one on the tmpfs, where fsync(2) costs nothing.
    ///   - driver: who serves DHCP.
    init(_ name: String, database: String?, driver: Driver = .dnsmasq, _ options: Options) throws {
        let program = try options.leasehold ?? Self.besideThisProgram()
        guard access(program, X_OK) == 0 else {
            throw Failure(
                "there is no service to measure at \(program); build it (swift build -c release --product leasehold)",
                exitCode: 66)
        }
        self.program = program
        statePath = "/run/bench-\(name)"
        self.database = database ?? statePath + "/leasehold.sqlite"
        try makeDirectory(statePath)
        // What is left of an earlier run of the same name would be adopted.
        for suffix in ["", "-wal", "-shm"] { unlink(self.database + suffix) }
        try configure(driver)
    }

    /// Who serves DHCP.
    enum Driver: String {
        case dnsmasq, native
    }

    /// Writes the service's configuration; a service that runs does not see it.
    func configure(_ driver: Driver) throws(Failure) {
        var text = """
            [DEFAULT]
            state_path = \(statePath)
            dhcp_driver = \(driver.rawValue)
            [QUOTAS]
            quota_network = -1
            quota_subnet = -1
            quota_port = -1
            [leasehold]
            database = \(database)
            bind_port = \(port)

            """
        // The load asks for one port as often as a whole network does: no limit per port.
        if driver == .native { text += "dhcp_port_rate = 0\n" }
        try writeFile(configuration, text)
    }

    private static func besideThisProgram() throws -> String {
        let program = try ownPath()
        return program.prefix(upTo: program.lastIndex(of: "/") ?? program.startIndex) + "/leasehold"
    }

    /// The end of the service's log, for an error.
    var lastWords: String {
        let lines = ((try? readFile(log)) ?? "(no log)").split(separator: "\n")
        return lines.suffix(15).joined(separator: "\n")
    }
}
