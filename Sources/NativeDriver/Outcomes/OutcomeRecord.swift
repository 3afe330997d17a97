public import Addressing
public import DHCPEngine
public import DHCPMessages
import Glibc

/// What became of one packet, as the ring of its network's latest ones tells it.
public struct OutcomeRecord: Hashable, Sendable {
    /// The message types of a packet and of its answer; nil for BOOTP and for what could not be read.
    public enum Exchange: Hashable, Sendable {
        case v4(request: DHCPv4MessageType?, reply: DHCPv4MessageType?)
        case v6(request: DHCPv6MessageType?, reply: DHCPv6MessageType?)
    }

    /// Microseconds since 1970.
    public var time: UInt64
    public var exchange: Exchange
    /// Why it was not answered; nil where it was.
    public var drop: DropReason?
    /// The sender, where it is known.
    public var port: PortIdentity?
    /// The client's hardware address, where the packet or the port database tells it.
    public var mac: MACAddress?
    /// What was given, or for a DHCPv6 packet that was dropped, where it came from.
    public var address: IPAddress?

    public init(
        time: UInt64, exchange: Exchange, drop: DropReason? = nil, port: PortIdentity? = nil,
        mac: MACAddress? = nil, address: IPAddress? = nil
    ) {
        self.time = time
        self.exchange = exchange
        self.drop = drop
        self.port = port
        self.mac = mac
        self.address = address
    }
}

/// The latest outcomes of one network: nothing until there is one, 2 KiB at most.
struct OutcomeRing: Sendable {
    static let capacity = 32

    /// An outcome in 64 bytes; 255 stands for no type and no reason.
    private struct Entry {
        var port: UInt128
        var address: UInt128
        var time: UInt64
        var mac: UInt64
        var request: UInt8
        var reply: UInt8
        var drop: UInt8
        var flags: UInt8
    }

    private static let none: UInt8 = 255
    private static let isV6: UInt8 = 1
    private static let hasPort: UInt8 = 2
    private static let hasMAC: UInt8 = 4
    private static let hasAddressV4: UInt8 = 8
    private static let hasAddressV6: UInt8 = 16

    private var entries: [Entry] = []
    /// Where the next one goes, once all places are taken.
    private var next = 0

    mutating func append(_ record: OutcomeRecord) {
        var flags: UInt8 = 0
        let request: UInt8?
        let reply: UInt8?
        switch record.exchange {
        case .v4(let first, let second): (request, reply) = (first?.rawValue, second?.rawValue)
        case .v6(let first, let second):
            (request, reply) = (first?.rawValue, second?.rawValue)
            flags |= Self.isV6
        }
        if record.port != nil { flags |= Self.hasPort }
        if record.mac != nil { flags |= Self.hasMAC }
        switch record.address {
        case .v4: flags |= Self.hasAddressV4
        case .v6: flags |= Self.hasAddressV6
        case nil: break
        }
        let entry = Entry(
            port: record.port?.rawValue ?? 0, address: record.address?.number ?? 0, time: record.time,
            mac: record.mac?.rawValue ?? 0, request: request ?? Self.none, reply: reply ?? Self.none,
            drop: record.drop.map { UInt8($0.place) } ?? Self.none, flags: flags)
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[next] = entry
            next = (next + 1) % Self.capacity
        }
    }

    /// Oldest first.
    var records: [OutcomeRecord] { (entries[next...] + entries[..<next]).map(Self.record) }

    private static func record(_ entry: Entry) -> OutcomeRecord {
        func type<T>(_ value: UInt8, _ make: (UInt8) -> T) -> T? { value == none ? nil : make(value) }
        let exchange: OutcomeRecord.Exchange =
            entry.flags & isV6 == 0
            ? .v4(
                request: type(entry.request) { DHCPv4MessageType(rawValue: $0) },
                reply: type(entry.reply) { DHCPv4MessageType(rawValue: $0) })
            : .v6(
                request: type(entry.request) { DHCPv6MessageType(rawValue: $0) },
                reply: type(entry.reply) { DHCPv6MessageType(rawValue: $0) })
        var address: IPAddress?
        if entry.flags & hasAddressV4 != 0 { address = .init(number: entry.address, version: .v4) }
        if entry.flags & hasAddressV6 != 0 { address = .init(number: entry.address, version: .v6) }
        return OutcomeRecord(
            time: entry.time, exchange: exchange,
            drop: DropReason.allCases.first { $0.place == Int(entry.drop) },
            port: entry.flags & hasPort == 0 ? nil : PortIdentity(rawValue: entry.port),
            mac: entry.flags & hasMAC == 0 ? nil : MACAddress(rawValue: entry.mac), address: address)
    }
}

/// The present moment in microseconds since 1970.
func wallMicroseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
}
