public import Addressing
public import NetworkModel

/// One address of a port, where it lies and what it is called.
public struct NamedAddress: Hashable, Sendable {
    public let address: IPAddress
    /// The address, written out once for all uses.
    public let text: String
    public let subnet: Subnet
    public let hostname: String
    /// The full name, with a dot at its end where there is a domain.
    public let fqdn: String

    /// Names that are no host names give way to the one that is made from the address.
    public init(_ address: IPAddress, on subnet: Subnet, _ name: DNSAssignment) {
        self.address = address
        text = address.description
        self.subnet = subnet
        let usable = isHostname(name.fqdn) && isHostname(name.hostname)
        hostname = usable ? name.hostname : Port.defaultHostname(address)
        fqdn = usable ? name.fqdn : Port.defaultHostname(address)
    }

    public var isStateless: Bool { subnet.ipVersion == .v6 && subnet.ipv6AddressMode == .dhcpv6Stateless }
    public var isSLAAC: Bool { subnet.ipVersion == .v6 && subnet.ipv6AddressMode == .slaac }
}

extension AnnouncedService {
    /// The addresses of a port on known subnets, with their names; dhcpv6-stateless ones first, for
    /// dnsmasq searches its list from the end (bug 1466144).
    public func names(of port: Port) -> [NamedAddress] {
        let assignment = port.dnsAssignment(dnsDomain: settings.dnsDomain)
        let all = zip(port.fixedIPs, assignment).compactMap { fixedIP, name -> NamedAddress? in
            guard let subnet = subnets[fixedIP.subnetID] else { return nil }
            return NamedAddress(fixedIP.address, on: subnet, name)
        }
        guard all.contains(where: \.isStateless) else { return all }
        return all.filter(\.isStateless) + all.filter { !$0.isStateless }
    }
}

/// Labels of letters, digits, hyphens and underscores (RFC 1123 section 2.1), perhaps with a dot at
/// the end.
public func isHostname(_ name: String) -> Bool {
    var label = 0
    var count = 0
    for byte in name.utf8 {
        count += 1
        switch byte {
        case 0x2E where label > 0: label = 0
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: label += 1
        case 0x2D where label > 0, 0x5F where label > 0: label += 1
        default: return false
        }
        if label > 63 { return false }
    }
    return count > 0 && count - (label == 0 ? 1 : 0) <= 253
}
