import Addressing
import KernelPlan
import KernelScenarios
import Testing

/// What people read of a plan.
@Suite struct PlanTextTests {
    let bench = FakeWorkbench()

    @Test func stepSaysWhatItDoesAndWhy() throws {
        let wiring = try bench.wiring()
        try bench.alignFully(wiring)
        try bench.meddle(
            .setMTU(wiring.inner, 1400), .removeRoute(wiring.routes[0], metric: 0, wiring.inner),
            .setMAC(wiring.inner, try mac("fa:16:3e:ff:ff:ff")))
        let steps = try plan(from: try bench.kernel.observe(wiring), to: wiring)
        #expect(
            steps.map(\.description) == [
                "set MAC address of ns-00001234-56@qdhcp-00001234-56 to fa:16:3e:00:00:01",
                "set MTU of ns-00001234-56@qdhcp-00001234-56 to 1450",
                "add route default via 10.20.0.1 to ns-00001234-56@qdhcp-00001234-56",
            ])
        #expect(
            steps.map(\.reason) == [
                "MAC address of ns-00001234-56 is fa:16:3e:ff:ff:ff, should be fa:16:3e:00:00:01",
                "MTU of ns-00001234-56 is 1400, should be 1450",
                "route default via 10.20.0.1 is missing on ns-00001234-56",
            ])
    }

    @Test func obstacleNamesTheDeviceAndTheRemedy() throws {
        let wiring = try bench.wiring()
        try bench.meddle(.createBridge(wiring.outerDevice))
        let observed = try bench.kernel.observe(wiring)
        let error = #expect(throws: PlanError.self) { try plan(from: observed, to: wiring) }
        #expect(
            error?.description
                == "tap00001234-56: it is a device of kind bridge, should be a veth end; delete or rename it")
    }

    @Test func deadOuterEndIsReplacedOnlyWhereItsOtherEndIsInANamespace() throws {
        let wiring = try bench.wiring()
        var observed = ObservedWiring(outer: Link(index: 9, name: wiring.outerDevice, kind: "veth", peer: 2))
        #expect(throws: PlanError.self) { try plan(from: observed, to: wiring) }
        observed.outer?.peerNamespaceID = 0
        let steps = try plan(from: observed, to: wiring)
        #expect(steps.contains { $0.action == .deleteLink(wiring.outer) })
    }

    @Test func duplicateAndDynamicAddressesAreReplaced() throws {
        let wiring = try bench.wiring()
        try bench.alignFully(wiring)
        let observed = try bench.kernel.observe(wiring)
        for spoil in [{ $0.isDuplicate = true }, { $0.isPermanent = false }] as [(inout LinkAddress) -> Void]
        {
            var contents = try #require(observed.contents)
            let index = try #require(contents.addresses.firstIndex { $0.address == wiring.addresses[1] })
            spoil(&contents.addresses[index])
            var spoilt = observed
            spoilt.namespace = .alive(contents)
            let actions = try plan(from: spoilt, to: wiring).map(\.action)
            #expect(
                actions == [
                    .removeAddress(wiring.addresses[1], wiring.inner),
                    .addAddress(wiring.addresses[1], wiring.inner),
                ])
        }
    }

    @Test func routeWithSeveralNextHopsIsReplaced() throws {
        let wiring = try bench.wiring()
        try bench.alignFully(wiring)
        var observed = try bench.kernel.observe(wiring)
        var contents = try #require(observed.contents)
        let index = try #require(contents.routes.firstIndex { $0.route == wiring.routes[0] })
        contents.routes[index].nextHopCount = 2
        observed.namespace = .alive(contents)
        #expect(
            try plan(from: observed, to: wiring).map(\.action) == [
                .removeRoute(wiring.routes[0], metric: 0, wiring.inner),
                .addRoute(wiring.routes[0], wiring.inner),
            ])
    }
}
