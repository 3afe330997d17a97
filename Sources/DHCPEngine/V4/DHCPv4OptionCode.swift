/// The version 4 options that the engine itself knows (RFC 2132 unless said otherwise).
enum DHCPv4OptionCode {
    static let netmask: UInt8 = 1
    static let router: UInt8 = 3
    static let hostName: UInt8 = 12
    static let mtu: UInt8 = 26
    static let broadcast: UInt8 = 28
    static let leaseTime: UInt8 = 51
    static let messageType: UInt8 = 53
    static let serverIdentifier: UInt8 = 54
    static let message: UInt8 = 56
    static let renewalTime: UInt8 = 58
    static let rebindingTime: UInt8 = 59
    static let vendorClass: UInt8 = 60
    static let clientIdentifier: UInt8 = 61
    static let serverName: UInt8 = 66
    static let bootFile: UInt8 = 67
    /// RFC 4039.
    static let rapidCommit: UInt8 = 80
    /// RFC 4702.
    static let fullyQualifiedName: UInt8 = 81
    /// RFC 3046.
    static let relayInformation: UInt8 = 82
    /// RFC 8925.
    static let ipv6OnlyPreferred: UInt8 = 108
    /// RFC 3011.
    static let subnetSelection: UInt8 = 118
    /// RFC 3442.
    static let classlessRoutes: UInt8 = 121
    static let oldClasslessRoutes: UInt8 = 249
    /// dnsmasq's pseudo option `server-ip-address`, which sets siaddr.
    static let bootServer: UInt8 = 255

    /// What a configuration cannot say because the exchange itself does.
    static let reserved: Set<UInt8> = [
        0, 50, 51, 52, 53, 54, 55, 56, 57, 61, 80, 81, 82, 118,
    ]

    /// RFC 3527, a sub-option of 82.
    static let linkSelection: UInt8 = 5
    /// RFC 5107, a sub-option of 82.
    static let serverIdentifierOverride: UInt8 = 11
    /// RFC 8357, a sub-option of 82.
    static let relaySourcePort: UInt8 = 19
}

/// A set of option codes, without allocation.
struct DHCPv4OptionCodes: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init() {}

    init(_ codes: some Sequence<UInt8>) {
        for code in codes { insert(code) }
    }

    @inline(__always)
    func contains(_ code: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(code & 63)
        return switch code >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    @inline(__always)
    mutating func insert(_ code: UInt8) {
        let bit: UInt64 = 1 << UInt64(code & 63)
        switch code >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    /// Inserts the code; returns whether it is new.
    @inline(__always)
    mutating func insertNew(_ code: UInt8) -> Bool {
        if contains(code) { return false }
        insert(code)
        return true
    }

    static func == (a: Self, b: Self) -> Bool { a.words == b.words }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}
