import Addressing

/// The ports of a network by MAC address, identity and client identifier.
///
/// A port takes 48 bytes and some ten in the indexes; what only few ports have is kept aside. Where two
/// ports have the same MAC address or client identifier for a moment, the one inserted last counts.
struct DHCPv4HostTable: Sendable {
    /// What every port has.
    struct Entry: Sendable {
        var port: UInt128
        var bucket: TokenBucket
        var mac: UInt64
        var address: UInt32
        /// Among ``extras``, or -1.
        var extra: Int32
        var subnet: UInt16
        /// Whether ``address`` and ``subnet`` mean something.
        var hasAddress: Bool
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

    // MARK: Finding

    /// The port with this MAC address.
    @inline(__always)
    func position(mac: UInt64) -> Int? {
        byMAC.first(Self.hash(mac)) { entries[$0].mac == mac }
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
            subnet: Int(entry.subnet), address: IPv4Address(rawValue: entry.address))
        return DHCPv4Host(
            port: PortIdentity(rawValue: entry.port), mac: MACAddress(rawValue: entry.mac),
            addresses: (entry.hasAddress ? [first] : []) + (extra?.further ?? []),
            clientIdentifier: extra?.identifier,
            hostName: extra?.name.map { String(decoding: $0, as: UTF8.self) }, options: extra?.tagged ?? [])
    }

    // MARK: Changing

    mutating func takeToken(at position: Int, _ limit: TokenBucket.Limit, now: EngineTime) -> Bool {
        entries[position].bucket.take(limit, now: now)
    }

    mutating func insert(_ host: DHCPv4Host) {
        var bucket = TokenBucket()
        if let position = position(of: host.port) {
            bucket = entries[position].bucket
            remove(at: position)
        }
        let first = host.addresses.first
        let position = entries.count
        entries.append(
            Entry(
                port: host.port.rawValue, bucket: bucket, mac: host.mac.rawValue,
                address: first?.address.rawValue ?? 0, extra: -1,
                subnet: first.map { UInt16(exactly: $0.subnet) ?? .max } ?? 0, hasAddress: first != nil))
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
        let (entries, extras) = (entries, extras)
        let (mac, port) = (entries[position].mac, entries[position].port)
        byMAC.insert(
            position, Self.hash(mac), hashOf: { Self.hash(entries[$0].mac) },
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
        let (entries, extras) = (entries, extras)
        byMAC.remove(position, Self.hash(entries[position].mac)) { Self.hash(entries[$0].mac) }
        byPort.remove(position, Self.hash(entries[position].port)) { Self.hash(entries[$0].port) }
        if let identifier = extra(of: position)?.identifier {
            identifierCount -= 1
            byIdentifier.remove(position, Self.hash(identifier)) { Self.identifierHash(entries[$0], extras) }
        }
        guard position != last else { return }
        byMAC.rename(last, to: position, Self.hash(entries[last].mac))
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
            entries[position].subnet = UInt16(exactly: place(entry.address, Int(entry.subnet))) ?? .max
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

    @inline(__always)
    private static func hash(_ number: UInt64) -> UInt64 { number &* 0x9E37_79B9_7F4A_7C15 }

    private static func hash(_ number: UInt128) -> UInt64 {
        hash(UInt64(truncatingIfNeeded: number) ^ hash(UInt64(truncatingIfNeeded: number >> 64)))
    }

    private static func hash(_ bytes: [UInt8]) -> UInt64 { hash(0..<bytes.count, bytes.span.bytes) }

    private static func hash(_ range: Range<Int>, _ bytes: RawSpan) -> UInt64 {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
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
