import Addressing
import NetworkModel
import Testing

@Suite struct QuotaTests {
    private var model = Model()

    init() { model.context.policy = ModelPolicy() }

    private func limits(_ project: String) -> [Int] {
        QuotaResource.existing.map { model.state.limit($0, ofProject: project, policy: model.context.policy) }
    }

    @Test mutating func limitsAreNeutronsUntilSomebodySetsThem() throws {
        #expect(model.state.quota(ofProject: "p") == nil)
        #expect(limits("p") == [100, 500, 100, -1], "network, port, subnet, subnetpool")
        let quota = try model.commit(
            model.state.updateQuota("p", [.port: 3, .subnetpool: 7], in: model.context))
        #expect(quota.limits == [.port: 3, .subnetpool: 7] && model.state.quota(ofProject: "p") == quota)
        #expect(limits("p") == [100, 3, 100, 7] && limits("q") == [100, 500, 100, -1])
        let more = try model.commit(model.state.updateQuota("p", [.port: -1], in: model.context))
        #expect(more.limits == [.port: -1, .subnetpool: 7], "what is not named stays")
        #expect(try model.state.updateQuota("p", [.port: -1], in: model.context).isNoChange)
        #expect(try model.state.updateQuota("q", [:], in: model.context).isNoChange)
        try model.commit(model.state.deleteQuota("p", in: model.context))
        #expect(limits("p") == [100, 500, 100, -1])
        expectRefusal("TenantQuotaNotFound", "Quota for project p could not be found.", kind: .notFound) {
            _ = try model.state.deleteQuota("p", in: model.context)
        }
        expectRefusal("HTTPBadRequest", kind: .badRequest) {
            _ = try model.state.updateQuota("p", [.port: -2], in: model.context)
        }
        expectRefusal("HTTPBadRequest", "U+0000") {
            _ = try model.state.updateQuota("a\0b", [.port: 2], in: model.context)
        }
    }

    @Test mutating func nobodyGetsMoreThanTheLimit() throws {
        try model.commit(
            model.state.updateQuota(
                "p", [.network: 2, .subnet: 2, .port: 2, .subnetpool: 1], in: model.context))
        let network = try model.network()
        _ = try model.network()
        expectRefusal("OverQuota", "Quota exceeded for resources: ['network'].", kind: .conflict) {
            _ = try model.network()
        }
        _ = try model.network { $0.projectID = "q" }
        _ = try model.subnet(network, "10.0.0.0/24")
        _ = try model.subnet(network, "10.0.1.0/24")
        expectRefusal("OverQuota", "Quota exceeded for resources: ['subnet'].") {
            _ = try model.subnet(network, "10.0.2.0/24")
        }
        let port = try model.port(network)
        _ = try model.port(network)
        expectRefusal("OverQuota", "Quota exceeded for resources: ['port'].") {
            _ = try model.port(network)
        }
        _ = try model.port(network) { $0.projectID = "q" }
        _ = try model.subnetPool(["10.0.0.0/8"])
        expectRefusal("OverQuota", "Quota exceeded for resources: ['subnetpool'].") {
            _ = try model.subnetPool(["10.0.0.0/8"])
        }
        try model.commit(model.state.deletePort(port.id, in: model.context))
        _ = try model.port(network)
        #expect(QuotaResource.existing.map { model.state.usage(ofProject: "p")[$0] } == [2, 2, 2, 1])
        #expect(QuotaResource.existing.map { model.state.usage(ofProject: "q")[$0] } == [1, 1, 0, 0])
    }

    @Test mutating func aRequestForManyCountsAllOfThem() throws {
        try model.commit(model.state.updateQuota("p", [.port: 3], in: model.context))
        let network = try model.network()
        let one = model.portRequest(network)
        let other = model.portRequest(network) { $0.projectID = "q" }
        expectRefusal("OverQuota") {
            _ = try model.state.createPorts(
                [one, one, other, one, one], in: model.context, using: &model.generator)
        }
        let ports = try model.commit(
            model.state.createPorts(
                [one, other, one, other, one], in: model.context, using: &model.generator))
        #expect(ports.count == 5 && model.state.usage(ofProject: "p")[.port] == 3)
        #expect(try model.state.createPorts([], in: model.context, using: &model.generator).isNoChange)
    }

    @Test mutating func aLimitIsNotSetBelowWhatIsThereUnlessForced() throws {
        let network = try model.network()
        for _ in 0..<3 { _ = try model.port(network) }
        expectRefusal(
            "HTTPBadRequest", "Quota limit 2 for port must be greater than or equal to already used 3",
            kind: .badRequest
        ) { _ = try model.state.updateQuota("p", [.port: 2], in: model.context) }
        try model.commit(model.state.updateQuota("p", [.port: 3], in: model.context))
        try model.commit(model.state.updateQuota("p", [.port: 0], force: true, in: model.context))
        expectRefusal("OverQuota") { _ = try model.port(network) }
        try model.commit(model.state.updateQuota("p", [.port: -1], in: model.context))
        _ = try model.port(network)
    }

    @Test mutating func agentsPortsCountButAreNotRefused() throws {
        let network = try model.network()
        _ = try model.subnet(network, "10.0.0.0/24")
        try model.commit(model.state.updateQuota("p", [.port: 0], in: model.context))
        _ = try model.dhcpPort(network)
        #expect(model.state.usage(ofProject: "p")[.port] == 1)
        expectRefusal("OverQuota") { _ = try model.port(network) }
    }

    // MARK: At the same time

    /// Both decided on the same state, committed one after the other.
    private func race(_ model: inout Model, _ network: Network, _ first: Int, _ second: Int) throws {
        let state = model.state
        let commits = try [first, second].map { count in
            try state.createPorts(
                (0..<count).map { _ in model.portRequest(network) }, in: model.context,
                using: &model.generator
            ).commit
        }
        for commit in commits { try model.store.commit(commit) }
    }

    @Test mutating func twoCreatorsAtTheLimitDoNotBothPass() throws {
        let network = try model.network()
        try model.commit(model.state.updateQuota("p", [.port: 4], in: model.context))
        for (first, second) in [(4, 1), (1, 4), (2, 3)] {
            var copy = model
            #expect(throws: Refusal.condition(.atMost(4 - second, .port, project: "p"))) {
                try race(&copy, network, first, second)
            }
        }
        // Below it they do not meet at all.
        try race(&model, network, 2, 2)
        #expect(model.state.usage(ofProject: "p")[.port] == 4)
    }

    @Test mutating func firstLimitsOfAProjectDoNotLoseEachOther() throws {
        let network = try model.network()
        let key = RecordKey.quota(ProjectQuota(projectID: "p", limits: [:]).id)
        let other = try model.state.updateQuota("p", [.subnet: 7], in: model.context).commit
        let created = try model.state.createPorts(
            [model.portRequest(network)], in: model.context, using: &model.generator
        ).commit
        var unlimited = model.context
        unlimited.policy.defaultQuotas[.port] = -1
        let unbound = try model.state.createPorts(
            [model.portRequest(network)], in: unlimited, using: &model.generator
        ).commit
        try model.commit(model.state.updateQuota("p", [.port: 0], in: model.context))
        for late in [other, created, unbound] {
            #expect(throws: Refusal.condition(.absent(key))) { try model.store.commit(late) }
        }
        try model.commit(model.state.updateQuota("p", [.subnet: 7], in: model.context))
        #expect(model.state.quota(ofProject: "p")?.limits == [.port: 0, .subnet: 7])
        try model.commit(model.state.updateQuota("p", [.port: -1], in: model.context))
        let free = try model.state.createPorts(
            [model.portRequest(network)], in: model.context, using: &model.generator
        ).commit
        try model.commit(model.state.updateQuota("p", [.port: 0], in: model.context))
        #expect(throws: Refusal.self) { try model.store.commit(free) }
    }

    @Test mutating func aLimitDoesNotFallBelowWhatComesMeanwhile() throws {
        let network = try model.network()
        let lowered = try model.state.updateQuota("p", [.port: 0], in: model.context).commit
        _ = try model.port(network)
        #expect(throws: Refusal.condition(.atMost(0, .port, project: "p"))) {
            try model.store.commit(lowered)
        }
        let raised = try model.state.updateQuota("p", [.port: 5], in: model.context)
        try model.commit(raised)
        let decided = try model.state.createPorts(
            [model.portRequest(network)], in: model.context, using: &model.generator)
        try model.commit(model.state.updateQuota("p", [.port: 1], in: model.context))
        #expect(throws: Refusal.self) { try model.store.commit(decided.commit) }
    }
}
