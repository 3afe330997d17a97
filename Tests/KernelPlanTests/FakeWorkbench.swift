import KernelPlan
import KernelScenarios

/// Scenarios on the kernel in memory.
struct FakeWorkbench: Workbench {
    let fake = FakeKernel()
    var kernel: any Kernel { fake }
    let tag = "00001234-56"

    func killNamespace(_ name: String) { fake.killNamespace(name) }

    func settle(_ wiring: NetworkWiring) {}
}
