import Addressing
import DHCPDrivers
import DNSEngine
import NetworkModel

/// What the ports of a network are called, with the operator's `dns_domain`.
///
/// Most ports have no name of their own, and those need no text: a thousand networks are compiled at a start.
struct PortNaming: Hashable, Sendable {
    private let domain: String
    /// Whether ports may have names of their own.
    private let allowsOwnNames: Bool
    /// Whether default names below the domain are host names; without it otherwise, as dnsmasq has them.
    private let isDomainUsable: Bool

    init(dnsDomain: String) {
        domain = dnsDomain
        allowsOwnNames = Port.allowsNames(dnsDomain: dnsDomain)
        isDomainUsable = dnsDomain.isEmpty || isHostname("host.\(dnsDomain)")
    }

    /// A name of a port's own: the host's part of it, and its domain where it has one.
    typealias OwnName = (host: String, domain: String?)

    /// What the addresses are called, and the port's own name; nil where names are made from the addresses.
    func names(of port: Port, for addresses: [IPAddress]) -> (hosts: [DNSHost], own: OwnName?) {
        let id = port.id.rawValue
        if !port.dnsName.isEmpty, allowsOwnNames,
            let name = port.dnsAssignment(dnsDomain: domain).first,
            isHostname(name.hostname), isHostname(name.fqdn)
        {
            let hosts = addresses.map {
                DNSHost(port: id, address: $0, hostname: name.hostname, fqdn: name.fqdn)
            }
            let isOwn = addresses.contains { name.hostname != Port.defaultHostname($0) }
            return (hosts, isOwn ? Self.split(name.fqdn.withoutFinalDot) : nil)
        }
        if isDomainUsable { return (addresses.map { DNSHost(port: id, address: $0) }, nil) }
        let hosts = addresses.map { address in
            let name = Port.defaultHostname(address)
            return DNSHost(port: id, address: address, hostname: name, fqdn: name)
        }
        return (hosts, nil)
    }

    private static func split(_ name: String) -> OwnName {
        guard let dot = name.firstIndex(of: ".") else { return (name, nil) }
        return (String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
}

extension String {
    /// The text without a dot at its end.
    fileprivate var withoutFinalDot: String { hasSuffix(".") ? String(dropLast()) : self }
}
