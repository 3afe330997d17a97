// Making a whole map at once, in O(n) from entries in order: many times quicker than one after the other.

extension SortedMap {
    /// The map of entries in any order; of several with one key the last counts.
    init(unsorted entries: some Sequence<(Key, Value)>) {
        var entries = Array(entries)
        if !zip(entries, entries.dropFirst()).allSatisfy({ $0.0 < $1.0 }) {
            // The sort is stable, so the last of equal keys stays the last.
            entries.sort { $0.0 < $1.0 }
            var kept: [(Key, Value)] = []
            kept.reserveCapacity(entries.count)
            for entry in entries {
                if let last = kept.last, last.0 == entry.0 { kept.removeLast() }
                kept.append(entry)
            }
            entries = kept
        }
        self.init(sorted: entries.map(\.0), entries.map(\.1))
    }

    /// The map of keys in ascending order, each once, and their values.
    fileprivate init(sorted keys: [Key], _ values: [Value]) {
        self.init()
        var height = 0
        while Node.capacity(height) < keys.count { height += 1 }
        root = Node(keys[...], values[...], height: height)
    }
}

extension SortedMap where Value == Void {
    /// The set of elements in any order.
    init(unsorted elements: some Sequence<Key>) { self.init(unsorted: elements.lazy.map { ($0, ()) }) }

    /// The set of elements in order, of which some may be equal.
    init(sorted elements: [Key]) {
        var elements = elements
        if !zip(elements, elements.dropFirst()).allSatisfy({ $0 < $1 }) {
            var last: Key?
            elements.removeAll { element in
                defer { last = element }
                return element == last
            }
        }
        self.init(sorted: elements, [Void](repeating: (), count: elements.count))
    }
}

extension SortedMapNode {
    /// How many entries a tree of so many levels below its root holds at most; saturates.
    fileprivate static func capacity(_ height: Int) -> Int {
        (0..<height).reduce(maximum) { capacity, _ in
            let (product, overflow) = capacity.multipliedReportingOverflow(by: maximum + 1)
            return overflow ? .max : product + maximum
        }
    }

    /// A tree of exactly so many levels, its nodes as full as they can be all alike.
    fileprivate init(_ keys: ArraySlice<Key>, _ values: ArraySlice<Value>, height: Int) {
        guard height > 0 else {
            self.init(keys: Array(keys), values: Array(values))
            return
        }
        let most = Self.capacity(height - 1)
        // As few children as hold the rest of the entries; between any two of them lies one.
        let parts = (keys.count + 1 + most) / (most + 1)
        var ownKeys: [Key] = []
        var ownValues: [Value] = []
        var children: [Self] = []
        var next = keys.startIndex
        for part in 0..<parts {
            let left = keys.endIndex - next - (parts - part - 1)
            let end = next + (left + parts - part - 1) / (parts - part)
            children.append(Self(keys[next..<end], values[next..<end], height: height - 1))
            guard part < parts - 1 else { break }
            ownKeys.append(keys[end])
            ownValues.append(values[end])
            next = end + 1
        }
        self.init(keys: ownKeys, values: ownValues, children: children)
    }
}
