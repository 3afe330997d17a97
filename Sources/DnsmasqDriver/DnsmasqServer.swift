import Addressing
import DHCPDrivers
import Dispatch
import LinuxKernel
import Locks
import Logging
import NetworkModel

/// One network's dnsmasq: its files, its process, and what it is known to have read.
///
/// Calls never overlap (the driver's contract); the lock is for the end of a process, which may come
/// at any time.
final class DnsmasqServer: Sendable {
    /// dnsmasq's environment but for its tag: nothing of ours leaks in, its words are English.
    static let environment = [
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C",
    ]

    /// What all servers of a driver share.
    struct Surroundings: Sendable {
        let configuration: DnsmasqConfiguration
        let namespaces: NamespaceThread
        let log: Logger
        let deaths: AsyncStream<ResourceID>.Continuation
        let inotify = InotifyPool()
        let running = RunningServers()
    }

    struct State {
        var process: DnsmasqProcess?
        var renderer = ServiceRenderer()
        /// What the process is known to have read; nil where we do not know.
        var served: RenderedService?
        var problems: [String] = []
        /// What another server told IPv4 clients, until they ask dnsmasq.
        var taken: [Lease] = []
        /// Whether the end of the process is news: not while it starts, for then `apply` tells, nor when
        /// we end it.
        var reportsDeath = false
    }

    /// What must be done besides what was done already.
    private enum Remaining {
        case nothing(DHCPApplyOutcome)
        /// With the hosts that were served until now, where the files say something else already.
        case start(previousHosts: [HostFile.Entry]?)
        case restart(DnsmasqProcess, previousHosts: [HostFile.Entry]?)
    }

    let network: ResourceID
    let directory: ConfigurationDirectory
    let surroundings: Surroundings
    /// Where files, polls and waits for dnsmasq block, off the cooperative pool: a serial queue has
    /// threads of its own, a concurrent one would take the pool's.
    let queue: DispatchQueue
    let log: Logger
    let state = Mutex(State())

    init(_ network: ResourceID, _ surroundings: Surroundings) {
        self.network = network
        self.surroundings = surroundings
        queue = DispatchQueue(label: "dnsmasq \(network)")
        var log = surroundings.log
        log[metadataKey: "network"] = "\(network)"
        self.log = log
        directory = ConfigurationDirectory(surroundings.configuration, network)
    }

    var configuration: DnsmasqConfiguration { surroundings.configuration }
    var namespaces: NamespaceThread { surroundings.namespaces }

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
        case .start(let previousHosts):
            try await start(view, rendered, previousHosts)
            return .started
        case .restart(let process, let previousHosts):
            try await checkSyntax(view, rendered)
            try await stop(process)
            try await start(view, rendered, previousHosts)
            return .restarted
        }
    }

    func remove() async throws(DHCPDriverError) {
        let running = try await queue.blocking { () throws(DHCPDriverError) in try self.locate() }
        if let running { try await stop(running) }
        let path = directory.path
        try await queue.blocking { () throws(DHCPDriverError) in
            try Self.file("remove") { () throws(FileError) in try removeTree(path: path) }
        }
        state.withLock { $0 = State() }
    }

    func runningPID() async -> Int32? {
        if let process = state.withLock({ $0.process }), process.watch.isRunning { return process.pid }
        return try? await queue.blocking { () throws(DHCPDriverError) in
            try DnsmasqProcess.find(self.network, self.directory)?.pid
        }
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
        guard let process = try locate() else { return .start(previousHosts: nil) }
        guard process.arguments == rendered.arguments else { return .restart(process, previousHosts: nil) }
        if change == .anything {
            // A namespace may have been deleted and made anew while nobody looked: nothing comes to one who
            // stayed in the old one.
            if ProcessTable.isIn(namespace: view.service.namespace, pid: process.pid) == false {
                log.warning("dnsmasq is not in \(view.service.namespace): it is restarted there")
                return .restart(process, previousHosts: nil)
            }
            try claim()
        }
        if change != .anything, let served = state.withLock({ $0.served }) {
            if served == rendered {
                serves(process, rendered)
                return .nothing(.unchanged)
            }
        } else {
            switch try finding(rendered, process) {
            case .same:
                serves(process, rendered)
                return .nothing(.unchanged)
            case .otherExtraFile: return .restart(process, previousHosts: nil)
            case .otherFiles, .nothing: break
            }
        }
        let previousHosts = HostFile.entries(try text(of: directory.host))
        let isRisky = try servesTags()
        if isRisky && !view.abilities.reloadsSafely { return .restart(process, previousHosts: nil) }
        let outcome: ReloadOutcome
        do throws(DHCPDriverError) {
            outcome = try reload(process, view, rendered, change, previousHosts)
        } catch {
            guard error.kind == .unresponsive else { throw error }
            log.warning("\(error.detail): dnsmasq is restarted", metadata: ["pid": "\(process.pid)"])
            return .restart(process, previousHosts: previousHosts)
        }
        switch outcome {
        case .read: return .nothing(.reloaded)
        case .ended: return .start(previousHosts: previousHosts)
        case .leasesAreStale: return .restart(process, previousHosts: previousHosts)
        }
    }

    /// Whether the process serves host lines that set tags, as far as can be known.
    func servesTags() throws(DHCPDriverError) -> Bool {
        if let served = state.withLock({ $0.served }) { return served.host.contains(",set:") }
        return try text(of: directory.host).contains(",set:")
    }

    /// Notes whose the network's files are.
    private func claim() throws(DHCPDriverError) {
        if configuration.owner.isEmpty { return }
        try Self.file("claim \(directory.path)") { () throws(FileError) in
            if try !Self.holds(directory.owner, configuration.ownerMark) {
                try atomicReplace(path: directory.owner, contents: configuration.ownerMark)
            }
        }
    }

    /// The process that serves the network, followed from now on if it was not; throws where that cannot be
    /// told, for then nothing must be started.
    private func locate() throws(DHCPDriverError) -> DnsmasqProcess? {
        let known = state.withLock { $0.process }
        if let known, known.watch.isRunning { return known }
        var found = try DnsmasqProcess.find(network, directory)
        // Only where there was a server before us and its pid file tells nothing is it worth to look at
        // every process: two dnsmasq must never share a lease file.
        if found == nil && known == nil && fileExists(path: directory.interface) {
            found = try DnsmasqProcess.search(network, directory, surroundings.running)
        }
        if let found { follow(found, reportsDeath: true) } else { state.withLock { $0.process = nil } }
        return found
    }

    /// Takes the process for one that serves this, and its end for news from now on.
    func serves(_ process: DnsmasqProcess, _ rendered: RenderedService) {
        state.withLock { state in
            state.served = rendered
            state.reportsDeath = true
        }
        // Its end was no news until now.
        if !process.watch.isRunning { ended(process.pid, process.startTime) }
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
        surroundings.deaths.yield(network)
    }

    /// Whether the files are as wanted and this very process is known to have read them.
    private func finding(
        _ rendered: RenderedService, _ process: DnsmasqProcess
    ) throws(DHCPDriverError) -> ServedMarker.Finding {
        try Self.file("compare files") { () throws(FileError) in
            let finding = try ServedMarker(process, rendered).onDisk(directory)
            guard finding == .same else { return finding }
            let files = [
                (directory.host, rendered.host), (directory.additionalHosts, rendered.additionalHosts),
                (directory.options, rendered.options),
            ]
            for (path, text) in files where try !Self.holds(path, text) { return .otherFiles }
            return .same
        }
    }

    static func holds(_ path: String, _ text: String) throws(FileError) -> Bool {
        try contents(of: path, limit: text.utf8.count + 1)?.isText(text) ?? false
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
