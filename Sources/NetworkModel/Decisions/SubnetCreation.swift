import Addressing

extension NetworkState {
    /// Creates subnets, all or none; an automatic one (slaac, dhcpv6-stateless) gives its address to every
    /// port of the network that is no router's.
    ///
    /// - Throws: 404 for the network or the subnet pool, 400 for a bad value or an overlap, 409 if allocation
    ///   pools clash with each other or the gateway, the network's MTU is too small, the subnet pool has no
    ///   such block free, or over quota.
    public func createSubnets(
        _ requests: [SubnetRequest], in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<[Subnet]> {
        var draft = Draft(self, context)
        try draft.requireRoom(for: .subnet, projects: requests.map(\.projectID))
        var subnets: [Subnet] = []
        for request in requests {
            let subnet = try draft.state.subnet(
                for: request, id: .random(using: &generator), policy: context.policy, in: context)
            let networkID = subnet.networkID
            // The network is put with a new revision number, so two subnets of one network never pass each
            // other; the scope says it in the terms of the overlap rule as well.
            draft.requireQuiet(.subnets(network: networkID))
            if let pool = subnet.subnetpoolID {
                // Two that choose from one pool at the same time would choose the same.
                draft.requireUnchanged(.subnetPool(pool))
                draft.requireQuiet(.blocks(subnetPool: pool))
            }
            draft.put(.subnet(subnet))
            draft.touchNetwork(networkID)
            if subnet.assignsEUI64 { draft.giveAutomaticAddresses(of: subnet) }
            subnets.append(subnet)
        }
        return Decision(subnets, commit: draft.commit)
    }

    /// The subnet that a request comes to, checked against its network.
    private func subnet(
        for request: SubnetRequest, id: ResourceID, policy: ModelPolicy, in context: DecisionContext
    ) throws(ModelError) -> Subnet {
        guard let networkID = request.networkID else { throw .missingAttribute("network_id") }
        if let given = request.cidr, let version = request.ipVersion, version != given.version {
            throw .invalidInput("cidr '\(given)' does not match the ip_version '\(version.rawValue)'")
        }
        let standard = try StandardAttributes.create(
            projectID: request.projectID, name: request.name, description: request.description,
            tags: request.tags, in: context)
        let network = try requireNetwork(networkID)
        let block = try block(for: request, projectID: standard.projectID, in: context)
        let cidr = block.cidr

        let gateway: IPAddress? =
            if let said = request.gatewayIP { said } else { Self.defaultGateway(block) }
        var subnet = Subnet(
            id: id, networkID: networkID, standard: standard, cidr: cidr,
            // Neutron checks a gateway that was asked for, not the one that it chooses.
            gatewayIP: request.gatewayIP.flatMap { $0 },
            allocationPools: [], dnsNameservers: request.dnsNameservers ?? [],
            hostRoutes: request.hostRoutes ?? [], enableDHCP: request.enableDHCP ?? true,
            ipv6RAMode: request.ipv6RAMode, ipv6AddressMode: request.ipv6AddressMode,
            serviceTypes: request.serviceTypes ?? [], subnetpoolID: block.pool?.id,
            dnsPublishFixedIP: request.dnsPublishFixedIP ?? false)
        try subnet.check(replacing: nil, policy: policy)
        subnet.gatewayIP = gateway
        if let pools = request.allocationPools, !pools.isEmpty {
            subnet.allocationPools = try AllocationPools.check(pools, in: cidr)
            try AllocationPools.check(gateway: gateway, notIn: subnet.allocationPools)
        } else {
            subnet.allocationPools = AllocationPools.defaults(cidr, gateway: gateway)
        }
        try checkBlock(cidr, network)
        // One version of a network is all of one pool, or of none.
        for other in subnets(ofNetwork: networkID)
        where other.ipVersion == cidr.version && other.subnetpoolID != block.pool?.id {
            throw .networkSubnetPoolAffinity
        }
        try network.checkMTU(for: cidr.version)
        return subnet
    }

    /// The gateway of a subnet for which none was given: the first host, and for an IPv6 block that was asked
    /// for its own address, which every router answers to (RFC 4291 section 2.6.1).
    private static func defaultGateway(_ block: SubnetBlock) -> IPAddress {
        let cidr = block.cidr
        if cidr.version == .v6 && !block.isChosen { return cidr.first }
        return IPAddress(number: cidr.first.number &+ 1, version: cidr.version)
    }

    /// Throws 400 if the block cannot be a subnet of the network.
    private func checkBlock(_ cidr: IPPrefix, _ network: Network) throws(ModelError) {
        if cidr.length == 0 { throw .invalidInput("0 is not allowed as CIDR prefix length") }
        if cidr.first == .any(.v6) {
            throw .invalidInput("IPv6 subnet '::' is not supported")
        }
        for other in subnets(ofNetwork: network.id) where other.cidr.overlaps(cidr) {
            throw .invalidInput(
                "Requested subnet with cidr: \(cidr) for network: \(network.id) overlaps with another subnet")
        }
    }
}

extension Draft {
    /// Gives every port of the network that is no router's the address that follows from its MAC.
    ///
    /// A port that is created meanwhile would miss it, so the network's ports must stay as they are.
    fileprivate mutating func giveAutomaticAddresses(of subnet: Subnet) {
        requireQuiet(.ports(network: subnet.networkID))
        for var port in state.ports(ofNetwork: subnet.networkID) where !port.isRouterInterface {
            guard let address = subnet.cidr.eui64Address(for: port.macAddress) else { continue }
            port.fixedIPs.append(FixedIP(subnetID: subnet.id, address: .v6(address)))
            port.standard.touch(at: context.now)
            put(.port(port))
        }
    }
}
