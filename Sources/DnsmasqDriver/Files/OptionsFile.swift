import Addressing
import DHCPDrivers
import DHCPMessages
import NetworkModel

/// The `opts` file (`--dhcp-optsfile`): what clients are told, by subnet and by port.
enum OptionsFile {
    /// The metadata service's address as a route's destination.
    private static let metadata = "169.254.169.254/32"

    /// The lines of all subnets, in their order.
    static func subnetLines(in view: ServiceView) -> [String] {
        let isolated = isolatedSubnets(view)
        return view.service.subnets.flatMap { subnet -> [String] in
            guard subnet.enableDHCP, subnet.ipv6AddressMode != .slaac else { return [] }
            return lines(of: subnet, isolated: isolated.contains(subnet.id), view)
        }
    }

    /// The lines of one port's own options, and what of them cannot be written.
    static func lines(of port: Port) -> (lines: [String], problems: [String]) {
        if port.extraDHCPOptions.isEmpty { return ([], []) }
        var lines: [String] = []
        var problems: [String] = []
        let versions = Set(port.fixedIPs.map(\.address.version))
        for option in port.extraDHCPOptions where !option.isClientID {
            guard versions.contains(option.ipVersion) else {
                problems.append(
                    "port \(port.id): option \(cutName(option)) is for IPv\(option.ipVersion.rawValue), "
                        + "of which the port has no address")
                continue
            }
            switch portLine(option, tag: "port-\(port.id)") {
            case .success(let line): lines.append(line)
            case .failure(let problem): problems.append("port \(port.id): \(problem.text)")
            }
        }
        return (lines, problems)
    }

    /// Where more than one DHCP server has an address on a subnet that names no DNS server, all of them
    /// are it.
    static func serverLines(in view: ServiceView) -> [String] {
        let servers = view.ports.filter { $0.deviceOwner == DeviceOwner.dhcp }
        return view.service.subnets.compactMap { subnet -> String? in
            guard subnet.enableDHCP, subnet.ipv6AddressMode != .slaac, subnet.dnsNameservers.isEmpty else {
                return nil
            }
            let addresses = servers.flatMap(\.fixedIPs).filter { $0.subnetID == subnet.id }.map(\.address)
            guard addresses.count > 1 else { return nil }
            return line("subnet-\(subnet.id)", subnet.ipVersion, "dns-server", list(addresses))
        }
    }

    // MARK: Subnets

    private static func lines(of subnet: Subnet, isolated: Bool, _ view: ServiceView) -> [String] {
        let tag = "subnet-\(subnet.id)"
        var lines: [String] = []
        if subnet.dnsNameservers == [.any(subnet.ipVersion)] {
            lines.append(line(tag, subnet.ipVersion, "dns-server", ""))
        } else if !subnet.dnsNameservers.isEmpty {
            lines.append(line(tag, subnet.ipVersion, "dns-server", list(subnet.dnsNameservers)))
        }
        let domain = view.configuration.dnsDomain
        if subnet.ipVersion == .v6 {
            if !domain.isEmpty { lines.append(line(tag, .v6, "domain-search", domain)) }
            return lines
        }
        let (routes, gateway) = routes(of: subnet, isolated: isolated, view)
        if !routes.isEmpty {
            let value = routes.joined(separator: ",")
            lines.append(line(tag, .v4, "classless-static-route", value))
            lines.append("tag:\(tag),249,\(value)")
        }
        lines.append(line(tag, .v4, "router", gateway.map { "\($0)" } ?? ""))
        return lines
    }

    /// The routes for options 121 and 249, and the gateway: neighbours on the link, the subnet's own
    /// routes, metadata, the default route (which RFC 3442 clients take from here only).
    private static func routes(
        of subnet: Subnet, isolated: Bool, _ view: ServiceView
    ) -> ([String], IPAddress?) {
        var gateway = subnet.gatewayIP
        var routes: [String] = []
        for route in subnet.hostRoutes {
            if route.destination.length == 0 {
                gateway = gateway ?? route.nexthop
            } else {
                routes.append("\(route.destination),\(route.nexthop)")
            }
        }
        if let hop = metadataHop(subnet, isolated: isolated, gateway: gateway, view) {
            routes.append("\(metadata),\(hop)")
        }
        for other in view.service.subnets where other.ipVersion == .v4 && other.cidr != subnet.cidr {
            routes.insert("\(other.cidr),0.0.0.0", at: 0)
        }
        if !routes.isEmpty, let gateway { routes.append("0.0.0.0/0,\(gateway)") }
        return (routes, gateway)
    }

    /// Who answers for the metadata service: an OVN metadata port, our own proxy, or the router.
    private static func metadataHop(
        _ subnet: Subnet, isolated: Bool, gateway: IPAddress?, _ view: ServiceView
    ) -> IPAddress? {
        func address(of port: Port) -> IPAddress? {
            port.fixedIPs.first { $0.subnetID == subnet.id }?.address
        }
        let ovn = view.ports.first { $0.deviceOwner == DeviceOwner.distributed }
        if let hop = ovn.flatMap(address) { return hop }
        let configuration = view.configuration
        if configuration.forceMetadata || (isolated && configuration.enableIsolatedMetadata) {
            return address(of: view.service.dhcpPort)
        }
        return isolated ? nil : gateway
    }

    /// The subnets on whose gateway address no router has a port.
    static func isolatedSubnets(_ view: ServiceView) -> Set<ResourceID> {
        let owners: Set<String> = [
            DeviceOwner.routerInterface, DeviceOwner.routerHAInterface,
            "network:router_interface_distributed",
        ]
        var isolated = Set(view.subnets.keys)
        for port in view.ports where owners.contains(port.deviceOwner) {
            for fixedIP in port.fixedIPs where view.subnets[fixedIP.subnetID]?.gatewayIP == fixedIP.address {
                isolated.remove(fixedIP.subnetID)
            }
        }
        return isolated
    }

    // MARK: Lines

    private struct Problem: Error { let text: String }

    /// Names that dnsmasq 2.90 does not have in its table; they are written as numbers.
    private static let unnamed: Set<String> = [
        "associated-ip", "captive-portal", "ms-classless-static-route",
    ]

    private static func portLine(_ option: ExtraDHCPOption, tag: String) -> Result<String, Problem> {
        let version: DHCPVersion = option.ipVersion == .v4 ? .v4 : .v6
        let shown = cutName(option)
        guard let name = try? DHCPOptionRegistry.lookup(shown, version) else {
            return .failure(Problem(text: "there is no DHCP option '\(shown)'"))
        }
        var value = DnsmasqText.cut(option.value)
        if value.allSatisfy({ $0 == " " || $0 == "\t" }) { value = "" }
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
            ["tag:\(tag)"] + name.tags.map { "tag:\($0)" } + [optionWord(word, option.ipVersion)]
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

    private static func cutName(_ option: ExtraDHCPOption) -> String { DnsmasqText.cut(option.name) }

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
