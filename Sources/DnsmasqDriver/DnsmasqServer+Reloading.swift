import DHCPDrivers
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel

// Putting the files of a running dnsmasq right, and knowing that it has read them.
extension DnsmasqServer {
    /// How having files read went.
    enum ReloadOutcome {
        case read
        /// The process ended meanwhile.
        case ended
        /// It reads them but holds leases that keep new owners from their addresses; only a start helps.
        case leasesAreStale
    }

    /// Puts the files right and has them read.
    func reload(
        _ process: DnsmasqProcess, _ view: ServiceView, _ rendered: RenderedService,
        _ change: DHCPServiceChange, _ previousHosts: [HostFile.Entry]
    ) throws(DHCPDriverError) -> ReloadOutcome {
        let knewServed = state.withLock { $0.served.take() != nil }
        // Somebody may have removed the directory under a server that runs.
        try Self.file("reload") { () throws(FileError) in try createDirectory(path: directory.path) }
        try noteStart(process, rendered)
        try Self.file("reload") { () throws(FileError) in try writeFiles(view, rendered) }
        let reader = ReaderWatch.of(directory.filesRead(by: rendered), surroundings.inotify)
        do throws(ProcessError) {
            try process.watch.signal(SIGHUP)
        } catch {
            if error.kind == .noSuchProcess { return .ended }
            throw DHCPDriverError(.unresponsive, operation: "reload dnsmasq", detail: "\(error)")
        }
        switch confirm(process, reader, view) {
        case .confirmed: break
        case .died: return .ended
        case let other: throw unresponsive("reload dnsmasq", other)
        }
        // Where nothing went since the last success, no lease became stale.
        if change == .anything || !knewServed
            || !Set(previousHosts).isSubset(of: HostFile.entries(rendered.host))
        {
            guard try release(process, view, previousHosts) else { return .leasesAreStale }
        }
        try markServed(process, rendered)
        return .read
    }

    func confirm(
        _ process: DnsmasqProcess, _ reader: consuming ReaderWatch?, _ view: ServiceView
    ) -> ReadConfirmation.Outcome {
        ReadConfirmation.wait(for: process, reader, view: view, namespaces: namespaces)
    }

    func unresponsive(_ operation: String, _ outcome: ReadConfirmation.Outcome) -> DHCPDriverError {
        let detail =
            switch outcome {
            case .unread(let files):
                "it did not open \(files.joined(separator: " and ")) in time; may its user read there?"
            case .silent: "it read its files but does not answer"
            case .confirmed, .died: "it ended"
            }
        return DHCPDriverError(.unresponsive, operation: operation, detail: detail)
    }

    func writeFiles(_ view: ServiceView, _ rendered: RenderedService) throws(FileError) {
        var files = [
            (directory.interface, view.service.interface), (directory.host, rendered.host),
            (directory.additionalHosts, rendered.additionalHosts), (directory.options, rendered.options),
        ]
        // First of all: whatever lies here is ours from now on.
        if !configuration.owner.isEmpty { files.insert((directory.owner, configuration.ownerMark), at: 0) }
        for (path, text) in files where try !Self.holds(path, text) {
            try atomicReplace(path: path, contents: text)
        }
    }

    /// Notes which process it is and with which extra file it began, and nothing of what it has read since.
    func noteStart(_ process: DnsmasqProcess, _ rendered: RenderedService) throws(DHCPDriverError) {
        try Self.file("note that dnsmasq runs") { () throws(FileError) in
            try atomicReplace(path: directory.served, contents: ServedMarker(process, rendered).start)
        }
    }

    func markServed(_ process: DnsmasqProcess, _ rendered: RenderedService) throws(DHCPDriverError) {
        try Self.file("note what dnsmasq has read") { () throws(FileError) in
            try atomicReplace(path: directory.served, contents: ServedMarker(process, rendered).text)
        }
        serves(process, rendered)
    }

    /// Has stale leases released and checks that they are gone; returns whether all are.
    private func release(
        _ process: DnsmasqProcess, _ view: ServiceView, _ previousHosts: [HostFile.Entry]
    ) throws(DHCPDriverError) -> Bool {
        let owners = AddressOwners(view, previousHosts: previousHosts)
        var stale = LeaseRelease.stale(try leases(of: process, view), owners)
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
            stale = LeaseRelease.stale(try leases(of: process, view), owners)
        }
        for address in stale.v4.map({ "\($0.address)" }) + stale.v6.map({ "\($0.address)" }) {
            log.warning("dnsmasq keeps the lease of \(address), whose port is gone; it is restarted")
        }
        return stale.v4.isEmpty && stale.v6.isEmpty
    }

    /// The leases of a running process. It rewrites the file in place, so a reader may see a part of it;
    /// what reads the same before and after a round of the event loop is whole.
    private func leases(
        of process: DnsmasqProcess, _ view: ServiceView
    ) throws(DHCPDriverError) -> LeasesFile {
        var before = try text(of: directory.leases)
        for _ in 0..<5 {
            _ = confirm(process, nil, view)
            let after = try text(of: directory.leases)
            if after == before { break }
            before = after
        }
        return LeasesFile(before)
    }

    /// The file's text; empty where there is none.
    func text(of path: String) throws(DHCPDriverError) -> String {
        try Self.file("read \(path)") { () throws(FileError) in
            String(decoding: try contents(of: path, limit: 64 << 20) ?? [], as: UTF8.self)
        }
    }
}
