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
    /// Requests whose chaddr was not their Ethernet source; the kernel tells them only where they are to be
    /// refused (`dhcp_source_mismatch = refuse`).
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

/// The counters as the data plane keeps them: fixed places, no allocation.
struct CounterBoard: Sendable {
    /// Message types beyond what is known are counted together, in the last place.
    private static let types = 16

    private var requestsV4 = InlineArray<16, UInt64>(repeating: 0)
    private var repliesV4 = InlineArray<16, UInt64>(repeating: 0)
    private var requestsV6 = InlineArray<16, UInt64>(repeating: 0)
    private var repliesV6 = InlineArray<16, UInt64>(repeating: 0)
    private var drops = InlineArray<32, UInt64>(repeating: 0)
    var foreignSources: UInt64 = 0
    var advertisements: UInt64 = 0
    var fallbackBroadcasts: UInt64 = 0

    /// A type of 0 stands for none.
    private static func place(_ type: UInt8?) -> Int { min(Int(type ?? 0), types - 1) }

    mutating func answered(_ request: DHCPv4MessageType?, _ reply: DHCPv4MessageType?) {
        requestsV4[Self.place(request?.rawValue)] += 1
        repliesV4[Self.place(reply?.rawValue)] += 1
    }

    mutating func answered(_ request: DHCPv6MessageType, _ reply: DHCPv6MessageType) {
        requestsV6[Self.place(request.rawValue)] += 1
        repliesV6[Self.place(reply.rawValue)] += 1
    }

    mutating func dropped(_ reason: DropReason, _ request: DHCPv4MessageType?) {
        requestsV4[Self.place(request?.rawValue)] += 1
        drops[reason.place] += 1
    }

    mutating func dropped(_ reason: DropReason, _ request: DHCPv6MessageType?) {
        requestsV6[Self.place(request?.rawValue)] += 1
        drops[reason.place] += 1
    }

    /// A reply that was counted and could not be sent after all.
    mutating func sendFailed(_ reply: DHCPv4MessageType?) {
        repliesV4[Self.place(reply?.rawValue)] -= 1
        drops[DropReason.sendFailed.place] += 1
    }

    /// A reply that was counted and could not be sent after all.
    mutating func sendFailed(_ reply: DHCPv6MessageType) {
        repliesV6[Self.place(reply.rawValue)] -= 1
        drops[DropReason.sendFailed.place] += 1
    }

    /// The counters for people.
    var counters: NetworkCounters {
        var result = NetworkCounters()
        for type in 1..<Self.types {
            let v4 = DHCPv4MessageType(rawValue: UInt8(type))
            let v6 = DHCPv6MessageType(rawValue: UInt8(type))
            if requestsV4[type] > 0 { result.requestsV4[v4] = requestsV4[type] }
            if repliesV4[type] > 0 { result.repliesV4[v4] = repliesV4[type] }
            if requestsV6[type] > 0 { result.requestsV6[v6] = requestsV6[type] }
            if repliesV6[type] > 0 { result.repliesV6[v6] = repliesV6[type] }
        }
        result.repliesBOOTP = repliesV4[0]
        for reason in DropReason.allCases where drops[reason.place] > 0 {
            result.drops[reason] = drops[reason.place]
        }
        result.foreignSources = foreignSources
        result.advertisements = advertisements
        result.fallbackBroadcasts = fallbackBroadcasts
        return result
    }
}

extension DropReason {
    /// Its place among all, below 32.
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
        }
    }
}
