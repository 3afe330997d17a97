/// An open-addressing hash table from a hash to positions in a list that is kept elsewhere.
///
/// Four bytes per slot, at most three quarters of them used. A slot has some bits of its key's hash beside
/// the position, so that a search seldom looks at another key's element, which may not be in the cache.
/// Positions with equal keys are allowed: the one inserted last is found first. Whoever keeps the list
/// compares the keys.
struct IndexTable: Sendable {
    /// What hashes of keys that guests or tenants choose begin with: another one in every process, so that
    /// nobody can prepare keys which meet in one place.
    static let seed = UInt64.random(in: 0...(.max))

    /// The bits of a slot that are a position + 1: four times the addresses of 10.0.0.0/8.
    private static let positionBits: UInt32 = 26
    private static let positionMask: UInt32 = 1 << positionBits - 1

    /// A position + 1 below bits of its hash, or 0 where the slot is free.
    private var slots: [UInt32] = []
    private var count = 0

    /// The slot in which a search begins: the high bits, which a multiplicative hash mixes best.
    @inline(__always)
    private func home(_ hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> UInt64(64 - slots.count.trailingZeroBitCount))
    }

    /// The bits of a hash that a slot has, none of those that ``home(_:)`` takes.
    @inline(__always)
    private static func mark(_ hash: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: hash) & ~positionMask
    }

    @inline(__always)
    private static func position(_ value: UInt32) -> Int { Int(value & positionMask) - 1 }

    /// What a slot has for a position.
    private static func value(_ position: Int, _ hash: UInt64) -> UInt32 {
        precondition(position < Int(positionMask), "an index has room for 67,108,863 positions")
        return UInt32(truncatingIfNeeded: position + 1) | mark(hash)
    }

    /// The position that was inserted last among those with this hash that match.
    @inline(__always)
    func first(_ hash: UInt64, where matches: (Int) -> Bool) -> Int? {
        if slots.isEmpty { return nil }
        let mask = slots.count - 1
        let mark = Self.mark(hash)
        var slot = home(hash)
        while true {
            let value = slots[slot]
            if value == 0 { return nil }
            if value & ~Self.positionMask == mark {
                let position = Self.position(value)
                if matches(position) { return position }
            }
            slot = (slot + 1) & mask
        }
    }

    /// Inserts a position in front of those with the same key; `hashOf` and `isEqual` speak of positions
    /// that are in the table.
    mutating func insert(
        _ position: Int, _ hash: UInt64, hashOf: (Int) -> UInt64, isEqual: (Int) -> Bool
    ) {
        if (count + 1) * 4 > slots.count * 3 { grow(hashOf) }
        count += 1
        let mask = slots.count - 1
        var slot = home(hash)
        let mark = Self.mark(hash)
        var carried = Self.value(position, hash)
        while slots[slot] != 0 {
            // Takes the place of an older equal one, which moves on behind it.
            if slots[slot] & ~Self.positionMask == mark, isEqual(Self.position(slots[slot])) {
                swap(&carried, &slots[slot])
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = carried
    }

    /// Takes a position out.
    mutating func remove(_ position: Int, _ hash: UInt64, hashOf: (Int) -> UInt64) {
        guard var hole = slot(of: position, hash) else { return }
        count -= 1
        let mask = slots.count - 1
        var next = hole
        // What lies behind moves up unless that would put it in front of its home.
        while true {
            next = (next + 1) & mask
            let value = slots[next]
            if value == 0 { break }
            let distance = (next - home(hashOf(Self.position(value)))) & mask
            if distance >= (next - hole) & mask {
                slots[hole] = value
                hole = next
            }
        }
        slots[hole] = 0
    }

    /// Renames a position whose element moves in the list.
    mutating func rename(_ position: Int, to new: Int, _ hash: UInt64) {
        guard let slot = slot(of: position, hash) else { return }
        slots[slot] = Self.value(new, hash)
    }

    private func slot(of position: Int, _ hash: UInt64) -> Int? {
        if slots.isEmpty { return nil }
        let wanted = Self.value(position, hash)
        var slot = home(hash)
        while slots[slot] != 0 {
            if slots[slot] == wanted { return slot }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// Doubles the slots; those of equal keys keep their order.
    private mutating func grow(_ hashOf: (Int) -> UInt64) {
        let old = slots
        slots = Array(repeating: 0, count: max(old.count * 2, 8))
        let mask = slots.count - 1
        // Beginning behind a free slot, a run is seen from its start.
        let start = old.firstIndex(of: 0) ?? 0
        for offset in 0..<old.count {
            let value = old[(start + offset) % old.count]
            if value == 0 { continue }
            var slot = home(hashOf(Self.position(value)))
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = value
        }
    }
}
