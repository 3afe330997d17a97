import Addressing

extension NetworkState {
    /// Changes a subnet; nil fields stay.
    ///
    /// - Throws: 404, 412 on another revision, 400 for a bad or fixed value, 409 if pools clash with each
    ///   other or the gateway, or a router port has the gateway that shall change.
    public func updateSubnet(
        _ id: ResourceID, _ request: SubnetRequest, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Subnet> {
        let old = try requireSubnet(id)
        try old.standard.requireRevision(revision)
        try old.checkFixedFields(request)
        var subnet = old
        try subnet.standard.change(
            name: request.name, description: request.description, tags: request.tags)
        if let value = request.gatewayIP { subnet.gatewayIP = value }
        if let value = request.dnsNameservers { subnet.dnsNameservers = value }
        if let value = request.hostRoutes { subnet.hostRoutes = value }
        if let value = request.enableDHCP { subnet.enableDHCP = value }
        if let value = request.serviceTypes { subnet.serviceTypes = value }
        if let value = request.dnsPublishFixedIP { subnet.dnsPublishFixedIP = value }
        if let pools = request.allocationPools {
            subnet.allocationPools = try AllocationPools.check(pools, in: old.cidr)
        }
        if subnet == old { return Decision(old) }

        var draft = Draft(self, context)
        try subnet.check(replacing: old, policy: context.policy)
        if let gateway = old.gatewayIP, gateway != subnet.gatewayIP {
            if let port = port(holding: gateway, onSubnet: id), port.isRouterInterface {
                throw .gatewayInUse(gateway, by: port.id)
            }
            draft.requireQuiet(.addresses(subnet: id))
        }
        if subnet.gatewayIP != old.gatewayIP || subnet.allocationPools != old.allocationPools {
            try AllocationPools.check(gateway: subnet.gatewayIP, notIn: subnet.allocationPools)
        }
        // Descriptions and tags are in tables of their own in Neutron, which count for the subnet alone.
        var described = old
        described.standard.description = subnet.standard.description
        described.standard.tags = subnet.standard.tags
        let isDescribed = subnet == described
        subnet.standard.touch(at: context.now)
        draft.put(.subnet(subnet))
        if !isDescribed { draft.touchNetwork(old.networkID) }
        return Decision(subnet, commit: draft.commit)
    }

    /// Deletes a subnet and takes its addresses from the ports that do not hold it.
    ///
    /// - Throws: 404, 412 on another revision, 409 if ports hold it: a router's interface, or on a subnet
    ///   without automatic addresses any port that is not deleted automatically.
    public func deleteSubnet(
        _ id: ResourceID, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        let subnet = try requireSubnet(id)
        try subnet.standard.requireRevision(revision)
        var draft = Draft(self, context)
        draft.requireQuiet(.addresses(subnet: id))
        var stripped: Set<ResourceID> = []
        // One by one: nearly always the first port decides.
        for var port in index.addresses(id).lazy.compactMap({ self.port($0.value) })
        where stripped.insert(port.id).inserted {
            if port.isRouterInterface || !(subnet.assignsEUI64 || port.isDeletedAutomatically) {
                throw .subnetInUse(id)
            }
            port.fixedIPs.removeAll { $0.subnetID == id }
            port.standard.touch(at: context.now)
            draft.put(.port(port))
        }
        draft.delete(.subnet(id))
        draft.touchNetwork(subnet.networkID)
        return Decision((), commit: draft.commit)
    }
}

extension Subnet {
    /// Throws 400 if the request would change what is fixed once the subnet exists.
    fileprivate func checkFixedFields(_ request: SubnetRequest) throws(ModelError) {
        if let value = request.networkID, value != networkID { throw .readOnlyAttribute("network_id") }
        if let value = request.cidr, value.network != cidr { throw .readOnlyAttribute("cidr") }
        if let value = request.ipVersion, value != ipVersion { throw .readOnlyAttribute("ip_version") }
        if let value = request.subnetpoolID, value != subnetpoolID {
            throw .readOnlyAttribute("subnetpool_id")
        }
        if let value = request.ipv6RAMode, value != ipv6RAMode { throw .readOnlyAttribute("ipv6_ra_mode") }
        if let value = request.ipv6AddressMode, value != ipv6AddressMode {
            throw .readOnlyAttribute("ipv6_address_mode")
        }
    }
}
