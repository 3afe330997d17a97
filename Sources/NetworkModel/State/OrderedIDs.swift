/// Identifiers in ascending order that can be read from any place on, in either direction, at the cost of
/// what is read.
public struct OrderedIDs: Sendable {
    /// As many as there are, or more.
    public let count: Int
    /// Whether there are no others: what holds these and more holds the same.
    let areAll: Bool
    private let above: @Sendable (ResourceID?) -> AnyIterator<ResourceID>
    private let below: @Sendable (ResourceID?) -> AnyIterator<ResourceID>

    init(
        count: Int, areAll: Bool = false,
        after above: @escaping @Sendable (ResourceID?) -> AnyIterator<ResourceID>,
        before below: @escaping @Sendable (ResourceID?) -> AnyIterator<ResourceID>
    ) {
        self.count = count
        self.areAll = areAll
        self.above = above
        self.below = below
    }

    /// What is made only when it is read.
    public init(count: Int, _ make: @escaping @Sendable () -> OrderedIDs) {
        self.init(count: count, after: { make().after($0) }, before: { make().before($0) })
    }

    init(_ map: SortedMap<ResourceID, some Sendable>, areAll: Bool = false) {
        self.init(
            count: map.count, areAll: areAll,
            after: { id in AnyIterator(map.entries(above: id).lazy.map(\.key).makeIterator()) },
            before: { id in AnyIterator(map.entriesBackwards(below: id).lazy.map(\.key).makeIterator()) })
    }

    /// The identifiers, in order and each once whatever order they come in.
    public init(_ ids: some Sequence<ResourceID>) { self.init(SortedSet(unsorted: ids)) }

    /// Those that are in one at least.
    public init(union parts: [OrderedIDs]) {
        if let only = parts.first, parts.count == 1 {
            self = only
            return
        }
        if let all = parts.first(where: \.areAll) {
            self = all
            return
        }
        self.init(
            count: parts.reduce(0) { $0 + $1.count },
            after: { id in AnyIterator(Merge(parts.map { $0.after(id) }) { $0 < $1 }) },
            before: { id in AnyIterator(Merge(parts.map { $0.before(id) }) { $0 > $1 }) })
    }

    /// The ones greater than the id, in order; all for nil.
    public func after(_ id: ResourceID?) -> AnyIterator<ResourceID> { above(id) }

    /// The ones less than the id, the greatest first; all for nil.
    public func before(_ id: ResourceID?) -> AnyIterator<ResourceID> { below(id) }
}

extension OrderedIDs: Sequence {
    public func makeIterator() -> AnyIterator<ResourceID> { above(nil) }
}

/// Several ordered sequences as one, equal elements once.
private struct Merge: IteratorProtocol {
    /// The next element of each sequence that has one, as a heap: each comes before its two children, which for
    /// the one at `n` are at `2n + 1` and `2n + 2`.
    private var heads: [(id: ResourceID, rest: AnyIterator<ResourceID>)]
    private let isBefore: (ResourceID, ResourceID) -> Bool
    private var last: ResourceID?

    init(
        _ parts: [AnyIterator<ResourceID>], by isBefore: @escaping (ResourceID, ResourceID) -> Bool
    ) {
        heads = parts.compactMap { part in part.next().map { ($0, part) } }
        self.isBefore = isBefore
        for index in heads.indices.reversed() { sink(index) }
    }

    mutating func next() -> ResourceID? {
        while let first = heads.first {
            if let id = first.rest.next() {
                heads[0].id = id
            } else {
                heads.swapAt(0, heads.count - 1)
                heads.removeLast()
            }
            sink(0)
            if first.id == last { continue }
            last = first.id
            return first.id
        }
        return nil
    }

    /// Puts the element at the index behind those children that come before it.
    private mutating func sink(_ start: Int) {
        var index = start
        while true {
            var first = index
            for child in (2 * index + 1)...(2 * index + 2)
            where child < heads.count && isBefore(heads[child].id, heads[first].id) {
                first = child
            }
            if first == index { return }
            heads.swapAt(index, first)
            index = first
        }
    }
}

// By what lists are narrowed.
extension NetworkState {
    /// The networks that have the value, and perhaps others.
    public func networkIDs(with key: ListKey) -> OrderedIDs { index.networkValues.ids(key) }
    /// The subnets that have the value, and perhaps others.
    public func subnetIDs(with key: ListKey) -> OrderedIDs { index.subnetValues.ids(key) }
    /// The ports that have the value, and perhaps others.
    public func portIDs(with key: ListKey) -> OrderedIDs {
        index.portValues?.ids(key) ?? ports.ids
    }
    /// The networks that are shared or external.
    public var openNetworkIDs: OrderedIDs { OrderedIDs(index.openNetworks) }
    /// The subnet pools that have the value, and perhaps others.
    public func subnetPoolIDs(with key: ListKey) -> OrderedIDs { index.poolValues.ids(key) }
    /// The subnets that were cut from the pool.
    public func subnetIDs(ofSubnetPool id: ResourceID) -> OrderedIDs {
        let blocks = index.blocks(id)
        return OrderedIDs(count: blocks.count) { OrderedIDs(blocks.lazy.map(\.value)) }
    }
    /// The network's subnets.
    public func subnetIDs(ofNetwork id: ResourceID) -> OrderedIDs { OrderedIDs(index.network(id).subnets) }
    /// The network's ports.
    public func portIDs(ofNetwork id: ResourceID) -> OrderedIDs { OrderedIDs(index.network(id).ports) }
}
