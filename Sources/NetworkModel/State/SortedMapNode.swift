/// A node of a B-tree: sorted keys with their values, and between them the children, if it has any.
///
/// A value type on purpose: its arrays are shared and copied on write by the standard library, so that
/// the tree is persistent without a reference type of our own.
struct SortedMapNode<Key: Comparable & Sendable, Value: Sendable>: Sendable {
    /// Above this many keys a node is split; below `minimum` it is merged with a neighbour.
    static var maximum: Int { 32 }
    static var minimum: Int { 15 }

    var keys: [Key]
    var values: [Value]
    /// Empty in a leaf, otherwise one more than the keys.
    var children: [SortedMapNode]
    /// The number of entries here and below.
    var count: Int

    init(keys: [Key] = [], values: [Value] = [], children: [SortedMapNode] = []) {
        self.keys = keys
        self.values = values
        self.children = children
        count = children.reduce(keys.count) { $0 + $1.count }
    }

    var isLeaf: Bool { children.isEmpty }

    /// The index of the first key that is not less than the key.
    func firstIndex(notBelow key: Key) -> Int {
        var low = 0
        var high = keys.count
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The value of the key, if it has one.
    ///
    /// Recursive, so that each node is read where it lies: a loop would hold a reference to every one.
    func value(of key: Key) -> Value? {
        let index = firstIndex(notBelow: key)
        if index < keys.count && keys[index] == key { return values[index] }
        return isLeaf ? nil : children[index].value(of: key)
    }

    /// Changes the value of the key in place; returns false if the key is not there.
    mutating func change(_ key: Key, _ body: (inout Value) -> Void) -> Bool {
        let index = firstIndex(notBelow: key)
        if index < keys.count && keys[index] == key {
            body(&values[index])
            return true
        }
        return isLeaf ? false : children[index].change(key, body)
    }

    /// What a node that grew too large hands to its parent.
    struct Split {
        var key: Key
        var value: Value
        var right: SortedMapNode
    }

    mutating func insert(_ key: Key, _ value: Value) -> (old: Value?, split: Split?) {
        let index = firstIndex(notBelow: key)
        if index < keys.count && keys[index] == key {
            let old = values[index]
            values[index] = value
            return (old, nil)
        }
        if isLeaf {
            keys.insert(key, at: index)
            values.insert(value, at: index)
            count += 1
            return (nil, splitIfTooLarge())
        }
        let (old, split) = children[index].insert(key, value)
        if old == nil { count += 1 }
        guard let split else { return (old, nil) }
        keys.insert(split.key, at: index)
        values.insert(split.value, at: index)
        children.insert(split.right, at: index + 1)
        return (old, splitIfTooLarge())
    }

    private mutating func splitIfTooLarge() -> Split? {
        guard keys.count > Self.maximum else { return nil }
        let middle = keys.count / 2
        let right = SortedMapNode(
            keys: Array(keys[(middle + 1)...]), values: Array(values[(middle + 1)...]),
            children: isLeaf ? [] : Array(children[(middle + 1)...]))
        let split = Split(key: keys[middle], value: values[middle], right: right)
        keys.removeSubrange(middle...)
        values.removeSubrange(middle...)
        if !isLeaf { children.removeSubrange((middle + 1)...) }
        count -= right.count + 1
        return split
    }

    mutating func remove(_ key: Key) -> Value? {
        let index = firstIndex(notBelow: key)
        let found = index < keys.count && keys[index] == key
        if isLeaf {
            guard found else { return nil }
            keys.remove(at: index)
            count -= 1
            return values.remove(at: index)
        }
        let old: Value?
        if found {
            old = values[index]
            (keys[index], values[index]) = children[index].removeLast()
        } else {
            old = children[index].remove(key)
        }
        if old != nil {
            count -= 1
            refill(index)
        }
        return old
    }

    /// Removes the greatest entry of a tree that has one.
    private mutating func removeLast() -> (Key, Value) {
        count -= 1
        if isLeaf { return (keys.removeLast(), values.removeLast()) }
        let last = children[children.count - 1].removeLast()
        refill(children.count - 1)
        return last
    }

    /// Joins a child that became too small with a neighbour, and splits the two anew if they are too large.
    private mutating func refill(_ index: Int) {
        guard children[index].keys.count < Self.minimum else { return }
        let left = index > 0 ? index - 1 : index
        let right = children.remove(at: left + 1)
        children[left].absorb(keys.remove(at: left), values.remove(at: left), right)
        if let split = children[left].splitIfTooLarge() {
            keys.insert(split.key, at: left)
            values.insert(split.value, at: left)
            children.insert(split.right, at: left + 1)
        }
    }

    private mutating func absorb(_ key: Key, _ value: Value, _ right: SortedMapNode) {
        keys.append(key)
        keys += right.keys
        values.append(value)
        values += right.values
        children += right.children
        count += right.count + 1
    }
}
