import Addressing
import KernelPlan
import NetworkModel
import Testing

@testable import DHCPAgent

/// Which networks an audit looks at.
@Suite struct AuditPlanTests {
    /// Networks with wirings that share nothing.
    private func wirings(_ count: Int) -> [(network: ResourceID, wiring: NetworkWiring)] {
        (0..<count).map { number in
            let wiring = NetworkWiring(
                namespace: "qdhcp-\(number)", bridge: "brq\(number)", outerDevice: "tap\(number)",
                innerDevice: "ns-\(number)", macAddress: MACAddress(rawValue: UInt64(number)), mtu: 1500,
                addresses: [], routes: [], uplink: number % 2 == 0 ? .interface("eth1") : nil)
            return (ResourceID(rawValue: UInt128(number + 1)), wiring)
        }
    }

    private func numbers(_ chosen: [(network: ResourceID, wiring: NetworkWiring)]) -> [Int] {
        chosen.map { Int($0.network.rawValue) - 1 }.sorted()
    }

    @Test func `without a turn or a change nothing is looked at`() {
        var plan = AuditPlan()
        #expect(plan.take(of: wirings(10)) { _ in false }.isEmpty)
    }

    @Test func `what could not be looked at is part of the next look, and only of that`() {
        var plan = AuditPlan()
        plan.note(unseen: [ResourceID(rawValue: 4)])
        #expect(!plan.isPending, "the next look is soon enough")
        plan.note(.link("tap7"))
        #expect(numbers(plan.take(of: wirings(10)) { _ in false }) == [3, 7])
        plan.note(.link("tap7"))
        #expect(numbers(plan.take(of: wirings(10)) { _ in false }) == [7])
    }

    @Test func `a turn looks at all where there are few`() {
        var plan = AuditPlan()
        for _ in 0..<3 {
            plan.noteTurn()
            #expect(numbers(plan.take(of: wirings(50)) { _ in false }) == Array(0..<50))
        }
    }

    @Test(arguments: [51, 120, 1000, 2345])
    func `a round of turns looks at each of many, and goes on at its end`(count: Int) {
        var plan = AuditPlan()
        let perTurn = max(50, (count + 19) / 20)
        let turns = (count + perTurn - 1) / perTurn
        #expect(turns <= 20)
        for _ in 0..<3 {
            var seen = Set<Int>()
            for _ in 0..<turns {
                plan.noteTurn()
                let chosen = numbers(plan.take(of: wirings(count).shuffled()) { _ in false })
                #expect(chosen.count == perTurn)
                seen.formUnion(chosen)
            }
            #expect(seen.count == count)
        }
    }

    @Test(arguments: [
        (WiringChange.namespace("qdhcp-3"), [3]), (.link("tap4"), [4]), (.link("ns-5"), [5]),
        (.link("brq6"), [6]), (.link("eth1"), [0, 2, 4, 6, 8]), (.link("tap99"), []),
        (.namespace("brq3"), []), (.anything, Array(0..<10)),
    ])
    func `a change brings a look at what it may have touched, once`(change: WiringChange, touched: [Int]) {
        var plan = AuditPlan()
        plan.note(change)
        #expect(numbers(plan.take(of: wirings(10)) { _ in false }) == touched)
        #expect(plan.take(of: wirings(10)) { _ in false }.isEmpty)
    }

    @Test func `a change during a pass is looked at after it`() {
        var plan = AuditPlan()
        plan.note(.link("tap4"))
        #expect(plan.take(of: wirings(10)) { $0.rawValue == 5 }.isEmpty)
        #expect(plan.isPending)
        #expect(plan.take(of: wirings(10)) { $0.rawValue == 5 }.isEmpty)
        #expect(numbers(plan.take(of: wirings(10)) { _ in false }) == [4])
        #expect(!plan.isPending)
    }

    @Test func `a network that went while it was waited for is forgotten`() {
        var plan = AuditPlan()
        plan.note(.link("tap4"))
        #expect(plan.take(of: wirings(10)) { $0.rawValue == 5 }.isEmpty)
        #expect(plan.take(of: wirings(4)) { _ in false }.isEmpty)
        #expect(!plan.isPending)
    }

    @Test func `a turn postpones what a pass is at work on`() {
        var plan = AuditPlan()
        plan.noteTurn()
        #expect(numbers(plan.take(of: wirings(4)) { $0.rawValue == 2 }) == [0, 2, 3])
        #expect(plan.isPending)
        #expect(numbers(plan.take(of: wirings(4)) { _ in false }) == [1])
        #expect(!plan.isPending)
    }

    @Test func `a flood of changes stays small and means everything`() {
        var plan = AuditPlan()
        for number in 0..<25_000 { plan.note(.link("tap-other\(number)")) }
        #expect(plan.changes.count <= 10_001)
        #expect(numbers(plan.take(of: wirings(3)) { _ in false }) == [0, 1, 2])
    }
}
