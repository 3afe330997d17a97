import Addressing
import DHCPMessages

/// What is going to be answered, before it is written.
struct DHCPv4ReplyPlan {
    /// OFFER, ACK, NAK; nil for BOOTP.
    var type: DHCPv4MessageType?
    /// The port among the hosts.
    var position: Int
    /// The subnet of the address given.
    var subnet: Int
    /// Where the reply comes from.
    var server: UInt32
    /// Option 54.
    var serverIdentifier: UInt32
    var tags: DHCPv4Tags
    var yiaddr: UInt32 = 0
    var ciaddr: UInt32 = 0
    var flags: UInt16
    var times: LeaseTimes?
    /// Whether option 80 is in it.
    var isRapid = false
    /// The port's address of which a host name is made, or 0.
    var namedAddress: UInt32 = 0
    /// Whether option 12 is left out of an OFFER.
    var hidesHostName = false
    /// Option 56 of a NAK.
    var message: StaticString = ""
    var destination = DHCPv4Destination.broadcast
}

/// Where a request comes from, as far as addresses are concerned.
enum DHCPv4Link: Hashable {
    /// The network that our interface is on, with all subnets on which we have an address.
    case local
    /// The subnet that a relay agent, option 118 or the client's own address names.
    case subnet(Int)
}

extension DHCPv4Engine {
    /// An address of a port with the position of its subnet.
    struct Lease: Hashable {
        var address: UInt32
        var subnet: Int
    }

    /// Which link the request speaks of: link selection (RFC 3527), subnet selection (RFC 3011), the relay
    /// agent's address, the address that the client has, our own link; in this order, as in dnsmasq.
    func link(_ view: DHCPv4View, _ bytes: RawSpan, ciaddr: UInt32) throws(DHCPv4Refusal) -> DHCPv4Link {
        var named: UInt32 = 0
        if view.relayInformation.isPresent {
            named = view.relayAddress(DHCPv4OptionCode.linkSelection, bytes)?.rawValue ?? 0
        }
        if named == 0, view.subnetSelection.isPresent {
            named = ((try? view.selectedSubnet(bytes)) ?? nil)?.rawValue ?? 0
        }
        if named == 0 { named = view.giaddr.rawValue }
        if named != 0 {
            guard let subnet = served.index(of: named) else { throw DHCPv4Refusal(reason: .noSubnet) }
            return .subnet(subnet)
        }
        if ciaddr != 0, let subnet = served.index(of: ciaddr), !served.subnets[subnet].isLocal {
            return .subnet(subnet)
        }
        guard served.firstLocal != nil else { throw DHCPv4Refusal(reason: .noSubnet) }
        return .local
    }

    /// The port whose client sent this; see ``DHCPv4Engine``.
    func client(
        _ view: DHCPv4View, _ bytes: RawSpan, at link: DHCPv4Link, _ place: DHCPv4PortPlace?
    ) -> Int? {
        var identified: Int?
        if hosts.identifierCount > 0, view.clientIdentifier.isPresent {
            let range = view.clientIdentifier.range
            identified = hosts.position(identifier: range, bytes)
            if identified == nil, let first = range.first, bytes.octet(first) == 0 {
                identified = hosts.position(identifier: range.dropFirst(), bytes)
            }
            if let identified, lease(of: identified, at: link) != nil { return identified }
        }
        guard view.isEthernet, let position = hosts.position(mac: view.mac.rawValue, place) else {
            return identified
        }
        if identified != nil, lease(of: position, at: link) == nil { return identified }
        return position
    }

    /// The port's address on the link: the wanted one if it is the port's, else the first unless `exactly`.
    func lease(
        of position: Int, at link: DHCPv4Link, wanted: UInt32 = 0, exactly: Bool = false
    ) -> Lease? {
        let entry = hosts.entries[position]
        var found: Lease?
        if entry.address != 0, isOn(link, entry.address, entry.subnet) {
            found = Lease(address: entry.address, subnet: entry.subnet)
            if found?.address == wanted || (wanted == 0 && !exactly) { return found }
        }
        guard entry.extra >= 0, let extra = hosts.extra(of: position) else { return exactly ? nil : found }
        for further in extra.further where isOn(link, further.address.rawValue, further.subnet) {
            let lease = Lease(address: further.address.rawValue, subnet: further.subnet)
            if lease.address == wanted { return lease }
            if found == nil { found = lease }
        }
        return exactly ? nil : found
    }

    private func isOn(_ link: DHCPv4Link, _ address: UInt32, _ subnet: Int) -> Bool {
        guard subnet < served.subnets.count, served.subnets[subnet].contains(address) else { return false }
        return switch link {
        case .local: served.subnets[subnet].isLocal
        case .subnet(let index): index == subnet
        }
    }

    /// Whether the address is the port's, on a subnet that is served.
    func owns(_ address: UInt32, _ position: Int) -> Bool {
        guard address != 0, served.index(of: address) != nil else { return false }
        return hosts.entries[position].address == address
            || hosts.extra(of: position)?.further.contains { $0.address.rawValue == address } == true
    }

    /// Our address for a subnet: the one on it; else the one that the request was sent to, else any.
    func server(of subnet: Int, _ arrival: DHCPv4Arrival) throws(DHCPv4Refusal) -> UInt32 {
        if served.subnets[subnet].isLocal { return served.subnets[subnet].server }
        let destination = arrival.destination
        if served.isOwn(destination.rawValue) { return destination.rawValue }
        if let first = served.firstLocal { return served.subnets[first].server }
        guard destination != .any, destination != .broadcast, !destination.isMulticast else {
            throw DHCPv4Refusal(reason: .noSubnet)
        }
        return destination.rawValue
    }

    /// Options 51, 58 and 59: no longer than configured, shorter if the client likes, but two minutes at
    /// least; T1 and T2 of the port, of the subnet, or the usual ones, as far as they fit. A renewal's T1 and
    /// T2 are made a little shorter, by up to an eighth of T1, so that machines that booted together do not
    /// renew together for ever; by how much follows from the request, so that all agents say the same.
    func times(
        _ view: DHCPv4View, _ bytes: RawSpan, _ lease: Lease, _ position: Int, _ tags: DHCPv4Tags,
        isRenewal: Bool
    ) -> LeaseTimes {
        let subnet = served.subnets[lease.subnet]
        var time = subnet.leaseTime
        if view.leaseTimeField.isPresent, let wish = ((try? view.leaseTime(bytes)) ?? nil), wish != .max {
            time = time == .max ? max(wish, 120) : min(time, max(wish, 120))
        }
        var times = LeaseTimes.usual(time)
        func fits(_ time: UInt32) -> Bool { time > 2 && time < times.lease }
        if fits(subnet.renewalTime) { times.renewal = subnet.renewalTime }
        if fits(subnet.rebindingTime) { times.rebinding = subnet.rebindingTime }
        if hosts.entries[position].extra >= 0, let options = hosts.extra(of: position)?.options {
            if let own = options.number(DHCPv4OptionCode.renewalTime, tags), fits(own) { times.renewal = own }
            if let own = options.number(DHCPv4OptionCode.rebindingTime, tags), fits(own) {
                times.rebinding = own
            }
        }
        if times.rebinding <= times.renewal { times.renewal = max(times.rebinding, 1) - 1 }
        if isRenewal {
            let mixed = (UInt64(view.transactionID) << 32 ^ view.mac.rawValue) &* 0x9E37_79B9_7F4A_7C15
            var sooner = UInt32(truncatingIfNeeded: mixed >> 48)
            while sooner > times.renewal / 8 { sooner /= 2 }
            times.renewal -= sooner
            times.rebinding -= sooner
        }
        return times
    }
}
