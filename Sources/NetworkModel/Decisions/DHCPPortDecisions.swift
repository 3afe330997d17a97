extension NetworkState {
    /// The agent's own port on the network: found by its device id, else adopted from those that wait for an
    /// agent, else created; with an address on every subnet with DHCP and on no other.
    ///
    /// - Returns: a decision without changes if the port is right already.
    /// - Throws: 404 for the network, also if it is for other agents; 409 when a subnet has no address left.
    public func reserveDHCPPort(
        network id: ResourceID, host: String, in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<Port> {
        let network = try requireNetwork(id)
        guard isScheduled(network, toDHCPAgentOn: host) else { throw .networkNotFound(id) }
        let deviceID = dhcpDeviceID(host: host, network: id)
        let served = subnets(ofNetwork: id).filter(\.enableDHCP).map(\.id)
        let ports = dhcpPorts(ofNetwork: id)
        var draft = Draft(self, context)
        // An administrator may take the network from the agent at this moment, and the port must wait then.
        draft.requireUnchanged(.network(id))

        guard
            let old = ports.first(where: { $0.deviceID == deviceID })
                ?? ports.first(where: { $0.deviceID == reservedDHCPDeviceID })
        else {
            // Nothing but this keeps two calls for one host apart. It is asked for once per agent and
            // network, so that busy creation of other ports costs it a second try at most now and then.
            draft.requireQuiet(.ports(network: id))
            var request = PortRequest()
            request.projectID = network.standard.projectID
            request.networkID = id
            request.name = ""
            request.adminStateUp = true
            request.deviceID = deviceID
            request.deviceOwner = DeviceOwner.dhcp
            request.bindingHostID = host
            request.fixedIPs = served.map { FixedIPRequest(subnetID: $0) }
            return Decision(try draft.createPort(request, using: &generator), commit: draft.commit)
        }

        var port = old
        port.deviceID = deviceID
        port.bindingHostID = host
        let (present, wantedSubnets) = (Set(old.fixedIPs.map(\.subnetID)), Set(served))
        if present != wantedSubnets {
            let wanted =
                old.fixedIPs.filter { wantedSubnets.contains($0.subnetID) }
                .map { FixedIPRequest(subnetID: $0.subnetID, address: $0.address) }
                + served.filter { !present.contains($0) }.map { FixedIPRequest(subnetID: $0) }
            try draft.changeAddresses(of: &port, from: old, wanted, using: &generator)
            // What was decided depends on which subnets there are.
            draft.requireQuiet(.subnets(network: id))
        }
        if port == old { return Decision(old) }
        port.standard.touch(at: context.now)
        draft.put(.port(port))
        return Decision(port, commit: draft.commit)
    }

    /// Gives up the agent's ports on the network; no change if there are none.
    public func releaseDHCPPorts(
        network id: ResourceID, host: String, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        let deviceID = dhcpDeviceID(host: host, network: id)
        var draft = Draft(self, context)
        for port in dhcpPorts(ofNetwork: id) where port.deviceID == deviceID {
            draft.delete(.port(port.id), inWhateverVersion: true)
        }
        return Decision((), commit: draft.commit)
    }
}
