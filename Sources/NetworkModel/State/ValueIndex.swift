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
    init<Resource>(_ resources: [Resource], _ keys: (Resource) -> (id: ResourceID, keys: [ListKey])) {
        var entries: [Entry] = []
        entries.reserveCapacity(resources.count * 4)
        for resource in resources {
            let (id, keys) = keys(resource)
            for key in keys { entries.append(Entry(key, id)) }
        }
        self.entries = SortedSet(unsorted: entries)
    }

    mutating func add(_ keys: [ListKey], _ id: ResourceID) {
        for key in keys { entries.insert(Entry(key, id)) }
    }

    mutating func remove(_ keys: [ListKey], _ id: ResourceID) {
        for key in keys { entries.remove(Entry(key, id)) }
    }

    /// Takes in that a resource has other values than before; most are the same.
    mutating func change(_ old: [ListKey], to new: [ListKey], _ id: ResourceID) {
        if old == new { return }
        remove(Self.values(of: old, notIn: new), id)
        add(Self.values(of: new, notIn: old), id)
    }

    private static func values(of some: [ListKey], notIn others: [ListKey]) -> [ListKey] {
        // A set takes longer to make than a few values to compare.
        if others.count < 32 { return some.filter { !others.contains($0) } }
        let others = Set(others)
        return some.filter { !others.contains($0) }
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

extension StandardAttributes {
    /// By what everything that has these is found. Most of a million ports have no name: who asks for those
    /// may look at all.
    fileprivate var listKeys: [ListKey] {
        var keys = [ListKey.project(projectID)]
        if !name.isEmpty { keys.append(.name(name)) }
        if !description.isEmpty { keys.append(.description(description)) }
        for tag in tags { keys.append(.tag(tag)) }
        return keys
    }
}

extension Network {
    var listKeys: [ListKey] { standard.listKeys }
}

extension Subnet {
    var listKeys: [ListKey] { standard.listKeys + [.cidr(cidr)] }
}

extension SubnetPool {
    var listKeys: [ListKey] { standard.listKeys }
}

extension Port {
    var listKeys: [ListKey] {
        var keys = standard.listKeys
        keys.append(.status(status))
        keys.append(.mac(macAddress))
        for fixedIP in fixedIPs { keys.append(.address(fixedIP.address)) }
        if !deviceID.isEmpty { keys.append(.device(deviceID)) }
        if !deviceOwner.isEmpty { keys.append(.deviceOwner(deviceOwner)) }
        if !bindingHostID.isEmpty { keys.append(.host(bindingHostID)) }
        if !dnsName.isEmpty { keys.append(.dnsName(dnsName)) }
        return keys
    }
}
