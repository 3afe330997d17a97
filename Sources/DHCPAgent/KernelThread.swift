import Glibc
import KernelPlan
import Locks

/// The kernel behind a thread of its own: its calls block, and one writer is as fast as many.
actor KernelThread {
    private let kernel: any Kernel
    private nonisolated let executor = ThreadExecutor(name: "kernel")

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ kernel: any Kernel) { self.kernel = kernel }

    /// Does something with the kernel, on the thread, without anything of the agent's in between.
    func run<Value: Sendable, Failure>(
        _ body: @Sendable (any Kernel) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(kernel)
    }
}

/// Runs an actor's jobs on one thread, which ends with the executor.
final class ThreadExecutor: SerialExecutor {
    private let jobs = JobLine()

    /// - Parameter name: the thread's name as /proc shows it, at most 15 characters.
    init(name: String) {
        let start = ThreadStart(jobs: jobs, name: name)
        var thread = pthread_t()
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                nameThisThread(start.name)
                start.jobs.run()
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        precondition(status == 0, "pthread_create failed with errno \(status)")
        pthread_detach(thread)
    }

    deinit { jobs.close() }

    func enqueue(_ job: consuming ExecutorJob) {
        jobs.append(UnownedJob(job), executor: asUnownedSerialExecutor())
    }
}

/// Sets the name that ps and top show; the thread works as well without.
private func nameThisThread(_ name: String) {
    let file = open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    _ = write(file, name, name.utf8.count)
    close(file)
}

/// What a new thread is given.
private final class ThreadStart: Sendable {
    let jobs: JobLine
    let name: String

    init(jobs: JobLine, name: String) {
        self.jobs = jobs
        self.name = name
    }
}

/// A line of jobs that a thread waits at.
private final class JobLine: Sendable {
    private struct State {
        var waiting: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        var closed = false
    }

    private let state = Mutex(State())
    /// Counts the jobs in line, and one more once the line is closed.
    private let ready = Semaphore()

    func append(_ job: UnownedJob, executor: UnownedSerialExecutor) {
        state.withLock { $0.waiting.append((job, executor)) }
        ready.signal()
    }

    func close() {
        state.withLock { $0.closed = true }
        ready.signal()
    }

    /// Runs jobs until the line is closed and empty.
    func run() {
        while true {
            ready.wait()
            let (jobs, closed) = state.withLock { state in
                defer { state.waiting.removeAll() }
                return (state.waiting, state.closed)
            }
            for (job, executor) in jobs { job.runSynchronously(on: executor) }
            if closed { return }
        }
    }
}

/// A counting semaphore (sem_overview(7)).
///
/// Unchecked: the semaphore lives at one address from init to deinit, and sem_post and sem_wait may
/// be called on it from any thread.
private final class Semaphore: @unchecked Sendable {
    private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    init() { sem_init(semaphore, 0, 0) }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() { sem_post(semaphore) }

    func wait() {
        // Interrupted by a signal handler: wait again.
        while sem_wait(semaphore) != 0 {}
    }
}
