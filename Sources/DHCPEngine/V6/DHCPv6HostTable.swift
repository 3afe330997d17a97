import Addressing

/// The ports of one network by identity, MAC and DUID.
///
/// Dense, so that a port with one address and no extras costs less than 200 bytes.
struct DHCPv6HostTable: Sendable {
    /// A port, with what is left of its token buckets.
    struct Entry: Sendable {
        var port: PortIdentity
        var mac: MACAddress
        /// The first address; `::` where the port has none.
        var address: IPv6Address
        /// The first address's subnet.
        var subnet: Int32
        /// What most ports lack; an object, so that reading it counts one reference.
        var extras: Extras?
        var direct = TokenBucket()
        /// Relays say themselves whom they speak for, so they get a bucket of their own: nobody can use up
        /// a port's answers by naming it in a RELAY-FORW.
        var relayed = TokenBucket()

        /// The addresses in the port's order.
        var addresses: [DHCPv6Host.Address] {
            if let extras, !extras.addresses.isEmpty { return extras.addresses }
            return address == .any ? [] : [.init(subnet: Int(subnet), address: address)]
        }

        var options: [TaggedOption] { extras?.options ?? [] }

        /// The configured DUID, empty where there is none.
        var identifier: ArraySlice<UInt8> { extras?.clientIdentifier?[...] ?? [] }
    }

    /// Out of line: several addresses, a client identifier, a name, options of its own.
    final class Extras: Sendable {
        /// All addresses where there are several, else empty.
        let addresses: [DHCPv6Host.Address]
        let hostName: String?
        let clientIdentifier: [UInt8]?
        let options: [TaggedOption]

        init?(_ host: DHCPv6Host) {
            guard
                host.addresses.count > 1 || host.clientIdentifier != nil || host.hostName != nil
                    || !host.options.isEmpty
            else { return nil }
            addresses = host.addresses.count > 1 ? host.addresses : []
            hostName = host.hostName
            clientIdentifier = host.clientIdentifier
            options = host.options
        }
    }

    private(set) var entries: [Entry] = []
    private var byPort = IndexTable()
    private var byMAC = IndexTable()
    private var byIdentifier = IndexTable()
    private var identifierCount = 0

    // MARK: Finding

    /// The position in ``entries`` of the port.
    private func position(of port: PortIdentity) -> Int? {
        byPort.first(Self.hash(port)) { entries[$0].port == port }
    }

    /// The position in ``entries`` of the port with this MAC; of several the one that came last, as while
    /// one port takes another's place.
    func position(of mac: MACAddress) -> Int? {
        byMAC.first(Self.hash(mac)) { entries[$0].mac == mac }
    }

    /// The position in ``entries`` of the port that this DUID was configured for.
    func position(ofIdentifier duid: ArraySlice<UInt8>) -> Int? {
        guard identifierCount > 0 else { return nil }
        return byIdentifier.first(Self.hash(duid)) { position in
            entries[position].extras?.clientIdentifier?.elementsEqual(duid) == true
        }
    }

    /// What was inserted for the port.
    func host(of port: PortIdentity) -> DHCPv6Host? {
        position(of: port).map { position in
            let entry = entries[position]
            return DHCPv6Host(
                port: entry.port, mac: entry.mac, addresses: entry.addresses,
                clientIdentifier: entry.extras?.clientIdentifier, hostName: entry.extras?.hostName,
                options: entry.options)
        }
    }

    // MARK: Changing

    /// Adds a port, or puts it in the place of what was known of it; its token buckets stay.
    mutating func insert(_ host: DHCPv6Host) {
        var entry = Entry(
            port: host.port, mac: host.mac, address: host.addresses.first?.address ?? .any,
            subnet: Int32(clamping: host.addresses.first?.subnet ?? -1), extras: Extras(host))
        if let position = position(of: host.port) {
            entry.direct = entries[position].direct
            entry.relayed = entries[position].relayed
            remove(host.port)
        }
        let position = entries.count
        entries.append(entry)
        byPort.insert(
            position, Self.hash(host.port), hashOf: { Self.hash(entries[$0].port) },
            isEqual: { entries[$0].port == host.port })
        byMAC.insert(
            position, Self.hash(host.mac), hashOf: { Self.hash(entries[$0].mac) },
            isEqual: { entries[$0].mac == host.mac })
        if let identifier = host.clientIdentifier {
            identifierCount += 1
            byIdentifier.insert(
                position, Self.hash(identifier[...]), hashOf: { Self.hash(entries[$0].identifier) },
                isEqual: { entries[$0].extras?.clientIdentifier == identifier })
        }
    }

    /// Takes a port away, if it is there.
    mutating func remove(_ port: PortIdentity) {
        guard let position = position(of: port) else { return }
        let entry = entries[position]
        byPort.remove(position, Self.hash(port)) { Self.hash(entries[$0].port) }
        byMAC.remove(position, Self.hash(entry.mac)) { Self.hash(entries[$0].mac) }
        if let identifier = entry.extras?.clientIdentifier {
            identifierCount -= 1
            byIdentifier.remove(position, Self.hash(identifier[...])) {
                Self.hash(entries[$0].identifier)
            }
        }
        // The last one fills the gap.
        let moved = entries.count - 1
        let last = entries[moved]
        if moved != position {
            byPort.rename(moved, to: position, Self.hash(last.port))
            byMAC.rename(moved, to: position, Self.hash(last.mac))
            if let identifier = last.extras?.clientIdentifier {
                byIdentifier.rename(moved, to: position, Self.hash(identifier[...]))
            }
            entries[position] = last
        }
        entries.removeLast()
    }

    // MARK: Hashing

    private static func hash(_ port: PortIdentity) -> UInt64 {
        mix(UInt64(truncatingIfNeeded: port.rawValue) ^ mix(UInt64(truncatingIfNeeded: port.rawValue >> 64)))
    }

    private static func hash(_ mac: MACAddress) -> UInt64 { mix(mac.rawValue) }

    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(UInt64(bytes.count)) { mix($0 ^ UInt64($1)) }
    }

    /// The finishing step of SplitMix64: every bit of the number reaches every bit of the hash.
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Takes a token of the port at the position.
    mutating func take(at position: Int, isRelayed: Bool, _ limits: RateLimits, now: EngineTime) -> Bool {
        isRelayed
            ? entries[position].relayed.take(limits.port, now: now)
            : entries[position].direct.take(limits.port, now: now)
    }
}
