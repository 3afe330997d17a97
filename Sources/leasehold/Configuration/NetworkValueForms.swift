import Addressing
import NetworkModel

extension ValueForm where Value == IPAddress {
    /// An IPv4 or IPv6 address.
    static let address = ValueForm("an IP address") { IPAddress($0.trimmed) }
    /// An IPv4 or IPv6 address that one host can have.
    static let unicastAddress = ValueForm("the IP address of a host") { text in
        guard let address = IPAddress(text.trimmed), !address.isMulticast, address.number != 0 else {
            return nil
        }
        return address
    }
}

extension ValueForm where Value == IPPrefix {
    /// A multicast address, or a block of them.
    static let multicastGroup = ValueForm(
        "a multicast address, or a block of them such as 239.0.0.0/8",
        render: { $0.length == $0.version.bitWidth ? "\($0.address)" : "\($0)" }
    ) { text in
        let text = text.trimmed
        guard let prefix = IPPrefix(text) ?? IPAddress(text).map(IPPrefix.init(host:)),
            prefix.first.isMulticast,
            prefix.last.isMulticast
        else { return nil }
        return prefix.network
    }
}

extension ValueForm where Value == MACAddress {
    /// The MAC address of one device: not a group address, not all zeros.
    static let unicastMAC = ValueForm("the MAC address of one device, such as fa:16:3e:00:00:00") { text in
        guard let mac = MACAddress(text.trimmed), mac.rawValue != 0, mac.rawValue >> 40 & 1 == 0 else {
            return nil
        }
        return mac
    }
}

extension ValueForm where Value == IPVersion {
    /// 4 or 6.
    static let ipVersion = ValueForm("4 or 6", render: { "\($0.rawValue)" }) {
        Int($0.trimmed).flatMap(IPVersion.init(rawValue:))
    }
}

extension ValueForm where Value == String {
    /// A host name or an IP address, for a server that listens.
    static let hostAddress = ValueForm("an IP address or a host name") { text in
        let text = text.trimmed
        if IPAddress(text) != nil { return text }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
                && label.utf8.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == 0x2D || $0 == 0x5F
                }
        }
        // What looks like a dotted quad and is none is a typing mistake.
        let isNumeric = labels.last?.allSatisfy(\.isNumber) ?? false
        return isName && !isNumeric && text.utf8.count <= 253 ? text : nil
    }

    /// The name of a network interface (IFNAMSIZ less its zero byte).
    static let interfaceName = ValueForm("an interface name of at most 15 characters") { text in
        let allowed = text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x2F && $0 != 0x3A && $0 != 0x7F }
        return (1...15).contains(text.utf8.count) && allowed && text != "." && text != ".." ? text : nil
    }

    /// A DNS server for dnsmasq's --server: an address, or `/domain/address`, with `#port` and `@source`.
    static let forwarder = ValueForm(
        "a DNS server such as 192.0.2.53, 192.0.2.53#5353 or /example.org/192.0.2.53"
    ) {
        text in
        var rest = Substring(text)
        if rest.hasPrefix("/") {
            guard let end = rest.lastIndex(of: "/") else { return nil }
            rest = rest[rest.index(after: end)...]
            // `/domain/` and `/domain/#` are complete: answer here, or use the standard servers.
            if end != text.startIndex, rest.isEmpty || rest == "#" { return text }
        }
        let server = rest.prefix { $0 != "#" && $0 != "@" && $0 != "%" }
        return IPAddress(server) == nil ? nil : text
    }
}

extension ValueForm where Value == [NetworkType] {
    /// The types that projects' networks may get, in order of preference.
    static let tenantNetworkTypes = ValueForm(
        "a list of local, vlan or vxlan separated by commas",
        render: { $0.map(\.rawValue).joined(separator: ",") }
    ) { (text, remarks) throws(MalformedValue) in
        var types: [NetworkType] = []
        for name in text.commaSeparated {
            if name == "gre" || name == "geneve" || name == "flat" {
                let why =
                    name == "flat" ? "a flat network cannot be allocated" : "not available in this version"
                remarks.append("'\(name)' is skipped: \(why)")
                continue
            }
            guard let type = NetworkType(rawValue: name) else {
                throw MalformedValue(reason: "'\(name)' is not a network type")
            }
            types.append(type)
        }
        guard !types.isEmpty else { throw MalformedValue(reason: "no type is left") }
        return types
    }
}

extension ValueForm where Value == [ClosedRange<Int>] {
    /// Ranges `first:last` of VXLAN network identifiers.
    static let vniRanges = ValueForm(
        "a list of 'first:last' ranges of numbers from 1 to 16777215",
        render: { $0.map { "\($0.lowerBound):\($0.upperBound)" }.joined(separator: ",") }
    ) { (text, _) throws(MalformedValue) in
        var ranges: [ClosedRange<Int>] = []
        for item in text.commaSeparated {
            let ends = item.split(separator: ":", omittingEmptySubsequences: false).map { Int($0.trimmed) }
            guard ends.count == 2, let first = ends[0], let last = ends[1], 1 <= first, first <= last,
                last <= 16_777_215
            else { throw MalformedValue(reason: "'\(item)' is no such range") }
            ranges.append(first...last)
        }
        return ranges
    }
}

extension ValueForm where Value == [String: ClosedRange<Int>] {
    /// VLAN ids per physical network; a bare name allows all of them.
    static let vlanRanges = ValueForm(
        "a list of 'physical network:first:last' with VLAN ids from 1 to 4094, or bare names",
        render: { map in
            map.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.lowerBound):\($0.value.upperBound)" }
                .joined(separator: ",")
        }
    ) { (text, _) throws(MalformedValue) in
        var ranges: [String: ClosedRange<Int>] = [:]
        for item in text.commaSeparated {
            let parts = item.split(separator: ":", omittingEmptySubsequences: false).map(\.trimmed)
            let range: ClosedRange<Int>
            switch parts.count {
            case 1: range = 1...4094
            case 3:
                guard let first = Int(parts[1]), let last = Int(parts[2]), 1 <= first, first <= last,
                    last <= 4094
                else { throw MalformedValue(reason: "'\(item)' is no such range") }
                range = first...last
            default: throw MalformedValue(reason: "'\(item)' is no such range")
            }
            guard !parts[0].isEmpty else {
                throw MalformedValue(reason: "'\(item)' names no physical network")
            }
            guard ranges[parts[0]] == nil else {
                throw MalformedValue(
                    reason: "'\(parts[0])' comes twice, and this version takes one range per physical network"
                )
            }
            ranges[parts[0]] = range
        }
        return ranges
    }
}
