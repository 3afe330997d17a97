/// A record type, or a type that only questions have (RFC 1035 section 3.2.2, IANA "Resource Record TYPEs").
public struct DNSRecordType: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let a = DNSRecordType(rawValue: 1)
    public static let ptr = DNSRecordType(rawValue: 12)
    public static let txt = DNSRecordType(rawValue: 16)
    public static let aaaa = DNSRecordType(rawValue: 28)
    /// The pseudo record of EDNS (RFC 6891).
    public static let opt = DNSRecordType(rawValue: 41)
    /// `*`: all that there is.
    public static let any = DNSRecordType(rawValue: 255)

    /// Whether it asks for something else than records of a name: OPT, TKEY, TSIG, zone transfers and the
    /// like (RFC 6895 section 3.1), and the reserved type 0.
    var isMeta: Bool { self != .any && (rawValue == 0 || self == .opt || (128...255).contains(rawValue)) }
}

/// A class (RFC 1035 section 3.2.4).
public struct DNSClass: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// IN.
    public static let internet = DNSClass(rawValue: 1)
    /// CH, where servers tell about themselves (`version.bind`).
    public static let chaos = DNSClass(rawValue: 3)
}

/// What an answer says about the query (RFC 1035 section 4.1.1; above 15 with EDNS only, RFC 6891).
public struct DNSResponseCode: RawRepresentable, Hashable, Sendable {
    public var rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    public static let noError = DNSResponseCode(rawValue: 0)
    public static let formatError = DNSResponseCode(rawValue: 1)
    public static let serverFailure = DNSResponseCode(rawValue: 2)
    public static let nameError = DNSResponseCode(rawValue: 3)
    public static let notImplemented = DNSResponseCode(rawValue: 4)
    public static let refused = DNSResponseCode(rawValue: 5)
    /// BADVERS (RFC 6891 section 9).
    public static let badVersion = DNSResponseCode(rawValue: 16)
}

extension DNSResponseCode: CustomStringConvertible {
    /// The mnemonic that dig(1) prints.
    public var description: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        case .badVersion: "BADVERS"
        default: "RCODE\(rawValue)"
        }
    }
}

/// The flag bits of the header's second word (RFC 1035 section 4.1.1, RFC 4035 section 3).
enum DNSFlags {
    static let response: UInt16 = 0x8000
    static let opcode: UInt16 = 0x7800
    static let authoritative: UInt16 = 0x0400
    static let truncated: UInt16 = 0x0200
    static let recursionDesired: UInt16 = 0x0100
    static let recursionAvailable: UInt16 = 0x0080
    static let authenticData: UInt16 = 0x0020
    static let checkingDisabled: UInt16 = 0x0010
    static let responseCode: UInt16 = 0x000F
    /// DO, in the flags of OPT (RFC 3225).
    static let dnssecOK: UInt16 = 0x8000
}

/// The size of the header.
let headerSize = 12
/// What every host can take by UDP (RFC 1035 section 4.2.1).
let smallestUDPLimit = 512
/// The most that we send by UDP and say that we take: no fragments on any path (RFC 9715); dnsmasq's
/// `edns-packet-max`.
let largestUDPLimit = 1232
