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
    ///   - places: where the network's subnets stand in the configurations.
    ///   - domainName: the domain of all ports without a final dot, or empty.
    ///   - own: what stands for ourselves in options.
    init(
        _ port: Port, _ places: SubnetPlaces, _ naming: PortNaming, domainName: String, own: OwnAddresses
    ) {
        let id = PortIdentity(rawValue: port.id.rawValue)
        self.id = id
        var addresses: [IPAddress] = []
        var addressesV4: [DHCPv4Host.Address] = []
        var addressesV6: [DHCPv6Host.Address] = []
        for fixedIP in port.fixedIPs where places.contains(fixedIP.subnetID) {
            addresses.append(fixedIP.address)
            guard let place = places[fixedIP.subnetID] else { continue }
            switch fixedIP.address {
            case .v4(let address): addressesV4.append(.init(subnet: place, address: address))
            case .v6(let address): addressesV6.append(.init(subnet: place, address: address))
            }
        }
        let (hosts, name) = naming.names(of: port, for: addresses)
        names = AnnouncedService.ignoredOwners.contains(port.deviceOwner) ? [] : hosts
        guard !addressesV4.isEmpty || !addressesV6.isEmpty else {
            (v4, v6, problems) = (nil, nil, port.sentOptions.problems)
            return
        }
        // The last IPv4 address is the one given; see below.
        var (options, problems) = Self.options(of: port) { value, name, missing in
            let subnets = port.fixedIPs.map(\.subnetID)
            let served =
                (name.version == .v4 ? subnets.reversed() : subnets).filter { places[$0] != nil }
            return own.substituted(in: value, of: name, served, missing: &missing)
        }
        if let domain = name?.domain, domain != domainName,
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

    /// The bytes of a client identifier; nil where any will do, for then the MAC alone tells the port.
    private static func clientIdentifier(_ text: String) -> [UInt8]? {
        guard text != "*", let name = try? DHCPOptionRegistry.lookup("client-id", .v4) else { return nil }
        return try? name.encode(text)
    }

    /// - Parameter substituted: the value of the option with our addresses in it, and what of them we lack.
    private static func options(
        of port: Port, substituted: (String, DHCPOptionName, inout [String]) -> String
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
                var missing: [String] = []
                let value = substituted(option.value, option.name, &missing)
                for address in missing {
                    problems.append(
                        "port \(port.id): option \(option.name.text) is sent with \(address) as it is, "
                            + "for we have no address that it could stand for")
                }
                do throws(DHCPOptionError) {
                    tagged.data = try option.name.encode(value)
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
