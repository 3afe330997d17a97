public import Addressing

/// What a DHCP server told a client: a record for people, never the truth about who has an address.
public struct Lease: Hashable, Sendable, Identifiable {
    /// The message that gave it.
    public enum Message: String, Hashable, Sendable, CaseIterable {
        /// DHCPACK (RFC 2131).
        case ack = "ACK"
        /// REPLY (RFC 8415).
        case reply = "REPLY"
    }

    public var networkID: ResourceID
    /// The port that has the address; nil where the server's record names none of ours.
    public var portID: ResourceID?
    public var address: IPAddress
    /// The client's hardware address, where it is known.
    public var macAddress: MACAddress?
    /// What the client identified itself by: option 61 with its type byte, or the DUID; empty for nothing.
    public var clientIdentifier: [UInt8]
    /// The identity association of a DHCPv6 lease (RFC 8415 section 4.2).
    public var iaid: UInt32?
    /// The name that the client gave itself, or empty.
    public var hostname: String
    /// What the client says it is (option 60, option 16), or empty.
    public var vendorClass: String
    public var message: Message
    /// The server's own address, where it is known.
    public var server: IPAddress?
    /// When the client was told last; nil where the server's record does not say.
    public var givenAt: Timestamp?
    /// When the lease ends; nil for never.
    public var expiresAt: Timestamp?

    public init(
        networkID: ResourceID, portID: ResourceID?, address: IPAddress, macAddress: MACAddress? = nil,
        clientIdentifier: [UInt8] = [], iaid: UInt32? = nil, hostname: String = "", vendorClass: String = "",
        message: Message, server: IPAddress? = nil, givenAt: Timestamp?, expiresAt: Timestamp?
    ) {
        self.networkID = networkID
        self.portID = portID
        self.address = address
        self.macAddress = macAddress
        self.clientIdentifier = clientIdentifier
        self.iaid = iaid
        self.hostname = hostname
        self.vendorClass = vendorClass
        self.message = message
        self.server = server
        self.givenAt = givenAt
        self.expiresAt = expiresAt
    }

    /// The same for every telling of the same lease: made of network, port and address.
    public var id: ResourceID {
        .nameBased(
            "\(networkID) \(portID.map { "\($0)" } ?? "-") \(address)",
            in: ResourceID(rawValue: 0x6f2a_1d2e_7c11_4d0c_9b52_1eab_7d39_c0e5))
    }

    /// ``clientIdentifier`` as hexadecimal bytes joined by colons.
    public var clientIdentifierText: String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(clientIdentifier.count * 3)
        for byte in clientIdentifier {
            if !text.isEmpty { text.append(0x3A) }
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Text that a client sent, with what could disturb a terminal or is no UTF-8 replaced.
    public static func printable(_ bytes: some Collection<UInt8>) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        let isPlain = text.unicodeScalars.allSatisfy { !isControl($0) }
        if isPlain { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            result.unicodeScalars.append(isControl(scalar) ? "\u{FFFD}" : scalar)
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
