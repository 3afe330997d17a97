import Glibc
import LinuxKernel
import Locks
import Logging

/// The log file of each network, `<directory>/<network id>/dhcp_dns_log`, written in the background.
///
/// At most a mebibyte waits to be written; what comes on top is dropped, and the file says so.
final class LogFiles: Sendable {
    private static let limit = 1 << 20

    private struct State {
        var waiting: [String: [UInt8]] = [:]
        var bytes = 0
        var dropped: [String: Int] = [:]
        var isScheduled = false
    }

    private let directory: String
    private let thread: JobThread
    private let log: Logger
    private let state = Mutex(State())
    private let prefix: String

    /// Throws a `KernelError` where no thread can be made.
    init(directory: String, log: Logger) throws {
        self.directory = directory
        self.log = log
        thread = try JobThread(name: "dhcp log")
        prefix = "leasehold-dhcp[\(getpid())]: "
    }

    /// Where a network's log is.
    static func path(_ directory: String, _ network: String) -> String {
        "\(directory)/\(network)/dhcp_dns_log"
    }

    /// Adds a line with the time in front; returns at once.
    func append(_ network: String, _ text: String) {
        let line = Array("\(Self.time()) \(prefix)\(text)\n".utf8)
        let isFirst = state.withLock { state in
            guard state.bytes + line.count <= Self.limit else {
                state.dropped[network, default: 0] += 1
                return false
            }
            state.waiting[network, default: []] += line
            state.bytes += line.count
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { thread.submit { [weak self] in self?.write() } }
    }

    private func write() {
        let (waiting, dropped) = state.withLock { state in
            defer { state = State() }
            return (state.waiting, state.dropped)
        }
        for (network, lines) in waiting {
            var bytes = lines
            if let count = dropped[network] {
                bytes += Array("\(Self.time()) \(prefix)\(count) lines were not written\n".utf8)
            }
            let path = Self.path(directory, network)
            var number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
            if number < 0 && errno == ENOENT {
                try? createDirectory(path: "\(directory)/\(network)")
                number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
            }
            if number < 0 {
                log.warning("\(path) cannot be written: \(errorText(errno))")
                continue
            }
            let file = OwnedDescriptor(number)
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
                if count < 0 && errno == EINTR { continue }
                if count <= 0 { break }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Local time as syslog writes it, `Nov 22 17:00:00`.
    private static func time() -> String {
        var now = time_t()
        Glibc.time(&now)
        var parts = tm()
        localtime_r(&now, &parts)
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32, _ pad: String = "0") -> String {
            number < 10 ? "\(pad)\(number)" : "\(number)"
        }
        let month = months[Int(parts.tm_mon) % 12]
        return "\(month) \(two(parts.tm_mday, " ")) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    }
}
