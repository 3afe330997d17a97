import Addressing
import KernelPlan

/// Random, repeatable meddling: a seed is a course of events.
public struct Drift {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    /// SplitMix64.
    private mutating func next(below limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(limit))
    }

    private mutating func pick<T>(_ values: [T]) -> T { values[next(below: values.count)] }

    /// A wiring with the workbench's names and everything else drawn.
    mutating func wiring(_ bench: any Workbench) throws -> NetworkWiring {
        var wiring = try bench.wiring()
        wiring.mtu = pick([1450, 1500, 1450, 1280, 1200])
        if next(below: 3) == 0 { wiring.macAddress = try mac("fa:16:3e:00:00:02") }
        let choices: [(addresses: [String], routes: [(String, String?)])] = [
            (
                ["10.20.0.2/24", "2001:db8:20::2/64"],
                [("0.0.0.0/0", "10.20.0.1"), ("::/0", "2001:db8:20::1")]
            ),
            (["10.20.0.3/24"], [("0.0.0.0/0", "10.20.0.1")]),
            (["10.20.0.3/24", "10.20.0.2/24", "10.30.0.2/16"], [("0.0.0.0/0", "10.30.0.1")]),
            (["2001:db8:20::3/64"], [("::/0", "2001:db8:20::1")]),
            (["10.20.0.2/24"], [("192.0.2.1/32", nil), ("0.0.0.0/0", "192.0.2.1")]),
            ([], []),
        ]
        let choice = pick(choices)
        wiring.addresses = try choice.addresses.map { try prefix($0) }
        wiring.routes = try choice.routes.map { try route($0.0, via: $0.1) }
        if next(below: 3) == 0 {
            let peers = ["198.51.100.1", "198.51.100.2", "198.51.100.3"].prefix(next(below: 4))
            wiring = Scenario.withVXLAN(wiring, bench, peers: try peers.map { try address($0) })
        }
        return wiring
    }

    /// Something that somebody might do to the wiring. It may be impossible just now.
    mutating func action(_ wiring: NetworkWiring, _ bench: any Workbench) throws -> WiringAction {
        let ends = [wiring.inner, wiring.outer]
        let prefixes = try [
            "10.20.0.2/24", "10.20.0.3/24", "10.20.0.9/24", "10.30.0.2/16", "2001:db8:20::2/64",
            "2001:db8:99::9/64", "fe80::9/64", "192.0.2.9/32",
        ].map { try prefix($0) }
        let routes = [
            try route("0.0.0.0/0", via: "10.20.0.1"), try route("0.0.0.0/0", via: "10.20.0.77"),
            try route("192.0.2.1/32"), try route("::/0", via: "2001:db8:20::1"), try route("198.18.0.0/15"),
        ]
        let stale = LinkPlace("ns-00000000-00", in: wiring.namespace)
        switch next(below: 20) {
        case 0: return .deleteNamespace(wiring.namespace)
        case 1: return .createNamespace(wiring.namespace)
        case 2: return .deleteLink(pick(ends))
        case 3: return .deleteLink(LinkPlace(wiring.bridge))
        case 4: return .createBridge(wiring.bridge)
        case 5: return .setBridge(wiring.bridge, BridgeParameters(forwardDelay: 1500, spanningTree: true))
        case 6: return .setMTU(pick(ends), pick([1000, 1280, 1400, 1500]))
        case 7: return .setMAC(wiring.inner, try mac("fa:16:3e:ff:ff:ff"))
        case 8: return .setIPv6(pick(ends + [LinkPlace(wiring.bridge)]), enabled: next(below: 2) == 0)
        case 9, 10: return .addAddress(pick(prefixes), wiring.inner)
        case 11, 12: return .removeAddress(pick(prefixes + wiring.addresses), wiring.inner)
        case 13: return .addRoute(pick(routes), wiring.inner)
        case 14: return .removeRoute(pick(routes + wiring.routes), metric: 0, wiring.inner)
        case 15: return .set(pick(NamespaceSetting.allCases), to: next(below: 2), namespace: wiring.namespace)
        case 16: return .setBridgePort(wiring.outerDevice, bridge: bench.spareName(0))
        case 17: return .createBridge(bench.spareName(0))
        case 18:
            return .createVeth(
                outer: VethEnd(LinkPlace(bench.spareName(1))), inner: VethEnd(pick([stale, wiring.inner])),
                mtu: 1500)
        default:
            return .createVeth(
                outer: VethEnd(wiring.outer), inner: VethEnd(pick([stale, wiring.inner])),
                mtu: 1500)
        }
    }

    /// Meddles for a while between two wirings and checks that aligning ends with nothing to do.
    ///
    /// Returns the number of steps that it took.
    public static func course(seed: UInt64, on bench: any Workbench) throws -> Int {
        var drift = Drift(seed: seed)
        var wirings: [NetworkWiring] = []
        defer { bench.clean(wirings) }
        var count = 0
        for round in 0..<4 {
            let wiring = try drift.wiring(bench)
            wirings.append(wiring)
            // The first round begins with something, too: what stands at the beginning is arbitrary.
            for _ in 0..<drift.next(below: round == 0 ? 12 : 8) {
                let action = try drift.action(wiring, bench)
                try? bench.kernel.apply(WiringStep(action, reason: "drift"))
            }
            if drift.next(below: 10) == 0 { try bench.killNamespace(wiring.namespace) }
            do {
                count += try bench.alignFully(wiring).count
            } catch {
                throw ScenarioFailure("seed \(seed), round \(round), \(wiring): \(error)")
            }
        }
        return count
    }
}
