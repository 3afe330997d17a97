import Glibc
import LinuxKernel
import Locks

/// The servers of the host's resolv.conf(5), read again when the file changed, as dnsmasq does it.
final class HostResolvers: Sendable {
    /// Those of this host, for all networks.
    static let shared = HostResolvers(path: "/etc/resolv.conf")

    private struct State {
        var servers: [DNSServerAddress] = []
        /// When the file was looked at last, in nanoseconds of the monotonic clock.
        var checked: UInt64?
        var modified = timespec()
        var file: UInt64 = 0
    }

    /// How long what was seen holds.
    private static let holds: UInt64 = 1_000_000_000

    private let path: String
    private let state = Mutex(State())

    init(path: String) { self.path = path }

    /// The servers as they are; none where the file cannot be read.
    func current() -> [DNSServerAddress] {
        state.withLock { state in
            let now = monotonicNanoseconds()
            if let checked = state.checked, now - checked < Self.holds { return state.servers }
            var status = stat()
            let isThere = stat(path, &status) == 0
            let isSame =
                isThere && state.checked != nil && state.file == UInt64(status.st_ino)
                && state.modified.tv_sec == status.st_mtim.tv_sec
                && state.modified.tv_nsec == status.st_mtim.tv_nsec
            state.checked = now
            if isSame { return state.servers }
            state.file = isThere ? UInt64(status.st_ino) : 0
            state.modified = status.st_mtim
            // A small local file: read where it is needed.
            state.servers = (try? readFile(path: path)).map(DNSServerAddress.resolvers) ?? []
            return state.servers
        }
    }
}
