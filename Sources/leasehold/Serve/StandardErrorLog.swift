import Glibc
import Logging

/// Log lines on standard error: time, level, message.
struct StandardErrorLog: LogHandler {
    let label: String
    let lines: LineWriter
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    init(label: String, lines: LineWriter) {
        self.label = label
        self.lines = lines
    }

    /// What writes the lines of all loggers: threads that answer packets log, and must not wait for whoever
    /// reads standard error.
    static func lines() -> LineWriter {
        LineWriter(descriptor: STDERR_FILENO) { count in
            "\(time()) warning leasehold: \(count) lines were dropped here: the log was not read in time"
        }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var line = "\(Self.time()) \(event.level) \(label): \(event.message)"
        let all = metadata.merging(event.metadata ?? [:]) { $1 }
        for (key, value) in all.sorted(by: { $0.key < $1.key }) { line += " \(key)=\(value)" }
        lines.append(line)
    }

    /// Local time as `2026-11-22 17:00:00.123`.
    private static func time() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(milliseconds)"
    }
}
