import Addressing
import DHCPDrivers
import DHCPMessages
import NetworkModel

/// The `opts` file (`--dhcp-optsfile`): what clients are told, by subnet and by port.
enum OptionsFile {
    /// The lines of all subnets, in their order.
    static func subnetLines(in view: ServiceView) -> [String] {
        view.announced.announcements.flatMap(lines(of:))
    }

    /// The lines of one port's own options, and what of them cannot be written.
    static func lines(of port: Port) -> (lines: [String], problems: [String]) {
        let (options, unknown) = port.sentOptions
        var lines: [String] = []
        var problems = unknown
        for option in options {
            switch portLine(option, tag: "port-\(port.id)") {
            case .success(let line): lines.append(line)
            case .failure(let problem): problems.append("port \(port.id): \(problem.text)")
            }
        }
        return (lines, problems)
    }

    /// Where more than one DHCP server has an address on a subnet that names no DNS server, all of them
    /// are it; one alone announces itself.
    static func serverLines(in view: ServiceView) -> [String] {
        view.announced.announcements.compactMap { announcement -> String? in
            guard case .dhcpServers(let addresses) = announcement.dnsServers, addresses.count > 1 else {
                return nil
            }
            let subnet = announcement.subnet
            return line("subnet-\(subnet.id)", subnet.ipVersion, "dns-server", list(addresses))
        }
    }

    private static func lines(of announcement: SubnetAnnouncement) -> [String] {
        let version = announcement.subnet.ipVersion
        let tag = "subnet-\(announcement.subnet.id)"
        var lines: [String] = []
        switch announcement.dnsServers {
        case .none: lines.append(line(tag, version, "dns-server", ""))
        case .named(let addresses): lines.append(line(tag, version, "dns-server", list(addresses)))
        case .dhcpServers: break
        }
        if version == .v6 {
            let domain = announcement.domainSearch
            if !domain.isEmpty { lines.append(line(tag, .v6, "domain-search", domain)) }
            return lines
        }
        if !announcement.routes.isEmpty {
            let value = announcement.routes.map { "\($0.destination),\($0.nexthop)" }.joined(separator: ",")
            lines.append(line(tag, .v4, "classless-static-route", value))
            lines.append("tag:\(tag),249,\(value)")
        }
        lines.append(line(tag, .v4, "router", announcement.router.map { "\($0)" } ?? ""))
        return lines
    }

    // MARK: Lines

    private struct Problem: Error { let text: String }

    /// Names that dnsmasq 2.90 does not have in its table; they are written as numbers.
    private static let unnamed: Set<String> = [
        "associated-ip", "captive-portal", "ms-classless-static-route",
    ]

    private static func portLine(_ option: PortOption, tag: String) -> Result<String, Problem> {
        let (name, version) = (option.name, option.version)
        let shown = (name.tags.map { "tag:\($0)" } + [name.text]).joined(separator: ",")
        var value = option.value
        // dnsmasq takes a last b, s or i behind digits for a width, even in text, and drops it.
        if name.format == .text, let last = value.last, "bsi".contains(last),
            value.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            guard value.utf8.count > 1 || last == "b" else {
                return .failure(Problem(text: "option \(shown): dnsmasq cannot send the text '\(value)'"))
            }
            value = DnsmasqText.quoted(value)
        } else if version == .v6, name.format == .untyped, !value.contains("["),
            HexBytes.parse(value) == nil, let addresses = addressList(value)
        {
            // Without brackets dnsmasq would read an address as hexadecimal bytes.
            value = list(addresses)
        } else {
            value = DnsmasqText.optionValue(value)
        }
        let word = unnamed.contains(name.text) ? "\(name.code)" : name.text
        let fields =
            ["tag:\(tag)"] + name.tags.map { "tag:\($0)" } + [optionWord(word, version == .v4 ? .v4 : .v6)]
            + (value.isEmpty ? [] : [value])
        let line = fields.joined(separator: ",")
        guard line.utf8.count <= DnsmasqText.longestLine else {
            return .failure(
                Problem(text: "option \(shown): its line has \(line.utf8.count) bytes, dnsmasq reads 1022"))
        }
        return .success(line)
    }

    private static func addressList(_ value: String) -> [IPAddress]? {
        let fields = value.split(separator: ",", omittingEmptySubsequences: false)
        let addresses = fields.compactMap { IPv6Address($0).map { IPAddress.v6($0) } }
        return addresses.count == fields.count ? addresses : nil
    }

    private static func line(_ tag: String, _ version: IPVersion, _ name: String, _ value: String) -> String {
        "tag:\(tag),\(optionWord(name, version))" + (value.isEmpty ? "" : ",\(value)")
    }

    private static func optionWord(_ name: String, _ version: IPVersion) -> String {
        if version == .v6 { return "option6:\(name)" }
        return name.utf8.allSatisfy { (0x30...0x39).contains($0) } ? name : "option:\(name)"
    }

    private static func list(_ addresses: [IPAddress]) -> String {
        addresses.map(\.dnsmasqText).joined(separator: ",")
    }
}
