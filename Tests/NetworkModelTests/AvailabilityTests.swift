import Addressing
import NetworkModel
import Testing

@Suite struct AvailabilityTests {
    @Test func everySubnetTellsWhatIsThereAndWhatIsHeld() throws {
        var model = Model()
        let network = try model.network()
        let four = try model.subnet(network, "10.0.0.0/24") {
            $0.allocationPools =
                (try? [range("10.0.0.10", "10.0.0.19"), range("10.0.0.30", "10.0.0.39")]) ?? []
        }
        let six = try model.subnet(network, "2001:db8::/64")
        _ = try model.port(network)
        _ = try model.port(network) { $0.fixedIPs = [FixedIPRequest(address: IPAddress("10.0.0.200"))] }
        let other = try model.network()
        _ = try model.subnet(other, "10.0.0.0/24")
        let found = try #require(model.state.availability(ofNetwork: network.id))
        #expect(found.network == model.state.network(network.id))
        let bySubnet = Dictionary(uniqueKeysWithValues: found.subnets.map { ($0.subnet.id, $0) })
        #expect(bySubnet[four.id]?.total == 20 && bySubnet[four.id]?.used == 2)
        #expect(bySubnet[six.id]?.total == 1 << 64 - 1 && bySubnet[six.id]?.used == 1)
        #expect(found.total == 1 << 64 + 19 && found.used == 3)
        #expect(model.state.availability(ofNetwork: ResourceID(rawValue: 3)) == nil)
    }

    @Test func totalsAreNotBoundTo64Bits() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "4000::/2") { $0.enableDHCP = false }
        _ = try model.subnet(network, "8000::/1") { $0.enableDHCP = false }
        let found = try #require(model.state.availability(ofNetwork: network.id))
        #expect("\(found.total)" == "255211775190703847597530955573826158590")
    }
}
