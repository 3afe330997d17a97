import Addressing

/// How many addresses of a subnet there are to choose from, and how many ports hold.
public struct SubnetAvailability: Hashable, Sendable {
    public var subnet: Subnet
    /// The addresses of the allocation pools; the whole of IPv6 counts one short.
    public var total: UInt128
    /// The addresses that ports hold, in the pools or not.
    public var used: Int

    public init(subnet: Subnet, total: UInt128, used: Int) {
        self.subnet = subnet
        self.total = total
        self.used = used
    }
}

/// How many addresses a network has (Neutron's `network_ip_availability`).
public struct NetworkAvailability: Hashable, Sendable {
    public var network: Network
    /// In the order of the subnets' ids.
    public var subnets: [SubnetAvailability]

    public init(network: Network, subnets: [SubnetAvailability]) {
        self.network = network
        self.subnets = subnets
    }

    /// The addresses to choose from on all subnets together, at most 2^128 - 1.
    public var total: UInt128 { subnets.lazy.map(\.total).reduce(0, saturatingSum) }

    /// The addresses that ports hold on all subnets together.
    public var used: Int { subnets.lazy.map(\.used).reduce(0, +) }
}

extension NetworkState {
    /// How many addresses the network has, or nil if there is no such network.
    public func availability(ofNetwork id: ResourceID) -> NetworkAvailability? {
        guard let network = network(id) else { return nil }
        return NetworkAvailability(
            network: network,
            subnets: subnets(ofNetwork: id).map { subnet in
                SubnetAvailability(
                    subnet: subnet, total: subnet.poolSize, used: addressCount(ofSubnet: subnet.id))
            })
    }
}

extension Subnet {
    /// The addresses of all allocation pools; of the block, if it has none.
    fileprivate var poolSize: UInt128 {
        if allocationPools.isEmpty { return cidr.range.count }
        return allocationPools.lazy.map(\.count).reduce(0, saturatingSum)
    }
}

private func saturatingSum(_ a: UInt128, _ b: UInt128) -> UInt128 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}
