import Addressing
import DHCPMessages

/// A DHCP message as it was seen on a wire, for one line of an exchange.
struct ObservedMessage: Hashable {
    /// `DHCPDISCOVER`, `SOLICIT`, …
    let name: String
    let source: IPAddress
    let destination: IPAddress
    /// Whether the message comes from the client.
    let isFromClient: Bool
    /// The address that the message is about, if any.
    let address: IPAddress?
    /// Seconds, in what a server says.
    let leaseTime: UInt32?

    /// Reads an Ethernet frame; nil unless it carries a DHCP message from or to this client that parses.
    ///
    /// A bridge floods what others broadcast, so the client's MAC decides: the frame's source, its
    /// destination, or `chaddr` of a broadcast reply. Only what a capture needs: no VLAN tags, no IPv6
    /// extension headers, no fragments.
    init?(frame: [UInt8], of client: MACAddress) {
        guard frame.count > 14 else { return nil }
        let isAddressed =
            MACAddress(octets: frame[6..<12]) == client || MACAddress(octets: frame[0..<6]) == client
        let ethertype = UInt16(frame[12]) << 8 | UInt16(frame[13])
        let packet = Array(frame[14...])
        switch ethertype {
        case 0x0800: self.init(ipv4: packet, of: client)
        case 0x86DD where isAddressed: self.init(ipv6: packet)
        default: return nil
        }
    }

    /// An IPv4 packet with UDP between ports 67 and 68 (RFC 2131 section 4.1).
    private init?(ipv4 packet: [UInt8], of client: MACAddress) {
        guard packet.count >= 20, packet[0] >> 4 == 4, packet[9] == 17 else { return nil }
        let header = Int(packet[0] & 15) * 4
        guard header >= 20, packet.count >= header + 8 else { return nil }
        let destinationPort = UInt16(packet[header + 2]) << 8 | UInt16(packet[header + 3])
        guard destinationPort == 67 || destinationPort == 68,
            let message = try? DHCPv4Message(parsing: packet[(header + 8)...]),
            MACAddress(octets: message.chaddr) == client, let type = try? message.messageType()
        else { return nil }
        func address(at offset: Int) -> IPAddress {
            .v4(IPv4Address(packet[offset], packet[offset + 1], packet[offset + 2], packet[offset + 3]))
        }
        name = "DHCP\(type)"
        source = address(at: 12)
        destination = address(at: 16)
        isFromClient = message.operation == .request
        if isFromClient {
            let requested = try? message.requestedAddress()
            self.address = (requested ?? (message.ciaddr == .any ? nil : message.ciaddr)).map { .v4($0) }
            leaseTime = nil
        } else {
            self.address = message.yiaddr == .any ? nil : .v4(message.yiaddr)
            leaseTime = try? message.leaseTime()
        }
    }

    /// An IPv6 packet with UDP between ports 546 and 547 (RFC 8415 section 7.2).
    private init?(ipv6 packet: [UInt8]) {
        guard packet.count >= 48, packet[0] >> 4 == 6, packet[6] == 17,
            let from = IPv6Address(octets: packet[8..<24]), let to = IPv6Address(octets: packet[24..<40])
        else { return nil }
        let destinationPort = UInt16(packet[42]) << 8 | UInt16(packet[43])
        guard destinationPort == 546 || destinationPort == 547,
            let message = try? DHCPv6Message(parsing: packet[48...])
        else { return nil }
        name = message.type.description
        source = .v6(from)
        destination = .v6(to)
        isFromClient = destinationPort == 547
        let associated = message[option: 3]
            .flatMap { try? DHCPv6IdentityAssociation(parsing: $0).addresses().first }
        address = associated.map { .v6($0.address) }
        leaseTime = isFromClient ? nil : associated?.validLifetime
    }
}

extension ObservedMessage {
    /// One line of an exchange, at most 72 columns for IPv4.
    var line: String {
        let arrow = isFromClient ? "client -> \(shown(destination))" : "client <- \(source)"
        var text = name + String(repeating: " ", count: max(1, 13 - name.count)) + arrow
        if let address {
            text += String(repeating: " ", count: max(1, 41 - text.count))
            text += isFromClient ? "asks for \(address)" : "\(address)"
            if let leaseTime, leaseTime > 0 {
                text += leaseTime == .max ? " for ever" : " for \(leaseTime) s"
            }
        }
        return text
    }

    private func shown(_ address: IPAddress) -> String {
        address == .v4(.broadcast) ? "everybody" : address.isMulticast ? "all servers" : "\(address)"
    }
}
