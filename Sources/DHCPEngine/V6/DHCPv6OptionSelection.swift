import Addressing
import DHCPMessages

/// Which configured options an answer carries, the one that matters most to the client first.
struct DHCPv6OptionSelection {
    private var options: [DHCPv6Option] = []
    /// What a port's own options have decided; later ones don't count.
    private var decided: Set<Key> = []

    /// The code; vendor options (17) are told apart by enterprise number too (RFC 8415 section 21.17).
    private struct Key: Hashable {
        var code: UInt16
        var enterprise: UInt32?

        init(_ code: UInt16, _ data: [UInt8]) {
            self.code = code
            enterprise =
                code == DHCPv6OptionCode.vendorOptions && data.count >= 4 ? data.uint32(at: 0) : nil
        }
    }

    /// Chooses among a port's options and those of subnets, best first, what this request is told.
    ///
    /// The port's options win over the subnets'. Of several for one code the last that the tags allow
    /// counts, which is how dnsmasq reads a file of options.
    static func select(
        for request: DHCPv6Request, port: [TaggedOption], subnets: [DHCPv6Subnet]
    ) -> [DHCPv6Option] {
        var selection = DHCPv6OptionSelection()
        for option in port.reversed() where option.applies(to: request) {
            let key = Key(option.code, option.data)
            guard selection.decided.insert(key).inserted, !option.isBlank else { continue }
            selection.add(DHCPv6Option(option.code, option.data), for: request)
        }
        for subnet in subnets {
            for option in subnet.options {
                guard selection.decided.insert(Key(option.code, option.data)).inserted else { continue }
                selection.add(option, for: request)
            }
        }
        if request.type == .informationRequest {
            selection.addRefreshTime(subnets, for: request)
        }
        return selection.ordered(for: request)
    }

    private mutating func add(_ option: DHCPv6Option, for request: DHCPv6Request) {
        guard DHCPv6OptionCode.isConfigurable(option.code), request.wants(option.code),
            Self.isSendable(option, request.type)
        else { return }
        options.append(option)
    }

    /// Option 32 is for those that ask for information only (RFC 8415 section 21.23); 82 and 83 have a
    /// range (sections 21.24 and 21.25).
    private static func isSendable(_ option: DHCPv6Option, _ request: DHCPv6MessageType) -> Bool {
        switch option.code {
        case DHCPv6OptionCode.informationRefreshTime:
            request == .informationRequest && option.data.count == 4
        case DHCPv6OptionCode.maximumSolicitTime, DHCPv6OptionCode.maximumInformationTime:
            option.data.count == 4 && (60...86_400).contains(option.data.uint32(at: 0))
        default: option.data.count <= Int(UInt16.max)
        }
    }

    /// Without a configured time: ask again after the shortest lease time, as dnsmasq says, but neither
    /// sooner than the RFC's 600 s nor later than its default of a day.
    private mutating func addRefreshTime(_ subnets: [DHCPv6Subnet], for request: DHCPv6Request) {
        let code = DHCPv6OptionCode.informationRefreshTime
        guard decided.insert(Key(code, [])).inserted, request.wants(code),
            let shortest = subnets.map(\.validLifetime).min()
        else { return }
        var data: [UInt8] = []
        data.appendNumber(min(max(shortest, 600), 86_400))
        options.append(DHCPv6Option(code, data))
    }

    /// In the order of the option request, else as configured: what does not fit is left out from the end.
    private func ordered(for request: DHCPv6Request) -> [DHCPv6Option] {
        guard let requested = request.requestedOptions else { return options }
        return options.enumerated()
            .map { (rank: requested.firstIndex(of: $1.code) ?? requested.count, position: $0, option: $1) }
            .sorted { ($0.rank, $0.position) < ($1.rank, $1.position) }
            .map(\.option)
    }
}

extension TaggedOption {
    /// Whether the tags that dnsmasq would set for this request allow the option.
    fileprivate func applies(to request: DHCPv6Request) -> Bool {
        conditions.allSatisfy { condition in
            let isSet =
                switch condition.tag {
                case "ipxe6": request.isIPXE
                case "dhcpv6", "known": true
                default: false
                }
            return isSet != condition.isNegated
        }
    }
}
