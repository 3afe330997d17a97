import NetworkModel
import Synchronization
import Testing

@testable import DHCPAgent

@Suite struct WorkQueueTests {
    let a = ResourceID(rawValue: 1)
    let b = ResourceID(rawValue: 2)

    @Test func `a network waits in line once, with all its reasons`() async {
        let queue = WorkQueue()
        queue.add(a, .changed)
        queue.add(b, .start)
        queue.add(a, .died)
        let first = await queue.next()
        #expect(first?.network == a)
        #expect(first?.reasons == [.changed, .died])
        #expect(await queue.next()?.network == b)
        #expect(queue.count == 2)
    }

    @Test func `what is added during a pass makes one more pass after it`() async {
        let queue = WorkQueue()
        queue.add(a, .start)
        _ = await queue.next()
        queue.add(a, .changed)
        queue.add(a, .changed)
        queue.add(b, .changed)
        #expect(await queue.next()?.network == b)
        #expect(queue.isBusy(a))
        queue.done(a)
        #expect(await queue.next()?.reasons == [.changed])
        queue.done(a)
        queue.done(b)
        #expect(!queue.isBusy(a))
        #expect(queue.count == 0)
    }

    @Test func `a waiting consumer gets what comes, and nil when the queue closes`() async {
        let queue = WorkQueue()
        async let first = queue.next()
        queue.add(a, .changed)
        #expect(await first?.network == a)
        async let second = queue.next()
        queue.close()
        #expect(await second == nil)
        queue.add(b, .changed)
        #expect(await queue.next() == nil)
    }

    @Test func `no two passes over one network overlap and no addition is lost`() async {
        let queue = WorkQueue()
        let networks = (0..<8).map { ResourceID(rawValue: $0) }
        // How often each network was added, and how much of that a pass has seen.
        let added = Shared([Int](repeating: 0, count: networks.count))
        let seen = Shared([Int](repeating: 0, count: networks.count))
        let running = Shared(Set<Int>())
        let overlaps = Shared(0)
        await withDiscardingTaskGroup { group in
            group.addTask {
                await withDiscardingTaskGroup { adders in
                    for _ in 0..<4 {
                        adders.addTask {
                            for _ in 0..<2000 {
                                let index = Int.random(in: 0..<networks.count)
                                added.withLock { $0[index] += 1 }
                                queue.add(networks[index], .changed)
                                if Int.random(in: 0..<20) == 0 { await Task.yield() }
                            }
                        }
                    }
                }
                while queue.count > 0 { await Task.yield() }
                queue.close()
            }
            while let work = await queue.next() {
                group.addTask {
                    let index = Int(work.network.rawValue)
                    if !running.withLock({ $0.insert(index).inserted }) { overlaps.withLock { $0 += 1 } }
                    let truth = added.withLock { $0[index] }
                    await Task.yield()
                    seen.withLock { $0[index] = truth }
                    running.withLock { _ = $0.remove(index) }
                    queue.done(work.network)
                }
            }
        }
        #expect(overlaps.withLock { $0 } == 0)
        #expect(added.withLock { $0 } == seen.withLock { $0 })
    }
}

@Suite struct BackoffTests {
    @Test func `waits double up to the longest, with at most half taken off`() {
        let backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        for (failures, most) in [(1, 0.5), (2, 1), (3, 2), (7, 32), (8, 60), (100, 60), (100_000, 60)] {
            for _ in 0..<50 {
                let delay = backoff.delay(afterFailures: failures, using: &generator)
                #expect(delay <= .seconds(most))
                #expect(delay >= .seconds(most / 2))
            }
        }
    }

    @Test func `networks that failed together come back apart`() {
        var generator = SystemRandomNumberGenerator()
        let delays = Set((0..<100).map { _ in Backoff().delay(afterFailures: 5, using: &generator) })
        #expect(delays.count > 90)
    }
}

@Suite struct JournalTests {
    @Test func `rings keep the last entries in order`() {
        var ring = Ring<Int>(capacity: 3)
        #expect(ring.elements == [])
        ring.append(1)
        ring.append(2)
        #expect(ring.elements == [1, 2])
        for number in 3...7 { ring.append(number) }
        #expect(ring.elements == [5, 6, 7])
    }

    @Test func `a network's entries survive the noise of others`() {
        let journal = Journal(capacity: 10, capacityPerNetwork: 2)
        let (quiet, noisy) = (ResourceID(rawValue: 1), ResourceID(rawValue: 2))
        journal.record(milliseconds: 1500, network: quiet, what: "started", why: "", isTrouble: false)
        for number in 0..<50 {
            journal.record(
                milliseconds: 2000, network: noisy, what: "event \(number)", why: "because", isTrouble: false)
        }
        #expect(journal.entries(network: quiet).map(\.description) == ["started"])
        #expect(journal.entries(network: quiet).first?.time == Timestamp(secondsSinceEpoch: 1))
        #expect(journal.entries(network: noisy).map(\.what) == ["event 48", "event 49"])
        #expect(journal.entries(network: nil).count == 10)
        #expect(journal.entries(network: nil).last?.number == 51)
        #expect(journal.entries(network: nil).last?.description == "event 49: because")
    }

    @Test func `what is left of a forgotten network is in the agent's ring`() {
        let journal = Journal(capacity: 2, capacityPerNetwork: 9)
        let id = ResourceID(rawValue: 1)
        for what in ["a", "b", "c"] {
            journal.record(milliseconds: 0, network: id, what: what, why: "", isTrouble: false)
        }
        journal.forget(id)
        #expect(journal.entries(network: id).map(\.what) == ["b", "c"])
    }
}

@Suite struct LimiterTests {
    @Test func `no more calls than allowed run at a time, and all run`() async {
        let limiter = Limiter(limit: 3, uptime: { .zero })
        let counts = Shared((now: 0, most: 0, all: 0))
        await withDiscardingTaskGroup { group in
            for _ in 0..<200 {
                group.addTask {
                    await limiter.run {
                        counts.withLock { counts in
                            counts.now += 1
                            counts.all += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        await Task.yield()
                        counts.withLock { $0.now -= 1 }
                    }
                }
            }
        }
        #expect(counts.withLock { $0.most } <= 3)
        #expect(counts.withLock { $0.all } == 200)
    }

    @Test func `a call that hangs makes room after a while, once`() async throws {
        let now = Shared(Duration.zero)
        let limiter = Limiter(limit: 1, uptime: { now.withLock { $0 } })
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let done = Shared(0)
        try await withThrowingDiscardingTaskGroup { group in
            let entered = Shared(false)
            group.addTask {
                await limiter.run {
                    entered.withLock { $0 = true }
                    for await _ in gate {}
                }
            }
            try await eventually("the first call runs") { entered.withLock { $0 } }
            group.addTask { await limiter.run { done.withLock { $0 += 1 } } }
            limiter.forgive(longerThan: .seconds(5))
            #expect(done.withLock { $0 } == 0)
            now.withLock { $0 = .seconds(6) }
            limiter.forgive(longerThan: .seconds(5))
            limiter.forgive(longerThan: .seconds(5))
            try await eventually("the second call runs") { done.withLock { $0 } == 1 }
            opener.finish()
        }
        // The late call's end must not have made a second place.
        let counts = Shared((now: 0, most: 0))
        await withDiscardingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    await limiter.run {
                        counts.withLock { counts in
                            counts.now += 1
                            counts.most = max(counts.most, counts.now)
                        }
                        await Task.yield()
                        counts.withLock { $0.now -= 1 }
                    }
                }
            }
        }
        #expect(counts.withLock { $0.most } == 1)
    }
}

@Suite struct StartSummaryTests {
    @Test func `the summary is one line and leaves out what did not happen`() {
        var summary = StartSummary()
        summary.adopted = 1000
        summary.removed = 2
        summary.duration = .milliseconds(412)
        #expect(summary.description == "adopted 1000, changed 0, removed 2 in 0.4 s")
        summary.started = 3
        summary.failed = 1
        summary.duration = .seconds(12)
        #expect(summary.description == "adopted 1000, changed 0, started 3, removed 2, failed 1 in 12.0 s")
    }

    @Test func `the tally ends with the last network's first pass`() {
        let ids = (0..<3).map { ResourceID(rawValue: $0) }
        var tally = StartTally(Set(ids), begin: .seconds(1))
        #expect(tally.count(ids[0], .unchanged, now: .seconds(2)) == nil)
        #expect(tally.count(ids[0], .changed, now: .seconds(2)) == nil)
        #expect(tally.count(ids[1], .failed, now: .seconds(2)) == nil)
        let summary = tally.count(ids[2], .removed, now: .seconds(3))
        #expect(summary?.adopted == 1)
        #expect(summary?.changed == 0)
        #expect(summary?.failed == 1)
        #expect(summary?.removed == 1)
        #expect(summary?.duration == .seconds(2))
    }
}
