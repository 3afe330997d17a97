import Addressing
import DHCPDrivers
import InterfaceDrivers
import KernelPlan
import Logging
import NetworkModel
import ServiceLifecycle
import Testing

@testable import DHCPAgent

extension Fixture {
    /// Another agent over the same cloud, kernel and servers: what a restart of the process makes.
    func restarted(configure: (inout AgentConfiguration) -> Void = { _ in }) -> Fixture {
        let driver = FakeDHCPDriver()
        for network in Set(self.driver.calls.map(\.service.network.id)) {
            if let service = self.driver.served(network) { driver.preload(service) }
        }
        return Fixture(source: source, driver: driver, kernel: kernel, configure: configure)
    }

    /// Waits for the end of the start, and until the journal has it, and returns its summary.
    func summary() async throws -> StartSummary {
        try await eventually("the start is over") { agent.status().start != nil }
        let summary = try #require(agent.status().start)
        try await eventually("the journal tells of it") { journal().contains(summary.description) }
        return summary
    }

    func allActive() async throws {
        try await eventually("all ports are ACTIVE") {
            source.allPorts.allSatisfy { $0.status == .active } && !source.allPorts.isEmpty
        }
    }
}

@Suite(.timeLimit(.minutes(20))) struct AgentStartTests {
    /// A fixture whose agent has run and stopped.
    func settled(networks: Int, ports: Int = 2) async throws -> (Fixture, [ResourceID]) {
        let fixture = Fixture()
        var ids: [ResourceID] = []
        for _ in 0..<networks { ids.append(fixture.source.addNetwork(ports: ports)) }
        let made = ids
        try await fixture.run {
            let summary = try await fixture.summary()
            #expect(summary.started == networks)
            try await fixture.allActive()
            try await eventually("all is said") { fixture.agent.status().busyNetworks == 0 }
            #expect(fixture.source.allPorts.count == made.count * (ports + 1))
        }
        return (fixture, ids)
    }

    @Test func `a restart adopts what is right and writes nothing`() async throws {
        let (first, ids) = try await settled(networks: 20)
        let second = first.restarted()
        let (writes, steps) = (first.source.writes, first.kernel.steps.count)
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.adopted == 20)
            #expect(summary.description.hasPrefix("adopted 20, changed 0, removed 0 in "))
            #expect(second.journal().contains { $0.hasPrefix("adopted 20, changed 0, removed 0 in ") })
            #expect(second.agent.status().servedNetworks == 20)
        }
        #expect(first.source.writes == writes)
        #expect(first.kernel.steps.count == steps)
        #expect(second.driver.calls.count == ids.count)
        #expect(second.driver.calls.allSatisfy { $0.outcome == .unchanged && $0.change == .anything })
    }

    @Test func `a driver that cannot tell what it served keeps no network waiting, and tells later`()
        async throws
    {
        let (first, ids) = try await settled(networks: 3)
        let second = first.restarted()
        let left = ResourceID(rawValue: 4711)
        second.driver.leaveBehind(left)
        second.driver.blind(3)
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.adopted == 3)
            try await eventually("what is left over is removed") { second.driver.removed == [left] }
            #expect(second.journal().contains { $0.hasPrefix("could not find out what was served before") })
        }
        #expect(second.driver.calls.count == ids.count)
    }

    /// An agent whose servers ended with the one before, over the same cloud and kernel.
    private func nativeRestart(
        of first: Fixture, _ ids: [ResourceID], time: AgentTime = .system,
        configure: (inout AgentConfiguration) -> Void = { _ in }
    ) -> Fixture {
        let driver = FakeDHCPDriver(isNative: true)
        for id in ids { driver.leaveState(id) }
        return Fixture(
            source: first.source, driver: driver, kernel: first.kernel, time: time, configure: configure)
    }

    @Test func `servers that ended with the process answer before anybody looks at the wiring`() async throws
    {
        let (first, ids) = try await settled(networks: 20)
        let (writes, steps, seen) = (
            first.source.writes, first.kernel.steps.count, first.kernel.observations
        )
        let gate = AuditGate()
        let second = nativeRestart(of: first, ids, time: gate.time()) {
            $0.auditInterval = .zero
            $0.auditThrottle = AuditGate.throttle
        }
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.started == 20)
            #expect(second.driver.calls.count == ids.count)
            #expect(first.kernel.observations == seen)
            gate.open()
            try await eventually("the first audit") { first.kernel.observations >= seen + 20 }
        }
        #expect(first.source.writes == writes)
        #expect(first.kernel.steps.count == steps)
        #expect(second.driver.calls.count == ids.count)
    }

    @Test func `wiring that was taken to stand and does not is repaired by the first audit`() async throws {
        let (first, ids) = try await settled(networks: 3)
        let port = try #require(first.source.dhcpPort(of: ids[0]))
        let outer = LinkPlace(first.interfaces.outerDeviceName(of: port.id))
        try first.kernel.tamper(.setMTU(outer, 1300))
        let second = nativeRestart(of: first, ids) { $0.auditInterval = .zero }
        try await second.run {
            #expect(try await second.summary().started == 3)
            try await eventually("it is repaired") {
                second.journal(ids[0]).contains { $0.hasPrefix("repaired the wiring") }
            }
        }
        #expect(second.driver.calls(for: ids[1]).count == 1)
    }

    @Test func `a server that cannot start on what was left gets its wiring first`() async throws {
        let (first, ids) = try await settled(networks: 3)
        let port = try #require(first.source.dhcpPort(of: ids[0]))
        try first.kernel.tamper(.deleteLink(LinkPlace(first.interfaces.outerDeviceName(of: port.id))))
        let second = nativeRestart(of: first, ids)
        second.driver.failOnce(ids[0], with: DHCPDriverError(.wiring, operation: "open", detail: "no device"))
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.failed == 0)
            #expect(second.journal(ids[0]).contains { $0.hasPrefix("wired") })
            #expect(second.status(ids[0])?.lastError == nil)
        }
    }

    @Test(arguments: [true, false])
    func `what changes while the start looks is not put back`(isNative: Bool) async throws {
        let (first, ids) = try await settled(networks: 2)
        let driver = FakeDHCPDriver(isNative: isNative)
        for id in ids { driver.leaveState(id) }
        let second = Fixture(source: first.source, driver: driver, kernel: first.kernel)
        let network = ids[0]
        let made = Shared<ResourceID?>(nil)
        second.driver.onAsked { asked in
            // The start has read what to serve; now that changes, and is served, before it goes on.
            guard asked == network, made.withLock({ $0 }) == nil else { return }
            let port = second.source.addPort(to: network)
            made.withLock { $0 = port }
            while second.driver.served(network)?.ports.contains(where: { $0.id == port }) != true {
                try? await Task.sleep(for: .milliseconds(1))
            }
        }
        try await second.run {
            _ = try await second.summary()
            try await eventually("all is said") { second.agent.status().busyNetworks == 0 }
            let port = try #require(made.withLock { $0 })
            #expect(second.driver.served(network)?.ports.contains { $0.id == port } == true)
        }
    }

    @Test func `a port that waits to be reported ready waits for the look at the wiring`() async throws {
        let (first, ids) = try await settled(networks: 1)
        let port = try #require(first.source.dhcpPort(of: ids[0]))
        let new = first.source.addPort(to: ids[0])
        try first.kernel.tamper(.deleteLink(LinkPlace(first.interfaces.outerDeviceName(of: port.id))))
        let second = nativeRestart(of: first, ids) { $0.auditInterval = .zero }
        try await second.run {
            _ = try await second.summary()
            try await eventually("it is ready") { second.isActive(new) }
            #expect(second.journal(ids[0]).contains { $0.hasPrefix("wired") })
        }
    }

    @Test func `a start repairs, starts and removes what needs it, and counts each`() async throws {
        let (first, ids) = try await settled(networks: 6)
        let source = first.source
        // While the agent is away: a network loses its veth, one changes, one goes, one loses DHCP, one comes.
        let port = try #require(source.dhcpPort(of: ids[0]))
        try first.kernel.tamper(.deleteLink(LinkPlace(first.interfaces.outerDeviceName(of: port.id))))
        source.change(source.ports(of: ids[1])[0].id) { $0.dnsName = "new-name" }
        source.deleteNetwork(ids[2])
        source.setDHCP(false, on: ids[3])
        let new = source.addNetwork(ports: 1)
        let second = first.restarted()
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.adopted == 2)
            #expect(summary.changed == 2)
            #expect(summary.removed == 2)
            #expect(summary.started == 1)
            #expect(summary.failed == 0)
            try await second.allActive()
        }
        #expect(Set(second.driver.removed) == [ids[2], ids[3]])
        #expect(source.dhcpPort(of: ids[3]) == nil)
        #expect(second.driver.served(new) != nil)
        let names = Set(try first.kernel.namespaceNames())
        #expect(names == Set([ids[0], ids[1], ids[4], ids[5], new].map(first.interfaces.namespace(of:))))
    }

    @Test func `another Neutron's namespaces are left alone and told of`() async throws {
        let fixture = Fixture()
        let foreign = "qdhcp-0f3c2e7a-3a55-4a3c-8f0b-5a7b1c2d3e4f"
        fixture.kernel.addNamespace(foreign)
        fixture.kernel.addNamespace("qdhcp-of-somebody")
        let ours = ResourceID(rawValue: 77 << 96)
        fixture.kernel.addNamespace(fixture.interfaces.namespace(of: ours))
        fixture.driver.leaveBehind(ours)
        try await fixture.run {
            let summary = try await fixture.summary()
            #expect(summary.removed == 1)
        }
        #expect(try fixture.kernel.namespaceNames() == [foreign, "qdhcp-of-somebody"].sorted())
        #expect(fixture.driver.removed == [ours])
        #expect(fixture.journal().contains { $0.contains(foreign) && $0.contains("left a namespace alone") })
    }

    @Test func `a driver that cannot work is a problem of the agent, not its end`() async throws {
        let fixture = Fixture()
        fixture.driver.require(.init(.requirement, operation: "find dnsmasq", detail: "not in PATH"))
        try await fixture.run {
            _ = try await fixture.summary()
            #expect(fixture.agent.status().problems == ["find dnsmasq: not in PATH"])
            try await eventually("it is reported") {
                fixture.source.reports.contains { $0.problems == ["find dnsmasq: not in PATH"] }
            }
        }
    }

    @Test func `a requirement that is met later ends the agent's problem`() async throws {
        let fixture = Fixture()
        let missing = DHCPDriverError(.requirement, operation: "find dnsmasq", detail: "not in PATH")
        fixture.driver.require(missing)
        try await fixture.run {
            try await eventually("the problem is told") {
                fixture.agent.status().problems == ["find dnsmasq: not in PATH"]
            }
            fixture.driver.require(nil)
            let network = fixture.source.addNetwork(ports: 1)
            try await eventually("the network is served") { fixture.driver.served(network) != nil }
            try await eventually("the problem is over") { fixture.agent.status().problems == [] }
            try await eventually("the end is reported") { fixture.source.reports.last?.problems == [] }
        }
    }

    @Test func `a thousand networks are adopted with one look at the kernel`() async throws {
        let (first, _) = try await settled(networks: 1000, ports: 1)
        // However long the start takes: no audits by the clock meanwhile.
        let second = first.restarted { $0.auditInterval = .zero }
        let observations = first.kernel.observations
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.adopted == 1000)
            print("adoption with fakes: \(summary)", summary.duration)
        }
        #expect(first.kernel.observations - observations < 1100 + 1000 * 3)
    }

    @Test func `a graceful shutdown ends the pass under way and leaves everything`() async throws {
        let fixture = Fixture()
        let network = fixture.source.addNetwork(ports: 1)
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: fixture.agent)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await fixture.allActive()
            fixture.driver.closeGate(network)
            let port = fixture.source.addPort(to: network)
            try await eventually("a pass is under way") { fixture.driver.isWaiting(network) }
            await group.triggerGracefulShutdown()
            try await eventually("the agent heard of it") { fixture.agent.queue.isClosed }
            let late = fixture.source.addNetwork(ports: 1)
            fixture.driver.openGate(network)
            try await tasks.waitForAll()
            #expect(fixture.isActive(port))
            #expect(fixture.driver.served(late) == nil)
        }
        #expect(fixture.driver.removed == [])
        #expect(fixture.driver.isRunning(network))
        #expect(try fixture.kernel.namespaceNames() == [fixture.interfaces.namespace(of: network)])
        #expect(fixture.source.dhcpPort(of: network) != nil)
    }

    @Test func `a graceful shutdown does not wait for a retry`() async throws {
        let fixture = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        let network = fixture.source.addNetwork(ports: 1)
        fixture.driver.fail(network, with: .init(.startFailed, operation: "start", detail: "no"))
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: fixture.agent)],
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await eventually("it failed") { fixture.status(network)?.nextRetry != nil }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}

@Suite(.timeLimit(.minutes(20))) struct AgentRemovalTests {
    @Test func `a deleted network is taken down to the last device`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 2)
            try await fixture.allActive()
            fixture.source.deleteNetwork(network)
            try await eventually("it is gone") { fixture.agent.status().networks.isEmpty }
            #expect(fixture.driver.removed == [network])
            #expect(try fixture.kernel.namespaceNames() == [])
            #expect(fixture.kernel.rootLinks == [])
            #expect(fixture.journal(network).last == "removed: not to be served here")
        }
    }

    @Test func `the driver's state goes last, so that a removal cut short is finished by the next start`()
        async throws
    {
        let first = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        let network = first.source.addNetwork(ports: 1)
        let busy = KernelError(operation: "delete namespace", object: "x", errno: 16, detail: "busy")
        try await first.run {
            try await first.allActive()
            try await eventually("the pass is over") { first.agent.status().busyNetworks == 0 }
            first.kernel.failNext(busy)
            first.source.deleteNetwork(network)
            try await eventually("the failure is told") { first.status(network)?.lastError != nil }
            #expect(first.driver.removed == [])
        }
        let second = first.restarted()
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.removed == 1)
        }
        #expect(second.driver.removed == [network])
        #expect(try first.kernel.namespaceNames() == [])
        #expect(first.kernel.rootLinks == [])
    }

    @Test func `a bridge that the server's end sets free goes, too`() async throws {
        let first = Fixture()
        let network = first.source.addNetwork(ports: 1)
        try await first.run {
            try await first.allActive()
            try await eventually("the pass is over") { first.agent.status().busyNetworks == 0 }
        }
        // The namespace has lost its name, the server holds on to what is in it: only the bridge and the
        // outer end show, and nobody knows the port any more.
        let port = try #require(first.source.dhcpPort(of: network))
        let outer = LinkPlace(first.interfaces.outerDeviceName(of: port.id))
        first.kernel.hideNamespace(first.interfaces.namespace(of: network))
        first.source.deleteNetwork(network)
        let second = first.restarted()
        second.driver.onRemove { try? first.kernel.tamper(.deleteLink(outer)) }
        try await second.run {
            let summary = try await second.summary()
            #expect(summary.removed == 1)
        }
        #expect(first.kernel.rootLinks == [])
    }

    @Test(arguments: [0, 1, 2])
    func `a network that is not to be served is removed, and served again later`(way: Int) async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 2)
            try await fixture.allActive()
            let set: @Sendable (Bool) -> Void = { up in
                switch way {
                case 0: fixture.source.setDHCP(up, on: network)
                case 1: fixture.source.changeNetwork(network) { $0.adminStateUp = up }
                default: fixture.source.setAgentUp(up)
                }
            }
            for _ in 0..<3 {
                set(false)
                try await eventually("it is removed") {
                    fixture.agent.status().networks.isEmpty && fixture.source.dhcpPort(of: network) == nil
                }
                #expect(try fixture.kernel.namespaceNames() == [])
                #expect(!fixture.driver.isRunning(network))
                set(true)
                try await eventually("it is served") {
                    fixture.driver.isRunning(network)
                        && fixture.source.dhcpPort(of: network)?.status == .active
                }
            }
        }
        #expect(fixture.driver.violations == [])
    }

    @Test func `a removal that fails is tried again`() async throws {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork()
            try await fixture.allActive()
            fixture.driver.fail(network, with: .init(.file, operation: "remove", detail: "busy"))
            fixture.source.deleteNetwork(network)
            try await eventually("the failure is told") {
                fixture.status(network)?.lastError == "remove: busy"
            }
            fixture.driver.fail(network, with: nil)
            try await eventually("it is gone") { fixture.agent.status().networks.isEmpty }
            #expect(try fixture.kernel.namespaceNames() == [])
        }
    }

    @Test func `a network deleted while it fails is removed at once`() async throws {
        let fixture = Fixture { $0.backoff = Backoff(first: .seconds(3600), longest: .seconds(3600)) }
        try await fixture.run {
            fixture.source.failReservations(true)
            let network = fixture.source.addNetwork()
            try await eventually("the failure is told") { fixture.status(network)?.lastError != nil }
            fixture.source.deleteNetwork(network)
            try await eventually("it is gone") { fixture.agent.status().networks.isEmpty }
            #expect(fixture.agent.status().problems == [])
        }
    }
}

@Suite(.timeLimit(.minutes(20))) struct AgentDriftTests {
    @Test func `wiring that somebody changed is put right, and the journal says what was wrong`() async throws
    {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.status(network)?.servedRevision != nil }
            let port = try #require(fixture.source.dhcpPort(of: network))
            let outer = LinkPlace(fixture.interfaces.outerDeviceName(of: port.id))
            try fixture.kernel.tamper(.setMTU(outer, 1300))
            try await eventually("it is repaired") {
                fixture.journal(network).contains {
                    $0.contains("repaired the wiring: MTU of \(outer) is 1300")
                }
            }
            try fixture.kernel.tamper(.deleteLink(outer))
            try await eventually("the device is back") { fixture.kernel.rootLinks.contains(outer.name) }
            try await eventually("and the pass is over") { fixture.agent.status().busyNetworks == 0 }
            let addresses = fixture.kernel.addresses(in: fixture.interfaces.namespace(of: network))
            #expect(
                port.fixedIPs.allSatisfy { fixedIP in addresses.contains { $0.address == fixedIP.address } })
            #expect(fixture.driver.removed == [])
        }
    }

    @Test func `after its namespace was made anew a server is compared from the ground up, not removed`()
        async throws
    {
        let fixture = Fixture()
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.status(network)?.servedRevision != nil }
            try fixture.kernel.tamper(.deleteNamespace(fixture.interfaces.namespace(of: network)))
            try await eventually("it is started anew") {
                fixture.driver.calls(for: network).count > 1
            }
            #expect(fixture.driver.calls(for: network)[1].change == .anything)
            #expect(fixture.driver.removed == [])
        }
    }

    @Test func `after a failure that changed the wiring the driver compares everything`() async throws {
        let fixture = Fixture { $0.auditInterval = .zero }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.agent.status().busyNetworks == 0 }
            fixture.driver.fail(network, with: .init(.startFailed, operation: "start", detail: "no"))
            // The MTU changes the wiring; the driver fails after that.
            fixture.source.changeNetwork(network) { $0.mtu = 1400 }
            try await eventually("the failure is told") { fixture.status(network)?.lastError != nil }
            let steps = fixture.kernel.steps.count
            fixture.driver.fail(network, with: nil)
            try await eventually("it is served") { fixture.status(network)?.lastError == nil }
            #expect(fixture.kernel.steps.count == steps)
            #expect(fixture.driver.calls(for: network).last?.change == .anything)
        }
    }

    @Test func `an audit interval of zero means no audits by the clock`() async throws {
        let sleeps = Shared<[Duration]>([])
        let gate = AuditGate()
        let time = gate.time { duration in
            sleeps.withLock { $0.append(duration) }
            try await AgentTime.system.sleep(duration)
        }
        let (events, watcher) = AsyncStream<WiringChange>.makeStream()
        let fixture = Fixture(kernelEvents: events, time: time) {
            $0.auditInterval = .zero
            $0.auditThrottle = AuditGate.throttle
        }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.agent.status().busyNetworks == 0 }
            let port = try #require(fixture.source.dhcpPort(of: network))
            let outer = LinkPlace(fixture.interfaces.outerDeviceName(of: port.id))
            // The look that follows a first pass; then nobody looks any more.
            let seen = try await fixture.observationsAfterAudit(gate)
            try fixture.kernel.tamper(.setMTU(outer, 1300))
            try await Task.sleep(for: .milliseconds(300))
            #expect(fixture.kernel.observations == seen)
            #expect(!sleeps.withLock { $0.contains(.zero) })
            watcher.yield(.link(outer.name))
            try await eventually("the event brings the repair") {
                fixture.journal(network).contains { $0.contains("repaired the wiring") }
            }
        }
    }

    @Test func `an audit that finds nothing does nothing`() async throws {
        let fixture = Fixture { $0.auditInterval = .milliseconds(5) }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.agent.status().busyNetworks == 0 }
            let (calls, steps, seen) = (
                fixture.driver.calls.count, fixture.kernel.steps.count, fixture.kernel.observations
            )
            try await eventually("a few audits") { fixture.kernel.observations > seen + 5 }
            #expect(fixture.driver.calls.count == calls)
            #expect(fixture.kernel.steps.count == steps)
            #expect(fixture.status(network)?.lastError == nil)
        }
    }

    @Test func `a change of the host's links brings an audit before its time`() async throws {
        let (events, watcher) = AsyncStream<WiringChange>.makeStream()
        let fixture = Fixture(kernelEvents: events) { $0.auditInterval = .seconds(3600) }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.agent.status().busyNetworks == 0 }
            let port = try #require(fixture.source.dhcpPort(of: network))
            let outer = LinkPlace(fixture.interfaces.outerDeviceName(of: port.id))
            try fixture.kernel.tamper(.deleteLink(outer))
            #expect(!fixture.kernel.rootLinks.contains(outer.name))
            watcher.yield(.link(outer.name))
            try await eventually("the device is back") { fixture.kernel.rootLinks.contains(outer.name) }
        }
    }

    @Test func `an audit that cannot look says so once, and looks again as soon as somebody does`()
        async throws
    {
        let (events, watcher) = AsyncStream<WiringChange>.makeStream()
        let gate = AuditGate()
        let fixture = Fixture(kernelEvents: events, time: gate.time()) {
            $0.auditInterval = .zero
            $0.auditThrottle = AuditGate.throttle
        }
        try await fixture.run {
            let network = fixture.source.addNetwork(ports: 1)
            try await fixture.allActive()
            try await eventually("the pass is over") { fixture.agent.status().busyNetworks == 0 }
            _ = try await fixture.observationsAfterAudit(gate)
            let port = try #require(fixture.source.dhcpPort(of: network))
            let outer = LinkPlace(fixture.interfaces.outerDeviceName(of: port.id))
            try fixture.kernel.tamper(.deleteLink(outer))
            fixture.kernel.blind(KernelError(operation: "list", object: "links", errno: 23, detail: "no"))
            for _ in 0..<3 {
                let seen = fixture.kernel.observations
                watcher.yield(.link(outer.name))
                try await eventually("a look") { fixture.kernel.observations > seen }
            }
            fixture.kernel.blind(nil)
            // Of something else: it brings a look, and what could not be seen before is looked at, too.
            watcher.yield(.link("tap-other"))
            try await eventually("the device is back") { fixture.kernel.rootLinks.contains(outer.name) }
            try await eventually("the end of the trouble is told") {
                fixture.journal().contains { $0.hasPrefix("can look at wirings again") }
            }
            #expect(
                fixture.journal().count { $0.hasPrefix("could not look at the wiring of 1 networks") } == 1)
        }
    }
}
