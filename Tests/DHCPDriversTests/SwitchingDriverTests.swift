import Addressing
import DHCPDrivers
import Locks
import Logging
import NetworkModel
import Testing

/// A driver that notes what it is asked to do, in a log that it shares with others.
private final class NotingDriver: DHCPDriver {
    final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        func clear() { lines.withLock { $0 = [] } }
    }

    struct State {
        var served: Set<ResourceID> = []
        var isMissing = false
        var failsToStart = false
        var failsToRemove = false
        /// Whether it cannot tell what it left behind.
        var isBlind = false
        var leases: [Lease] = []
    }

    let name: String
    let deaths: AsyncStream<ResourceID>
    let death: AsyncStream<ResourceID>.Continuation
    let state = Mutex(State())
    private let log: Log

    init(_ name: String, _ log: Log, served: Set<ResourceID> = []) {
        self.name = name
        self.log = log
        (deaths, death) = AsyncStream.makeStream()
        state.withLock { $0.served = served }
    }

    func checkRequirements() async throws(DHCPDriverError) {
        if state.withLock({ $0.isMissing }) {
            throw DHCPDriverError(.requirement, operation: "check \(name)", detail: "\(name) is missing")
        }
    }

    func existingNetworks() async throws(DHCPDriverError) -> [ResourceID] {
        if state.withLock({ $0.isBlind }) {
            throw DHCPDriverError(.file, operation: "list networks of \(name)", detail: "no luck")
        }
        return state.withLock { $0.served.sorted() }
    }

    func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome {
        log.add("\(name) apply \(change == .anything ? "anything" : "ports")")
        if state.withLock({ $0.failsToStart }) {
            throw DHCPDriverError(.startFailed, operation: "start \(name)", detail: "no luck")
        }
        let isNew = state.withLock { $0.served.insert(service.network.id).inserted }
        return isNew ? .started : .reloaded
    }

    func remove(_ network: ResourceID) async throws(DHCPDriverError) {
        if state.withLock({ $0.served.remove(network) }) != nil { log.add("\(name) remove") }
        // As a server that stopped and whose files stay.
        if state.withLock({ $0.failsToRemove }) {
            throw DHCPDriverError(.file, operation: "remove \(name)", detail: "files stay")
        }
    }

    func status(of network: ResourceID) async -> DHCPServerStatus {
        state.withLock { $0.served.contains(network) } ? .running(pid: nil) : .stopped
    }

    func leases(of network: ResourceID) async -> [Lease] { state.withLock { $0.leases } }

    func take(_ leases: [Lease], of network: ResourceID) async {
        log.add("\(name) take \(leases.count)")
    }
}

@Suite("Drivers chosen by network")
struct SwitchingDriverTests {
    private let log = NotingDriver.Log()
    private let id = ResourceID(rawValue: 1)

    private func service(_ driver: DHCPDriverName?) -> DHCPService {
        let standard = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))
        let port = Port(
            id: ResourceID(rawValue: 2), networkID: id, standard: standard,
            macAddress: MACAddress(rawValue: 0xFA_163E_0000_02), fixedIPs: [])
        return DHCPService(
            network: Network(id: id, standard: standard, dhcpDriver: driver), subnets: [], ports: [],
            dhcpPort: port, namespace: "qdhcp-1", interface: "ns-1", revision: Revision(1))
    }

    private func drivers(
        dnsmasq: Set<ResourceID> = [], native: Set<ResourceID> = [],
        // No test lasts as long.
        peace: Duration = .seconds(1_000_000)
    ) -> (NotingDriver, NotingDriver, SwitchingDriver) {
        let first = NotingDriver("dnsmasq", log, served: dnsmasq)
        let second = NotingDriver("native", log, served: native)
        let driver = SwitchingDriver(
            [.dnsmasq: first, .native: second], configured: .dnsmasq, peace: peace,
            log: Logger(label: "test"))
        return (first, second, driver)
    }

    @Test("a network is served by what it names, or by the configured driver")
    func choice() async throws {
        let (_, _, driver) = drivers()
        #expect(driver.name == "dnsmasq")
        #expect(try await driver.apply(service(nil), change: .ports([])) == .started)
        #expect(try await driver.apply(service(.dnsmasq), change: .ports([])) == .reloaded)
        #expect(await driver.servingDriver(of: id) == "dnsmasq")
        // The first time there is nothing to compare with.
        #expect(log.all == ["dnsmasq apply anything", "dnsmasq apply ports"])
        #expect(await driver.status(of: id) == .running(pid: nil))
    }

    @Test("a change of choice stops the old server, hands its leases over and starts the new one, both ways")
    func change() async throws {
        let (dnsmasq, native, driver) = drivers()
        _ = try await driver.apply(service(nil), change: .anything)
        dnsmasq.state.withLock {
            $0.leases = [
                Lease(
                    networkID: id, portID: nil, address: .any(.v4), message: .ack, givenAt: nil,
                    expiresAt: nil)
            ]
        }
        log.clear()
        #expect(try await driver.apply(service(.native), change: .ports([])) == .restarted)
        #expect(log.all == ["dnsmasq remove", "native take 1", "native apply anything"])
        #expect(await driver.servingDriver(of: id) == "native")
        #expect(try await dnsmasq.existingNetworks() == [])
        log.clear()
        #expect(try await driver.apply(service(nil), change: .anything) == .restarted)
        #expect(log.all == ["native remove", "dnsmasq take 0", "dnsmasq apply anything"])
        #expect(try await native.existingNetworks() == [])
    }

    @Test("what the other driver still serves at the start is taken over")
    func takeover() async throws {
        let (_, native, driver) = drivers(native: [id, ResourceID(rawValue: 7)])
        #expect(try await driver.existingNetworks() == [id, ResourceID(rawValue: 7)])
        _ = try await driver.apply(service(nil), change: .anything)
        #expect(log.all == ["native remove", "dnsmasq take 0", "dnsmasq apply anything"])
        #expect(try await native.existingNetworks() == [ResourceID(rawValue: 7)])
    }

    @Test("it looks for itself where nobody asked what there is")
    func unasked() async throws {
        let (_, _, driver) = drivers(native: [id])
        _ = try await driver.apply(service(nil), change: .ports([]))
        #expect(log.all.first == "native remove")
    }

    @Test("after a switch that was cut short only the wanted server goes on")
    func both() async throws {
        let (_, _, driver) = drivers(dnsmasq: [id], native: [id])
        #expect(try await driver.apply(service(.native), change: .anything) == .reloaded)
        #expect(log.all == ["dnsmasq remove", "native take 0", "native apply anything"])
    }

    @Test("where the new server cannot start, the old one is started again and the error tells both")
    func failure() async throws {
        let (_, native, driver) = drivers()
        _ = try await driver.apply(service(nil), change: .anything)
        native.state.withLock { $0.failsToStart = true }
        log.clear()
        let error = await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        #expect(error?.kind == .startFailed)
        #expect(error?.detail == "no luck; dnsmasq serves the network as before")
        #expect(
            log.all == [
                "dnsmasq remove", "native take 0", "native apply anything", "dnsmasq take 0",
                "dnsmasq apply anything",
            ])
        #expect(await driver.servingDriver(of: id) == "dnsmasq")
        // The next tries leave the server in peace, but for what is new.
        log.clear()
        await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        #expect(log.all == ["dnsmasq apply anything"])
        // Taking the wish back settles it.
        #expect(try await driver.apply(service(nil), change: .anything) == .reloaded)
    }

    @Test("a switch that failed is tried again when the network was left in peace for a while")
    func secondTry() async throws {
        let (_, native, driver) = drivers(peace: .zero)
        _ = try await driver.apply(service(nil), change: .anything)
        native.state.withLock { $0.failsToStart = true }
        await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        native.state.withLock { $0.failsToStart = false }
        #expect(try await driver.apply(service(.native), change: .anything) == .restarted)
        #expect(await driver.servingDriver(of: id) == "native")
    }

    @Test("where the old server cannot be removed, it is started again and the new one is not")
    func removalFails() async throws {
        let (dnsmasq, native, driver) = drivers()
        _ = try await driver.apply(service(nil), change: .anything)
        dnsmasq.state.withLock { $0.failsToRemove = true }
        log.clear()
        let error = await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        #expect(error?.detail == "files stay; dnsmasq serves the network as before")
        #expect(log.all == ["dnsmasq remove", "dnsmasq take 0", "dnsmasq apply anything"])
        #expect(await driver.status(of: id) == .running(pid: nil))
        #expect(await native.status(of: id) == .stopped)
    }

    @Test("a new driver that can neither start nor be cleared away does not keep the old one from going on")
    func clearingFails() async throws {
        let (dnsmasq, native, driver) = drivers()
        _ = try await driver.apply(service(nil), change: .anything)
        native.state.withLock { ($0.failsToStart, $0.failsToRemove) = (true, true) }
        await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        #expect(await dnsmasq.status(of: id) == .running(pid: nil))
    }

    @Test(
        "a driver that cannot tell what it left behind does not keep the other's networks from being served")
    func blindness() async throws {
        let other = ResourceID(rawValue: 7)
        let (_, native, driver) = drivers(dnsmasq: [id], native: [other])
        native.state.withLock { $0.isBlind = true }
        #expect(try await driver.existingNetworks() == [id])
        #expect(await !driver.servesFromThisProcess(service(nil).network))
        #expect(try await driver.apply(service(nil), change: .anything) == .reloaded)
        #expect(log.all == ["dnsmasq apply anything"])
        #expect(native.state.withLock { $0.served } == [other], "what it has is left alone")
    }

    @Test("a driver that cannot tell what it has gives a network over that it is seen to serve")
    func blindHolder() async throws {
        let (_, native, driver) = drivers(native: [id])
        native.state.withLock { $0.isBlind = true }
        #expect(try await driver.existingNetworks() == [])
        _ = try await driver.apply(service(nil), change: .anything)
        #expect(log.all == ["native remove", "dnsmasq take 0", "dnsmasq apply anything"])
    }

    @Test("where no driver can tell what there is, that is told, and networks are served")
    func allBlind() async throws {
        let (dnsmasq, native, driver) = drivers()
        for driver in [dnsmasq, native] { driver.state.withLock { $0.isBlind = true } }
        await #expect(throws: DHCPDriverError.self) { try await driver.existingNetworks() }
        #expect(try await driver.apply(service(nil), change: .anything) == .started)
    }

    @Test("where the new driver lacks something, the old server is not touched but for what is new")
    func requirement() async throws {
        let (_, native, driver) = drivers()
        _ = try await driver.apply(service(nil), change: .anything)
        native.state.withLock { $0.isMissing = true }
        log.clear()
        let error = await #expect(throws: DHCPDriverError.self) {
            try await driver.apply(service(.native), change: .anything)
        }
        #expect(error?.kind == .requirement)
        #expect(log.all == ["dnsmasq apply anything"])
        // As soon as it is there, the switch happens.
        native.state.withLock { $0.isMissing = false }
        #expect(try await driver.apply(service(.native), change: .anything) == .restarted)
    }

    @Test("only the configured driver and those in use are required")
    func requirements() async throws {
        let (dnsmasq, native, driver) = drivers()
        native.state.withLock { $0.isMissing = true }
        try await driver.checkRequirements()
        native.state.withLock { $0.isMissing = false }
        _ = try await driver.apply(service(.native), change: .anything)
        native.state.withLock { $0.isMissing = true }
        await #expect(throws: DHCPDriverError.self) { try await driver.checkRequirements() }
        native.state.withLock { $0.isMissing = false }
        dnsmasq.state.withLock { $0.isMissing = true }
        await #expect(throws: DHCPDriverError.self) { try await driver.checkRequirements() }
    }

    @Test("removing a network removes it everywhere")
    func removal() async throws {
        let (_, _, driver) = drivers(dnsmasq: [id], native: [id])
        try await driver.remove(id)
        #expect(log.all == ["dnsmasq remove", "native remove"])
        #expect(await driver.status(of: id) == .stopped)
    }

    @Test("deaths of the serving driver are told, those of the other are not", .timeLimit(.minutes(20)))
    func deaths() async throws {
        let (dnsmasq, native, driver) = drivers()
        _ = try await driver.apply(service(.native), change: .anything)
        dnsmasq.death.yield(id)
        // The other's stream comes to an end only after its news was looked at.
        dnsmasq.death.finish()
        native.death.yield(id)
        var deaths = driver.deaths.makeAsyncIterator()
        #expect(await deaths.next() == id)
    }
}
