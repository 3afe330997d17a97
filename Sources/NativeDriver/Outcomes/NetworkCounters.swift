public import DHCPEngine
public import DHCPMessages

/// What became of one network's packets since its server started.
public struct NetworkCounters: Hashable, Sendable {
    /// Requests by type; those without a type that could be read are only in ``drops``.
    public var requestsV4: [DHCPv4MessageType: UInt64] = [:]
    /// Replies by type: OFFER, ACK, NAK.
    public var repliesV4: [DHCPv4MessageType: UInt64] = [:]
    /// BOOTP requests that were answered: they have no message type.
    public var repliesBOOTP: UInt64 = 0
    /// Requests by type, innermost of relays.
    public var requestsV6: [DHCPv6MessageType: UInt64] = [:]
    /// Replies by type: ADVERTISE, REPLY.
    public var repliesV6: [DHCPv6MessageType: UInt64] = [:]
    /// Packets that were not answered, by reason.
    public var drops: [DropReason: UInt64] = [:]
    /// Requests whose chaddr was not their Ethernet source, refused or not (`dhcp_source_mismatch`).
    public var foreignSources: UInt64 = 0
    /// Router advertisements sent.
    public var advertisements: UInt64 = 0
    /// Answers that no neighbour entry could carry and that went by broadcast instead.
    public var fallbackBroadcasts: UInt64 = 0

    public init() {}

    /// All packets that had an outcome.
    public var packets: UInt64 {
        repliesV4.values.reduce(0, +) + repliesBOOTP + repliesV6.values.reduce(0, +)
            + drops.values.reduce(0, +)
    }
}

/// The counters as the data plane keeps them: fixed places in a list that there is from the first packet on.
struct CounterBoard: Sendable {
    /// Message types beyond what is known are counted together, in the last place.
    private static let types = 16
    /// Where each kind of counter begins.
    private static let requestsV4 = 0
    private static let repliesV4 = requestsV4 + types
    private static let requestsV6 = repliesV4 + types
    private static let repliesV6 = requestsV6 + types
    private static let drops = repliesV6 + types
    private static let foreignSources = drops + DropReason.allCases.count
    private static let advertisements = foreignSources + 1
    private static let fallbackBroadcasts = advertisements + 1

    private var counts: [UInt64] = []

    private mutating func add(_ number: UInt64 = 1, at place: Int) {
        if counts.isEmpty { counts = Array(repeating: 0, count: Self.fallbackBroadcasts + 1) }
        counts[place] += number
    }

    /// A type of 0 stands for none.
    private static func place(_ type: UInt8?) -> Int { min(Int(type ?? 0), types - 1) }

    mutating func answered(_ request: DHCPv4MessageType?, _ reply: DHCPv4MessageType?) {
        add(at: Self.requestsV4 + Self.place(request?.rawValue))
        add(at: Self.repliesV4 + Self.place(reply?.rawValue))
    }

    mutating func answered(_ request: DHCPv6MessageType, _ reply: DHCPv6MessageType) {
        add(at: Self.requestsV6 + Self.place(request.rawValue))
        add(at: Self.repliesV6 + Self.place(reply.rawValue))
    }

    mutating func dropped(_ reason: DropReason, _ request: DHCPv4MessageType?) {
        add(at: Self.requestsV4 + Self.place(request?.rawValue))
        add(at: Self.drops + reason.place)
    }

    mutating func dropped(_ reason: DropReason, _ request: DHCPv6MessageType?) {
        add(at: Self.requestsV6 + Self.place(request?.rawValue))
        add(at: Self.drops + reason.place)
    }

    /// A reply that was counted and could not be sent after all.
    mutating func sendFailed(_ reply: DHCPv4MessageType?) {
        counts[Self.repliesV4 + Self.place(reply?.rawValue)] -= 1
        add(at: Self.drops + DropReason.sendFailed.place)
    }

    /// A reply that was counted and could not be sent after all.
    mutating func sendFailed(_ reply: DHCPv6MessageType) {
        counts[Self.repliesV6 + Self.place(reply.rawValue)] -= 1
        add(at: Self.drops + DropReason.sendFailed.place)
    }

    mutating func foreignSources(_ number: UInt64) { add(number, at: Self.foreignSources) }
    mutating func advertised(_ number: UInt64) { add(number, at: Self.advertisements) }
    mutating func fellBack() { add(at: Self.fallbackBroadcasts) }

    /// The counters for people.
    var counters: NetworkCounters {
        var result = NetworkCounters()
        if counts.isEmpty { return result }
        for type in 1..<Self.types {
            let v4 = DHCPv4MessageType(rawValue: UInt8(type))
            let v6 = DHCPv6MessageType(rawValue: UInt8(type))
            if counts[Self.requestsV4 + type] > 0 { result.requestsV4[v4] = counts[Self.requestsV4 + type] }
            if counts[Self.repliesV4 + type] > 0 { result.repliesV4[v4] = counts[Self.repliesV4 + type] }
            if counts[Self.requestsV6 + type] > 0 { result.requestsV6[v6] = counts[Self.requestsV6 + type] }
            if counts[Self.repliesV6 + type] > 0 { result.repliesV6[v6] = counts[Self.repliesV6 + type] }
        }
        result.repliesBOOTP = counts[Self.repliesV4]
        for reason in DropReason.allCases where counts[Self.drops + reason.place] > 0 {
            result.drops[reason] = counts[Self.drops + reason.place]
        }
        result.foreignSources = counts[Self.foreignSources]
        result.advertisements = counts[Self.advertisements]
        result.fallbackBroadcasts = counts[Self.fallbackBroadcasts]
        return result
    }
}

extension DropReason {
    /// Its place among all, below their number.
    var place: Int {
        switch self {
        case .truncated: 0
        case .malformedHeader: 1
        case .malformedOption: 2
        case .notARequest: 3
        case .unknownMessageType: 4
        case .unsupportedHardwareType: 5
        case .replyDoesNotFit: 6
        case .unknownClient: 7
        case .noSubnet: 8
        case .noAddressOnSubnet: 9
        case .otherServer: 10
        case .missingServerIdentifier: 11
        case .unexpectedServerIdentifier: 12
        case .missingClientIdentifier: 13
        case .unexpectedUnicast: 14
        case .unknownSource: 15
        case .notOnLink: 16
        case .released: 17
        case .declined: 18
        case .sourceMismatch: 19
        case .portLimit: 20
        case .networkLimit: 21
        case .relayLoop: 22
        case .sendFailed: 23
        case .missingAddress: 24
        case .tooManyUnresolved: 25
        case .tooManyLookups: 26
        }
    }
}
