import Addressing

// What must hold before anything is changed. We never delete or reconfigure what is not ours.

/// Throws where a device of one of our names is something else.
func checkOwnership(_ observed: ObservedWiring, _ desired: NetworkWiring) throws(PlanError) {
    if let bridge = observed.bridge {
        if bridge.kind != "bridge" { throw foreign(bridge, should: "a bridge") }
    } else if !desired.makesBridge {
        throw PlanError(
            .bridgeMissing, object: desired.bridge, detail: "there is no such bridge",
            remedy: "create it, or correct bridge_mappings")
    }
    if let inner = observed.contents?.link(desired.innerDevice), inner.kind != "veth" {
        throw foreign(inner, should: "a veth end", in: desired.namespace)
    }
    if let outer = observed.outer, !observed.isPaired {
        if outer.kind != "veth" { throw foreign(outer, should: "a veth end") }
        if !outer.leadsElsewhere {
            throw PlanError(
                .foreignDevice, object: outer.name,
                detail: "it is a veth whose other end is in the root namespace, so it is not ours",
                remedy: "delete or rename it")
        }
    }
    if case .vxlan(let vxlan) = desired.uplink, let link = observed.uplink?.link {
        // One of another kind is not ours; nor is one that differs and was never a port of our bridge.
        let isOurs = link.master != nil && link.master == observed.bridge?.index
        if link.kind != "vxlan" || (link.vxlan != vxlan.parameters && !isOurs) {
            throw foreign(link, should: "the VXLAN device with VNI \(vxlan.vni)")
        }
    }
}

/// Throws where the uplink cannot become a port of the bridge.
func checkUplink(_ observed: ObservedWiring, _ desired: NetworkWiring) throws(PlanError) {
    guard let wanted = desired.uplink else { return }
    guard let uplink = observed.uplink else {
        guard case .interface(let name) = wanted else { return }
        throw PlanError(
            .uplinkMissing, object: name, detail: "there is no such interface",
            remedy: "create it, or correct physical_interface_mappings")
    }
    let link = uplink.link
    if let master = link.master {
        if master == observed.bridge?.index { return }
        throw PlanError(
            .uplinkTaken, object: link.name,
            detail: "it is a port of another bridge (interface index \(master))",
            remedy: "release it with 'ip link set \(link.name) nomaster', or give the network another segment"
        )
    }
    guard case .interface = wanted else { return }
    // A link-local address comes with being up and goes without harm.
    let addresses = uplink.addresses.filter { $0.address.v6?.isLinkLocal != true }
    if !addresses.isEmpty {
        throw PlanError(
            .uplinkHasAddresses, object: link.name,
            detail: "it has \(addresses.map(\.description).joined(separator: ", ")), "
                + "which would stop working on the port of a bridge",
            remedy: "use an interface without addresses, or put both on a bridge of your own "
                + "and name that in bridge_mappings")
    }
}

private func foreign(_ link: Link, should: String, in namespace: String? = nil) -> PlanError {
    PlanError(
        .foreignDevice, object: link.name,
        detail: "it is \(link.kind.map { "a device of kind \($0)" } ?? "a hardware interface"), "
            + "should be \(should)" + (namespace.map { " in namespace \($0)" } ?? ""),
        remedy: "delete or rename it")
}

extension Link {
    /// Whether this is a veth end whose other end is in another namespace, as all of ours are.
    var leadsElsewhere: Bool { kind == "veth" && peerNamespaceID != nil }
}
