import DHCPConformance
import DHCPDrivers
import DnsmasqDriver
import Glibc
import LinuxKernel
import Logging
import NativeDriver
import Testing

@Suite(
    "The native server keeps to the protocol",
    .enabled(
        if: PrivilegeCheck.current().canWire
            || getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) } == "1",
        "needs root"))
struct NativeConformanceTests {
    private static let native = Subject(.native) { settings in
        var configuration = NativeDriverConfiguration()
        configuration.dhcpConfs = settings.confs
        configuration.leaseDuration = settings.leaseDuration
        configuration.renewalTime = settings.renewalTime
        configuration.rebindingTime = settings.rebindingTime
        configuration.broadcastReply = settings.broadcastReply
        configuration.dnsDomain = settings.dnsDomain
        configuration.dnsServers = settings.dnsServers
        configuration.txtRecord = settings.txtRecord
        configuration.forceMetadata = settings.forceMetadata
        configuration.enableIsolatedMetadata = settings.enableIsolatedMetadata
        return NativeDriver(
            configuration: configuration, log: Logger(label: "conformance"))
    } finish: {
        ($0 as? NativeDriver)?.flushLeases()
    }

    private static let dnsmasq = Subject(.dnsmasq) { settings in
        var configuration = DnsmasqConfiguration()
        configuration.dhcpConfs = settings.confs
        configuration.dnsDomain = settings.dnsDomain
        // However busy the machine is.
        configuration.confirmTimeout = .seconds(120)
        return DnsmasqDriver(
            configuration: configuration, namespaces: settings.namespaces, log: Logger(label: "conformance"))
    }

    @Test("clients keep their addresses from dnsmasq to the native server, back, and forth again")
    func handover() async throws {
        let failures = try await Handover.failures([Self.dnsmasq, Self.native, Self.dnsmasq, Self.native])
        for failure in failures { Issue.record("\(failure)") }
    }

    @Test("a machine is told the same by it as by dnsmasq, to the byte")
    func parity() async throws {
        let native = try await Parity.told(by: Self.native)
        let dnsmasq = try await Parity.told(by: Self.dnsmasq)
        for line in dnsmasq where !native.contains(line) { Issue.record("dnsmasq alone: \(line)") }
        for line in native where !dnsmasq.contains(line) { Issue.record("native alone: \(line)") }
    }

    @Test("all facts hold", arguments: Scene.all)
    func facts(_ scene: Scene) async throws {
        for result in try await scene.run(on: Self.native) {
            if let failure = result.failure { Issue.record("\(result.fact.name): \(failure)") }
        }
    }
}
