/// The option codes that the engine itself reads or writes, by the names of the registry at IANA.
enum DHCPv6OptionCode {
    static let clientID: UInt16 = 1
    static let serverID: UInt16 = 2
    static let nonTemporary: UInt16 = 3
    static let temporary: UInt16 = 4
    static let address: UInt16 = 5
    static let optionRequest: UInt16 = 6
    static let preference: UInt16 = 7
    static let relayMessage: UInt16 = 9
    static let status: UInt16 = 13
    static let rapidCommit: UInt16 = 14
    static let userClass: UInt16 = 15
    static let vendorOptions: UInt16 = 17
    static let interfaceID: UInt16 = 18
    static let prefixDelegation: UInt16 = 25
    static let informationRefreshTime: UInt16 = 32
    static let fullName: UInt16 = 39
    static let echoRequest: UInt16 = 43
    static let clientLinkLayer: UInt16 = 79
    static let maximumSolicitTime: UInt16 = 82
    static let maximumInformationTime: UInt16 = 83
    static let relaySourcePort: UInt16 = 135

    /// What is said by the engine alone, or by clients and relays alone: never taken from configured
    /// options (RFC 8415 section 24; 10 and 12 are obsolete since RFC 9915).
    static func isConfigurable(_ code: UInt16) -> Bool {
        switch code {
        case 0...14, 18...20, 25, 26, 39, 43, 79, 135: false
        default: true
        }
    }
}

/// The status codes that we send (RFC 8415 section 21.13).
///
/// UseMulticast is obsolete since RFC 9915; NotOnLink stands for the whole message in answer to CONFIRM,
/// else for one association.
enum DHCPv6StatusCode: UInt16 {
    case success = 0
    case noAddressesAvailable = 2
    case noBinding = 3
    case notOnLink = 4
    case noPrefixAvailable = 6

    /// What people read beside the number.
    var message: String {
        switch self {
        case .success: "success"
        case .noAddressesAvailable: "no address here for this association"
        case .noBinding: "no address of this association is yours"
        case .notOnLink: "not an address of yours on this link"
        case .noPrefixAvailable: "no prefixes are delegated here"
        }
    }
}
