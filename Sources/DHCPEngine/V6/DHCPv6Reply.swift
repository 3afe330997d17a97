import Addressing
import DHCPMessages

/// The bytes of an answer while they are put together.
struct DHCPv6Reply {
    private(set) var bytes: [UInt8] = []

    /// Starts with what every answer has: type, transaction id, both identifiers (RFC 8415 section 18.3).
    init(_ type: DHCPv6MessageType, to request: DHCPv6Request, server: [UInt8]) {
        bytes.reserveCapacity(512)
        bytes.append(type.rawValue)
        bytes += request.bytes[request.transactionID]
        if let identifier = request.clientIdentifier {
            bytes.appendOption6(DHCPv6OptionCode.clientID, request.bytes[identifier])
        }
        bytes.appendOption6(DHCPv6OptionCode.serverID, server)
    }

    mutating func append(_ code: UInt16, _ data: some Collection<UInt8>) {
        bytes.appendOption6(code, data)
    }

    mutating func append(_ status: DHCPv6StatusCode) { bytes.appendStatus6(status) }

    /// An association with its addresses; T1 and T2 are for those that get some.
    mutating func append(_ grant: DHCPv6Grant, _ subnets: [DHCPv6Subnet], t1: UInt32, t2: UInt32) {
        var data: [UInt8] = []
        data.appendNumber(grant.iaid)
        if grant.code != DHCPv6OptionCode.temporary {
            data.appendNumber(grant.addresses.isEmpty ? 0 : t1)
            data.appendNumber(grant.addresses.isEmpty ? 0 : t2)
        }
        for given in grant.addresses {
            let subnet = subnets[given.subnet]
            data.appendAddress6(
                given.address, preferred: subnet.preferredLifetime, valid: subnet.validLifetime)
        }
        for address in grant.withdrawn { data.appendAddress6(address, preferred: 0, valid: 0) }
        if let status = grant.status { data.appendStatus6(status) }
        append(grant.code, data)
    }

    /// Puts the answer into the relays' headers, the way it came (RFC 8415 section 19.3).
    func wrapped(in relays: [DHCPv6Relay]) -> [UInt8] {
        var message = bytes
        for relay in relays.reversed() {
            var outer: [UInt8] = [DHCPv6MessageType.relayReply.rawValue, relay.hopCount]
            outer.reserveCapacity(message.count + relay.overhead)
            outer.appendNumber(relay.linkAddress.rawValue)
            outer.appendNumber(relay.peerAddress.rawValue)
            for option in relay.echoed { outer.appendOption6(option.code, relay.options.bytes[option.value]) }
            outer.appendOption6(DHCPv6OptionCode.relayMessage, message)
            message = outer
        }
        return message
    }
}

extension [UInt8] {
    /// Appends option 5 (RFC 8415 section 21.6).
    fileprivate mutating func appendAddress6(_ address: IPv6Address, preferred: UInt32, valid: UInt32) {
        appendNumber(DHCPv6OptionCode.address)
        appendNumber(UInt16(24))
        appendNumber(address.rawValue)
        appendNumber(preferred)
        appendNumber(valid)
    }

    /// Appends option 13 (RFC 8415 section 21.13).
    fileprivate mutating func appendStatus6(_ status: DHCPv6StatusCode) {
        let text = status.message.utf8
        appendNumber(DHCPv6OptionCode.status)
        appendNumber(UInt16(2 + text.count))
        appendNumber(status.rawValue)
        append(contentsOf: text)
    }
}
