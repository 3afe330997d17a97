import Addressing
import Testing

@testable import NetworkModel

@Suite struct FreeAddressesTests {
    private let port = ResourceID(rawValue: 1)

    private func take(_ text: String, _ free: inout FreeAddresses) throws {
        let isTaken = free.take(try ip(text), for: port)
        #expect(isTaken)
    }

    /// Random taking and giving back over several pools, checked against a sorted list of free addresses.
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func itChoosesWhatANaiveModelWouldAllow(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let pools = [
            try range("10.0.0.2", "10.0.0.40"), try range("10.0.0.50", "10.0.0.50"),
            try range("10.0.4.0", "10.0.9.255"),
        ]
        var free = FreeAddresses(pools: pools, version: .v4)
        var naive = pools.map { Array($0.first.number...$0.last.number) }
        var held: [IPAddress] = []
        for step in 0..<6000 {
            let takes = Int.random(in: 0..<10, using: &generator) < (step < 3500 ? 8 : 2)
            if takes {
                let candidates = naive.first { !$0.isEmpty } ?? []
                #expect(free.lowest?.number == candidates.first)
                let chosen = step % 5 == 0 ? free.lowest : free.random(using: &generator)
                guard let chosen else {
                    #expect(candidates.isEmpty)
                    continue
                }
                #expect(candidates.prefix(1000).contains(chosen.number))
                let (first, second) = (free.take(chosen, for: port), free.take(chosen, for: port))
                #expect(first && !second)
                for index in naive.indices { naive[index].removeAll { $0 == chosen.number } }
                held.append(chosen)
            } else if let index = held.indices.randomElement(using: &generator) {
                let address = held.remove(at: index)
                free.release(address)
                for (index, pool) in pools.enumerated() where pool.contains(address) {
                    naive[index].append(address.number)
                    naive[index].sort()
                }
            }
            #expect(free.count == UInt128(naive.reduce(0) { $0 + $1.count }))
        }
    }

    @Test func everyAddressOfASmallPoolIsChosenSometime() throws {
        var generator = SeededGenerator(seed: 5)
        let free = FreeAddresses(pools: [try range("10.0.0.1", "10.0.0.20")], version: .v4)
        let chosen = Set((0..<2000).compactMap { _ in free.random(using: &generator) })
        #expect(chosen.count == 20)
    }

    @Test func theWindowOfRandomChoiceIsTheFirstThousandFreeOnes() throws {
        var generator = SeededGenerator(seed: 6)
        var free = FreeAddresses(pools: [try range("10.0.0.0", "10.0.255.255")], version: .v4)
        for number in 0..<100 {
            let address = IPAddress(number: try ip("10.0.0.0").number + UInt128(number), version: .v4)
            let isTaken = free.take(address, for: port)
            #expect(isTaken)
        }
        let chosen = (0..<20_000).compactMap { _ in free.random(using: &generator) }
        #expect(chosen.min() == (try ip("10.0.0.100")))
        #expect(chosen.max() == (try ip("10.0.4.75")))
        #expect(Set(chosen).count == 1000)
    }

    @Test func heldAddressesOutsideOfThePoolsDoNotCount() throws {
        var free = FreeAddresses(pools: [try range("10.0.0.10", "10.0.0.12")], version: .v4)
        for text in ["10.0.0.1", "10.0.0.9", "10.0.0.13", "10.0.0.200"] {
            try take(text, &free)
        }
        #expect(free.count == 3)
        #expect(free.lowest == (try ip("10.0.0.10")))
        try take("10.0.0.10", &free)
        #expect(free.count == 2)
        #expect(free.lowest == (try ip("10.0.0.11")))
    }

    @Test func anIPv6BlockCostsNoMemoryForItsFreeAddresses() throws {
        var generator = SeededGenerator(seed: 8)
        var free = FreeAddresses(
            pools: [try range("2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff")], version: .v6)
        #expect(free.count == 0xFFFF_FFFF_FFFF_FFFF)
        try take("2001:db8::1", &free)
        try take("2001:db8::ffff:ffff:ffff:ffff", &free)
        #expect(free.count == 0xFFFF_FFFF_FFFF_FFFD)
        #expect(free.lowest == (try ip("2001:db8::2")))
        let chosen = try #require(free.random(using: &generator))
        let window = try range("2001:db8::2", "2001:db8::3e9")
        #expect(window.contains(chosen))
    }

    @Test func theWholeOfIPv6IsARange() throws {
        let everything = FreeAddresses(
            pools: [try range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")], version: .v6)
        #expect(everything.count == .max)
        #expect(everything.lowest == (try ip("::")))
    }

    /// A /16 is filled to the last address; the cost is counted in taken numbers that were looked at.
    @Test func theCostOfAChoiceDoesNotDependOnHowFullTheBlockIs() {
        var generator = SeededGenerator(seed: 9)
        let block: ClosedRange<UInt64> = 1...65_534
        var free = FreeNumbers<UInt64>(ranges: [block], taken: SortedMap())
        var worst: [Int] = []
        for step in 0..<65_534 {
            var probes = 0
            let count = free.count(in: block) { probes += 1 }
            #expect(count == UInt64(65_534 - step))
            let rank = UInt64.random(in: 0..<min(count, 1000), using: &generator)
            let number = free.number(at: rank, in: block) { probes += 1 }
            let holder = free.taken.updateValue(port, forKey: number)
            #expect(block.contains(number) && holder == nil)
            if step % 8192 == 0 { worst.append(0) }
            worst[worst.count - 1] = max(worst[worst.count - 1], probes)
        }
        #expect(free.count == 0 && free.first() == nil)
        #expect(worst.max() ?? 0 < 400, "most numbers looked at, by eighth: \(worst)")
        #expect((worst.last ?? 0) <= 2 * worst[0], "most numbers looked at, by eighth: \(worst)")
    }

    @Test func aRandomNumberOfAllRangesIsAnyOfThem() {
        var generator = SeededGenerator(seed: 10)
        var free = FreeNumbers<UInt64>(ranges: [5...7, 100...101], taken: SortedMap())
        free.taken.updateValue(port, forKey: 6)
        let chosen = Set((0..<500).compactMap { _ in free.random(using: &generator) })
        #expect(chosen == [5, 7, 100, 101])
        for number in [5, 7, 100, 101] as [UInt64] { free.taken.updateValue(port, forKey: number) }
        #expect(free.random(using: &generator) == nil)
    }
}
