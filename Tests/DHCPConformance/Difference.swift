/// Where the drivers are unlike each other: what each does and why. docs/drivers.md lists exactly these.
public enum Difference: String, Sendable, CaseIterable {
    case declinedAddress = "DECLINE of a port's address"
    case informLeaseTime = "lease time in the answer to INFORM"
    case rapidCommit4 = "DHCPv4 rapid commit"
    case strangers6 = "DHCPv6 SOLICIT of a MAC without a port"
    case reimaged6 = "DHCPv6 with a new DUID and IAID"
    case renewUnknown6 = "DHCPv6 RENEW of an address that another server gave"
    case declinedAddress6 = "DHCPv6 DECLINE of a port's address"
    case several6 = "DHCPv6 for a port with several addresses"
    case unasked6 = "DHCPv6 options that the client did not ask for"
    case secondSubnet4 = "DHCPv4 for a port with addresses on several subnets of the link"
    case blankRoutes = "blank `classless-static-route` of a port"
    case clientIdentifierEcho = "DHCPv4 client identifier in answers"
    case movedAddress = "INIT-REBOOT with an address that the port had before"
    case foreignSource = "DNS question from outside the network, where nothing is forwarded"
    case advertisements = "router advertisements on a subnet without a router of its own"
    case delegation = "DHCPv6 request for a prefix (IA_PD)"
    case flood = "two hundred requests of one port at once"
    case portMTU = "MTU of a port's own for a client that does not ask for it"
    case name6 = "DHCPv6 client name (option 39) in answers"
    case unicast6 = "DHCPv6 SOLICIT by unicast"
    case noData = "DNS question for the other family of a port's name"
    case unknownName = "DNS question for a name of our domain that nobody has"

    /// All of them as the table that docs/drivers.md has.
    public static var table: String {
        let rows = allCases.map { "| \($0.rawValue) | \($0.dnsmasq) | \($0.native) | \($0.reason) |" }
        return (["| what | dnsmasq | native | why |", "| --- | --- | --- | --- |"] + rows)
            .joined(separator: "\n")
    }

    /// What dnsmasq does.
    public var dnsmasq: String {
        switch self {
        case .declinedAddress: "suspends the address for ten minutes; its client gets nothing meanwhile"
        case .informLeaseTime: "tells the time of the lease that it has noted"
        case .rapidCommit4: "answers with an OFFER, as if not asked"
        case .strangers6: "answers NoAddrsAvail"
        case .reimaged6: "answers NoAddrsAvail until the old lease ends"
        case .renewUnknown6: "answers NoBinding"
        case .declinedAddress6: "suspends the address for ten minutes"
        case .several6: "gives one of them to an association"
        case .unasked6: "tells DNS servers nevertheless"
        case .secondSubnet4: "gives the last and answers NAK to who has another"
        case .blankRoutes: "sends the option without a byte"
        case .clientIdentifierEcho: "leaves it out"
        case .movedAddress: "says nothing while it has no lease of the client"
        case .foreignSource: "answers with the names of the network's ports"
        case .advertisements: "sends none"
        case .delegation: "leaves the association out"
        case .flood: "answers all"
        case .portMTU: "tells none, though it tells the network's to everybody"
        case .name6: "tells the host name without the domain"
        case .unicast6: "answers"
        case .noData, .unknownName: "answers REFUSED where it has no forwarder"
        }
    }

    /// What the native driver does.
    public var native: String {
        switch self {
        case .declinedAddress: "gives the address again at once"
        case .informLeaseTime: "tells none"
        case .rapidCommit4: "answers with an ACK at once"
        case .strangers6: "says nothing"
        case .reimaged6: "gives the port's address"
        case .renewUnknown6: "prolongs the address"
        case .declinedAddress6: "gives the address again at once"
        case .several6: "gives all of them"
        case .unasked6: "leaves them out"
        case .secondSubnet4: "gives the last and answers ACK to who has another"
        case .blankRoutes: "sends no option"
        case .clientIdentifierEcho: "sends it back"
        case .movedAddress: "answers NAK"
        case .foreignSource: "answers nothing of use"
        case .advertisements: "sends them: prefix, flags, MTU, DNS, lifetime 0"
        case .delegation: "answers NoPrefixAvail"
        case .flood: "answers a burst of 60 and then 20 a second; the rest is counted"
        case .portMTU: "tells it"
        case .name6: "tells the full name"
        case .unicast6: "says nothing"
        case .noData: "answers NOERROR without data"
        case .unknownName: "answers NXDOMAIN"
        }
    }

    /// Why it is so.
    public var reason: String {
        switch self {
        case .declinedAddress:
            "The port database says whose address it is; a client must not be able to take it away by one packet."
        case .informLeaseTime: "RFC 2131 section 4.3.5 forbids it."
        case .rapidCommit4:
            "Neutron starts dnsmasq without `--dhcp-rapid-commit`; RFC 4039 saves a client half of the exchange."
        case .strangers6: "Silence for strangers, as in DHCPv4: another server on the link may know them."
        case .reimaged6: "A machine that was installed anew is still the port's; a lease is only a record."
        case .renewUnknown6: "The port database is the truth of all replicas; none needs another's leases."
        case .declinedAddress6: "As in DHCPv4."
        case .several6: "All addresses of the port are the port's."
        case .unasked6: "RFC 8415 section 18.3.9: the client's option request option says what it wants."
        case .secondSubnet4: "All addresses of the port are the port's: none is wrong."
        case .blankRoutes: "RFC 3442 wants at least five bytes; without the option is what \"none\" means."
        case .clientIdentifierEcho: "RFC 6842 demands it of servers."
        case .movedAddress:
            "That the address is not the port's is certain; a NAK spares the client its time-outs."
        case .foreignSource:
            "With `--interface` dnsmasq forgets `--local-service`; names are nobody's business outside."
        case .advertisements:
            "No client starts DHCPv6 without them; in Neutron they are the L3 agent's, which a stand-alone network lacks."
        case .delegation: "RFC 8415 section 18.3.2: the client learns at once that there is no prefix."
        case .flood: "One guest must not take the server from the others."
        case .portMTU: "Who is told the network's MTU unasked must be told the port's instead."
        case .name6:
            "RFC 4704 section 4.2: a name without its final zero is a partial one; the server knows the rest."
        case .unicast6: "RFC 8415 section 16.2 and 18.4 have servers discard it."
        case .noData: "REFUSED makes resolvers try the next server, or give up on the address that there is."
        case .unknownName: "Nobody else knows the names of our ports: the answer is final."
        }
    }
}
