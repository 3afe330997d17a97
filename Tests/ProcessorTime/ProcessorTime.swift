import Glibc

/// What the body costs the processor on this thread, in nanoseconds: a busy machine does not make it longer.
public func processorTime(_ body: () throws -> Void) rethrows -> UInt64 {
    let start = threadTime()
    try body()
    return threadTime() - start
}

/// What the one costs as a multiple of what the other costs; where that is not below the limit, the least of
/// five measurements. What a busy host takes from its virtual machine may count as a thread's own time.
public func costRatio(
    of more: () throws -> UInt64, to less: () throws -> UInt64, below limit: Double
) rethrows -> Double {
    var least = Double.infinity
    for _ in 0..<5 where least >= limit {
        let base = try less()
        least = min(least, Double(try more()) / Double(max(base, 1)))
    }
    return least
}

private func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
