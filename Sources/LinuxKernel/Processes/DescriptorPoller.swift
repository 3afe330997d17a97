import CLinux
import Glibc
import KernelPlan
import Locks

/// One thread with one epoll set that waits for descriptors and clocks on behalf of everybody.
///
/// Handlers run on that thread, one after the other, and must not wait. It holds nothing but
/// registrations, so one serves the whole process.
final class DescriptorPoller: Sendable {
    /// Names one registration; never used twice.
    struct Token: Hashable, Sendable { fileprivate let number: UInt64 }

    private typealias Handler = @Sendable () -> Void

    private struct Timer {
        let token: Token
        let deadline: ContinuousClock.Instant
        let handler: Handler
    }

    private struct State {
        var next: UInt64 = 1
        var descriptors: [Token: (number: Int32, handler: Handler)] = [:]
        var timers: [Timer] = []
    }

    private let epoll: Int32
    private let wake: Int32
    private let state = Mutex(State())

    private static let instance: Result<DescriptorPoller, KernelError> = start()

    /// The poller of this process, started when first needed.
    static func shared() throws(KernelError) -> DescriptorPoller { try instance.get() }

    private init(epoll: Int32, wake: Int32) {
        self.epoll = epoll
        self.wake = wake
    }

    private static func start() -> Result<DescriptorPoller, KernelError> {
        let epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        if epoll < 0 { return .failure(KernelError("create", "epoll set", errno)) }
        let wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if wake < 0 { return .failure(KernelError("create", "eventfd", errno)) }
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = 0
        if epoll_ctl(epoll, EPOLL_CTL_ADD, wake, &event) != 0 {
            return .failure(KernelError("watch", "eventfd", errno))
        }
        let poller = DescriptorPoller(epoll: epoll, wake: wake)
        do throws(KernelError) {
            // One job that never ends.
            try JobThread(name: "poller").submit { poller.loop() }
        } catch {
            return .failure(error)
        }
        return .success(poller)
    }

    /// Calls the handler whenever the descriptor can be read or its other end is gone.
    func add(_ descriptor: Int32, _ handler: @escaping @Sendable () -> Void) throws(KernelError) -> Token {
        // The lock is held while the kernel learns of it: an event may come at once.
        let outcome: Result<Token, KernelError> = state.withLock { state in
            let token = Token(number: state.next)
            var event = epoll_event()
            event.events = EPOLLIN.rawValue
            event.data.u64 = token.number
            if epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0 {
                return .failure(KernelError("watch", "descriptor \(descriptor)", errno))
            }
            state.next += 1
            state.descriptors[token] = (descriptor, handler)
            return .success(token)
        }
        return try outcome.get()
    }

    /// Calls the handler once, when the time has passed.
    func after(_ duration: Duration, _ handler: @escaping @Sendable () -> Void) -> Token {
        let token = state.withLock { state in
            let token = Token(number: state.next)
            state.next += 1
            state.timers.append(Timer(token: token, deadline: .now + duration, handler: handler))
            return token
        }
        var one: UInt64 = 1
        _ = retryingInterrupts { write(wake, &one, 8) }
        return token
    }

    /// Forgets a registration; call it before closing the descriptor. A handler that runs just now on
    /// the poller's thread ends after this call.
    func remove(_ token: Token) {
        state.withLock { state in
            if let entry = state.descriptors.removeValue(forKey: token) {
                epoll_ctl(epoll, EPOLL_CTL_DEL, entry.number, nil)
            } else {
                state.timers.removeAll { $0.token == token }
            }
        }
    }

    /// Waits and calls, for ever.
    private func loop() {
        var events = [epoll_event](repeating: epoll_event(), count: 64)
        while true {
            let count = retryingInterrupts {
                epoll_wait(epoll, &events, Int32(events.count), millisecondsToNextTimer())
            }
            for event in events.prefix(Int(max(count, 0))) {
                if event.data.u64 == 0 {
                    var value: UInt64 = 0
                    _ = read(wake, &value, 8)
                    continue
                }
                // Looked up now, not before: an earlier handler of this round may have removed it.
                let token = Token(number: event.data.u64)
                state.withLock { $0.descriptors[token]?.handler }?()
            }
            for timer in dueTimers() { timer.handler() }
        }
    }

    /// The time until the next timer is due, rounded up; -1 for none.
    private func millisecondsToNextTimer() -> Int32 {
        guard let deadline = state.withLock({ $0.timers.map(\.deadline).min() }) else { return -1 }
        let (seconds, attoseconds) = (deadline - .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        return Int32(clamping: max(0, milliseconds))
    }

    /// Takes out the timers that are due.
    private func dueTimers() -> [Timer] {
        state.withLock { state in
            if state.timers.isEmpty { return [] }
            let now = ContinuousClock.now
            let due = state.timers.filter { $0.deadline <= now }
            state.timers.removeAll { $0.deadline <= now }
            return due
        }
    }
}
