import CLinux
import Dispatch
import Glibc
import KernelPlan
import LinuxKernel
import Locks

/// What is called when a descriptor that it was added with is ready.
protocol EventHandler: AnyObject, Sendable {
    /// Called on the loop's thread; must not wait.
    ///
    /// - Parameter events: What epoll_wait(2) reports: EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP.
    func ready(_ events: UInt32)
}

/// One thread with one epoll set (epoll(7)): the sockets of many networks, served one after the other.
///
/// It ends when nobody holds the loop any more.
final class EventLoop: Sendable {
    /// Names one scheduled call; never used twice.
    struct Timer: Hashable, Sendable { let number: UInt64 }

    private let core: LoopCore

    /// Starts a loop on a thread of that name, at most 15 bytes; throws a `KernelError`.
    init(name: String) throws {
        let core = try LoopCore()
        self.core = core
        // One job that lasts as long as the loop does.
        try JobThread(name: name).submit { core.run() }
    }

    deinit { core.close() }

    /// Whether the calling thread is the loop's own.
    var isCurrent: Bool { core.isCurrent }

    /// Calls the handler whenever one of the events is there, and at errors.
    ///
    /// - Parameter events: EPOLLIN, EPOLLOUT, EPOLLET as epoll_ctl(2) has them.
    /// - Throws: `KernelError` where the kernel refuses the descriptor.
    func add(_ descriptor: Int32, events: UInt32, _ handler: any EventHandler) throws {
        try core.add(descriptor, events, handler)
    }

    /// Changes what a descriptor is watched for.
    func modify(_ descriptor: Int32, events: UInt32) { core.modify(descriptor, events) }

    /// Forgets a descriptor; call it before closing it.
    ///
    /// After it returns the handler is not called any more. Called from another thread it waits for a
    /// handler that runs: hold no lock that the handler takes. Called on the loop it returns at once.
    func remove(_ descriptor: Int32) { core.remove(descriptor) }

    /// Calls the body once on the loop's thread, when the time has passed.
    @discardableResult
    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> Timer {
        core.schedule(after: delay, body)
    }

    /// Forgets a scheduled call; one that runs already goes on.
    func cancel(_ timer: Timer) { core.cancel(timer.number) }
}

/// What the loop and its thread share.
private final class LoopCore: Sendable {
    private struct Entry {
        var handler: (any EventHandler)?
        /// Tells events of this registration from those of one that had the same number before.
        var generation: UInt32 = 0
    }

    private struct State {
        /// By descriptor number: the kernel keeps them small.
        var entries: [Entry] = []
        var timers = LoopTimers()
        /// The descriptor whose handler runs; -1 for none.
        var running: Int32 = -1
        /// Those who wait for the end of that handler.
        var waiters: [DispatchSemaphore] = []
        /// When the thread wakes up by itself, in nanoseconds of the monotonic clock.
        var wakeTime = UInt64.max
        var isClosed = false
        /// The loop's thread, once it runs.
        var thread: pthread_t?

        /// Whether the calling thread is the loop's.
        var isCurrent: Bool { thread == pthread_self() }
    }

    private static let wakeMark = UInt64.max

    private let epoll: Int32
    private let wake: Int32
    private let state = Mutex(State())

    init() throws(KernelError) {
        let epollNumber = epoll_create1(Int32(EPOLL_CLOEXEC))
        if epollNumber < 0 { throw KernelError("create", "epoll set", errno) }
        let epollSet = OwnedDescriptor(epollNumber)
        let wakeNumber = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        if wakeNumber < 0 { throw KernelError("create", "eventfd", errno) }
        let wakeEnd = OwnedDescriptor(wakeNumber)
        var event = epoll_event()
        event.events = EPOLLIN.rawValue
        event.data.u64 = Self.wakeMark
        if epoll_ctl(epollNumber, EPOLL_CTL_ADD, wakeNumber, &event) != 0 {
            throw KernelError("watch", "eventfd", errno)
        }
        epoll = epollSet.release()
        wake = wakeEnd.release()
    }

    deinit {
        Glibc.close(wake)
        Glibc.close(epoll)
    }

    var isCurrent: Bool { state.withLock { $0.isCurrent } }

    func close() {
        state.withLock { $0.isClosed = true }
        wakeUp()
    }

    func add(_ descriptor: Int32, _ events: UInt32, _ handler: any EventHandler) throws(KernelError) {
        // The lock is held while the kernel learns of it: an event may come at once.
        let failure: Int32 = state.withLock { state in
            let index = Int(descriptor)
            guard index >= 0 else { return EBADF }
            while state.entries.count <= index { state.entries.append(Entry()) }
            state.entries[index].generation &+= 1
            var event = epoll_event()
            event.events = events
            event.data.u64 = UInt64(state.entries[index].generation) << 32 | UInt64(UInt32(descriptor))
            if epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0 { return errno }
            state.entries[index].handler = handler
            return 0
        }
        if failure != 0 { throw KernelError("watch", "descriptor \(descriptor)", failure) }
    }

    func modify(_ descriptor: Int32, _ events: UInt32) {
        state.withLock { state in
            let index = Int(descriptor)
            guard state.entries.indices.contains(index), state.entries[index].handler != nil else { return }
            var event = epoll_event()
            event.events = events
            event.data.u64 = UInt64(state.entries[index].generation) << 32 | UInt64(UInt32(descriptor))
            epoll_ctl(epoll, EPOLL_CTL_MOD, descriptor, &event)
        }
    }

    func remove(_ descriptor: Int32) {
        let (handler, waiter): ((any EventHandler)?, DispatchSemaphore?) = state.withLock { state in
            let index = Int(descriptor)
            guard state.entries.indices.contains(index), let handler = state.entries[index].handler else {
                return (nil, nil)
            }
            epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
            state.entries[index].handler = nil
            guard state.running == descriptor, !state.isCurrent else { return (handler, nil) }
            let waiter = DispatchSemaphore(value: 0)
            state.waiters.append(waiter)
            return (handler, waiter)
        }
        waiter?.wait()
        // Let go of here, not under the lock: its end may come back to the loop.
        withExtendedLifetime(handler) {}
    }

    func schedule(after delay: Duration, _ body: @escaping @Sendable () -> Void) -> EventLoop.Timer {
        let (seconds, attoseconds) = delay.components
        let wait = max(0, seconds) * 1_000_000_000 + max(0, attoseconds) / 1_000_000_000
        let deadline = monotonicNanoseconds() + UInt64(wait)
        let (number, isNews) = state.withLock { state in
            (state.timers.insert(deadline, body), deadline < state.wakeTime && !state.isCurrent)
        }
        if isNews { wakeUp() }
        return EventLoop.Timer(number: number)
    }

    func cancel(_ number: UInt64) {
        // The body is let go of outside of the lock.
        let body = state.withLock { $0.timers.remove(number) }
        withExtendedLifetime(body) {}
    }

    private func wakeUp() {
        var one: UInt64 = 1
        while write(wake, &one, 8) < 0 && errno == EINTR {}
    }

    // MARK: The thread

    func run() {
        state.withLock { $0.thread = pthread_self() }
        let capacity = 128
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        events.initialize(repeating: epoll_event(), count: capacity)
        defer { events.deallocate() }
        while let timeout = nextTimeout() {
            let count = Int(epoll_wait(epoll, events, Int32(capacity), timeout))
            var index = 0
            while index < count {
                let event = events[index]
                index += 1
                if event.data.u64 == Self.wakeMark {
                    var value: UInt64 = 0
                    _ = read(wake, &value, 8)
                } else if let handler = begin(event.data.u64) {
                    handler.ready(event.events)
                }
            }
            runTimers()
        }
    }

    /// Ends the call before and gives the handler of this event, unless it was removed meanwhile.
    private func begin(_ data: UInt64) -> (any EventHandler)? {
        let descriptor = Int32(truncatingIfNeeded: data)
        return state.withLock { state -> (any EventHandler)? in
            Self.endCall(&state)
            let index = Int(descriptor)
            guard state.entries[index].generation == UInt32(truncatingIfNeeded: data >> 32),
                let handler = state.entries[index].handler
            else { return nil }
            state.running = descriptor
            return handler
        }
    }

    private static func endCall(_ state: inout State) {
        state.running = -1
        if state.waiters.isEmpty { return }
        for waiter in state.waiters { waiter.signal() }
        state.waiters.removeAll()
    }

    private func runTimers() {
        let isDue = state.withLock { state in
            Self.endCall(&state)
            return !state.timers.isEmpty
        }
        guard isDue else { return }
        let now = monotonicNanoseconds()
        while let body = state.withLock({ $0.timers.removeDue(now) }) { body() }
    }

    /// Milliseconds until the next timer, rounded up, -1 for ever; nil at the end.
    private func nextTimeout() -> Int32? {
        state.withLock { state in
            if state.isClosed { return nil }
            guard let deadline = state.timers.first else {
                state.wakeTime = .max
                return -1
            }
            state.wakeTime = deadline
            let now = monotonicNanoseconds()
            return deadline <= now ? 0 : Int32(clamping: (deadline - now + 999_999) / 1_000_000)
        }
    }
}

/// The monotonic clock (clock_gettime(2)) in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
