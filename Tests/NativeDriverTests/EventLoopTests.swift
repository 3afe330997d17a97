import CLinux
import Dispatch
import Glibc
import Locks
import Testing

@testable import NativeDriver

@Suite("An event loop calls handlers on its own thread")
struct EventLoopTests {
    /// A handler that runs a closure.
    private final class Handler: EventHandler {
        let body: @Sendable (UInt32) -> Void
        init(_ body: @escaping @Sendable (UInt32) -> Void) { self.body = body }
        func ready(_ events: UInt32) { body(events) }
    }

    /// An eventfd that is closed with the test.
    private final class Counter: Sendable {
        let number = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        deinit { close(number) }

        func increase() {
            var one: UInt64 = 1
            _ = write(number, &one, 8)
        }

        func take() {
            var value: UInt64 = 0
            _ = read(number, &value, 8)
        }
    }

    @Test func aReadyDescriptorIsReportedUntilItIsRead() throws {
        let loop = try EventLoop(name: "test")
        let counter = Counter()
        let calls = DispatchSemaphore(value: 0)
        let handler = Handler { events in
            if events & EPOLLIN.rawValue != 0, loop.isCurrent { counter.take() }
            calls.signal()
        }
        try loop.add(counter.number, events: EPOLLIN.rawValue, handler)
        for _ in 0..<3 {
            counter.increase()
            #expect(calls.wait(timeout: .now() + 120) == .success)
        }
        #expect(calls.wait(timeout: .now() + 0.05) == .timedOut)
        #expect(!loop.isCurrent)
        loop.remove(counter.number)
    }

    @Test func aRemovedDescriptorIsNotReported() throws {
        let loop = try EventLoop(name: "test")
        let counter = Counter()
        let calls = Mutex(0)
        try loop.add(counter.number, events: EPOLLIN.rawValue, Handler { _ in calls.withLock { $0 += 1 } })
        loop.remove(counter.number)
        loop.remove(counter.number)
        counter.increase()
        usleep(30_000)
        #expect(calls.withLock { $0 } == 0)
        #expect(throws: (any Error).self) { try loop.add(-1, events: EPOLLIN.rawValue, Handler { _ in }) }
    }

    @Test func removingWaitsForAHandlerThatRuns() throws {
        let loop = try EventLoop(name: "test")
        let counter = Counter()
        let began = DispatchSemaphore(value: 0)
        let ended = Mutex(false)
        let handler = Handler { _ in
            counter.take()
            began.signal()
            usleep(50_000)
            ended.withLock { $0 = true }
        }
        try loop.add(counter.number, events: EPOLLIN.rawValue, handler)
        counter.increase()
        #expect(began.wait(timeout: .now() + 120) == .success)
        loop.remove(counter.number)
        #expect(ended.withLock { $0 })
    }

    @Test func aHandlerMayRemoveItselfAndOthers() throws {
        let loop = try EventLoop(name: "test")
        let (one, two) = (Counter(), Counter())
        let calls = Mutex(0)
        let done = DispatchSemaphore(value: 0)
        let handler = Handler { _ in
            calls.withLock { $0 += 1 }
            loop.remove(one.number)
            loop.remove(two.number)
            done.signal()
        }
        // Both are ready in one round.
        one.increase()
        two.increase()
        let (held, start) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        loop.schedule(after: .zero) {
            held.signal()
            start.wait()
        }
        // It must not see one of them before the other is there.
        #expect(held.wait(timeout: .now() + 120) == .success)
        try loop.add(one.number, events: EPOLLIN.rawValue, handler)
        try loop.add(two.number, events: EPOLLIN.rawValue, handler)
        start.signal()
        #expect(done.wait(timeout: .now() + 120) == .success)
        usleep(30_000)
        #expect(calls.withLock { $0 } == 1)
    }

    @Test func aDescriptorsNumberMayBeUsedAgain() throws {
        let loop = try EventLoop(name: "test")
        let done = DispatchSemaphore(value: 0)
        let wrong = Mutex(0)
        for round in 0..<200 {
            let counter = Counter()
            counter.increase()
            let handler = Handler { _ in
                counter.take()
                if round % 2 == 0 { wrong.withLock { $0 += 1 } } else { done.signal() }
            }
            try loop.add(counter.number, events: round % 2 == 0 ? 0 : EPOLLIN.rawValue, handler)
            if round % 2 == 1 { #expect(done.wait(timeout: .now() + 120) == .success) }
            loop.remove(counter.number)
        }
        #expect(wrong.withLock { $0 } == 0)
    }

    @Test func whatIsWatchedForCanBeChanged() throws {
        let loop = try EventLoop(name: "test")
        let counter = Counter()
        let calls = DispatchSemaphore(value: 0)
        counter.increase()
        try loop.add(
            counter.number, events: 0,
            Handler { _ in
                counter.take()
                calls.signal()
            })
        #expect(calls.wait(timeout: .now() + 0.03) == .timedOut)
        loop.modify(counter.number, events: EPOLLIN.rawValue)
        #expect(calls.wait(timeout: .now() + 120) == .success)
        loop.remove(counter.number)
    }

    @Test func callsComeInTheOrderOfTheirTimes() throws {
        let loop = try EventLoop(name: "test")
        let done = DispatchSemaphore(value: 0)
        var isInTime = false
        for _ in 0..<100 where !isInTime {
            let order = Mutex<[Int]>([])
            let start = ContinuousClock.now
            for delay in [30, 5, 20, 10, 40] {
                loop.schedule(after: .milliseconds(delay)) {
                    order.withLock { $0.append(delay) }
                    if delay == 40 { done.signal() }
                }
            }
            let cancelled = loop.schedule(after: .milliseconds(15)) { order.withLock { $0.append(15) } }
            loop.cancel(cancelled)
            loop.cancel(cancelled)
            // Only so long after each other the times are in the order of the delays.
            isInTime = ContinuousClock.now - start < .milliseconds(5)
            #expect(done.wait(timeout: .now() + 120) == .success)
            if isInTime { #expect(order.withLock { $0 } == [5, 10, 20, 30, 40]) }
        }
        #expect(isInTime)
    }

    @Test func aCallMayScheduleTheNext() throws {
        let loop = try EventLoop(name: "test")
        let done = DispatchSemaphore(value: 0)
        @Sendable func again(_ left: Int) {
            if left == 0 { done.signal() } else { loop.schedule(after: .zero) { again(left - 1) } }
        }
        again(1000)
        #expect(done.wait(timeout: .now() + 120) == .success)
    }

    @Test func aLoopThatNobodyHoldsEnds() throws {
        final class Probe: Sendable {
            let gone: DispatchSemaphore
            init(_ gone: DispatchSemaphore) { self.gone = gone }
            deinit { gone.signal() }
        }
        let gone = DispatchSemaphore(value: 0)
        var loop: EventLoop? = try EventLoop(name: "test")
        var probe: Probe? = Probe(gone)
        // What was scheduled and never called goes with the thread.
        loop?.schedule(after: .seconds(1000)) { [probe] in withExtendedLifetime(probe) {} }
        probe = nil
        #expect(gone.wait(timeout: .now() + 0.02) == .timedOut)
        loop = nil
        #expect(gone.wait(timeout: .now() + 120) == .success)
    }

    @Test func timersKeepTheirOrderWhateverIsCancelled() {
        var timers = LoopTimers()
        var random = SystemRandomNumberGenerator()
        var expected: [(UInt64, UInt64)] = []
        for _ in 0..<2000 {
            let deadline = UInt64.random(in: 0..<1_000_000, using: &random)
            expected.append((deadline, timers.insert(deadline) {}))
        }
        expected.shuffle(using: &random)
        for _ in 0..<1500 {
            let (_, number) = expected.removeLast()
            #expect(timers.remove(number) != nil)
            #expect(timers.remove(number) == nil)
        }
        let earliest = expected.map(\.0).min() ?? 0
        #expect((timers.first ?? .max) <= earliest)
        var count = 0
        for deadline in expected.map(\.0).sorted() {
            #expect(timers.removeDue(deadline) != nil)
            count += 1
        }
        #expect(count == 500)
        #expect(timers.isEmpty)
        #expect(timers.first == nil)
        #expect(timers.removeDue(.max) == nil)
    }
}
