import Addressing
import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import NetworkModel
import Synchronization
import Testing

@testable import DHCPAgent

@Suite(.timeLimit(.minutes(20))) struct AgentServingTests {
    @Test func `a network is wired and served, and its ports turn ACTIVE`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 3)
            try await eventually("all ports are ACTIVE") {
                fixture.source.allPorts.count == 4
                    && fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            let port = try #require(fixture.source.dhcpPort(of: network))
            let service = try #require(fixture.driver.served(network))
            #expect(service.ports.count == 4)
            #expect(service.dhcpPort.id == port.id)
            #expect(service.namespace == "qdhcp-\(network)")
            #expect(service.interface == fixture.interfaces.deviceName(of: port.id))
            let addresses = fixture.kernel.addresses(in: service.namespace).map(\.address)
            #expect(port.fixedIPs.allSatisfy { addresses.contains($0.address) })
            #expect(fixture.kernel.rootLinks.contains(fixture.interfaces.bridge(of: network)))
            try await eventually("the status says so") { fixture.status(network)?.ports == 4 }
            let status = try #require(fixture.status(network))
            #expect(status.servedRevision != nil)
            #expect(status.server == .running(pid: 101))
            #expect(status.lastError == nil)
        }
        #expect(fixture.driver.violations == [])
        #expect(fixture.kernel.threads.count == 1)
    }

    @Test func `a port is not ACTIVE before the driver's apply returned`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork()
            try await eventually("the network is served") { fixture.driver.served(network) != nil }
            fixture.driver.closeGate(network)
            let port = fixture.source.addPort(to: network)
            try await eventually("apply is under way") { fixture.driver.isWaiting(network) }
            #expect(fixture.source.port(port)?.status == .down)
            fixture.driver.openGate(network)
            try await eventually("the port is ACTIVE") { fixture.isActive(port) }
        }
    }

    @Test func `a change during a pass is not marked by it, and makes one further pass`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork()
            try await eventually("the network is served") { fixture.driver.served(network) != nil }
            fixture.driver.closeGate(network)
            let port = fixture.source.addPort(to: network)
            try await eventually("apply is under way") { fixture.driver.isWaiting(network) }
            let before = fixture.driver.calls(for: network).count
            for number in 0..<10 {
                fixture.source.change(port) { $0.dnsName = "name-\(number)" }
            }
            fixture.driver.openGate(network)
            try await eventually("the port is ACTIVE") { fixture.isActive(port) }
            // The pass under way, and one more for ten changes.
            #expect(fixture.driver.calls(for: network).count == before + 2)
            #expect(fixture.driver.served(network)?.ports.contains { $0.dnsName == "name-9" } == true)
            #expect(fixture.source.marked.count { $0 == port } == 1)
        }
        #expect(fixture.driver.violations == [])
    }

    @Test func `only the ports that changed are named to the driver`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 5)
            try await eventually("all is served") {
                fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            let ports = fixture.source.ports(of: network).filter { $0.deviceOwner != DeviceOwner.dhcp }
            fixture.source.change(ports[0].id) { $0.dnsName = "other" }
            try await eventually("the change is served") { fixture.isActive(ports[0].id) }
            #expect(fixture.driver.calls(for: network).last?.change == .ports([ports[0].id]))
            fixture.source.deletePort(ports[1].id)
            try await eventually("the deletion is served") {
                fixture.driver.served(network)?.ports.contains { $0.id == ports[1].id } == false
            }
            #expect(fixture.driver.calls(for: network).last?.change == .ports([ports[1].id]))
            fixture.source.changeNetwork(network) { $0.mtu = 1400 }
            try await eventually("the MTU is served") { fixture.driver.served(network)?.network.mtu == 1400 }
            #expect(fixture.driver.calls(for: network).last?.change == .anything)
        }
        #expect(fixture.driver.violations == [])
    }

    @Test func `a change of ports alone does not trouble the kernel`() async throws {
        let gate = AuditGate()
        let fixture = Fixture(time: gate.time()) {
            $0.auditInterval = .zero
            $0.auditThrottle = AuditGate.throttle
        }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("all is served") {
                fixture.source.allPorts.count == 2
                    && fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            try await eventually("the passes are over") { fixture.agent.status().busyNetworks == 0 }
            let seen = try await fixture.observationsAfterAudit(gate)
            let port = fixture.source.addPort(to: network)
            try await eventually("the port is ACTIVE") { fixture.isActive(port) }
            #expect(fixture.kernel.observations == seen)
            fixture.source.changeNetwork(network) { $0.mtu = 1400 }
            try await eventually("the MTU is served") { fixture.driver.served(network)?.network.mtu == 1400 }
            #expect(fixture.kernel.observations > seen)
        }
    }

    @Test func `what clients do not see does not reach the driver`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("all is served") {
                fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            let port = try #require(fixture.source.allPorts.first { $0.deviceOwner != DeviceOwner.dhcp })
            let calls = fixture.driver.calls.count
            fixture.source.change(port.id) { $0.standard.name = "renamed" }
            try await eventually("the port is ACTIVE again") { fixture.isActive(port.id) }
            fixture.source.changeNetwork(network) { $0.standard.tags = ["x"] }
            fixture.source.announceEverything()
            let other = fixture.source.addNetwork()
            try await eventually("a later network is served") { fixture.driver.served(other) != nil }
            #expect(fixture.driver.calls(for: network).count == calls)
        }
    }

    @Test func `a port that is administratively down stays DOWN`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 2)
            let ports = fixture.source.ports(of: network).map(\.id)
            fixture.source.change(ports[0]) { $0.adminStateUp = false }
            try await eventually("the other port is ACTIVE") { fixture.isActive(ports[1]) }
            #expect(fixture.source.port(ports[0])?.status == .down)
        }
    }

    @Test func `ports of a network without DHCP turn ACTIVE without a driver`() async throws {
        let fixture = Fixture()
        let early = fixture.source.addNetwork(dhcp: false, ports: 1)
        try await fixture.run {
            let late = fixture.source.addNetwork(dhcp: false, ports: 2)
            try await eventually("all are ACTIVE") {
                fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            #expect(fixture.source.ports(of: early).count + fixture.source.ports(of: late).count == 3)
        }
        #expect(fixture.driver.calls.isEmpty)
        #expect(fixture.driver.removed.isEmpty)
        #expect(fixture.kernel.steps.isEmpty)
        #expect(fixture.agent.status().networks.isEmpty)
    }

    @Test func `an apply that hangs on one network does not delay another`() async throws {
        let fixture = Fixture { configuration in
            configuration.parallelism = 2
            configuration.patience = .milliseconds(20)
        }
        try await fixture.run {
            let hung = (0..<4).map { _ in fixture.source.addNetwork() }
            try await eventually("four networks are served") {
                hung.allSatisfy { fixture.driver.served($0) != nil }
            }
            for network in hung { fixture.driver.closeGate(network) }
            let stuck = hung.map { fixture.source.addPort(to: $0) }
            // More calls hang than may run at a time: patience lets them in and the next network after them.
            let other = fixture.source.addNetwork(ports: 1)
            try await eventually("the other network is served") {
                fixture.source.ports(of: other).count == 2
                    && fixture.source.ports(of: other).allSatisfy { $0.status == .active }
            }
            #expect(!stuck.contains { fixture.isActive($0) })
            for network in hung { fixture.driver.openGate(network) }
            try await eventually("the others are served") { stuck.allSatisfy { fixture.isActive($0) } }
        }
        #expect(fixture.driver.violations == [])
    }

    @Test func `a heartbeat comes at once, and tells of problems and their end`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            try await eventually("the first heartbeat") { !fixture.source.reports.isEmpty }
            let network = fixture.source.addNetwork(ports: 1) {
                fixture.driver.fail(
                    $0, with: .init(.startFailed, operation: "start dnsmasq", detail: "bad option"))
            }
            try await eventually("the problem is reported") {
                fixture.source.reports.last?.problems.contains { $0.contains("bad option") } == true
            }
            fixture.driver.fail(network, with: nil)
            try await eventually("the end is reported") {
                fixture.source.reports.last?.problems == [] && fixture.source.reports.last?.networks == 1
            }
            let report = try #require(fixture.source.reports.last)
            #expect(report.subnets == 1)
            #expect(report.ports == 2)
            #expect(report.dhcpDriver == "neutron.agent.linux.dhcp.Dnsmasq")
        }
    }
}

@Suite(.timeLimit(.minutes(20))) struct AgentFailureTests {
    let error = DHCPDriverError(.startFailed, operation: "start dnsmasq", detail: "unknown option foo")

    @Test func `a failure marks waiting ports ERROR with its words, and its end makes them ACTIVE`()
        async throws
    {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            let port = try #require(fixture.source.ports(of: network).first)
            fixture.driver.fail(network, with: error)
            fixture.source.changeNetwork(network) { $0.mtu = 1400 }
            let late = fixture.source.addPort(to: network)
            try await eventually("the port is in ERROR") { fixture.source.port(late)?.status == .error }
            #expect(fixture.source.port(late)?.statusDetail == "start dnsmasq: unknown option foo")
            try await eventually("the status tells the next retry") {
                fixture.status(network)?.nextRetry != nil
            }
            #expect(fixture.status(network)?.lastError == "start dnsmasq: unknown option foo")
            fixture.driver.fail(network, with: nil)
            try await eventually("both are ACTIVE") { fixture.isActive(port.id) && fixture.isActive(late) }
            #expect(fixture.source.port(late)?.statusDetail == "")
            try await eventually("the status is well") { fixture.status(network)?.lastError == nil }
            #expect(fixture.status(network)?.nextRetry == nil)
            #expect(fixture.journal(network).contains("works again"))
        }
    }

    @Test func `a port that is served keeps its status when a change fails`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("all is served") {
                fixture.source.allPorts.count == 2
                    && fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
            fixture.driver.fail(network, with: error)
            let late = fixture.source.addPort(to: network)
            try await eventually("the new port is in ERROR") { fixture.source.port(late)?.status == .error }
            #expect(fixture.source.allPorts.count { $0.status == .active } == 2)
        }
    }

    @Test func `retries wait longer and longer, and the marks they make do not hasten them`() async throws {
        let sleeps = Shared<[Duration]>([])
        let system = AgentTime.system
        let backoff = Backoff(first: .seconds(1000), longest: .seconds(9000))
        let time = AgentTime(
            now: system.now, uptime: system.uptime,
            sleep: { duration in
                guard duration >= .seconds(500) else { return try await system.sleep(duration) }
                sleeps.withLock { $0.append(duration) }
                try await system.sleep(duration / 100_000)
            })
        let fixture = Fixture(time: time) { $0.backoff = backoff }
        try await fixture.run {
            // A start that met the network would make a try of its own.
            _ = try await fixture.summary()
            _ = fixture.source.addNetwork(ports: 3) { fixture.driver.fail($0, with: error) }
            try await eventually("six retries") { sleeps.withLock { $0.count } >= 6 }
        }
        let waits = sleeps.withLock { Array($0.prefix(6)) }
        for (wait, most) in zip(waits, [1000, 2000, 4000, 8000, 9000, 9000]) {
            #expect(wait <= .seconds(most))
            #expect(wait >= .seconds(most / 2))
        }
    }

    @Test func `a change by a user is tried at once, however long the wait`() async throws {
        let fixture = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            let port = try #require(fixture.source.ports(of: network).first)
            fixture.driver.fail(network, with: error)
            fixture.source.change(port.id) { $0.dnsName = "bad" }
            try await eventually("the port is in ERROR") { fixture.source.port(port.id)?.status == .error }
            fixture.driver.fail(network, with: nil)
            fixture.source.change(port.id) { $0.dnsName = "good" }
            try await eventually("the port is ACTIVE") { fixture.isActive(port.id) }
        }
    }

    @Test func `a kernel step that fails is planned anew, and a second failure is told`() async throws {
        let fixture = Fixture()
        let busy = KernelError(
            operation: "create veth", object: "tap", errno: 16, detail: "Device or resource busy")
        try await fixture.run {
            fixture.kernel.failNext(busy)
            let first = fixture.source.addNetwork(ports: 1)
            try await eventually("the first network is served") { fixture.driver.served(first) != nil }
            #expect(!fixture.journal(first).contains { $0.contains("busy") })
            fixture.kernel.failNext(busy, busy)
            let second = fixture.source.addNetwork(ports: 1)
            try await eventually("the second network is served") { fixture.driver.served(second) != nil }
            #expect(fixture.journal(second).contains { $0.contains("Device or resource busy") })
        }
    }

    @Test func `a source that cannot reserve or mark is asked again`() async throws {
        let fixture = Fixture()
        fixture.source.failReservations(true)
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("the failure is told") {
                fixture.status(network)?.lastError == "the source is away"
            }
            fixture.source.failMarks(1)
            fixture.source.failReservations(false)
            try await eventually("all is ACTIVE") {
                fixture.source.allPorts.count == 2
                    && fixture.source.allPorts.allSatisfy { $0.status == .active }
            }
        }
    }

    @Test func `a server that dies is started again at once`() async throws {
        let fixture = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("the status is there") { fixture.status(network)?.servedRevision != nil }
            fixture.driver.kill(network)
            try await eventually("it runs again") { fixture.driver.isRunning(network) }
            try await eventually("the journal tells") {
                fixture.journal(network).contains { $0.contains("started again dnsmasq (pid 102)") }
            }
            #expect(fixture.journal(network).contains { $0.contains("dnsmasq died (pid 101)") })
            #expect(fixture.driver.calls(for: network).last?.change == .anything)
        }
    }

    @Test func `a server that dies while it is being started does not hasten the next start`() async throws {
        let fixture = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            fixture.driver.fail(network, with: error)
            fixture.source.announceEverything()
            try await eventually("the failure is told, or all is served") {
                fixture.status(network)?.lastError != nil || fixture.status(network)?.servedRevision != nil
            }
            // Whichever came first: one death more, and the server stays down until the retry.
            if fixture.status(network)?.lastError == nil {
                fixture.driver.kill(network)
                try await eventually("the failure is told") { fixture.status(network)?.lastError != nil }
            }
            let attempts = fixture.driver.attempts
            fixture.driver.kill(network)
            let other = fixture.source.addNetwork()
            try await eventually("a later network is served") { fixture.driver.served(other) != nil }
            #expect(fixture.driver.attempts == attempts + 1)
        }
    }

    @Test func `a server that dies again and again is started less and less often`() async throws {
        let sleeps = Shared<[Duration]>([])
        let system = AgentTime.system
        let time = AgentTime(
            now: system.now, uptime: system.uptime,
            sleep: { duration in
                guard duration >= .seconds(500) else { return try await system.sleep(duration) }
                sleeps.withLock { $0.append(duration) }
                try await system.sleep(duration / 100_000)
            })
        let fixture = Fixture(time: time) {
            $0.backoff = Backoff(first: .seconds(1000), longest: .seconds(9000))
            // However long the test takes, no server lives for as long as that.
            $0.calm = .seconds(1_000_000)
        }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            for death in 1...4 {
                try await eventually("start \(death)") {
                    fixture.status(network)?.server == .running(pid: Int32(100 + death))
                }
                fixture.driver.kill(network)
            }
            try await eventually("it runs again") { fixture.driver.isRunning(network) }
            try await eventually("all is well") { fixture.status(network)?.lastError == nil }
        }
        let waits = sleeps.withLock { $0 }
        #expect(waits.count == 3)
        for (wait, most) in zip(waits, [1000, 2000, 4000]) {
            #expect(wait <= .seconds(most))
            #expect(wait >= .seconds(most / 2))
        }
    }
}
