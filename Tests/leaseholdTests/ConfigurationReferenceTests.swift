import Glibc
import NeutronAPI
import Testing

@testable import leasehold

@Suite struct ConfigurationReferenceTests {
    /// docs/configuration.md, seen from this file.
    private static let path: String = {
        var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
        parts.removeLast(3)
        return parts.joined(separator: "/") + "/docs/configuration.md"
    }()

    @Test func `docs/configuration.md is what the option table says`() throws {
        if getenv("LEASEHOLD_UPDATE_DOCS") != nil {
            let file = try #require(fopen(Self.path, "w"))
            fputs(ConfigurationReference.markdown, file)
            fclose(file)
        }
        #expect(
            try TextFile.read(Self.path) == ConfigurationReference.markdown,
            "run the tests with LEASEHOLD_UPDATE_DOCS=1 and commit the file")
    }

    @Test func `no place belongs to two options`() {
        let places = ConfigurationOption.all.flatMap(\.names).map(\.normalized)
        let twice = Dictionary(grouping: places) { $0 }.filter { $0.value.count > 1 }.keys
        #expect(twice.isEmpty)
        let sections = UnusedSection.all.map { OptionName.normalized(section: $0.name) }
        #expect(Set(sections).count == sections.count)
        #expect(Set(sections).isDisjoint(with: places.map(\.section)))
    }

    @Test func `every property of the settings has its option`() {
        // Those about Keystone's API are together.
        let properties = Mirror(reflecting: Settings()).children.filter { $0.label != "keystone" }
        let keystone = Mirror(reflecting: KeystoneConfiguration()).children
        let domains = 2 * Mirror(reflecting: KeystoneConfiguration.Domain()).children.count
        #expect(properties.count + keystone.count - 2 + domains == ConfigurationOption.effective.count)
        #expect(ConfigurationOption.effective.filter { !$0.hasEffect }.isEmpty)
        #expect(ConfigurationOption.unused.filter(\.hasEffect).isEmpty)
    }

    @Test(arguments: ConfigurationOption.effective.map(\.name))
    func `an option's default reads back as its default`(name: OptionName) throws {
        let option = try #require(ConfigurationOption.byName[name.normalized])
        #expect(!option.documentation.isEmpty && !option.expected.isEmpty)
        #expect(option.documentation.hasSuffix("."))
        #expect(!option.documentation.contains("\n"))
        guard case .sets(let set) = option.effect else { return }
        var settings = Settings()
        var remarks: [String] = []
        try set(&settings, option.text(in: Settings()), &remarks)
        #expect(settings == Settings())
        #expect(remarks.isEmpty)
    }

    /// The options of Neutron's dhcp_agent.ini, its linuxbridge_agent.ini and of neutron.conf as far as
    /// they concern DHCP (neutron/conf).
    @Test(arguments: [
        "DEFAULT": [
            "state_path", "host", "bind_host", "bind_port", "auth_strategy", "core_plugin", "service_plugins",
            "base_mac", "allow_bulk", "pagination_max_limit", "default_availability_zones",
            "max_dns_nameservers",
            "max_subnet_host_routes", "ipv6_pd_enabled", "dhcp_lease_duration", "dns_domain",
            "external_dns_driver",
            "dhcp_agent_notification", "network_link_prefix", "notify_nova_on_port_status_changes",
            "notify_nova_on_port_data_changes", "send_events_interval", "setproctitle", "ipam_driver",
            "vlan_transparent", "filter_validation", "global_physnet_mtu", "http_retries",
            "enable_traditional_dhcp", "my_ip", "my_ipv6", "resync_interval", "resync_throttle",
            "dhcp_driver",
            "enable_isolated_metadata", "force_metadata", "enable_metadata_network", "num_sync_threads",
            "bulk_reload_interval", "dhcp_confs", "dnsmasq_config_file", "dnsmasq_dns_servers",
            "dnsmasq_base_log_dir", "dnsmasq_local_resolv", "dnsmasq_lease_max", "dhcp_broadcast_reply",
            "dnsmasq_enable_addr6_list", "dnsmasq_txt_record", "dhcp_renewal_time", "dhcp_rebinding_time",
            "interface_driver", "ovs_integration_bridge", "ovs_use_veth", "external_pids",
            "metadata_proxy_socket", "metadata_proxy_user", "metadata_proxy_group", "debug", "verbose",
            "log_file", "log_dir", "use_syslog", "transport_url", "agent_down_time", "dhcp_load_type",
            "enable_new_agents", "network_scheduler_driver", "network_auto_schedule",
            "allow_automatic_dhcp_failover", "dhcp_agents_per_network",
            "enable_services_on_agents_with_admin_state_down", "rpc_workers", "rpc_response_max_timeout",
            "api_workers", "netns_resolvconf", "edns_client_fingerprint", "enable_router_advertisements",
        ],
        "AGENT": [
            "report_interval", "log_agent_heartbeats", "availability_zone", "root_helper",
            "root_helper_daemon",
            "use_helper_for_ns_read", "check_child_processes_interval", "check_child_processes_action",
            "kill_scripts_path", "comment_iptables_rules", "debug_iptables_rules", "use_random_fully",
            "polling_interval", "quitting_rpc_timeout", "scheduling_disabled",
        ],
        "ml2": [
            "type_drivers", "tenant_network_types", "mechanism_drivers", "extension_drivers", "path_mtu",
            "physical_network_mtus", "external_network_type", "overlay_ip_version",
        ],
        "ml2_type_flat": ["flat_networks"], "ml2_type_vlan": ["network_vlan_ranges"],
        "ml2_type_vxlan": ["vni_ranges", "vxlan_group"],
        "linux_bridge": ["physical_interface_mappings", "bridge_mappings"],
        "vxlan": [
            "enable_vxlan", "ttl", "tos", "vxlan_group", "udp_srcport_min", "udp_srcport_max", "udp_dstport",
            "local_ip", "l2_population", "arp_responder",
        ],
        "database": ["connection", "max_retries"],
    ])
    func `stock options are known`(section: String, names: [String]) {
        let unknown = names.filter { ConfigurationOption.byName[OptionName(section, $0).normalized] == nil }
        #expect(unknown.isEmpty)
    }

    @Test(arguments: [
        ("kitten", "sitting", 3), ("", "abc", 3), ("abc", "abc", 0), ("driver", "drvier", 1), ("a", "", 1),
    ])
    func `the distance counts edits`(a: String, b: String, distance: Int) {
        #expect(NearestName.distance(a, b) == distance)
        #expect(NearestName.distance(b, a) == distance)
    }
}
