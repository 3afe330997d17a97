import Addressing
import NetworkModel
import Testing

@Suite struct SubnetPoolTests {
    // MARK: Pools

    @Test func aPoolHasNeutronsDefaults() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.1.0/24", "10.0.0.0/24", "10.9.0.5/16"])
        #expect(pool.prefixes.map(\.description) == ["10.0.0.0/23", "10.9.0.0/16"])
        #expect(pool.ipVersion == .v4 && pool.minPrefixLength == 8 && pool.maxPrefixLength == 32)
        #expect(pool.defaultPrefixLength == 8 && pool.defaultQuota == nil)
        #expect(!pool.shared && !pool.isDefault && pool.standard.revisionNumber == 0)
        let six = try model.subnetPool(["2001:db8::/40"]) {
            $0.minPrefixLength = 48
            $0.defaultQuota = 5
            $0.shared = true
        }
        #expect(six.minPrefixLength == 48 && six.maxPrefixLength == 128 && six.defaultPrefixLength == 48)
        #expect(six.defaultQuota == 5 && six.shared)
        #expect(try model.subnetPool(["2001:db8::/40"]).minPrefixLength == 64, "pools may overlap")
        #expect(model.state.subnetPool(pool.id) == pool)
    }

    @Test func badPoolsAreRefused() throws {
        var model = Model()
        expectRefusal("EmptySubnetPoolPrefixList", kind: .badRequest) { _ = try model.subnetPool([]) }
        expectRefusal("PrefixVersionMismatch", "Cannot mix IPv4 and IPv6", kind: .badRequest) {
            _ = try model.subnetPool(["10.0.0.0/8", "2001:db8::/32"])
        }
        let bad: [((inout SubnetPoolRequest) -> Void, String, String)] = [
            (
                { $0.minPrefixLength = -1 }, "UnsupportedMinSubnetPoolPrefix",
                "Prefix '-1' not supported in IPv4"
            ),
            (
                { ($0.minPrefixLength, $0.maxPrefixLength) = (25, 24) }, "IllegalSubnetPoolPrefixBounds",
                "Illegal prefix bounds: min_prefixlen=25, max_prefixlen=24."
            ),
            (
                { $0.maxPrefixLength = 33 }, "IllegalSubnetPoolPrefixBounds",
                "max_prefixlen=33, ip_version_max=32."
            ),
            (
                { ($0.minPrefixLength, $0.defaultPrefixLength) = (24, 16) }, "IllegalSubnetPoolPrefixBounds",
                "default_prefixlen=16, min_prefixlen=24."
            ),
            (
                { ($0.maxPrefixLength, $0.defaultPrefixLength) = (24, 28) }, "IllegalSubnetPoolPrefixBounds",
                "default_prefixlen=28, max_prefixlen=24."
            ),
            ({ $0.defaultQuota = -5 }, "HTTPBadRequest", "default_quota"),
            ({ $0.name = "a\0b" }, "HTTPBadRequest", "U+0000"),
        ]
        for (change, type, text) in bad {
            expectRefusal(type, text, kind: .badRequest) { _ = try model.subnetPool(["10.0.0.0/8"], change) }
        }
    }

    @Test func oneVersionHasOneDefaultPool() throws {
        var model = Model()
        let first = try model.subnetPool(["10.0.0.0/8"]) { $0.isDefault = true }
        let text = "A default subnetpool for this IP family has already been set."
        expectRefusal("InvalidInput", text, kind: .badRequest) {
            _ = try model.subnetPool(["10.0.0.0/8"]) { $0.isDefault = true }
        }
        let six = try model.subnetPool(["2001:db8::/40"]) { $0.isDefault = true }
        let other = try model.subnetPool(["10.0.0.0/8"])
        expectRefusal("InvalidInput", text) {
            _ = try model.updateSubnetPool(other.id) { $0.isDefault = true }
        }
        _ = try model.updateSubnetPool(first.id) { $0.isDefault = true }
        _ = try model.updateSubnetPool(first.id) { $0.isDefault = false }
        _ = try model.updateSubnetPool(other.id) { $0.isDefault = true }
        #expect(model.state.defaultSubnetPool(.v4)?.id == other.id)
        #expect(model.state.defaultSubnetPool(.v6)?.id == six.id)
        // Two of one request, too.
        var request = SubnetPoolRequest()
        request.prefixes = [try prefix("fd00::/48")]
        request.isDefault = true
        try model.commit(model.state.deleteSubnetPool(six.id, in: model.context))
        expectRefusal("InvalidInput", text) {
            _ = try model.state.createSubnetPools(
                [request, request], in: model.context, using: &model.generator)
        }
    }

    @Test func aPoolsSpaceMayOnlyGrow() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/24", "10.0.2.0/24"])
        for shrunk in [["10.0.0.0/24"], ["10.0.0.0/25", "10.0.2.0/24"], ["2001:db8::/48"], []] {
            expectRefusal("IllegalSubnetPoolPrefixUpdate", "Existing prefixes must be a subset") {
                _ = try model.updateSubnetPool(pool.id) { $0.prefixes = try? shrunk.map { try prefix($0) } }
            }
        }
        expectRefusal("PrefixVersionMismatch") {
            _ = try model.updateSubnetPool(pool.id) {
                $0.prefixes = try? ["10.0.0.0/8", "2001:db8::/48"].map { try prefix($0) }
            }
        }
        let grown = try model.updateSubnetPool(pool.id) {
            $0.prefixes = try? ["10.0.0.0/23", "10.0.2.0/24"].map { try prefix($0) }
        }
        #expect(grown.prefixes.map(\.description) == ["10.0.0.0/23", "10.0.2.0/24"])
        #expect(grown.standard.revisionNumber == 1)
        let same = try model.updateSubnetPool(pool.id) {
            $0.prefixes = try? ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"].map { try prefix($0) }
        }
        #expect(same == grown, "the same space is no change")
    }

    @Test func aPoolIsChangedByWhatIsSaid() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/8"]) { $0.defaultQuota = 256 }
        let changed = try model.updateSubnetPool(pool.id, ifMatch: 0) {
            $0.name = "new"
            $0.minPrefixLength = 20
            $0.defaultPrefixLength = 24
            $0.maxPrefixLength = 28
            $0.defaultQuota = .some(nil)
        }
        #expect(changed.standard.name == "new" && changed.defaultQuota == nil)
        #expect(changed.minPrefixLength == 20 && changed.maxPrefixLength == 28)
        expectRefusal("RevisionNumberConstraintFailed", kind: .preconditionFailed) {
            _ = try model.updateSubnetPool(pool.id, ifMatch: 0) { $0.name = "x" }
        }
        expectRefusal("RevisionNumberConstraintFailed", kind: .preconditionFailed) {
            _ = try model.state.deleteSubnetPool(pool.id, ifMatch: 0, in: model.context)
        }
        expectRefusal("HTTPBadRequest", "Cannot update read-only attribute shared") {
            _ = try model.updateSubnetPool(pool.id) { $0.shared = true }
        }
        expectRefusal("IllegalSubnetPoolPrefixBounds") {
            _ = try model.updateSubnetPool(pool.id) { $0.minPrefixLength = 25 }
        }
        let nobody = ResourceID(rawValue: 5)
        expectRefusal("SubnetPoolNotFound", "Subnet pool \(nobody) could not be found.", kind: .notFound) {
            _ = try model.updateSubnetPool(nobody) { $0.name = "x" }
        }
        try model.commit(model.state.deleteSubnetPool(pool.id, ifMatch: 1, in: model.context))
        #expect(model.state.subnetPool(pool.id) == nil)
    }

    @Test func aPoolInUseStays() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/16"])
        let subnet = try model.subnet(from: pool) { $0.prefixLength = 24 }
        expectRefusal("SubnetPoolDeleteError", "Subnet pool has existing allocations", kind: .badRequest) {
            _ = try model.state.deleteSubnetPool(pool.id, in: model.context)
        }
        try model.commit(model.state.deleteSubnet(subnet.id, in: model.context))
        try model.commit(model.state.deleteSubnetPool(pool.id, in: model.context))
    }

    // MARK: Blocks

    @Test func theSmallestFreeBlockThatFitsIsCut() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/22", "10.1.0.0/24"])
        func cut(_ length: Int) throws -> String {
            try model.subnet(from: pool) { $0.prefixLength = length }.cidr.description
        }
        #expect(try cut(26) == "10.1.0.0/26", "the /24 is smaller than the /22")
        #expect(try cut(25) == "10.1.0.128/25")
        #expect(try cut(28) == "10.1.0.64/28")
        #expect(try cut(24) == "10.0.0.0/24", "the /22 is cut only now")
        #expect(try cut(24) == "10.0.1.0/24")
        #expect(try cut(23) == "10.0.2.0/23")
        expectRefusal(
            "SubnetAllocationError",
            "Failed to allocate subnet: Insufficient prefix space to allocate subnet size /24.",
            kind: .conflict
        ) { _ = try cut(24) }
        #expect(try cut(28) == "10.1.0.80/28")
        let first = try #require(model.state.subnets(ofSubnetPool: pool.id).first)
        try model.commit(model.state.deleteSubnet(first.id, in: model.context))
        #expect(try cut(24) == first.cidr.description, "what is given back is cut again")
    }

    @Test func aBlockOfAPoolHasItsFirstHostAsGateway() throws {
        var model = Model()
        let four = try model.subnetPool(["10.0.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let six = try model.subnetPool(["2001:db8::/48"])
        let network = try model.network()
        let a = try model.subnet(from: four, on: network)
        #expect(a.cidr.description == "10.0.0.0/24" && a.gatewayIP?.description == "10.0.0.1")
        #expect(a.allocationPools.map(\.description) == ["10.0.0.2-10.0.0.254"])
        #expect(a.subnetpoolID == four.id)
        let b = try model.subnet(from: six, on: network)
        #expect(b.cidr.description == "2001:db8::/64" && b.gatewayIP?.description == "2001:db8::1")
        #expect(b.allocationPools.map(\.description) == ["2001:db8::2-2001:db8::ffff:ffff:ffff:ffff"])
        #expect(try model.subnet(from: four) { $0.gatewayIP = .some(nil) }.gatewayIP == nil)
        // A block that is named has the gateway of any such block.
        let c = try model.subnet(from: six, on: network) { $0.cidr = IPPrefix("2001:db8:0:5::/64") }
        #expect(c.gatewayIP?.description == "2001:db8:0:5::" && c.subnetpoolID == six.id)
    }

    @Test func aGatewayNamesItsBlock() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let subnet = try model.subnet(from: pool) { $0.gatewayIP = IPAddress("10.0.7.9") }
        #expect(subnet.cidr.description == "10.0.7.0/24" && subnet.gatewayIP?.description == "10.0.7.9")
        let small = try model.subnet(from: pool) {
            $0.gatewayIP = IPAddress("10.0.8.17")
            $0.prefixLength = 28
        }
        #expect(small.cidr.description == "10.0.8.16/28")
        expectRefusal("SubnetAllocationError", "Cannot allocate requested subnet from the available set") {
            _ = try model.subnet(from: pool) { $0.gatewayIP = IPAddress("10.0.7.1") }
        }
    }

    @Test func aNamedBlockMustBeFreeAndOfThePool() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/24", "10.0.1.0/25"]) { $0.minPrefixLength = 20 }
        func cut(_ cidr: String) throws -> Subnet {
            let cidr = try prefix(cidr)
            return try model.subnet(from: pool) { $0.cidr = cidr }
        }
        #expect(try cut("10.0.0.64/26").subnetpoolID == pool.id)
        for cidr in ["10.0.0.64/26", "10.0.0.0/24", "10.0.0.96/28", "10.0.1.0/24", "10.9.0.0/24"] {
            expectRefusal(
                "SubnetAllocationError",
                "Cannot allocate requested subnet from the available set of prefixes",
                kind: .conflict
            ) { _ = try cut(cidr) }
        }
        #expect(try cut("10.0.0.200/25").cidr.description == "10.0.0.128/25")
    }

    @Test func aBlockHasAPermittedLength() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/8"]) {
            $0.minPrefixLength = 20
            $0.maxPrefixLength = 26
        }
        expectRefusal(
            "MinPrefixSubnetAllocationError",
            "Unable to allocate subnet with prefix length 19, minimum allowed prefix is 20.",
            kind: .badRequest
        ) { _ = try model.subnet(from: pool) { $0.prefixLength = 19 } }
        expectRefusal(
            "MaxPrefixSubnetAllocationError",
            "Unable to allocate subnet with prefix length 27, maximum allowed prefix is 26.",
            kind: .badRequest
        ) { _ = try model.subnet(from: pool) { $0.prefixLength = 27 } }
        expectRefusal("MaxPrefixSubnetAllocationError") {
            _ = try model.subnet(from: pool) { $0.cidr = IPPrefix("10.0.0.0/28") }
        }
        #expect(try model.subnet(from: pool).cidr.length == 20)
    }

    @Test func requestsThatContradictThemselvesAreRefused() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/8"])
        let bad: [((inout SubnetRequest) -> Void, String)] = [
            (
                { ($0.cidr, $0.prefixLength) = (IPPrefix("10.0.0.0/24"), 24) },
                "Bad subnets request: cidr and prefixlen must not be supplied together."
            ),
            (
                { $0.useDefaultSubnetpool = true },
                "subnetpool_id and use_default_subnetpool cannot both be specified"
            ),
            ({ $0.allocationPools = [] }, "allocation_pools allowed only for specific subnet requests."),
            ({ $0.ipVersion = .v6 }, "Cannot allocate IPv6 subnet from IPv4 subnet pool"),
            (
                { $0.subnetpoolID = .some(nil) }, "a subnetpool must be specified in the absence of a cidr"
            ),
        ]
        for (change, text) in bad {
            expectRefusal("BadRequest", text, kind: .badRequest) {
                _ = try model.subnet(from: pool, change)
            }
        }
        expectRefusal("SubnetPoolNotFound", kind: .notFound) {
            _ = try model.subnet(from: pool) { $0.subnetpoolID = ResourceID(rawValue: 5) }
        }
    }

    @Test func theDefaultPoolOfTheVersionIsUsedOnRequest() throws {
        var model = Model()
        let network = try model.network()
        func cut(_ change: (inout SubnetRequest) -> Void) throws -> Subnet {
            var request = SubnetRequest()
            request.networkID = network.id
            request.useDefaultSubnetpool = true
            change(&request)
            let decision = try model.state.createSubnets(
                [request], in: model.context, using: &model.generator)
            return try #require(try model.commit(decision).first)
        }
        expectRefusal("BadRequest", "ip_version must be specified in the absence of cidr and subnetpool_id") {
            _ = try cut { _ in }
        }
        expectRefusal("BadRequest", "No default subnetpool found for IPv6", kind: .badRequest) {
            _ = try cut { $0.ipVersion = .v6 }
        }
        let six = try model.subnetPool(["2001:db8::/48"]) { $0.isDefault = true }
        let four = try model.subnetPool(["10.0.0.0/8"]) {
            $0.isDefault = true
            $0.defaultPrefixLength = 26
        }
        #expect(try cut { $0.ipVersion = .v6 }.subnetpoolID == six.id)
        #expect(try cut { $0.cidr = IPPrefix("10.4.0.0/16") }.subnetpoolID == four.id)
        #expect(
            try cut { $0.ipVersion = .v4 }.cidr.description == "10.5.0.0/26",
            "the /16 beside it is the smallest")
    }

    @Test func aPoolOfAnotherProjectIsNotThereUnlessShared() throws {
        var model = Model()
        let mine = try model.subnetPool(["10.0.0.0/8"]) { $0.projectID = "other" }
        let shared = try model.subnetPool(["10.0.0.0/8"]) {
            ($0.projectID, $0.shared, $0.defaultPrefixLength) = ("other", true, 24)
        }
        let secret = try model.subnetPool(["2001:db8::/48"]) {
            ($0.projectID, $0.isDefault) = ("other", true)
        }
        let network = try model.network()
        let user = DecisionContext(projectID: "p", isAdmin: false, now: model.context.now)
        func request(_ pool: ResourceID?) -> SubnetRequest {
            var request = SubnetRequest()
            request.networkID = network.id
            request.subnetpoolID = .some(pool)
            request.prefixLength = pool == nil ? nil : 24
            return request
        }
        expectRefusal("SubnetPoolNotFound", kind: .notFound) {
            _ = try model.state.createSubnets([request(mine.id)], in: user, using: &model.generator)
        }
        _ = try model.state.createSubnets([request(shared.id)], in: user, using: &model.generator)
        var byDefault = request(nil)
        (byDefault.useDefaultSubnetpool, byDefault.ipVersion) = (true, .v6)
        expectRefusal("BadRequest", "No default subnetpool found for IPv6") {
            _ = try model.state.createSubnets([byDefault], in: user, using: &model.generator)
        }
        _ = try model.state.createSubnets([byDefault], in: model.context, using: &model.generator)
        #expect(secret.isDefault)
    }

    @Test func oneVersionOfANetworkIsOfOnePoolOrNone() throws {
        var model = Model()
        let a = try model.subnetPool(["10.0.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let b = try model.subnetPool(["10.1.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let network = try model.network()
        _ = try model.subnet(from: a, on: network)
        _ = try model.subnet(from: a, on: network)
        let text = "Subnets hosted on the same network must be allocated from the same subnet pool."
        expectRefusal("NetworkSubnetPoolAffinityError", text, kind: .badRequest) {
            _ = try model.subnet(from: b, on: network)
        }
        expectRefusal("NetworkSubnetPoolAffinityError", text) {
            _ = try model.subnet(network, "192.168.0.0/24")
        }
        _ = try model.subnet(network, "2001:db8::/64")
        let six = try model.subnetPool(["2001:db8:1::/48"])
        expectRefusal("NetworkSubnetPoolAffinityError", text) {
            _ = try model.subnet(from: six, on: network)
        }
    }

    // MARK: Quota of a pool

    @Test func aProjectHasItsShareOfAPool() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/8"]) { $0.defaultQuota = 512 + 16 }
        func cut(_ length: Int, project: String? = nil) throws {
            _ = try model.subnet(from: pool) {
                $0.prefixLength = length
                $0.projectID = project
            }
        }
        try cut(24)
        try cut(24)
        expectRefusal(
            "SubnetPoolQuotaExceeded", "Per-project subnet pool prefix quota exceeded.", kind: .conflict
        ) { try cut(27) }
        try cut(28)
        expectRefusal("SubnetPoolQuotaExceeded") { try cut(30) }
        try cut(24, project: "other")
        _ = try model.updateSubnetPool(pool.id) { $0.defaultQuota = .some(nil) }
        try cut(24)
        _ = try model.updateSubnetPool(pool.id) { $0.defaultQuota = 0 }
        try cut(24)
    }

    @Test func sharesOfIPv6AreCountedInBlocksOf64Bits() throws {
        var model = Model()
        let pool = try model.subnetPool(["2001:db8::/32"]) {
            $0.minPrefixLength = 48
            $0.defaultQuota = 3
        }
        func cut(_ length: Int) throws {
            _ = try model.subnet(from: pool) {
                $0.prefixLength = length
                $0.enableDHCP = false
            }
        }
        expectRefusal("SubnetPoolQuotaExceeded") { try cut(62) }
        try cut(63)
        try cut(65)
        try cut(65)
        expectRefusal("SubnetPoolQuotaExceeded") { try cut(128) }
        _ = try model.updateSubnetPool(pool.id) { $0.defaultQuota = .max }
        try cut(48)
    }

    // MARK: Several at once

    @Test func subnetsOfOneRequestAreCutOneAfterTheOther() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/23"]) { $0.defaultPrefixLength = 24 }
        let networks = [try model.network(), try model.network(), try model.network()]
        let requests = networks.map { network in
            var request = SubnetRequest()
            request.networkID = network.id
            request.subnetpoolID = pool.id
            return request
        }
        expectRefusal("SubnetAllocationError") {
            _ = try model.state.createSubnets(requests, in: model.context, using: &model.generator)
        }
        let two = try model.commit(
            model.state.createSubnets(Array(requests.prefix(2)), in: model.context, using: &model.generator))
        #expect(two.map(\.cidr.description) == ["10.0.0.0/24", "10.0.1.0/24"])
    }

    @Test func aSubnetKeepsItsPool() throws {
        var model = Model()
        let pool = try model.subnetPool(["10.0.0.0/16"]) { $0.defaultPrefixLength = 24 }
        let subnet = try model.subnet(from: pool)
        expectRefusal("HTTPBadRequest", "Cannot update read-only attribute subnetpool_id") {
            _ = try model.updateSubnet(subnet.id) { $0.subnetpoolID = .some(nil) }
        }
        let renamed = try model.updateSubnet(subnet.id) {
            $0.subnetpoolID = pool.id
            $0.name = "x"
        }
        #expect(renamed.subnetpoolID == pool.id)
    }
}
