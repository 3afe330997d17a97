import Addressing
import DHCPDrivers
import Glibc
import LinuxKernel
import Logging
import NetworkModel
import Testing

@testable import DnsmasqDriver

/// Figures for docs/decisions/0002; run on demand: LEASEHOLD_MEASURE=1, best with -c release.
@Suite(
    "What changes cost", .serialized,
    .enabled(if: mayUseNamespaces && getenv("LEASEHOLD_MEASURE") != nil, "on demand"))
struct CostMeasurements {
    private func port(_ index: Int, _ network: LiveNetwork) -> Port {
        Port(
            id: ResourceID(rawValue: UInt128(index + 1)), networkID: network.id, standard: Fixture.attributes,
            macAddress: MACAddress(rawValue: 0xFA16_3E01_0000 + UInt64(index)),
            fixedIPs: [
                FixedIP(
                    subnetID: Fixture.id(digit: "1"),
                    address: .v4(IPv4Address(rawValue: 0x0A07_0100 + UInt32(index))))
            ])
    }

    /// How long the driver takes, having to do what is expected.
    private func time(
        _ expected: DHCPApplyOutcome, _ driver: DnsmasqDriver, _ service: DHCPService,
        _ change: DHCPServiceChange
    ) async throws -> Cost {
        let start = (ContinuousClock.now, Self.processorTime())
        let outcome = try await driver.apply(service, change: change)
        let cost = Cost(wall: ContinuousClock.now - start.0, own: Self.processorTime() - start.1)
        #expect(outcome == expected)
        return cost
    }

    /// Time that passed, and processor time of our own: the rest is dnsmasq's.
    private struct Cost: CustomStringConvertible {
        var wall: Duration
        var own: Duration

        var description: String { "\(wall) (own \(own))" }
    }

    private static func processorTime() -> Duration {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return .seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
            + .microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }

    @Test("one port more, confirmed", arguments: [10, 1000, 10_000])
    func addition(_ count: Int) async throws {
        try await LiveNetwork.with { (network: LiveNetwork) async throws -> Void in
            let driver = network.driver()
            var ports = (0..<count).map { port($0, network) }
            _ = try await driver.apply(network.service(ports), change: .anything)
            var times: [Cost] = []
            for step in 0..<5 {
                let added = port(count + step, network)
                ports.append(added)
                times.append(try await time(.reloaded, driver, network.service(ports), .ports([added.id])))
            }
            let service = network.service(ports)
            let unchanged = try await time(.unchanged, driver, service, .anything)
            let heir = network.driver()
            try await heir.checkRequirements()
            let adopted = try await time(.unchanged, heir, service, .anything)
            let restarted = try await time(.restarted, driver, network.service(ports, mtu: 1400), .anything)
            print("ports \(count): reload \(times.sorted { $0.wall < $1.wall }[2]), unchanged \(unchanged)")
            print("ports \(count): adopt \(adopted), restart \(restarted)")
        }
    }

    @Test("adopting many networks", arguments: [500])
    func adoption(_ count: Int) async throws {
        let namespaces = try NamespaceThread()
        let confs = "/tmp/leasehold-dnsmasq-many"
        try createDirectory(path: confs)
        var configuration = DnsmasqConfiguration()
        configuration.dhcpConfs = confs
        let old = DnsmasqDriver(configuration: configuration, namespaces: namespaces, log: Logger(label: "m"))
        var services: [DHCPService] = []
        for index in 0..<count {
            let id = ResourceID(rawValue: 0xABCD << 64 | UInt128(index))
            let name = "qdhcp-\(id)"
            for arguments in [
                ["netns", "add", name], ["-n", name, "link", "set", "lo", "up"],
                ["-n", name, "link", "add", "ns-test", "type", "veth", "peer", "name", "tap"],
                ["-n", name, "link", "set", "ns-test", "up"],
                ["-n", name, "address", "add", "10.7.0.2/16", "dev", "ns-test"],
            ] {
                _ = try await spawnAndWait(Command("ip", arguments), in: nil, using: namespaces)
            }
            let live = LiveNetwork(id: id, namespace: name, clients: "", confs: confs, namespaces: namespaces)
            let service = live.service((0..<10).map { port($0, live) })
            services.append(service)
            _ = try await old.apply(service, change: .anything)
        }
        let new = DnsmasqDriver(configuration: configuration, namespaces: namespaces, log: Logger(label: "m"))
        try await new.checkRequirements()
        var sequential = Cost(wall: .zero, own: .zero)
        for service in services {
            let cost = try await time(.unchanged, new, service, .anything)
            sequential.wall += cost.wall
            sequential.own += cost.own
        }
        print("adopted \(count) networks in \(sequential)")
        for service in services {
            try await new.remove(service.network.id)
            _ = try await spawnAndWait(
                Command("ip", ["netns", "del", service.namespace]), in: nil, using: namespaces)
        }
        try removeTree(path: confs)
    }
}
