import DHCPDrivers
import LinuxKernel
import Locks
import NetworkModel

// Starting dnsmasq as Neutron does, and ending it.
extension DnsmasqServer {
    /// Starts the process and returns when it answers from its files.
    ///
    /// - Parameter previousHosts: what was served until now; nil where the file still tells.
    func start(
        _ view: ServiceView, _ rendered: RenderedService, _ previousHosts: [HostFile.Entry]?
    ) async throws(DHCPDriverError) {
        try await queue.blocking { () throws(DHCPDriverError) in
            try self.prepare(view, rendered, previousHosts)
        }
        let command = Command(
            configuration.dnsmasqPath, rendered.arguments,
            environment: Self.environment.merging(["PROCESS_TAG": DnsmasqProcess.tag(network)]) { $1 },
            startsSession: true)
        let reader = ReaderWatch.of(directory.filesRead(by: rendered), surroundings.inotify)
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
            guard let process = try DnsmasqProcess.find(self.network, self.directory) else {
                throw DHCPDriverError(
                    .startFailed, operation: "start dnsmasq",
                    detail: "it ended right after it started; its log tells why")
            }
            self.follow(process, reportsDeath: false)
            try self.noteStart(process, rendered)
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
    private func prepare(
        _ view: ServiceView, _ rendered: RenderedService, _ previousHosts: [HostFile.Entry]?
    ) throws(DHCPDriverError) {
        guard fileExists(path: "\(NamespaceThread.directory)/\(view.service.namespace)") else {
            throw DHCPDriverError(
                .wiring, operation: "start dnsmasq", detail: "there is no namespace \(view.service.namespace)"
            )
        }
        var hosts = previousHosts
        if hosts == nil { hosts = HostFile.entries(try text(of: directory.host)) }
        let leases = LeasesFile.initial(
            for: view, previous: LeasesFile(try text(of: directory.leases)), previousHosts: hosts ?? [])
        try Self.file("prepare dnsmasq") { () throws(FileError) in
            try createDirectory(path: directory.path)
            try removeFile(path: directory.served)
            try atomicReplace(path: directory.leases, contents: leases.text)
            try writeFiles(view, rendered)
            if let base = configuration.baseLogDirectory { try createDirectory(path: "\(base)/\(network)") }
        }
    }

    /// Checks the arguments and the operator's file with dnsmasq itself, before what runs is ended for them.
    func checkSyntax(_ view: ServiceView, _ rendered: RenderedService) async throws(DHCPDriverError) {
        // What we write ourselves is always right.
        if configuration.trimmedConfigFile.isEmpty { return }
        let command = Command(
            configuration.dnsmasqPath, ["--test"] + rendered.arguments, environment: Self.environment)
        let result: ProcessResult
        do throws(ProcessError) {
            result = try await spawnAndWait(
                command, in: view.service.namespace, using: namespaces, timeout: configuration.confirmTimeout)
        } catch {
            let kind: DHCPDriverError.Kind = error.kind == .notFound ? .requirement : .startFailed
            throw DHCPDriverError(kind, operation: "start dnsmasq", detail: error.detail)
        }
        guard result.isSuccess else {
            throw DHCPDriverError(.startFailed, operation: "start dnsmasq", detail: Self.words(result))
        }
    }

    /// Ends the process; its end is no news then.
    func stop(_ process: DnsmasqProcess) async throws(DHCPDriverError) {
        state.withLock { $0.reportsDeath = false }
        do throws(ProcessError) {
            try await process.stop(within: configuration.stopTimeout)
        } catch {
            // It goes on serving, so its end is news again.
            state.withLock { $0.reportsDeath = true }
            if !process.watch.isRunning { ended(process.pid, process.startTime) }
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
}
