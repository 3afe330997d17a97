import Glibc
import LinuxKernel
import Locks
import Logging

/// The log file of each network, `<directory>/<network id>/dhcp_dns_log`, written in the background.
///
/// Guests may send as much as they like: each network has some lines a second, and at most a mebibyte of
/// all waits to be written. What comes on top is dropped, and the file says how many lines were. The file is
/// opened for each time it is written to: whoever rotates it only has to rename it.
final class LogFiles: Sendable {
    private static let limit = 1 << 20
    /// Lines of a network at once, and in a second.
    static let burst = 200
    static let perSecond: UInt64 = 100

    /// What a network may write.
    private struct Budget {
        var lines = LogFiles.burst
        /// When lines were added, in nanoseconds of the monotonic clock.
        var filled: UInt64
        /// Lines that were dropped and not told of yet.
        var dropped = 0

        mutating func refill(_ now: UInt64) {
            let pause = 1_000_000_000 / LogFiles.perSecond
            guard now > filled else { return }
            let earned = (now - filled) / pause
            if earned >= UInt64(LogFiles.burst) {
                (lines, filled) = (LogFiles.burst, now)
            } else {
                lines = min(LogFiles.burst, lines + Int(earned))
                filled += earned * pause
            }
        }
    }

    private struct State {
        var waiting: [String: [UInt8]] = [:]
        var bytes = 0
        /// Those of networks that wrote lately.
        var budgets: [String: Budget] = [:]
        /// The files that could not be written the last time.
        var failing: Set<String> = []
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

    /// Adds a line with the time in front, where the network may; returns at once.
    ///
    /// - Parameter now: nanoseconds of the monotonic clock.
    func append(_ network: String, _ text: String, now: UInt64 = monotonicNanoseconds()) {
        let dropped = state.withLock { state -> Int? in
            var budget = state.budgets[network] ?? Budget(filled: now)
            defer { state.budgets[network] = budget }
            budget.refill(now)
            guard budget.lines > 0, state.bytes < Self.limit else {
                budget.dropped += 1
                return nil
            }
            budget.lines -= 1
            defer { budget.dropped = 0 }
            return budget.dropped
        }
        guard let dropped else { return }
        let time = Self.time()
        var text = "\(time) \(prefix)\(text)\n"
        if dropped > 0 { text = notice(time, dropped) + text }
        let lines = Array(text.utf8)
        let isFirst = state.withLock { state in
            state.waiting[network, default: []] += lines
            state.bytes += lines.count
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { thread.submit { [weak self] in self?.write() } }
    }

    private func notice(_ time: String, _ count: Int) -> String {
        "\(time) \(prefix)\(count) lines were not written\n"
    }

    private func write() {
        let waiting = state.withLock { state in
            defer {
                state.waiting = [:]
                state.bytes = 0
                state.isScheduled = false
            }
            return state.waiting
        }
        for (network, lines) in waiting {
            let path = Self.path(directory, network)
            let trouble = write(lines, path, "\(directory)/\(network)")
            let isNews = state.withLock { state in
                trouble == nil
                    ? state.failing.remove(path) != nil : state.failing.insert(path).inserted
            }
            if let trouble, isNews { log.warning("\(path) cannot be written: \(errorText(trouble))") }
        }
        tidy()
    }

    /// Forgets the budgets that are whole, and tells of lines that were dropped where nothing came since.
    private func tidy() {
        let now = monotonicNanoseconds()
        let dropped = state.withLock { state in
            var dropped: [(network: String, count: Int)] = []
            for (network, var budget) in state.budgets {
                budget.refill(now)
                guard budget.lines == Self.burst else { continue }
                if budget.dropped > 0 { dropped.append((network, budget.dropped)) }
                state.budgets[network] = nil
            }
            return dropped
        }
        for (network, count) in dropped {
            let line = Array(notice(Self.time(), count).utf8)
            _ = write(line, Self.path(directory, network), "\(directory)/\(network)")
        }
    }

    /// Adds lines to a file; returns the errno where that fails.
    private func write(_ lines: [UInt8], _ path: String, _ directory: String) -> Int32? {
        var number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        if number < 0 && errno == ENOENT {
            try? createDirectory(path: directory)
            number = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
        }
        if number < 0 { return errno }
        let file = OwnedDescriptor(number)
        var rest = lines[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return errno }
            rest = rest.dropFirst(count)
        }
        return nil
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
