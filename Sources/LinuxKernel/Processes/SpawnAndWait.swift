import Glibc
import KernelPlan
import Locks

/// Runs a program inside a namespace (nil: the root one) and waits until it has ended.
///
/// What it wrote is collected, the first mebibyte of each output. Waiting ends with the direct child:
/// a daemon that it left behind may keep the pipes open. After `timeout` the child is killed and
/// `timedOut` thrown; so it is, with `cancelled`, when the waiting task is cancelled.
public func spawnAndWait(
    _ command: Command, in namespace: String?, using thread: NamespaceThread,
    timeout: Duration = .seconds(30)
) async throws(ProcessError) -> ProcessResult {
    var child = try await spawn(command, in: namespace, using: thread, output: .pipe, error: .pipe)
    guard let output = child.takeOutput(), let error = child.takeError() else {
        preconditionFailure("a piped child came without pipes")
    }
    let (outputNumber, errorNumber) = (output.release(), error.release())
    let collector = OutputCollector(name: command.executable, watch: child.watch)
    let outcome = await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
            collector.begin(
                output: outputNumber, error: errorNumber, timeout: timeout, continuation)
        }
    } onCancel: {
        collector.kill(because: .cancelled)
    }
    return try outcome.get()
}

/// Reads both outputs of one child until it has ended. All but ``kill(because:)`` happens on the
/// poller's thread once begun.
private final class OutputCollector: Sendable {
    private typealias Outcome = Result<ProcessResult, ProcessError>

    /// How much of each output is kept; the rest is read and dropped so that the child never waits.
    private static let limit = 1 << 20

    private struct Stream {
        let descriptor: Int32
        var token: DescriptorPoller.Token?
        var bytes: [UInt8] = []
        var isAtEnd = false
    }

    private struct State {
        var streams: [Stream] = []
        var timer: DescriptorPoller.Token?
        var continuation: CheckedContinuation<Outcome, Never>?
        var killedBecause: ProcessError.Kind?
    }

    private let name: String
    private let watch: ProcessWatch
    private let state = Mutex(State())

    init(name: String, watch: ProcessWatch) {
        self.name = name
        self.watch = watch
    }

    /// Takes over both descriptors and resumes the continuation when the child has ended.
    func begin(
        output: Int32, error: Int32, timeout: Duration,
        _ continuation: CheckedContinuation<Result<ProcessResult, ProcessError>, Never>
    ) {
        for descriptor in [output, error] {
            _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        }
        state.withLock { state in
            state.streams = [Stream(descriptor: output), Stream(descriptor: error)]
            state.continuation = continuation
        }
        do throws(KernelError) {
            let poller = try DescriptorPoller.shared()
            for (index, descriptor) in [output, error].enumerated() {
                let token = try poller.add(descriptor) { self.drain(index) }
                let isAtEnd = state.withLock { state in
                    if !state.streams[index].isAtEnd { state.streams[index].token = token }
                    return state.streams[index].isAtEnd
                }
                if isAtEnd { poller.remove(token) }
            }
            let timer = poller.after(timeout) { self.kill(because: .timedOut) }
            state.withLock { $0.timer = timer }
        } catch {
            // Without the poller nothing can be read; the child still ends, and is told to.
            kill(because: .system)
        }
        watch.onExit { self.finish($0) }
    }

    /// Ends the child; why is told to who waits.
    func kill(because kind: ProcessError.Kind) {
        state.withLock { state in
            if state.killedBecause == nil { state.killedBecause = kind }
        }
        // It may have ended by itself meanwhile, which is as good.
        try? watch.signal(SIGKILL)
    }

    /// Reads what there is.
    private func drain(_ index: Int) {
        let finished: DescriptorPoller.Token? = state.withLock { state in
            guard state.streams.indices.contains(index), !state.streams[index].isAtEnd else { return nil }
            Self.drain(&state.streams[index])
            guard state.streams[index].isAtEnd else { return nil }
            return state.streams[index].token.take()
        }
        if let finished, let poller = try? DescriptorPoller.shared() { poller.remove(finished) }
    }

    private static func drain(_ stream: inout Stream) {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 1) { buffer in
            while true {
                let count = retryingInterrupts { read(stream.descriptor, buffer.baseAddress, buffer.count) }
                if count <= 0 {
                    stream.isAtEnd = count == 0 || errno != EAGAIN
                    return
                }
                stream.bytes += buffer.prefix(min(count, limit - stream.bytes.count))
            }
        }
    }

    /// The child has ended: what it wrote is in the pipes by now.
    private func finish(_ termination: Termination?) {
        var finished = state.withLock { state in
            for index in state.streams.indices where !state.streams[index].isAtEnd {
                Self.drain(&state.streams[index])
            }
            let finished = state
            state.streams = []
            state.timer = nil
            state.continuation = nil
            return finished
        }
        if let poller = try? DescriptorPoller.shared() {
            for token in finished.streams.compactMap(\.token) + [finished.timer].compactMap(\.self) {
                poller.remove(token)
            }
        }
        for stream in finished.streams { close(stream.descriptor) }
        finished.continuation.take()?.resume(returning: outcome(of: finished, termination))
    }

    private func outcome(of state: State, _ termination: Termination?) -> Outcome {
        if let kind = state.killedBecause {
            let detail =
                switch kind {
                case .timedOut: "did not end in time and was killed"
                case .cancelled: "killed because nobody waits for it any more"
                default: "could not be followed and was killed"
                }
            return .failure(ProcessError(kind, operation: "run", object: name, detail: detail))
        }
        guard let termination else {
            let detail = "its end was collected by somebody else"
            return .failure(ProcessError(.system, operation: "run", object: name, detail: detail))
        }
        return .success(
            ProcessResult(
                termination: termination, output: state.streams[0].bytes, error: state.streams[1].bytes))
    }
}
