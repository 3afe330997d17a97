import Addressing
import KernelPlan

extension Scenario {
    // MARK: What is not ours

    static let foreign = [
        Scenario("a bridge with the outer end's name is left alone") { bench in
            let wiring = try bench.wiring()
            try bench.meddle(.createBridge(wiring.outerDevice))
            try bench.expectObstacle(wiring, .foreignDevice, object: wiring.outerDevice)
            let left = planRemoval(of: wiring, from: try bench.kernel.observe(wiring))
            try expect(left.isEmpty, "removal would do \(left.map(\.description))")
        },
        Scenario("a veth within the root namespace with the outer end's name is left alone") { bench in
            let wiring = try bench.wiring()
            try bench.meddle(
                .createVeth(
                    outer: VethEnd(wiring.outer), inner: VethEnd(LinkPlace(bench.spareName(0))), mtu: 1500))
            try bench.expectObstacle(wiring, .foreignDevice, object: wiring.outerDevice)
            let left = planRemoval(of: wiring, from: try bench.kernel.observe(wiring))
            try expect(left.isEmpty, "removal would do \(left.map(\.description))")
        },
        Scenario("a veth with the bridge's name is left alone") { bench in
            let wiring = try bench.wiring()
            try bench.meddle(
                .createVeth(
                    outer: VethEnd(LinkPlace(wiring.bridge)), inner: VethEnd(LinkPlace(bench.spareName(0))),
                    mtu: 1500))
            try bench.expectObstacle(wiring, .foreignDevice, object: wiring.bridge)
            let left = planRemoval(of: wiring, from: try bench.kernel.observe(wiring))
            try expect(left.isEmpty, "removal would do \(left.map(\.description))")
        },
        Scenario("an operator's bridge is used, not changed and not deleted") { bench in
            var wiring = try bench.wiring()
            wiring.bridge = bench.spareName(3)
            try bench.expectObstacle(wiring, .bridgeMissing, object: wiring.bridge)
            let parameters = BridgeParameters(forwardDelay: 1500, spanningTree: true)
            try bench.meddle(.createBridge(wiring.bridge), .setBridge(wiring.bridge, parameters))
            try bench.alignFully(wiring)
            let bridge = try bench.kernel.observe(wiring).bridge
            try expect(bridge?.bridge == parameters && bridge?.isUp == false, "\(String(describing: bridge))")
            try bench.remove(wiring)
            try expect(try bench.kernel.observe(wiring).bridge != nil, "the bridge is gone")
        },
    ]

    // MARK: Uplinks

    static func withVXLAN(_ wiring: NetworkWiring, _ bench: any Workbench, peers: [IPAddress])
        -> NetworkWiring
    {
        var wiring = wiring
        // A number of its own for every workbench, for devices may not share one.
        let vni = (UInt32(bench.tag.prefix(5), radix: 16) ?? 1) + 1
        wiring.uplink = .vxlan(
            VXLAN(
                name: "vxlan-\(vni)", vni: vni, localAddress: .v4(IPv4Address(127, 0, 0, 1)), port: 18472,
                flood: .peers(peers), mtu: 1450))
        return wiring
    }

    static let uplinks = [
        Scenario("a VXLAN device is made, its peers follow, and it goes with the bridge") { bench in
            let peers = [
                try address("198.51.100.1"), try address("198.51.100.2"), try address("198.51.100.3"),
            ]
            let wiring = withVXLAN(try bench.wiring(), bench, peers: Array(peers[0...1]))
            try bench.alignFully(wiring)
            try expect(
                try bench.kernel.observe(wiring).uplink?.floodPeers == Set(peers[0...1]),
                "peers are not flooded to")
            let changed = withVXLAN(wiring, bench, peers: Array(peers[1...2]))
            let steps = try bench.alignFully(changed)
            try expect(steps.count == 2, "changed peers by \(steps.map(\.description))")
            try bench.remove(changed)
            try expect(try bench.kernel.observe(changed).uplink == nil, "the VXLAN device stays")
        },
        Scenario("a VXLAN device with another address is replaced") { bench in
            var wiring = withVXLAN(try bench.wiring(), bench, peers: [try address("198.51.100.1")])
            try bench.alignFully(wiring)
            guard case .vxlan(var vxlan) = wiring.uplink else { throw ScenarioFailure("no VXLAN") }
            vxlan.localAddress = .v4(IPv4Address(127, 0, 0, 2))
            wiring.uplink = .vxlan(vxlan)
            try bench.alignFully(wiring)
            try bench.alignFully(wiring)
        },
        Scenario("an interface that is missing, taken or in use is an obstacle, and a free one an uplink") {
            bench in
            var wiring = try bench.wiring()
            let name = bench.spareName(0)
            wiring.uplink = .interface(name)
            try bench.expectObstacle(wiring, .uplinkMissing, object: name)
            try bench.meddle(
                .createVeth(
                    outer: VethEnd(LinkPlace(name), isUp: true),
                    inner: VethEnd(LinkPlace(bench.spareName(1)), isUp: true),
                    mtu: 1500),
                .addAddress(try prefix("198.51.100.9/24"), LinkPlace(name)))
            try bench.expectObstacle(wiring, .uplinkHasAddresses, object: name)
            try bench.meddle(.removeAddress(try prefix("198.51.100.9/24"), LinkPlace(name)))
            try bench.meddle(
                .createBridge(bench.spareName(2)), .setBridgePort(name, bridge: bench.spareName(2)))
            try bench.expectObstacle(wiring, .uplinkTaken, object: name)
            try bench.meddle(.deleteLink(LinkPlace(bench.spareName(2))))
            try bench.alignFully(wiring)
            try bench.remove(wiring)
            let seen = try bench.kernel.observe(wiring)
            try expect(
                seen.uplink != nil && seen.uplink?.link.master == nil, "\(String(describing: seen.uplink))")
        },
    ]

    // MARK: Removal

    static let removal = [
        Scenario("removal leaves nothing") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            try bench.remove(wiring)
            let seen = try bench.kernel.observe(wiring)
            try expect(seen.namespace == .absent && seen.bridge == nil && seen.outer == nil, "left \(seen)")
            try bench.alignFully(wiring)
        },
        Scenario("removal of a wiring that never was does nothing") { bench in
            try expect(try bench.remove(try bench.wiring()).isEmpty, "it did something")
        },
        Scenario("removal without the devices' names leaves nothing") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            var remains = wiring
            remains.outerDevice = ""
            remains.innerDevice = ""
            try bench.remove(remains)
            try bench.settle(wiring)
            let seen = try bench.kernel.observe(wiring)
            try expect(seen.namespace == .absent && seen.bridge == nil && seen.outer == nil, "left \(seen)")
        },
        Scenario("removal of a wiring whose namespace died leaves nothing") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            try bench.killNamespace(wiring.namespace)
            try bench.remove(wiring)
            let seen = try bench.kernel.observe(wiring)
            try expect(seen.namespace == .absent && seen.bridge == nil && seen.outer == nil, "left \(seen)")
        },
        Scenario("the bridge stays while it has another port") { bench in
            let wiring = try bench.wiring()
            try bench.alignFully(wiring)
            try bench.meddle(
                .createVeth(
                    outer: VethEnd(LinkPlace(bench.spareName(0)), bridge: wiring.bridge),
                    inner: VethEnd(LinkPlace(bench.spareName(1))), mtu: 1450))
            try bench.remove(wiring)
            try expect(try bench.kernel.observe(wiring).bridge != nil, "the bridge is gone")
            try bench.meddle(.deleteLink(LinkPlace(bench.spareName(0))))
            try bench.remove(wiring)
            try expect(try bench.kernel.observe(wiring).bridge == nil, "the bridge stays")
        },
    ]
}
