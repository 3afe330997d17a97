import Glibc

/// What the body costs the processor on this thread, in nanoseconds: a busy machine does not make it longer.
public func processorTime(_ body: () throws -> Void) rethrows -> UInt64 {
    let start = threadTime()
    try body()
    return threadTime() - start
}

private func threadTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
