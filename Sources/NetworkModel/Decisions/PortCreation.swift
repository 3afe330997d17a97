import Addressing

extension NetworkState {
    /// Creates ports, all or none; addresses and MACs of one call differ from each other.
    ///
    /// - Throws: 404 for the network or a subnet, 400 for a bad value, 409 for an address or MAC that is
    ///   taken, when no address is left, or over quota, 503 when no MAC is left.
    public func createPorts(
        _ requests: [PortRequest], in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<[Port]> {
        var draft = Draft(self, context)
        try draft.requireRoom(for: .port, projects: requests.map(\.projectID))
        var ports: [Port] = []
        for request in requests { ports.append(try draft.createPort(request, using: &generator)) }
        return Decision(ports, commit: draft.commit)
    }
}

extension Draft {
    /// Decides on one port and stages it.
    mutating func createPort(
        _ request: PortRequest, using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Port {
        guard let networkID = request.networkID else { throw .missingAttribute("network_id") }
        let owner = request.deviceOwner ?? ""
        try request.check(deviceOwner: owner)
        let standard = try StandardAttributes.create(
            projectID: request.projectID, name: request.name, description: request.description,
            tags: request.tags, in: context)
        let network = try state.requireNetwork(networkID)
        let isForeign = network.standard.projectID != standard.projectID
        if isForeign && !context.admits(network) { throw .networkNotFound(networkID) }
        let id = ResourceID.random(using: &generator)
        let mac = try chooseMAC(request.macAddress, network: networkID, using: &generator)

        var allocation = AddressAllocation(
            state, context, network: networkID, port: id, mac: mac, deviceOwner: owner)
        if let entries = request.fixedIPs {
            let wanted = entries.filter { !$0.deleteSubnet }
            if !wanted.isEmpty {
                try allocation.choose(wanted, using: &generator)
                try allocation.addAutomatic(except: [])
            }
        } else {
            try allocation.chooseDefaults(using: &generator)
        }

        var port = Port(
            id: id, networkID: networkID, standard: standard, macAddress: mac, fixedIPs: allocation.chosen,
            deviceOwner: owner, portSecurityEnabled: network.defaultPortSecurity(owner),
            ipAllocation: request.fixedIPs?.isEmpty == true ? .none : .immediate)
        port.standard.revisionNumber = 1
        port.extraDHCPOptions = try ExtraDHCPOptions.merge(request.extraDHCPOptions ?? [], into: [])
        try port.take(request, policy: context.policy)
        try port.completeAddressPairs()

        // Other ports come and go meanwhile; a subnet that comes might have to give this port an address, and
        // a network of others may stop being shared.
        if isForeign {
            requireUnchanged(.network(networkID))
        } else {
            require(.exists(.network(networkID)))
        }
        requireQuiet(.subnets(network: networkID))
        requireUnchangedSubnets(of: allocation.chosen)
        put(.port(port))
        return port
    }

    /// The requested MAC if it is free on the network, or a random one.
    private mutating func chooseMAC(
        _ requested: MACAddress?, network id: ResourceID, using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> MACAddress {
        guard let requested else {
            return try state.randomMAC(onNetwork: id, base: context.policy.baseMAC, using: &generator)
        }
        if state.port(holding: requested, onNetwork: id) != nil {
            throw .macAddressInUse(requested, network: id)
        }
        return requested
    }

    /// Addresses were chosen by the subnets' pools and modes, which must still be what they were.
    mutating func requireUnchangedSubnets(of addresses: [FixedIP]) {
        for address in addresses { requireUnchanged(.subnet(address.subnetID)) }
    }
}

extension Network {
    /// Whether a new port is secured if the request does not say: Neutron's own ports never are.
    fileprivate func defaultPortSecurity(_ owner: String) -> Bool {
        portSecurityEnabled && !owner.hasPrefix(DeviceOwner.networkPrefix)
    }
}

extension Port {
    /// Takes in the fields that may be set at creation and later alike, and need no choice.
    mutating func take(_ request: PortRequest, policy: ModelPolicy) throws(ModelError) {
        if let value = request.adminStateUp { adminStateUp = value }
        if let value = request.deviceID { deviceID = value }
        if let value = request.deviceOwner { deviceOwner = value }
        if let value = request.dnsName { dnsName = try DNSNames.portName(value, policy: policy) }
        if let value = request.dnsDomain {
            let domain = try DNSNames.domain(value)
            dnsDomain = DNSDomain(policy.dnsDomain).allowsPortNames ? domain : ""
        }
        if let value = request.allowedAddressPairs { allowedAddressPairs = value }
        if let value = request.portSecurityEnabled { portSecurityEnabled = value }
        if let value = request.securityGroups { securityGroups = value }
        if let value = request.bindingHostID { bindingHostID = value }
        if let value = request.bindingVNICType { bindingVNICType = value }
        if let value = request.bindingProfile { bindingProfile = value }
        if !allowedAddressPairs.isEmpty && !portSecurityEnabled { throw .addressPairNeedsPortSecurity }
    }

    /// Gives address pairs for which the request names no MAC the port's own, which only now is known; 400 if
    /// two are the same then.
    mutating func completeAddressPairs() throws(ModelError) {
        let pairs = allowedAddressPairs.map { pair in
            pair.meansOwnMAC ? AllowedAddressPair(ipAddress: pair.ipAddress, macAddress: macAddress) : pair
        }
        if let pair = firstDuplicate(pairs) { throw .duplicateAddressPair(pair) }
        allowedAddressPairs = pairs
    }
}
