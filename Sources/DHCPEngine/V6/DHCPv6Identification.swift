import Addressing
import DHCPMessages

/// Whose message it is.
///
/// The link tells, not the DUID: a DUID is written to disk, so machines that were cloned from one image all
/// show the same one, and a machine that was imaged again shows another than before (RFC 8415 section 11
/// asks for neither to happen; both do). Its MAC is what the port database has. Only where the link tells
/// nothing is the MAC inside a DUID-LL or DUID-LLT taken.
enum DHCPv6Sender {
    /// The position in the host table, and whether the link tells it: what a relay, a DUID or a configured
    /// identifier tells, anybody can say.
    case port(Int, isProven: Bool)
    case stranger
    /// The neighbour table has to be asked first.
    case needsLinkLayer
}

extension DHCPv6HostTable {
    /// Finds the sender of a message.
    func sender(of request: DHCPv6Request, _ arrival: DHCPv6Arrival) -> DHCPv6Sender {
        if entries.isEmpty { return .stranger }
        let mac: MACAddress?
        var isProven = false
        if let relay = request.relays.last {
            mac =
                request.clientLinkLayer ?? relay.peerAddress.eui64MAC
                ?? MACAddress(duid: request.duid)
        } else if let embedded = arrival.source.linkLocalMAC, let position = position(of: embedded) {
            return .port(position, isProven: true)
        } else {
            switch arrival.linkLayer {
            case .known(let address):
                mac = address
                isProven = true
            case .unasked: return .needsLinkLayer
            case .unknown: mac = MACAddress(duid: request.duid)
            }
        }
        if let mac, let position = position(of: mac) { return .port(position, isProven: isProven) }
        // A DUID that was configured for a port (`client-id` among extra_dhcp_opts) tells it where its MAC
        // does not, as where one machine bonds interfaces.
        return position(ofIdentifier: request.duid).map { .port($0, isProven: false) } ?? .stranger
    }
}

extension DHCPv6Request {
    /// The client's MAC as its relay tells it (RFC 6939), from the relay nearest to the client that does.
    fileprivate var clientLinkLayer: MACAddress? {
        for relay in relays.reversed() {
            guard let value = relay.options.first(DHCPv6OptionCode.clientLinkLayer), value.count == 8,
                bytes.uint16(at: value.lowerBound) == 1
            else { continue }
            return MACAddress(octets: bytes[value.dropFirst(2)])
        }
        return nil
    }
}

extension IPv6Address {
    /// The MAC that the interface identifier was made from (RFC 4291 appendix A), where it was.
    var eui64MAC: MACAddress? {
        let identifier = UInt64(truncatingIfNeeded: rawValue)
        guard identifier >> 24 & 0xFFFF == 0xFFFE, !isMulticast else { return nil }
        let flipped = identifier ^ 0x0200_0000_0000_0000
        return MACAddress(rawValue: (flipped >> 40) << 24 | flipped & 0xFF_FFFF)
    }

    /// The same, of a link-local address.
    var linkLocalMAC: MACAddress? { rawValue >> 64 == 0xFE80 << 48 ? eui64MAC : nil }
}

extension MACAddress {
    /// The MAC in a DUID-LL or DUID-LLT of Ethernet (RFC 8415 sections 11.2 and 11.4).
    init?(duid: ArraySlice<UInt8>) {
        let header = Array(duid.prefix(4))
        switch (header, duid.count) {
        case ([0, 1, 0, 1], 14), ([0, 3, 0, 1], 10): self.init(octets: duid.suffix(6))
        default: return nil
        }
    }
}
