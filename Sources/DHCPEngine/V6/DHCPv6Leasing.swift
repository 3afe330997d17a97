import Addressing
import DHCPMessages

/// What an association gets.
struct DHCPv6Grant {
    /// 3, 4 or 25.
    var code: UInt16
    var iaid: UInt32
    var addresses: [DHCPv6Host.Address] = []
    /// What the client has and must not use any longer: told with lifetimes of 0.
    var withdrawn: [IPv6Address] = []
    var status: DHCPv6StatusCode?
    /// Whether nothing is said of it.
    var isPostponed = false
}

/// The addresses of one port that a message can be answered with, and the link that it is on.
struct DHCPv6Leasing {
    /// The port's stateful addresses on the client's link, at most ``DHCPv6Request/addressLimit``: what is
    /// given unasked.
    var addresses: [DHCPv6Host.Address]
    /// All stateful addresses of the port on subnets that are served. What of them the client has it may
    /// keep: a port's subnets share a segment, and a relay's link-address names only one of them.
    var renewable: [DHCPv6Host.Address]
    /// All addresses of the port. Between a change of the subnets and that of the ports there may be some
    /// that are on no subnet; they are not taken away.
    var own: Set<IPv6Address>
    /// The prefixes of the client's link.
    var prefixes: [IPPrefix]

    func isOnLink(_ address: IPv6Address) -> Bool {
        own.contains(address) || prefixes.contains { $0.contains(.v6(address)) }
    }

    /// What the associations of a SOLICIT, REQUEST, RENEW or REBIND get (RFC 8415 sections 18.3.1, 18.3.2,
    /// 18.3.4, 18.3.5, 18.3.9).
    ///
    /// Neither the IAID nor the DUID matters: they change when a machine is imaged again or goes from boot
    /// firmware to its system, and the port's addresses do not. An address is in one association of a
    /// message only (section 12.1), the first that names it; what none names goes to the first IA_NA that
    /// can have it. So a second IA_NA without a claim gets NoAddrsAvail, as it does from dnsmasq, which
    /// gives a configured address once per message.
    ///
    /// An association of a RENEW or REBIND that names nothing but addresses of the port which cannot be given
    /// just now is left out, so that the client keeps them and asks again (section 18.2.10.1).
    func grants(_ request: DHCPv6Request) -> [DHCPv6Grant] {
        let isRenewal = request.type == .renew || request.type == .rebind
        var grants = request.associations.map { association in
            var grant = DHCPv6Grant(code: association.code, iaid: association.iaid)
            grant.status = refusal(association, of: request.type)
            return grant
        }
        let candidates = candidates(request, isRenewal: isRenewal)
        var holders = [Int?](repeating: nil, count: candidates.count)
        for index in grants.indices where grants[index].status == nil {
            for named in request.associations[index].addresses {
                guard let position = candidates.firstIndex(where: { $0.address == named }),
                    holders[position] == nil
                else { continue }
                holders[position] = index
            }
        }
        let first = grants.firstIndex { $0.status == nil }
        for (position, address) in candidates.enumerated() {
            guard let index = holders[position] ?? first else { continue }
            grants[index].addresses.append(address)
        }
        for index in grants.indices where grants[index].status == nil {
            let named = request.associations[index].addresses
            if isRenewal { grants[index].withdrawn = named.filter { !own.contains($0) } }
            guard grants[index].addresses.isEmpty, grants[index].withdrawn.isEmpty else { continue }
            // What another association of the message has got is no reason to wait.
            grants[index].isPostponed =
                isRenewal
                && named.contains { name in
                    own.contains(name) && !candidates.contains { $0.address == name }
                }
            grants[index].status = .noAddressesAvailable
        }
        return grants.filter { !$0.isPostponed }
    }

    /// What this message can be given: what the client has of the port's addresses, and what is given
    /// unasked, as far as there is room.
    private func candidates(_ request: DHCPv6Request, isRenewal: Bool) -> [DHCPv6Host.Address] {
        guard isRenewal || own.count > DHCPv6Request.addressLimit else { return addresses }
        let named = Set(request.associations.flatMap(\.addresses))
        let kept = renewable.filter { address in
            named.contains(address.address)
                && (isRenewal || prefixes.contains { $0.contains(.v6(address.address)) })
        }
        let further = addresses.filter { !named.contains($0.address) }
        let all = kept + further.prefix(max(DHCPv6Request.addressLimit - kept.count, 0))
        // In the port's order, as ever.
        let wanted = Set(all.map(\.address))
        return renewable.filter { wanted.contains($0.address) }
    }

    /// The status of an association that can have nothing, whatever the port has.
    private func refusal(
        _ association: DHCPv6RequestedAssociation, of type: DHCPv6MessageType
    ) -> DHCPv6StatusCode? {
        // What we never gave there is nothing to prolong of (sections 18.3.4 and 18.3.5).
        let isRenewal = type == .renew || type == .rebind
        switch association.code {
        case DHCPv6OptionCode.prefixDelegation: return isRenewal ? .noBinding : .noPrefixAvailable
        case DHCPv6OptionCode.temporary: return isRenewal ? .noBinding : .noAddressesAvailable
        default:
            // Only REQUEST: there the client can start anew with less (section 18.3.2), a RENEW gets
            // lifetimes of 0 instead.
            guard type == .request, !association.addresses.allSatisfy(isOnLink) else { return nil }
            return .notOnLink
        }
    }

    /// The associations of a RELEASE or DECLINE that hold nothing of the port's (RFC 8415 sections 18.3.7
    /// and 18.3.8), and the port's addresses that the others named.
    func released(_ request: DHCPv6Request) -> (unbound: [DHCPv6Grant], addresses: [IPv6Address]) {
        let stateful = Set(renewable.map(\.address))
        var unbound: [DHCPv6Grant] = []
        var released: [IPv6Address] = []
        for association in request.associations {
            let own =
                association.code == DHCPv6OptionCode.nonTemporary
                ? association.addresses.filter(stateful.contains) : []
            if own.isEmpty {
                unbound.append(
                    DHCPv6Grant(code: association.code, iaid: association.iaid, status: .noBinding))
            }
            for address in own where !released.contains(address) { released.append(address) }
        }
        return (unbound, released)
    }

    /// The answer to CONFIRM (RFC 8415 section 18.3.3); nil where the client names no address.
    ///
    /// The RFC asks whether the addresses fit the link, not whose they are: another server on it may have
    /// given them. A client that has the wrong one is told when it renews.
    func confirmation(_ request: DHCPv6Request) -> DHCPv6StatusCode? {
        let named = request.associations
            .filter { $0.code != DHCPv6OptionCode.prefixDelegation }.flatMap(\.addresses)
        guard !named.isEmpty else { return nil }
        return named.allSatisfy(isOnLink) ? .success : .notOnLink
    }
}
