import NetworkModel
import Testing

/// A claim in a store would end at U+0000.
@Suite struct StorableTextTests {
    private var model = Model()

    @Test mutating func noTextOfARequestHasU0000() throws {
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let bad = "a\0b"
        func refuse(_ attribute: String, _ body: () throws -> Void) {
            expectRefusal(
                "HTTPBadRequest",
                "Invalid input for \(attribute). Reason: 'a\\x00b' must not contain the character U+0000.",
                kind: .badRequest, body)
        }
        let networks: [(String, (inout NetworkRequest) -> Void)] = [
            ("name", { $0.name = bad }), ("description", { $0.description = bad }),
            ("tags", { $0.tags = [bad] }), ("project_id", { $0.projectID = bad }),
            ("availability_zone_hints", { $0.availabilityZoneHints = [bad] }),
            (
                "provider:physical_network",
                {
                    $0.networkType = "flat"
                    $0.physicalNetwork = bad
                }
            ),
        ]
        for (attribute, change) in networks { refuse(attribute) { _ = try model.network(change) } }
        let ports: [(String, (inout PortRequest) -> Void)] = [
            ("device_id", { $0.deviceID = bad }), ("device_owner", { $0.deviceOwner = bad }),
            ("binding:host_id", { $0.bindingHostID = bad }),
            ("binding:vnic_type", { $0.bindingVNICType = bad }),
            ("binding:profile", { $0.bindingProfile = bad }),
            ("security_groups", { $0.securityGroups = [bad] }),
            ("extra_dhcp_opts", { $0.extraDHCPOptions = [ExtraDHCPOptionRequest(name: bad, value: "1")] }),
            ("extra_dhcp_opts", { $0.extraDHCPOptions = [ExtraDHCPOptionRequest(name: "42", value: bad)] }),
        ]
        for (attribute, change) in ports { refuse(attribute) { _ = try model.port(network, change) } }
        expectRefusal("HTTPBadRequest") { _ = try model.port(network) { $0.dnsName = bad } }
        expectRefusal("HTTPBadRequest", "U+0000") {
            _ = try model.updateSubnet(subnet.id) { $0.serviceTypes = ["compute:" + bad] }
        }
        refuse("host") { _ = try model.agent(bad) }
    }

    @Test mutating func whatAnAgentSaysOfItselfIsStoredWithoutU0000() throws {
        let network = try model.network()
        let port = try model.port(network)
        let said = try model.commit(
            model.state.setPortStatus(port.id, .error, detail: "a\0b", in: model.context))
        #expect(said.statusDetail == "a\u{FFFD}b")
        let report = AgentReport(
            host: "h", startedAt: model.context.now,
            configurations: AgentConfigurations(
                dhcpDriver: "d\0", dhcpLeaseDuration: 1, problems: ["x\0y", "z"]))
        let agent = try model.commit(
            model.state.heartbeat(report, in: model.context, using: &model.generator))
        #expect(agent.configurations.problems == ["x\u{FFFD}y", "z"])
        #expect(agent.configurations.dhcpDriver == "d\u{FFFD}")
    }
}
