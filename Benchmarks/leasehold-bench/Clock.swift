import Glibc

/// Seconds on a clock that never goes back, from some fixed moment.
func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Sleeps for about that many seconds.
func pause(_ seconds: Double) {
    usleep(UInt32(seconds * 1e6))
}

/// Calls the condition every few milliseconds until it holds.
///
/// - Throws: ``Failure`` with `what` after `limit` seconds.
func wait(
    for what: @autoclosure () -> String, limit: Double, every interval: Double = 0.002,
    until condition: () throws -> Bool
) throws {
    let end = now() + limit
    while try !condition() {
        guard now() < end else { throw Failure("waited \(Int(limit)) s in vain for \(what())") }
        pause(interval)
    }
}

/// Order statistics of measured values.
extension [Double] {
    /// The value that `part` (0…1) of the values don't exceed; nil where there is none.
    func quantile(_ part: Double) -> Double? {
        guard !isEmpty else { return nil }
        let position = (Double(count) * part).rounded(.up)
        return sorted()[Swift.min(count - 1, Swift.max(0, Int(position) - 1))]
    }

    var median: Double? { quantile(0.5) }
}
