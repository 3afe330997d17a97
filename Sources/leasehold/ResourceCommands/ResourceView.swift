import NeutronAPI

/// How the resources of a kind are shown: columns of lists, names and forms of fields.
struct ResourceView: Sendable {
    /// One column of a list.
    struct Column: Sendable {
        let title: String
        let field: String
        let format: FieldFormat

        init(_ title: String, _ field: String, _ format: FieldFormat = .plain) {
            self.title = title
            self.field = field
            self.format = format
        }
    }

    let columns: [Column]
    /// The columns of `--long`.
    let longColumns: [Column]
    /// Fields that are not shown as they are.
    let formats: [String: FieldFormat]
    /// What the openstack client calls fields of the API.
    let names: [String: String]

    /// The text of a list.
    func list(_ resources: [JSONObject], long: Bool = false, _ output: OutputOptions) throws(CommandFailure)
        -> String
    {
        let columns = long ? longColumns : columns
        return try output.list(
            columns.map(\.title),
            resources.map { resource in columns.map { $0.format.cell(resource[$0.field]) } })
    }

    /// The text of one resource: all fields that the service sent, sorted by name.
    func show(_ resource: JSONObject, _ output: OutputOptions) throws(CommandFailure) -> String {
        let fields = resource.members
            // The old name of project_id says the same.
            .filter { $0.key != "tenant_id" || resource["project_id"] == nil }
            .map { (name: names[$0.key] ?? $0.key, cell: (formats[$0.key] ?? .plain).cell($0.value)) }
            .sorted { $0.name < $1.name }
        return try output.object(fields)
    }
}

extension ResourceView {
    static let network = ResourceView(
        columns: [.init("ID", "id"), .init("Name", "name"), .init("Subnets", "subnets", .list)],
        longColumns: [
            .init("ID", "id"), .init("Name", "name"), .init("Status", "status"),
            .init("Project", "project_id"),
            .init("State", "admin_state_up", .adminState), .init("Shared", "shared"),
            .init("Subnets", "subnets", .list), .init("Network Type", "provider:network_type"),
            .init("Router Type", "router:external", .routerType),
            .init("Availability Zones", "availability_zones", .list), .init("Tags", "tags", .list),
        ],
        formats: [
            "admin_state_up": .adminState, "router:external": .routerType, "subnets": .list, "tags": .list,
            "availability_zones": .list, "availability_zone_hints": .list,
        ],
        names: ["vlan_transparent": "is_vlan_transparent", "leasehold:dhcp_driver": "dhcp_driver"])

    static let subnet = ResourceView(
        columns: [
            .init("ID", "id"), .init("Name", "name"), .init("Network", "network_id"), .init("Subnet", "cidr"),
        ],
        longColumns: [
            .init("ID", "id"), .init("Name", "name"), .init("Network", "network_id"), .init("Subnet", "cidr"),
            .init("Project", "project_id"), .init("DHCP", "enable_dhcp"),
            .init("Name Servers", "dns_nameservers", .orderedList),
            .init("Allocation Pools", "allocation_pools", .allocationPools),
            .init("Host Routes", "host_routes", .hostRoutes), .init("IP Version", "ip_version"),
            .init("Gateway", "gateway_ip"), .init("Service Types", "service_types", .list),
            .init("Tags", "tags", .list),
        ],
        formats: [
            "allocation_pools": .allocationPools, "dns_nameservers": .orderedList, "host_routes": .hostRoutes,
            "service_types": .list, "tags": .list,
        ], names: [:])

    static let port = ResourceView(
        columns: [
            .init("ID", "id"), .init("Name", "name"), .init("MAC Address", "mac_address"),
            .init("Fixed IP Addresses", "fixed_ips", .dictionaries), .init("Status", "status"),
        ],
        longColumns: [
            .init("ID", "id"), .init("Name", "name"), .init("MAC Address", "mac_address"),
            .init("Fixed IP Addresses", "fixed_ips", .dictionaries), .init("Status", "status"),
            .init("Security Groups", "security_groups", .list), .init("Device Owner", "device_owner"),
            .init("Tags", "tags", .list),
        ],
        formats: [
            "admin_state_up": .adminState, "fixed_ips": .dictionaries, "extra_dhcp_opts": .dictionaries,
            "allowed_address_pairs": .dictionaries, "dns_assignment": .dictionaries,
            "security_groups": .list, "tags": .list, "leasehold:leases": .dictionaries,
            "binding:profile": .dictionary,
            "binding:vif_details": .dictionary,
        ],
        names: [
            "binding:host_id": "binding_host_id", "binding:profile": "binding_profile",
            "binding:vif_details": "binding_vif_details", "binding:vif_type": "binding_vif_type",
            "binding:vnic_type": "binding_vnic_type", "security_groups": "security_group_ids",
            "leasehold:leases": "leases",
        ])

    static let subnetPool = ResourceView(
        columns: [.init("ID", "id"), .init("Name", "name"), .init("Prefixes", "prefixes", .orderedList)],
        longColumns: [
            .init("ID", "id"), .init("Name", "name"), .init("Prefixes", "prefixes", .orderedList),
            .init("Default Prefix Length", "default_prefixlen"), .init("Default Pool", "is_default"),
            .init("Shared", "shared"), .init("Project", "project_id"), .init("Tags", "tags", .list),
        ],
        formats: ["prefixes": .orderedList, "tags": .list], names: [:])

    static let quota = ResourceView(
        columns: quotaColumns, longColumns: quotaColumns, formats: [:],
        names: ["network": "networks", "subnet": "subnets", "port": "ports", "subnetpool": "subnet_pools"])

    private static let quotaColumns: [Column] = [
        .init("Project ID", "project_id"), .init("Networks", "network"), .init("Subnets", "subnet"),
        .init("Ports", "port"), .init("Subnet Pools", "subnetpool"),
    ]

    static let quotaUsage = ResourceView(
        columns: quotaUsageColumns, longColumns: quotaUsageColumns, formats: [:], names: [:])

    private static let quotaUsageColumns: [Column] = [
        .init("Resource", "resource"), .init("In Use", "used"), .init("Reserved", "reserved"),
        .init("Limit", "limit"),
    ]

    static let addressAvailability = ResourceView(
        columns: addressAvailabilityColumns, longColumns: addressAvailabilityColumns,
        formats: ["subnet_ip_availability": .dictionaries], names: [:])

    private static let addressAvailabilityColumns: [Column] = [
        .init("Network ID", "network_id"), .init("Network Name", "network_name"),
        .init("Total IPs", "total_ips"), .init("Used IPs", "used_ips"),
    ]

    static let lease = ResourceView(
        columns: [
            .init("IP Address", "ip_address"), .init("MAC Address", "mac_address", .unknown),
            .init("Hostname", "hostname"), .init("Given", "given_at", .unknown),
            .init("Expires", "expires_at", .expiry), .init("Port", "port_id", .unknown),
        ],
        longColumns: [
            .init("IP Address", "ip_address"), .init("MAC Address", "mac_address", .unknown),
            .init("Hostname", "hostname"), .init("Given", "given_at", .unknown),
            .init("Expires", "expires_at", .expiry), .init("Port", "port_id", .unknown),
            .init("Network", "network_id"), .init("Client ID", "client_id"),
            .init("Vendor Class", "vendor_class"), .init("IAID", "iaid", .unknown),
            .init("Message", "message"), .init("Server", "server", .unknown),
        ],
        formats: [
            "expires_at": .expiry, "given_at": .unknown, "mac_address": .unknown, "port_id": .unknown,
            "iaid": .unknown, "server": .unknown,
        ], names: [:])

    static let agent = ResourceView(
        columns: agentColumns, longColumns: agentColumns,
        formats: ["admin_state_up": .adminState, "alive": .aliveness],
        names: ["configurations": "configuration", "heartbeat_timestamp": "last_heartbeat_at"])

    private static let agentColumns: [Column] = [
        .init("ID", "id"), .init("Agent Type", "agent_type"), .init("Host", "host"),
        .init("Availability Zone", "availability_zone"), .init("Alive", "alive", .aliveness),
        .init("State", "admin_state_up", .adminState), .init("Binary", "binary"),
    ]
}
