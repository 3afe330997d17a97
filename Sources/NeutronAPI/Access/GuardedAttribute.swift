/// An attribute that a request may only name if a rule of its own allows it (Neutron's `enforce_policy`).
struct GuardedAttribute: Sendable {
    let name: String
    /// The value that every caller may give at creation: it is what counts without it.
    let standard: JSONValue?

    init(_ name: String, unless standard: JSONValue? = nil) {
        self.name = name
        self.standard = standard
    }

    /// Whether a request to create asks for something with the value.
    func isAsked(_ value: JSONValue) -> Bool {
        guard let standard else { return true }
        if value == standard { return false }
        // Clients write booleans as texts and numbers too.
        if case .bool(let boolean) = standard, let given = try? Validator<Bool>.boolean.parse(value) {
            return given != boolean
        }
        return true
    }
}

extension GuardedAttribute {
    /// Those of networks.
    static let ofNetworks: [GuardedAttribute] = [
        .init("shared", unless: .bool(false)), .init("port_security_enabled"),
        .init("router:external", unless: .bool(false)), .init("is_default", unless: .bool(false)),
        .init("provider:network_type"), .init("provider:physical_network"),
        .init("provider:segmentation_id"), .init("leasehold:dhcp_driver", unless: .null),
    ]

    /// Those of subnets.
    static let ofSubnets: [GuardedAttribute] = [.init("segment_id", unless: .null)]

    /// Those of ports.
    static let ofPorts: [GuardedAttribute] = [
        .init("mac_address"), .init("fixed_ips"), .init("device_id", unless: .string("")),
        .init("device_owner", unless: .string("")), .init("port_security_enabled"),
        .init("binding:host_id"), .init("binding:profile"),
        .init("binding:vnic_type", unless: .string("normal")), .init("allowed_address_pairs"),
    ]

    /// Those of subnet pools.
    static let ofSubnetPools: [GuardedAttribute] = [
        .init("shared", unless: .bool(false)), .init("is_default", unless: .bool(false)),
    ]
}
