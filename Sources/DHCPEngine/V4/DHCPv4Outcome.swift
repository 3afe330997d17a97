public import Addressing
public import DHCPMessages

/// How a DHCPv4 request reached us, as far as the socket tells.
public struct DHCPv4Arrival: Hashable, Sendable {
    public var source: IPv4Address
    public var sourcePort: UInt16
    /// The address that it was sent to: the broadcast address, or one of ours (IP_ORIGDSTADDR); `0.0.0.0`
    /// where nobody asked for it (``DHCPv4Configuration/needsDestinations``).
    public var destination: IPv4Address
    /// Where the client's port was found; nil where nobody looked before.
    public var place: DHCPv4PortPlace?

    public init(
        source: IPv4Address, sourcePort: UInt16 = 68, destination: IPv4Address, place: DHCPv4PortPlace? = nil
    ) {
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.place = place
    }
}

/// Where an engine has a port (``DHCPv4Engine/place(of:)``): a hint, which a change of the ports makes useless
/// and not wrong.
public struct DHCPv4PortPlace: Hashable, Sendable {
    var position: Int
}

/// Where a DHCPv4 reply goes.
public enum DHCPv4Destination: Hashable, Sendable {
    /// To the limited broadcast address, port 68.
    case broadcast
    /// By IP routing: to a client that has its address, or to a relay agent (port 67).
    case unicast(IPv4Address, port: UInt16)
    /// To an address that its client does not have yet, port 68: needs a neighbour entry for the MAC.
    case neighbour(IPv4Address, MACAddress)
}

/// What became of one DHCPv4 packet.
public enum DHCPv4Outcome: Hashable, Sendable {
    case answered(DHCPv4Answer)
    /// `port` is the sender where it is known.
    case dropped(DropReason, request: DHCPv4MessageType?, port: PortIdentity?)
}

/// An answer: its bytes are in the caller's buffer.
public struct DHCPv4Answer: Hashable, Sendable {
    /// What the client sent; nil for BOOTP.
    public var request: DHCPv4MessageType?
    /// OFFER, ACK, NAK; nil for a BOOTP reply.
    public var reply: DHCPv4MessageType?
    /// Who it is for; nil for a NAK to a stranger.
    public var port: PortIdentity?
    /// What was given; `0.0.0.0` in a NAK and where INFORM was answered.
    public var address: IPv4Address
    public var mac: MACAddress
    public var destination: DHCPv4Destination
    /// The address that the reply must come from; also the server identifier, unless a relay agent put its
    /// own there (RFC 5107).
    public var server: IPv4Address
    /// Seconds; 0 where no lease was given.
    public var leaseTime: UInt32
    /// What the client said of itself, as places in the request: options 61, 12 and 60. Of one in pieces
    /// (`isSplit`) only that it is there: its range means nothing.
    public var clientIdentifier: DHCPv4View.Field
    public var hostName: DHCPv4View.Field
    public var vendorClass: DHCPv4View.Field

    init(
        request: DHCPv4MessageType?, reply: DHCPv4MessageType?, port: PortIdentity?, address: IPv4Address,
        mac: MACAddress, destination: DHCPv4Destination, server: IPv4Address, leaseTime: UInt32,
        client: DHCPv4View
    ) {
        self.request = request
        self.reply = reply
        self.port = port
        self.address = address
        self.mac = mac
        self.destination = destination
        self.server = server
        self.leaseTime = leaseTime
        clientIdentifier = client.clientIdentifier
        hostName = client.hostName
        vendorClass = client.vendorClass
    }

    /// Takes what the client said of itself from the view of the request as it was sent.
    mutating func describeClient(_ view: DHCPv4View) {
        clientIdentifier = view.clientIdentifier
        hostName = view.hostName
        vendorClass = view.vendorClass
    }
}
