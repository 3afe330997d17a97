import DHCPDrivers
import Glibc
import LinuxKernel
import Logging
import NetworkModel
import Synchronization

// Putting the files of a running dnsmasq right, and knowing that it has read them.
extension DnsmasqServer {
    /// Puts the files right and has them read; returns false where the process ended meanwhile.
    func reload(
        _ process: DnsmasqProcess, _ view: ServiceView, _ rendered: RenderedService,
        _ change: DHCPServiceChange
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
        // Where nothing went, no lease became stale.
        if change == .anything || !Set(previousHosts).isSubset(of: HostFile.entries(rendered.host)) {
            release(process, view, previousHosts)
        }
        try markServed(process, rendered)
        return true
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
        let files = [
            (directory.interface, view.service.interface), (directory.host, rendered.host),
            (directory.additionalHosts, rendered.additionalHosts), (directory.options, rendered.options),
        ]
        for (path, text) in files where !Self.holds(path, text) {
            try atomicReplace(path: path, contents: text)
        }
    }

    func markServed(_ process: DnsmasqProcess, _ rendered: RenderedService) throws(DHCPDriverError) {
        try Self.file("note what dnsmasq has read") { () throws(FileError) in
            try atomicReplace(path: directory.served, contents: ServedMarker(process, rendered).text)
        }
        state.withLock { $0.served = rendered }
    }

    /// Has stale leases released and checks that they are gone; what stays is only logged, as it does
    /// not keep others from being served.
    private func release(_ process: DnsmasqProcess, _ view: ServiceView, _ previousHosts: [HostFile.Entry]) {
        let owners = AddressOwners(view, previousHosts: previousHosts)
        var stale = LeaseRelease.stale(leases(of: process, view), owners)
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
            stale = LeaseRelease.stale(leases(of: process, view), owners)
        }
        for lease in stale.v4 {
            log.warning("dnsmasq keeps the lease of \(lease.address), whose port is gone")
        }
        for lease in stale.v6 {
            log.warning("dnsmasq keeps the lease of \(lease.address), whose port is gone")
        }
    }

    /// The leases of a running process. It rewrites the file in place, so a reader may see a part of it;
    /// what reads the same before and after a round of the event loop is whole.
    private func leases(of process: DnsmasqProcess, _ view: ServiceView) -> LeasesFile {
        var before = text(of: directory.leases)
        for _ in 0..<5 {
            _ = confirm(process, nil, view)
            let after = text(of: directory.leases)
            if after == before { break }
            before = after
        }
        return LeasesFile(before)
    }

    func text(of path: String) -> String {
        String(decoding: (try? readFile(path: path, limit: 64 << 20)) ?? [], as: UTF8.self)
    }
}
