import Glibc
import Locks

/// Plain threads that take numbers 0… from a common counter until there are none left.
enum Workers {
    /// Calls the body once for each number below `count`, on `threads` threads at a time.
    ///
    /// - Throws: the first error; the other threads then stop after the number they are at.
    static func run(_ threads: Int, count: Int, body: @escaping @Sendable (Int) throws -> Void) throws {
        let job = Job(count: count, body: body)
        var started: [pthread_t] = []
        for _ in 0..<threads {
            do {
                started.append(try job.startThread())
            } catch {
                job.stop(error)
                break
            }
        }
        for thread in started { pthread_join(thread, nil) }
        if let error = job.error { throw error }
    }
}

/// The numbers that are left, and what to do with each.
private final class Job: Sendable {
    private let body: @Sendable (Int) throws -> Void
    private let count: Int
    private let state = Mutex(State())

    private struct State {
        var next = 0
        var error: (any Error)?
    }

    init(count: Int, body: @escaping @Sendable (Int) throws -> Void) {
        self.count = count
        self.body = body
    }

    var error: (any Error)? { state.withLock { $0.error } }

    func stop(_ error: any Error) {
        state.withLock { if $0.error == nil { $0.error = error } }
    }

    func startThread() throws(Failure) -> pthread_t {
        var thread = pthread_t()
        // The thread takes the reference over.
        let argument = Unmanaged.passRetained(self)
        let error = pthread_create(&thread, nil, workUntilDone, argument.toOpaque())
        guard error == 0 else {
            argument.release()
            throw .call("start a thread", error: error)
        }
        return thread
    }

    func work() {
        while let number = next() {
            do { try body(number) } catch { stop(error) }
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard state.error == nil, state.next < count else { return nil }
            state.next += 1
            return state.next - 1
        }
    }
}

/// What a thread runs: the job that it was given.
private func workUntilDone(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().work() }
    return nil
}
