public import Addressing

/// A DHCPv6 message (RFC 8415 section 8 and 9). Unknown types and options survive, in order.
public enum DHCPv6Message: Hashable, Sendable {
    /// Between client and server.
    case plain(type: DHCPv6MessageType, transactionID: UInt32, options: [DHCPv6Option])
    /// Between relay and server; the inner message is in option 9.
    case relay(
        type: DHCPv6MessageType, hopCount: UInt8, linkAddress: IPv6Address, peerAddress: IPv6Address,
        options: [DHCPv6Option])

    /// Parses a UDP payload; never traps, whatever the bytes, and takes all of them.
    public init(parsing bytes: some Collection<UInt8>) throws(DHCPParseError) {
        let all = Array(bytes)
        var reader = ByteReader(all[...])
        let type = DHCPv6MessageType(rawValue: try reader.byte("msg-type"))
        if type.isRelay {
            let hopCount = try reader.byte("hop-count")
            let link = try reader.take(16, "link-address")
            let peer = try reader.take(16, "peer-address")
            guard let linkAddress = IPv6Address(octets: link), let peerAddress = IPv6Address(octets: peer)
            else { throw .truncated(field: "peer-address") }
            self = .relay(
                type: type, hopCount: hopCount, linkAddress: linkAddress, peerAddress: peerAddress,
                options: try DHCPv6Option.parse(all[reader.position...]))
        } else {
            let id = try reader.take(3, "transaction-id").reduce(0) { $0 << 8 | UInt32($1) }
            self = .plain(
                type: type, transactionID: id, options: try DHCPv6Option.parse(all[reader.position...]))
        }
    }

    /// The UDP payload. Of the transaction id the low 24 bits are sent.
    public func serialized() throws(DHCPSerializeError) -> [UInt8] {
        var bytes: [UInt8] = []
        switch self {
        case .plain(let type, let transactionID, _):
            bytes.append(bigEndian: UInt32(type.rawValue) << 24 | transactionID & 0xFF_FFFF)
        case .relay(let type, let hopCount, let linkAddress, let peerAddress, _):
            bytes += [type.rawValue, hopCount] + linkAddress.octets + peerAddress.octets
        }
        return bytes + (try DHCPv6Option.serialize(options))
    }

    /// The message's type.
    public var type: DHCPv6MessageType {
        switch self {
        case .plain(let type, _, _), .relay(let type, _, _, _, _): type
        }
    }

    /// The options in the order of the message.
    public var options: [DHCPv6Option] {
        switch self {
        case .plain(_, _, let options), .relay(_, _, _, _, let options): options
        }
    }

    /// The bytes of the first option of the code, or nil.
    public subscript(option code: UInt16) -> [UInt8]? { options.first { $0.code == code }?.data }
}

/// The type of a DHCPv6 message (RFC 8415 section 7.3); other values survive.
public struct DHCPv6MessageType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let solicit = Self(rawValue: 1)
    public static let advertise = Self(rawValue: 2)
    public static let request = Self(rawValue: 3)
    public static let confirm = Self(rawValue: 4)
    public static let renew = Self(rawValue: 5)
    public static let rebind = Self(rawValue: 6)
    public static let reply = Self(rawValue: 7)
    public static let release = Self(rawValue: 8)
    public static let decline = Self(rawValue: 9)
    public static let reconfigure = Self(rawValue: 10)
    public static let informationRequest = Self(rawValue: 11)
    public static let relayForward = Self(rawValue: 12)
    public static let relayReply = Self(rawValue: 13)

    /// Whether the message has the relay header.
    public var isRelay: Bool { self == .relayForward || self == .relayReply }

    /// The word for it in logs, such as `SOLICIT`.
    public var description: String {
        let words = [
            "SOLICIT", "ADVERTISE", "REQUEST", "CONFIRM", "RENEW", "REBIND", "REPLY", "RELEASE", "DECLINE",
            "RECONFIGURE", "INFORMATION-REQUEST", "RELAY-FORW", "RELAY-REPL",
        ]
        return (1...words.count).contains(Int(rawValue)) ? words[Int(rawValue) - 1] : "type \(rawValue)"
    }
}
