import CLinux
import Dispatch
import Glibc
package import KernelPlan
import Locks

/// A thread that runs jobs one after the other, in the order in which they came, for calls that block.
///
/// It ends, after the jobs in line, when nobody holds it any more.
package final class JobThread: Sendable {
    private let line = JobLine()
    private let thread: pthread_t

    /// Starts a thread of that name, at most 15 bytes.
    package init(name: String) throws(KernelError) {
        var thread = pthread_t()
        let start = Unmanaged.passRetained(ThreadStart(name: name, line: line))
        let result = pthread_create(&thread, nil, jobThreadMain, start.toOpaque())
        if result != 0 {
            start.release()
            throw KernelError("create thread", name, result)
        }
        pthread_detach(thread)
        self.thread = thread
    }

    /// Whether the calling thread is this one.
    package var isCurrent: Bool { pthread_equal(pthread_self(), thread) != 0 }

    deinit { line.close() }

    /// Puts a job in line.
    package func submit(_ job: @escaping @Sendable () -> Void) { line.append(job) }

    /// Has a job done that nobody waits for: when nothing else has come for a moment, at the latest after a
    /// quarter of a second.
    package func submitLater(_ job: @escaping @Sendable () -> Void) { line.append(later: job) }

    /// Whether jobs wait behind the one that runs.
    package var isBusy: Bool { line.isBusy }
}

/// What a new thread is given.
private final class ThreadStart: Sendable {
    let name: String
    let line: JobLine

    init(name: String, line: JobLine) {
        self.name = name
        self.line = line
    }
}

/// The jobs in line and whether more may come.
private final class JobLine: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// How many the thread has taken out and not begun.
        var taken = 0
        /// Jobs that the others go before.
        var later: [LaterJob] = []
        var isClosed = false
    }

    /// A job that can wait, and until when.
    private struct LaterJob {
        let job: @Sendable () -> Void
        let deadline = DispatchTime.now() + patience
    }

    /// For how long nothing has come when it is time for what can wait.
    private static let quiet = DispatchTimeInterval.milliseconds(10)
    /// How long that waits where there is always something to do.
    private static let patience = DispatchTimeInterval.milliseconds(250)

    private let state = Mutex(State())
    /// Counts what the thread has not looked at.
    private let arrived = DispatchSemaphore(value: 0)

    func append(_ job: @escaping @Sendable () -> Void) {
        state.withLock { $0.jobs.append(job) }
        arrived.signal()
    }

    func append(later job: @escaping @Sendable () -> Void) {
        state.withLock { $0.later.append(LaterJob(job: job)) }
        arrived.signal()
    }

    var isBusy: Bool { state.withLock { !$0.jobs.isEmpty || $0.taken > 0 } }

    func close() {
        state.withLock { $0.isClosed = true }
        arrived.signal()
    }

    /// Runs jobs until the line is closed; nothing is appended after that.
    func run() {
        var later: [LaterJob] = []
        var quiet = Self.quiet
        while true {
            var isQuiet = false
            if later.isEmpty {
                arrived.wait()
            } else {
                isQuiet = arrived.wait(timeout: .now() + quiet) == .timedOut
            }
            let isClosed = runWhatCame(&later)
            // Once it is quiet, one of them after the other until something comes.
            quiet = isQuiet ? .nanoseconds(0) : Self.quiet
            while let first = later.first, isQuiet || isClosed || first.deadline < .now() {
                isQuiet = false
                later.removeFirst().job()
            }
            if isClosed { return }
        }
    }

    /// Runs the jobs in line and takes out what can wait; whether the line is closed.
    private func runWhatCame(_ later: inout [LaterJob]) -> Bool {
        let (jobs, more, isClosed) = state.withLock { state in
            defer { (state.jobs, state.later) = ([], []) }
            state.taken = state.jobs.count
            return (state.jobs, state.later, state.isClosed)
        }
        later += more
        for job in jobs {
            state.withLock { $0.taken -= 1 }
            job()
        }
        return isClosed
    }
}

/// The thread's entry point: owns what it was given.
private func jobThreadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument else { return nil }
    let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    cl_name_thread(start.name)
    start.line.run()
    return nil
}
