import ArgumentParser
import NeutronAPI

/// What `--gateway` says.
enum GatewayArgument: Hashable, Sendable {
    /// The service chooses: the first address.
    case auto
    case none
    case address(String)

    init(_ text: String) {
        switch text.lowercased() {
        case "auto": self = .auto
        case "none": self = .none
        default: self = .address(text)
        }
    }
}

/// The options of `subnet create` and `subnet set` that become attributes.
struct SubnetAttributes: ParsableArguments {
    @Flag(inversion: .prefixedNo, exclusivity: .exclusive, help: "Serve DHCP on it, or not.")
    var dhcp: Bool?

    @Flag(
        inversion: .prefixedNo, exclusivity: .exclusive,
        help: "Publish its addresses in the DNS, or not.")
    var dnsPublishFixedIP: Bool?

    @Option(help: "A description for people.")
    var description: String?

    @Option(
        name: .customLong("allocation-pool"),
        help: ArgumentHelp(
            "A range that addresses are chosen from; may be repeated.", valueName: "start=<ip>,end=<ip>"),
        transform: { try KeyValueArgument($0, required: ["start", "end"]) })
    var allocationPools: [KeyValueArgument] = []

    @Option(
        name: .customLong("dns-nameserver"),
        help: ArgumentHelp(
            "A DNS server that clients are told of; may be repeated. 0.0.0.0 or :: alone: tell them of none.",
            valueName: "ip"))
    var dnsNameservers: [String] = []

    @Option(
        name: .customLong("host-route"),
        help: ArgumentHelp(
            "A route that clients are told of; may be repeated.", valueName: "destination=<cidr>,gateway=<ip>"
        ),
        transform: { try KeyValueArgument($0, required: ["destination", "gateway"]) })
    var hostRoutes: [KeyValueArgument] = []

    @Option(
        name: .customLong("service-type"),
        help: ArgumentHelp(
            "A device owner, such as compute:nova, whose ports it is for; may be repeated.",
            valueName: "owner"))
    var serviceTypes: [String] = []

    /// The bodies of the pools.
    var pools: [JSONValue] {
        allocationPools.map {
            .members(["start": $0["start"].map(JSONValue.string), "end": $0["end"].map(JSONValue.string)])
        }
    }

    /// The bodies of the routes.
    var routes: [JSONValue] {
        hostRoutes.map {
            .members([
                "destination": $0["destination"].map(JSONValue.string),
                "nexthop": $0["gateway"].map(JSONValue.string),
            ])
        }
    }

    /// Adds what was said, but for the lists.
    func add(to body: inout RequestBody) {
        body.set("description", description)
        body.set("enable_dhcp", dhcp)
        body.set("dns_publish_fixed_ip", dnsPublishFixedIP)
    }

    /// Adds the gateway.
    static func add(_ gateway: GatewayArgument?, to body: inout RequestBody) {
        switch gateway {
        case nil, .auto: break
        case .some(.none): body.set("gateway_ip", .null)
        case .address(let text): body.set("gateway_ip", text)
        }
    }
}
