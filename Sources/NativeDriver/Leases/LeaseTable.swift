import Addressing
import DHCPEngine
import NetworkModel

/// The latest lease of each address of each port, found by port.
///
/// A table with open addressing and linear probing; leases lie in blocks that never move, so that growing
/// copies nothing but numbers.
struct LeaseTable: Sendable {
    /// A lease as it is kept, some 100 bytes besides what the client said of itself.
    struct Entry: Sendable {
        var port: PortIdentity
        var address: UInt128
        var mac: UInt64
        /// Where network and server stand.
        var origin: UInt32
        var time: UInt32
        var duration: UInt32
        var iaid: UInt32
        var flags: UInt8
        var client: ClientDescription

        /// Whether it is later than what was written of it.
        var isFresh: Bool { flags & LeaseTable.waits != 0 }

        /// Takes what was told; returns whether only times differ from what was there.
        fileprivate mutating func write(_ told: ToldLease, _ origin: UInt32) -> Bool {
            var flags = LeaseTable.isUsed | (self.flags & LeaseTable.waits)
            if told.address.version == .v6 { flags |= LeaseTable.isV6 }
            if told.message == .reply { flags |= LeaseTable.isReply }
            if told.mac != nil { flags |= LeaseTable.hasMAC }
            if told.iaid != nil { flags |= LeaseTable.hasIAID }
            let mac = told.mac?.rawValue ?? 0
            let iaid = told.iaid ?? 0
            let isSame =
                self.flags == flags && address == told.address.number && self.mac == mac && self.iaid == iaid
                && self.origin == origin && duration == told.duration
            self.flags = flags
            address = told.address.number
            self.mac = mac
            self.iaid = iaid
            self.origin = origin
            time = told.time
            duration = told.duration
            return isSame
        }
    }

    /// Where leases come from.
    struct Origin: Sendable {
        var network: ResourceID
        var server: IPAddress?
        /// How many leases come from there; without any its number is free.
        var uses = 0
        /// Whether the network went away after these leases were written.
        var isRetired = false
    }

    static let isUsed: UInt8 = 1
    static let isV6: UInt8 = 2
    static let isReply: UInt8 = 4
    static let hasMAC: UInt8 = 8
    static let hasIAID: UInt8 = 16
    /// Whether the number waits in ``changed``.
    static let isChanged: UInt8 = 32
    /// Whether the number waits in ``renewed``.
    static let isRenewed: UInt8 = 64
    /// Whether the number waits anywhere.
    static let waits = isChanged | isRenewed

    /// What a lease that was told adds to what waits to be written.
    enum Addition: Int, Comparable, Sendable {
        /// Nothing, or not the first of its kind.
        case nothing
        /// The first lease of which only times changed.
        case renewal
        /// The first lease that is new or whose client says something else.
        case change

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    static let blockSize = 1024
    static let vacant = UInt32.max

    private let capacity: Int
    var blocks: [[Entry]] = []
    private var free: [UInt32] = []
    var places: [UInt32] = []
    var origins: [Origin] = []
    /// The numbers of the networks' origins that are not retired.
    var originNumbers: [ResourceID: [UInt32]] = [:]
    var freeOrigins: [UInt32] = []
    /// Where the search for a lease to give up begins.
    private(set) var hand = 0
    var count = 0
    /// The leases that came or changed since they were taken to be written.
    var changed: [UInt32] = []
    /// Those of which only times changed.
    var renewed: [UInt32] = []

    /// - Parameter capacity: how many leases are held; 1 and up.
    init(capacity: Int) { self.capacity = max(capacity, 1) }

    // MARK: Recording

    /// The number of the port's lease of the address: a hint for
    /// ``record(_:clientIdentifier:hostName:vendorClass:number:)``. Asked for a batch of leases in a row, it has
    /// the processor fetch several at a time.
    func number(of port: PortIdentity, _ address: IPAddress) -> UInt32? { find(port, address) }

    /// Notes what was told; allocates nothing where only times differ.
    ///
    /// - Parameter number: where the lease may be.
    mutating func record(
        _ told: ToldLease, clientIdentifier: RawSpan, hostName: RawSpan, vendorClass: RawSpan,
        number hint: UInt32? = nil
    ) -> Addition {
        if let number = find(told.port, told.address, hint) {
            let (block, at) = Self.split(number)
            var isRenewal = write(told, to: block, at)
            if !blocks[block][at].client.isSame(
                clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass)
            {
                blocks[block][at].client = ClientDescription(
                    clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass)
                isRenewal = false
            }
            return note(number, isRenewal: isRenewal)
        }
        let number = insert(
            told,
            ClientDescription(
                clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass))
        return note(number, isRenewal: false)
    }

    /// Takes in a lease that was written before, unless a later one is here.
    mutating func restore(_ told: ToldLease, _ client: ClientDescription) {
        if let number = find(told.port, told.address) {
            let (block, at) = Self.split(number)
            // What was recorded since the start waits to be written and is later than any file.
            if blocks[block][at].flags & Self.waits != 0 { return }
            _ = write(told, to: block, at)
            blocks[block][at].client = client
        } else {
            _ = insert(told, client)
        }
    }

    private mutating func insert(_ told: ToldLease, _ client: ClientDescription) -> UInt32 {
        if count >= capacity { giveUpOne(before: told.time) }
        if (count + 1) * 2 > places.count { grow() }
        let number: UInt32
        var entry = Entry(
            port: told.port, address: 0, mac: 0, origin: 0, time: 0, duration: 0, iaid: 0, flags: 0,
            client: client)
        if let reused = free.popLast() {
            number = reused
            let (block, at) = Self.split(number)
            entry.flags = blocks[block][at].flags & Self.waits
            blocks[block][at] = entry
        } else {
            if blocks.last.map({ $0.count == Self.blockSize }) ?? true {
                blocks.append([])
                blocks[blocks.count - 1].reserveCapacity(Self.blockSize)
            }
            number = UInt32((blocks.count - 1) * Self.blockSize + blocks[blocks.count - 1].count)
            blocks[blocks.count - 1].append(entry)
        }
        let (block, at) = Self.split(number)
        let origin = originNumber(told.network, told.server)
        origins[Int(origin)].uses += 1
        blocks[block][at].origin = origin
        _ = write(told, to: block, at)
        place(number)
        count += 1
        return number
    }

    /// Puts it in its place; returns whether only times differ from what was there.
    private mutating func write(_ told: ToldLease, to block: Int, _ at: Int) -> Bool {
        let before = blocks[block][at].origin
        let known = origins[Int(before)]
        if known.network == told.network && known.server == told.server && !known.isRetired {
            return blocks[block][at].write(told, before)
        }
        let origin = originNumber(told.network, told.server)
        origins[Int(origin)].uses += 1
        release(origin: before)
        return blocks[block][at].write(told, origin)
    }

    /// Has a lease wait to be written.
    private mutating func note(_ number: UInt32, isRenewal: Bool) -> Addition {
        let (block, at) = Self.split(number)
        let flags = blocks[block][at].flags
        if isRenewal {
            if flags & Self.waits != 0 { return .nothing }
            blocks[block][at].flags |= Self.isRenewed
            renewed.append(number)
            return renewed.count == 1 ? .renewal : .nothing
        }
        if flags & Self.isChanged != 0 { return .nothing }
        blocks[block][at].flags |= Self.isChanged
        changed.append(number)
        return changed.count == 1 ? .change : .nothing
    }

    // MARK: Forgetting

    /// Forgets all leases of a port; returns whether there were any.
    mutating func remove(_ port: PortIdentity) -> Bool {
        var found = false
        while let number = find(port, nil) {
            remove(number)
            found = true
        }
        return found
    }

    /// Forgets the leases of a port that came from a file.
    mutating func removeRestored(_ port: PortIdentity) {
        let fresh = leases(of: port, where: \.isFresh)
        guard remove(port) else { return }
        for (told, client) in fresh { _ = note(insert(told, client), isRenewal: false) }
    }

    /// Forgets the leases of the ports of which this is true, in the block of that number; returns those
    /// ports.
    mutating func remove(
        inBlock block: Int, where isGone: (Entry, ResourceID) -> Bool
    ) -> [PortIdentity] {
        guard block < blocks.count else { return [] }
        var gone: [PortIdentity] = []
        for at in 0..<blocks[block].count where blocks[block][at].flags & Self.isUsed != 0 {
            let entry = blocks[block][at]
            guard isGone(entry, origins[Int(entry.origin)].network) else { continue }
            remove(UInt32(block * Self.blockSize + at))
            if gone.last != entry.port { gone.append(entry.port) }
        }
        return gone
    }

    /// Gives up the lease that ended first among the next few: a record of the past makes room for the
    /// present.
    private mutating func giveUpOne(before now: UInt32) {
        var victim: UInt32?
        var rank: UInt64 = .max
        var seen = 0
        let total = blocks.count * Self.blockSize
        for _ in 0..<total {
            if seen == 64 { break }
            hand = (hand + 1) % total
            let (block, at) = Self.split(UInt32(hand))
            guard at < blocks[block].count, blocks[block][at].flags & Self.isUsed != 0 else { continue }
            seen += 1
            let entry = blocks[block][at]
            let end =
                entry.duration == .max ? UInt64(UInt32.max) : UInt64(entry.time) + UInt64(entry.duration)
            // Those that ended come first; of the others, the one that was told longest ago.
            let isRetired = origins[Int(entry.origin)].isRetired && !entry.isFresh
            let order = isRetired ? 0 : end <= UInt64(now) ? end : UInt64(1) << 40 | UInt64(entry.time)
            if order < rank { (victim, rank) = (UInt32(hand), order) }
        }
        if let victim { remove(victim) }
    }

    mutating func remove(_ number: UInt32) {
        let (block, at) = Self.split(number)
        var hole = slot(of: number)
        // Backward shift: whoever was pushed past the hole moves into it.
        let mask = places.count - 1
        var next = (hole + 1) & mask
        while places[next] != Self.vacant {
            let home = Self.hash(entry(places[next]).port) & mask
            if (next &- home) & mask >= (next &- hole) & mask {
                places[hole] = places[next]
                hole = next
            }
            next = (next + 1) & mask
        }
        places[hole] = Self.vacant
        // It may still wait to be written: without ``isUsed`` it is passed over there.
        blocks[block][at].flags &= Self.waits
        blocks[block][at].client = ClientDescription()
        release(origin: blocks[block][at].origin)
        free.append(number)
        count -= 1
    }

    // MARK: Places

    static func split(_ number: UInt32) -> (block: Int, at: Int) {
        (Int(number) / blockSize, Int(number) % blockSize)
    }

    func entry(_ number: UInt32) -> Entry {
        let (block, at) = Self.split(number)
        return blocks[block][at]
    }

    /// All leases of a port begin at one place, so that they are found without knowing their addresses.
    static func hash(_ port: PortIdentity) -> Int {
        var bits = UInt64(truncatingIfNeeded: port.rawValue) ^ UInt64(truncatingIfNeeded: port.rawValue >> 64)
        bits = (bits ^ bits >> 32) &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: bits >> 16)
    }

    /// The lease of a port and address, or any of the port.
    private func find(_ port: PortIdentity, _ address: IPAddress?) -> UInt32? {
        if places.isEmpty { return nil }
        let mask = places.count - 1
        var slot = Self.hash(port) & mask
        while places[slot] != Self.vacant {
            let (block, at) = Self.split(places[slot])
            if blocks[block][at].port == port {
                guard let address else { return places[slot] }
                if isLease(places[slot], of: port, address) { return places[slot] }
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The lease of a port and address, which may have that number.
    private func find(_ port: PortIdentity, _ address: IPAddress, _ hint: UInt32?) -> UInt32? {
        if let hint, isLease(hint, of: port, address) { return hint }
        return find(port, address)
    }

    /// Whether the lease is the port's and of the address.
    private func isLease(_ number: UInt32, of port: PortIdentity, _ address: IPAddress) -> Bool {
        let (block, at) = Self.split(number)
        let flags = blocks[block][at].flags
        return flags & Self.isUsed != 0 && (flags & Self.isV6 != 0) == (address.version == .v6)
            && blocks[block][at].port == port && blocks[block][at].address == address.number
    }

    private func slot(of number: UInt32) -> Int {
        let mask = places.count - 1
        var slot = Self.hash(entry(number).port) & mask
        while places[slot] != number { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func place(_ number: UInt32) {
        let mask = places.count - 1
        var slot = Self.hash(entry(number).port) & mask
        while places[slot] != Self.vacant { slot = (slot + 1) & mask }
        places[slot] = number
    }

    private mutating func grow() {
        let numbers = places.filter { $0 != Self.vacant }
        places = Array(repeating: Self.vacant, count: max(64, places.count * 2))
        for number in numbers { place(number) }
    }
}
