import Addressing
import NetworkModel
import Testing

@Suite struct SubnetDecisionTests {
    /// 2.2 rules 8 and 9: the block, its default gateway and the pools around it.
    @Test(arguments: [
        ("10.0.0.0/24", "10.0.0.1", ["10.0.0.2-10.0.0.254"]),
        ("10.0.0.77/24", "10.0.0.1", ["10.0.0.2-10.0.0.254"]),
        ("10.0.0.0/30", "10.0.0.1", ["10.0.0.2-10.0.0.2"]),
        ("10.0.0.0/31", "10.0.0.1", ["10.0.0.0-10.0.0.0"]),
        ("10.0.0.5/32", "10.0.0.6", ["10.0.0.5-10.0.0.5"]),
        ("2001:db8::/64", "2001:db8::", ["2001:db8::1-2001:db8::ffff:ffff:ffff:ffff"]),
        ("2001:db8::/127", "2001:db8::", ["2001:db8::1-2001:db8::1"]),
        ("2001:db8::7/128", "2001:db8::7", ["2001:db8::7-2001:db8::7"]),
    ])
    func aSubnetGetsAGatewayAndPoolsAroundIt(_ cidr: String, _ gateway: String, _ pools: [String]) throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, cidr) { $0.enableDHCP = false }
        #expect(subnet.cidr == (try prefix(cidr)).network)
        #expect(subnet.gatewayIP?.description == gateway)
        #expect(subnet.allocationPools.map(\.description) == pools)
    }

    @Test(
        arguments: [
            ("10.0.0.0/24", "10.0.0.100", ["10.0.0.1-10.0.0.99", "10.0.0.101-10.0.0.254"]),
            ("10.0.0.0/24", "10.0.0.254", ["10.0.0.1-10.0.0.253"]),
            ("10.0.0.0/24", "10.9.9.9", ["10.0.0.1-10.0.0.254"]),
            ("10.0.0.0/24", nil, ["10.0.0.1-10.0.0.254"]),
            ("2001:db8::/64", "2001:db8::1", ["2001:db8::2-2001:db8::ffff:ffff:ffff:ffff"]),
        ] as [(String, String?, [String])])
    func aGivenGatewayIsLeftOutOfThePools(_ cidr: String, _ gateway: String?, _ pools: [String]) throws {
        var model = Model()
        let network = try model.network()
        let address = try gateway.map { try ip($0) }
        let subnet = try model.subnet(network, cidr) { $0.gatewayIP = .some(address) }
        #expect(subnet.gatewayIP == address)
        #expect(subnet.allocationPools.map(\.description) == pools)
    }

    /// 2.2 rule 10, each broken once: the block.
    @Test(arguments: [
        ("0.0.0.0/0", false, "0 is not allowed as CIDR prefix length"),
        ("::/64", false, "'::' is not supported"),
        ("10.0.0.0/31", true, "prefix length that is incompatible with DHCP"),
        ("2001:db8::/127", true, "prefix length that is incompatible with DHCP"),
        ("224.0.0.0/24", true, "Multicast IP subnet is not supported"),
        ("ff02::/64", true, "Multicast IP subnet is not supported"),
        ("127.0.0.0/24", true, "Loopback IP subnet is not supported"),
        ("0.0.0.0/24", true, "First IP '0.0.0.0' of network is not supported"),
        ("10.1.0.0/24", true, "overlaps with another subnet"),
        ("10.0.0.0/8", true, "overlaps with another subnet"),
        ("10.1.0.128/25", false, "overlaps with another subnet"),
    ])
    func aBlockThatCannotBeASubnetIsRefused(_ cidr: String, _ dhcp: Bool, _ text: String) throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.1.0.0/24")
        expectRefusal("InvalidInput", text, kind: .badRequest) {
            _ = try model.subnet(network, cidr) { $0.enableDHCP = dhcp }
        }
    }

    @Test func subnetsOfDifferentNetworksMayOverlap() throws {
        var model = Model()
        let (a, b) = (try model.network(), try model.network())
        _ = try model.subnet(a, "10.0.0.0/24")
        _ = try model.subnet(b, "10.0.0.0/24")
    }

    @Test func subnetsOfOneBulkMustNotOverlap() throws {
        var model = Model()
        let network = try model.network()
        let requests = try ["10.0.0.0/24", "10.0.0.0/25"].map { cidr in
            var request = SubnetRequest()
            request.networkID = network.id
            request.cidr = try prefix(cidr)
            return request
        }
        expectRefusal("InvalidInput", "overlaps with another subnet") {
            _ = try model.state.createSubnets(requests, in: model.context, using: &model.generator)
        }
    }

    @Test func aSubnetNeedsANetworkAndABlock() throws {
        var model = Model()
        let network = try model.network()
        var request = SubnetRequest()
        expectRefusal("HTTPBadRequest", "Required attribute 'network_id' not specified") {
            _ = try model.state.createSubnets([request], in: model.context, using: &model.generator)
        }
        request.networkID = network.id
        expectRefusal("BadRequest", "a subnetpool must be specified in the absence of a cidr") {
            _ = try model.state.createSubnets([request], in: model.context, using: &model.generator)
        }
        request.cidr = try prefix("10.0.0.0/24")
        request.networkID = ResourceID(rawValue: 5)
        expectRefusal("NetworkNotFound", kind: .notFound) {
            _ = try model.state.createSubnets([request], in: model.context, using: &model.generator)
        }
    }

    /// 2.2 rule 10, each broken once: the versions of what is given.
    @Test func versionsMustMatch() throws {
        var model = Model()
        let network = try model.network()
        let (v6, v4) = (try ip("2001:db8::5"), try ip("10.0.0.5"))
        let changes: [(String, (inout SubnetRequest) -> Void)] = [
            ("cidr '10.0.0.0/24' does not match the ip_version '6'", { $0.ipVersion = .v6 }),
            ("gateway_ip '2001:db8::5' does not match", { $0.gatewayIP = v6 }),
            ("dns_nameserver '2001:db8::5' does not match", { $0.dnsNameservers = [v4, v6] }),
            (
                "nexthop '2001:db8::5' does not match",
                { $0.hostRoutes = [HostRoute(destination: IPPrefix(host: v4), nexthop: v6)] }
            ),
            (
                "destination '2001:db8::5/128' does not match",
                { $0.hostRoutes = [HostRoute(destination: IPPrefix(host: v6), nexthop: v4)] }
            ),
            ("ipv6_ra_mode is not valid when ip_version is 4", { $0.ipv6RAMode = .slaac }),
            ("ipv6_address_mode is not valid when ip_version is 4", { $0.ipv6AddressMode = .slaac }),
        ]
        for (text, change) in changes {
            expectRefusal("InvalidInput", text) { _ = try model.subnet(network, "10.0.0.0/24", change) }
        }
    }

    @Test func thereAreLimitsOfNameserversAndRoutes() throws {
        var model = Model()
        let network = try model.network()
        let addresses = (1...21).map { IPAddress.v4(IPv4Address(10, 9, 9, $0)) }
        let routes = addresses.map { HostRoute(destination: IPPrefix(host: $0), nexthop: addresses[0]) }
        expectRefusal(
            "DNSNameServersExhausted", "new subnet. The number of DNS nameservers exceeds the limit 5"
        ) {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.dnsNameservers = Array(addresses.prefix(6)) }
        }
        expectRefusal("HostRoutesExhausted", "exceeds the limit 20") {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.hostRoutes = routes }
        }
        expectRefusal("HTTPBadRequest", "Duplicate nameserver") {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.dnsNameservers = [addresses[0], addresses[0]] }
        }
        expectRefusal("HTTPBadRequest", "Duplicate hostroute") {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.hostRoutes = [routes[0], routes[0]] }
        }
        let subnet = try model.subnet(network, "10.0.0.0/24") {
            $0.dnsNameservers = Array(addresses.prefix(5))
            $0.hostRoutes = Array(routes.prefix(20))
        }
        expectRefusal("DNSNameServersExhausted", subnet.id.description) {
            _ = try model.updateSubnet(subnet.id) { $0.dnsNameservers = Array(addresses.prefix(6)) }
        }
    }

    @Test(arguments: ["10.0.0.0", "10.0.0.255"])
    func aGatewayInTheBlockMustBeAHost(_ gateway: String) throws {
        var model = Model()
        let network = try model.network()
        let address = try ip(gateway)
        expectRefusal("InvalidInput", "Gateway is not valid on subnet") {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.gatewayIP = address }
        }
    }

    @Test(arguments: [
        (
            [("10.0.0.10", "10.0.0.20"), ("10.0.0.20", "10.0.0.30")], "OverlappingAllocationPools",
            ModelError.Kind.conflict
        ),
        ([("10.0.0.0", "10.0.0.20")], "OutOfBoundsAllocationPool", .badRequest),
        ([("10.0.0.10", "10.0.0.255")], "OutOfBoundsAllocationPool", .badRequest),
        ([("10.0.1.1", "10.0.1.2")], "OutOfBoundsAllocationPool", .badRequest),
        ([("2001:db8::1", "2001:db8::2")], "InvalidAllocationPool", .badRequest),
        ([("10.0.0.1", "10.0.0.20")], "GatewayConflictWithAllocationPools", .conflict),
    ])
    func poolsThatCannotBeAreRefused(
        _ pools: [(String, String)], _ type: String, _ kind: ModelError.Kind
    ) throws {
        var model = Model()
        let network = try model.network()
        let ranges = try pools.map { try range($0.0, $0.1) }
        expectRefusal(type, kind: kind) {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.allocationPools = ranges }
        }
    }

    @Test func poolsAreKeptInOrder() throws {
        var model = Model()
        let network = try model.network()
        let ranges = [try range("10.0.0.100", "10.0.0.110"), try range("10.0.0.10", "10.0.0.20")]
        let subnet = try model.subnet(network, "10.0.0.0/24") { $0.allocationPools = ranges }
        #expect(subnet.allocationPools == ranges.reversed())
        expectRefusal(
            "GatewayConflictWithAllocationPools", "Gateway ip 10.0.0.15 conflicts with allocation pool"
        ) {
            let gateway = try ip("10.0.0.15")
            _ = try model.updateSubnet(subnet.id) { $0.gatewayIP = gateway }
        }
        let moved = [try range("10.0.0.12", "10.0.0.14")]
        let gateway = try ip("10.0.0.15")
        let updated = try model.updateSubnet(subnet.id) {
            $0.allocationPools = moved
            $0.gatewayIP = gateway
        }
        #expect(updated.allocationPools == moved && updated.gatewayIP == gateway)
    }

    /// 1.11: the modes and what they need.
    @Test(
        arguments: [
            ("2001:db8::/64", IPv6Mode.slaac, IPv6Mode.dhcpv6Stateful, true, "they must be the same value"),
            ("2001:db8::/64", .slaac, nil, false, "cannot be set when enable_dhcp is set to False"),
            ("2001:db8::/64", nil, .dhcpv6Stateful, false, "cannot be set when enable_dhcp is set to False"),
            ("2001:db8::/63", .slaac, .slaac, true, "requires the prefix to be /64"),
            ("2001:db8::/80", nil, .dhcpv6Stateless, true, "requires the prefix to be /64"),
            ("2001:db8::/80", .dhcpv6Stateless, nil, true, "requires the prefix to be /64"),
        ] as [(String, IPv6Mode?, IPv6Mode?, Bool, String)])
    func modesThatCannotBeAreRefused(
        _ cidr: String, _ ra: IPv6Mode?, _ address: IPv6Mode?, _ dhcp: Bool, _ text: String
    ) throws {
        var model = Model()
        let network = try model.network()
        expectRefusal("InvalidInput", text) {
            _ = try model.subnet(network, cidr) {
                $0.ipv6RAMode = ra
                $0.ipv6AddressMode = address
                $0.enableDHCP = dhcp
            }
        }
    }

    @Test func statefulSubnetsNeedNo64Bits() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "2001:db8::/80") {
            $0.ipv6RAMode = .dhcpv6Stateful
            $0.ipv6AddressMode = .dhcpv6Stateful
        }
        #expect(!subnet.assignsEUI64)
    }

    @Test func whatASubnetIsCannotChange() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "2001:db8::/64") { $0.ipv6RAMode = .slaac }
        let same = try prefix("2001:db8::5/64")
        let other = try prefix("2001:db9::/64")
        #expect(try model.updateSubnet(subnet.id) { $0.cidr = same } == subnet)
        for (name, change) in [
            ("cidr", { $0.cidr = other }), ("ip_version", { $0.ipVersion = .v4 }),
            ("ipv6_ra_mode", { $0.ipv6RAMode = .dhcpv6Stateful }),
            ("ipv6_address_mode", { $0.ipv6AddressMode = .slaac }),
            ("network_id", { $0.networkID = subnet.id }),
        ] as [(String, (inout SubnetRequest) -> Void)] {
            expectRefusal("HTTPBadRequest", "Cannot update read-only attribute \(name)") {
                _ = try model.updateSubnet(subnet.id, change)
            }
        }
        expectRefusal("InvalidInput", "Cannot disable enable_dhcp with ipv6 attributes set") {
            _ = try model.updateSubnet(subnet.id) { $0.enableDHCP = false }
        }
    }

    @Test func turningDHCPOnNeedsABlockThatCanBeServed() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/31") { $0.enableDHCP = false }
        expectRefusal("InvalidInput", "incompatible with DHCP") {
            _ = try model.updateSubnet(subnet.id) { $0.enableDHCP = true }
        }
    }

    @Test func subnetChangesCountForTheNetworkAndPortsDoNot() throws {
        var model = Model()
        let network = try model.network()
        func revision() -> Int? { model.state.network(network.id)?.standard.revisionNumber }
        let subnet = try model.subnet(network, "10.0.0.0/24")
        #expect(revision() == 2 && subnet.standard.revisionNumber == 0)
        let renamed = try model.updateSubnet(subnet.id) { $0.name = "s" }
        #expect(revision() == 3 && renamed.standard.revisionNumber == 1)
        #expect(try model.updateSubnet(subnet.id) { $0.name = "s" } == renamed)
        #expect(revision() == 3)
        let port = try model.port(network)
        #expect(revision() == 3 && model.state.subnet(subnet.id) == renamed)
        try model.commit(model.state.deletePort(port.id, in: model.context))
        expectRefusal("RevisionNumberConstraintFailed", kind: .preconditionFailed) {
            _ = try model.updateSubnet(subnet.id, ifMatch: 0) { $0.name = "t" }
        }
        try model.commit(model.state.deleteSubnet(subnet.id, ifMatch: 1, in: model.context))
        #expect(revision() == 4)
        expectRefusal("SubnetNotFound", "Subnet \(subnet.id) could not be found.", kind: .notFound) {
            _ = try model.state.deleteSubnet(subnet.id, in: model.context)
        }
        expectRefusal("SubnetNotFound") { _ = try model.updateSubnet(subnet.id) { $0.name = "u" } }
    }

    @Test func aGatewayThatARouterHoldsCannotChange() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let gateway = try ip("10.0.0.1")
        let port = try model.port(network) {
            $0.deviceOwner = DeviceOwner.routerInterface
            $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id, address: gateway)]
        }
        let other = try ip("10.0.1.1")
        expectRefusal("GatewayIpInUse", "10.0.0.1 already in use by port \(port.id)", kind: .conflict) {
            _ = try model.updateSubnet(subnet.id) { $0.gatewayIP = other }
        }
        expectRefusal("GatewayIpInUse") {
            _ = try model.updateSubnet(subnet.id) { $0.gatewayIP = .some(nil) }
        }
        #expect(try model.updateSubnet(subnet.id) { $0.gatewayIP = gateway } == subnet)
        try model.commit(model.state.deletePort(port.id, in: model.context))
        #expect(try model.updateSubnet(subnet.id) { $0.gatewayIP = .some(nil) }.gatewayIP == nil)
    }

    @Test func portsHoldTheirSubnetUnlessTheyAreDeletedAutomatically() throws {
        var model = Model()
        let network = try model.network()
        let subnet = try model.subnet(network, "10.0.0.0/24")
        let dhcp = try model.dhcpPort(network)
        let port = try model.port(network)
        expectRefusal(
            "SubnetInUse", "One or more ports have an IP allocation from this subnet.", kind: .conflict
        ) {
            _ = try model.state.deleteSubnet(subnet.id, in: model.context)
        }
        try model.commit(model.state.deletePort(port.id, in: model.context))
        try model.commit(model.state.deleteSubnet(subnet.id, in: model.context))
        let left = try #require(model.state.port(dhcp.id))
        #expect(left.fixedIPs.isEmpty && left.standard.revisionNumber == 2)
    }

    @Test func anAutomaticSubnetTakesItsAddressesAlongUnlessARouterIsOnIt() throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let subnet = try model.subnet(network, "2001:db8::/64") { $0.ipv6AddressMode = .slaac }
        let port = try model.port(network)
        #expect(port.fixedIPs.count == 2)
        let router = try model.port(network) {
            $0.deviceOwner = DeviceOwner.routerInterface
            $0.fixedIPs = [FixedIPRequest(subnetID: subnet.id, address: subnet.gatewayIP)]
        }
        expectRefusal("SubnetInUse") { _ = try model.state.deleteSubnet(subnet.id, in: model.context) }
        try model.commit(model.state.deletePort(router.id, in: model.context))
        try model.commit(model.state.deleteSubnet(subnet.id, in: model.context))
        let left = try #require(model.state.port(port.id))
        #expect(left.fixedIPs == [port.fixedIPs[0]] && left.standard.revisionNumber == 2)
    }

    /// 2.2 rule 12.
    @Test(arguments: [IPv6Mode.slaac, .dhcpv6Stateless])
    func aNewAutomaticSubnetGivesItsAddressToEveryPortButRouters(_ mode: IPv6Mode) throws {
        var model = Model()
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        let mac = try #require(MACAddress("00:16:3e:33:44:55"))
        let port = try model.port(network) { $0.macAddress = mac }
        let bare = try model.port(network) { $0.fixedIPs = [] }
        let dhcp = try model.dhcpPort(network)
        let router = try model.port(network) { $0.deviceOwner = DeviceOwner.routerInterface }
        let subnet = try model.subnet(network, "2003::/64") { $0.ipv6AddressMode = mode }
        let changed = try #require(model.state.port(port.id))
        #expect(changed.addresses.last == "2003::216:3eff:fe33:4455")
        #expect(changed.standard.revisionNumber == 2)
        for id in [bare.id, dhcp.id] {
            let port = try #require(model.state.port(id))
            #expect(port.fixedIPs.last?.subnetID == subnet.id)
        }
        #expect(model.state.port(router.id) == router)
    }

    @Test func serviceTypesAreDeviceOwners() throws {
        var model = Model()
        let network = try model.network()
        expectRefusal("InvalidSubnetServiceType", kind: .badRequest) {
            _ = try model.subnet(network, "10.0.0.0/24") { $0.serviceTypes = ["nova"] }
        }
        _ = try model.subnet(network, "10.0.1.0/24") { $0.serviceTypes = ["test:type_1", "neutron:x"] }
        let subnet = try model.subnet(network, "10.0.0.0/24") { $0.serviceTypes = ["compute:nova"] }
        expectRefusal("InvalidSubnetServiceType") {
            _ = try model.updateSubnet(subnet.id) { $0.serviceTypes = ["network:dhcp", ""] }
        }
    }
}
