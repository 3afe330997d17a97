import InterfaceDrivers
import KernelPlan
import Locks
import Logging
import NetworkModel
import Testing

@testable import DHCPAgent

/// An agent between fakes.
struct Fixture: Sendable {
    let source: FakeSource
    let driver: FakeDHCPDriver
    let kernel: FakeKernel
    let agent: DHCPAgent
    let interfaces = LinuxBridge()

    init(
        source: FakeSource = FakeSource(), driver: FakeDHCPDriver = FakeDHCPDriver(),
        kernel: FakeKernel = FakeKernel(), kernelEvents: AsyncStream<WiringChange>? = nil,
        time: AgentTime = .system, configure: (inout AgentConfiguration) -> Void = { _ in }
    ) {
        var configuration = AgentConfiguration(host: "node-1")
        // Fast, so that tests don't wait; what waits are for is tested with a clock of its own.
        configuration.auditInterval = .milliseconds(50)
        configuration.auditThrottle = .milliseconds(5)
        configuration.backoff = Backoff(first: .milliseconds(10), longest: .milliseconds(200))
        configure(&configuration)
        self.source = source
        self.driver = driver
        self.kernel = kernel
        agent = DHCPAgent(
            source: source, interfaceDriver: interfaces, driver: driver, kernel: kernel,
            configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            kernelEvents: kernelEvents.map { events in { @Sendable in events } }, time: time)
    }

    /// Runs the agent while the body runs, then stops it.
    func run(_ body: @Sendable () async throws -> Void) async throws {
        try await runUntilDone(body) { try await agent.run() }
    }

    func status(_ network: ResourceID) -> NetworkStatus? {
        agent.status().networks.first { $0.id == network }
    }

    func journal(_ network: ResourceID? = nil) -> [String] {
        agent.journal(network: network).map(\.description)
    }

    /// Lets the audit run that follows the first passes, and returns how often wirings were looked at then: the
    /// gate is open afterwards, and nobody looks any more.
    func observationsAfterAudit(_ gate: AuditGate) async throws -> Int {
        repeat {
            try await eventually("the audits wait") { gate.waits > 0 }
            let waits = gate.waits
            gate.passOne()
            try await eventually("an audit") { gate.waits > waits }
            // One that meets a pass comes back to the network.
        } while agent.auditPlan.withLock(\.isPending)
        gate.open()
        return kernel.observations
    }

    func isActive(_ port: ResourceID) -> Bool { source.port(port)?.status == .active }
}

/// Runs services while the body runs, then cancels them.
func runUntilDone(
    _ body: @Sendable () async throws -> Void, _ service: @escaping @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service() }
        defer { group.cancelAll() }
        try await body()
    }
}

/// Waits until the condition holds; records an issue after a time that no machine needs.
func eventually(
    _ what: String, within limit: Duration = .seconds(300), sourceLocation: SourceLocation = #_sourceLocation,
    _ condition: () throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try !condition() {
        if ContinuousClock.now > deadline {
            Issue.record("not within \(limit): \(what)", sourceLocation: sourceLocation)
            throw CancellationError()
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// A value that many tasks of a test share.
final class Shared<Value: Sendable>: Sendable {
    private let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }

    func withLock<R: Sendable>(_ body: (inout Value) -> R) -> R { value.withLock { body(&$0) } }
}
