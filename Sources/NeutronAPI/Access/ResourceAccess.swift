import NetworkModel

/// What policy must know about a kind of resource.
struct ResourceAccess<Resource: Sendable>: Sendable {
    /// As in `network`: the noun in the names of actions.
    let name: String
    /// What there is at all for a project (Neutron's queries are limited to it); nil for everything.
    let scope: PolicyRule?
    let guarded: [GuardedAttribute]
    /// What rules look at of a resource.
    let target: @Sendable (Resource, NetworkState) -> PolicyTarget

    /// Whether there is such a resource for the caller.
    func isInScope(_ caller: Caller, _ target: PolicyTarget) -> Bool {
        caller.actsForAllProjects || scope?.allows(caller, target) != false
    }

    /// Whether the caller sees the resource.
    func isVisible(_ caller: Caller, _ target: PolicyTarget) -> Bool {
        isInScope(caller, target) && Policy.allows("get_\(name)", caller, target)
    }

    /// The test by which lists are limited to what their caller sees; nil where that is everything.
    func visibility(_ rendering: Rendering) -> (@Sendable (Resource) -> Bool)? {
        let caller = rendering.caller
        if caller.isAdmin { return nil }
        let isUnlimited = caller.actsForAllProjects || scope == nil
        let rule = PolicyTable.rule("get_\(name)") ?? PolicyTable.fallback
        return { resource in
            let target = target(resource, rendering.state)
            return (isUnlimited || scope?.allows(caller, target) != false) && rule.allows(caller, target)
        }
    }

    /// Whether the caller may see an attribute of what is visible.
    func showsAttribute(_ attribute: String, to caller: Caller) -> Bool {
        // Rules about attributes ask for roles, or for what makes the resource visible anyway; but services see
        // resources of all projects.
        let target = caller.actsForAllProjects ? PolicyTarget() : PolicyTarget(projectID: caller.projectID)
        return PolicyTable.rule("get_\(name):\(attribute)")?.allows(caller, target) != false
    }

    /// Refuses a request to create as Neutron does.
    ///
    /// - Parameter owner: the project that it shall belong to.
    func authorizeCreation(
        _ fields: JSONObject, owner: String, _ caller: Caller, _ state: NetworkState
    ) throws(APIError) {
        if caller.isAdmin { return }
        var target = PolicyTarget(projectID: owner)
        target.deviceOwner = fields["device_owner"]?.string ?? ""
        if let id = fields["network_id"]?.string.flatMap(parseUUID) {
            guard let network = state.network(id) else { throw APIError(.networkNotFound(id)) }
            target.networkProjectID = network.standard.projectID
            target.isShared = network.shared
            target.isExternal = network.isExternal
            // Neutron looks whether the port's network is shared, and finds none that the project may see.
            if name == portTable.name,
                !networkAccess.isInScope(caller, networkAccess.target(network, state))
            {
                throw APIError(.networkNotFound(id))
            }
        }
        try Policy.enforce(
            PolicyCheck("create_\(name)", guarded, in: fields, isNew: true), caller, target)
    }

    /// Refuses a change as Neutron does: 404 hides what the caller does not see.
    func authorizeChange(
        _ resource: Resource, _ fields: JSONObject, _ caller: Caller, _ state: NetworkState,
        notFound: @autoclosure () -> APIError
    ) throws(APIError) {
        if caller.isAdmin { return }
        var target = target(resource, state)
        guard isInScope(caller, target) else { throw notFound() }
        if let owner = fields["device_owner"]?.string { target.deviceOwner = owner }
        try enforce(
            PolicyCheck("update_\(name)", guarded, in: fields, isNew: false), caller, target)
    }

    /// Refuses a deletion as Neutron does.
    func authorizeDeletion(
        _ resource: Resource, _ caller: Caller, _ state: NetworkState, notFound: @autoclosure () -> APIError
    ) throws(APIError) {
        if caller.isAdmin { return }
        let target = target(resource, state)
        guard isInScope(caller, target) else { throw notFound() }
        try enforce(PolicyCheck("delete_\(name)", [], in: JSONObject(), isNew: false), caller, target)
    }

    /// Refuses to show what the caller does not see.
    func authorizeView(
        _ resource: Resource, _ caller: Caller, _ state: NetworkState, notFound: @autoclosure () -> APIError
    ) throws(APIError) {
        if caller.isAdmin { return }
        let target = target(resource, state)
        guard isInScope(caller, target) else { throw notFound() }
        guard Policy.allows("get_\(name)", caller, target) else { throw .unknownPath }
    }

    private func enforce(
        _ check: PolicyCheck, _ caller: Caller, _ target: PolicyTarget
    ) throws(APIError) {
        guard !check.allows(caller, target) else { return }
        guard Policy.allows("get_\(name)", caller, target) else { throw .unknownPath }
        throw .disallowed(check.description)
    }
}

extension PolicyTarget {
    /// What belongs to a project and a network.
    init(projectID: String, onNetwork id: ResourceID, _ state: NetworkState) {
        self.init(projectID: projectID)
        guard let network = state.network(id) else { return }
        networkProjectID = network.standard.projectID
        isShared = network.shared
        isExternal = network.isExternal
    }
}

/// Networks: one's own, shared and external ones.
let networkAccess = ResourceAccess<Network>(
    name: "network", scope: .any([.owner, .shared, .external]), guarded: GuardedAttribute.ofNetworks
) { network, _ in
    PolicyTarget(
        projectID: network.standard.projectID, isShared: network.shared, isExternal: network.isExternal)
}

/// Subnets: one's own, and those of shared and external networks.
let subnetAccess = ResourceAccess<Subnet>(
    name: "subnet", scope: .any([.owner, .shared, .external]), guarded: GuardedAttribute.ofSubnets
) { PolicyTarget(projectID: $0.standard.projectID, onNetwork: $0.networkID, $1) }

/// Ports: one's own, and all on one's own networks.
let portAccess = ResourceAccess<Port>(
    name: "port", scope: .any([.owner, .networkOwner]), guarded: GuardedAttribute.ofPorts
) { port, state in
    var target = PolicyTarget(projectID: port.standard.projectID, onNetwork: port.networkID, state)
    target.deviceOwner = port.deviceOwner
    return target
}

/// Subnet pools: one's own, and shared ones.
let subnetPoolAccess = ResourceAccess<SubnetPool>(
    name: "subnetpool", scope: .any([.owner, .shared]), guarded: GuardedAttribute.ofSubnetPools
) { pool, _ in PolicyTarget(projectID: pool.standard.projectID, isShared: pool.shared) }

/// Agents belong to nobody.
let agentAccess = ResourceAccess<Agent>(name: "agent", scope: nil, guarded: []) { _, _ in PolicyTarget() }

/// Leases: those of one's own ports, and all on one's own networks.
let leaseAccess = ResourceAccess<Lease>(name: "lease", scope: .any([.owner, .networkOwner]), guarded: []) {
    lease, state in
    let port = lease.portID.flatMap { state.port($0) }
    return PolicyTarget(
        projectID: port?.standard.projectID ?? "", onNetwork: lease.networkID, state)
}
