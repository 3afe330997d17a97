extension NetworkState {
    /// Creates networks, all or none.
    ///
    /// - Throws: 400 for a bad value, 409 for a segment that is taken or over quota, 503 if no segment is
    ///   left.
    public func createNetworks(
        _ requests: [NetworkRequest], in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<[Network]> {
        var draft = Draft(self, context)
        try draft.requireRoom(for: .network, projects: requests.map(\.projectID))
        var networks: [Network] = []
        for request in requests {
            let standard = try StandardAttributes.create(
                projectID: request.projectID, name: request.name, description: request.description,
                tags: request.tags, in: context)
            let segment = try draft.state.allocateSegment(request, policy: context.policy, using: &generator)
            var network = Network(id: .random(using: &generator), standard: standard, segment: segment)
            network.standard.revisionNumber = 1
            network.mtu = try NetworkMTU.choose(request.mtu, segment: segment, policy: context.policy)
            try network.take(request)
            try draft.state.requireZones(network.availabilityZoneHints)
            draft.put(.network(network))
            networks.append(network)
        }
        return Decision(networks, commit: draft.commit)
    }

    /// Changes a network; nil fields stay.
    ///
    /// - Throws: 404, 412 on another revision, 400 for a bad or fixed value, 409 if subnets need a larger
    ///   MTU or ports of other projects need the sharing.
    public func updateNetwork(
        _ id: ResourceID, _ request: NetworkRequest, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Network> {
        let old = try requireNetwork(id)
        try old.standard.requireRevision(revision)
        var network = old
        try network.standard.change(
            name: request.name, description: request.description, tags: request.tags)
        try checkProviderUnchanged(old.segment, request)
        if let mtu = request.mtu {
            network.mtu = try NetworkMTU.choose(mtu, segment: old.segment, policy: context.policy)
        }
        try network.take(request)
        if network == old { return Decision(old) }

        var draft = Draft(self, context)
        if network.mtu != old.mtu {
            for subnet in subnets(ofNetwork: id) { try network.checkMTU(for: subnet.ipVersion) }
        }
        if old.shared && !network.shared {
            // Neutron's own ports serve the network's project whoever they belong to.
            for port in portIDs(ofNetwork: id).lazy.compactMap({ self.port($0) })
            where port.standard.projectID != old.standard.projectID
                && !port.deviceOwner.hasPrefix(DeviceOwner.networkPrefix)
            {
                throw .invalidSharedSetting(network: old.standard.name)
            }
            draft.requireQuiet(.ports(network: id))
        }
        network.standard.touch(at: context.now)
        draft.put(.network(network))
        return Decision(network, commit: draft.commit)
    }

    /// Deletes a network with its subnets and the ports that do not hold it.
    ///
    /// - Throws: 404, 412 on another revision, 409 if other ports are on it.
    public func deleteNetwork(
        _ id: ResourceID, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        let network = try requireNetwork(id)
        try network.standard.requireRevision(revision)
        let holding = portIDs(ofNetwork: id).lazy.compactMap { self.port($0) }
            .filter { !$0.isDeletedAutomatically }.map(\.id)
        // One more than the error lists, so that it knows whether these are all.
        let listed = Array(holding.prefix(ModelError.mostPortsListed + 1))
        if !listed.isEmpty { throw .networkInUse(id, ports: listed) }

        var draft = Draft(self, context)
        draft.requireQuiet(.ports(network: id))
        draft.requireQuiet(.subnets(network: id))
        for port in portIDs(ofNetwork: id) { draft.delete(.port(port)) }
        for subnet in subnets(ofNetwork: id) { draft.delete(.subnet(subnet.id)) }
        draft.delete(.network(id))
        return Decision((), commit: draft.commit)
    }

    /// A network stays on its segment: moving it would cut off everything that is wired to it.
    private func checkProviderUnchanged(
        _ segment: NetworkSegment, _ request: NetworkRequest
    ) throws(ModelError) {
        var changed: [String] = []
        if let type = request.networkType, type != segment.type.rawValue {
            changed.append("provider:network_type")
        }
        if let name = request.physicalNetwork, name != segment.physicalNetwork {
            changed.append("provider:physical_network")
        }
        if let id = request.segmentationID, id != segment.segmentationID {
            changed.append("provider:segmentation_id")
        }
        guard !changed.isEmpty else { return }
        throw .invalidInput(
            "Plugin does not support updating the following provider network attributes: "
                + changed.joined(separator: ", "))
    }
}

extension NetworkState {
    /// Throws 404 unless there is a DHCP agent in each of the zones.
    fileprivate func requireZones(_ hints: [String]) throws(ModelError) {
        if hints.isEmpty { return }
        let zones = Set(
            agents.lazy.map(\.value).filter { $0.agentType == Agent.dhcpType }.map(\.availabilityZone))
        for hint in hints where !zones.contains(hint) { throw .availabilityZoneNotFound(hint) }
    }
}

extension Network {
    /// Takes in the fields that may be set at creation and later alike.
    fileprivate mutating func take(_ request: NetworkRequest) throws(ModelError) {
        if let value = request.adminStateUp { adminStateUp = value }
        if let value = request.shared { shared = value }
        if let value = request.dnsDomain { dnsDomain = try DNSNames.domain(value) }
        if let value = request.portSecurityEnabled { portSecurityEnabled = value }
        if let value = request.isExternal { isExternal = value }
        if let value = request.isDefault { isDefault = value }
        if let value = request.availabilityZoneHints {
            for hint in value { try TextLimits.check(hint, "availability_zone_hints") }
            availabilityZoneHints = value
        }
        if let value = request.dhcpDriver { dhcpDriver = value }
    }
}
