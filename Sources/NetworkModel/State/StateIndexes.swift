import Addressing

/// What ``NetworkState`` keeps beside the records to answer without a search.
struct StateIndexes: Sendable {
    /// What belongs to one network.
    struct OfNetwork: Sendable {
        var subnets = SortedSet<ResourceID>()
        var ports = SortedSet<ResourceID>()
        /// The ports that belong to DHCP agents.
        var dhcpPorts = SortedSet<ResourceID>()
        /// Which port holds which MAC, as its number.
        var macs = SortedMap<UInt64, ResourceID>()

        var isEmpty: Bool { subnets.isEmpty && ports.isEmpty }
    }

    private var networks = SortedMap<ResourceID, OfNetwork>()
    /// Which port holds which address, as its number, on which subnet.
    private var addresses = SortedMap<ResourceID, SortedMap<UInt128, ResourceID>>()
    private var devices = TextIndex()
    /// Networks, subnets and ports by their names and projects.
    private(set) var networkLists = ListIndex()
    private(set) var subnetLists = ListIndex()
    private(set) var portLists = ListIndex()
    private(set) var agents = SortedMap<AgentKey, ResourceID>()
    /// Which network holds which segment: VLAN ids by physical network, VNIs, and the flat networks as 0.
    private var segments = SortedMap<SegmentSpace, SortedMap<UInt64, ResourceID>>()

    func network(_ id: ResourceID) -> OfNetwork { networks[id] ?? OfNetwork() }

    func addresses(_ subnetID: ResourceID) -> SortedMap<UInt128, ResourceID> {
        addresses[subnetID] ?? SortedMap()
    }

    func ports(ofDevice deviceID: String) -> OrderedIDs { devices.ids(deviceID) }

    /// Which network holds which identifier of the space.
    func segments(_ space: SegmentSpace) -> SortedMap<UInt64, ResourceID> { segments[space] ?? SortedMap() }

    mutating func add(_ network: Network) {
        networkLists.add(network.id, network.standard)
        guard let (space, number) = network.segment.position else { return }
        segments.change(space, default: SortedMap()) { $0.updateValue(network.id, forKey: number) }
    }

    mutating func remove(_ network: Network) {
        networkLists.remove(network.id, network.standard)
        guard let (space, number) = network.segment.position else { return }
        segments.change(space, default: SortedMap()) { $0.removeValue(forKey: number) }
    }

    mutating func add(_ subnet: Subnet) {
        subnetLists.add(subnet.id, subnet.standard)
        networks.change(subnet.networkID, default: OfNetwork()) { $0.subnets.insert(subnet.id) }
    }

    mutating func remove(_ subnet: Subnet) {
        subnetLists.remove(subnet.id, subnet.standard)
        networks.change(subnet.networkID, default: OfNetwork()) { $0.subnets.remove(subnet.id) }
        dropIfEmpty(subnet.networkID)
    }

    mutating func add(_ port: Port) {
        // A closure that names the port would hold a copy of all of it, at every start for every port.
        let (id, mac, isDHCP) = (port.id, port.macAddress.rawValue, port.deviceOwner == DeviceOwner.dhcp)
        networks.change(port.networkID, default: OfNetwork()) {
            $0.ports.insert(id)
            if isDHCP { $0.dhcpPorts.insert(id) }
            $0.macs.updateValue(id, forKey: mac)
        }
        for fixedIP in port.fixedIPs {
            let number = fixedIP.address.number
            addresses.change(fixedIP.subnetID, default: SortedMap()) { $0.updateValue(id, forKey: number) }
        }
        if !port.deviceID.isEmpty { devices.insert(port.deviceID, port.id) }
        portLists.add(port.id, port.standard)
    }

    mutating func remove(_ port: Port) {
        networks.change(port.networkID, default: OfNetwork()) {
            $0.ports.remove(port.id)
            $0.dhcpPorts.remove(port.id)
            $0.macs.removeValue(forKey: port.macAddress.rawValue, ifItIs: port.id)
        }
        for fixedIP in port.fixedIPs {
            addresses.change(fixedIP.subnetID, default: SortedMap()) {
                $0.removeValue(forKey: fixedIP.address.number, ifItIs: port.id)
            }
            if addresses[fixedIP.subnetID]?.isEmpty == true {
                addresses.removeValue(forKey: fixedIP.subnetID)
            }
        }
        if !port.deviceID.isEmpty { devices.remove(port.deviceID, port.id) }
        portLists.remove(port.id, port.standard)
        dropIfEmpty(port.networkID)
    }

    mutating func add(_ agent: Agent) {
        agents.updateValue(agent.id, forKey: AgentKey(type: agent.agentType, host: agent.host))
    }

    mutating func remove(_ agent: Agent) {
        agents.removeValue(forKey: AgentKey(type: agent.agentType, host: agent.host), ifItIs: agent.id)
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
    /// Whether the indexes know the two versions of a port by the same entries.
    func hasSameIndexEntries(as other: Port) -> Bool {
        networkID == other.networkID && macAddress == other.macAddress && fixedIPs == other.fixedIPs
            && deviceID == other.deviceID && deviceOwner == other.deviceOwner
            && standard.name == other.standard.name && standard.projectID == other.standard.projectID
    }
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
            SegmentSpace(type: type, physicalNetwork: physicalNetwork ?? ""), UInt64(segmentationID ?? 0)
        )
    }
}
