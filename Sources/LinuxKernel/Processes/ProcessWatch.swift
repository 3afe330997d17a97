import CLinux
import Glibc
import KernelPlan
import Locks

/// Follows one process by a pidfd (pidfd_open(2)): hears of its end at once and can never signal a
/// stranger that got its id later.
///
/// It works for any process that we can see, not only for children. The end of a child is collected
/// here, so nobody else may wait for it.
public final class ProcessWatch: Sendable {
    /// The process's id.
    public let pid: Int32

    private let descriptor: OwnedDescriptor
    private let isChild: Bool
    private let poller: DescriptorPoller
    private let state = Mutex(State())

    private struct State {
        var token: DescriptorPoller.Token?
        /// Set once, when the process has ended.
        var end: End?
        var handlers: [@Sendable (Termination?) -> Void] = []
    }

    private struct End { let termination: Termination? }

    /// Starts following the process with that id, whichever it is now.
    ///
    /// Throws `noSuchProcess` where there is none. To be sure that it is the right one, look at its
    /// ``ProcessTable`` entry afterwards and then ask ``isRunning``.
    public convenience init(pid: Int32) throws(ProcessError) {
        try self.init(pid: pid, isChild: false)
    }

    init(pid: Int32, isChild: Bool) throws(ProcessError) {
        self.pid = pid
        self.isChild = isChild
        let number = pid > 0 ? cl_pidfd_open(pid) : -1
        if number < 0 {
            // With no flags, EINVAL and (since Linux 6.9) ENOENT tell that the id is a thread's.
            let failure = pid > 0 && errno != EINVAL && errno != ENOENT ? errno : ESRCH
            throw ProcessError("follow", pid, failure)
        }
        descriptor = OwnedDescriptor(number)
        let token: DescriptorPoller.Token
        do throws(KernelError) {
            poller = try DescriptorPoller.shared()
        } catch {
            throw ProcessError(.system, operation: "follow", object: "process \(pid)", detail: error.detail)
        }
        do throws(KernelError) {
            // A child is held until it ends, for nobody else would collect it.
            if isChild {
                token = try poller.add(number) { self.processEnded() }
            } else {
                token = try poller.add(number) { [weak self] in self?.processEnded() }
            }
        } catch {
            throw ProcessError(.system, operation: "follow", object: "process \(pid)", detail: error.detail)
        }
        let isOver = state.withLock { state in
            state.token = token
            return state.end != nil
        }
        if isOver { poller.remove(token) }
    }

    deinit {
        if let token = state.withLock({ $0.token }) { poller.remove(token) }
    }

    /// Whether the process has not ended; one that ended but is not collected by its parent has.
    public var isRunning: Bool {
        var item = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        return retryingInterrupts { poll(&item, 1, 0) } == 0
    }

    /// Sends a signal to this very process (pidfd_send_signal(2)).
    ///
    /// Throws `noSuchProcess` where it has ended and `notPermitted` where it is not ours.
    public func signal(_ number: Int32) throws(ProcessError) {
        if cl_pidfd_signal(descriptor.number, number) != 0 { throw ProcessError("signal", pid, errno) }
    }

    /// Calls the handler once when the process ends, at once if it has already.
    ///
    /// How it ended is known for children only. Handlers run on the poller's thread and must not wait.
    public func onExit(_ handler: @escaping @Sendable (Termination?) -> Void) {
        let end = state.withLock { state -> End? in
            if state.end == nil { state.handlers.append(handler) }
            return state.end
        }
        if let end { handler(end.termination) }
    }

    /// Waits until the process has ended; how is known for children only.
    ///
    /// A cancelled task goes on waiting: give the process a reason to end.
    public func exit() async -> Termination? {
        await withCheckedContinuation { continuation in
            onExit { continuation.resume(returning: $0) }
        }
    }

    /// The pidfd became readable.
    private func processEnded() {
        var termination: Termination?
        if isChild {
            var code: Int32 = 0
            var signalled: Int32 = 0
            if cl_pidfd_reap(descriptor.number, &code, &signalled) == 1 {
                termination = signalled == 0 ? .exited(code) : .signalled(code)
            }
        }
        let (token, handlers) = state.withLock { state in
            let found = (state.token, state.end == nil ? state.handlers : [])
            if state.end == nil { state.end = End(termination: termination) }
            state.handlers = []
            state.token = nil
            return found
        }
        if let token { poller.remove(token) }
        for handler in handlers { handler(termination) }
    }
}

extension ProcessError {
    /// A failed system call on a process.
    init(_ operation: String, _ pid: Int32, _ number: Int32) {
        let kind: Kind =
            switch number {
            case ESRCH: .noSuchProcess
            case EPERM: .notPermitted
            default: .system
            }
        self.init(
            kind, operation: operation, object: "process \(pid)",
            detail: "\(errorText(number)) (errno \(number))")
    }
}
