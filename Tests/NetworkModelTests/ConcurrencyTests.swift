import Addressing
import NetworkModel
import Testing

/// Two decisions from one state, committed one after the other: the conditions must refuse exactly the
/// pairs that do not go together.
@Suite struct ConcurrencyTests {
    private var model = Model()
    private let network: Network
    private let subnet: Subnet
    private let port: Port

    init() throws {
        network = try model.network()
        subnet = try model.subnet(network, "10.0.0.0/24")
        _ = try model.subnet(network, "2001:db8:1::/64") { $0.ipv6AddressMode = .slaac }
        port = try model.port(network)
    }

    private typealias Decide = (inout Model) throws -> Commit

    private func request(_ cidr: String, slaac: Bool = false) throws -> SubnetRequest {
        var request = SubnetRequest()
        request.networkID = network.id
        request.cidr = try prefix(cidr)
        request.ipv6AddressMode = slaac ? .slaac : nil
        return request
    }

    private func createPort(_ change: @escaping (inout PortRequest) -> Void = { _ in }) -> Decide {
        { [network] model in
            let request = model.portRequest(network, change)
            return try model.state.createPorts([request], in: model.context, using: &model.generator).commit
        }
    }

    private func createSubnet(_ cidr: String, slaac: Bool = false) throws -> Decide {
        let request = try request(cidr, slaac: slaac)
        return { try $0.state.createSubnets([request], in: $0.context, using: &$0.generator).commit }
    }

    private func updatePort(_ change: (inout PortRequest) -> Void) -> Decide {
        var request = PortRequest()
        change(&request)
        return { [port, request] in
            try $0.state.updatePort(port.id, request, in: $0.context, using: &$0.generator).commit
        }
    }

    private func updateSubnet(_ change: (inout SubnetRequest) -> Void) -> Decide {
        var request = SubnetRequest()
        change(&request)
        return { [subnet, request] in try $0.state.updateSubnet(subnet.id, request, in: $0.context).commit }
    }

    private var renameNetwork: Decide {
        var request = NetworkRequest()
        request.name = "x"
        return { [network, request] in try $0.state.updateNetwork(network.id, request, in: $0.context).commit
        }
    }

    private var deletePort: Decide { { [port] in try $0.state.deletePort(port.id, in: $0.context).commit } }

    private var activate: Decide {
        { [port] in try $0.state.setPortStatus(port.id, .active, in: $0.context).commit }
    }

    private func reserve(_ host: String) -> Decide {
        { [network] in
            try $0.state.reserveDHCPPort(
                network: network.id, host: host, in: $0.context, using: &$0.generator
            ).commit
        }
    }

    /// Commits both, the second decided before the first took effect.
    private func race(_ first: Decide, _ second: Decide) throws {
        var model = model
        let (one, two) = (try first(&model), try second(&model))
        try model.store.commit(one)
        try model.store.commit(two)
    }

    private func expectConflict(
        _ first: Decide, _ second: Decide, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            try race(first, second)
            Issue.record("both went through", sourceLocation: sourceLocation)
        } catch is Refusal {
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }

    @Test func portsComeAndGoSideBySide() throws {
        try race(createPort(), createPort())
        try race(createPort(), deletePort)
        try race(deletePort, createPort())
        try race(activate, createPort())
        try race(activate, deletePort)
        try race(renameNetwork, createPort())
        try race(createPort(), renameNetwork)
        try race(createPort(), updatePort { $0.name = "x" })
    }

    @Test func oneAddressOrMACGoesToOnePort() throws {
        let address = try ip("10.0.0.77")
        let same = createPort { $0.fixedIPs = [FixedIPRequest(address: address)] }
        expectConflict(same, same)
        expectConflict(same, updatePort { $0.fixedIPs = [FixedIPRequest(address: address)] })
        expectConflict(
            createPort { $0.macAddress = MACAddress(rawValue: 7) },
            createPort { $0.macAddress = MACAddress(rawValue: 7) })
    }

    @Test func aPortIsChangedByOneAtATime() {
        expectConflict(updatePort { $0.name = "a" }, updatePort { $0.name = "b" })
        expectConflict(activate, updatePort { $0.name = "b" })
        expectConflict(updatePort { $0.name = "b" }, activate)
        expectConflict(deletePort, updatePort { $0.name = "b" })
        expectConflict(deletePort, activate)
        expectConflict(deletePort, deletePort)
    }

    @Test func aDeletionThatNamesARevisionLosesToAChange() {
        expectConflict(
            activate,
            { [port] in
                try $0.state.deletePort(port.id, ifMatch: 1, in: $0.context).commit
            })
    }

    @Test func aSubnetGoesOnlyIfNoPortCameMeanwhile() throws {
        let mine: Decide = { [network, context = model.context] model in
            var request = SubnetRequest()
            request.networkID = network.id
            request.cidr = try prefix("10.5.0.0/24")
            return try model.state.createSubnets([request], in: context, using: &model.generator).commit
        }
        var model = model
        try model.store.commit(try mine(&model))
        let fresh = try #require(
            model.state.subnets(ofNetwork: network.id).first { $0.cidr.description == "10.5.0.0/24" })
        let create: Decide = { [network] model in
            let request = model.portRequest(network) { $0.fixedIPs = [FixedIPRequest(subnetID: fresh.id)] }
            return try model.state.createPorts([request], in: model.context, using: &model.generator).commit
        }
        let delete: Decide = { try $0.state.deleteSubnet(fresh.id, in: $0.context).commit }
        for (first, second) in [(create, delete), (delete, create)] {
            var racing = model
            let (one, two) = (try first(&racing), try second(&racing))
            try racing.store.commit(one)
            #expect(throws: Refusal.self) { try racing.store.commit(two) }
        }
    }

    @Test func twoSubnetsOfANetworkNeverPassEachOther() throws {
        expectConflict(try createSubnet("10.1.0.0/24"), try createSubnet("10.1.0.0/25"))
        expectConflict(try createSubnet("10.1.0.0/24"), updateSubnet { $0.name = "x" })
        expectConflict(updateSubnet { $0.name = "x" }, updateSubnet { $0.name = "y" })
        expectConflict(renameNetwork, try createSubnet("10.1.0.0/24"))
    }

    @Test func aNewAutomaticSubnetMissesNoPort() throws {
        let slaac = try createSubnet("2001:db8:2::/64", slaac: true)
        expectConflict(createPort(), slaac)
        expectConflict(slaac, createPort())
        expectConflict(slaac, updatePort { $0.fixedIPs = [] })
        expectConflict(deletePort, slaac)
        expectConflict(activate, slaac)
    }

    @Test func aPortIsNotMadeByPoolsThatChanged() throws {
        let pool = try range("10.0.0.10", "10.0.0.20")
        expectConflict(updateSubnet { $0.allocationPools = [pool] }, createPort())
        try race(createPort(), updateSubnet { $0.name = "x" })
    }

    @Test func theGatewayIsNotMovedUnderARouter() throws {
        let gateway = try ip("10.0.0.1")
        let router = createPort {
            $0.deviceOwner = DeviceOwner.routerInterface
            $0.fixedIPs = [FixedIPRequest(address: gateway)]
        }
        let move = updateSubnet { $0.gatewayIP = .some(nil) }
        expectConflict(router, move)
        expectConflict(move, router)
    }

    @Test func aNetworkGoesOnlyIfNothingCameMeanwhile() throws {
        var model = model
        try model.commit(model.state.deletePort(port.id, in: model.context))
        _ = try model.dhcpPort(network)
        let delete: Decide = { [network] in try $0.state.deleteNetwork(network.id, in: $0.context).commit }
        for other in [createPort(), try createSubnet("10.1.0.0/24"), renameNetwork, reserve("host-9")] {
            for (first, second) in [(other, delete), (delete, other)] {
                var racing = model
                let (one, two) = (try first(&racing), try second(&racing))
                try racing.store.commit(one)
                #expect(throws: Refusal.self) { try racing.store.commit(two) }
            }
        }
    }

    @Test func aHostGetsOnePortEvenIfItAsksTwice() throws {
        expectConflict(reserve("host-1"), reserve("host-1"))
        expectConflict(reserve("host-1"), reserve("host-2"))
    }

    /// No pool makes the two decisions meet here: the addresses follow from two random MACs.
    @Test func aHostGetsOnePortOnANetworkOfAutomaticAddressesToo() throws {
        var model = model
        let network = try model.network()
        _ = try model.subnet(network, "2001:db8:9::/64") { $0.ipv6AddressMode = .slaac }
        let decisions = try (0..<2).map { _ in
            try model.state.reserveDHCPPort(
                network: network.id, host: "host-1", in: model.context, using: &model.generator)
        }
        try model.store.commit(decisions[0].commit)
        #expect(throws: Refusal.self) { try model.store.commit(decisions[1].commit) }
    }

    @Test func aReservedPortIsAdoptedByOneHost() throws {
        var model = model
        let dhcp = try model.dhcpPort(network)
        _ = try model.updatePort(dhcp.id) { $0.deviceID = reservedDHCPDeviceID }
        let (one, two) = (try reserve("host-2")(&model), try reserve("host-3")(&model))
        try model.store.commit(one)
        #expect(throws: Refusal.self) { try model.store.commit(two) }
    }

    @Test func oneSegmentAndOneAgentRowGoToOne() throws {
        var flat = NetworkRequest()
        flat.networkType = "flat"
        flat.physicalNetwork = "physnet1"
        let create: Decide = { [flat] in
            try $0.state.createNetworks([flat], in: $0.context, using: &$0.generator).commit
        }
        expectConflict(create, create)
        let report = AgentReport(
            host: "h", startedAt: Timestamp(secondsSinceEpoch: 0),
            configurations: AgentConfigurations(dhcpDriver: "d", dhcpLeaseDuration: 1))
        let beat: Decide = { try $0.state.heartbeat(report, in: $0.context, using: &$0.generator).commit }
        expectConflict(beat, beat)
    }

    @Test mutating func nobodyComesToANetworkThatStopsBeingShared() throws {
        let open = try model.network { $0.shared = true }
        let request = model.portRequest(open)
        var (guest, admin) = (model.context, model.context)
        guest.projectID = "guest"
        (guest.isAdmin, guest.actsForAllProjects) = (false, false)
        admin.projectID = "guest"
        let create: (DecisionContext) -> Decide = { context in
            { try $0.state.createPorts([request], in: context, using: &$0.generator).commit }
        }
        var unshared = NetworkRequest()
        unshared.shared = false
        let unshare: Decide = { [unshared] in
            try $0.state.updateNetwork(open.id, unshared, in: $0.context).commit
        }
        expectConflict(unshare, create(guest))
        expectConflict(create(guest), unshare)
        expectConflict(unshare, create(admin))
        try race(create(guest), create(guest))
        try race(unshare, create(model.context))
        try model.store.commit(try unshare(&model))
        expectRefusal("NetworkNotFound", kind: .notFound) { _ = try create(guest)(&model) }
        guest.actsForAllProjects = true
        for context in [guest, admin, model.context] { _ = try create(context)(&model) }
    }

    // MARK: Subnet pools

    private func cut(_ pool: SubnetPool, _ network: Network, _ cidr: String? = nil) -> Decide {
        { model in
            var request = SubnetRequest()
            request.networkID = network.id
            request.subnetpoolID = pool.id
            request.cidr = cidr.flatMap { IPPrefix($0) }
            return try model.state.createSubnets([request], in: model.context, using: &model.generator).commit
        }
    }

    @Test mutating func twoNetworksDoNotGetOneBlockOfAPool() throws {
        let pool = try model.subnetPool(["10.8.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let other = try model.subnetPool(["10.8.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let (a, b) = (try model.network(), try model.network())
        expectConflict(cut(pool, a), cut(pool, b))
        expectConflict(cut(pool, a, "10.8.0.0/24"), cut(pool, b))
        expectConflict(cut(pool, a, "10.8.0.0/24"), cut(pool, b, "10.8.0.128/25"))
        try race(cut(pool, a), cut(other, b))
        let delete: Decide = { try $0.state.deleteSubnetPool(pool.id, in: $0.context).commit }
        expectConflict(cut(pool, a), delete)
        expectConflict(delete, cut(pool, a))
        let shrink: Decide = { model in
            var request = SubnetPoolRequest()
            request.maxPrefixLength = 24
            return try model.state.updateSubnetPool(pool.id, request, in: model.context).commit
        }
        expectConflict(shrink, cut(pool, a))
        try race(cut(pool, a), shrink)
    }

    @Test mutating func onePoolBecomesTheDefault() throws {
        let makeDefault: Decide = { model in
            var request = SubnetPoolRequest()
            request.prefixes = [try prefix("10.8.0.0/16")]
            request.isDefault = true
            return try model.state.createSubnetPools(
                [request], in: model.context, using: &model.generator
            ).commit
        }
        expectConflict(makeDefault, makeDefault)
    }
}
