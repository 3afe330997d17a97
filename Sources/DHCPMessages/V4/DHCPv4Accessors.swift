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

    /// Option 57, at least 576 (RFC 2132 section 9.10); a smaller value is taken as it is.
    public func maximumMessageSize() throws(DHCPParseError) -> UInt16? {
        guard let data = self[option: 57] else { return nil }
        guard data.count == 2 else { throw .malformedOption(code: 57) }
        return UInt16(data[0]) << 8 | UInt16(data[1])
    }

    /// Option 55, the options that the client asks for (RFC 2132 section 9.8), in its order.
    public var requestedOptions: [UInt8]? { self[option: 55] }

    /// Option 77 (RFC 3004): strings behind their lengths, or, as iPXE and others send it, one bare string.
    public var userClasses: [[UInt8]]? {
        guard let data = self[option: 77] else { return nil }
        var reader = ByteReader(data[...])
        var classes: [[UInt8]] = []
        while reader.remaining > 0 {
            guard let count = try? reader.byte(""), count > 0, let part = try? reader.take(Int(count), "")
            else { return [data] }
            classes.append(Array(part))
        }
        return classes
    }

    /// Whether option 80 asks for a two-message exchange (RFC 4039 section 4); it has no value.
    public func wantsRapidCommit() throws(DHCPParseError) -> Bool {
        guard let data = self[option: 80] else { return false }
        guard data.isEmpty else { throw .malformedOption(code: 80) }
        return true
    }

    /// Option 81, the client's full name (RFC 4702).
    public func clientFQDN() throws(DHCPParseError) -> DHCPClientFQDN? {
        guard let data = self[option: 81] else { return nil }
        return try DHCPClientFQDN(parsing: data, .v4)
    }

    /// Option 82, what the relay agent added (RFC 3046).
    public func relayInformation() throws(DHCPParseError) -> DHCPv4RelayInformation? {
        guard let data = self[option: 82] else { return nil }
        return try DHCPv4RelayInformation(parsing: data)
    }

    /// Option 93, the architectures that the client can boot, best first (RFC 4578 section 2.1).
    public func clientArchitectures() throws(DHCPParseError) -> [UInt16]? {
        guard let data = self[option: 93] else { return nil }
        guard !data.isEmpty, data.count % 2 == 0 else { throw .malformedOption(code: 93) }
        return stride(from: 0, to: data.count, by: 2).map { UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]) }
    }

    /// Option 97, the client's UUID of 16 bytes (RFC 4578 section 2.3).
    public func clientMachineIdentifier() throws(DHCPParseError) -> [UInt8]? {
        guard let data = self[option: 97] else { return nil }
        guard data.count == 17, data[0] == 0 else { throw .malformedOption(code: 97) }
        return Array(data[1...])
    }

    /// Option 118, the subnet to take the address from (RFC 3011).
    public func subnetSelection() throws(DHCPParseError) -> IPv4Address? { try address(118) }

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
