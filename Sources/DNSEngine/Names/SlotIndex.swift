/// Finds the positions of keys in an array that somebody else holds: open addressing with linear probing,
/// four bytes a slot, several positions for one key.
///
/// Keys are not stored: callers give hashes and compare what is at the positions found.
struct SlotIndex: Sendable {
    /// Position + 1; 0 is free. The count is a power of two, or none.
    private var slots: [UInt32] = []
    private var count = 0

    private var mask: Int { slots.count - 1 }

    /// Calls the body with every position that may be of the hash, until it returns false.
    func visit(_ hash: Int, _ body: (Int) -> Bool) {
        if slots.isEmpty { return }
        var slot = hash & mask
        while slots[slot] != 0 {
            if !body(Int(slots[slot] - 1)) { return }
            slot = (slot + 1) & mask
        }
    }

    /// Adds a position; the elements are what positions are of, and each has a hash.
    mutating func insert<Element>(
        _ position: Int, _ hash: Int, of elements: [Element], hashedBy hashOf: (Element) -> Int
    ) {
        // At most three quarters full.
        if (count + 1) * 4 > slots.count * 3 { resize(max(8, slots.count * 2), elements, hashOf) }
        place(position, hash)
        count += 1
    }

    /// Takes a position out and closes the gap, so that nothing is left to skip.
    mutating func remove<Element>(
        _ position: Int, _ hash: Int, of elements: [Element], hashedBy hashOf: (Element) -> Int
    ) {
        guard var gap = slot(of: position, hash) else { return }
        var next = (gap + 1) & mask
        while slots[next] != 0 {
            let home = hashOf(elements[Int(slots[next] - 1)]) & mask
            // Moves back unless its home lies behind the gap.
            if (next - home) & mask >= (next - gap) & mask {
                slots[gap] = slots[next]
                gap = next
            }
            next = (next + 1) & mask
        }
        slots[gap] = 0
        count -= 1
        if count == 0 {
            slots = []
        } else if slots.count > 8 && count * 8 < slots.count {
            resize(slots.count / 2, elements, hashOf)
        }
    }

    /// Says that what was at one position is at another now.
    mutating func move(_ position: Int, to other: Int, _ hash: Int) {
        if let slot = slot(of: position, hash) { slots[slot] = UInt32(other + 1) }
    }

    private func slot(of position: Int, _ hash: Int) -> Int? {
        if slots.isEmpty { return nil }
        var slot = hash & mask
        while slots[slot] != 0 {
            if slots[slot] == UInt32(position + 1) { return slot }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func place(_ position: Int, _ hash: Int) {
        var slot = hash & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = UInt32(position + 1)
    }

    private mutating func resize<Element>(
        _ size: Int, _ elements: [Element], _ hashOf: (Element) -> Int
    ) {
        let old = slots
        slots = Array(repeating: 0, count: size)
        for slot in old where slot != 0 { place(Int(slot - 1), hashOf(elements[Int(slot - 1)])) }
    }
}
