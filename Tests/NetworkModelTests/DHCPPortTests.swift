import Addressing
import NetworkModel
import Testing

@Suite struct DHCPPortTests {
    @Test func theFirstPortHasTheLowestAddressOfEverySubnetWithDHCP() throws {
        var model = Model()
        let network = try model.network { $0.projectID = "owner" }
        let a = try model.subnet(network, "10.0.0.0/24")
        _ = try model.subnet(network, "10.0.1.0/24") { $0.enableDHCP = false }
        let b = try model.subnet(network, "10.0.2.0/24")
        let slaac = try model.subnet(network, "2001:db8::/64") { $0.ipv6AddressMode = .slaac }
        let port = try model.dhcpPort(network, host: "controller-0.example.com")
        #expect(Set(port.fixedIPs.map(\.subnetID)) == [a.id, b.id, slaac.id])
        #expect(Set(port.addresses.prefix(2)) == ["10.0.0.2", "10.0.2.2"])
        #expect(port.fixedIPs[2].address.v6 == slaac.cidr.eui64Address(for: port.macAddress))
        #expect(port.deviceOwner == DeviceOwner.dhcp && port.adminStateUp && port.standard.name.isEmpty)
        #expect(port.deviceID == dhcpDeviceID(host: "controller-0", network: network.id))
        #expect(port.bindingHostID == "controller-0.example.com")
        #expect(port.standard.projectID == "owner" && !port.portSecurityEnabled)
    }

    @Test func aPortThatIsRightStaysAsItIs() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let port = try model.dhcpPort(network)
        let again = try model.state.reserveDHCPPort(
            network: network.id, host: "host-1", in: model.context, using: &model.generator)
        #expect(again.isNoChange && again.value == port)
    }

    @Test func everyHostHasItsOwnPort() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        #expect(try model.dhcpPort(network, host: "host-1").addresses == ["10.0.0.2"])
        #expect(try model.dhcpPort(network, host: "host-2").addresses == ["10.0.0.3"])
        #expect(model.state.dhcpPorts(ofNetwork: network.id).count == 2)
    }

    @Test func aReservedPortIsAdoptedWithItsAddress() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let port = try model.dhcpPort(network, host: "host-1")
        _ = try model.updatePort(port.id) { $0.deviceID = reservedDHCPDeviceID }
        let adopted = try model.dhcpPort(network, host: "host-2")
        #expect(
            adopted.id == port.id && adopted.fixedIPs == port.fixedIPs
                && adopted.macAddress == port.macAddress)
        #expect(adopted.deviceID == dhcpDeviceID(host: "host-2", network: network.id))
        #expect(adopted.bindingHostID == "host-2" && adopted.standard.revisionNumber == 3)
        let next = try model.dhcpPort(network, host: "host-1")
        #expect(next.id != port.id)
    }

    @Test func theOwnPortComesBeforeAReservedOne() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let own = try model.dhcpPort(network, host: "host-1")
        for _ in 0..<5 {
            _ = try model.port(network) {
                $0.deviceOwner = DeviceOwner.dhcp
                $0.deviceID = reservedDHCPDeviceID
            }
        }
        #expect(try model.dhcpPort(network, host: "host-1") == own)
    }

    @Test func theAddressesFollowTheSubnetsWithDHCP() throws {
        var model = Model()
        let network = try model.network()
        let a = try model.subnet(network, "10.0.0.0/24")
        let port = try model.dhcpPort(network)
        let b = try model.subnet(network, "10.0.1.0/24")
        let wider = try model.dhcpPort(network)
        #expect(wider.id == port.id && wider.addresses == ["10.0.0.2", "10.0.1.2"])
        #expect(wider.standard.revisionNumber == 2)
        _ = try model.updateSubnet(a.id) { $0.enableDHCP = false }
        let narrower = try model.dhcpPort(network)
        #expect(narrower.fixedIPs.map(\.subnetID) == [b.id] && narrower.addresses == ["10.0.1.2"])
        _ = try model.updateSubnet(a.id) { $0.enableDHCP = true }
        #expect(Set(try model.dhcpPort(network).addresses) == ["10.0.1.2", "10.0.0.2"])
    }

    @Test func anAddressThatTheOperatorChangedIsKept() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let port = try model.dhcpPort(network)
        let address = try ip("10.0.0.200")
        let moved = try model.updatePort(port.id) { $0.fixedIPs = [FixedIPRequest(address: address)] }
        #expect(try model.dhcpPort(network) == moved)
        _ = try model.subnet(network, "10.0.1.0/24")
        #expect(try model.dhcpPort(network).addresses == ["10.0.0.200", "10.0.1.2"])
    }

    @Test func aFullSubnetOrAMissingNetworkIsAnError() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/30")
        _ = try model.port(network)
        expectRefusal("IpAddressGenerationFailure", kind: .conflict) { _ = try model.dhcpPort(network) }
        let gone = try model.network()
        try model.commit(model.state.deleteNetwork(gone.id, in: model.context))
        expectRefusal("NetworkNotFound", kind: .notFound) { _ = try model.dhcpPort(gone) }
    }

    @Test func releasingDeletesTheHostsPortsOnly() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        _ = try model.dhcpPort(network, host: "host-1")
        let other = try model.dhcpPort(network, host: "host-2")
        let user = try model.port(network) { $0.deviceID = dhcpDeviceID(host: "host-1", network: network.id) }
        try model.commit(
            model.state.releaseDHCPPorts(network: network.id, host: "host-1.example.com", in: model.context))
        #expect(model.state.dhcpPorts(ofNetwork: network.id) == [other])
        #expect(model.state.port(user.id) != nil)
        let again = try model.state.releaseDHCPPorts(network: network.id, host: "host-1", in: model.context)
        #expect(again.isNoChange)
    }
}

@Suite struct AgentDecisionTests {
    private func report(_ host: String, networks: Int = 0) -> AgentReport {
        AgentReport(
            host: host, startedAt: Timestamp(secondsSinceEpoch: 900),
            configurations: AgentConfigurations(
                dhcpDriver: "dnsmasq", dhcpLeaseDuration: 86400, networks: networks))
    }

    @Test func theFirstReportMakesTheRowAndLaterOnesMoveIt() throws {
        var model = Model()
        let first = try model.commit(
            model.state.heartbeat(report("h"), in: model.context, using: &model.generator))
        #expect(
            first.adminStateUp && first.createdAt == model.context.now
                && first.heartbeatAt == model.context.now)
        var request = AgentRequest()
        request.adminStateUp = false
        request.description = "d"
        try model.commit(model.state.updateAgent(first.id, request, in: model.context))
        model.context.now = Timestamp(secondsSinceEpoch: 2000)
        let second = try model.commit(
            model.state.heartbeat(report("h", networks: 3), in: model.context, using: &model.generator))
        #expect(second.id == first.id && second.createdAt == first.createdAt)
        #expect(!second.adminStateUp && second.description == "d")
        #expect(second.heartbeatAt == model.context.now && second.configurations.networks == 3)
        #expect(model.state.agents.count == 1)
        #expect(model.state.agent(type: "DHCP agent", host: "h") == second)
        #expect(second.isAlive(at: Timestamp(secondsSinceEpoch: 2075)))
        #expect(!second.isAlive(at: Timestamp(secondsSinceEpoch: 2076)))
    }

    @Test func everyHostHasARow() throws {
        var model = Model()
        for host in ["a", "b"] {
            try model.commit(model.state.heartbeat(report(host), in: model.context, using: &model.generator))
        }
        #expect(Set(model.state.agents.map(\.value.host)) == ["a", "b"])
    }

    @Test func anAgentThatIsNotThereIsNotFound() throws {
        var model = Model()
        let id = ResourceID(rawValue: 1)
        expectRefusal("AgentNotFound", "Agent \(id) could not be found.", kind: .notFound) {
            _ = try model.state.updateAgent(id, AgentRequest(), in: model.context)
        }
        expectRefusal("AgentNotFound") { _ = try model.state.deleteAgent(id, in: model.context) }
        let agent = try model.commit(
            model.state.heartbeat(report("h"), in: model.context, using: &model.generator))
        #expect(try model.state.updateAgent(agent.id, AgentRequest(), in: model.context).isNoChange)
        try model.commit(model.state.deleteAgent(agent.id, in: model.context))
        #expect(model.state.agents.count == 0 && model.state.agent(type: "DHCP agent", host: "h") == nil)
    }

    @Test func textsHaveLimits() throws {
        var model = Model()
        let long = String(repeating: "x", count: 256)
        expectRefusal("HTTPBadRequest", "Invalid input for host") {
            _ = try model.state.heartbeat(report(long), in: model.context, using: &model.generator)
        }
    }
}
