import LinuxKernel
import Locks
import NetworkModel

/// All processes that were told a pid file as a network's dnsmasq is, by network: one look through
/// /proc serves all networks.
final class RunningServers: Sendable {
    /// How old a look may be; a process that started since then has a pid file that leads to it.
    private static let longestAge = Duration.seconds(1)

    private struct Look {
        var servers: [ResourceID: [Int32]]
        var taken: ContinuousClock.Instant
    }

    private let look = Mutex<Look?>(nil)

    /// The processes that may be the network's dnsmasq, of whichever state directory.
    func processIDs(of network: ResourceID) throws(FileError) -> [Int32] {
        // Others wait meanwhile rather than look as well.
        try look.withLock { look throws(FileError) in
            if let look, ContinuousClock.now - look.taken < Self.longestAge {
                return look.servers[network] ?? []
            }
            let taken = ContinuousClock.now
            var servers: [ResourceID: [Int32]] = [:]
            for pid in try ProcessTable.processIDs() {
                guard let network = try ProcessTable.commandLine(of: pid).flatMap(Self.network) else {
                    continue
                }
                servers[network, default: []].append(pid)
            }
            look = Look(servers: servers, taken: taken)
            return servers[network] ?? []
        }
    }

    /// The network in `--pid-file=<dhcp_confs>/<network id>/pid`.
    private static func network(_ commandLine: [String]) -> ResourceID? {
        guard let path = DnsmasqProcess.pidFile(commandLine) else { return nil }
        let parts = path.split(separator: "/")
        return parts.count > 1 ? ResourceID(String(parts[parts.count - 2])) : nil
    }
}
