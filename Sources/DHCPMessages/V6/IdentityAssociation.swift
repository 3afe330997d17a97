public import Addressing

/// An identity association for addresses, option 3 (RFC 8415 section 21.4).
public struct DHCPv6IdentityAssociation: Hashable, Sendable {
    public var iaid: UInt32
    /// Seconds until renewing (T1); 0 leaves it to the client.
    public var renewalTime: UInt32
    /// Seconds until rebinding (T2); 0 leaves it to the client.
    public var rebindingTime: UInt32
    public var options: [DHCPv6Option]

    public init(
        iaid: UInt32, renewalTime: UInt32 = 0, rebindingTime: UInt32 = 0, options: [DHCPv6Option] = []
    ) {
        self.iaid = iaid
        self.renewalTime = renewalTime
        self.rebindingTime = rebindingTime
        self.options = options
    }

    /// Parses the value of option 3.
    public init(parsing data: [UInt8]) throws(DHCPParseError) {
        var reader = ByteReader(data[...])
        iaid = try reader.uint32("IAID")
        renewalTime = try reader.uint32("T1")
        rebindingTime = try reader.uint32("T2")
        options = try DHCPv6Option.parse(data[reader.position...])
    }

    /// The association as option 3.
    public func option() throws(DHCPSerializeError) -> DHCPv6Option {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: iaid)
        bytes.append(bigEndian: renewalTime)
        bytes.append(bigEndian: rebindingTime)
        return DHCPv6Option(3, bytes + (try DHCPv6Option.serialize(options)))
    }

    /// The addresses in the association (its options 5).
    public func addresses() throws(DHCPParseError) -> [DHCPv6AssociatedAddress] {
        var addresses: [DHCPv6AssociatedAddress] = []
        for option in options where option.code == 5 {
            addresses.append(try DHCPv6AssociatedAddress(parsing: option.data))
        }
        return addresses
    }
}

/// An address with its lifetimes, option 5 (RFC 8415 section 21.6).
public struct DHCPv6AssociatedAddress: Hashable, Sendable {
    public var address: IPv6Address
    /// Seconds.
    public var preferredLifetime: UInt32
    /// Seconds.
    public var validLifetime: UInt32
    public var options: [DHCPv6Option]

    public init(
        address: IPv6Address, preferredLifetime: UInt32 = 0, validLifetime: UInt32 = 0,
        options: [DHCPv6Option] = []
    ) {
        self.address = address
        self.preferredLifetime = preferredLifetime
        self.validLifetime = validLifetime
        self.options = options
    }

    /// Parses the value of option 5.
    public init(parsing data: [UInt8]) throws(DHCPParseError) {
        var reader = ByteReader(data[...])
        guard let address = IPv6Address(octets: try reader.take(16, "IPv6-address")) else {
            throw .malformedOption(code: 5)
        }
        self.address = address
        preferredLifetime = try reader.uint32("preferred-lifetime")
        validLifetime = try reader.uint32("valid-lifetime")
        options = try DHCPv6Option.parse(data[reader.position...])
    }

    /// The address as option 5.
    public func option() throws(DHCPSerializeError) -> DHCPv6Option {
        var bytes = address.octets
        bytes.append(bigEndian: preferredLifetime)
        bytes.append(bigEndian: validLifetime)
        return DHCPv6Option(5, bytes + (try DHCPv6Option.serialize(options)))
    }
}

/// How a request went, option 13 (RFC 8415 section 21.13).
public struct DHCPv6Status: Hashable, Sendable {
    public static let success: UInt16 = 0
    public static let unspecifiedFailure: UInt16 = 1
    public static let noAddressesAvailable: UInt16 = 2
    public static let noBinding: UInt16 = 3
    public static let notOnLink: UInt16 = 4
    public static let useMulticast: UInt16 = 5

    public var code: UInt16
    /// For people; sent as UTF-8.
    public var message: String

    public init(code: UInt16, message: String = "") {
        self.code = code
        self.message = message
    }

    /// Parses the value of option 13.
    public init(parsing data: [UInt8]) throws(DHCPParseError) {
        var reader = ByteReader(data[...])
        code = try reader.uint16("status-code")
        message = String(decoding: data[reader.position...], as: UTF8.self)
    }

    /// The status as option 13.
    public var option: DHCPv6Option {
        var bytes: [UInt8] = []
        bytes.append(bigEndian: code)
        return DHCPv6Option(13, bytes + Array(message.utf8))
    }
}

extension DHCPv6Status: CustomStringConvertible {
    /// The RFC's word for the code, and the message behind a colon.
    public var description: String {
        let words = [
            "Success", "UnspecFail", "NoAddrsAvail", "NoBinding", "NotOnLink", "UseMulticast",
            "NoPrefixAvail",
        ]
        let word = Int(code) < words.count ? words[Int(code)] : "status \(code)"
        return message.isEmpty ? word : "\(word): \(message)"
    }
}

extension DHCPv6Message {
    /// The RELEASE of one address (RFC 8415 section 18.2.7).
    public static func release(
        of address: IPv6Address, iaid: UInt32, clientDUID: [UInt8], serverDUID: [UInt8],
        transactionID: UInt32
    ) throws(DHCPSerializeError) -> DHCPv6Message {
        let association = DHCPv6IdentityAssociation(
            iaid: iaid, options: [try DHCPv6AssociatedAddress(address: address).option()])
        return .plain(
            type: .release, transactionID: transactionID & 0xFF_FFFF,
            options: [
                DHCPv6Option(1, clientDUID), DHCPv6Option(2, serverDUID), try association.option(),
            ])
    }
}
