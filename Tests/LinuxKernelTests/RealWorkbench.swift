import Glibc
import KernelPlan
import KernelScenarios
import LinuxKernel

/// What tests on the real kernel need, and whether it is here.
enum Privilege {
    /// In CI a missing privilege is a failure, not a skip.
    static let isRequired = getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) == "1" } ?? false

    /// Whether to run tests that need it: where it is here, and where it must be.
    static let shouldRun = isRequired || PrivilegeCheck.current().canWire
}

/// Scenarios on the kernel of this host, with names that nobody else uses.
struct RealWorkbench: Workbench {
    let linux: LinuxKernel
    let thread: NamespaceThread
    let tag: String
    /// How often it is looked whether the kernel has done something: for two minutes, a hundred times a second.
    private static let patience = 12_000
    var kernel: any Kernel { linux }

    init() throws {
        if let shortcoming = PrivilegeCheck.current().shortcoming { throw ScenarioFailure(shortcoming) }
        thread = try NamespaceThread()
        linux = try LinuxKernel(thread: thread)
        let digits = String(UInt64.random(in: 0..<(1 << 40)), radix: 16)
        let padded = String(repeating: "0", count: 10 - digits.count) + digits
        tag = "\(padded.prefix(8))-\(padded.suffix(2))"
    }

    func killNamespace(_ name: String) throws {
        // As a reboot leaves it: the file stays, the mount does not.
        try linux.deleteNamespace(name)
        let file = open("\(NamespaceThread.directory)/\(name)", O_CREAT | O_CLOEXEC, 0)
        guard file >= 0 else { throw ScenarioFailure("cannot leave a dead file of \(name)") }
        close(file)
    }

    func settle(_ wiring: NetworkWiring) throws {
        let failures = linux.flushReaper()
        try expect(failures.isEmpty, "the reaper failed: \(failures)")
        // The kernel takes a namespace's devices away when it gets to it, those of many one after the other.
        for _ in 0..<Self.patience {
            guard try linux.link(wiring.outer) != nil else { return }
            usleep(10_000)
        }
    }

    /// The names of all devices and namespaces that carry our tag.
    func leftovers() throws -> [String] {
        for _ in 0..<Self.patience {
            _ = linux.flushReaper()
            if try found().isEmpty { return [] }
            usleep(10_000)
        }
        return try found()
    }

    private func found() throws -> [String] {
        let links = try linux.links().map(\.name).filter {
            $0.contains(tag) || $0.contains("lhk\(tag.prefix(8))")
        }
        return links + (try linux.namespaceNames().filter { $0.contains(tag) })
    }
}
