import Addressing

/// The choice of one port's addresses: what is asked for, what must be, and what is free.
struct AddressAllocation {
    let networkID: ResourceID
    let portID: ResourceID
    let mac: MACAddress
    let deviceOwner: String
    /// The subnets that the port may use: those reserved for its owner first, then oldest first.
    let candidates: [Subnet]
    private let state: NetworkState
    private let context: DecisionContext
    /// Whether the network has any subnet, eligible or not.
    private let hasSubnets: Bool
    /// What is free on the subnets that were looked at, without what this allocation took.
    private var free: [ResourceID: FreeAddresses] = [:]
    /// What was chosen, in the order of choice.
    private(set) var chosen: [FixedIP] = []

    init(
        _ state: NetworkState, _ context: DecisionContext, network id: ResourceID, port: ResourceID,
        mac: MACAddress, deviceOwner: String
    ) {
        self.state = state
        self.context = context
        networkID = id
        portID = port
        self.mac = mac
        self.deviceOwner = deviceOwner
        let all = state.subnets(ofNetwork: id)
        hasSubnets = !all.isEmpty
        candidates = all.filter { $0.admits(deviceOwner) }.sorted { a, b in
            let (aOpen, bOpen) = (a.serviceTypes.isEmpty, b.serviceTypes.isEmpty)
            if aOpen != bOpen { return bOpen }
            return (a.standard.createdAt, a.id) < (b.standard.createdAt, b.id)
        }
    }

    /// Whether the port gets the addresses that follow from its MAC.
    private var getsAutomatic: Bool { !DeviceOwner.routerInterfaces.contains(deviceOwner) }

    /// Chooses addresses for a port that did not say which: one of IPv4, one of IPv6 from pools, and the
    /// automatic ones.
    mutating func chooseDefaults(
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) {
        try requireCandidates()
        try chooseFirstFree(candidates.filter { $0.ipVersion == .v4 }, using: &generator)
        try chooseFirstFree(candidates.filter { $0.ipVersion == .v6 && !$0.assignsEUI64 }, using: &generator)
        try addAutomatic(except: [])
    }

    /// Chooses addresses for the entries, those that name an address first: it might be the next in line
    /// for one that does not.
    mutating func choose(
        _ entries: [FixedIPRequest], using generator: inout some RandomNumberGenerator
    ) throws(ModelError) {
        try requireCandidates()
        var wanted: [(subnet: Subnet, address: IPAddress?)] = []
        for entry in entries { wanted.append((try subnet(for: entry), entry.address)) }
        for (subnet, address) in wanted {
            guard let address else { continue }
            if subnet.assignsEUI64 && getsAutomatic {
                // It is added with the other automatic ones.
                guard subnet.cidr.eui64Address(for: mac).map(IPAddress.v6) == address else {
                    throw .allocationOnAutoAddressSubnet(address, subnet: subnet.id)
                }
            } else {
                try take(address, subnet)
            }
        }
        for (subnet, address) in wanted where address == nil && !(subnet.assignsEUI64 && getsAutomatic) {
            guard try chooseFree(subnet, using: &generator) else {
                throw .addressesExhausted(network: networkID)
            }
        }
    }

    /// Adds the addresses that follow from the MAC, on all automatic subnets but the excepted ones.
    mutating func addAutomatic(except handled: Set<ResourceID>) throws(ModelError) {
        guard getsAutomatic else { return }
        for subnet in candidates where subnet.assignsEUI64 && !handled.contains(subnet.id) {
            guard let address = subnet.cidr.eui64Address(for: mac) else { continue }
            try take(.v6(address), subnet)
        }
    }

    /// Treats an address of the port as free, because it gives it up.
    mutating func release(_ fixedIP: FixedIP) {
        guard let subnet = candidates.first(where: { $0.id == fixedIP.subnetID }) else { return }
        free[subnet.id, default: state.freeAddresses(ofSubnet: subnet)].release(fixedIP.address)
    }

    /// Throws 409 if all subnets of the network are reserved for other owners.
    private func requireCandidates() throws(ModelError) {
        if candidates.isEmpty && hasSubnets { throw .noServiceSubnet(network: networkID, owner: deviceOwner) }
    }

    /// The subnet that an entry means, or why there is none.
    private func subnet(for entry: FixedIPRequest) throws(ModelError) -> Subnet {
        if !hasSubnets { throw .invalidInput("IP allocation requires subnets for network") }
        if let id = entry.subnetID {
            guard let subnet = candidates.first(where: { $0.id == id }) else {
                // Whether others have such a subnet is not for everybody to know.
                guard state.network(try state.requireSubnet(id).networkID).map(context.sees) == true else {
                    throw .subnetNotFound(id)
                }
                throw .invalidInput(
                    "Failed to create port on network \(networkID), because fixed_ips included invalid "
                        + "subnet \(id)")
            }
            if let address = entry.address, !subnet.canHold(address, deviceOwner: deviceOwner) {
                throw .invalidIPForSubnet(address)
            }
            return subnet
        }
        guard let address = entry.address else {
            throw .invalidInput("IP allocation requires subnet_id or ip_address")
        }
        guard let subnet = candidates.first(where: { $0.canHold(address, deviceOwner: deviceOwner) }) else {
            throw .invalidIPForNetwork(address)
        }
        return subnet
    }

    /// Chooses from the first of the subnets that has a free address; does nothing without subnets.
    private mutating func chooseFirstFree(
        _ subnets: [Subnet], using generator: inout some RandomNumberGenerator
    ) throws(ModelError) {
        if subnets.isEmpty { return }
        for subnet in subnets where try chooseFree(subnet, using: &generator) { return }
        throw .addressesExhausted(network: networkID)
    }

    /// Chooses a free address of the subnet's pools; returns false if there is none.
    ///
    /// Agents' ports get the lowest, so that a network's DHCP server has the address that people expect.
    private mutating func chooseFree(
        _ subnet: Subnet, using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Bool {
        let free = free[subnet.id] ?? state.freeAddresses(ofSubnet: subnet)
        let address =
            DeviceOwner.preferNext.contains(deviceOwner) ? free.lowest : free.random(using: &generator)
        guard let address else { return false }
        try take(address, subnet)
        return true
    }

    private mutating func take(_ address: IPAddress, _ subnet: Subnet) throws(ModelError) {
        let isFree = free[subnet.id, default: state.freeAddresses(ofSubnet: subnet)].take(
            address, for: portID)
        guard isFree else { throw .addressAlreadyAllocated(address, subnet: subnet.id) }
        chosen.append(FixedIP(subnetID: subnet.id, address: address))
    }
}
