import Locks
import Logging
import NetworkModel

// What the agent does over and over beside the audit (Audit.swift): report its state.
extension DHCPAgent {
    /// The shortest time between two reports, however often problems change.
    private static let reportThrottle = Duration.seconds(1)
    /// How many problems a report names.
    private static let reportedProblems = 20

    /// Reports at intervals and when problems change.
    func reportForever() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                while (try? await self.context.time.sleep(self.context.configuration.reportInterval)) != nil {
                    self.reportSignal.send()
                }
            }
            for await _ in reportSignal.wishes {
                await report()
                try? await context.time.sleep(Self.reportThrottle)
            }
        }
    }

    private func report() async {
        if shared.withLock({ $0.ownProblem }) != nil { await checkRequirements() }
        let status = status()
        let problems = status.problems
        var named = Array(problems.prefix(Self.reportedProblems))
        if problems.count > named.count { named.append("and \(problems.count - named.count) more") }
        let configurations = AgentConfigurations(
            dhcpDriver: status.driver, dhcpLeaseDuration: context.configuration.leaseDuration,
            logAgentHeartbeats: context.configuration.logHeartbeats, networks: status.servedNetworks,
            subnets: status.networks.lazy.map(\.subnets).reduce(0, +), ports: status.servedPorts,
            problems: named)
        do {
            try await context.source.report(configurations)
            if context.configuration.logHeartbeats { context.logger.info("reported the agent's state") }
        } catch {
            // Logged, not journalled: while the source is away this would push out what matters.
            context.logger.error("could not report the agent's state: \(error)")
        }
    }
}
