public import Addressing

// Typed views of options. An absent option is nil; one of the wrong length throws.
extension DHCPv4Message {
    /// The bytes of an option, or nil.
    public subscript(option code: UInt8) -> [UInt8]? {
        get { options.first { $0.code == code }?.data }
        set {
            if let index = options.firstIndex(where: { $0.code == code }) {
                if let newValue { options[index].data = newValue } else { options.remove(at: index) }
            } else if let newValue {
                options.append(DHCPv4Option(code, newValue))
            }
        }
    }

    /// Option 53 (RFC 2132 section 9.6).
    public func messageType() throws(DHCPParseError) -> DHCPv4MessageType? {
        guard let data = self[option: 53] else { return nil }
        guard data.count == 1 else { throw .malformedOption(code: 53) }
        return DHCPv4MessageType(rawValue: data[0])
    }

    /// Option 50, the address that the client asks for (RFC 2132 section 9.1).
    public func requestedAddress() throws(DHCPParseError) -> IPv4Address? { try address(50) }

    /// Option 54, the answering server (RFC 2132 section 9.7).
    public func serverIdentifier() throws(DHCPParseError) -> IPv4Address? { try address(54) }

    /// Option 61, at least two bytes (RFC 2132 section 9.14).
    public func clientIdentifier() throws(DHCPParseError) -> [UInt8]? {
        guard let data = self[option: 61] else { return nil }
        guard data.count >= 2 else { throw .malformedOption(code: 61) }
        return data
    }

    /// Option 51 in seconds; 4294967295 is infinite (RFC 2132 section 9.2).
    public func leaseTime() throws(DHCPParseError) -> UInt32? {
        guard let data = self[option: 51] else { return nil }
        guard data.count == 4 else { throw .malformedOption(code: 51) }
        return data.reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The address in an option of four bytes.
    private func address(_ code: UInt8) throws(DHCPParseError) -> IPv4Address? {
        guard let data = self[option: code] else { return nil }
        guard data.count == 4 else { throw .malformedOption(code: UInt16(code)) }
        return IPv4Address(rawValue: data.reduce(0) { $0 << 8 | UInt32($1) })
    }

    /// The RELEASE of a lease (RFC 2131 section 4.4.6): the client's addresses, the server, its identifier.
    public static func release(
        of address: IPv4Address, hardwareType: UInt8 = 1, chaddr: [UInt8], server: IPv4Address,
        clientIdentifier: [UInt8]?, transactionID: UInt32
    ) -> DHCPv4Message {
        var message = DHCPv4Message(
            operation: .request, hardwareType: hardwareType, transactionID: transactionID, ciaddr: address,
            chaddr: chaddr)
        message[option: 53] = [DHCPv4MessageType.release.rawValue]
        message[option: 54] = server.octets
        if let clientIdentifier { message[option: 61] = clientIdentifier }
        return message
    }
}
