/// All stored resources of one kind, by identifier; iterating gives them in the order of their ids.
public struct RecordTable<Value: Sendable & Hashable>: Sendable {
    /// Boxes keep the tree's nodes small: changing one record copies 32 references, not 32 records. So it is on
    /// the way into a table.
    final class Box: Sendable {
        let versioned: Versioned<Value>
        init(_ versioned: Versioned<Value>) { self.versioned = versioned }
    }

    private(set) var boxes = SortedMap<ResourceID, Box>()

    init() {}

    /// The table of these resources; of several with one id the last counts.
    init(_ resources: [Box]) where Value: Identifiable, Value.ID == ResourceID {
        boxes = SortedMap(unsorted: resources.map { ($0.versioned.value.id, $0) })
    }

    /// The number of resources.
    public var count: Int { boxes.count }

    /// The resource with its revision, if it exists.
    public subscript(id: ResourceID) -> Versioned<Value>? { boxes[id]?.versioned }

    /// The resources whose ids are greater than the id, in order; all of them for nil: the page after a marker.
    public func after(_ id: ResourceID?) -> some Sequence<Versioned<Value>> {
        boxes.entries(above: id).lazy.map(\.value.versioned)
    }

    /// The resources whose ids are less than the id, the greatest first; all of them for nil.
    public func before(_ id: ResourceID?) -> some Sequence<Versioned<Value>> {
        boxes.entriesBackwards(below: id).lazy.map(\.value.versioned)
    }

    /// The ids of all resources.
    var ids: OrderedIDs { OrderedIDs(boxes, areAll: true) }

    @discardableResult
    mutating func put(_ versioned: Versioned<Value>, _ id: ResourceID) -> Value? {
        boxes.updateValue(Box(versioned), forKey: id)?.versioned.value
    }

    mutating func remove(_ id: ResourceID) -> Value? {
        boxes.removeValue(forKey: id)?.versioned.value
    }
}

extension RecordTable: Sequence {
    public struct Iterator: IteratorProtocol {
        private var base: SortedMap<ResourceID, Box>.Iterator

        fileprivate init(_ base: SortedMap<ResourceID, Box>.Iterator) { self.base = base }

        public mutating func next() -> Versioned<Value>? { base.next()?.value.versioned }
    }

    public func makeIterator() -> Iterator { Iterator(boxes.makeIterator()) }

    public var underestimatedCount: Int { count }
}
