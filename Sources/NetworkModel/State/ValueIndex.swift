public import Addressing

/// The value of an attribute by which resources are found without a look at all of them.
public enum ListKey: Hashable, Sendable {
    case name(String)
    case project(String)
    case description(String)
    case tag(String)
    /// `device_id`.
    case device(String)
    case deviceOwner(String)
    /// `binding:host_id`.
    case host(String)
    case dnsName(String)
    case status(PortStatus)
    case mac(MACAddress)
    case address(IPAddress)
    case cidr(IPPrefix)
}

/// Which resources of one kind have which values.
///
/// A value is kept as a digest of 64 bits, so that an entry is small, holds no reference and compares fast.
/// Nothing hinders two values from having one digest: who looks for a value compares what is found, as lists
/// do with each of their filters.
struct ValueIndex: Sendable {
    private struct Entry: Comparable, Sendable {
        let digest: UInt64
        // Halves: a UInt128 would make each entry a third larger.
        let high: UInt64
        let low: UInt64

        init(_ digest: UInt64, _ id: ResourceID) {
            self.digest = digest
            high = UInt64(truncatingIfNeeded: id.rawValue >> 64)
            low = UInt64(truncatingIfNeeded: id.rawValue)
        }

        init(_ key: ListKey, _ id: ResourceID) { self.init(Self.digest(key), id) }

        static func digest(_ key: ListKey) -> UInt64 { UInt64(truncatingIfNeeded: key.hashValue) }

        var id: ResourceID { ResourceID(rawValue: UInt128(high) << 64 | UInt128(low)) }

        static func < (a: Self, b: Self) -> Bool {
            if a.digest != b.digest { return a.digest < b.digest }
            return a.high != b.high ? a.high < b.high : a.low < b.low
        }
    }

    private var entries = SortedSet<Entry>()

    init() {}

    /// The index of these resources, quicker than to add one after the other.
    init<Resource: Listed>(_ resources: some Sequence<RecordTable<Resource>.Box>) {
        var entries: [Entry] = []
        entries.reserveCapacity(resources.underestimatedCount * 6)
        for resource in resources {
            let id = resource.versioned.value.id
            resource.versioned.value.listKeys { entries.append(Entry($0, id)) }
        }
        self.entries = SortedSet(sorted: Self.sorted(entries))
    }

    /// The entries in order, sorted by parts with the same first bits. But for values that most have, these are
    /// small and lie in the processor's cache.
    private static func sorted(_ entries: [Entry]) -> [Entry] {
        let bits = max(1, Int.bitWidth - (entries.count / 16).leadingZeroBitCount)
        func part(_ entry: Entry) -> Int { Int(entry.digest >> UInt64(64 - bits)) }
        // Where each part begins; once they are filled, where it ends.
        var ends = [Int](repeating: 0, count: 1 << bits)
        for entry in entries { ends[part(entry)] += 1 }
        var sum = 0
        for index in ends.indices { (ends[index], sum) = (sum, sum + ends[index]) }
        var sorted = entries
        for entry in entries {
            sorted[ends[part(entry)]] = entry
            ends[part(entry)] += 1
        }
        sorted.withUnsafeMutableBufferPointer { sorted in
            var start = 0
            for end in ends {
                sorted[start..<end].sort()
                start = end
            }
        }
        return sorted
    }

    mutating func add(_ resource: some Listed) {
        let id = resource.id
        resource.listKeys { entries.insert(Entry($0, id)) }
    }

    mutating func remove(_ resource: some Listed) {
        let id = resource.id
        resource.listKeys { entries.remove(Entry($0, id)) }
    }

    /// Takes in that a resource has other values than before; most are the same.
    mutating func change<Resource: Listed>(_ old: Resource, to new: Resource) {
        var (before, after) = (SortedSet<Entry>(), SortedSet<Entry>())
        old.listKeys { before.insert(Entry($0, old.id)) }
        new.listKeys { after.insert(Entry($0, new.id)) }
        for entry in before.elements where !after.contains(entry) { entries.remove(entry) }
        for entry in after.elements where !before.contains(entry) { entries.insert(entry) }
    }

    /// The resources that have the value, and perhaps others.
    func ids(_ key: ListKey) -> OrderedIDs {
        let entries = entries
        let digest = Entry.digest(key)
        // No stored resource has the least or the greatest id: they are no UUIDs of RFC 9562's versions.
        let first = Entry(digest, ResourceID(rawValue: 0))
        let last = Entry(digest, ResourceID(rawValue: .max))
        return OrderedIDs(
            count: entries.rank(of: last) - entries.rank(of: first),
            after: { id in
                let rest = entries.entries(above: id.map { Entry(digest, $0) } ?? first)
                return AnyIterator(
                    rest.lazy.map(\.key).prefix { $0.digest == digest }.map(\.id).makeIterator())
            },
            before: { id in
                let rest = entries.entriesBackwards(below: id.map { Entry(digest, $0) } ?? last)
                return AnyIterator(
                    rest.lazy.map(\.key).prefix { $0.digest == digest }.map(\.id).makeIterator())
            })
    }
}

/// What is found by its values.
protocol Listed: Identifiable, Sendable, Hashable where ID == ResourceID {
    /// Gives each value by which this is found to the function.
    func listKeys(_ give: (ListKey) -> Void)
}

extension StandardAttributes {
    /// Gives what everything that has these is found by. Most of a million ports have no name: who asks for
    /// those may look at all.
    fileprivate func listKeys(_ give: (ListKey) -> Void) {
        give(.project(projectID))
        if !name.isEmpty { give(.name(name)) }
        if !description.isEmpty { give(.description(description)) }
        for tag in tags { give(.tag(tag)) }
    }
}

extension Network: Listed {
    func listKeys(_ give: (ListKey) -> Void) { standard.listKeys(give) }
}

extension Subnet: Listed {
    func listKeys(_ give: (ListKey) -> Void) {
        standard.listKeys(give)
        give(.cidr(cidr))
    }
}

extension SubnetPool: Listed {
    func listKeys(_ give: (ListKey) -> Void) { standard.listKeys(give) }
}

extension Port: Listed {
    func listKeys(_ give: (ListKey) -> Void) {
        standard.listKeys(give)
        give(.status(status))
        give(.mac(macAddress))
        for fixedIP in fixedIPs { give(.address(fixedIP.address)) }
        if !deviceID.isEmpty { give(.device(deviceID)) }
        if !deviceOwner.isEmpty { give(.deviceOwner(deviceOwner)) }
        if !bindingHostID.isEmpty { give(.host(bindingHostID)) }
        if !dnsName.isEmpty { give(.dnsName(dnsName)) }
    }
}
