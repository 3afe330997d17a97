import Addressing

extension StateIndexes {
    /// The indexes of all networks, subnets and ports of a batch, but for that of the ports' values.
    init(_ batch: RecordBatch, addresses: SortedMap<ResourceID, SortedMap<UInt128, ResourceID>>) {
        portValues = nil
        self.addresses = addresses
        networkValues = ValueIndex(batch.networks)
        subnetValues = ValueIndex(batch.subnets)
        for network in batch.networks { place(network.versioned.value) }
        for subnet in batch.subnets { place(subnet.versioned.value) }
        place(batch.ports)
        count(batch)
    }

    private mutating func place(_ ports: [RecordTable<Port>.Box]) {
        for (network, ports) in Dictionary(grouping: ports, by: \.versioned.value.networkID) {
            var of = networks[network] ?? OfNetwork()
            of.ports = SortedSet(unsorted: ports.map(\.versioned.value.id))
            of.dhcpPorts = SortedSet(
                unsorted: ports.filter { $0.versioned.value.deviceOwner == DeviceOwner.dhcp }
                    .map(\.versioned.value.id))
            of.waitingPorts = SortedSet(
                unsorted: ports.filter(\.versioned.value.awaitsService).map(\.versioned.value.id))
            of.macs = SortedMap(
                unsorted: ports.map { ($0.versioned.value.macAddress.rawValue, $0.versioned.value.id) })
            networks.updateValue(of, forKey: network)
        }
    }

    /// Which port holds which address, as its number, on which subnet.
    static func addresses(
        of ports: [RecordTable<Port>.Box]
    ) -> SortedMap<ResourceID, SortedMap<UInt128, ResourceID>> {
        var holders: [ResourceID: [(UInt128, ResourceID)]] = [:]
        for port in ports {
            for fixedIP in port.versioned.value.fixedIPs {
                holders[fixedIP.subnetID, default: []].append(
                    (fixedIP.address.number, port.versioned.value.id))
            }
        }
        return SortedMap(unsorted: holders.map { ($0.key, SortedMap(unsorted: $0.value)) })
    }

    private mutating func count(_ batch: RecordBatch) {
        var usage: [String: ResourceCounts] = [:]
        for network in batch.networks {
            usage[network.versioned.value.standard.projectID, default: .init()][.network] += 1
        }
        for subnet in batch.subnets {
            usage[subnet.versioned.value.standard.projectID, default: .init()][.subnet] += 1
        }
        for port in batch.ports {
            usage[port.versioned.value.standard.projectID, default: .init()][.port] += 1
        }
        for (project, counts) in usage {
            projects.updateValue(OfProject(usage: counts), forKey: project)
        }
    }
}
