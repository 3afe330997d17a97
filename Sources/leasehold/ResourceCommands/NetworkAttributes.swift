import ArgumentParser
import NeutronAPI

/// `--external` and `--internal`.
enum NetworkReach: String, EnumerableFlag, Sendable {
    case external, `internal`

    static func help(for value: NetworkReach) -> ArgumentHelp? {
        value == .external ? "Set it as an external network." : "Set it as an internal network (the default)."
    }
}

/// The values of `--dhcp-driver`.
enum DHCPDriverOption: String, ExpressibleByArgument, CaseIterable, Sendable {
    case dnsmasq, native
    /// The service's `dhcp_driver`.
    case standard = "default"

    /// What is sent.
    var json: JSONValue { self == .standard ? .null : .string(rawValue) }
}

/// The options of `network create` and `network set` that become attributes.
struct NetworkAttributes: ParsableArguments {
    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Share it with all projects, or not.")
    var share: Bool?

    @Flag(exclusivity: .exclusive)
    var adminState: AdminState?

    @Option(help: "A description for people.")
    var description: String?

    @Option(help: "The largest IP packet in bytes.")
    var mtu: Int?

    @Flag(exclusivity: .exclusive)
    var reach: NetworkReach?

    @Flag(
        name: .customLong("default"), inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Make it the default external network, or not.")
    var isDefault: Bool?

    @Flag(inversion: .prefixedEnableDisable, exclusivity: .exclusive, help: "Port security of new ports.")
    var portSecurity: Bool?

    @Option(
        help: ArgumentHelp("How frames travel between hosts: local, flat, vlan or vxlan.", valueName: "type"),
        completion: .list(["local", "flat", "vlan", "vxlan"]))
    var providerNetworkType: String?

    @Option(help: ArgumentHelp("The physical network of a flat or vlan network.", valueName: "name"))
    var providerPhysicalNetwork: String?

    @Option(help: ArgumentHelp("The VLAN id, or the VXLAN network identifier.", valueName: "number"))
    var providerSegment: Int?

    @Option(help: ArgumentHelp("The DNS domain of its ports.", valueName: "domain"))
    var dnsDomain: String?

    @Option(
        help: ArgumentHelp(
            "What serves DHCP on it: dnsmasq, native, or default for the service's dhcp_driver. Clients keep their addresses.",
            valueName: "driver"))
    var dhcpDriver: DHCPDriverOption?

    /// Adds what was said.
    func add(to body: inout RequestBody) {
        body.set("description", description)
        body.set("shared", share)
        body.set("mtu", mtu)
        body.set("router:external", reach.map { $0 == .external })
        body.set("is_default", isDefault)
        body.set("port_security_enabled", portSecurity)
        body.set("provider:network_type", providerNetworkType)
        body.set("provider:physical_network", providerPhysicalNetwork)
        body.set("provider:segmentation_id", providerSegment)
        body.set("dns_domain", dnsDomain)
        body.set("leasehold:dhcp_driver", dhcpDriver?.json)
    }
}
