// Reading a part of a map: from a key on, in either direction, in O(log n) plus what is read.

extension SortedMap {
    /// The entries whose keys are greater than the key, in order; all of them for nil.
    public func entries(above key: Key?) -> IteratorSequence<Iterator> {
        IteratorSequence(key.map { Iterator(root, above: $0) } ?? makeIterator())
    }

    /// The entries whose keys are less than the key, the greatest first; all of them for nil.
    public func entriesBackwards(below key: Key?) -> IteratorSequence<BackwardIterator> {
        IteratorSequence(BackwardIterator(root, below: key))
    }

    /// Goes through the entries from the greatest key to the least.
    public struct BackwardIterator: IteratorProtocol {
        /// The nodes on the way down, with the number of each one's keys that are still to be given.
        private var path: [(node: Node, left: Int)] = []

        init(_ root: Node, below key: Key?) {
            guard let key else {
                descend(root)
                return
            }
            var node = root
            while true {
                let index = node.firstIndex(notBelow: key)
                path.append((node, index))
                if node.isLeaf { return }
                if index < node.keys.count && node.keys[index] == key {
                    descend(node.children[index])
                    return
                }
                node = node.children[index]
            }
        }

        private mutating func descend(_ start: Node) {
            var node = start
            while true {
                path.append((node, node.keys.count))
                guard let last = node.children.last else { return }
                node = last
            }
        }

        public mutating func next() -> (key: Key, value: Value)? {
            while let top = path.last {
                guard top.left > 0 else {
                    path.removeLast()
                    continue
                }
                let index = top.left - 1
                path[path.count - 1].left = index
                if !top.node.isLeaf { descend(top.node.children[index]) }
                return (top.node.keys[index], top.node.values[index])
            }
            return nil
        }
    }
}
