import Addressing

extension NetworkState {
    /// Changes a port; nil fields stay.
    ///
    /// - Throws: 404, 412 on another revision, 400 for a bad or fixed value, 409 for an address or MAC that
    ///   is taken, that cannot change, or when no address is left.
    public func updatePort(
        _ id: ResourceID, _ request: PortRequest, ifMatch revision: Int? = nil, in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<Port> {
        let old = try requirePort(id)
        try old.standard.requireRevision(revision)
        try request.check(deviceOwner: request.deviceOwner ?? old.deviceOwner)
        if let value = request.networkID, value != old.networkID { throw .readOnlyAttribute("network_id") }
        var port = old
        try port.standard.change(
            name: request.name, description: request.description, tags: request.tags)
        try port.take(request, policy: context.policy)
        // What is switched off is not ready; once it is on again the agent looks at it again.
        if old.adminStateUp && !port.adminStateUp { (port.status, port.statusDetail) = (.down, "") }
        if let options = request.extraDHCPOptions {
            port.extraDHCPOptions = try ExtraDHCPOptions.merge(options, into: old.extraDHCPOptions)
        }
        let mac =
            request.regeneratesMAC
            ? try randomMAC(onNetwork: old.networkID, base: context.policy.baseMAC, using: &generator)
            : request.macAddress ?? old.macAddress
        if mac != old.macAddress {
            try checkMACChange(old, to: mac)
            port.macAddress = mac
        }
        if request.allowedAddressPairs != nil { try port.completeAddressPairs() }
        var draft = Draft(self, context)
        if request.fixedIPs != nil || port.macAddress != old.macAddress {
            try draft.changeAddresses(of: &port, from: old, request.fixedIPs, using: &generator)
        }
        if port == old { return Decision(old) }
        port.standard.touch(at: context.now)
        draft.put(.port(port))
        return Decision(port, commit: draft.commit)
    }

    /// Deletes a port.
    ///
    /// - Throws: 404, 412 on another revision.
    public func deletePort(
        _ id: ResourceID, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        let port = try requirePort(id)
        try port.standard.requireRevision(revision)
        var draft = Draft(self, context)
        // A status report in between must not hold up a deletion, unless a revision was named.
        draft.delete(.port(id), inWhateverVersion: revision == nil)
        return Decision((), commit: draft.commit)
    }

    /// Records what the DHCP agent found out about a port; no change if it is so already.
    ///
    /// - Parameter ifRevision: the `revision_number` that the finding is about; a port that has moved on
    ///   since is left alone (a decision without changes).
    /// - Throws: 404.
    public func setPortStatus(
        _ id: ResourceID, _ status: PortStatus, detail: String = "", ifRevision: Int? = nil,
        in context: DecisionContext
    ) throws(ModelError) -> Decision<Port> {
        var port = try requirePort(id)
        let detail = TextLimits.storable(detail)
        if let ifRevision, ifRevision != port.standard.revisionNumber { return Decision(port) }
        if port.status == status && port.statusDetail == detail { return Decision(port) }
        port.status = status
        port.statusDetail = detail
        port.standard.touch(at: context.now)
        var draft = Draft(self, context)
        draft.put(.port(port))
        return Decision(port, commit: draft.commit)
    }

    /// Throws 409 if the port cannot get the MAC.
    private func checkMACChange(_ port: Port, to mac: MACAddress) throws(ModelError) {
        if port.deviceOwner.hasPrefix(DeviceOwner.networkPrefix) {
            throw .unsupportedDeviceOwner(port.deviceOwner, operation: "mac address update", port: port.id)
        }
        if !port.bindingHostID.isEmpty { throw .portBound(port.id, old: port.macAddress, new: mac) }
        if self.port(holding: mac, onNetwork: port.networkID) != nil {
            throw .macAddressInUse(mac, network: port.networkID)
        }
    }
}

extension Draft {
    /// Works out the port's new addresses: those that match the request stay, automatic ones stay unless
    /// the request deletes them or the MAC changed, the rest goes and the missing ones are chosen.
    ///
    /// - Parameter requests: the wanted addresses, or nil to keep them (and follow a new MAC).
    mutating func changeAddresses(
        of port: inout Port, from old: Port, _ requests: [FixedIPRequest]?,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) {
        var plan = AddressChange(
            old,
            isAutomatic: { [state] fixedIP in
                !old.isRouterInterface && state.subnet(fixedIP.subnetID)?.assignsEUI64 == true
            })
        if port.macAddress != old.macAddress { plan.dropAutomatic() }
        if let requests { plan.match(requests) } else { plan.keepAll() }

        var allocation = AddressAllocation(
            state, context, network: old.networkID, port: old.id, mac: port.macAddress,
            deviceOwner: port.deviceOwner)
        for fixedIP in old.fixedIPs where !plan.keeps(fixedIP) { allocation.release(fixedIP) }
        let kept = plan.kept
        if !plan.missing.isEmpty { try allocation.choose(plan.missing, using: &generator) }
        // As in Neutron, a request for addresses brings automatic ones that the port lacks; asking for none
        // does not, nor does a new MAC.
        let unwanted =
            (requests ?? []).isEmpty
            ? Set(allocation.candidates.map(\.id)).subtracting(plan.renewed) : plan.deletedSubnets
        try allocation.addAutomatic(except: unwanted.union(kept.map(\.subnetID)))
        requireUnchangedSubnets(of: allocation.chosen)
        port.fixedIPs = kept + allocation.chosen
        if port.fixedIPs.isEmpty {
            if requests?.isEmpty == true { port.ipAllocation = .none }
        } else {
            port.ipAllocation = .immediate
        }
    }
}

/// Which addresses of a port stay in an update, and which are missing.
private struct AddressChange {
    /// What stays, in the old order.
    var kept: [FixedIP] { old.filter(keeping.contains) }
    /// The entries for which an address must be chosen.
    private(set) var missing: [FixedIPRequest] = []
    /// The subnets that the request deletes from the port.
    private(set) var deletedSubnets: Set<ResourceID> = []
    /// The subnets whose automatic address must be made anew.
    private(set) var renewed: Set<ResourceID> = []

    private let old: [FixedIP]
    private let automatic: Set<FixedIP>
    private var keeping: Set<FixedIP> = []
    /// Old addresses that no entry has matched so far.
    private var unmatched: Set<FixedIP>

    init(_ port: Port, isAutomatic: (FixedIP) -> Bool) {
        old = port.fixedIPs
        unmatched = Set(port.fixedIPs)
        automatic = Set(port.fixedIPs.filter(isAutomatic))
    }

    /// Whether the address stays.
    func keeps(_ fixedIP: FixedIP) -> Bool { keeping.contains(fixedIP) }

    /// The automatic addresses do not fit the MAC any more.
    mutating func dropAutomatic() {
        unmatched.subtract(automatic)
        renewed = Set(automatic.map(\.subnetID))
    }

    mutating func keepAll() { keeping.formUnion(unmatched) }

    mutating func match(_ requests: [FixedIPRequest]) {
        deletedSubnets = Set(requests.filter(\.deleteSubnet).compactMap(\.subnetID))
        renewed.subtract(deletedSubnets)
        let wanted = requests.filter { !$0.deleteSubnet && $0.subnetID.map(deletedSubnets.contains) != true }
        let outdated = Set(old.filter { renewed.contains($0.subnetID) }.map(\.address))
        let byAddress = Dictionary(grouping: old, by: \.address)
        for entry in wanted {
            // The client may repeat the automatic address of the old MAC: the new one takes its place.
            guard let address = entry.address, !outdated.contains(address) else { continue }
            let match = byAddress[address]?.first {
                unmatched.contains($0) && (entry.subnetID == nil || entry.subnetID == $0.subnetID)
            }
            keepOrMiss(entry, match)
        }
        // In the old order, the first last.
        var bySubnet = Dictionary(grouping: old.reversed().filter(unmatched.contains), by: \.subnetID)
        for entry in wanted where entry.address == nil {
            keepOrMiss(entry, entry.subnetID.flatMap { bySubnet[$0]?.popLast() })
        }
        for fixedIP in unmatched
        where automatic.contains(fixedIP) && !deletedSubnets.contains(fixedIP.subnetID) {
            keeping.insert(fixedIP)
        }
    }

    /// Keeps the old address that fits the entry, or notes that there is none.
    private mutating func keepOrMiss(_ entry: FixedIPRequest, _ match: FixedIP?) {
        guard let match else {
            missing.append(entry)
            return
        }
        unmatched.remove(match)
        keeping.insert(match)
    }
}
