import Addressing
import DHCPDrivers
import Dispatch
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
    static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
    ]

    struct State {
        var process: DnsmasqProcess?
        var renderer = ServiceRenderer()
        /// What the process is known to have read; nil where we do not know.
        var served: RenderedService?
        var problems: [String] = []
        /// Whether the end of the process is news: not while it starts, for then `apply` tells, nor when
        /// we end it.
        var reportsDeath = false
    }

    /// What must be done besides what was done already.
    private enum Remaining {
        case nothing(DHCPApplyOutcome)
        case start
        case restart(DnsmasqProcess)
    }

    let network: ResourceID
    let directory: ConfigurationDirectory
    let configuration: DnsmasqConfiguration
    let namespaces: NamespaceThread
    let queue: DispatchQueue
    let log: Logger
    private let deaths: AsyncStream<ResourceID>.Continuation
    let state = Mutex(State())

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

    func apply(_ view: ServiceView, _ change: DHCPServiceChange) async throws(DHCPDriverError)
        -> DHCPApplyOutcome
    {
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
        if !view.abilities.reloadsSafely && servesTags() { return .restart(process) }
        guard try reload(process, view, rendered, change) else { return .start }
        return .nothing(.reloaded)
    }

    /// Whether the process serves host lines that set tags, as far as can be known.
    func servesTags() -> Bool {
        (state.withLock { $0.served?.host } ?? text(of: directory.host)).contains(",set:")
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
        if let found { follow(found, reportsDeath: true) }
        return found
    }

    func follow(_ process: DnsmasqProcess, reportsDeath: Bool) {
        let isNew = state.withLock { state in
            let isNew = state.process?.pid != process.pid || state.process?.startTime != process.startTime
            state.process = process
            state.reportsDeath = reportsDeath
            if isNew { state.served = nil }
            return isNew
        }
        guard isNew else { return }
        let (pid, startTime) = (process.pid, process.startTime)
        process.watch.onExit { [weak self] _ in self?.ended(pid, startTime) }
    }

    func ended(_ pid: Int32, _ startTime: UInt64) {
        let isNews = state.withLock { state in
            guard let process = state.process, process.pid == pid, process.startTime == startTime else {
                return false
            }
            defer { state.reportsDeath = false }
            state.served = nil
            return state.reportsDeath
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

    static func holds(_ path: String, _ text: String) -> Bool {
        guard let bytes = try? readFile(path: path, limit: text.utf8.count + 1) else { return false }
        return bytes.elementsEqual(text.utf8)
    }

    static func file<T>(
        _ operation: String, _ body: () throws(FileError) -> T
    ) throws(DHCPDriverError) -> T {
        do throws(FileError) {
            return try body()
        } catch {
            throw DHCPDriverError(.file, operation: operation, detail: "\(error)")
        }
    }
}
