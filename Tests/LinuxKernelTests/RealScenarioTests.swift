import KernelPlan
import KernelScenarios
import LinuxKernel
import Testing

@Suite(.enabled(if: Privilege.shouldRun, "needs CAP_NET_ADMIN and CAP_SYS_ADMIN"), .serialized)
struct RealKernelScenarios {
    @Test(arguments: Scenario.all)
    func scenarioHolds(_ scenario: Scenario) throws {
        let bench = try RealWorkbench()
        try scenario.run(on: bench)
        #expect(try bench.leftovers().isEmpty)
    }

    @Test(arguments: UInt64(0)..<40)
    func randomCourseOfEventsEndsAligned(_ seed: UInt64) throws {
        let bench = try RealWorkbench()
        _ = try Drift.course(seed: seed, on: bench)
        #expect(try bench.leftovers().isEmpty)
    }
}
