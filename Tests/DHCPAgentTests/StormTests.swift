import Addressing
import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel
import Testing

@testable import DHCPAgent

@Suite(.timeLimit(.minutes(20))) struct AgentStormTests {
    @Test func `whatever happens when, in the end the servers serve the truth and all ports are ACTIVE`()
        async throws
    {
        let driver = FakeDHCPDriver(delay: {
            if Bool.random() { try? await Task.sleep(for: .microseconds(Int.random(in: 0...800))) }
        })
        // Patience with calls that hang would let more of them run at a time where the machine is slow.
        let fixture = Fixture(driver: driver) { $0.patience = .seconds(3600) }
        let source = fixture.source
        try await fixture.run {
            let networks = (0..<20).map { _ in source.addNetwork() }
            try await withThrowingDiscardingTaskGroup { group in
                for worker in 0..<4 {
                    group.addTask {
                        var mine: [ResourceID] = []
                        for number in 0..<400 {
                            let network = networks[(worker + number * 7) % networks.count]
                            switch Int.random(in: 0..<20) {
                            case 0..<8 where mine.count < 50: mine.append(source.addPort(to: network))
                            case 8..<14:
                                if let port = mine.randomElement() {
                                    source.change(port) { $0.dnsName = "w\(worker)-\(number)" }
                                }
                            case 14..<16 where mine.count > 45: source.deletePort(mine.removeFirst())
                            case 16: driver.kill(network)
                            case 17:
                                source.setDHCP(false, on: network)
                                await Task.yield()
                                source.setDHCP(true, on: network)
                            case 18: source.announceEverything()
                            default:
                                try? fixture.kernel.tamper(
                                    .deleteNamespace(fixture.interfaces.namespace(of: network)))
                            }
                            if number % 8 == 0 {
                                try await Task.sleep(for: .microseconds(Int.random(in: 0...2000)))
                            }
                        }
                        for _ in mine.count..<50 {
                            _ = source.addPort(to: networks.randomElement() ?? networks[0])
                        }
                    }
                }
            }
            #expect(source.allPorts.count { $0.deviceOwner != DeviceOwner.dhcp } == 200)
            try await eventually("all ports are ACTIVE") {
                source.allPorts.count == 220 && source.allPorts.allSatisfy { $0.status == .active }
            }
            try await eventually("the servers serve the truth") {
                networks.allSatisfy { network in
                    driver.isRunning(network)
                        && driver.served(network)?.ports.map(\.served)
                            == source.ports(of: network).map(\.served)
                }
            }
            try await eventually("all is calm") {
                fixture.agent.status().busyNetworks == 0 && fixture.agent.status().problems == []
            }
            let namespaces = Set(networks.map(fixture.interfaces.namespace(of:)))
            try await eventually("all wiring stands") {
                Set(try fixture.kernel.namespaceNames()) == namespaces
            }
        }
        #expect(driver.violations == [])
        #expect(driver.mostConcurrent <= max(2, fixture.agent.context.configuration.parallelism))
    }
}
