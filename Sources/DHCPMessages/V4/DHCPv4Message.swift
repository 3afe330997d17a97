public import Addressing

/// A DHCPv4 message (RFC 2131 section 2).
///
/// Parsing then serialising loses nothing that has a meaning: unknown options and message types stay.
/// Options of one code are one value, as RFC 3396 joins them; options that overloaded `sname` and
/// `file` (option 52) move to the options field.
///
/// ```
///  0  op  htype  hlen  hops        12  ciaddr      44  sname (64)
///  4  xid                          16  yiaddr     108  file (128)
///  8  secs (2)  flags (2)          20  siaddr     236  magic cookie
///                                  24  giaddr     240  options
///                                  28  chaddr (16)
/// ```
public struct DHCPv4Message: Hashable, Sendable {
    /// Who sent the message.
    public enum Operation: UInt8, Hashable, Sendable {
        case request = 1
        case reply = 2
    }

    public var operation: Operation
    /// `htype`: 1 for Ethernet (RFC 1700).
    public var hardwareType: UInt8
    public var hops: UInt8
    /// `xid`: chosen by the client, the same in all messages of an exchange.
    public var transactionID: UInt32
    /// `secs`: since the client began.
    public var seconds: UInt16
    public var flags: UInt16
    /// The address that the client has.
    public var ciaddr: IPv4Address
    /// "Your" address: what the server gives.
    public var yiaddr: IPv4Address
    /// The next server to boot from.
    public var siaddr: IPv4Address
    /// The relay agent's address.
    public var giaddr: IPv4Address
    /// The client's hardware address, at most 16 octets; its count is `hlen`.
    public var chaddr: [UInt8]
    /// The server's name without trailing zeros, at most 64 octets.
    public var serverName: [UInt8]
    /// The boot file without trailing zeros, at most 128 octets.
    public var bootFile: [UInt8]
    /// Options in the order of their first appearance, each code once; never 0, 52 or 255.
    public var options: [DHCPv4Option]

    /// Creates a message; addresses are `0.0.0.0` unless given.
    public init(
        operation: Operation, hardwareType: UInt8 = 1, hops: UInt8 = 0, transactionID: UInt32,
        seconds: UInt16 = 0, flags: UInt16 = 0, ciaddr: IPv4Address = .any, yiaddr: IPv4Address = .any,
        siaddr: IPv4Address = .any, giaddr: IPv4Address = .any, chaddr: [UInt8],
        serverName: [UInt8] = [], bootFile: [UInt8] = [], options: [DHCPv4Option] = []
    ) {
        self.operation = operation
        self.hardwareType = hardwareType
        self.hops = hops
        self.transactionID = transactionID
        self.seconds = seconds
        self.flags = flags
        self.ciaddr = ciaddr
        self.yiaddr = yiaddr
        self.siaddr = siaddr
        self.giaddr = giaddr
        self.chaddr = chaddr
        self.serverName = serverName
        self.bootFile = bootFile
        self.options = options
    }

    /// The bytes before the options: header and magic cookie.
    static let headerLength = 240
    /// RFC 2131 section 3.
    static let magicCookie: UInt32 = 0x6382_5363
    /// The broadcast bit (RFC 2131 section 2, figure 2).
    public static let broadcastFlag: UInt16 = 0x8000
}

/// An option's code with all of its bytes.
public struct DHCPv4Option: Hashable, Sendable {
    public var code: UInt8
    public var data: [UInt8]

    public init(_ code: UInt8, _ data: [UInt8]) {
        self.code = code
        self.data = data
    }
}

/// The type of a DHCPv4 message (option 53, RFC 2132 section 9.6); other values survive.
public struct DHCPv4MessageType: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public var rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let discover = Self(rawValue: 1)
    public static let offer = Self(rawValue: 2)
    public static let request = Self(rawValue: 3)
    public static let decline = Self(rawValue: 4)
    public static let ack = Self(rawValue: 5)
    public static let nak = Self(rawValue: 6)
    public static let release = Self(rawValue: 7)
    public static let inform = Self(rawValue: 8)
    /// RFC 3203.
    public static let forceRenew = Self(rawValue: 9)
    /// RFC 4388.
    public static let leaseQuery = Self(rawValue: 10)
    /// RFC 4388: an address of ours that nobody has.
    public static let leaseUnassigned = Self(rawValue: 11)
    /// RFC 4388: an address or a client that is not ours.
    public static let leaseUnknown = Self(rawValue: 12)
    /// RFC 4388: a lease and its particulars.
    public static let leaseActive = Self(rawValue: 13)
    /// RFC 6926.
    public static let bulkLeaseQuery = Self(rawValue: 14)
    /// RFC 6926.
    public static let leaseQueryDone = Self(rawValue: 15)

    /// The word for it in logs, such as `DISCOVER`.
    public var description: String {
        let words = [
            "DISCOVER", "OFFER", "REQUEST", "DECLINE", "ACK", "NAK", "RELEASE", "INFORM", "FORCERENEW",
            "LEASEQUERY", "LEASEUNASSIGNED", "LEASEUNKNOWN", "LEASEACTIVE", "BULKLEASEQUERY",
            "LEASEQUERYDONE",
        ]
        return (1...words.count).contains(Int(rawValue)) ? words[Int(rawValue) - 1] : "type \(rawValue)"
    }
}
