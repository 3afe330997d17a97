/// The steps that take a network's wiring away, in order; none where nothing of it stands.
///
/// A device of one of our names that is something else stays, and so does the bridge while it has
/// ports of others, such as the TAP devices of virtual machines. A wiring of which only the namespace
/// and the bridge are known has empty device names.
public func planRemoval(of wiring: NetworkWiring, from observed: ObservedWiring) -> [WiringStep] {
    var steps: [WiringStep] = []
    let why = "network of \(wiring.namespace) is not served here any more"
    switch observed.namespace {
    case .absent: break
    case .deadMountPoint: steps.append(WiringStep(.removeDeadNamespace(wiring.namespace), reason: why))
    case .alive: steps.append(WiringStep(.deleteNamespace(wiring.namespace), reason: why))
    }
    // A whole pair goes with its namespace; that is many times faster than deleting it.
    if let outer = observed.outer, !observed.isPaired, outer.leadsElsewhere {
        steps.append(WiringStep(.deleteLink(LinkPlace(outer.name)), reason: why))
    }
    guard wiring.makesBridge else { return steps }
    let bridge = observed.bridge.flatMap { $0.kind == "bridge" ? $0 : nil }
    let others = observed.bridgePorts.filter { !isOurs($0, wiring, observed) }
    guard others.isEmpty else { return steps }
    var tunnels = observed.bridgePorts.filter(\.isOurTunnel)
    if let uplink = observed.uplink?.link, uplink.isOurTunnel, !tunnels.contains(uplink),
        case .vxlan(let vxlan) = wiring.uplink, vxlan.vni == uplink.vxlan?.vni,
        uplink.master == nil || uplink.master == bridge?.index
    {
        tunnels.append(uplink)
    }
    for tunnel in tunnels {
        steps.append(WiringStep(.deleteLink(LinkPlace(tunnel.name)), reason: why))
    }
    if let bridge { steps.append(WiringStep(.deleteBridge(bridge.name), reason: why)) }
    return steps
}

/// Whether a port of the bridge is there for this wiring, or only carries frames off the host.
private func isOurs(_ port: Link, _ wiring: NetworkWiring, _ observed: ObservedWiring) -> Bool {
    if port.name == wiring.outerDevice || port.isOurTunnel { return true }
    if case .interface(port.name) = wiring.uplink { return true }
    // Hardware: it was made a port to carry this network, and is of no use to anybody without.
    if port.kind == nil { return true }
    // The other end of a device in the namespace that goes.
    return port.leadsElsewhere
        && observed.contents?.links.contains { $0.peer == port.index && port.peer == $0.index } == true
}

extension Link {
    /// Whether this is a VXLAN device with the name that we give.
    fileprivate var isOurTunnel: Bool { vxlan.map { name == "vxlan-\($0.vni)" } ?? false }
}
