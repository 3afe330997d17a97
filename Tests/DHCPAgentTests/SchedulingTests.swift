import DHCPDrivers
import NetworkModel
import NetworkStore
import Testing

@testable import DHCPAgent

/// Which agent serves which network, from an administrator's word to what stands on the hosts.
@Suite(.timeLimit(.minutes(20))) struct SchedulingTests {
    /// The agent's own port, by whom it is for.
    private func dhcpPorts(_ cloud: Cloud, _ network: ResourceID) -> [String: Port] {
        Dictionary(
            cloud.index.read { $0.dhcpPorts(ofNetwork: network) }.map { ($0.deviceID, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func `a network taken from its agent is torn down, and the port waits for its return`()
        async throws
    {
        let cloud = try await Cloud()
        let (driver, kernel) = (FakeDHCPDriver(), FakeKernel())
        try await cloud.run(cloud.agent(driver, kernel)) {
            let network = try await cloud.network()
            let other = try await cloud.network()
            try await eventually("both are served") {
                driver.isRunning(network) && driver.isRunning(other)
                    && cloud.allPorts.allSatisfy { $0.status == .active } && cloud.allPorts.count == 2
            }
            let agent = try await cloud.agentID()
            let mine = dhcpDeviceID(host: "node-1", network: network)
            let before = try #require(dhcpPorts(cloud, network)[mine])

            try await cloud.remove(network, from: agent)
            try await eventually("it is torn down") {
                let names = try kernel.namespaceNames()
                return !driver.isRunning(network) && names == ["qdhcp-\(other)"]
            }
            let waiting = try #require(dhcpPorts(cloud, network)[reservedDHCPDeviceID])
            #expect(waiting.id == before.id && waiting.fixedIPs == before.fixedIPs)
            #expect(driver.isRunning(other))
            // What happens there is nobody's business until somebody is chosen; ports wait for no one.
            let late = try await cloud.port(network)
            try await eventually("the late port does not wait") {
                cloud.index.read { $0.port(late) }?.status == .active
            }
            #expect(!driver.isRunning(network))

            try await cloud.add(network, to: agent)
            try await eventually("it is served again") {
                driver.isRunning(network)
                    && driver.served(network)?.ports.contains { $0.id == late } == true
            }
            let after = try #require(dhcpPorts(cloud, network)[mine])
            #expect(after.id == before.id && after.fixedIPs == before.fixedIPs)
            #expect(after.macAddress == before.macAddress)
            #expect(cloud.index.read { $0.dhcpPorts(ofNetwork: network) }.count == 1)
        }
        #expect(driver.violations == [])
    }

    @Test func `an agent that is taken out of service serves nothing until it is back`() async throws {
        let cloud = try await Cloud()
        let (driver, kernel) = (FakeDHCPDriver(), FakeKernel())
        try await cloud.run(cloud.agent(driver, kernel)) {
            let network = try await cloud.network()
            let port = try await cloud.port(network)
            try await eventually("it is served") {
                cloud.index.read { $0.port(port) }?.status == .active
            }
            // Chosen or not makes no difference to that.
            let agent = try await cloud.agentID()
            try await cloud.remove(network, from: agent)
            try await cloud.add(network, to: agent)
            try await eventually("it is served by choice") { driver.isRunning(network) }
            try await cloud.setAgentUp(false)
            try await eventually("nothing stands") {
                try !driver.isRunning(network) && kernel.namespaceNames().isEmpty
            }
            let late = try await cloud.port(network)
            try await cloud.setAgentUp(true)
            try await eventually("all is served") {
                driver.isRunning(network) && cloud.index.read { $0.port(late) }?.status == .active
            }
        }
        #expect(driver.violations == [])
    }

    @Test func `two agents serve together, and one takes over the other's port`() async throws {
        let cloud = try await Cloud()
        let drivers = [FakeDHCPDriver(), FakeDHCPDriver()]
        let kernels = [FakeKernel(), FakeKernel()]
        let second = cloud.agent(drivers[1], kernels[1], host: "node-2")
        try await cloud.run(cloud.agent(drivers[0], kernels[0])) {
            try await runUntilDone(
                {
                    let network = try await cloud.network()
                    try await eventually("both serve it") {
                        drivers.allSatisfy { $0.isRunning(network) }
                            && cloud.index.read { $0.dhcpPorts(ofNetwork: network) }.count == 2
                    }
                    let (one, two) = (try await cloud.agentID(), try await cloud.agentID("node-2"))
                    let port = try #require(
                        dhcpPorts(cloud, network)[dhcpDeviceID(host: "node-1", network: network)])
                    try await cloud.remove(network, from: two)
                    try await eventually("one serves it") { !drivers[1].isRunning(network) }
                    #expect(drivers[0].isRunning(network))
                    // The one that comes takes a port that waits; the first agent's waits longest.
                    try await cloud.remove(network, from: one)
                    try await eventually("nobody serves it") { !drivers[0].isRunning(network) }
                    #expect(
                        cloud.index.read { $0.dhcpPorts(ofNetwork: network) }.map(\.deviceID)
                            == [reservedDHCPDeviceID, reservedDHCPDeviceID])
                    try await cloud.add(network, to: two)
                    try await eventually("the other serves it") { drivers[1].isRunning(network) }
                    let ports = cloud.index.read { $0.dhcpPorts(ofNetwork: network) }
                    #expect(ports.count == 2 && ports.contains { $0.id == port.id })
                    #expect(
                        ports.filter { $0.deviceID == dhcpDeviceID(host: "node-2", network: network) }.count
                            == 1)
                    #expect(!drivers[0].isRunning(network))
                },
                { try await second.run() })
        }
        #expect(drivers.flatMap(\.violations) == [])
    }

    @Test func `an agent that never reported serves what nobody chose agents for`() async throws {
        let cloud = try await Cloud()
        try await cloud.run {
            let (open, chosen) = (try await cloud.network(), try await cloud.network())
            let elsewhere = StoreNetworkSource(index: cloud.index, host: "node-2")
            try await elsewhere.report(AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
            try await cloud.remove(chosen, from: try await cloud.agentID("node-2"))
            try await cloud.add(chosen, to: try await cloud.agentID("node-2"))
            #expect(try await cloud.source.overview().served == [open])
            #expect(try await elsewhere.overview().served == [open, chosen])
            await #expect(throws: ModelError.self) {
                try await cloud.source.reserveDHCPPort(on: chosen)
            }
        }
    }
}
