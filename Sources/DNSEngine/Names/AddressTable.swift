/// The addresses of one version that have names, found by address and by port: 24 bytes for an IPv4
/// address and 40 for an IPv6 one, with 12 or so for both indexes.
struct AddressTable<Address: Hashable & Sendable>: Sendable {
    struct Entry: Sendable {
        /// The port's 128 bits in halves, which need no alignment to 16.
        fileprivate var portHigh: UInt64
        fileprivate var portLow: UInt64
        let address: Address
        /// Which ``CustomNames`` record; 0 where the address has its default name.
        let name: UInt32

        var port: UInt128 { UInt128(portHigh) << 64 | UInt128(portLow) }

        init(port: UInt128, address: Address, name: UInt32) {
            portHigh = UInt64(truncatingIfNeeded: port >> 64)
            portLow = UInt64(truncatingIfNeeded: port)
            self.address = address
            self.name = name
        }
    }

    private var entries: [Entry] = []
    private var byAddress = SlotIndex()
    private var byPort = SlotIndex()

    var count: Int { entries.count }

    /// Calls the body with every entry of an address, until it returns false.
    func visit(_ address: Address, _ body: (Entry) -> Bool) {
        byAddress.visit(address.hashValue) { entries[$0].address == address ? body(entries[$0]) : true }
    }

    mutating func insert(_ entry: Entry) {
        // By a quarter, where append would double.
        if entries.count == entries.capacity {
            entries.reserveCapacity(entries.count + max(2, entries.count / 4))
        }
        let position = entries.count
        entries.append(entry)
        byAddress.insert(position, Self.addressHash(entry), of: entries, hashedBy: Self.addressHash)
        byPort.insert(position, Self.portHash(entry), of: entries, hashedBy: Self.portHash)
    }

    /// Takes out all entries of a port and returns their names.
    mutating func remove(port: UInt128) -> [UInt32] {
        var names: [UInt32] = []
        while let position = position(of: port) {
            names.append(entries[position].name)
            remove(at: position)
        }
        return names
    }

    private func position(of port: UInt128) -> Int? {
        var found: Int?
        byPort.visit(port.hashValue) {
            if entries[$0].port == port { found = $0 }
            return found == nil
        }
        return found
    }

    /// Fills the hole with the last entry.
    private mutating func remove(at position: Int) {
        let entry = entries[position]
        byAddress.remove(position, Self.addressHash(entry), of: entries, hashedBy: Self.addressHash)
        byPort.remove(position, Self.portHash(entry), of: entries, hashedBy: Self.portHash)
        let last = entries.count - 1
        if position != last {
            byAddress.move(last, to: position, Self.addressHash(entries[last]))
            byPort.move(last, to: position, Self.portHash(entries[last]))
            entries.swapAt(position, last)
        }
        entries.removeLast()
        // An array that was emptied or halved gives its memory back.
        if entries.count * 4 < entries.capacity { entries = entries.map { $0 } }
    }

    private static func addressHash(_ entry: Entry) -> Int { entry.address.hashValue }
    private static func portHash(_ entry: Entry) -> Int { entry.port.hashValue }
}

/// An IPv6 address in halves, which need no alignment to 16.
struct IPv6Halves: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    init(_ number: UInt128) {
        high = UInt64(truncatingIfNeeded: number >> 64)
        low = UInt64(truncatingIfNeeded: number)
    }
}
