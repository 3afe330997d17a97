/// Resources of one kind by a text that each of them has: which ones have it, in the order of their ids.
struct TextIndex: Sendable {
    private struct Entry: Comparable, Sendable {
        let text: String
        let id: ResourceID

        static func < (a: Self, b: Self) -> Bool { (a.text, a.id) < (b.text, b.id) }
    }

    private var entries = SortedSet<Entry>()

    mutating func insert(_ text: String, _ id: ResourceID) { entries.insert(Entry(text: text, id: id)) }

    mutating func remove(_ text: String, _ id: ResourceID) { entries.remove(Entry(text: text, id: id)) }

    /// The resources that have the text.
    func ids(_ text: String) -> OrderedIDs {
        let entries = entries
        let (first, last) = (ResourceID(rawValue: 0), ResourceID(rawValue: .max))
        return OrderedIDs(
            after: { id in
                let start =
                    id.map { entries.entries(above: Entry(text: text, id: $0)) }
                    ?? entries.entries(notBelow: Entry(text: text, id: first))
                return AnyIterator(start.lazy.map(\.key).prefix { $0.text == text }.map(\.id).makeIterator())
            },
            before: { id in
                // No stored resource has the greatest id: it is no UUID of RFC 9562's versions.
                let start = entries.entriesBackwards(below: Entry(text: text, id: id ?? last))
                return AnyIterator(start.lazy.map(\.key).prefix { $0.text == text }.map(\.id).makeIterator())
            })
    }
}

/// What lists of one kind of resource are narrowed by most often.
struct ListIndex: Sendable {
    private(set) var names = TextIndex()
    private(set) var projects = TextIndex()

    mutating func add(_ id: ResourceID, _ standard: StandardAttributes) {
        // Most of a million ports have no name; who asks for those may look at all.
        if !standard.name.isEmpty { names.insert(standard.name, id) }
        projects.insert(standard.projectID, id)
    }

    mutating func remove(_ id: ResourceID, _ standard: StandardAttributes) {
        if !standard.name.isEmpty { names.remove(standard.name, id) }
        projects.remove(standard.projectID, id)
    }
}

/// Identifiers in ascending order that can be read from any place on, in either direction, at the cost of
/// what is read.
public struct OrderedIDs: Sendable {
    private let above: @Sendable (ResourceID?) -> AnyIterator<ResourceID>
    private let below: @Sendable (ResourceID?) -> AnyIterator<ResourceID>

    init(
        after above: @escaping @Sendable (ResourceID?) -> AnyIterator<ResourceID>,
        before below: @escaping @Sendable (ResourceID?) -> AnyIterator<ResourceID>
    ) {
        self.above = above
        self.below = below
    }

    init(_ set: SortedSet<ResourceID>) {
        self.init(
            after: { id in AnyIterator(set.entries(above: id).lazy.map(\.key).makeIterator()) },
            before: { id in AnyIterator(set.entriesBackwards(below: id).lazy.map(\.key).makeIterator()) })
    }

    /// The identifiers, in order and each once whatever order they come in.
    public init(_ ids: some Sequence<ResourceID>) {
        var set = SortedSet<ResourceID>()
        for id in ids { set.insert(id) }
        self.init(set)
    }

    /// Those that are in one at least.
    public init(union parts: [OrderedIDs]) {
        if let only = parts.first, parts.count == 1 {
            self = only
            return
        }
        self.init(
            after: { id in merge(parts.map { $0.after(id) }) { $0 < $1 } },
            before: { id in merge(parts.map { $0.before(id) }) { $0 > $1 } })
    }

    /// The ones greater than the id, in order; all for nil.
    public func after(_ id: ResourceID?) -> AnyIterator<ResourceID> { above(id) }

    /// The ones less than the id, the greatest first; all for nil.
    public func before(_ id: ResourceID?) -> AnyIterator<ResourceID> { below(id) }
}

extension OrderedIDs: Sequence {
    public func makeIterator() -> AnyIterator<ResourceID> { above(nil) }
}

/// Several ordered sequences as one, equal elements once; there are few sequences.
private func merge(
    _ parts: [AnyIterator<ResourceID>], by isBefore: @escaping (ResourceID, ResourceID) -> Bool
) -> AnyIterator<ResourceID> {
    var heads = parts.map { $0.next() }
    return AnyIterator {
        guard let next = heads.compactMap({ $0 }).min(by: isBefore) else { return nil }
        for index in heads.indices where heads[index] == next { heads[index] = parts[index].next() }
        return next
    }
}

// By what lists are narrowed.
extension NetworkState {
    /// The networks of that name, which is not empty.
    public func networkIDs(named name: String) -> OrderedIDs { index.networkLists.names.ids(name) }
    /// The networks of the project.
    public func networkIDs(ofProject id: String) -> OrderedIDs { index.networkLists.projects.ids(id) }
    /// The networks that are shared or external.
    public var openNetworkIDs: OrderedIDs { OrderedIDs(index.openNetworks) }
    /// The subnets of that name, which is not empty.
    public func subnetIDs(named name: String) -> OrderedIDs { index.subnetLists.names.ids(name) }
    /// The subnets of the project.
    public func subnetIDs(ofProject id: String) -> OrderedIDs { index.subnetLists.projects.ids(id) }
    /// The network's subnets.
    public func subnetIDs(ofNetwork id: ResourceID) -> OrderedIDs { OrderedIDs(index.network(id).subnets) }
    /// The ports of that name, which is not empty.
    public func portIDs(named name: String) -> OrderedIDs { index.portLists.names.ids(name) }
    /// The ports of the project.
    public func portIDs(ofProject id: String) -> OrderedIDs { index.portLists.projects.ids(id) }
    /// The network's ports.
    public func portIDs(ofNetwork id: ResourceID) -> OrderedIDs { OrderedIDs(index.network(id).ports) }
    /// The network's ports with device owner `network:dhcp`.
    public func dhcpPortIDs(ofNetwork id: ResourceID) -> OrderedIDs {
        OrderedIDs(index.network(id).dhcpPorts)
    }
    /// The ports of the device owner, which begins with `network:`.
    public func portIDs(ofNetworkOwner owner: String) -> OrderedIDs { index.networkOwners.ids(owner) }
    /// The ports with the device id, which is not empty.
    public func portIDs(ofDevice deviceID: String) -> OrderedIDs { index.ports(ofDevice: deviceID) }
}
