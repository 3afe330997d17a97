import Addressing
import DHCPDrivers
import DHCPMessages
import NetworkModel

/// A service with what all writers need to know of it.
struct ServiceView {
    let service: DHCPService
    let configuration: DnsmasqConfiguration
    let abilities: DnsmasqAbilities
    let subnets: [ResourceID: Subnet]
    /// The ports as given, with the agent's own one at the end if it was missing.
    let ports: [Port]

    init(_ service: DHCPService, _ configuration: DnsmasqConfiguration, _ abilities: DnsmasqAbilities) {
        self.service = service
        self.configuration = configuration
        self.abilities = abilities
        subnets = Dictionary(service.subnets.map { ($0.id, $0) }) { first, _ in first }
        ports =
            service.ports.contains { $0.id == service.dhcpPort.id }
            ? service.ports : service.ports + [service.dhcpPort]
    }

    /// Port owners that DHCP and DNS take no notice of.
    static let ignoredOwners: Set<String> = [
        DeviceOwner.routerHAInterface, DeviceOwner.floatingIP, DeviceOwner.dhcp, DeviceOwner.distributed,
    ]

    /// The addresses of a port on known subnets, with their names; dhcpv6-stateless ones first, for
    /// dnsmasq searches its list from the end (bug 1466144).
    func names(of port: Port) -> [NamedAddress] {
        let assignment = port.dnsAssignment(dnsDomain: configuration.dnsDomain)
        let all = zip(port.fixedIPs, assignment).compactMap { fixedIP, name -> NamedAddress? in
            guard let subnet = subnets[fixedIP.subnetID] else { return nil }
            return NamedAddress(fixedIP.address, on: subnet, name)
        }
        guard all.contains(where: \.isStateless) else { return all }
        return all.filter(\.isStateless) + all.filter { !$0.isStateless }
    }
}

/// One address of a port, where it lies and what it is called.
struct NamedAddress {
    /// The address, written out once for all files.
    let text: String
    let version: IPVersion
    let subnet: Subnet
    let hostname: String
    let fqdn: String

    init(_ address: IPAddress, on subnet: Subnet, _ name: DNSAssignment) {
        text = address.description
        version = address.version
        self.subnet = subnet
        let usable = DnsmasqText.isHostname(name.fqdn) && DnsmasqText.isHostname(name.hostname)
        hostname = usable ? name.hostname : Port.defaultHostname(address)
        fqdn = usable ? name.fqdn : Port.defaultHostname(address)
    }

    /// The address as dnsmasq's option and host files want it.
    var dnsmasqText: String { version == .v6 ? "[\(text)]" : text }

    var isStateless: Bool { subnet.ipVersion == .v6 && subnet.ipv6AddressMode == .dhcpv6Stateless }
    var isSLAAC: Bool { subnet.ipVersion == .v6 && subnet.ipv6AddressMode == .slaac }
}

extension ExtraDHCPOption {
    /// Whether the option says how to recognise the client (`client-id` or `61`) rather than what to send.
    var isClientID: Bool { name == "client-id" || name == "61" }
}

extension Port {
    /// The client identifier that the port's client must send, cut at its first control character.
    var clientID: String? {
        guard let option = extraDHCPOptions.first(where: \.isClientID) else { return nil }
        let value = DnsmasqText.cut(option.value)
        return value.isEmpty ? nil : value
    }
}
