import NetworkModel
import NetworkStore
import Testing

@testable import NeutronAPI

extension Harness {
    /// Has a DHCP agent report from the host; returns its id.
    @discardableResult
    func agent(_ host: String, zone: String = "nova") async throws -> String {
        let report = AgentReport(
            host: host, availabilityZone: zone, startedAt: clock.now,
            configurations: AgentConfigurations(dhcpDriver: "native", dhcpLeaseDuration: 86_400))
        let context = DecisionContext(projectID: "", now: clock.now)
        return try await index.perform { (state) throws(ModelError) in
            var generator = SystemRandomNumberGenerator()
            return try state.heartbeat(report, in: context, using: &generator)
        }.id.description
    }

    /// The id of what is created.
    func id(of kind: String, _ fields: String) async throws -> String {
        try #require(try await create(kind, fields)["id"]?.string)
    }
}
