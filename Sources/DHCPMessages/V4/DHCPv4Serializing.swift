import Addressing

extension DHCPv4Message {
    /// The UDP payload, padded with zeros to `minimumLength` (300, as BOOTP clients want it, RFC 1542
    /// section 2.1).
    ///
    /// Options above 255 bytes are split as RFC 3396 says; option 82 goes last (RFC 3046 section 2.1).
    /// Nothing limits the length; ``serialized(fitting:minimumLength:)`` does.
    public func serialized(minimumLength: Int = 300) throws(DHCPSerializeError) -> [UInt8] {
        var bytes = try header(capacity: max(minimumLength, 0))
        for option in options where option.code != 82 { try append(option, to: &bytes) }
        for option in options where option.code == 82 { try append(option, to: &bytes) }
        bytes.append(255)
        if bytes.count < minimumLength {
            bytes += Array(repeating: 0, count: minimumLength - bytes.count)
        }
        return bytes
    }

    /// The fixed fields and the magic cookie.
    func header(capacity: Int) throws(DHCPSerializeError) -> [UInt8] {
        guard chaddr.count <= 16 else { throw .tooLong(field: "chaddr", count: chaddr.count) }
        guard serverName.count <= 64 else { throw .tooLong(field: "sname", count: serverName.count) }
        guard bootFile.count <= 128 else { throw .tooLong(field: "file", count: bootFile.count) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(capacity)
        bytes += [operation.rawValue, hardwareType, UInt8(chaddr.count), hops]
        bytes.append(bigEndian: transactionID)
        bytes.append(bigEndian: seconds)
        bytes.append(bigEndian: flags)
        for address in [ciaddr, yiaddr, siaddr, giaddr] { bytes.append(bigEndian: address.rawValue) }
        bytes += chaddr + Array(repeating: 0, count: 16 - chaddr.count)
        bytes += serverName + Array(repeating: 0, count: 64 - serverName.count)
        bytes += bootFile + Array(repeating: 0, count: 128 - bootFile.count)
        bytes.append(bigEndian: Self.magicCookie)
        return bytes
    }

    private func append(_ option: DHCPv4Option, to bytes: inout [UInt8]) throws(DHCPSerializeError) {
        guard option.code != 0, option.code != 255, option.code != 52 else {
            throw .unsendableOption(code: UInt16(option.code))
        }
        var rest = option.data[...]
        repeat {
            let part = rest.prefix(255)
            bytes += [option.code, UInt8(part.count)]
            bytes += part
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
    }
}
