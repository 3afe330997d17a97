import KernelPlan
import KernelScenarios
import Testing

@Suite struct FakeKernelScenarios {
    @Test(arguments: Scenario.all)
    func scenarioHolds(_ scenario: Scenario) throws {
        let bench = FakeWorkbench()
        try scenario.run(on: bench)
        #expect(bench.fake.linkNames.isEmpty)
        #expect(try bench.kernel.namespaceNames().isEmpty)
    }

    @Test func everyRandomCourseOfEventsEndsAligned() throws {
        var steps = 0
        for seed in 0..<1000 {
            steps += try Drift.course(seed: UInt64(seed), on: FakeWorkbench())
        }
        // The courses do something: on average a good part of a wiring is made anew.
        #expect(steps > 1000 * 10)
    }

    @Test func withoutIPv6OnlyIPv4IsWired() throws {
        struct Bench: Workbench {
            let kernel: any Kernel = FakeKernel(hasIPv6: false)
            let tag = "00001234-56"
            func killNamespace(_ name: String) {}
            func settle(_ wiring: NetworkWiring) {}
        }
        let bench = Bench()
        let wiring = try bench.wiring()
        let steps = try bench.alignFully(wiring)
        #expect(!steps.contains { $0.description.contains("IPv6") || $0.description.contains("ipv6") })
        #expect(try bench.kernel.observe(wiring).contents?.addresses.map(\.address) == [wiring.addresses[0]])
    }
}
