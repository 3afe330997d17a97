public import Addressing

/// A UDP datagram in an Ethernet frame, as a client sees it; checksums are judged, not trusted.
public struct Datagram: Sendable, Hashable {
    public var ethernetSource: MACAddress
    public var ethernetDestination: MACAddress
    public var source: IPAddress
    public var destination: IPAddress
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var payload: [UInt8]
    /// What is wrong with its lengths and checksums; empty where nothing is.
    public var faults: [String] = []

    public init(
        from ethernetSource: MACAddress, _ source: IPAddress, port sourcePort: UInt16,
        to ethernetDestination: MACAddress, _ destination: IPAddress, port destinationPort: UInt16,
        payload: [UInt8]
    ) {
        self.ethernetSource = ethernetSource
        self.ethernetDestination = ethernetDestination
        self.source = source
        self.destination = destination
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payload = payload
    }

    /// The frame (RFC 791, RFC 8200, RFC 768) with all checksums.
    func frame() -> [UInt8] {
        var udp =
            sourcePort.bytes + destinationPort.bytes + UInt16(payload.count + 8).bytes + [0, 0] + payload
        let sum = Checksum.of(Checksum.pseudoHeader(source, destination, 17, udp.count) + udp)
        // A sum of zero travels as all ones: zero means "not summed" (RFC 768).
        udp.replaceSubrange(6..<8, with: (sum == 0 ? 0xFFFF : sum).bytes)
        return Ethernet.frame(ethernetSource, ethernetDestination, source, destination, 17, udp)
    }

    /// Takes the UDP part of an IP packet apart.
    init?(_ packet: IPPacket) {
        guard packet.nextHeader == 17, packet.body.count >= 8 else { return nil }
        let udp = Array(packet.body)
        let length = Int(UInt16(udp[4], udp[5]))
        guard length >= 8, length <= udp.count else { return nil }
        ethernetSource = packet.ethernetSource
        ethernetDestination = packet.ethernetDestination
        source = packet.source
        destination = packet.destination
        sourcePort = UInt16(udp[0], udp[1])
        destinationPort = UInt16(udp[2], udp[3])
        payload = Array(udp[8..<length])
        faults = packet.faults
        if length != udp.count { faults.append("UDP length \(length) in \(udp.count) bytes of IP") }
        let pseudo = Checksum.pseudoHeader(source, destination, 17, length)
        if udp[6] == 0 && udp[7] == 0 {
            // Allowed in IPv4, never in IPv6 (RFC 8200 section 8.1).
            if packet.source.version == .v6 { faults.append("no UDP checksum") }
        } else if Checksum.of(pseudo + udp.prefix(length)) != 0 {
            faults.append("wrong UDP checksum")
        }
    }
}

/// An IP packet in an Ethernet frame.
struct IPPacket {
    var ethernetSource: MACAddress
    var ethernetDestination: MACAddress
    var source: IPAddress
    var destination: IPAddress
    var nextHeader: UInt8
    var hopLimit: UInt8
    var body: ArraySlice<UInt8>
    var faults: [String] = []

    /// Nil for what is no whole IP packet, or a fragment.
    init?(_ frame: [UInt8]) {
        guard frame.count >= 34, let to = MACAddress(octets: frame[0..<6]),
            let from = MACAddress(octets: frame[6..<12])
        else { return nil }
        ethernetSource = from
        ethernetDestination = to
        switch UInt16(frame[12], frame[13]) {
        case Ethernet.ipv4:
            let headerLength = Int(frame[14] & 15) * 4
            let total = Int(UInt16(frame[16], frame[17]))
            guard frame[14] >> 4 == 4, headerLength >= 20, total >= headerLength, frame.count >= 14 + total,
                UInt16(frame[20], frame[21]) & 0x3FFF == 0
            else { return nil }
            source = .v4(IPv4Address(rawValue: UInt32(frame[26..<30])))
            destination = .v4(IPv4Address(rawValue: UInt32(frame[30..<34])))
            nextHeader = frame[23]
            hopLimit = frame[22]
            body = frame[(14 + headerLength)..<(14 + total)]
            if Checksum.of(frame[14..<14 + headerLength]) != 0 { faults.append("wrong IP header checksum") }
        case Ethernet.ipv6:
            guard frame.count >= 54, frame[14] >> 4 == 6 else { return nil }
            let length = Int(UInt16(frame[18], frame[19]))
            guard frame.count >= 54 + length, let from = IPv6Address(octets: frame[22..<38]),
                let to = IPv6Address(octets: frame[38..<54])
            else { return nil }
            source = .v6(from)
            destination = .v6(to)
            nextHeader = frame[20]
            hopLimit = frame[21]
            body = frame[54..<54 + length]
        default: return nil
        }
    }
}

/// Ethernet frames.
enum Ethernet {
    static let ipv4: UInt16 = 0x0800
    static let arp: UInt16 = 0x0806
    static let ipv6: UInt16 = 0x86DD

    /// An IP packet of either version in its frame.
    static func frame(
        _ from: MACAddress, _ to: MACAddress, _ source: IPAddress, _ destination: IPAddress,
        _ nextHeader: UInt8, _ body: [UInt8], hopLimit: UInt8 = 64
    ) -> [UInt8] {
        let type = source.version == .v4 ? ipv4 : ipv6
        var header: [UInt8]
        if source.version == .v4 {
            header =
                [0x45, 0] + UInt16(body.count + 20).bytes + [0, 0, 0x40, 0, hopLimit, nextHeader, 0, 0]
                + source.octets + destination.octets
            header.replaceSubrange(10..<12, with: Checksum.of(header).bytes)
        } else {
            header =
                [0x60, 0, 0, 0] + UInt16(body.count).bytes + [nextHeader, hopLimit] + source.octets
                + destination.octets
        }
        return to.octets + from.octets + type.bytes + header + body
    }
}

/// The Internet checksum (RFC 1071).
enum Checksum {
    /// Over bytes with a zero checksum field: the checksum; over bytes with a right one: 0.
    static func of(_ bytes: some Collection<UInt8>) -> UInt16 {
        var sum: UInt32 = 0
        var high = true
        for byte in bytes {
            sum &+= high ? UInt32(byte) << 8 : UInt32(byte)
            high.toggle()
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    static func pseudoHeader(
        _ source: IPAddress, _ destination: IPAddress, _ nextHeader: UInt8, _ length: Int
    ) -> [UInt8] {
        if source.version == .v4 {
            return source.octets + destination.octets + [0, nextHeader] + UInt16(length).bytes
        }
        return source.octets + destination.octets + UInt32(length).bytes + [0, 0, 0, nextHeader]
    }
}

extension UInt16 {
    init(_ high: UInt8, _ low: UInt8) { self = UInt16(high) << 8 | UInt16(low) }

    /// In network order.
    var bytes: [UInt8] { [UInt8(self >> 8), UInt8(self & 0xFF)] }
}

extension UInt32 {
    /// Four bytes in network order.
    init(_ bytes: some Collection<UInt8>) { self = bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    /// In network order.
    var bytes: [UInt8] { UInt16(self >> 16).bytes + UInt16(self & 0xFFFF).bytes }
}

extension MACAddress {
    /// `ff:ff:ff:ff:ff:ff`.
    static let broadcast = MACAddress(rawValue: 0xFFFF_FFFF_FFFF)

    /// Where a multicast goes (RFC 1112 section 6.4, RFC 2464 section 7).
    static func multicast(_ group: IPv6Address) -> MACAddress {
        MACAddress(rawValue: 0x3333 << 32 | UInt64(truncatingIfNeeded: group.rawValue & 0xFFFF_FFFF))
    }
}
