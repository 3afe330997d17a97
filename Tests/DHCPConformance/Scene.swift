import Addressing
import DHCPDrivers
import LinuxKernel
import Locks
import NetworkModel

/// Facts that one live network can show, with what that network is like.
public struct Scene: Sendable, CustomStringConvertible {
    public let name: String
    let subnets: [SubnetPlan]
    let mtu: Int
    let settings: @Sendable (inout DriverSettings) -> Void
    public let facts: [Fact]

    init(
        _ name: String, _ subnets: [SubnetPlan], mtu: Int = 1500,
        settings: @escaping @Sendable (inout DriverSettings) -> Void = { _ in }, _ facts: [Fact]
    ) {
        self.name = name
        self.subnets = subnets
        self.mtu = mtu
        self.settings = settings
        self.facts = facts
    }

    /// The same network with fewer facts.
    init(_ scene: Scene, _ facts: [Fact]) {
        self.init(scene.name, scene.subnets, mtu: scene.mtu, settings: scene.settings, facts)
    }

    public var description: String { name }

    /// Builds the network, serves it with the driver, looks at every fact in turn, and clears up.
    public func run(on subject: Subject) async throws -> [FactResult] {
        let site = try await Site.open(self, subject)
        var results: [FactResult] = []
        for (fact, guests) in zip(facts, site.casts) {
            let failure = await fact.check(at: site, guests)
            results.append(FactResult(scene: name, fact: fact, failure: failure))
        }
        await site.close()
        return results
    }
}

/// A scene that is live: the network, the driver, and what it was told to serve.
final class Site: Sendable {
    let kind: DriverKind
    /// How long an answer may take.
    let patience: Duration
    let segment: Segment
    let driver: any DHCPDriver
    let subnets: [SubnetPlan]
    /// The guests of each fact, in order.
    let casts: [[Guest]]
    /// A guest of no fact, by which it is told that the server has come so far.
    let fence: Guest
    private let mtu: Int
    private let finish: @Sendable (any DHCPDriver) -> Void
    private let served: Mutex<Set<IPAddress>>

    /// The server's addresses, as they were applied last.
    var serverAddresses: Set<IPAddress> { served.withLock { $0 } }

    var wire: Wire { segment.wire }

    private init(
        _ subject: Subject, _ segment: Segment, _ driver: any DHCPDriver, _ scene: Scene, _ casts: [[Guest]],
        _ fence: Guest
    ) {
        kind = subject.kind
        patience = subject.patience
        finish = subject.finish
        self.segment = segment
        self.driver = driver
        subnets = scene.subnets
        mtu = scene.mtu
        self.casts = casts
        self.fence = fence
        served = Mutex(Set(scene.subnets.compactMap(\.server)))
    }

    static func open(_ scene: Scene, _ subject: Subject) async throws -> Site {
        let namespaces = try NamespaceThread()
        let segment = try await Segment.open(scene.subnets, using: namespaces)
        do {
            var settings = DriverSettings(confs: segment.confs, namespaces: namespaces)
            scene.settings(&settings)
            let driver = try subject.make(settings)
            // Number 0 is the fence, which has an address wherever the server has one.
            let local = String(scene.subnets.filter { $0.server != nil && $0.hasDHCP }.map(\.letter))
            let fence = Guest(GuestPlan(local), number: 0, on: scene.subnets, of: segment.id)
            var number = 0
            let casts = scene.facts.map { fact in
                fact.guests.map { plan in
                    number += 1
                    return Guest(plan, number: number, on: scene.subnets, of: segment.id)
                }
            }
            for guest in casts.flatMap(\.self) + [fence] {
                segment.wire.own(.v6(guest.linkLocal), guest.mac)
            }
            let site = Site(subject, segment, driver, scene, casts, fence)
            try await driver.checkRequirements()
            _ = try await driver.apply(site.service(), change: .anything)
            return site
        } catch {
            await segment.close()
            throw error
        }
    }

    func close() async {
        try? await driver.remove(segment.id)
        finish(driver)
        await segment.close()
    }

    /// Our own address on the first subnet of the version that has one.
    func server(_ version: IPVersion) throws -> IPAddress {
        try require(
            some: subnets.first { $0.cidr.version == version && $0.server != nil }?.server,
            "no subnet of \(version)")
    }

    /// Our own IPv4 address.
    func serverV4() throws -> IPv4Address { try require(some: try server(.v4).v4, "no IPv4 server") }

    /// What is served at first: the ports of all guests but strangers and those that come later.
    ///
    /// - Parameter change: What is different now.
    func service(
        _ change: (inout DHCPService) -> Void = { _ in }
    ) -> DHCPService {
        let own = Port(
            id: ResourceID(rawValue: 0xDDDD_DDDD_DDDD_4DDD_8DDD_DDDD_DDDD_DDDD), networkID: segment.id,
            standard: Segment.attributes, macAddress: Segment.serverMAC,
            fixedIPs: subnets.compactMap { subnet in
                subnet.server.map { FixedIP(subnetID: subnet.id, address: $0) }
            }, deviceOwner: DeviceOwner.dhcp)
        let guests = casts.flatMap(\.self).filter { !$0.plan.isStranger && !$0.plan.comesLater }
        var service = DHCPService(
            network: Network(id: segment.id, standard: Segment.attributes, mtu: mtu),
            subnets: subnets.map { $0.subnet(of: segment.id) }.sorted { $0.id < $1.id },
            ports: guests.map(\.port) + [fence.port] + subnets.compactMap { $0.routerPort(of: segment.id) },
            dhcpPort: own,
            namespace: segment.namespace, interface: Segment.interface, revision: Revision(1))
        change(&service)
        return service
    }

    /// Has the driver serve this, and fails where it cannot.
    func apply(_ service: DHCPService, _ change: DHCPServiceChange = .anything) async throws {
        _ = try await driver.apply(service, change: change)
        served.withLock { $0 = Set(service.dhcpPort.fixedIPs.map(\.address)) }
    }
}
