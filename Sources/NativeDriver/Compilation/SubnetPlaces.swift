import NetworkModel

/// Where the subnets of a network stand in the engines' configurations.
///
/// A list: few networks have more than four subnets, and a thousand networks have one each.
struct SubnetPlaces: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let subnet: ResourceID
        /// Among those with DHCP of the subnet's version; -1 without DHCP.
        let place: Int
    }

    private var entries: [Entry] = []

    /// Adds a subnet; nil for one without DHCP.
    mutating func add(_ subnet: ResourceID, at place: Int?) {
        entries.append(Entry(subnet: subnet, place: place ?? -1))
    }

    /// Whether the subnet is the network's.
    func contains(_ subnet: ResourceID) -> Bool { entries.contains { $0.subnet == subnet } }

    /// The subnet's place; nil where it has no DHCP.
    subscript(_ subnet: ResourceID) -> Int? {
        guard let entry = entries.first(where: { $0.subnet == subnet }), entry.place >= 0 else { return nil }
        return entry.place
    }
}
