import NetworkModel
import Testing

/// What counts as a change of a resource (2.2, and Neutron's revises_on_change).
@Suite struct RevisionRuleTests {
    private var model = Model()

    private func revision(_ network: Network) -> Int? {
        model.state.network(network.id)?.standard.revisionNumber
    }

    @Test mutating func subnetsChangeTheirNetworkAndPortsDoNot() throws {
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        #expect(revision(network) == 2)
        _ = try model.updateSubnet(subnet.id) { $0.name = "x" }
        #expect(revision(network) == 3)
        _ = try model.updateSubnet(subnet.id) { $0.name = "x" }
        #expect(revision(network) == 3 && model.state.subnet(subnet.id)?.standard.revisionNumber == 1)
        let port = try model.port(network)
        _ = try model.updatePort(port.id) { $0.name = "y" }
        _ = try model.updatePort(port.id) { $0.name = "y" }
        #expect(model.state.port(port.id)?.standard.revisionNumber == 2)
        #expect(revision(network) == 3 && model.state.subnet(subnet.id)?.standard.revisionNumber == 1)
        try model.commit(model.state.deletePort(port.id, in: model.context))
        #expect(revision(network) == 3)
        try model.commit(model.state.deleteSubnet(subnet.id, in: model.context))
        #expect(revision(network) == 4)
        _ = try model.updateNetwork(network.id) { $0.name = "z" }
        _ = try model.updateNetwork(network.id) { $0.name = "z" }
        #expect(revision(network) == 5)
    }

    @Test mutating func descriptionAndTagsOfASubnetCountForTheSubnetAlone() throws {
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let before = revision(network)
        _ = try model.updateSubnet(subnet.id) { $0.description = "x" }
        let tagged = try model.updateSubnet(subnet.id) { $0.tags = ["a"] }
        #expect(tagged.standard.revisionNumber == 2 && revision(network) == before)
        _ = try model.updateSubnet(subnet.id) {
            $0.description = "y"
            $0.enableDHCP = false
        }
        #expect(revision(network) == before.map { $0 + 1 })
    }

    @Test mutating func aPoolDoesNotChangeWithItsSubnets() throws {
        let pool = try model.subnetPool(["10.0.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let subnet = try model.subnet(from: pool)
        try model.commit(model.state.deleteSubnet(subnet.id, in: model.context))
        #expect(model.state.subnetPool(pool.id) == pool)
        _ = try model.updateSubnetPool(pool.id) { $0.name = "pool" }
        #expect(model.state.subnetPool(pool.id)?.standard.revisionNumber == 0)
    }
}
