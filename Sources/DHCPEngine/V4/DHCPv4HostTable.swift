import Addressing

/// The ports of a network by MAC address, identity and client identifier.
///
/// A port takes 48 bytes and some twenty in the indexes; what only few ports have is kept aside. Where two
/// ports have the same MAC address or client identifier for a moment, the one inserted last counts.
struct DHCPv4HostTable: Sendable {
    /// What every port has.
    struct Entry: Sendable {
        /// The port's 128 bits in halves, which need no alignment to 16.
        private let portHigh: UInt64
        private let portLow: UInt64
        /// The MAC address above the position of the first address's subnet.
        private var macAndSubnet: UInt64
        /// For what the link proves to be the port's client's, as far as the socket tells.
        var direct = TokenBucket()
        /// For what only says that it is: nobody can use up a port's answers by naming it in a relayed
        /// request or by its client identifier.
        var unproven = TokenBucket()
        /// The first address; 0 where the port has none.
        let address: UInt32
        /// Among ``DHCPv4HostTable/extras``, or -1.
        var extra: Int32 = -1

        init(_ host: DHCPv4Host) {
            let first = host.addresses.first
            portHigh = UInt64(truncatingIfNeeded: host.port.rawValue >> 64)
            portLow = UInt64(truncatingIfNeeded: host.port.rawValue)
            macAndSubnet =
                host.mac.rawValue << 16 | UInt64(first.map { UInt16(exactly: $0.subnet) ?? .max } ?? 0)
            address = first?.address.rawValue ?? 0
        }

        var port: UInt128 { UInt128(portHigh) << 64 | UInt128(portLow) }

        @inline(__always) var mac: UInt64 { macAndSubnet >> 16 }

        /// The position of the first address's subnet; what has no room is the last number, which is no
        /// subnet's.
        var subnet: Int {
            get { Int(macAndSubnet & 0xFFFF) }
            set { macAndSubnet = macAndSubnet & ~0xFFFF | UInt64(UInt16(exactly: newValue) ?? .max) }
        }
    }

    /// What only some ports have; an object, so that reading it counts one reference.
    final class Extra: Sendable {
        let further: [DHCPv4Host.Address]
        let identifier: [UInt8]?
        let name: [UInt8]?
        let tagged: [TaggedOption]
        let options: PortOptions

        init(
            further: [DHCPv4Host.Address], identifier: [UInt8]?, name: [UInt8]?, tagged: [TaggedOption],
            options: PortOptions
        ) {
            self.further = further
            self.identifier = identifier
            self.name = name
            self.tagged = tagged
            self.options = options
        }

        /// The same with other further addresses.
        func with(further: [DHCPv4Host.Address]) -> Extra {
            Extra(further: further, identifier: identifier, name: name, tagged: tagged, options: options)
        }
    }

    private(set) var entries: [Entry] = []
    private(set) var extras: [Extra?] = []
    private var freeExtras: [Int32] = []
    private var byMAC = IndexTable()
    private var byPort = IndexTable()
    private var byIdentifier = IndexTable()
    private(set) var identifierCount = 0
    /// Another one in every process; odd, so that no two numbers have the same product.
    private let multiplier = IndexTable.seed | 1

    // MARK: Finding

    /// The port with this MAC address.
    @inline(__always)
    func position(mac: UInt64) -> Int? {
        byMAC.first(mac &* multiplier) { entries[$0].mac == mac }
    }

    /// The port with this MAC address, which may still be at that place.
    @inline(__always)
    func position(mac: UInt64, _ place: DHCPv4PortPlace?) -> Int? {
        if let place, place.position < entries.count, entries[place.position].mac == mac {
            return place.position
        }
        return position(mac: mac)
    }

    func position(of port: PortIdentity) -> Int? {
        byPort.first(Self.hash(port.rawValue)) { entries[$0].port == port.rawValue }
    }

    /// The port with the client identifier in the range of the bytes.
    func position(identifier range: Range<Int>, _ bytes: RawSpan) -> Int? {
        byIdentifier.first(Self.hash(range, bytes)) { position in
            guard let known = extra(of: position)?.identifier, known.count == range.count else {
                return false
            }
            for index in known.indices
            where known[index]
                != bytes.unsafeLoad(
                    fromByteOffset: range.lowerBound + index, as: UInt8.self)
            {
                return false
            }
            return true
        }
    }

    func extra(of position: Int) -> Extra? {
        let extra = entries[position].extra
        return extra < 0 ? nil : extras[Int(extra)]
    }

    /// The port as it was inserted.
    func host(at position: Int) -> DHCPv4Host {
        let entry = entries[position]
        let extra = extra(of: position)
        let first = DHCPv4Host.Address(
            subnet: entry.subnet, address: IPv4Address(rawValue: entry.address))
        return DHCPv4Host(
            port: PortIdentity(rawValue: entry.port), mac: MACAddress(rawValue: entry.mac),
            addresses: (entry.address != 0 ? [first] : []) + (extra?.further ?? []),
            clientIdentifier: extra?.identifier,
            hostName: extra?.name.map { String(decoding: $0, as: UTF8.self) }, options: extra?.tagged ?? [])
    }

    // MARK: Changing

    /// Takes a token of the port at the position.
    mutating func takeToken(
        at position: Int, isProven: Bool, _ limit: TokenBucket.Limit, now: EngineTime
    ) -> Bool {
        isProven
            ? entries[position].direct.take(limit, now: now)
            : entries[position].unproven.take(limit, now: now)
    }

    mutating func insert(_ host: DHCPv4Host) {
        var entry = Entry(host)
        if let position = position(of: host.port) {
            entry.direct = entries[position].direct
            entry.unproven = entries[position].unproven
            remove(at: position)
        }
        let position = entries.count
        // By a quarter, where append would double.
        if position == entries.capacity { entries.reserveCapacity(position + max(2, position / 4)) }
        entries.append(entry)
        let identifier = host.clientIdentifier.flatMap { $0.isEmpty ? nil : $0 }
        if host.addresses.count > 1 || identifier != nil || host.hostName != nil || !host.options.isEmpty {
            entries[position].extra = store(
                Extra(
                    further: Array(host.addresses.dropFirst()), identifier: identifier,
                    name: host.hostName.map { Array($0.utf8) }, tagged: host.options,
                    options: PortOptions(host.options)))
        }
        index(position)
    }

    /// Puts an entry into the indexes. What it reads it holds on to, so it changes nothing else.
    private mutating func index(_ position: Int) {
        let (entries, extras, multiplier) = (entries, extras, multiplier)
        let (mac, port) = (entries[position].mac, entries[position].port)
        byMAC.insert(
            position, mac &* multiplier, hashOf: { entries[$0].mac &* multiplier },
            isEqual: { entries[$0].mac == mac })
        byPort.insert(
            position, Self.hash(port), hashOf: { Self.hash(entries[$0].port) },
            isEqual: { entries[$0].port == port })
        guard let identifier = extra(of: position)?.identifier else { return }
        identifierCount += 1
        byIdentifier.insert(
            position, Self.hash(identifier), hashOf: { Self.identifierHash(entries[$0], extras) },
            isEqual: { other in
                let extra = entries[other].extra
                return extra >= 0 && extras[Int(extra)]?.identifier == identifier
            })
    }

    /// Takes an entry out of the indexes, where `last` takes its position. Changes nothing else.
    private mutating func unindex(_ position: Int, last: Int) {
        let (entries, extras, multiplier) = (entries, extras, multiplier)
        byMAC.remove(position, entries[position].mac &* multiplier) { entries[$0].mac &* multiplier }
        byPort.remove(position, Self.hash(entries[position].port)) { Self.hash(entries[$0].port) }
        if let identifier = extra(of: position)?.identifier {
            identifierCount -= 1
            byIdentifier.remove(position, Self.hash(identifier)) { Self.identifierHash(entries[$0], extras) }
        }
        guard position != last else { return }
        byMAC.rename(last, to: position, entries[last].mac &* multiplier)
        byPort.rename(last, to: position, Self.hash(entries[last].port))
        if let identifier = extra(of: last)?.identifier {
            byIdentifier.rename(last, to: position, Self.hash(identifier))
        }
    }

    mutating func remove(_ port: PortIdentity) {
        if let position = position(of: port) { remove(at: position) }
    }

    /// Gives every address the subnet that it is in, where its own does not contain it.
    mutating func place(in subnets: ServedSubnets) {
        func place(_ address: UInt32, _ subnet: Int) -> Int {
            if subnet < subnets.subnets.count, subnets.subnets[subnet].contains(address) { return subnet }
            return subnets.index(of: address) ?? subnet
        }
        for position in entries.indices {
            let entry = entries[position]
            entries[position].subnet = place(entry.address, entry.subnet)
        }
        for index in extras.indices {
            guard let extra = extras[index], !extra.further.isEmpty else { continue }
            extras[index] = extra.with(
                further: extra.further.map {
                    .init(subnet: place($0.address.rawValue, $0.subnet), address: $0.address)
                })
        }
    }

    private mutating func store(_ extra: Extra) -> Int32 {
        if let free = freeExtras.popLast() {
            extras[Int(free)] = extra
            return free
        }
        extras.append(extra)
        return Int32(truncatingIfNeeded: extras.count - 1)
    }

    /// The last entry moves into the gap.
    private mutating func remove(at position: Int) {
        let last = entries.count - 1
        unindex(position, last: last)
        let extra = entries[position].extra
        if extra >= 0 {
            extras[Int(extra)] = nil
            freeExtras.append(extra)
        }
        entries.swapAt(position, last)
        entries.removeLast()
    }

    // MARK: Hashes

    private static func hash(_ number: UInt64) -> UInt64 { number &* 0x9E37_79B9_7F4A_7C15 }

    private static func hash(_ number: UInt128) -> UInt64 {
        hash(UInt64(truncatingIfNeeded: number) ^ hash(UInt64(truncatingIfNeeded: number >> 64)))
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 { hash(0..<bytes.count, bytes.span.bytes) }

    private static func hash(_ range: Range<Int>, _ bytes: RawSpan) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325 ^ IndexTable.seed
        for index in range {
            value =
                (value ^ UInt64(bytes.unsafeLoad(fromByteOffset: index, as: UInt8.self))) &* 0x100_0000_01B3
        }
        return hash(value)
    }

    private static func identifierHash(_ entry: Entry, _ extras: [Extra?]) -> UInt64 {
        guard entry.extra >= 0, let identifier = extras[Int(entry.extra)]?.identifier else { return 0 }
        return hash(identifier)
    }
}
