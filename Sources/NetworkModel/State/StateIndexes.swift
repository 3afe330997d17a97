import Addressing

/// What ``NetworkState`` keeps beside the records to answer without a search.
struct StateIndexes: Sendable {
    /// What belongs to one network.
    struct OfNetwork: Sendable {
        var subnets = SortedSet<ResourceID>()
        var ports = SortedSet<ResourceID>()
        /// The ports that belong to DHCP agents.
        var dhcpPorts = SortedSet<ResourceID>()
        /// The ports that wait to be served.
        var waitingPorts = SortedSet<ResourceID>()
        /// Which port holds which MAC, as its number.
        var macs = SortedMap<UInt64, ResourceID>()

        var isEmpty: Bool { subnets.isEmpty && ports.isEmpty }
    }

    var networks = SortedMap<ResourceID, OfNetwork>()
    /// Which port holds which address, as its number, on which subnet.
    var addresses = SortedMap<ResourceID, SortedMap<UInt128, ResourceID>>()
    var networkValues = ValueIndex()
    var subnetValues = ValueIndex()
    /// Nil while it is still to be built.
    var portValues: ValueIndex? = ValueIndex()
    private(set) var poolValues = ValueIndex()
    /// The networks that other projects see, too.
    private(set) var openNetworks = SortedSet<ResourceID>()
    private(set) var agents = SortedMap<AgentKey, ResourceID>()
    /// Which network holds which segment: VLAN ids by physical network, VNIs, and the flat networks as 0.
    private var segments = SortedMap<SegmentSpace, SortedMap<UInt64, ResourceID>>()
    /// Which subnet has which block, by the number of its first address, of which subnet pool.
    private var blocks = SortedMap<ResourceID, SortedMap<UInt128, ResourceID>>()
    /// The default subnet pools by the number of their IP version.
    private(set) var defaultPools = SortedMap<Int, ResourceID>()
    var projects = SortedMap<String, OfProject>()

    /// What a project has, and may have.
    struct OfProject: Sendable, Equatable {
        var usage = ResourceCounts()
        /// The record of its limits.
        var quota: ResourceID?
    }

    func network(_ id: ResourceID) -> OfNetwork { networks[id] ?? OfNetwork() }

    func project(_ id: String) -> OfProject { projects[id] ?? OfProject() }

    func blocks(_ poolID: ResourceID) -> SortedMap<UInt128, ResourceID> { blocks[poolID] ?? SortedMap() }

    func addresses(_ subnetID: ResourceID) -> SortedMap<UInt128, ResourceID> {
        addresses[subnetID] ?? SortedMap()
    }

    /// Which network holds which identifier of the space.
    func segments(_ space: SegmentSpace) -> SortedMap<UInt64, ResourceID> { segments[space] ?? SortedMap() }

    mutating func add(_ network: Network) {
        networkValues.add(network)
        place(network)
    }

    mutating func place(_ network: Network) {
        if network.shared || network.isExternal { openNetworks.insert(network.id) }
        guard let (space, number) = network.segment.position else { return }
        segments.change(space, default: SortedMap()) { $0.updateValue(network.id, forKey: number) }
    }

    mutating func remove(_ network: Network) {
        networkValues.remove(network)
        openNetworks.remove(network.id)
        guard let (space, number) = network.segment.position else { return }
        segments.change(space, default: SortedMap()) {
            $0.removeValue(forKey: number, ifItIs: network.id)
        }
    }

    mutating func add(_ subnet: Subnet) {
        subnetValues.add(subnet)
        place(subnet)
    }

    mutating func place(_ subnet: Subnet) {
        networks.change(subnet.networkID, default: OfNetwork()) { $0.subnets.insert(subnet.id) }
        guard let pool = subnet.subnetpoolID else { return }
        blocks.change(pool, default: SortedMap()) {
            $0.updateValue(subnet.id, forKey: subnet.cidr.first.number)
        }
    }

    mutating func remove(_ subnet: Subnet) {
        subnetValues.remove(subnet)
        networks.change(subnet.networkID, default: OfNetwork()) { $0.subnets.remove(subnet.id) }
        dropIfEmpty(subnet.networkID)
        guard let pool = subnet.subnetpoolID else { return }
        blocks.change(pool, default: SortedMap()) {
            $0.removeValue(forKey: subnet.cidr.first.number, ifItIs: subnet.id)
        }
        if blocks[pool]?.isEmpty == true { blocks.removeValue(forKey: pool) }
    }

    mutating func add(_ port: Port) {
        place(port)
        portValues?.add(port)
    }

    mutating func remove(_ port: Port) {
        displace(port)
        portValues?.remove(port)
        dropIfEmpty(port.networkID)
    }

    /// Takes in that a port is another than before; most changes are of its status.
    mutating func change(_ old: Port, to new: Port) {
        portValues?.change(old, to: new)
        if !old.hasSamePlace(as: new) {
            displace(old)
            place(new)
            dropIfEmpty(old.networkID)
        } else if old.awaitsService != new.awaitsService {
            let (id, waits) = (new.id, new.awaitsService)
            networks.change(new.networkID, default: OfNetwork()) {
                if waits { $0.waitingPorts.insert(id) } else { $0.waitingPorts.remove(id) }
            }
        }
    }

    private mutating func place(_ port: Port) {
        // A closure that names the port would hold a copy of all of it, at every start for every port.
        let (id, mac, isDHCP) = (port.id, port.macAddress.rawValue, port.deviceOwner == DeviceOwner.dhcp)
        let waits = port.awaitsService
        networks.change(port.networkID, default: OfNetwork()) {
            $0.ports.insert(id)
            if isDHCP { $0.dhcpPorts.insert(id) }
            if waits { $0.waitingPorts.insert(id) }
            $0.macs.updateValue(id, forKey: mac)
        }
        for fixedIP in port.fixedIPs {
            let number = fixedIP.address.number
            addresses.change(fixedIP.subnetID, default: SortedMap()) { $0.updateValue(id, forKey: number) }
        }
    }

    private mutating func displace(_ port: Port) {
        let (id, mac) = (port.id, port.macAddress.rawValue)
        networks.change(port.networkID, default: OfNetwork()) {
            $0.ports.remove(id)
            $0.dhcpPorts.remove(id)
            $0.waitingPorts.remove(id)
            $0.macs.removeValue(forKey: mac, ifItIs: id)
        }
        for fixedIP in port.fixedIPs {
            addresses.change(fixedIP.subnetID, default: SortedMap()) {
                $0.removeValue(forKey: fixedIP.address.number, ifItIs: id)
            }
            if addresses[fixedIP.subnetID]?.isEmpty == true {
                addresses.removeValue(forKey: fixedIP.subnetID)
            }
        }
    }

    mutating func add(_ agent: Agent) {
        agents.updateValue(agent.id, forKey: AgentKey(type: agent.agentType, host: agent.host))
    }

    mutating func remove(_ agent: Agent) {
        agents.removeValue(forKey: AgentKey(type: agent.agentType, host: agent.host), ifItIs: agent.id)
    }

    mutating func add(_ pool: SubnetPool) {
        poolValues.add(pool)
        if pool.isDefault { defaultPools.updateValue(pool.id, forKey: pool.ipVersion.rawValue) }
    }

    mutating func remove(_ pool: SubnetPool) {
        poolValues.remove(pool)
        if pool.isDefault { defaultPools.removeValue(forKey: pool.ipVersion.rawValue, ifItIs: pool.id) }
    }

    mutating func add(_ quota: ProjectQuota) {
        projects.change(quota.projectID, default: OfProject()) { $0.quota = quota.id }
    }

    mutating func remove(_ quota: ProjectQuota) {
        projects.change(quota.projectID, default: OfProject()) { $0.quota = nil }
        dropIfEmpty(project: quota.projectID)
    }

    /// Counts a resource that came to a project, went from one, or did both.
    mutating func count(_ resource: QuotaResource, from old: String?, to new: String?) {
        // Nearly every change of a port leaves it where it is.
        if old == new { return }
        if let new { projects.change(new, default: OfProject()) { $0.usage[resource] += 1 } }
        guard let old else { return }
        projects.change(old, default: OfProject()) { $0.usage[resource] -= 1 }
        dropIfEmpty(project: old)
    }

    private mutating func dropIfEmpty(project id: String) {
        if projects[id] == OfProject() { projects.removeValue(forKey: id) }
    }

    private mutating func dropIfEmpty(_ networkID: ResourceID) {
        if networks[networkID]?.isEmpty == true { networks.removeValue(forKey: networkID) }
    }
}

extension SortedMap where Value == ResourceID {
    /// Removes the key if this resource holds it: within one commit another may have taken it over.
    mutating func removeValue(forKey key: Key, ifItIs holder: ResourceID) {
        if self[key] == holder { removeValue(forKey: key) }
    }
}

extension Port {
    /// Whether the two versions of a port are found by the same relations.
    fileprivate func hasSamePlace(as other: Port) -> Bool {
        networkID == other.networkID && macAddress == other.macAddress && fixedIPs == other.fixedIPs
            && deviceOwner == other.deviceOwner
    }

    /// Whether the port is meant to work and isn't said to yet.
    public var awaitsService: Bool { adminStateUp && (status != .active || !statusDetail.isEmpty) }
}

/// What an agent is known by.
struct AgentKey: Comparable, Sendable {
    var type: String
    var host: String

    static func < (a: Self, b: Self) -> Bool { (a.host, a.type) < (b.host, b.type) }
}

/// Within what the identifiers of segments must differ.
struct SegmentSpace: Comparable, Sendable {
    var type: NetworkType
    /// Empty where the type has none.
    var physicalNetwork: String

    static func < (a: Self, b: Self) -> Bool {
        (a.type.rawValue, a.physicalNetwork) < (b.type.rawValue, b.physicalNetwork)
    }
}

extension NetworkSegment {
    /// Where the segment stands among those that it must differ from; nil for local ones.
    var position: (space: SegmentSpace, number: UInt64)? {
        guard type != .local else { return nil }
        return (
            SegmentSpace(type: type, physicalNetwork: physicalNetwork ?? ""),
            // What a store holds may be any number; a negative one is beyond all that are given out.
            UInt64(bitPattern: Int64(segmentationID ?? 0))
        )
    }
}
