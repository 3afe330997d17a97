import Addressing
import DHCPDrivers
import Dispatch
import Glibc
import LinuxKernel
import Logging
import NetworkModel
import Synchronization

/// One network's dnsmasq: its files, its process, and what it is known to have read.
///
/// Calls never overlap (the driver's contract); the lock is for the end of a process, which may come
/// at any time.
final class DnsmasqServer: Sendable {
    /// dnsmasq's environment but for its tag: nothing of ours leaks in, its words are English.
    static let environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]

    private struct State {
        var process: DnsmasqProcess?
        var renderer = ServiceRenderer()
        /// What the process is known to have read; nil where we do not know.
        var served: RenderedService?
        var problems: [String] = []
        /// The process whose end we want and therefore do not report.
        var stopping: Int32?
    }

    /// What must be done besides what was done already.
    private enum Remaining {
        case nothing(DHCPApplyOutcome)
        case start
        case restart(DnsmasqProcess)
    }

    private let network: ResourceID
    private let directory: ConfigurationDirectory
    private let configuration: DnsmasqConfiguration
    private let namespaces: NamespaceThread
    private let queue: DispatchQueue
    private let log: Logger
    private let deaths: AsyncStream<ResourceID>.Continuation
    private let state = Mutex(State())

    init(
        _ network: ResourceID, _ configuration: DnsmasqConfiguration, _ namespaces: NamespaceThread,
        _ queue: DispatchQueue, _ log: Logger, _ deaths: AsyncStream<ResourceID>.Continuation
    ) {
        self.network = network
        self.configuration = configuration
        self.namespaces = namespaces
        self.queue = queue
        var log = log
        log[metadataKey: "network"] = "\(network)"
        self.log = log
        self.deaths = deaths
        directory = ConfigurationDirectory(configuration, network)
    }

    var problems: [String] { state.withLock { $0.problems } }

    // MARK: What the driver calls

    func apply(_ view: ServiceView, _ change: DHCPServiceChange) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        let (rendered, remaining) = try await queue.blocking { () throws(DHCPDriverError) in
            let rendered = self.render(view, change)
            return (rendered, try self.reconcile(view, rendered, change))
        }
        switch remaining {
        case .nothing(let outcome): return outcome
        case .start:
            try await start(view, rendered)
            return .started
        case .restart(let process):
            try await stop(process)
            try await start(view, rendered)
            return .restarted
        }
    }

    func remove() async throws(DHCPDriverError) {
        if let process = try await queue.blocking({ self.locate() }) { try await stop(process) }
        let path = directory.path
        try await queue.blocking { () throws(DHCPDriverError) in
            try Self.file("remove") { () throws(FileError) in try removeTree(path: path) }
        }
        state.withLock { $0 = State() }
    }

    func runningPID() async -> Int32? {
        if let process = state.withLock({ $0.process }), process.watch.isRunning { return process.pid }
        return try? await queue.blocking { DnsmasqProcess.find(self.network, self.directory)?.pid }
    }

    // MARK: Deciding

    private func render(_ view: ServiceView, _ change: DHCPServiceChange) -> RenderedService {
        var renderer = state.withLock { $0.renderer }
        let rendered = renderer.render(view, change)
        let news = state.withLock { state in
            let news = rendered.problems != state.problems
            state.renderer = renderer
            state.problems = rendered.problems
            return news
        }
        if news { for problem in rendered.problems { log.warning("\(problem)") } }
        return rendered
    }

    /// Finds out what runs and what it serves, and does what needs no start.
    private func reconcile(
        _ view: ServiceView, _ rendered: RenderedService, _ change: DHCPServiceChange
    ) throws(DHCPDriverError) -> Remaining {
        guard let process = locate() else { return .start }
        guard process.arguments == rendered.arguments else { return .restart(process) }
        if change != .anything, let served = state.withLock({ $0.served }) {
            if served == rendered { return .nothing(.unchanged) }
        } else if isServed(rendered, by: process) {
            state.withLock { $0.served = rendered }
            return .nothing(.unchanged)
        }
        guard try reload(process, view, rendered) else { return .start }
        return .nothing(.reloaded)
    }

    /// The process that serves the network, followed from now on if it was not.
    private func locate() -> DnsmasqProcess? {
        if let process = state.withLock({ $0.process }), process.watch.isRunning { return process }
        let knewOne = state.withLock { state in
            defer { state.process = nil }
            return state.process != nil
        }
        var found = DnsmasqProcess.find(network, directory)
        // Only where there was a server before us and its pid file tells nothing is it worth to look at
        // every process: two dnsmasq must never share a lease file.
        if found == nil && !knewOne && fileExists(path: directory.interface) {
            found = DnsmasqProcess.search(network, directory)
        }
        if let found { follow(found) }
        return found
    }

    private func follow(_ process: DnsmasqProcess) {
        let isNew = state.withLock { state in
            let isNew = state.process?.pid != process.pid || state.process?.startTime != process.startTime
            state.process = process
            state.stopping = nil
            if isNew { state.served = nil }
            return isNew
        }
        guard isNew else { return }
        let (pid, startTime) = (process.pid, process.startTime)
        process.watch.onExit { [weak self] _ in self?.ended(pid, startTime) }
    }

    private func ended(_ pid: Int32, _ startTime: UInt64) {
        let isNews = state.withLock { state in
            guard let process = state.process, process.pid == pid, process.startTime == startTime else {
                return false
            }
            state.served = nil
            return state.stopping != pid
        }
        guard isNews else { return }
        log.warning("dnsmasq ended by itself", metadata: ["pid": "\(pid)"])
        deaths.yield(network)
    }

    /// Whether the files are as wanted and this very process is known to have read them.
    private func isServed(_ rendered: RenderedService, by process: DnsmasqProcess) -> Bool {
        ServedMarker(process, rendered).isOnDisk(directory)
            && Self.holds(directory.host, rendered.host)
            && Self.holds(directory.additionalHosts, rendered.additionalHosts)
            && Self.holds(directory.options, rendered.options)
    }

    private static func holds(_ path: String, _ text: String) -> Bool {
        guard let bytes = try? readFile(path: path, limit: text.utf8.count + 1) else { return false }
        return bytes.elementsEqual(text.utf8)
    }

    // MARK: Reloading

    /// Puts the files right and has them read; returns false where the process ended meanwhile.
    private func reload(
        _ process: DnsmasqProcess, _ view: ServiceView, _ rendered: RenderedService
    ) throws(DHCPDriverError) -> Bool {
        let previousHosts = HostFile.entries(text(of: directory.host))
        state.withLock { $0.served = nil }
        try Self.file("reload") { () throws(FileError) in
            try removeFile(path: directory.served)
            try writeFiles(view, rendered)
        }
        let reader = ReaderWatch.of([directory.host, directory.options])
        do throws(ProcessError) {
            try process.watch.signal(SIGHUP)
        } catch {
            if error.kind == .noSuchProcess { return false }
            throw DHCPDriverError(.unresponsive, operation: "reload dnsmasq", detail: "\(error)")
        }
        switch confirm(process, reader, view) {
        case .confirmed: break
        case .died: return false
        case let other: throw unresponsive("reload dnsmasq", other)
        }
        release(process, view, previousHosts)
        try markServed(process, rendered)
        return true
    }

    private func confirm(
        _ process: DnsmasqProcess, _ reader: consuming ReaderWatch?, _ view: ServiceView
    ) -> ReadConfirmation.Outcome {
        ReadConfirmation.wait(for: process, reader, view: view, namespaces: namespaces)
    }

    private func unresponsive(_ operation: String, _ outcome: ReadConfirmation.Outcome) -> DHCPDriverError {
        let detail =
            switch outcome {
            case .unread(let files):
                "it did not open \(files.joined(separator: " and ")) in time; may its user read there?"
            case .silent: "it read its files but does not answer"
            case .confirmed, .died: "it ended"
            }
        return DHCPDriverError(.unresponsive, operation: operation, detail: detail)
    }

    private func writeFiles(_ view: ServiceView, _ rendered: RenderedService) throws(FileError) {
        let files = [
            (directory.interface, view.service.interface), (directory.host, rendered.host),
            (directory.additionalHosts, rendered.additionalHosts), (directory.options, rendered.options),
        ]
        for (path, text) in files where !Self.holds(path, text) {
            try atomicReplace(path: path, contents: text)
        }
    }

    private func markServed(_ process: DnsmasqProcess, _ rendered: RenderedService) throws(DHCPDriverError) {
        try Self.file("note what dnsmasq has read") { () throws(FileError) in
            try atomicReplace(path: directory.served, contents: ServedMarker(process, rendered).text)
        }
        state.withLock { $0.served = rendered }
    }

    /// Has stale leases released and checks that they are gone; what stays is only logged, as it does
    /// not keep others from being served.
    private func release(_ process: DnsmasqProcess, _ view: ServiceView, _ previousHosts: [HostFile.Entry]) {
        let owners = AddressOwners(view, previousHosts: previousHosts)
        var stale = LeaseRelease.stale(LeasesFile(text(of: directory.leases)), owners)
        for attempt in 0..<3 where !(stale.v4.isEmpty && stale.v6.isEmpty) {
            // Each try but the first comes after the answers to the one before had their time.
            if attempt > 0 { usleep(300_000) }
            let servers = LeaseRelease.servers(for: stale, view)
            // The receive buffer of dnsmasq holds some hundred packets; wait for it in between.
            for part in stale.parts(of: 64) {
                _ = try? namespaces.runBlocking(in: view.service.namespace) {
                    LeaseRelease.send(part, interface: view.service.interface, servers: servers)
                }
                _ = confirm(process, nil, view)
            }
            stale = LeaseRelease.stale(LeasesFile(text(of: directory.leases)), owners)
        }
        for lease in stale.v4 { log.warning("dnsmasq keeps the lease of \(lease.address), whose port is gone") }
        for lease in stale.v6 { log.warning("dnsmasq keeps the lease of \(lease.address), whose port is gone") }
    }

    private func text(of path: String) -> String {
        String(decoding: (try? readFile(path: path, limit: 64 << 20)) ?? [], as: UTF8.self)
    }

    // MARK: Starting and stopping

    private func start(_ view: ServiceView, _ rendered: RenderedService) async throws(DHCPDriverError) {
        try await queue.blocking { () throws(DHCPDriverError) in try self.prepare(view, rendered) }
        let command = Command(
            configuration.dnsmasqPath, rendered.arguments,
            environment: Self.environment.merging(["PROCESS_TAG": DnsmasqProcess.tag(network)]) { $1 },
            startsSession: true)
        let reader = ReaderWatch.of([directory.host, directory.options])
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await spawnAndWait(
                command, in: view.service.namespace, using: namespaces,
                timeout: configuration.confirmTimeout + .milliseconds(5 * view.ports.count))
        } catch {
            let kind: DHCPDriverError.Kind = error.kind == .notFound ? .requirement : .startFailed
            throw DHCPDriverError(kind, operation: "start dnsmasq", detail: error.detail)
        }
        guard result.isSuccess else {
            throw DHCPDriverError(
                .startFailed, operation: "start dnsmasq", detail: Self.words(result))
        }
        let slot = Mutex<ReaderWatch?>(reader)
        try await queue.blocking { () throws(DHCPDriverError) in
            guard let process = DnsmasqProcess.find(self.network, self.directory) else {
                throw DHCPDriverError(
                    .startFailed, operation: "start dnsmasq",
                    detail: "it ended right after it started; its log tells why")
            }
            self.follow(process)
            let reader = slot.withLock { $0.take() }
            switch self.confirm(process, reader, view) {
            case .confirmed: break
            case .died:
                throw DHCPDriverError(
                    .startFailed, operation: "start dnsmasq",
                    detail: "it ended while it read its files; its log tells why")
            case let other: throw self.unresponsive("start dnsmasq", other)
            }
            try self.markServed(process, rendered)
        }
    }

    /// Writes everything that dnsmasq finds when it starts.
    private func prepare(_ view: ServiceView, _ rendered: RenderedService) throws(DHCPDriverError) {
        let previousHosts = HostFile.entries(text(of: directory.host))
        let leases = LeasesFile.initial(
            for: view, previous: LeasesFile(text(of: directory.leases)), previousHosts: previousHosts)
        try Self.file("prepare dnsmasq") { () throws(FileError) in
            try createDirectory(path: directory.path)
            try removeFile(path: directory.served)
            try atomicReplace(path: directory.leases, contents: leases.text)
            try writeFiles(view, rendered)
            if let base = configuration.baseLogDirectory { try createDirectory(path: "\(base)/\(network)") }
        }
    }

    private func stop(_ process: DnsmasqProcess) async throws(DHCPDriverError) {
        state.withLock { $0.stopping = process.pid }
        do throws(ProcessError) {
            try await process.stop(within: configuration.stopTimeout)
        } catch {
            throw DHCPDriverError(.unresponsive, operation: "stop dnsmasq", detail: "\(error)")
        }
        state.withLock { state in
            state.process = nil
            state.served = nil
        }
    }

    /// What dnsmasq said when it refused to start, without its name before it.
    private static func words(_ result: ProcessResult) -> String {
        let lines = result.errorText.split(separator: "\n").map { line in
            line.hasPrefix("dnsmasq: ") ? String(line.dropFirst(9)) : String(line)
        }
        return lines.isEmpty ? "it ended with \(result.termination)" : lines.joined(separator: "; ")
    }

    private static func file<T>(
        _ operation: String, _ body: () throws(FileError) -> T
    ) throws(DHCPDriverError) -> T {
        do throws(FileError) {
            return try body()
        } catch {
            throw DHCPDriverError(.file, operation: operation, detail: "\(error)")
        }
    }
}
