public import Addressing
public import DHCPMessages

/// How a DHCPv6 packet reached us, as far as the socket and the kernel tell.
public struct DHCPv6Arrival: Hashable, Sendable {
    /// What is known of the sender's link-layer address.
    public enum LinkLayer: Hashable, Sendable {
        /// Nobody has looked yet.
        case unasked
        /// The kernel's neighbour table has it.
        case known(MACAddress)
        /// The neighbour did not answer.
        case unknown
    }

    public var source: IPv6Address
    public var sourcePort: UInt16
    /// `ff02::1:2`, `ff05::1:3`, or one of our addresses (IPV6_PKTINFO).
    public var destination: IPv6Address
    public var linkLayer: LinkLayer

    public init(
        source: IPv6Address, sourcePort: UInt16 = 546, destination: IPv6Address,
        linkLayer: LinkLayer = .unasked
    ) {
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.linkLayer = linkLayer
    }
}

/// What became of one DHCPv6 packet.
public enum DHCPv6Outcome: Hashable, Sendable {
    case answered(DHCPv6Answer)
    /// The sender can only be told by its link-layer address: find it, then ask again with the same bytes.
    case needsLinkLayer
    /// `port` is the sender where it is known.
    case dropped(DropReason, request: DHCPv6MessageType?, port: PortIdentity?)
}

/// An answer; it goes back where the request came from (to port 547 where that was a relay).
public struct DHCPv6Answer: Hashable, Sendable {
    /// The client's message, innermost of relays.
    public var request: DHCPv6MessageType
    /// ADVERTISE or REPLY.
    public var reply: DHCPv6MessageType
    public var port: PortIdentity?
    /// What was given, in the order of the message; what the client gives back by RELEASE or DECLINE.
    public var addresses: [IPv6Address]
    /// The client's DUID; empty where it sent none.
    public var clientIdentifier: [UInt8]
    /// The identity association of the first address; 0 where none was asked for.
    public var iaid: UInt32
    /// The destination port: 546, 547 to a relay, or the relay's own (RFC 8357).
    public var destinationPort: UInt16
    /// Seconds; 0 where no lease was given.
    public var validLifetime: UInt32

    public init(
        request: DHCPv6MessageType, reply: DHCPv6MessageType, port: PortIdentity?,
        addresses: [IPv6Address] = [], clientIdentifier: [UInt8] = [], iaid: UInt32 = 0,
        destinationPort: UInt16 = 546, validLifetime: UInt32 = 0
    ) {
        self.request = request
        self.reply = reply
        self.port = port
        self.addresses = addresses
        self.clientIdentifier = clientIdentifier
        self.iaid = iaid
        self.destinationPort = destinationPort
        self.validLifetime = validLifetime
    }
}
