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
}

/// The addresses of one port that a message can be answered with, and the link that it is on.
struct DHCPv6Leasing {
    /// The port's stateful addresses on the client's link, at most
    /// ``DHCPv6Request/addressLimit``.
    var addresses: [DHCPv6Host.Address]
    /// The prefixes of the client's link.
    var prefixes: [IPPrefix]

    func isOnLink(_ address: IPv6Address) -> Bool {
        prefixes.contains { $0.contains(.v6(address)) }
    }

    private func owns(_ address: IPv6Address) -> Bool {
        addresses.contains { $0.address == address }
    }

    /// What the associations of a SOLICIT, REQUEST, RENEW or REBIND get (RFC 8415 sections 18.3.1, 18.3.2,
    /// 18.3.4, 18.3.5, 18.3.9).
    ///
    /// Neither the IAID nor the DUID matters: they change when a machine is imaged again or goes from boot
    /// firmware to its system, and the port's addresses do not. An address is in one association of a
    /// message only (section 12.1), the first that names it; what none names goes to the first IA_NA that
    /// can have it. So a second IA_NA without a claim gets NoAddrsAvail, as it does from dnsmasq, which
    /// gives a configured address once per message.
    func grants(_ request: DHCPv6Request) -> [DHCPv6Grant] {
        var grants = request.associations.map { association in
            var grant = DHCPv6Grant(code: association.code, iaid: association.iaid)
            grant.status = refusal(association, of: request.type)
            return grant
        }
        var holders = [Int?](repeating: nil, count: addresses.count)
        for index in grants.indices where grants[index].status == nil {
            for named in request.associations[index].addresses {
                guard let position = addresses.firstIndex(where: { $0.address == named }),
                    holders[position] == nil
                else { continue }
                holders[position] = index
            }
        }
        let first = grants.firstIndex { $0.status == nil }
        for (position, address) in addresses.enumerated() {
            guard let index = holders[position] ?? first else { continue }
            grants[index].addresses.append(address)
        }
        let withdraws = request.type == .renew || request.type == .rebind
        for index in grants.indices where grants[index].status == nil {
            if withdraws {
                grants[index].withdrawn = request.associations[index].addresses.filter { !owns($0) }
            }
            if grants[index].addresses.isEmpty, grants[index].withdrawn.isEmpty {
                grants[index].status = .noAddressesAvailable
            }
        }
        return grants
    }

    /// The status of an association that can have nothing, whatever the port has.
    private func refusal(
        _ association: DHCPv6RequestedAssociation, of type: DHCPv6MessageType
    ) -> DHCPv6StatusCode? {
        switch association.code {
        case DHCPv6OptionCode.prefixDelegation: return .noPrefixAvailable
        case DHCPv6OptionCode.temporary: return .noAddressesAvailable
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
        var unbound: [DHCPv6Grant] = []
        var released: [IPv6Address] = []
        for association in request.associations {
            let own =
                association.code == DHCPv6OptionCode.nonTemporary ? association.addresses.filter(owns) : []
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
    /// The RFC asks whether the addresses fit the link. For a port that we know we can say more: an address
    /// that is not the port's will never be right, so we say so at once.
    func confirmation(_ request: DHCPv6Request, isKnown: Bool) -> DHCPv6StatusCode? {
        let named = request.associations
            .filter { $0.code != DHCPv6OptionCode.prefixDelegation }.flatMap(\.addresses)
        guard !named.isEmpty else { return nil }
        return named.allSatisfy(isKnown ? owns : isOnLink) ? .success : .notOnLink
    }
}
