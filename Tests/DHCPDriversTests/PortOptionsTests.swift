import Addressing
import DHCPDrivers
import NetworkModel
import Testing

@Suite struct PortOptions {
    @Test func whatCannotBeSentIsSaidAndTheRestIsSent() throws {
        let network = try #require(ResourceID("00000000-0000-0000-0000-000000000001"))
        let subnet = try #require(ResourceID("00000000-0000-0000-0000-000000000002"))
        var port = Port(
            id: try #require(ResourceID("00000000-0000-0000-0000-000000000003")), networkID: network,
            standard: StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0)),
            macAddress: try #require(MACAddress("fa:16:3e:00:00:01")),
            fixedIPs: [FixedIP(subnetID: subnet, address: try #require(IPAddress("10.0.0.5")))])
        port.extraDHCPOptions = [
            ExtraDHCPOption(name: "server-ip-address", value: "2015::badd", ipVersion: .v4),
            ExtraDHCPOption(name: "no-such-option", value: "x", ipVersion: .v4),
            ExtraDHCPOption(name: "mtu", value: "1400", ipVersion: .v4),
            ExtraDHCPOption(name: "router", value: "", ipVersion: .v4),
        ]
        let (options, problems) = port.sentOptions
        #expect(options.map(\.value) == ["1400", ""])
        #expect(problems.count == 2)
        #expect(problems.first?.contains("server-ip-address") == true)
        #expect(problems.last?.contains("no-such-option") == true)
    }
}
