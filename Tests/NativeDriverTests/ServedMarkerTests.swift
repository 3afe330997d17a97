import DHCPDrivers
import LinuxKernel
import Logging
import NetworkModel
import Testing

@testable import NativeDriver

@Suite("What says that a network is served by us")
struct ServedMarkerTests {
    @Test func aNetworkWhoseOwnerCannotBeReadIsLeftOutAlone() throws {
        var configuration = NativeDriverConfiguration()
        configuration.dhcpConfs = "/tmp/leasehold-marker-\(UInt64.random(in: 0...UInt64.max))"
        configuration.owner = "us"
        defer { try? removeTree(path: configuration.dhcpConfs) }
        let networks = (1...4).map { ResourceID(rawValue: $0) }
        for network in networks.prefix(3) { try ServedMarker(configuration, network).write() }
        // A directory in the owner's place.
        try removeFile(path: "\(configuration.dhcpConfs)/\(networks[1])/owner")
        try createDirectory(path: "\(configuration.dhcpConfs)/\(networks[1])/owner")
        var others = configuration
        others.owner = "them"
        try ServedMarker(others, networks[3]).write()
        var unreadable: [ResourceID] = []
        let found = try ServedMarker.networks(configuration) { network, _ in unreadable.append(network) }
        #expect(found == [networks[0], networks[2]])
        #expect(unreadable == [networks[1]])
    }

    @Test func aDriverThatCannotWorkTellsAndForgetsWhatAnEarlierOneServed() async throws {
        var configuration = NativeDriverConfiguration()
        configuration.dhcpConfs = "/tmp/leasehold-marker-\(UInt64.random(in: 0...UInt64.max))"
        defer { try? removeTree(path: configuration.dhcpConfs) }
        let network = ResourceID(rawValue: 1)
        try ServedMarker(configuration, network).write()
        let driver = NativeDriver(
            configuration: configuration, log: Logger(label: "test"),
            machinery: .failure(
                DHCPDriverError(.startFailed, operation: "start the native driver", detail: "no threads")),
            news: AsyncStream.makeStream(of: ResourceID.self))
        #expect(try await driver.existingNetworks() == [network])
        try await driver.remove(network)
        #expect(try await driver.existingNetworks() == [])
        #expect(!fileExists(path: "\(configuration.dhcpConfs)/\(network)"))
    }
}
