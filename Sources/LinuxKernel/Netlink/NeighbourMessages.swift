package import Addressing
import CLinux

/// An entry of the kernel's neighbour table on one device (RFC 826, RFC 4861).
package struct Neighbour: Hashable, Sendable {
    package var address: IPAddress
    package var mac: MACAddress

    package init(_ address: IPAddress, _ mac: MACAddress) {
        self.address = address
        self.mac = mac
    }
}

/// What is to become of an entry.
package enum NeighbourChange: Hashable, Sendable {
    /// It stays for good, whatever the neighbour says (NUD_PERMANENT); replaces one that is there.
    case add(Neighbour)
    /// Gone; one that is not there is no failure.
    case remove(IPAddress)
}

/// What the kernel knows of a neighbour.
package enum NeighbourState: Hashable, Sendable {
    case known(MACAddress)
    /// It is being asked for, or nobody has asked.
    case unresolved
    /// It was asked for and does not answer (NUD_FAILED).
    case failed
}

/// What an RTM_NEWNEIGH says.
struct ParsedNeighbour {
    var device: Int32
    var address: IPAddress?
    var state: NeighbourState
    var isPermanent: Bool
}

/// Reads an RTM_NEWNEIGH of IPv4 or IPv6.
func parseNeighbour(_ message: Message) throws(MalformedMessage) -> ParsedNeighbour {
    let header = try message.fixed(ndmsg.self)
    var address: IPAddress?
    var mac: MACAddress?
    var attributes = try message.attributes(after: MemoryLayout<ndmsg>.size)
    while let attribute = try attributes.next() {
        switch attribute.type {
        case Int(NDA_DST): address = try attribute.address()
        case Int(NDA_LLADDR): mac = attribute.macAddress()
        default: break
        }
    }
    let bits = Int32(header.ndm_state)
    let state: NeighbourState
    if bits & NUD_FAILED != 0 {
        state = .failed
    } else if let mac, bits & (NUD_INCOMPLETE | NUD_NOARP) == 0, bits != NUD_NONE {
        state = .known(mac)
    } else {
        state = .unresolved
    }
    return ParsedNeighbour(
        device: header.ndm_ifindex, address: address, state: state, isPermanent: bits & NUD_PERMANENT != 0)
}

extension IPAddress {
    /// 4 or 16.
    var octetCount: Int { version == .v4 ? 4 : 16 }
}

extension Message {
    /// The status of an NLMSG_ERROR: 0 or a negative errno; nil where it is too short to have one.
    var status: Int32? { try? payload.integer(at: 0) }
}
