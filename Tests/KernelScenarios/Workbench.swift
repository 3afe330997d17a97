public import Addressing
public import KernelPlan

/// A kernel to try scenarios on, with the few things that no wiring step can do.
public protocol Workbench: Sendable {
    var kernel: any Kernel { get }
    /// Eleven characters that nobody else uses, as the beginning of an id.
    var tag: String { get }
    /// Leaves a file without a namespace under a name, as a crash does.
    func killNamespace(_ name: String) throws
    /// Waits until the kernel has done what it does in the background.
    func settle(_ wiring: NetworkWiring) throws
}

/// A scenario that did not end as it should.
public struct ScenarioFailure: Error, CustomStringConvertible {
    public let description: String

    public init(_ description: String) { self.description = description }
}

extension Workbench {
    /// A wiring of IPv4 and IPv6 with names that only this workbench uses.
    public func wiring() throws -> NetworkWiring {
        NetworkWiring(
            namespace: "qdhcp-\(tag)", bridge: "brq\(tag)", outerDevice: "tap\(tag)",
            innerDevice: "ns-\(tag)",
            macAddress: try mac("fa:16:3e:00:00:01"), mtu: 1450,
            addresses: [try prefix("10.20.0.2/24"), try prefix("2001:db8:20::2/64")],
            routes: [
                try route("0.0.0.0/0", via: "10.20.0.1"), try route("::/0", via: "2001:db8:20::1"),
            ])
    }

    /// A device's name that no wiring uses: `lhk` and the tag's digits, numbered.
    public func spareName(_ number: Int) -> String { "lhk\(tag.prefix(8))\(number)" }

    /// Observes, plans and applies; returns what was done.
    @discardableResult
    public func align(_ wiring: NetworkWiring) throws -> [WiringStep] {
        let steps = try plan(from: try kernel.observe(wiring), to: wiring)
        for step in steps { try kernel.apply(step) }
        return steps
    }

    /// Aligns, and checks that nothing is left to do.
    @discardableResult
    public func alignFully(_ wiring: NetworkWiring) throws -> [WiringStep] {
        let steps = try align(wiring)
        let left = try plan(from: try kernel.observe(wiring), to: wiring)
        guard left.isEmpty else {
            throw ScenarioFailure("after \(steps.map(\.description)) there was left \(left.map(\.reason))")
        }
        return steps
    }

    /// Takes a wiring away, and checks that nothing is left.
    @discardableResult
    public func remove(_ wiring: NetworkWiring) throws -> [WiringStep] {
        let steps = planRemoval(of: wiring, from: try kernel.observe(wiring))
        for step in steps { try kernel.apply(step) }
        try settle(wiring)
        let left = planRemoval(of: wiring, from: try kernel.observe(wiring))
        guard left.isEmpty else { throw ScenarioFailure("removing left \(left.map(\.description))") }
        return steps
    }

    /// Does single actions, as somebody else would behind our back.
    public func meddle(_ actions: WiringAction...) throws {
        for action in actions { try kernel.apply(WiringStep(action, reason: "meddling")) }
    }

    /// Plans and expects an obstacle of that kind, named as that object.
    public func expectObstacle(_ wiring: NetworkWiring, _ kind: PlanError.Kind, object: String) throws {
        do throws(PlanError) {
            let steps = try plan(from: try observeOrFail(wiring), to: wiring)
            throw PlanError(
                .foreignDevice, object: "", detail: "planned \(steps.map(\.description))", remedy: "")
        } catch {
            guard error.kind == kind, error.object == object, !error.remedy.isEmpty else {
                throw ScenarioFailure("expected \(kind) of \(object), got \(error.kind): \(error)")
            }
        }
    }

    private func observeOrFail(_ wiring: NetworkWiring) throws(PlanError) -> ObservedWiring {
        do throws(KernelError) {
            return try kernel.observe(wiring)
        } catch {
            throw PlanError(.foreignDevice, object: "", detail: "\(error)", remedy: "")
        }
    }

    /// Takes away everything that scenarios may have made; never fails.
    public func clean(_ wirings: [NetworkWiring]) {
        for wiring in wirings {
            for action in [
                WiringAction.deleteNamespace(wiring.namespace), .deleteLink(LinkPlace(wiring.outerDevice)),
                .deleteLink(LinkPlace(wiring.innerDevice)), .deleteLink(LinkPlace(wiring.bridge)),
            ] {
                try? kernel.apply(WiringStep(action, reason: "cleaning"))
            }
            if case .vxlan(let vxlan) = wiring.uplink {
                try? kernel.apply(WiringStep(.deleteLink(LinkPlace(vxlan.name)), reason: "cleaning"))
            }
        }
        for number in 0..<4 {
            try? kernel.apply(WiringStep(.deleteLink(LinkPlace(spareName(number))), reason: "cleaning"))
        }
    }
}

/// Parses a prefix or fails the scenario.
public func prefix(_ text: String) throws -> IPPrefix {
    guard let value = IPPrefix(text) else { throw ScenarioFailure("\(text) is no prefix") }
    return value
}

/// Parses an address or fails the scenario.
public func address(_ text: String) throws -> IPAddress {
    guard let value = IPAddress(text) else { throw ScenarioFailure("\(text) is no address") }
    return value
}

/// Parses a MAC address or fails the scenario.
public func mac(_ text: String) throws -> MACAddress {
    guard let value = MACAddress(text) else { throw ScenarioFailure("\(text) is no MAC address") }
    return value
}

/// A route, or a failed scenario.
public func route(_ destination: String, via gateway: String? = nil) throws -> Route {
    Route(destination: try prefix(destination), gateway: try gateway.map { try address($0) })
}

/// Checks one thing of a scenario.
public func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    if !condition { throw ScenarioFailure(what()) }
}
