import Addressing
import DHCPMessages

/// Why a packet is no request of ours, with the type of the innermost message where it is known.
struct DHCPv6Refusal: Error {
    var reason: DropReason
    var request: DHCPv6MessageType?
}

/// A relay agent's header (RFC 8415 section 9) around a message.
struct DHCPv6Relay {
    var hopCount: UInt8
    var linkAddress: IPv6Address
    var peerAddress: IPv6Address
    var options: DHCPv6OptionBlock
    /// What the relay wants to see again: its interface (RFC 8415 section 19.3), its source port (RFC 8357
    /// section 5.2), and what it asks for by an echo request (RFC 4994).
    let echoed: [DHCPv6OptionBlock.Element]

    init(
        hopCount: UInt8, linkAddress: IPv6Address, peerAddress: IPv6Address, options: DHCPv6OptionBlock
    ) {
        self.hopCount = hopCount
        self.linkAddress = linkAddress
        self.peerAddress = peerAddress
        self.options = options
        var asked: Set<UInt16> = [DHCPv6OptionCode.interfaceID, DHCPv6OptionCode.relaySourcePort]
        if let codes = options.first(DHCPv6OptionCode.echoRequest) {
            // A set, for relays that ask for hundreds of codes among hundreds of options.
            for at in stride(from: codes.lowerBound, to: codes.upperBound - 1, by: 2) {
                asked.insert(options.bytes.uint16(at: at))
            }
        }
        asked.remove(DHCPv6OptionCode.relayMessage)
        echoed = options.filter { asked.contains($0.code) }
    }

    /// The bytes that its header takes.
    var overhead: Int { 34 + 4 + echoed.reduce(0) { $0 + 4 + $1.value.count } }
}

/// An association in a request: IA_NA, IA_TA or IA_PD.
struct DHCPv6RequestedAssociation {
    /// 3, 4 or 25.
    var code: UInt16
    var iaid: UInt32
    /// The addresses that the client names, in order.
    var addresses: [IPv6Address] = []
}

/// A client's message, taken out of its relays' headers and checked by RFC 8415 section 16.
struct DHCPv6Request {
    /// The most headers around a message: HOP_COUNT_LIMIT is 8 and the first relay counts 0.
    static let relayLimit = 9
    /// The most associations that one message is answered for. Clients send one, or two with IA_PD.
    static let associationLimit = 16
    /// The most addresses that one message may name.
    static let addressLimit = 32
    /// The most codes of an option request that are looked at.
    static let requestLimit = 256

    let bytes: [UInt8]
    /// Outermost first.
    private(set) var relays: [DHCPv6Relay] = []
    let type: DHCPv6MessageType
    /// Where the transaction id is: three bytes.
    let transactionID: Range<Int>
    private(set) var clientIdentifier: Range<Int>?
    private(set) var serverIdentifier: Range<Int>?
    private(set) var associations: [DHCPv6RequestedAssociation] = []
    /// Option 6; nil where the client sent none.
    private(set) var requestedOptions: [UInt16]?
    private(set) var hasRapidCommit = false
    /// Whether a user class has `iPXE` in it, as dnsmasq's `--dhcp-userclass=set:ipxe6,iPXE` looks for it.
    private(set) var isIPXE = false
    /// The flags of option 39 (RFC 4704 section 4.1); nil where the client sent none.
    private(set) var nameFlags: UInt8?

    /// Parses a UDP payload; never traps, whatever the bytes.
    init(_ bytes: [UInt8]) throws(DHCPv6Refusal) {
        self.bytes = bytes
        var range = 0..<bytes.count
        while let first = range.first, bytes[first] == DHCPv6MessageType.relayForward.rawValue {
            let (relay, inner) = try Self.relay(bytes, range, depth: relays.count)
            relays.append(relay)
            range = inner
        }
        guard range.count >= 4 else { throw DHCPv6Refusal(reason: .truncated, request: nil) }
        let start = range.lowerBound
        type = DHCPv6MessageType(rawValue: bytes[start])
        transactionID = start + 1..<start + 4
        try checkType()
        guard let options = DHCPv6OptionBlock(bytes, start + 4..<range.upperBound) else {
            throw refusal(.malformedOption)
        }
        for option in options { try take(option) }
        try checkAssociations()
    }

    private func refusal(_ reason: DropReason) -> DHCPv6Refusal {
        DHCPv6Refusal(reason: reason, request: type)
    }

    /// One relay's header, and where the message inside of it is.
    private static func relay(
        _ bytes: [UInt8], _ range: Range<Int>, depth: Int
    ) throws(DHCPv6Refusal) -> (DHCPv6Relay, Range<Int>) {
        let request = DHCPv6MessageType.relayForward
        guard range.count >= 34 else { throw DHCPv6Refusal(reason: .truncated, request: request) }
        let start = range.lowerBound
        guard depth < relayLimit, bytes[start + 1] < relayLimit else {
            throw DHCPv6Refusal(reason: .relayLoop, request: request)
        }
        guard let options = DHCPv6OptionBlock(bytes, start + 34..<range.upperBound),
            let inner = options.first(DHCPv6OptionCode.relayMessage)
        else { throw DHCPv6Refusal(reason: .malformedOption, request: request) }
        let relay = DHCPv6Relay(
            hopCount: bytes[start + 1], linkAddress: IPv6Address(rawValue: bytes.uint128(at: start + 2)),
            peerAddress: IPv6Address(rawValue: bytes.uint128(at: start + 18)), options: options)
        return (relay, inner)
    }

    /// Only clients' messages are for servers; what is unknown is dropped (RFC 7283 section 3 and RFC 8415
    /// section 16).
    private func checkType() throws(DHCPv6Refusal) {
        switch type {
        case .solicit, .request, .confirm, .renew, .rebind, .release, .decline, .informationRequest: return
        case .advertise, .reply, .reconfigure, .relayReply: throw refusal(.notARequest)
        default: throw refusal(.unknownMessageType)
        }
    }

    private mutating func take(_ option: DHCPv6OptionBlock.Element) throws(DHCPv6Refusal) {
        let value = option.value
        switch option.code {
        case DHCPv6OptionCode.clientID:
            // At most 2 + 128 bytes (RFC 8415 section 11.1).
            guard value.count <= 130 else { throw refusal(.malformedOption) }
            if clientIdentifier == nil, !value.isEmpty { clientIdentifier = value }
        case DHCPv6OptionCode.serverID:
            if serverIdentifier == nil { serverIdentifier = value }
        case DHCPv6OptionCode.nonTemporary, DHCPv6OptionCode.temporary, DHCPv6OptionCode.prefixDelegation:
            try takeAssociation(option)
        case DHCPv6OptionCode.optionRequest:
            if requestedOptions == nil { requestedOptions = codes(value) }
        case DHCPv6OptionCode.rapidCommit: hasRapidCommit = true
        case DHCPv6OptionCode.userClass: if namesIPXE(value) { isIPXE = true }
        case DHCPv6OptionCode.fullName: if let first = value.first { nameFlags = nameFlags ?? bytes[first] }
        default: break
        }
    }

    /// IA_NA and IA_PD have 12 bytes before their options, IA_TA has 4 (RFC 8415 sections 21.4, 21.5, 21.21).
    private mutating func takeAssociation(_ option: DHCPv6OptionBlock.Element) throws(DHCPv6Refusal) {
        let header = option.code == DHCPv6OptionCode.temporary ? 4 : 12
        let value = option.value
        guard value.count >= header,
            let options = DHCPv6OptionBlock(bytes, value.lowerBound + header..<value.upperBound)
        else { throw refusal(.malformedOption) }
        guard associations.count < Self.associationLimit else { return }
        var association = DHCPv6RequestedAssociation(
            code: option.code, iaid: bytes.uint32(at: value.lowerBound))
        var room = Self.addressLimit - associations.reduce(0) { $0 + $1.addresses.count }
        for inner in options where inner.code == DHCPv6OptionCode.address {
            guard inner.value.count >= 24 else { throw refusal(.malformedOption) }
            guard room > 0 else { break }
            room -= 1
            association.addresses.append(
                IPv6Address(rawValue: bytes.uint128(at: inner.value.lowerBound)))
        }
        associations.append(association)
    }

    private func codes(_ value: Range<Int>) -> [UInt16] {
        stride(from: value.lowerBound, to: value.upperBound - 1, by: 2).prefix(Self.requestLimit)
            .map { bytes.uint16(at: $0) }
    }

    /// Looks into each of the option's strings (RFC 8415 section 21.15), wherever in it.
    private func namesIPXE(_ value: Range<Int>) -> Bool {
        let name: [UInt8] = [0x69, 0x50, 0x58, 0x45]
        var at = value.lowerBound
        while at + 2 <= value.upperBound {
            let end = at + 2 + Int(bytes.uint16(at: at))
            guard end <= value.upperBound else { return false }
            var start = at + 2
            while start + name.count <= end {
                if bytes[start..<start + name.count].elementsEqual(name) { return true }
                start += 1
            }
            at = end
        }
        return false
    }

    /// An INFORMATION-REQUEST with an association is none (RFC 8415 section 16.12).
    private func checkAssociations() throws(DHCPv6Refusal) {
        if type == .informationRequest, !associations.isEmpty { throw refusal(.malformedOption) }
    }

    /// Who must and who must not be named in which message (RFC 8415 section 16), and that clients
    /// multicast (RFC 9915 section 16: the unicast option is gone).
    func check(server: [UInt8], _ arrival: DHCPv6Arrival) throws(DHCPv6Refusal) {
        if relays.isEmpty, !arrival.destination.isMulticast { throw refusal(.unexpectedUnicast) }
        if clientIdentifier == nil, type != .informationRequest { throw refusal(.missingClientIdentifier) }
        let isOurs = serverIdentifier.map { bytes[$0].elementsEqual(server) }
        switch type {
        case .solicit, .confirm, .rebind:
            if isOurs != nil { throw refusal(.unexpectedServerIdentifier) }
        case .informationRequest:
            if isOurs == false { throw refusal(.otherServer) }
        default:
            guard let isOurs else { throw refusal(.missingServerIdentifier) }
            if !isOurs { throw refusal(.otherServer) }
        }
    }

    /// The client's DUID, empty where it sent none.
    var duid: ArraySlice<UInt8> { clientIdentifier.map { bytes[$0] } ?? [] }

    /// Whether the client wants to hear of the option: one without an option request wants all, as
    /// dnsmasq has it.
    func wants(_ code: UInt16) -> Bool { requestedOptions?.contains(code) ?? true }

    /// The link-address nearest to the client that is set; nil where the client is on our own link. A
    /// lightweight relay agent has none (RFC 6221 section 5.3.1).
    var linkAddress: IPv6Address? {
        relays.last { $0.linkAddress != .any }?.linkAddress
    }
}
