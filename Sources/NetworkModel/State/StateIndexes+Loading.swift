import Addressing

extension StateIndexes {
    /// The indexes of all networks, subnets and ports of a batch.
    init(_ batch: RecordBatch, portValues: ValueIndex) {
        self.portValues = portValues
        networkValues = ValueIndex(batch.networks)
        subnetValues = ValueIndex(batch.subnets)
        for network in batch.networks { place(network.value) }
        for subnet in batch.subnets { place(subnet.value) }
        place(batch.ports)
        count(batch)
    }

    private mutating func place(_ ports: [Versioned<Port>]) {
        var addresses: [ResourceID: [(UInt128, ResourceID)]] = [:]
        for (network, ports) in Dictionary(grouping: ports, by: \.value.networkID) {
            var of = networks[network] ?? OfNetwork()
            of.ports = SortedSet(unsorted: ports.map(\.value.id))
            of.dhcpPorts = SortedSet(
                unsorted: ports.filter { $0.value.deviceOwner == DeviceOwner.dhcp }.map(\.value.id))
            of.waitingPorts = SortedSet(unsorted: ports.filter(\.value.awaitsService).map(\.value.id))
            of.macs = SortedMap(unsorted: ports.map { ($0.value.macAddress.rawValue, $0.value.id) })
            networks.updateValue(of, forKey: network)
            for port in ports {
                for fixedIP in port.value.fixedIPs {
                    addresses[fixedIP.subnetID, default: []].append(
                        (fixedIP.address.number, port.value.id))
                }
            }
        }
        for (subnet, holders) in addresses {
            self.addresses.updateValue(SortedMap(unsorted: holders), forKey: subnet)
        }
    }

    private mutating func count(_ batch: RecordBatch) {
        var usage: [String: ResourceCounts] = [:]
        for network in batch.networks {
            usage[network.value.standard.projectID, default: .init()][.network] += 1
        }
        for subnet in batch.subnets {
            usage[subnet.value.standard.projectID, default: .init()][.subnet] += 1
        }
        for port in batch.ports { usage[port.value.standard.projectID, default: .init()][.port] += 1 }
        for (project, counts) in usage {
            projects.updateValue(OfProject(usage: counts), forKey: project)
        }
    }
}
