import DHCPConformance
import DHCPDrivers
import DnsmasqDriver
import Glibc
import LinuxKernel
import Logging
import Testing

@Suite(
    "dnsmasq keeps to the protocol",
    .enabled(
        if: PrivilegeCheck.current().canWire
            || getenv("LEASEHOLD_REQUIRE_PRIVILEGED").map { String(cString: $0) } == "1",
        "needs root and dnsmasq"))
struct DnsmasqConformanceTests {
    private static let dnsmasq = Subject(.dnsmasq, make: make)
    /// dnsmasq of which is expected what the native server does.
    private static let impostor = Subject(.native, patience: .seconds(3), make: make)

    @Sendable private static func make(_ settings: DriverSettings) -> any DHCPDriver {
        var configuration = DnsmasqConfiguration()
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
        configuration.enableAddr6List = settings.enableAddr6List
        // However busy the machine is.
        configuration.confirmTimeout = .seconds(120)
        return DnsmasqDriver(
            configuration: configuration, namespaces: settings.namespaces, log: Logger(label: "conformance"))
    }

    @Test("all facts hold", arguments: Scene.all)
    func facts(_ scene: Scene) async throws {
        for result in try await scene.run(on: Self.dnsmasq) {
            if let failure = result.failure { Issue.record("\(result.fact.name): \(failure)") }
        }
    }

    @Test("every difference is real: dnsmasq fails what the native server holds", arguments: Scene.differing)
    func differences(_ scene: Scene) async throws {
        for result in try await scene.run(on: Self.impostor) {
            #expect(result.failure != nil, "\(result.fact.name)")
        }
    }
}
