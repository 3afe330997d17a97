/// Neutron's default policies (release 29): who may do what, by Neutron's name of the action.
///
/// An action on an attribute, as in `create_network:shared`, is judged beside that on its resource. One
/// that is not here needs nothing more to be read, and ``PolicyTable/fallback`` to be written.
enum PolicyTable {
    /// The rule of an action; nil where there is none.
    static func rule(_ action: String) -> PolicyRule? { rules[action] }

    /// What counts for an action without a rule of its own: the project's administrator or anybody in it.
    static let fallback = PolicyRule.any([.admin, .owner])

    private static let rules: [String: PolicyRule] = networks.merging(subnets) { $1 }.merging(ports) { $1 }
        .merging(subnetPools) { $1 }.merging(others) { $1 }

    private static let adminOrMember = PolicyRule.any([.admin, .projectMember])
    // Other services see what there is, but no tags.
    private static let networkIsVisible = PolicyRule.any([.admin, .projectReader, .shared, .external])

    private static let networks: [String: PolicyRule] = [
        "get_network": .any([networkIsVisible, .service]),
        "get_network:tags": networkIsVisible,
        "get_network:provider:network_type": .admin,
        "get_network:provider:physical_network": .admin,
        "get_network:provider:segmentation_id": .admin,
        "create_network": adminOrMember,
        "create_network:tags": adminOrMember,
        "create_network:shared": .admin,
        "create_network:router:external": .admin,
        "create_network:is_default": .admin,
        "create_network:port_security_enabled": adminOrMember,
        "create_network:provider:network_type": .admin,
        "create_network:provider:physical_network": .admin,
        "create_network:provider:segmentation_id": .admin,
        "create_network:leasehold:dhcp_driver": .admin,
        "update_network": adminOrMember,
        "update_network:tags": adminOrMember,
        "update_network:shared": .admin,
        "update_network:router:external": .admin,
        "update_network:is_default": .admin,
        "update_network:port_security_enabled": adminOrMember,
        "update_network:provider:network_type": .admin,
        "update_network:provider:physical_network": .admin,
        "update_network:provider:segmentation_id": .admin,
        "update_network:leasehold:dhcp_driver": .admin,
        "delete_network": adminOrMember,
        "delete_network:tags": adminOrMember,
    ]

    private static let subnetIsVisible = PolicyRule.any([
        .admin, .projectReader, .shared, .external, .networkReader,
    ])
    private static let subnetIsOwn = PolicyRule.any([.admin, .projectMember, .networkMember])

    private static let subnets: [String: PolicyRule] = [
        "get_subnet": .any([subnetIsVisible, .service]),
        "get_subnet:tags": subnetIsVisible,
        "get_subnet:segment_id": .admin,
        "create_subnet": .any([.admin, .networkMember]),
        "create_subnet:tags": subnetIsOwn,
        "create_subnet:segment_id": .admin,
        "update_subnet": subnetIsOwn,
        "update_subnet:tags": subnetIsOwn,
        "delete_subnet": subnetIsOwn,
        "delete_subnet:tags": subnetIsOwn,
    ]

    private static let portIsVisible = PolicyRule.any([.admin, .networkReader, .projectReader])
    /// What decides about addresses on a network is for its owner.
    private static let networkIsOwn = PolicyRule.any([.admin, .service, .networkMember])
    // With Neutron's own rule who only reads makes ports on shared networks, and takes their addresses.
    private static let networkIsUsable = PolicyRule.any([
        .admin, .service, .networkMember, .all([.role(.member), .shared]),
    ])
    private static let portIsOwn = PolicyRule.any([.admin, .service, .projectMember])
    private static let deviceOwner = PolicyRule.any([.not(.device("network:")), networkIsOwn])

    private static let ports: [String: PolicyRule] = [
        "get_port": .any([portIsVisible, .service]),
        "get_port:tags": portIsVisible,
        "get_port:binding:vif_type": .adminOrService,
        "get_port:binding:vif_details": .adminOrService,
        "get_port:binding:host_id": .adminOrService,
        "get_port:binding:profile": .adminOrService,
        "create_port": networkIsUsable,
        "create_port:tags": adminOrMember,
        "create_port:device_id": portIsOwn,
        "create_port:device_owner": deviceOwner,
        "create_port:mac_address": networkIsOwn,
        "create_port:fixed_ips": networkIsUsable,
        "create_port:fixed_ips:ip_address": networkIsOwn,
        "create_port:fixed_ips:subnet_id": networkIsUsable,
        "create_port:port_security_enabled": networkIsOwn,
        "create_port:binding:host_id": .adminOrService,
        // Neutron leaves it to Nova alone since release 27; here administrators stand in for Nova.
        "create_port:binding:profile": .adminOrService,
        "create_port:binding:vnic_type": portIsOwn,
        "create_port:allowed_address_pairs": networkIsOwn,
        "create_port:allowed_address_pairs:mac_address": networkIsOwn,
        "create_port:allowed_address_pairs:ip_address": networkIsOwn,
        "update_port": portIsOwn,
        "update_port:tags": adminOrMember,
        "update_port:device_id": portIsOwn,
        "update_port:device_owner": deviceOwner,
        "update_port:mac_address": .any([.admin, .service, .networkManager]),
        "update_port:fixed_ips": networkIsOwn,
        "update_port:fixed_ips:ip_address": networkIsOwn,
        "update_port:fixed_ips:subnet_id": networkIsUsable,
        "update_port:port_security_enabled": networkIsOwn,
        "update_port:binding:host_id": .adminOrService,
        "update_port:binding:profile": .adminOrService,
        "update_port:binding:vnic_type": portIsOwn,
        "update_port:allowed_address_pairs": networkIsOwn,
        "update_port:allowed_address_pairs:mac_address": networkIsOwn,
        "update_port:allowed_address_pairs:ip_address": networkIsOwn,
        // Neutron leaves ports of instances to Nova since release 29; there is none here to delete them.
        "delete_port": .any([.adminOrService, .networkMember, .projectMember]),
        "delete_port:tags": .any([.admin, .projectMember, .networkMember]),
    ]

    private static let poolIsVisible = PolicyRule.any([.admin, .projectReader, .shared])

    private static let subnetPools: [String: PolicyRule] = [
        "get_subnetpool": poolIsVisible,
        "get_subnetpool:tags": poolIsVisible,
        "create_subnetpool": adminOrMember,
        "create_subnetpool:tags": adminOrMember,
        "create_subnetpool:shared": .admin,
        "create_subnetpool:is_default": .admin,
        "update_subnetpool": adminOrMember,
        "update_subnetpool:tags": adminOrMember,
        "update_subnetpool:is_default": .admin,
        "delete_subnetpool": adminOrMember,
        "delete_subnetpool:tags": adminOrMember,
    ]

    private static let others: [String: PolicyRule] = [
        "get_agent": .admin,
        "update_agent": .admin,
        "delete_agent": .admin,
        "get_dhcp-networks": .admin,
        "create_dhcp-network": .admin,
        "delete_dhcp-network": .admin,
        "get_dhcp-agents": .admin,
        "get_quota": .any([.admin, .projectManager]),
        "update_quota": .admin,
        "delete_quota": .admin,
        "get_network_ip_availability": .adminOrService,
        "get_availability_zone": .role(.reader),
        // Leasehold's own: what DHCP servers told whom, and how the service is.
        "get_lease": .any([portIsVisible, .service]),
        "get_leasehold_status": .admin,
    ]
}
