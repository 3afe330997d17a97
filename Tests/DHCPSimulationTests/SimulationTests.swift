import DHCPSimulation
import Testing

/// Thousands of clients on bad networks: nothing goes wrong, and everybody has an address in the end.
@Suite struct SimulationTests {
    private func expectGood(_ report: SimulationReport, _ location: SourceLocation = #_sourceLocation) {
        #expect(report.violations == [], sourceLocation: location)
        #expect(report.bound == report.expected, sourceLocation: location)
    }

    @Test(
        "a network that loses, doubles and reorders, ports that change, agents that fail",
        arguments: 1...6 as ClosedRange<UInt64>)
    func badNetwork(seed: UInt64) {
        var simulation = Simulation(SimulationPlan(seed: seed))
        let report = simulation.run()
        expectGood(report)
        #expect(report.expected > 200)
        #expect(report.comparisons > 20)
        // Everything that can happen has happened.
        for name in ["OFFER", "ACK", "NAK", "other-server", "released", "declined"] {
            #expect(report.counts[name, default: 0] > 0, "no \(name)")
        }
    }

    @Test("a boot storm of three thousand machines on a good network is over within a second")
    func bootStorm() {
        var plan = SimulationPlan(seed: 42)
        plan.clients = 3000
        plan.startSeconds = 0
        plan.loss = 0
        plan.duplication = 0
        plan.delayMilliseconds = 100
        plan.changesPerSecond = 0
        plan.hasOutages = false
        plan.restlessSeconds = 60
        plan.calmSeconds = 0
        var simulation = Simulation(plan)
        let report = simulation.run()
        expectGood(report)
        #expect(report.expected == 3000)
        // Four messages, each at most a tenth of a second on its way.
        #expect(report.longestWait < 0.4)
        #expect(report.counts["NAK"] == nil)
    }

    @Test("where every fifth packet is lost, everybody has an address within five minutes")
    func heavyLoss() {
        var plan = SimulationPlan(seed: 7)
        plan.clients = 1000
        plan.loss = 0.2
        plan.changesPerSecond = 0
        plan.hasOutages = false
        plan.restlessSeconds = 300
        plan.calmSeconds = 300
        var simulation = Simulation(plan)
        let report = simulation.run()
        expectGood(report)
        #expect(report.longestWait < 300)
        #expect(report.counts["NAK"] == nil)
    }

    @Test("one agent alone, and five agents", arguments: [1, 5])
    func agents(count: Int) {
        var plan = SimulationPlan(seed: 99)
        plan.agents = count
        plan.restlessSeconds = 600
        var simulation = Simulation(plan)
        expectGood(simulation.run())
    }

    @Test("leases shorter than everything else hold, too")
    func shortLeases() {
        var plan = SimulationPlan(seed: 3)
        plan.clients = 100
        plan.leaseSeconds = 130
        plan.restlessSeconds = 600
        var simulation = Simulation(plan)
        expectGood(simulation.run())
    }

    @Test("the same seed makes the same run, another seed another one")
    func reproducible() {
        func run(_ seed: UInt64) -> SimulationReport {
            var plan = SimulationPlan(seed: seed)
            plan.clients = 80
            plan.restlessSeconds = 200
            plan.calmSeconds = 100
            var simulation = Simulation(plan)
            return simulation.run()
        }
        let (first, second, other) = (run(1), run(1), run(2))
        #expect(first.checksum == second.checksum)
        #expect(first.counts == second.counts)
        #expect(first.longestWait == second.longestWait)
        #expect(first.checksum != other.checksum)
    }
}
