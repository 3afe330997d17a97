import LinuxKernel
import NetworkModel

/// Where one network's dnsmasq keeps its files: `<dhcp_confs>/<network id>/`.
struct ConfigurationDirectory: Hashable, Sendable {
    let path: String

    init(_ configuration: DnsmasqConfiguration, _ network: ResourceID) {
        path = "\(configuration.dhcpConfs)/\(network)"
    }

    var pid: String { "\(path)/pid" }
    var interface: String { "\(path)/interface" }
    var host: String { "\(path)/host" }
    var additionalHosts: String { "\(path)/addn_hosts" }
    var options: String { "\(path)/opts" }
    /// The files that dnsmasq opens when it reloads: without a range it does no DHCP and reads names alone.
    func filesRead(by rendered: RenderedService) -> [String] {
        let doesDHCP = rendered.arguments.contains { $0.hasPrefix("--dhcp-range=") }
        return doesDHCP ? [host, options] : [additionalHosts]
    }

    var leases: String { "\(path)/leases" }
    /// Ours alone: who serves the network from here.
    var owner: String { "\(path)/owner" }
    /// Ours alone: what dnsmasq is known to have read.
    var served: String { "\(path)/served" }
    /// The native driver's mark.
    var native: String { "\(path)/native" }

    /// Whether dnsmasq has files here: of those that are its own this is written first.
    var isUsed: Bool { fileExists(path: interface) }
}
