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

    @Test("a network whose owner cannot be read does not hide the others")
    func unreadableOwner() async throws {
        var configuration = DnsmasqConfiguration()
        configuration.dhcpConfs = "/tmp/leasehold-owner-\(UInt64.random(in: 0...UInt64.max))"
        configuration.owner = "us"
        defer { try? removeTree(path: configuration.dhcpConfs) }
        for number in 1...3 {
            let directory = ConfigurationDirectory(configuration, ResourceID(rawValue: UInt128(number)))
            try createDirectory(path: directory.path)
            // A directory in the owner's place.
            if number == 2 { try createDirectory(path: directory.owner) }
            if number != 2 { try atomicReplace(path: directory.owner, contents: configuration.ownerMark) }
        }
        let driver = DnsmasqDriver(
            configuration: configuration, namespaces: try NamespaceThread(), log: Logger(label: "test"))
        #expect(try await driver.existingNetworks() == [ResourceID(rawValue: 1), ResourceID(rawValue: 3)])
    }
}
