import Addressing
import FoundationEssentials
import NetworkModel
import Testing

@Suite struct NetworkDecisionTests {
    @Test func aNewNetworkHasNeutronsDefaults() throws {
        var model = Model()
        let network = try model.network { $0.name = "n" }
        #expect(network.adminStateUp && !network.shared && !network.isExternal && network.portSecurityEnabled)
        #expect(network.mtu == 1500)
        #expect(network.segment == NetworkSegment(type: .local))
        #expect(network.standard.projectID == "p" && network.standard.revisionNumber == 1)
        #expect(network.standard.createdAt == network.standard.updatedAt)
        #expect(model.state.network(network.id) == network)
    }

    @Test func theDriverIsChosenKeptAndTakenBack() throws {
        var model = Model()
        var network = try model.network { $0.dhcpDriver = .some(.native) }
        #expect(network.dhcpDriver == .native)
        func change(_ body: (inout NetworkRequest) -> Void) throws {
            var request = NetworkRequest()
            body(&request)
            network = try model.commit(model.state.updateNetwork(network.id, request, in: model.context))
        }
        try change { $0.name = "other" }
        #expect(network.dhcpDriver == .native)
        try change { $0.dhcpDriver = .some(nil) }
        #expect(network.dhcpDriver == nil)
    }

    @Test func aNetworkStoredBeforeThereWasAChoiceHasTheConfiguredDriver() throws {
        var model = Model()
        let network = try model.network { $0.dhcpDriver = .some(.native) }
        let text = String(decoding: try JSONEncoder().encode(network), as: UTF8.self)
        #expect(text.contains(#""dhcpDriver":"native""#))
        let old = text.replacing(#""dhcpDriver":"native","#, with: "").replacing(
            #","dhcpDriver":"native""#, with: "")
        #expect(!old.contains("dhcpDriver"))
        let read = try JSONDecoder().decode(Network.self, from: Data(old.utf8))
        #expect(read.dhcpDriver == nil && read.id == network.id)
    }

    @Test func oneBadNetworkOfABulkRefusesAll() throws {
        var model = Model()
        var good = NetworkRequest()
        good.name = "good"
        var bad = NetworkRequest()
        bad.name = String(repeating: "x", count: 256)
        expectRefusal("HTTPBadRequest", "Invalid input for name. Reason: 'xxx", kind: .badRequest) {
            _ = try model.state.createNetworks([good, bad], in: model.context, using: &model.generator)
        }
    }

    @Test func theDefaultTypeIsTheFirstThatCanBeHad() throws {
        var model = Model()
        model.context.policy.tenantNetworkTypes = [.flat, .vlan, .vxlan]
        model.context.policy.vlanRanges = ["physnet1": 10...11]
        model.context.policy.vniRanges = [5...5]
        let segments = try (0..<3).map { _ in try model.network().segment }
        #expect(Set(segments.prefix(2).map(\.segmentationID)) == [10, 11])
        #expect(segments.prefix(2).allSatisfy { $0.type == .vlan && $0.physicalNetwork == "physnet1" })
        #expect(segments[2] == NetworkSegment(type: .vxlan, segmentationID: 5))
        expectRefusal("NoNetworkAvailable", kind: .serviceUnavailable) { _ = try model.network() }
    }

    @Test func networksOfOneBulkGetDifferentSegments() throws {
        var model = Model()
        model.context.policy.tenantNetworkTypes = [.vxlan]
        model.context.policy.vniRanges = [100...149, 200...249]
        let requests = Array(repeating: NetworkRequest(), count: 100)
        let decision = try model.state.createNetworks(requests, in: model.context, using: &model.generator)
        let ids = try model.commit(decision).compactMap(\.segment.segmentationID)
        #expect(ids.sorted() == Array(100...149) + Array(200...249))
    }

    @Test func aDeletedNetworkGivesItsSegmentBack() throws {
        var model = Model()
        model.context.policy.tenantNetworkTypes = [.vxlan]
        model.context.policy.vniRanges = [7...7]
        for _ in 0..<3 {
            let network = try model.network()
            #expect(network.segment.segmentationID == 7)
            try model.commit(model.state.deleteNetwork(network.id, in: model.context))
        }
    }

    @Test(
        arguments: [
            ("flat", nil, nil, "physical_network required for flat"),
            ("flat", "other", nil, "physical_network 'other' unknown for flat"),
            ("flat", "physnet1", 5, "segmentation_id prohibited for flat"),
            ("vlan", nil, 5, "segmentation_id requires physical_network for VLAN"),
            ("vlan", "other", 5, "physical_network 'other' unknown for VLAN"),
            ("vlan", "physnet1", 4095, "segmentation_id out of range (1 through 4094)"),
            ("vlan", "physnet1", 0, "segmentation_id out of range (1 through 4094)"),
            ("vxlan", "physnet1", 5, "provider:physical_network specified for vxlan"),
            ("vxlan", nil, 0, "segmentation_id out of range"),
            ("vxlan", nil, 16_777_216, "segmentation_id out of range"),
            ("local", "physnet1", nil, "physical_network prohibited for local"),
            ("local", nil, 5, "segmentation_id prohibited for local"),
            ("gre", nil, nil, "network_type value 'gre' not supported"),
            (nil, "physnet1", nil, "network_type required"),
        ] as [(String?, String?, Int?, String)])
    func aSegmentThatCannotBeIsRefused(_ type: String?, _ physical: String?, _ id: Int?, _ text: String)
        throws
    {
        var model = Model()
        model.context.policy.flatNetworks = ["physnet1"]
        model.context.policy.vlanRanges = ["physnet1": 10...20]
        expectRefusal("InvalidInput", text, kind: .badRequest) {
            _ = try model.network {
                $0.networkType = type
                $0.physicalNetwork = physical
                $0.segmentationID = id
            }
        }
    }

    @Test(
        arguments: [
            ("flat", "physnet1", nil, "FlatNetworkInUse"), ("vlan", "physnet1", 12, "VlanIdInUse"),
            ("vxlan", nil, 99, "TunnelIdInUse"),
        ] as [(String, String?, Int?, String)])
    func aSegmentThatIsTakenIsRefused(_ type: String, _ physical: String?, _ id: Int?, _ error: String) throws
    {
        var model = Model()
        model.context.policy.vlanRanges = ["physnet1": 10...20]
        let change: (inout NetworkRequest) -> Void = {
            $0.networkType = type
            $0.physicalNetwork = physical
            $0.segmentationID = id
        }
        let network = try model.network(change)
        #expect(network.segment.physicalNetwork == physical && network.segment.segmentationID == id)
        expectRefusal(error, kind: .conflict) { _ = try model.network(change) }
    }

    @Test func aVLANWithoutAnIDGetsAFreeOneOfItsPhysicalNetwork() throws {
        var model = Model()
        model.context.policy.vlanRanges = ["a": 1...4094, "physnet1": 10...11]
        let ids = try (0..<2).map { _ in
            try model.network {
                $0.networkType = "vlan"
                $0.physicalNetwork = "physnet1"
            }.segment.segmentationID
        }
        #expect(Set(ids) == [10, 11])
        expectRefusal("NoNetworkAvailable") {
            _ = try model.network {
                $0.networkType = "vlan"
                $0.physicalNetwork = "physnet1"
            }
        }
    }

    @Test func theMTUFollowsFromTheSegment() throws {
        var model = Model()
        model.context.policy.physicalNetworkMTUs = ["small": 1400, "jumbo": 9000]
        model.context.policy.vlanRanges = ["small": 1...10]
        #expect(try model.network().mtu == 1500)
        #expect(try model.network { $0.networkType = "vxlan" }.mtu == 1450)
        #expect(
            try model.network {
                $0.networkType = "flat"
                $0.physicalNetwork = "jumbo"
            }.mtu == 1500)
        #expect(
            try model.network {
                $0.networkType = "vlan"
                $0.physicalNetwork = "small"
            }.mtu == 1400)
        model.context.policy.overlayIPVersion = .v6
        #expect(try model.network { $0.networkType = "vxlan" }.mtu == 1430)
        model.context.policy.overlayIPVersion = .v4
        model.context.policy.globalPhysnetMTU = 9000
        #expect(try model.network { $0.networkType = "vxlan" }.mtu == 8950)
        model.context.policy.pathMTU = 8000
        #expect(try model.network { $0.networkType = "vxlan" }.mtu == 7950)
        #expect(try model.network { $0.mtu = 0 }.mtu == 9000)
    }

    @Test func anMTUMustFitTheSegmentAndTheSubnets() throws {
        var model = Model()
        expectRefusal("InvalidInput", "Requested MTU is too big, maximum is 1500") {
            _ = try model.network { $0.mtu = 1501 }
        }
        #expect(try model.network { $0.mtu = 67 }.mtu == 67)
        expectRefusal("HTTPBadRequest", "mtu") { _ = try model.network { $0.mtu = -1 } }
        let network = try model.network { $0.mtu = 1279 }
        expectRefusal("NetworkMTUSubnetConflict", "minimum of 1280", kind: .conflict) {
            _ = try model.subnet(network, "2001:db8::/64")
        }
        _ = try model.updateNetwork(network.id) { $0.mtu = 1280 }
        _ = try model.subnet(network, "2001:db8::/64")
        expectRefusal("NetworkMTUSubnetConflict", "minimum of 1280", kind: .conflict) {
            _ = try model.updateNetwork(network.id) { $0.mtu = 1279 }
        }
        let v4 = try model.network { $0.mtu = 68 }
        _ = try model.subnet(v4, "10.0.0.0/24")
    }

    @Test func onlyAChangeCountsAsARevision() throws {
        var model = Model()
        let network = try model.network { $0.name = "a" }
        model.context.now = Timestamp(secondsSinceEpoch: 2000)
        #expect(try model.updateNetwork(network.id) { $0.name = "a" } == network)
        let renamed = try model.updateNetwork(network.id) { $0.name = "b" }
        #expect(renamed.standard.revisionNumber == 2)
        #expect(renamed.standard.updatedAt == model.context.now)
        #expect(renamed.standard.createdAt == network.standard.createdAt)
        let described = try model.updateNetwork(network.id) { $0.description = "d" }
        #expect(described.standard.revisionNumber == 3)
    }

    @Test func ifMatchMustNameTheRevision() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.updateNetwork(network.id, ifMatch: 1) { $0.name = "b" }
        expectRefusal(
            "RevisionNumberConstraintFailed", "Constrained to 1, but current revision is 2",
            kind: .preconditionFailed
        ) {
            _ = try model.updateNetwork(network.id, ifMatch: 1) { $0.name = "c" }
        }
        expectRefusal("RevisionNumberConstraintFailed") {
            _ = try model.state.deleteNetwork(network.id, ifMatch: 1, in: model.context)
        }
        try model.commit(model.state.deleteNetwork(network.id, ifMatch: 2, in: model.context))
        #expect(model.state.network(network.id) == nil)
    }

    @Test func theSegmentOfANetworkIsFixed() throws {
        var model = Model()
        let network = try model.network {
            $0.networkType = "vxlan"
            $0.segmentationID = 5
        }
        #expect(
            try model.updateNetwork(network.id) {
                $0.networkType = "vxlan"
                $0.segmentationID = 5
            } == network)
        expectRefusal("InvalidInput", "provider:network_type, provider:segmentation_id") {
            _ = try model.updateNetwork(network.id) {
                $0.networkType = "local"
                $0.segmentationID = 6
            }
        }
    }

    @Test func sharingEndsOnlyWhenNoOtherProjectUsesTheNetwork() throws {
        var model = Model()
        let network = try model.network {
            $0.shared = true
            $0.name = "shared"
        }
        _ = try model.subnet(network, "10.0.0.0/24")
        _ = try model.dhcpPort(network)
        let port = try model.port(network) { $0.projectID = "other" }
        expectRefusal("InvalidSharedSetting", "network shared", kind: .conflict) {
            _ = try model.updateNetwork(network.id) { $0.shared = false }
        }
        try model.commit(model.state.deletePort(port.id, in: model.context))
        #expect(try !model.updateNetwork(network.id) { $0.shared = false }.shared)
    }

    @Test func portsHoldTheirNetworkUnlessTheyAreDeletedAutomatically() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let dhcp = try model.dhcpPort(network)
        let port = try model.port(network)
        expectRefusal("NetworkInUse", "id for these ports is: \(port.id).", kind: .conflict) {
            _ = try model.state.deleteNetwork(network.id, in: model.context)
        }
        try model.commit(model.state.deletePort(port.id, in: model.context))
        try model.commit(model.state.deleteNetwork(network.id, in: model.context))
        #expect(model.state.network(network.id) == nil && model.state.subnet(subnet.id) == nil)
        #expect(model.state.port(dhcp.id) == nil)
        expectRefusal("NetworkNotFound", "Network \(network.id) could not be found.", kind: .notFound) {
            _ = try model.state.deleteNetwork(network.id, in: model.context)
        }
        expectRefusal("NetworkNotFound") { _ = try model.updateNetwork(network.id) { $0.name = "x" } }
    }

    @Test func tagsAreASetOfAtMostFifty() throws {
        var model = Model()
        #expect(try model.network { $0.tags = ["a", "b", "a"] }.standard.tags == ["a", "b"])
        #expect(try model.network { $0.tags = ["b", "a"] }.standard.tags == ["a", "b"])
        expectRefusal("HTTPBadRequest", "tags") {
            _ = try model.network { $0.tags = (0..<51).map(String.init) }
        }
        expectRefusal("HTTPBadRequest", "tags") {
            _ = try model.network { $0.tags = [String(repeating: "x", count: 256)] }
        }
    }

    @Test(arguments: [
        ("Example.ORG.", "example.org."), ("", ""),
    ])
    func aDNSDomainIsStoredInLowerCase(_ given: String, _ stored: String) throws {
        var model = Model()
        #expect(try model.network { $0.dnsDomain = given }.dnsDomain == stored)
    }

    @Test(arguments: ["example.org", "a..b.", "-a.org.", "a_b.org.", "example.123."])
    func whatIsNoDomainIsRefused(_ domain: String) throws {
        var model = Model()
        expectRefusal("HTTPBadRequest", "dns_domain") { _ = try model.network { $0.dnsDomain = domain } }
    }
}
