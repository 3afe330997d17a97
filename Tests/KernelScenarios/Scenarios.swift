import Addressing
public import KernelPlan

/// One course of events that must end the same on every kernel.
public struct Scenario: Sendable, CustomStringConvertible {
    /// What the scenario shows, as a fact.
    public let description: String
    let body: @Sendable (any Workbench) throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (any Workbench) throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Runs the scenario and cleans up, however it ends.
    public func run(on bench: any Workbench) throws {
        var wirings = [try bench.wiring()]
        wirings.append(Scenario.withVXLAN(wirings[0], bench, peers: []))
        defer { bench.clean(wirings) }
        try body(bench)
    }

    public static let all: [Scenario] = fresh + drift + foreign + uplinks + removal

    // MARK: From nothing

    static let fresh = [
        Scenario("a fresh wiring is complete") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            let seen = try bench.kernel.observe(wiring)
            guard let contents = seen.contents, let inner = contents.link(wiring.innerDevice),
                let outer = seen.outer
            else { throw ScenarioFailure("observed only \(seen)") }
            try expect(seen.isPaired, "the ends are no pair")
            try expect(inner.macAddress == wiring.macAddress && inner.mtu == 1450 && inner.isUp, "\(inner)")
            try expect(outer.mtu == 1450 && outer.isUp && outer.isIPv6Disabled == true, "\(outer)")
            try expect(outer.master == seen.bridge?.index, "the outer end is no port of the bridge")
            try expect(
                seen.bridge?.isUp == true && seen.bridge?.bridge == .ours,
                "\(String(describing: seen.bridge))")
            try expect(seen.bridge?.isIPv6Disabled == true, "the bridge speaks IPv6")
            try expect(contents.link("lo")?.isUp == true, "loopback is down")
            try expect(contents.checksumOffload == false, "checksums are left to hardware")
            let addresses = Set(contents.addresses.filter { $0.link == inner.index }.map(\.address))
            let linkLocal = try prefix("\(wiring.macAddress.linkLocal)/64")
            try expect(addresses == Set(wiring.addresses + [linkLocal]), "addresses are \(addresses)")
            let routes = contents.routes.filter { !$0.isKernelMade }.map(\.route)
            try expect(Set(routes) == Set(wiring.routes), "routes are \(routes)")
            for setting in NamespaceSetting.allCases {
                try expect(contents.settings[setting] == setting.wanted, "\(setting) is wrong")
            }
        },
        Scenario("a gateway outside its subnet is reached by a route of its own") { bench in
            var wiring = try bench.wiring()
            wiring.routes = [
                try route("192.0.2.1/32"), try route("0.0.0.0/0", via: "192.0.2.1"),
                try route("2001:db8:ffff::1/128"), try route("::/0", via: "2001:db8:ffff::1"),
            ]
            try bench.alignFully(wiring)
            // And goes when the gateway moves into the subnet.
            let usual = try bench.wiring()
            try bench.alignFully(usual)
            let routes = try bench.kernel.observe(usual).contents?.routes.filter { !$0.isKernelMade }.map(
                \.route)
            try expect(Set(routes ?? []) == Set(usual.routes), "routes are \(routes ?? [])")
        },
        Scenario("with an MTU below IPv6's minimum only IPv4 is wired") { bench in
            var wiring = try bench.wiring()
            wiring.mtu = 1200
            try bench.alignFully(wiring)
            // Growing brings IPv6 back, and not onto the outer end.
            let usual = try bench.wiring()
            try bench.alignFully(usual)
            let seen = try bench.kernel.observe(usual)
            try expect(seen.outer?.isIPv6Disabled == true, "the outer end speaks IPv6")
            try expect(
                seen.contents?.addresses.contains { $0.address == usual.addresses[1] } == true,
                "no IPv6 address")
            try bench.alignFully(wiring)
        },
    ]

    // MARK: Drift

    /// What somebody does behind our back to a wiring that was complete; aligning repairs it.
    private static func drift(
        _ what: String, steps count: ClosedRange<Int>,
        _ meddling: @escaping @Sendable (any Workbench, NetworkWiring) throws -> Void
    ) -> Scenario {
        Scenario("\(what) is repaired") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            try meddling(bench, wiring)
            let steps = try bench.alignFully(wiring)
            try expect(
                count.contains(steps.count), "repaired in \(steps.count) steps: \(steps.map(\.description))")
            try expect(steps.allSatisfy { !$0.reason.isEmpty }, "a step has no reason")
        }
    }

    static let drift = [
        drift("a lost default route", steps: 1...1) { bench, wiring in
            try bench.meddle(.removeRoute(wiring.routes[0], metric: 0, wiring.inner))
        },
        drift("a default route to somewhere else", steps: 2...2) { bench, wiring in
            try bench.meddle(
                .removeRoute(wiring.routes[0], metric: 0, wiring.inner),
                .addRoute(try route("0.0.0.0/0", via: "10.20.0.99"), wiring.inner))
        },
        drift("a route to a gateway that nobody needs", steps: 1...1) { bench, wiring in
            try bench.meddle(.addRoute(try route("192.0.2.77/32"), wiring.inner))
        },
        drift("a changed MTU of the inner end", steps: 1...1) { bench, wiring in
            try bench.meddle(.setMTU(wiring.inner, 1400))
        },
        drift("a changed MTU of the outer end", steps: 1...1) { bench, wiring in
            try bench.meddle(.setMTU(wiring.outer, 1400))
        },
        drift("an MTU below IPv6's minimum", steps: 6...8) { bench, wiring in
            try bench.meddle(.setMTU(wiring.inner, 1000), .setMTU(wiring.outer, 1000))
        },
        drift("a changed MAC address", steps: 1...3) { bench, wiring in
            try bench.meddle(.setMAC(wiring.inner, try mac("fa:16:3e:ff:ff:ff")))
        },
        drift("an outer end moved to another bridge", steps: 1...1) { bench, wiring in
            try bench.meddle(
                .createBridge(bench.spareName(0)),
                .setBridgePort(wiring.outerDevice, bridge: bench.spareName(0)))
        },
        drift("a lost bridge", steps: 4...4) { bench, wiring in
            try bench.meddle(.deleteLink(LinkPlace(wiring.bridge)))
        },
        drift("a bridge with a spanning tree", steps: 1...1) { bench, wiring in
            try bench.meddle(
                .setBridge(wiring.bridge, BridgeParameters(forwardDelay: 1500, spanningTree: true)))
        },
        drift("IPv6 on the outer end and the bridge", steps: 2...2) { bench, wiring in
            try bench.meddle(
                .setIPv6(wiring.outer, enabled: true), .setIPv6(LinkPlace(wiring.bridge), enabled: true))
        },
        drift("IPv6 disabled on the inner end", steps: 2...4) { bench, wiring in
            try bench.meddle(.setIPv6(wiring.inner, enabled: false))
        },
        drift("a lost address", steps: 1...2) { bench, wiring in
            try bench.meddle(.removeAddress(wiring.addresses[0], wiring.inner))
        },
        drift("a lost link-local address", steps: 1...1) { bench, wiring in
            try bench.meddle(.removeAddress(try prefix("\(wiring.macAddress.linkLocal)/64"), wiring.inner))
        },
        drift("an address too many", steps: 2...2) { bench, wiring in
            try bench.meddle(
                .addAddress(try prefix("10.99.0.1/24"), wiring.inner),
                .addAddress(try prefix("2001:db8:99::1/64"), wiring.inner))
        },
        drift("a wrong primary address with the right one behind it", steps: 1...4) { bench, wiring in
            // The kernel takes secondary addresses along with their primary one.
            try bench.meddle(
                .removeAddress(wiring.addresses[0], wiring.inner),
                .addAddress(try prefix("10.20.0.9/24"), wiring.inner),
                .addAddress(wiring.addresses[0], wiring.inner))
        },
        drift("a lost inner end", steps: 5...12) { bench, wiring in
            try bench.meddle(.deleteLink(wiring.inner))
        },
        drift("a lost outer end", steps: 5...12) { bench, wiring in
            try bench.meddle(.deleteLink(wiring.outer))
        },
        drift("a namespace that died", steps: 8...20) { bench, wiring in
            try bench.killNamespace(wiring.namespace)
        },
        drift("a deleted namespace", steps: 8...20) { bench, wiring in
            try bench.meddle(.deleteNamespace(wiring.namespace))
        },
        drift("an inner end whose other end has another name", steps: 6...14) { bench, wiring in
            try bench.meddle(
                .deleteLink(wiring.inner),
                .createVeth(
                    outer: VethEnd(LinkPlace(bench.spareName(1))), inner: VethEnd(wiring.inner), mtu: 1450))
        },
        drift("an outer end that leads to a device of another name", steps: 6...14) { bench, wiring in
            try bench.meddle(
                .deleteLink(wiring.inner),
                .createVeth(
                    outer: VethEnd(wiring.outer), inner: VethEnd(LinkPlace("stranger", in: wiring.namespace)),
                    mtu: 1450))
        },
        drift("a device of an earlier DHCP port", steps: 1...1) { bench, wiring in
            try bench.meddle(
                .createVeth(
                    outer: VethEnd(LinkPlace(bench.spareName(2))),
                    inner: VethEnd(LinkPlace("ns-00000000-00", in: wiring.namespace)), mtu: 1450))
        },
        drift("a changed setting of the namespace", steps: 2...2) { bench, wiring in
            try bench.meddle(
                .set(.acceptRouterAdvertisements, to: 1, namespace: wiring.namespace),
                .set(.nonlocalBind, to: 0, namespace: wiring.namespace))
        },
    ]
}

extension NetworkWiring {
    /// The inner end's place.
    public var inner: LinkPlace { LinkPlace(innerDevice, in: namespace) }
    /// The outer end's place.
    public var outer: LinkPlace { LinkPlace(outerDevice) }
}
