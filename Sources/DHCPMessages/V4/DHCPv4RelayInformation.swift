public import Addressing

/// What a relay agent added to a request: option 82 (RFC 3046), echoed in the answer byte for byte.
///
/// Sub-options have one-byte codes and lengths; unknown ones survive, and one may appear more than once.
public struct DHCPv4RelayInformation: Hashable, Sendable {
    /// The sub-options in the order of the option.
    public var subOptions: [DHCPv4Option]

    public init(subOptions: [DHCPv4Option] = []) { self.subOptions = subOptions }

    /// Parses the value of option 82; a length that leads outside throws.
    public init(parsing data: [UInt8]) throws(DHCPParseError) {
        var reader = ByteReader(data[...])
        subOptions = []
        while reader.remaining > 0 {
            let code = try reader.byte("relay sub-option code")
            let count = try reader.byte("relay sub-option \(code)")
            subOptions.append(
                DHCPv4Option(code, Array(try reader.take(Int(count), "relay sub-option \(code)"))))
        }
    }

    /// The value of option 82.
    public func data() throws(DHCPSerializeError) -> [UInt8] {
        var bytes: [UInt8] = []
        for option in subOptions {
            guard let count = UInt8(exactly: option.data.count) else {
                throw .tooLong(field: "relay sub-option \(option.code)", count: option.data.count)
            }
            bytes += [option.code, count] + option.data
        }
        return bytes
    }

    /// The bytes of the first sub-option of the code, or nil.
    public subscript(subOption code: UInt8) -> [UInt8]? { subOptions.first { $0.code == code }?.data }

    /// Sub-option 1: the circuit that the request came in by (RFC 3046 section 3.1).
    public var circuitIdentifier: [UInt8]? { self[subOption: 1] }

    /// Sub-option 2: the far end of that circuit (RFC 3046 section 3.2).
    public var remoteIdentifier: [UInt8]? { self[subOption: 2] }

    /// Sub-option 5: the subnet to take the address from, instead of giaddr's (RFC 3527 section 3).
    public func linkSelection() throws(DHCPParseError) -> IPv4Address? { try address(5) }

    /// Sub-option 6: the subscriber (RFC 3993).
    public var subscriberIdentifier: [UInt8]? { self[subOption: 6] }

    /// Sub-option 10: whether the relay got the request by unicast (RFC 5010); nil where it does not say.
    public func wasUnicast() throws(DHCPParseError) -> Bool? {
        guard let data = self[subOption: 10] else { return nil }
        guard data.count == 1 else { throw .malformedOption(code: 82) }
        return data[0] & 0x80 != 0
    }

    /// Sub-option 11: the server identifier that the answer must carry, so that renewals pass the relay
    /// (RFC 5107 section 4).
    public func serverIdentifierOverride() throws(DHCPParseError) -> IPv4Address? { try address(11) }

    /// Sub-option 19: whether the relay wants answers at the port it sent from (RFC 8357 section 5.1).
    public var usesOwnSourcePort: Bool { self[subOption: 19] != nil }

    private func address(_ code: UInt8) throws(DHCPParseError) -> IPv4Address? {
        guard let data = self[subOption: code] else { return nil }
        guard data.count == 4 else { throw .malformedOption(code: 82) }
        return IPv4Address(rawValue: data.reduce(0) { $0 << 8 | UInt32($1) })
    }
}

extension DHCPv4RelayInformation: CustomStringConvertible {
    /// The sub-options for people, such as `circuit-id=eth0,link-selection=10.2.0.0`.
    public var description: String {
        subOptions.map { option in
            let name = Self.names[option.code] ?? "\(option.code)"
            let holdsAddress = (option.code == 5 || option.code == 11) && option.data.count == 4
            let format: DHCPOptionFormat = holdsAddress ? .addresses : .untyped
            return "\(name)=\(DHCPOptionRegistry.describe(option.data, format, .v4))"
        }.joined(separator: ",")
    }

    /// The names of sub-options in IANA's registry, shortened.
    private static let names: [UInt8: String] = [
        1: "circuit-id", 2: "remote-id", 5: "link-selection", 6: "subscriber-id", 9: "vendor", 10: "flags",
        11: "server-id-override", 12: "relay-id", 19: "source-port", 151: "vss",
    ]
}
