/// The scheduled calls of one loop: a binary heap by deadline; cancelled ones stay in it until they would
/// have been due, or until they are the larger part.
struct LoopTimers {
    private struct Due {
        var deadline: UInt64
        var number: UInt64
    }

    private var heap: [Due] = []
    private var bodies: [UInt64: @Sendable () -> Void] = [:]
    private var next: UInt64 = 1

    /// Whether nothing is scheduled.
    var isEmpty: Bool { bodies.isEmpty }

    /// When to look again, in nanoseconds; nil for never.
    var first: UInt64? { bodies.isEmpty ? nil : heap.first?.deadline }

    /// Adds a call and returns its number.
    mutating func insert(_ deadline: UInt64, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        let number = next
        next += 1
        bodies[number] = body
        heap.append(Due(deadline: deadline, number: number))
        siftUp(heap.count - 1)
        return number
    }

    /// Takes a call out; nil where it is gone already.
    mutating func remove(_ number: UInt64) -> (@Sendable () -> Void)? {
        guard let body = bodies.removeValue(forKey: number) else { return nil }
        if heap.count > 64 && heap.count > 2 * bodies.count {
            let live = heap.filter { bodies[$0.number] != nil }
            heap.removeAll()
            for due in live {
                heap.append(due)
                siftUp(heap.count - 1)
            }
        }
        return body
    }

    /// Takes out the first call that is due at this time, if there is one.
    mutating func removeDue(_ now: UInt64) -> (@Sendable () -> Void)? {
        while let first = heap.first, first.deadline <= now {
            removeFirst()
            if let body = bodies.removeValue(forKey: first.number) { return body }
        }
        return nil
    }

    private mutating func removeFirst() {
        let last = heap.removeLast()
        if heap.isEmpty { return }
        heap[0] = last
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[child].deadline < heap[least].deadline {
                least = child
            }
            if least == index { return }
            heap.swapAt(index, least)
            index = least
        }
    }

    private mutating func siftUp(_ start: Int) {
        var index = start
        while index > 0 {
            let parent = (index - 1) / 2
            if heap[parent].deadline <= heap[index].deadline { return }
            heap.swapAt(index, parent)
            index = parent
        }
    }
}
