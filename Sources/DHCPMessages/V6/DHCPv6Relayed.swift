public import Addressing

/// What one relay agent put around a message (RFC 8415 section 9).
public struct DHCPv6Relay: Hashable, Sendable {
    /// How many relays are further inside.
    public var hopCount: UInt8
    /// An address on the link of the client, or `::`.
    public var linkAddress: IPv6Address
    /// Who the relay got the message from.
    public var peerAddress: IPv6Address
    /// The options beside the message itself (option 9), in order.
    public var options: [DHCPv6Option]

    public init(
        hopCount: UInt8, linkAddress: IPv6Address, peerAddress: IPv6Address, options: [DHCPv6Option] = []
    ) {
        self.hopCount = hopCount
        self.linkAddress = linkAddress
        self.peerAddress = peerAddress
        self.options = options
    }

    /// The bytes of the first option of the code, or nil.
    public subscript(option code: UInt16) -> [UInt8]? { options.first { $0.code == code }?.data }

    /// Option 79: the client's link-layer address as its first relay saw it (RFC 6939): hardware type and
    /// address. nil if absent, throws if malformed.
    public func clientLinkLayerAddress() throws(DHCPParseError) -> (type: UInt16, address: [UInt8])? {
        guard let data = self[option: 79] else { return nil }
        guard data.count > 2 else { throw .malformedOption(code: 79) }
        return (UInt16(data[0]) << 8 | UInt16(data[1]), Array(data[2...]))
    }

    /// What a server must send back to the relay: its interface (18), its source port (135, RFC 8357
    /// section 5.2), and what it wants echoed (43, RFC 4994).
    var echoed: [DHCPv6Option] {
        var codes: Set<UInt16> = [18, 135]
        if let request = self[option: 43] {
            var reader = ByteReader(request[...])
            while let code = try? reader.uint16("") { codes.insert(code) }
        }
        // Never the message, nor the request to echo itself.
        return options.filter { codes.contains($0.code) && $0.code != 9 && $0.code != 43 }
    }
}

/// A message of a client with the relay agents that it passed (RFC 8415 section 19), or with none.
public struct DHCPv6RelayedMessage: Hashable, Sendable {
    /// HOP_COUNT_LIMIT (RFC 8415 section 7.6): a relay passes nothing on that has this hop count.
    public static let hopCountLimit: UInt8 = 8
    /// A message with the hop count limit has so many relays around it.
    static let mostRelays = Int(hopCountLimit) + 1

    /// The relays, the one next to the server first; the last is next to the client.
    public var relays: [DHCPv6Relay]
    /// The client's message; never a relay's.
    public var message: DHCPv6Message

    /// Parses a UDP payload down to the client's message.
    ///
    /// Throws where a relay's message has no message inside (option 9), a hop count above the limit, or the
    /// other relay type inside. It does not recurse; nothing it takes is deeper than nine relays.
    public init(parsing bytes: some Collection<UInt8>) throws(DHCPParseError) {
        relays = []
        var inner = try DHCPv6Message(parsing: bytes)
        let outermost = inner.type
        while case .relay(let type, let hopCount, let link, let peer, let options) = inner {
            guard type == outermost else { throw .malformed(field: "msg-type", value: UInt32(type.rawValue)) }
            guard hopCount <= Self.hopCountLimit, relays.count < Self.mostRelays else {
                throw .malformed(field: "hop-count", value: UInt32(hopCount))
            }
            guard let payload = options.first(where: { $0.code == 9 }) else {
                throw .malformedOption(code: 9)
            }
            relays.append(
                DHCPv6Relay(
                    hopCount: hopCount, linkAddress: link, peerAddress: peer,
                    options: options.filter { $0.code != 9 }))
            inner = try DHCPv6Message(parsing: payload.data)
        }
        message = inner
    }

    /// A message with relays around it, the outermost first.
    public init(relays: [DHCPv6Relay], message: DHCPv6Message) {
        self.relays = relays
        self.message = message
    }

    /// The link of the client: the link address of the innermost relay that has one. A relay on layer 2
    /// says `::` (RFC 6221 section 5.3.1) and leaves it to the next.
    public var clientLink: IPv6Address? {
        relays.last { $0.linkAddress.rawValue != 0 }?.linkAddress
    }

    /// The UDP payload, RELAY-FORW or RELAY-REPL around the message as often as there are relays.
    public func serialized(_ type: DHCPv6MessageType) throws(DHCPSerializeError) -> [UInt8] {
        guard relays.count <= Self.mostRelays else { throw .tooManyRelays(count: relays.count) }
        var bytes = try message.serialized()
        for relay in relays.reversed() {
            bytes = try DHCPv6Message.relay(
                type: type, hopCount: relay.hopCount, linkAddress: relay.linkAddress,
                peerAddress: relay.peerAddress, options: relay.options + [DHCPv6Option(9, bytes)]
            ).serialized()
        }
        return bytes
    }

    /// The answer's UDP payload: RELAY-REPL around the reply for every relay, with what each wants back
    /// (RFC 8415 section 19.3); the bare reply where there was no relay.
    public func reply(with reply: DHCPv6Message) throws(DHCPSerializeError) -> [UInt8] {
        let relays = relays.map { relay in
            DHCPv6Relay(
                hopCount: relay.hopCount, linkAddress: relay.linkAddress, peerAddress: relay.peerAddress,
                options: relay.echoed)
        }
        return try DHCPv6RelayedMessage(relays: relays, message: reply).serialized(.relayReply)
    }
}
