/// A sorted dictionary that knows ranks and whose copies are cheap: a B-tree of value nodes.
///
/// Lookup, insertion, removal and rank cost O(log n). A copy costs nothing, and changing one of two
/// copies costs O(log n) as well, because untouched nodes stay shared: so a reader may keep a whole
/// state while the next commit is applied to another copy of it.
public struct SortedMap<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    typealias Node = SortedMapNode<Key, Value>

    var root = Node()

    /// Creates an empty map.
    public init() {}

    /// The number of entries.
    public var count: Int { root.count }

    /// Whether there is no entry.
    public var isEmpty: Bool { root.count == 0 }

    /// The value of the key, if it has one.
    public subscript(key: Key) -> Value? { root.value(of: key) }

    /// Sets the value of the key and returns the one it had.
    @discardableResult
    public mutating func updateValue(_ value: Value, forKey key: Key) -> Value? {
        let (old, split) = root.insert(key, value)
        if let split {
            let left = root
            root = Node(keys: [split.key], values: [split.value], children: [left, split.right])
        }
        return old
    }

    /// Changes the value of the key in place, starting from a default if there is none.
    public mutating func change(
        _ key: Key, default initial: @autoclosure () -> Value, _ body: (inout Value) -> Void
    ) {
        if root.change(key, body) { return }
        var value = initial()
        body(&value)
        updateValue(value, forKey: key)
    }

    /// Removes the key and returns the value it had.
    @discardableResult
    public mutating func removeValue(forKey key: Key) -> Value? {
        let old = root.remove(key)
        if root.keys.isEmpty, let only = root.children.first { root = only }
        return old
    }

    /// The number of keys that are less than the key.
    public func rank(of key: Key) -> Int { firstRank { candidate, _ in !(candidate < key) } }

    /// The entry with that many entries before it; the rank runs from 0 to ``count`` - 1.
    public func entry(at rank: Int) -> (key: Key, value: Value)? {
        guard rank >= 0 && rank < count else { return nil }
        var node = root
        var before = 0
        descent: while true {
            if node.isLeaf { return (node.keys[rank - before], node.values[rank - before]) }
            for index in node.children.indices {
                let child = node.children[index]
                if rank < before + child.count {
                    node = child
                    continue descent
                }
                before += child.count
                if rank == before { return (node.keys[index], node.values[index]) }
                before += 1
            }
            return nil
        }
    }

    /// The first rank whose key satisfies the predicate, or ``count``.
    ///
    /// The predicate gets a key and its rank, must be false up to some rank and true from there on, and
    /// is asked O(log n) times.
    public func firstRank(where predicate: (Key, Int) -> Bool) -> Int {
        var node = root
        var before = 0
        while true {
            // Binary search needs ranks within the node; inner nodes sum up their children's counts.
            var index = 0
            if node.isLeaf {
                var end = node.keys.count
                while index < end {
                    let middle = (index + end) / 2
                    if predicate(node.keys[middle], before + middle) {
                        end = middle
                    } else {
                        index = middle + 1
                    }
                }
                return before + index
            }
            while index < node.keys.count {
                let rank = before + node.children[index].count
                if predicate(node.keys[index], rank) { break }
                before = rank + 1
                index += 1
            }
            node = node.children[index]
        }
    }
}

extension SortedMap: Sequence {
    /// Goes through the entries in the order of their keys.
    public struct Iterator: IteratorProtocol {
        /// The nodes on the way down with the index of the next key to give from each.
        private var path: [(node: Node, index: Int)] = []

        init(_ root: Node) { descend(root) }

        init(_ root: Node, notBelow key: Key) {
            var node = root
            while true {
                let index = node.firstIndex(notBelow: key)
                path.append((node, index))
                if node.isLeaf || index < node.keys.count && node.keys[index] == key { return }
                node = node.children[index]
            }
        }

        init(_ root: Node, above key: Key) {
            self.init(root, notBelow: key)
            guard let top = path.last, top.index < top.node.keys.count, top.node.keys[top.index] == key
            else { return }
            _ = next()
        }

        private mutating func descend(_ start: Node) {
            var node = start
            while true {
                path.append((node, 0))
                guard let first = node.children.first else { return }
                node = first
            }
        }

        public mutating func next() -> (key: Key, value: Value)? {
            while let top = path.last {
                guard top.index < top.node.keys.count else {
                    path.removeLast()
                    continue
                }
                path[path.count - 1].index += 1
                if !top.node.isLeaf { descend(top.node.children[top.index + 1]) }
                return (top.node.keys[top.index], top.node.values[top.index])
            }
            return nil
        }
    }

    public func makeIterator() -> Iterator { Iterator(root) }

    public var underestimatedCount: Int { count }

    /// The entries whose keys are not less than the key, in order.
    public func entries(notBelow key: Key) -> IteratorSequence<Iterator> {
        IteratorSequence(Iterator(root, notBelow: key))
    }
}

/// A sorted set: a ``SortedMap`` of nothing.
public typealias SortedSet<Element: Comparable & Sendable> = SortedMap<Element, Void>

extension SortedMap where Value == Void {
    /// Adds the element; does nothing if it is there.
    public mutating func insert(_ element: Key) { updateValue((), forKey: element) }

    /// Removes the element; does nothing if it is not there.
    public mutating func remove(_ element: Key) { removeValue(forKey: element) }

    /// Whether the element is there.
    public func contains(_ element: Key) -> Bool { self[element] != nil }

    /// The elements in order.
    public var elements: some Sequence<Key> { lazy.map(\.key) }
}
