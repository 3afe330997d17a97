/// A section of OpenStack's files of which nothing applies here.
struct UnusedSection: Hashable, Sendable {
    /// As Neutron writes it.
    let name: String
    /// Why, as the end of a sentence.
    let reason: String
}

extension UnusedSection {
    /// Sections in which any option is accepted without effect.
    static let all: [UnusedSection] =
        section(
            ["oslo_policy", "oslo_limit"],
            "policies and limits are Neutron's defaults, and quotas are kept here")
        + section(
            [
                "oslo_messaging_rabbit", "oslo_messaging_amqp", "oslo_messaging_kafka",
                "oslo_messaging_notifications",
            ], "the API and the agent are one process, without a message queue")
        + section(
            ["nova", "placement", "ironic", "designate", "octavia"],
            "no other OpenStack service is called")
        + section(["securitygroup", "network_log"], "there are no security groups")
        + section(
            [
                "ovs", "ovs_driver", "ovn", "ovn_nb_global", "ovs_log", "xenapi", "sriov_nic", "sriov_driver",
                "macvtap",
            ],
            "linuxbridge is the only interface driver")
        + section(["l2pop"], "see [vxlan] vxlan_peers")
        + section(["ml2_type_gre", "ml2_type_geneve"], "gre and geneve are not available in this version")
        + section(["metadata_rate_limiting", "metadata_haproxy"], metadata)
        + section(["cors", "oslo_middleware", "healthcheck"], "the API has no such middleware")
        + section(
            [
                "oslo_concurrency", "oslo_reports", "oslo_versionedobjects", "privsep",
                "privsep_dhcp_release",
                "privsep_ovs_vsctl", "privsep_namespace", "privsep_conntrack", "privsep_link",
            ],
            "it concerns Neutron's own process")
        + section(["profiler", "profiler_jaeger", "profiler_otlp"], "there is no OSprofiler")
        + section(["cache", "coordination"], "one process needs neither")
        + section(
            ["experimental", "service_providers", "qos", "fdb", "dhcp", "network_segment_range", "pvlan"],
            "no such feature is part of this service")

    /// All of them by normalized name.
    static let byName: [String: UnusedSection] = Dictionary(
        all.map { (OptionName.normalized(section: $0.name), $0) }, uniquingKeysWith: { first, _ in first })

    private static func section(_ names: [String], _ reason: String) -> [UnusedSection] {
        names.map { UnusedSection(name: $0, reason: reason) }
    }
}

private let metadata = "metadata for instances is not part of this service"
private let logging = "the log goes to standard error, where the service manager collects it"
private let messaging = "the API and the agent are one process, without a message queue"
private let oneAgent = "the one agent of this process serves every network"
private let ownProcess = "it concerns Neutron's own process"
private let noHelper = "the kernel is spoken to directly; start the service as root"
private let noRouters = "there are no routers"
private let onlyLinuxBridge = "linuxbridge is the only interface driver"
private let noNova = "no other OpenStack service is called"
private let children = "a DHCP server that stops is noticed and started again at once"

private let isTrue: @Sendable (String) -> Bool = {
    ["true", "1", "on", "yes"].contains($0.trimmed.lowercased())
}
private let isGiven: @Sendable (String) -> Bool = { !$0.trimmed.isEmpty }
private let isFalse: @Sendable (String) -> Bool = {
    ["false", "0", "off", "no"].contains($0.trimmed.lowercased())
}

extension ConfigurationOption {
    /// Options of a stock neutron.conf, dhcp_agent.ini, ml2_conf.ini or linuxbridge_agent.ini without
    /// effect here.
    static let unused: [ConfigurationOption] =
        unusedServer + unusedAccess + unusedScheduler + unusedAgent + unusedMetadata + unusedLogging
        + unusedLinks

    private static func none(_ section: String, _ names: [String], _ reason: String) -> [ConfigurationOption]
    {
        names.map { ConfigurationOption(unused: section, $0, because: reason) }
    }

    private static let unusedAccess: [ConfigurationOption] =
        [
            .init(
                unused: "keystone_authtoken", "delay_auth_decision",
                because: "requests without a valid token are always refused", alarming: isTrue),
            .init(
                unused: "keystone_authtoken", "auth_section",
                because: "the credentials are read from [keystone_authtoken] itself", alarming: isGiven),
            .init(
                unused: "keystone_authtoken", "system_scope",
                because: "the service's own token is for a project", alarming: isGiven),
            .init(
                unused: "ssl", "ca_file", because: "clients are known by their token, not by a certificate",
                alarming: isGiven),
            .init(
                unused: "DEFAULT", "ssl_ca_file",
                because: "clients are known by their token, not by a certificate", alarming: isGiven),
        ]
        + none(
            "keystone_authtoken",
            [
                "memcached_servers", "memcache_servers", "memcache_security_strategy", "memcache_secret_key",
                "memcache_pool_dead_retry", "memcache_pool_maxsize", "memcache_pool_socket_timeout",
                "memcache_pool_unused_timeout", "memcache_pool_conn_get_timeout",
                "memcache_use_advanced_pool", "memcache_sasl_enabled", "memcache_username",
                "memcache_password", "memcache_tls_enabled", "cache",
            ], "Keystone's word about tokens is kept in this process; see token_cache_time")
        + none(
            "keystone_authtoken",
            [
                "auth_version", "interface", "region_name", "service_type", "include_service_catalog",
                "enforce_token_bind", "timeout", "certfile", "keyfile", "http_request_timeout",
                "default_domain_id", "default_domain_name", "trust_id", "user_id", "admin_user",
                "admin_password", "admin_tenant_name", "admin_token", "identity_uri", "auth_host",
                "auth_port", "auth_protocol", "signing_dir", "hash_algorithms",
                "check_revocations_for_cached",
                "revocation_cache_time", "application_credential_name", "split_loggers", "collect_timing",
                "min_version", "max_version", "connect_retries", "connect_retry_delay",
                "status_code_retries", "status_code_retry_delay", "endpoint_override", "service_name",
                "valid_interfaces", "version", "tls_insecure",
            ],
            "Keystone's version 3 at auth_url is asked with the user's name and password, or an application credential"
        )
        + none("ssl", ["version", "ciphers"], "TLS 1.2 and later with the library's ciphers are spoken")

    private static let unusedServer: [ConfigurationOption] =
        [
            .init(
                unused: "DEFAULT", "allow_overlapping_ips",
                because: "subnets of different networks may always overlap", alarming: isFalse),
            .init(
                unused: "DEFAULT", "allow_bulk", because: "bulk requests are always allowed",
                alarming: isFalse),
            .init(
                unused: "DEFAULT", "ipv6_pd_enabled", because: "prefix delegation is not available",
                alarming: isTrue),
            .init(
                unused: "DEFAULT", "filter_validation", because: "unknown filters are always refused",
                alarming: isFalse),
            .init(
                unused: "DEFAULT", "network_link_prefix",
                because: "links name the address that the client used"),
            .init(
                unused: "database", "connection",
                because: "the store is a SQLite file of its own; see [leasehold] database"),
        ]
        + none("DEFAULT", ["core_plugin", "service_plugins", "api_extensions_path"], "there are no plugins")
        + none(
            "DEFAULT", ["api_paste_config", "api_workers", "rpc_workers", "rpc_state_report_workers"],
            ownProcess)
        + none(
            "DEFAULT",
            [
                "backlog", "client_socket_timeout", "max_header_line", "retry_until_window",
                "wsgi_keep_alive",
                "wsgi_default_pool_size", "wsgi_log_format", "wsgi_server_debug", "tcp_keepidle",
                "setproctitle",
                "run_external_periodic_tasks", "periodic_interval", "periodic_fuzzy_delay", "backdoor_port",
                "backdoor_socket", "graceful_shutdown_timeout", "executor_thread_pool_size",
                "conn_pool_min_size",
                "conn_pool_ttl", "rpc_conn_pool_size", "rpc_ping_enabled", "log_options",
            ], ownProcess)
        + none(
            "DEFAULT",
            [
                "transport_url", "control_exchange", "rpc_response_timeout", "rpc_response_max_timeout",
                "rpc_backend",
                "rpc_resources_processing_step", "notification_driver", "dhcp_agent_notification",
            ], messaging)
        + none(
            "DEFAULT",
            [
                "notify_nova_on_port_status_changes", "notify_nova_on_port_data_changes",
                "send_events_interval",
                "http_retries", "nova_client_cert", "nova_client_priv_key",
            ], noNova)
        + none(
            "quotas",
            [
                "quota_router", "quota_floatingip", "quota_security_group", "quota_security_group_rule",
                "quota_rbac_policy", "quota_healthmonitor", "quota_firewall_group", "quota_firewall_policy",
                "quota_firewall_rule", "quota_conntrack_helper",
            ], "there are no such resources")
        + none(
            "quotas", ["quota_driver", "track_quota_usage"],
            "what a project has is always counted, and limits are always kept")
        + none("quotas", ["quota_items"], "it has had no effect for long")
        + none("DEFAULT", ["external_dns_driver"], "names are published by the networks' own DNS only")
        + none(
            "DEFAULT", ["ipam_driver"], "addresses are allocated by Neutron's own rules, built in")
        + none("DEFAULT", ["vlan_transparent", "vlan_qinq"], onlyLinuxBridge)
        + none("DEFAULT", ["my_ip", "my_ipv6"], "it is only what other options refer to as $my_ip")
        + none("DEFAULT", ["mac_generation_retries"], "a free MAC address is found without retries")
        + none(
            "DEFAULT", ["default_network_mtu", "advertise_mtu", "network_device_mtu"],
            "MTUs are always announced")
        + none(
            "DEFAULT",
            [
                "max_allowed_address_pair", "max_l3_agents_per_router", "l3_ha", "router_distributed",
                "router_scheduler_driver", "router_auto_schedule", "enable_dvr", "max_routes",
                "allow_automatic_l3agent_failover", "enable_snat_by_default",
            ], noRouters)
        + none(
            "database",
            [
                "backend", "engine", "slave_connection", "max_pool_size", "max_overflow", "pool_timeout",
                "max_retries", "retry_interval", "connection_recycle_time", "connection_debug",
                "connection_trace", "connection_parameters", "mysql_sql_mode", "mysql_wsrep_sync_wait",
                "sqlite_synchronous", "db_retry_interval", "db_max_retries", "db_max_retry_interval",
                "db_inc_retry_interval", "synchronous_reader",
            ], "the store is a SQLite file of its own; see [leasehold] database")

    private static let unusedScheduler: [ConfigurationOption] =
        [
            .init(
                unused: "DEFAULT", "dhcp_agents_per_network", because: oneAgent,
                alarming: { $0.trimmed != "1" }),
            .init(
                unused: "DEFAULT", "enable_traditional_dhcp", because: "DHCP is what this service is for",
                alarming: isFalse),
            .init(unused: "AGENT", "scheduling_disabled", because: oneAgent, alarming: isTrue),
        ]
        + none(
            "DEFAULT",
            [
                "network_scheduler_driver", "dhcp_load_type", "network_auto_schedule",
                "allow_automatic_dhcp_failover", "enable_services_on_agents_with_admin_state_down",
                "enable_new_agents", "default_availability_zones",
            ], oneAgent)

    private static let unusedAgent: [ConfigurationOption] =
        [
            .init(
                unused: "AGENT", "check_child_processes_action", because: children,
                alarming: { $0.trimmed == "exit" }),
            .init(
                unused: "AGENT", "kill_scripts_path",
                because: "DHCP servers are signalled directly, without scripts"),
            .init(
                unused: "DEFAULT", "bulk_reload_interval",
                because: "changes that come together are always taken in together"),
            .init(
                unused: "DEFAULT", "enable_router_advertisements",
                because: "router advertisements are the router's business", alarming: isTrue),
            .init(
                unused: "DEFAULT", "edns_client_fingerprint", because: "it is not available in this version",
                alarming: isTrue),
            .init(
                unused: "DEFAULT", "netns_resolvconf", because: "it is not available in this version",
                alarming: isTrue),
            .init(
                unused: "DEFAULT", "use_namespaces", because: "every network has its namespace",
                alarming: isFalse),
            .init(
                unused: "DEFAULT", "dhcp_delete_namespaces",
                because: "the namespace of a network that is gone is always deleted", alarming: isFalse),
            .init(
                unused: "DEFAULT", "dhcp_domain", because: "Neutron dropped it; see dns_domain",
                alarming: { _ in true }),
        ]
        + none(
            "DEFAULT",
            ["netns_resolvconf_nameservers", "netns_resolvconf_options", "netns_resolvconf_search"],
            "it is not available in this version")
        + none("AGENT", ["check_child_processes_interval"], children)
        + none("AGENT", ["root_helper", "root_helper_daemon", "use_helper_for_ns_read"], noHelper)
        + none("DEFAULT", ["root_helper"], noHelper)
        + none(
            "AGENT",
            ["comment_iptables_rules", "debug_iptables_rules", "use_random_fully"],
            "no iptables rules are made")
        + none(
            "AGENT", ["polling_interval", "quitting_rpc_timeout", "extensions", "prevent_arp_spoofing"],
            ownProcess)
        + none(
            "AGENT",
            [
                "tunnel_types", "vxlan_udp_port", "veth_mtu", "l2_population", "arp_responder",
                "dont_fragment",
                "enable_distributed_routing", "tunnel_csum", "minimize_polling", "drop_flows_on_start",
            ],
            onlyLinuxBridge)
        + none(
            "DEFAULT", ["external_pids"],
            "nothing needs it: DHCP servers have their pid file in dhcp_confs")
        + none(
            "DEFAULT",
            [
                "pd_dhcp_driver", "pd_confs", "vendor_pen", "ra_confs", "min_rtr_adv_interval",
                "max_rtr_adv_interval",
            ],
            noRouters)

    private static let unusedMetadata: [ConfigurationOption] =
        ["enable_isolated_metadata", "force_metadata", "enable_metadata_network"].map {
            ConfigurationOption(unused: "DEFAULT", $0, because: metadata, alarming: isTrue)
        }
        + none(
            "DEFAULT",
            [
                "metadata_proxy_socket", "metadata_proxy_user", "metadata_proxy_group",
                "metadata_proxy_socket_mode",
                "metadata_proxy_shared_secret", "metadata_workers", "metadata_backlog", "nova_metadata_host",
                "nova_metadata_port", "nova_metadata_protocol", "nova_metadata_insecure", "nova_metadata_ip",
                "auth_ca_cert",
            ], metadata)

    private static let unusedLogging: [ConfigurationOption] =
        [.init(unused: "DEFAULT", "verbose", because: "OpenStack dropped it; see debug")]
        + none(
            "DEFAULT",
            [
                "log_config_append", "log-config-append", "log_config", "log_date_format", "log_file",
                "log-file",
                "logfile", "log_dir", "log-dir", "logdir", "watch_log_file", "use_syslog",
                "syslog_log_facility",
                "use_journal", "use_json", "use_stderr", "use_eventlog", "log_color", "log_rotate_interval",
                "log_rotate_interval_type", "log_rotation_type", "max_logfile_count", "max_logfile_size_mb",
                "logging_context_format_string", "logging_default_format_string",
                "logging_debug_format_suffix",
                "logging_exception_prefix", "logging_user_identity_format", "default_log_levels",
                "publish_errors", "instance_format", "instance_uuid_format", "rate_limit_interval",
                "rate_limit_burst", "rate_limit_except_level", "fatal_deprecations",
            ], logging)

    private static let unusedLinks: [ConfigurationOption] =
        none(
            "ml2",
            [
                "type_drivers", "mechanism_drivers", "extension_drivers", "external_network_type",
                "tunnelled_network_rp_name",
            ],
            "there are no plugins: local, flat, vlan and vxlan are built in")
        + none("ml2_type_vxlan", ["vxlan_group"], "see [vxlan] vxlan_group")
        + none(
            "vxlan",
            ["ttl", "tos", "udp_srcport_min", "udp_srcport_max", "arp_responder", "multicast_ranges"],
            "the kernel's default is used")
        + none("vxlan", ["l2_population"], "see [vxlan] vxlan_peers")
        + none(
            "DEFAULT", ["ovs_integration_bridge", "ovs_use_veth", "ovsdb_timeout", "ovs_vsctl_timeout"],
            onlyLinuxBridge)
}
