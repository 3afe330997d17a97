import Addressing

/// The ports of one network by identity, MAC and DUID.
///
/// A port takes 64 bytes and some twenty in the indexes; what only few ports have is kept aside.
struct DHCPv6HostTable: Sendable {
    /// A port, with what is left of its token buckets.
    struct Entry: Sendable {
        /// The port's and the first address's 128 bits in halves, which need no alignment to 16.
        private let portHalves: (high: UInt64, low: UInt64)
        private let addressHalves: (high: UInt64, low: UInt64)
        /// The MAC address above the position of the first address's subnet.
        private var macAndSubnet: UInt64
        /// What most ports lack; an object, so that reading it counts one reference.
        var extras: Extras?
        /// For what the link proves to be the port's client's.
        var direct = TokenBucket()
        /// For what only says that it is: nobody can use up a port's answers by naming it in a RELAY-FORW or
        /// in a DUID.
        var unproven = TokenBucket()

        init(_ host: DHCPv6Host) {
            let first = host.addresses.first
            portHalves = Self.halves(host.port.rawValue)
            addressHalves = Self.halves(first?.address.rawValue ?? 0)
            macAndSubnet =
                host.mac.rawValue << 16 | UInt64(first.map { UInt16(exactly: $0.subnet) ?? .max } ?? 0)
            extras = Extras(host)
        }

        private static func halves(_ number: UInt128) -> (high: UInt64, low: UInt64) {
            (UInt64(truncatingIfNeeded: number >> 64), UInt64(truncatingIfNeeded: number))
        }

        var port: PortIdentity {
            PortIdentity(rawValue: UInt128(portHalves.high) << 64 | UInt128(portHalves.low))
        }

        var mac: MACAddress { MACAddress(rawValue: macAndSubnet >> 16) }

        /// The first address; `::` where the port has none.
        var address: IPv6Address {
            IPv6Address(rawValue: UInt128(addressHalves.high) << 64 | UInt128(addressHalves.low))
        }

        /// The position of the subnet of a port's only address; what has no room is the last number, which is
        /// no subnet's.
        var subnet: Int {
            get { Int(macAndSubnet & 0xFFFF) }
            set { macAndSubnet = macAndSubnet & ~0xFFFF | UInt64(UInt16(exactly: newValue) ?? .max) }
        }

        /// The addresses in the port's order.
        var addresses: [DHCPv6Host.Address] {
            if let extras, !extras.addresses.isEmpty { return extras.addresses }
            return address == .any ? [] : [.init(subnet: subnet, address: address)]
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

        private init(_ other: Extras, addresses: [DHCPv6Host.Address]) {
            self.addresses = addresses
            hostName = other.hostName
            clientIdentifier = other.clientIdentifier
            options = other.options
        }

        /// The same with other addresses.
        func with(addresses: [DHCPv6Host.Address]) -> Extras { Extras(self, addresses: addresses) }
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
        var entry = Entry(host)
        if let position = position(of: host.port) {
            entry.direct = entries[position].direct
            entry.unproven = entries[position].unproven
            remove(host.port)
        }
        let position = entries.count
        // By a quarter, where append would double.
        if position == entries.capacity { entries.reserveCapacity(position + max(2, position / 4)) }
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

    /// Gives every address the subnet that it is in, where its own does not contain it.
    mutating func place(in subnets: [DHCPv6Subnet]) {
        func place(_ address: DHCPv6Host.Address) -> DHCPv6Host.Address {
            let number = IPAddress.v6(address.address)
            if subnets.indices.contains(address.subnet), subnets[address.subnet].prefix.contains(number) {
                return address
            }
            let found = subnets.firstIndex { $0.prefix.contains(number) }
            return .init(subnet: found ?? address.subnet, address: address.address)
        }
        for position in entries.indices {
            if let extras = entries[position].extras, !extras.addresses.isEmpty {
                let placed = extras.addresses.map(place)
                guard placed != extras.addresses else { continue }
                entries[position].extras = extras.with(addresses: placed)
            } else {
                // Most ports, without an allocation.
                let first = DHCPv6Host.Address(
                    subnet: entries[position].subnet, address: entries[position].address)
                let placed = place(first)
                if placed != first { entries[position].subnet = placed.subnet }
            }
        }
    }

    /// Takes a token of the port at the position.
    mutating func take(
        at position: Int, isProven: Bool, _ limit: TokenBucket.Limit, now: EngineTime
    ) -> Bool {
        isProven
            ? entries[position].direct.take(limit, now: now)
            : entries[position].unproven.take(limit, now: now)
    }

    // MARK: Hashing

    private static func hash(_ port: PortIdentity) -> UInt64 {
        mix(UInt64(truncatingIfNeeded: port.rawValue) ^ mix(UInt64(truncatingIfNeeded: port.rawValue >> 64)))
    }

    private static func hash(_ mac: MACAddress) -> UInt64 { mix(mac.rawValue ^ IndexTable.seed) }

    private static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(UInt64(bytes.count) ^ IndexTable.seed) { mix($0 ^ UInt64($1)) }
    }

    /// The finishing step of SplitMix64: every bit of the number reaches every bit of the hash.
    private static func mix(_ number: UInt64) -> UInt64 {
        var mixed = number &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
