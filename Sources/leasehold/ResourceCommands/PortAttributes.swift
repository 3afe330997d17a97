import ArgumentParser
import NeutronAPI

/// The options of `port create` and `port set` that become attributes.
struct PortAttributes: ParsableArguments {
    @Option(help: "A description for people.")
    var description: String?

    @Option(help: ArgumentHelp("The id of the device that it belongs to.", valueName: "id"))
    var device: String?

    @Option(help: ArgumentHelp("What the device is, such as compute:nova.", valueName: "owner"))
    var deviceOwner: String?

    @Option(help: ArgumentHelp("The MAC address; chosen if not said.", valueName: "mac"))
    var macAddress: String?

    @Option(help: ArgumentHelp("The host that it is bound to.", valueName: "host"))
    var host: String?

    @Option(help: ArgumentHelp("The kind of virtual interface, such as normal.", valueName: "type"))
    var vnicType: String?

    @Flag(exclusivity: .exclusive)
    var adminState: AdminState?

    @Option(
        name: .customLong("fixed-ip"),
        help: ArgumentHelp(
            "An address, a subnet to choose one from, or both; may be repeated.",
            valueName: "subnet=<subnet>,ip-address=<ip>"),
        transform: { try KeyValueArgument($0, required: [], optional: ["subnet", "ip-address"]) })
    var fixedIPs: [KeyValueArgument] = []

    @Option(
        name: [.customLong("extra-dhcp-option")],
        help: ArgumentHelp(
            "A DHCP option for this port only, by name or number; may be repeated. In `set`, one without a value is removed.",
            valueName: "name=<name>[,value=<value>,ip-version=4|6]"),
        transform: { try KeyValueArgument($0, required: ["name"], optional: ["value", "ip-version"]) })
    var extraDHCPOptions: [KeyValueArgument] = []

    @Option(
        name: .customLong("allowed-address"),
        help: ArgumentHelp(
            "A further address that may be used on it; may be repeated.",
            valueName: "ip-address=<ip>[,mac-address=<mac>]"),
        transform: { try KeyValueArgument($0, required: ["ip-address"], optional: ["mac-address"]) })
    var allowedAddresses: [KeyValueArgument] = []

    @Option(help: ArgumentHelp("The DNS domain.", valueName: "domain"))
    var dnsDomain: String?

    @Option(help: ArgumentHelp("The host name, as DNS and DHCP tell it.", valueName: "name"))
    var dnsName: String?

    @Flag(inversion: .prefixedEnableDisable, exclusivity: .exclusive, help: "Port security.")
    var portSecurity: Bool?

    /// The subnets that fixed addresses name.
    var subnets: [String] { fixedIPs.compactMap { $0["subnet"] } }

    /// The bodies of the fixed addresses.
    ///
    /// - Parameter subnetIDs: the id of each of ``subnets``.
    func fixedIPBodies(subnetIDs: [String: String]) -> [JSONValue] {
        fixedIPs.map { argument in
            .members([
                "subnet_id": argument["subnet"].map { .string(subnetIDs[$0] ?? $0) },
                "ip_address": argument["ip-address"].map(JSONValue.string),
            ])
        }
    }

    /// The bodies of the allowed addresses.
    var allowedAddressBodies: [JSONValue] {
        allowedAddresses.map {
            .members([
                "ip_address": $0["ip-address"].map(JSONValue.string),
                "mac_address": $0["mac-address"].map(JSONValue.string),
            ])
        }
    }

    /// Adds what was said, but for addresses.
    func add(to body: inout RequestBody) {
        body.set("description", description)
        body.set("mac_address", macAddress)
        body.set("device_id", device)
        body.set("device_owner", deviceOwner)
        body.set("binding:host_id", host)
        body.set("binding:vnic_type", vnicType)
        body.set("dns_domain", dnsDomain)
        body.set("dns_name", dnsName)
        body.set("port_security_enabled", portSecurity)
        body.set(
            "extra_dhcp_opts",
            unlessEmpty: extraDHCPOptions.map { option in
                .members([
                    "opt_name": option["name"].map(JSONValue.string),
                    "opt_value": option["value"].map(JSONValue.string) ?? .null,
                    "ip_version": option["ip-version"].map(JSONValue.string),
                ])
            })
    }
}
