import Synchronization
import Testing

@testable import NetworkModel

@Suite struct SortedMapTests {
    /// Random insertions, changes and removals, checked against a dictionary all the way.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func itDoesWhatADictionaryDoes(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var map = SortedMap<Int, Int>()
        var naive: [Int: Int] = [:]
        for step in 0..<20_000 {
            // Grow, then shrink to nothing, so that nodes split and merge at every depth.
            let key = Int.random(in: 0..<4000, using: &generator)
            if Int.random(in: 0..<20_000, using: &generator) > step {
                let old = map.updateValue(step, forKey: key)
                #expect(old == naive.updateValue(step, forKey: key))
            } else {
                let old = map.removeValue(forKey: key)
                #expect(old == naive.removeValue(forKey: key))
            }
            #expect(map.count == naive.count)
            if step % 500 == 0 { expectEqual(map, naive) }
        }
        for key in naive.keys {
            let old = map.removeValue(forKey: key)
            #expect(old != nil)
        }
        #expect(map.isEmpty && Array(map.map(\.key)).isEmpty)
    }

    /// Maps made at once, of every size at which a tree becomes higher, are as if made one by one, and can be
    /// changed.
    @Test(arguments: [0, 1, 31, 32, 33, 34, 65, 1087, 1088, 1089, 1121, 1122, 3000, 3999])
    func manyEntriesAtOnceAreAsOneByOne(_ count: Int) {
        var generator = SeededGenerator(seed: UInt64(count))
        let keys = Array((0..<4000).shuffled(using: &generator).prefix(count))
        // Half of the keys come twice, and the last value counts.
        var entries = keys.prefix(count / 2).map { ($0, -1) } + keys.map { ($0, $0 * 2) }
        var map = SortedMap(unsorted: entries)
        var naive = Dictionary(uniqueKeysWithValues: keys.map { ($0, $0 * 2) })
        expectEqual(map, naive)
        entries.sort { $0.0 < $1.0 }
        expectEqual(SortedMap(unsorted: entries), naive)
        for key in (0..<4000).shuffled(using: &generator).prefix(500) {
            if key % 2 == 0 {
                map.updateValue(key, forKey: key)
                naive[key] = key
            } else {
                map.removeValue(forKey: key)
                naive[key] = nil
            }
        }
        expectEqual(map, naive)
    }

    private func expectEqual(_ map: SortedMap<Int, Int>, _ naive: [Int: Int]) {
        let sorted = naive.sorted { $0.key < $1.key }
        #expect(map.map(\.key) == sorted.map(\.key))
        #expect(map.map(\.value) == sorted.map(\.value))
        for (rank, entry) in sorted.enumerated() {
            #expect(map.rank(of: entry.key) == rank)
            #expect(map.entry(at: rank)?.key == entry.key)
            #expect(map[entry.key] == entry.value)
        }
        #expect(map.entry(at: sorted.count) == nil && map.entry(at: -1) == nil)
        for key in stride(from: -1, through: 4001, by: 97) {
            #expect(map.entries(notBelow: key).map(\.key) == sorted.map(\.key).filter { $0 >= key })
            #expect(map.rank(of: key) == sorted.count { $0.key < key })
            #expect(map.entries(above: key).map(\.key) == sorted.map(\.key).filter { $0 > key })
            #expect(
                map.entriesBackwards(below: key).map(\.key)
                    == sorted.map(\.key).filter { $0 < key }.reversed())
        }
        #expect(map.entries(above: nil).map(\.key) == sorted.map(\.key))
        #expect(map.entriesBackwards(below: nil).map(\.value) == sorted.map(\.value).reversed())
        checkShape(map.root, isRoot: true)
    }

    /// Every node but the root is filled enough, sorted, and counts right; all leaves are at one depth.
    @discardableResult
    private func checkShape(_ node: SortedMapNode<Int, Int>, isRoot: Bool) -> Int {
        #expect(node.keys.count <= SortedMapNode<Int, Int>.maximum)
        #expect(isRoot || node.keys.count >= SortedMapNode<Int, Int>.minimum)
        #expect(node.keys.count == node.values.count)
        #expect(node.keys == node.keys.sorted())
        #expect(node.isLeaf || node.children.count == node.keys.count + 1)
        #expect(node.count == node.keys.count + node.children.reduce(0) { $0 + $1.count })
        let depths = Set(node.children.map { checkShape($0, isRoot: false) })
        #expect(depths.count <= 1)
        return (depths.first ?? 0) + 1
    }

    @Test func aCopyStaysAsItWas() {
        var map = SortedMap<Int, Int>()
        for key in 0..<5000 { map.updateValue(key, forKey: key) }
        let copy = map
        for key in stride(from: 0, to: 5000, by: 2) { map.removeValue(forKey: key) }
        map.change(1, default: 0) { $0 = -1 }
        map.change(9999, default: 5) { $0 += 1 }
        #expect(copy.count == 5000 && copy[0] == 0 && copy[1] == 1 && copy[9999] == nil)
        #expect(map.count == 2501 && map[0] == nil && map[1] == -1 && map[9999] == 6)
    }

    @Test func aSetKnowsItsElements() {
        var set = SortedSet<String>()
        for word in ["b", "a", "c", "a"] { set.insert(word) }
        set.remove("c")
        set.remove("d")
        #expect(Array(set.elements) == ["a", "b"])
        #expect(set.contains("a") && !set.contains("c"))
    }

    /// A key that counts how often it is compared.
    private struct CountedKey: Comparable, Sendable {
        final class Counter: Sendable {
            let comparisons = Atomic<Int>(0)
        }
        let value: Int
        let counter: Counter

        static func < (a: Self, b: Self) -> Bool {
            a.counter.comparisons.add(1, ordering: .relaxed)
            return a.value < b.value
        }
        static func == (a: Self, b: Self) -> Bool {
            a.counter.comparisons.add(1, ordering: .relaxed)
            return a.value == b.value
        }
    }

    @Test func oneChangeOfAHundredThousandEntriesNeedsFewComparisons() {
        let counter = CountedKey.Counter()
        var map = SortedMap<CountedKey, Int>()
        var generator = SeededGenerator(seed: 7)
        var worst = 0
        for value in (0..<100_000).shuffled(using: &generator) {
            let before = counter.comparisons.load(ordering: .relaxed)
            map.updateValue(value, forKey: CountedKey(value: value, counter: counter))
            worst = max(worst, counter.comparisons.load(ordering: .relaxed) - before)
        }
        // Four levels of at most 33 children: 6 comparisons in each and one for equality.
        #expect(worst <= 30, "\(worst) comparisons")
    }
}
