import Addressing

/// The names that are not an address's default one, found by name.
struct CustomNames: Sendable {
    /// What one host has; the names are folded.
    struct Record: Sendable {
        let hostname: DNSName
        let fqdn: DNSName
        let address: IPAddress
    }

    /// Who has a name: hardly ever more than one.
    private enum Identifiers: Sendable {
        case one(UInt32)
        case several([UInt32])

        init?(_ all: [UInt32]) {
            guard let first = all.first else { return nil }
            self = all.count == 1 ? .one(first) : .several(all)
        }

        var all: [UInt32] {
            switch self {
            case .one(let identifier): [identifier]
            case .several(let identifiers): identifiers
            }
        }
    }

    /// By identifier - 1; nil where one is free.
    private var records: [Record?] = []
    private var free: [UInt32] = []
    /// Identifiers by folded name, in the order in which they came.
    private var byName: [DNSName: Identifiers] = [:]
    /// How many full names lie below a folded name: it exists, though it has no address (RFC 8020).
    private var below: [DNSName: Int] = [:]

    var isEmpty: Bool { byName.isEmpty }

    /// Adds names and returns their identifier, 1 and up.
    mutating func insert(_ record: Record) -> UInt32 {
        let identifier: UInt32
        if let last = free.popLast() {
            identifier = last
            records[Int(identifier) - 1] = record
        } else {
            records.append(record)
            identifier = UInt32(records.count)
        }
        for key in Self.keys(record) { byName[key] = Identifiers((byName[key]?.all ?? []) + [identifier]) }
        Self.forEachAncestor(of: record) { below[$0, default: 0] += 1 }
        return identifier
    }

    mutating func remove(_ identifier: UInt32) {
        guard let record = self[identifier] else { return }
        records[Int(identifier) - 1] = nil
        free.append(identifier)
        for key in Self.keys(record) {
            byName[key] = Identifiers((byName[key]?.all ?? []).filter { $0 != identifier })
        }
        Self.forEachAncestor(of: record) { name in
            below[name, default: 0] -= 1
            if below[name] == 0 { below[name] = nil }
        }
        if byName.isEmpty { self = CustomNames() }
    }

    subscript(identifier: UInt32) -> Record? {
        identifier == 0 ? nil : records[Int(identifier) - 1]
    }

    /// No message holds more addresses; a name of ten thousand ports costs no more than one of these.
    private static let mostAddresses = 4096

    /// The addresses of a folded name.
    func addresses(of name: DNSName) -> [IPAddress] {
        (byName[name]?.all ?? []).prefix(Self.mostAddresses).compactMap { self[$0]?.address }
    }

    /// Whether a full name lies below this folded name.
    func hasNames(below name: DNSName) -> Bool { below[name] != nil }

    private static func keys(_ record: Record) -> Set<DNSName> {
        [record.hostname, record.fqdn]
    }

    /// All that lies between the full name and the root.
    private static func forEachAncestor(of record: Record, _ body: (DNSName) -> Void) {
        var name = record.fqdn.parent
        while let ancestor = name, ancestor != .root {
            body(ancestor)
            name = ancestor.parent
        }
    }
}
