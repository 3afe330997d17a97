public import Addressing

/// All networks, subnets, ports, agents, subnet pools and quotas as they stood together at one revision, with the indexes
/// that decisions need.
///
/// A value: a copy costs nothing and stays as it is while the original follows the store's changes.
/// Applying a change costs O(log n) for each record of the change.
public struct NetworkState: Sendable {
    /// The revision of the last change that was applied.
    public internal(set) var revision = Revision(0)
    public internal(set) var networks = RecordTable<Network>()
    public internal(set) var subnets = RecordTable<Subnet>()
    public internal(set) var ports = RecordTable<Port>()
    public internal(set) var agents = RecordTable<Agent>()
    public internal(set) var subnetPools = RecordTable<SubnetPool>()
    public internal(set) var quotas = RecordTable<ProjectQuota>()
    var index = StateIndexes()

    /// Creates the empty state at revision 0.
    public init() {}

    /// Takes in what one commit did; changes come in the order of their revisions.
    public mutating func apply(_ change: ChangeSet) {
        for key in change.deletes { delete(key) }
        for record in change.puts { put(record, at: change.revision) }
        revision = change.revision
    }

    mutating func put(_ record: Record, at revision: Revision) {
        switch record {
        case .network(let network):
            let old = networks.put(Versioned(network, at: revision), network.id)
            index.count(.network, from: old?.standard.projectID, to: network.standard.projectID)
            if let old { index.remove(old) }
            index.add(network)
        case .subnet(let subnet):
            let old = subnets.put(Versioned(subnet, at: revision), subnet.id)
            index.count(.subnet, from: old?.standard.projectID, to: subnet.standard.projectID)
            if let old { index.remove(old) }
            index.add(subnet)
        case .port(let port):
            let old = ports.put(Versioned(port, at: revision), port.id)
            index.count(.port, from: old?.standard.projectID, to: port.standard.projectID)
            if let old { index.change(old, to: port) } else { index.add(port) }
        case .agent(let agent):
            if let old = agents.put(Versioned(agent, at: revision), agent.id) { index.remove(old) }
            index.add(agent)
        case .subnetPool(let pool):
            let old = subnetPools.put(Versioned(pool, at: revision), pool.id)
            index.count(.subnetpool, from: old?.standard.projectID, to: pool.standard.projectID)
            if let old { index.remove(old) }
            index.add(pool)
        case .quota(let quota):
            quotas.put(Versioned(quota, at: revision), quota.id)
            index.add(quota)
        }
    }

    mutating func delete(_ key: RecordKey) {
        switch key {
        case .network(let id):
            guard let old = networks.remove(id) else { return }
            index.count(.network, from: old.standard.projectID, to: nil)
            index.remove(old)
        case .subnet(let id):
            guard let old = subnets.remove(id) else { return }
            index.count(.subnet, from: old.standard.projectID, to: nil)
            index.remove(old)
        case .port(let id):
            guard let old = ports.remove(id) else { return }
            index.count(.port, from: old.standard.projectID, to: nil)
            index.remove(old)
        case .agent(let id): if let old = agents.remove(id) { index.remove(old) }
        case .subnetPool(let id):
            guard let old = subnetPools.remove(id) else { return }
            index.count(.subnetpool, from: old.standard.projectID, to: nil)
            index.remove(old)
        case .quota(let id): if let old = quotas.remove(id) { index.remove(old) }
        }
    }
}

// What other rooms ask of the state.
extension NetworkState {
    /// The network, or nil.
    public func network(_ id: ResourceID) -> Network? { networks[id]?.value }
    /// The subnet, or nil.
    public func subnet(_ id: ResourceID) -> Subnet? { subnets[id]?.value }
    /// The port, or nil.
    public func port(_ id: ResourceID) -> Port? { ports[id]?.value }
    /// The agent, or nil.
    public func agent(_ id: ResourceID) -> Agent? { agents[id]?.value }
    /// The subnet pool, or nil.
    public func subnetPool(_ id: ResourceID) -> SubnetPool? { subnetPools[id]?.value }

    /// The network's subnets in the order of their ids.
    public func subnets(ofNetwork id: ResourceID) -> [Subnet] {
        index.network(id).subnets.elements.compactMap { subnet($0) }
    }

    /// The network's ports in the order of their ids.
    public func ports(ofNetwork id: ResourceID) -> [Port] {
        index.network(id).ports.elements.compactMap { port($0) }
    }

    /// The number of the network's ports.
    public func portCount(ofNetwork id: ResourceID) -> Int { index.network(id).ports.count }

    /// The network's ports with device owner `network:dhcp`, in the order of their ids.
    public func dhcpPorts(ofNetwork id: ResourceID) -> [Port] {
        index.network(id).dhcpPorts.elements.compactMap { port($0) }
    }

    /// The network's ports that are meant to work and aren't said to yet, in the order of their ids.
    public func waitingPorts(ofNetwork id: ResourceID) -> [Port] {
        index.network(id).waitingPorts.elements.compactMap { port($0) }
    }

    /// The ports with an address on the subnet, in the order of the addresses; a port may come twice.
    public func ports(ofSubnet id: ResourceID) -> [Port] {
        index.addresses(id).compactMap { port($0.value) }
    }

    /// The number of addresses of the subnet that ports hold.
    public func addressCount(ofSubnet id: ResourceID) -> Int { index.addresses(id).count }

    /// The ports with the device id, in the order of their ids.
    public func ports(ofDevice deviceID: String) -> [Port] {
        if deviceID.isEmpty { return [] }
        return portIDs(with: .device(deviceID)).compactMap { port($0) }.filter { $0.deviceID == deviceID }
    }

    /// The port that holds the address on the subnet, or nil.
    public func port(holding address: IPAddress, onSubnet id: ResourceID) -> Port? {
        index.addresses(id)[address.number].flatMap { port($0) }
    }

    /// The port that holds the MAC on the network, or nil.
    public func port(holding mac: MACAddress, onNetwork id: ResourceID) -> Port? {
        index.network(id).macs[mac.rawValue].flatMap { port($0) }
    }

    /// The agent of the type on the host, or nil.
    public func agent(type: String, host: String) -> Agent? {
        index.agents[AgentKey(type: type, host: host)].flatMap { agent($0) }
    }

    /// The subnets that were cut from the pool, in the order of their blocks.
    public func subnets(ofSubnetPool id: ResourceID) -> [Subnet] {
        index.blocks(id).compactMap { subnet($0.value) }
    }

    /// The pool that `use_default_subnetpool` means for the version, or nil.
    public func defaultSubnetPool(_ version: IPVersion) -> SubnetPool? {
        index.defaultPools[version.rawValue].flatMap { subnetPool($0) }
    }
}
