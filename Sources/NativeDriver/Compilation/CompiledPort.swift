import Addressing
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import DNSEngine
import NetworkModel

/// What one network's engines are given for one port.
struct CompiledPort: Hashable, Sendable {
    let id: PortIdentity
    /// nil where the port has no address on a subnet with DHCPv4.
    let v4: DHCPv4Host?
    /// nil where the port has no address on a subnet with DHCPv6.
    let v6: DHCPv6Host?
    /// The port's names, for DHCP or not.
    let names: [DNSHost]
    /// What of the port's options cannot be sent, a sentence each.
    let problems: [String]

    /// - Parameters:
    ///   - names: the port's addresses with their names.
    ///   - placesV4: where the subnets with DHCPv4 stand in the configuration.
    ///   - placesV6: where those with DHCPv6 stand.
    ///   - domainName: the domain of all ports, or empty.
    init(
        _ port: Port, _ names: [NamedAddress], v4 placesV4: [ResourceID: Int],
        v6 placesV6: [ResourceID: Int], domainName: String
    ) {
        let id = PortIdentity(rawValue: port.id.rawValue)
        self.id = id
        self.names =
            AnnouncedService.ignoredOwners.contains(port.deviceOwner)
            ? []
            : names.map {
                DNSHost(port: id.rawValue, address: $0.address, hostname: $0.hostname, fqdn: $0.fqdn)
            }
        var addressesV4: [DHCPv4Host.Address] = []
        var addressesV6: [DHCPv6Host.Address] = []
        for fixedIP in port.fixedIPs {
            switch fixedIP.address {
            case .v4(let address):
                if let place = placesV4[fixedIP.subnetID] {
                    addressesV4.append(.init(subnet: place, address: address))
                }
            case .v6(let address):
                if let place = placesV6[fixedIP.subnetID] {
                    addressesV6.append(.init(subnet: place, address: address))
                }
            }
        }
        guard !addressesV4.isEmpty || !addressesV6.isEmpty else {
            (v4, v6, problems) = (nil, nil, port.sentOptions.problems)
            return
        }
        var (options, problems) = Self.options(of: port)
        let name = Self.name(of: names)
        if let domain = name?.domain, domain != domainName.withoutFinalDot,
            !options.v4.contains(where: { $0.code == 15 && $0.conditions.isEmpty })
        {
            // A name below the domain takes its own part of it along, as dnsmasq has it.
            options.v4.append(TaggedOption(code: 15, data: Array(domain.utf8)))
        }
        // The engine gives the first on the link, dnsmasq the last, for it searches its hosts from the end: a
        // client keeps its address when the network's driver changes.
        addressesV4.reverse()
        let clientIdentifier = port.clientID.flatMap(Self.clientIdentifier)
        v4 =
            addressesV4.isEmpty
            ? nil
            : DHCPv4Host(
                port: id, mac: port.macAddress, addresses: addressesV4, clientIdentifier: clientIdentifier,
                hostName: name?.host, options: options.v4)
        v6 =
            addressesV6.isEmpty
            ? nil
            : DHCPv6Host(
                port: id, mac: port.macAddress, addresses: addressesV6, clientIdentifier: clientIdentifier,
                hostName: name?.host, options: options.v6)
        problems.sort()
        self.problems = problems
    }

    /// The port's own name without its domain, and its domain; nil where names are made from the addresses.
    private static func name(of names: [NamedAddress]) -> (host: String, domain: String?)? {
        guard let first = names.first(where: { $0.hostname != Port.defaultHostname($0.address) }) else {
            return nil
        }
        let full = first.fqdn.withoutFinalDot
        guard let dot = full.firstIndex(of: ".") else { return (full, nil) }
        return (String(full[..<dot]), String(full[full.index(after: dot)...]))
    }

    /// The bytes of a client identifier; nil where any will do, for then the MAC alone tells the port.
    private static func clientIdentifier(_ text: String) -> [UInt8]? {
        guard text != "*", let name = try? DHCPOptionRegistry.lookup("client-id", .v4) else { return nil }
        return try? name.encode(text)
    }

    private static func options(
        of port: Port
    ) -> (options: (v4: [TaggedOption], v6: [TaggedOption]), problems: [String]) {
        let (sent, unknown) = port.sentOptions
        var problems = unknown
        var v4: [TaggedOption] = []
        var v6: [TaggedOption] = []
        for option in sent {
            var tagged = TaggedOption(
                conditions: option.name.tags.map { tag in
                    let isNegated = tag.hasPrefix("!")
                    return .init(tag: String(isNegated ? tag.dropFirst() : tag[...]), isNegated: isNegated)
                }, code: option.name.code, data: [], isBlank: option.value.isEmpty)
            if !tagged.isBlank {
                do throws(DHCPOptionError) {
                    tagged.data = try option.name.encode(option.value)
                } catch {
                    problems.append("port \(port.id): \(error)")
                    continue
                }
            }
            if option.version == .v4 { v4.append(tagged) } else { v6.append(tagged) }
        }
        return ((v4, v6), problems)
    }
}

extension String {
    /// The text without a dot at its end.
    fileprivate var withoutFinalDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
