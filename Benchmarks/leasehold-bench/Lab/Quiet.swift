import Glibc

/// The machine at rest.
///
/// The kernel takes the namespaces of the last lab apart in the background (some 10 ms of CPU each); a
/// phase that started at once would be charged for them.
enum Quiet {
    /// Waits until the processors have little to do for half a second, or the limit (seconds) is over.
    ///
    /// - Returns: whether the machine came to rest.
    @discardableResult
    static func wait(limit: Double) -> Bool {
        let end = now() + limit
        var calm = 0
        var last = times()
        while now() < end {
            pause(0.1)
            let next = times()
            let total = next.total - last.total
            let busy = total > 0 ? Double(next.busy - last.busy) / Double(total) : 0
            calm = busy < 0.15 ? calm + 1 : 0
            if calm == 5 { return true }
            last = next
        }
        return false
    }

    /// Ticks of all processors since boot (proc(5), /proc/stat, first line).
    private static func times() -> (busy: UInt64, total: UInt64) {
        guard let text = try? readFile("/proc/stat"), let line = text.split(separator: "\n").first else {
            return (0, 0)
        }
        let ticks = line.split(separator: " ").dropFirst().prefix(8).compactMap { UInt64($0) }
        guard ticks.count == 8 else { return (0, 0) }
        let total = ticks.reduce(0, +)
        // Fields 4 and 5 are idle and waiting for I/O.
        return (total - ticks[3] - ticks[4], total)
    }
}
