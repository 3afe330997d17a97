import Addressing
import DHCPMessages
import NetworkModel

/// What stands for ourselves in the values of `extra_dhcp_opts`, as dnsmasq has it: `0.0.0.0` in IPv4 address
/// options; `::`, `fd00::` and `fe80::` in those of IPv6.
struct OwnAddresses: Hashable, Sendable {
    private let fixedIPs: [FixedIP]
    private let linkLocal: IPv6Address

    init(_ dhcpPort: Port) {
        fixedIPs = dhcpPort.fixedIPs
        linkLocal = dhcpPort.macAddress.linkLocal
    }

    /// The value with our addresses in the place of what stands for them.
    ///
    /// - Parameters:
    ///   - subnets: the port's subnets that have DHCP of the option's version, the one whose address the
    ///     client gets first before others: our address there goes before those that we have elsewhere.
    ///   - missing: what stays in the value as it is, because we have no such address.
    func substituted(
        in value: String, of option: DHCPOptionName, _ subnets: [ResourceID], missing: inout [String]
    ) -> String {
        guard Self.isForAddresses(option) else { return value }
        var fields: [String] = []
        var isOther = false
        for field in value.split(separator: ",", omittingEmptySubsequences: false) {
            guard let address = Self.address(field, option.version) else { return value }
            guard let wanted = Meaning(address) else {
                fields.append(String(field))
                continue
            }
            let found = addresses(wanted, subnets)
            if found.isEmpty {
                missing.append("\(address)")
                fields.append(String(field))
            } else {
                isOther = true
                // In brackets, for dnsmasq's guess would read some without them as hexadecimal bytes.
                fields += found.map { $0.version == .v4 ? "\($0)" : "[\($0)]" }
            }
        }
        return isOther ? fields.joined(separator: ",") : value
    }

    /// Whether dnsmasq puts its own addresses into the option: where it has an address list, of its own
    /// knowledge or because the value looks like one, but not in siaddr.
    private static func isForAddresses(_ option: DHCPOptionName) -> Bool {
        switch option.format {
        case .addresses, .addressPairs, .untyped: option.version == .v6 || option.code != 255
        default: false
        }
    }

    private static func address(_ field: Substring, _ version: DHCPVersion) -> IPAddress? {
        var text = field
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        if version == .v4 { return IPv4Address(text).map { .v4($0) } }
        if text.hasPrefix("[") && text.hasSuffix("]") { text = text.dropFirst().dropLast() }
        return IPv6Address(text).map { .v6($0) }
    }

    /// Which of our addresses is meant.
    private enum Meaning {
        case v4, v6, unique, linkLocal

        init?(_ address: IPAddress) {
            switch address {
            case .v4(let address):
                guard address == .any else { return nil }
                self = .v4
            case .v6(let address):
                switch address.rawValue {
                case 0: self = .v6
                case 0xFD00 << 112: self = .unique
                case 0xFE80 << 112: self = .linkLocal
                default: return nil
                }
            }
        }
    }

    /// Ours on the client's subnets; one that we have elsewhere where there is none.
    private func addresses(_ meaning: Meaning, _ subnets: [ResourceID]) -> [IPAddress] {
        if case .linkLocal = meaning { return [.v6(linkLocal)] }
        func fits(_ address: IPAddress) -> Bool {
            switch (meaning, address) {
            case (.v4, .v4), (.v6, .v6): true
            case (.unique, .v6(let address)): address.rawValue >> 120 == 0xFD
            default: false
            }
        }
        let fitting = fixedIPs.filter { fits($0.address) }
        var near: [IPAddress] = []
        for subnet in subnets {
            guard let own = fitting.first(where: { $0.subnetID == subnet })?.address, !near.contains(own)
            else { continue }
            near.append(own)
        }
        let all = near.isEmpty ? fitting.prefix(1).map(\.address) : near
        // dnsmasq tells all of the client's subnets for `::`, and one for the others.
        if case .v6 = meaning { return all }
        return Array(all.prefix(1))
    }
}
