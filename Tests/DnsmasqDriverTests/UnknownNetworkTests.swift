import DHCPDrivers
import LinuxKernel
import Logging
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite("Networks that the driver never served") struct UnknownNetworks {
    @Test("nothing is remembered of a network that somebody only asks about")
    func questions() async throws {
        var configuration = DnsmasqConfiguration()
        configuration.dhcpConfs = "/nonexistent/leasehold-test"
        let driver = DnsmasqDriver(
            configuration: configuration, namespaces: try NamespaceThread(), log: Logger(label: "test"))
        for number in 0..<100 {
            let network = ResourceID(rawValue: UInt128(number))
            #expect(await driver.leases(of: network) == [])
            #expect(await driver.status(of: network) == .stopped)
            #expect(await driver.problems(of: network) == [])
            _ = await driver.logLocation(of: network)
            try? await driver.remove(network)
        }
        #expect(driver.rememberedNetworks == [])
    }
}
