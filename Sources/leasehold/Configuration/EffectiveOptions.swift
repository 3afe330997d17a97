extension ConfigurationOption {
    /// The options that do something, in the order of the reference.
    static let effective: [ConfigurationOption] =
        service + access + api + quotas + agent + dhcp + dnsmasq + native + segments
        + links

    private static let service: [ConfigurationOption] = [
        .init(
            .neutron, "DEFAULT", "state_path", .path, \.statePath,
            "Where everything that must survive a restart is kept."),
        .init(
            .neutron, "DEFAULT", "host", .hostAddress, \.host, shownDefault: "the name of the host",
            "This host's name, by which agents and port bindings know it. All processes of one host must use the same."
        ),
        .init(
            .neutron, "DEFAULT", "debug", .boolean, \.debug,
            "Logs every step. Otherwise the log says what changed."),
        .init(
            .leasehold, "leasehold", "bind_host", .hostAddress, \.bindHost,
            aliases: [OptionName("DEFAULT", "bind_host")],
            "Where the API listens. Neutron's own name for it, `bind_host` in `[DEFAULT]`, works too; Neutron's default is 0.0.0.0. An address other than loopback needs an `auth_strategy` other than noauth."
        ),
        .init(
            .leasehold, "leasehold", "bind_port", .integer(1...65535), \.bindPort,
            aliases: [OptionName("DEFAULT", "bind_port")],
            "The API's TCP port. Neutron's own name for it, `bind_port` in `[DEFAULT]`, works too."),
        .init(
            .leasehold, "leasehold", "database", .path, \.database,
            "The SQLite file that holds networks, subnets, ports and agents."),
    ]

    private static let api: [ConfigurationOption] = [
        .init(
            .neutron, "DEFAULT", "base_mac", .unicastMAC, \.baseMAC,
            "The first three octets of every MAC address that is chosen for a port; the fourth too unless it is 00. The rest is random."
        ),
        .init(
            .neutron, "DEFAULT", "dns_domain", .text, \.dnsDomain,
            "The domain of hosts' names, announced to clients (DHCP option 15, DHCPv6 option 24) and answered by DNS."
        ),
        .init(
            .neutron, "DEFAULT", "max_dns_nameservers", .integer(0...), \.maxDNSNameservers,
            "DNS servers per subnet, at most."),
        .init(
            .neutron, "DEFAULT", "max_subnet_host_routes", .integer(0...), \.maxSubnetHostRoutes,
            "Host routes per subnet, at most."),
        .init(
            .neutron, "DEFAULT", "pagination_max_limit", .pageLength, \.paginationMaxLimit,
            "How many items a list has at most; the client finds the rest behind the link to the next page."),
        .init(
            .neutron, "DEFAULT", "global_physnet_mtu", .integer(68..., unit: "bytes"), \.globalPhysnetMTU,
            aliases: [OptionName("ml2", "segment_mtu")],
            "The MTU of the physical networks. Networks get it less what their encapsulation takes (50 bytes for VXLAN over IPv4, 70 over IPv6)."
        ),
        .init(
            .neutron, "DEFAULT", "agent_down_time", .integer(1..., unit: "seconds"), \.agentDownTime,
            "How long an agent may be silent before it counts as dead; at least twice `report_interval`."),
    ]

    private static let quotas: [ConfigurationOption] = [
        .init(
            .neutron, "quotas", "quota_network", .integer((-1)..., unit: "-1 for no limit"), \.quotaNetwork,
            "Networks per project, at most, unless the project has a quota of its own."),
        .init(
            .neutron, "quotas", "quota_subnet", .integer((-1)..., unit: "-1 for no limit"), \.quotaSubnet,
            "Subnets per project, at most, unless the project has a quota of its own."),
        .init(
            .neutron, "quotas", "quota_port", .integer((-1)..., unit: "-1 for no limit"), \.quotaPort,
            "Ports per project, at most, unless the project has a quota of its own."),
        .init(
            .neutron, "quotas", "default_quota", .integer((-1)..., unit: "-1 for no limit"), \.defaultQuota,
            "Subnet pools per project, at most, unless the project has a quota of its own."),
    ]

    private static let agent: [ConfigurationOption] = [
        .init(
            .neutron, "AGENT", "report_interval", .positiveNumber(unit: "seconds"), \.reportInterval,
            "Time between heartbeats."),
        .init(
            .neutron, "AGENT", "log_agent_heartbeats", .boolean, \.logAgentHeartbeats, "Logs every heartbeat."
        ),
        .init(
            .neutron, "AGENT", "availability_zone", .nonEmptyText, \.availabilityZone,
            "The availability zone that the agent reports."),
        .init(
            .neutron, "DEFAULT", "resync_interval", .integer(1..., unit: "seconds"), \.resyncInterval,
            "How long a network that could not be set up waits for the next attempt, at most."),
        .init(
            .neutron, "DEFAULT", "resync_throttle", .integer(0..., unit: "seconds"), \.resyncThrottle,
            "How long a network that could not be set up waits for the next attempt, at least; not above `resync_interval`."
        ),
        .init(
            .neutron, "DEFAULT", "num_sync_threads", .integer(1...), \.numSyncThreads,
            "How many networks are worked on at a time."),
        .init(
            .leasehold, "leasehold", "audit_interval", .integer(0..., unit: "seconds"), \.auditInterval,
            "Time between comparisons of networks with what the kernel really has, 50 or a twentieth of them at a time; what differs is repaired. (What the kernel tells of itself is looked at within half a second, and the end of a DHCP server is noticed at once.) 0: only what the kernel tells of."
        ),
    ]

    private static let dhcp: [ConfigurationOption] = [
        .init(
            .neutron, "DEFAULT", "dhcp_driver", .dhcpDriver, \.dhcpDriver,
            "What serves DHCP and DNS: a dnsmasq process per network, or (`native`, or `leasehold.native`) this very process. A network may choose for itself: `leasehold network set --dhcp-driver native NETWORK`."
        ),
        .init(
            .neutron, "DEFAULT", "dhcp_confs", .path, \.dhcpConfs,
            "The directory of the DHCP servers' files, with one directory per network."),
        .init(
            .neutron, "DEFAULT", "dhcp_lease_duration", .integer((-1)..., unit: "seconds, -1 for infinite"),
            \.dhcpLeaseDuration, "How long a lease lasts (DHCP option 51)."),
        .init(
            .neutron, "DEFAULT", "dhcp_renewal_time", .integer(0..., unit: "seconds"), \.dhcpRenewalTime,
            "When clients renew (T1, DHCP option 58). 0: half the lease."),
        .init(
            .neutron, "DEFAULT", "dhcp_rebinding_time", .integer(0..., unit: "seconds"), \.dhcpRebindingTime,
            "When clients ask any server (T2, DHCP option 59). 0: seven eighths of the lease."),
        .init(
            .neutron, "DEFAULT", "dhcp_broadcast_reply", .boolean, \.dhcpBroadcastReply,
            "Broadcasts all replies (`--dhcp-broadcast`)."),
    ]

    private static let dnsmasq: [ConfigurationOption] = [
        .init(
            .neutron, "DEFAULT", "dnsmasq_config_file", ValueForm.path.optional, \.dnsmasqConfigFile,
            "A file of dnsmasq's own that every dnsmasq reads after its arguments (`--conf-file`); dnsmasq alone."
        ),
        .init(
            .neutron, "DEFAULT", "dnsmasq_dns_servers", ValueForm.forwarder.list(of: "DNS servers"),
            \.dnsmasqDNSServers,
            "Where questions are forwarded that a network's own names don't answer (`--server`), by the native driver too. Setting it switches the host's own servers off."
        ),
        .init(
            .neutron, "DEFAULT", "dnsmasq_local_resolv", .boolean, \.dnsmasqLocalResolv,
            "Forwards to the servers of the host's resolv.conf unless `dnsmasq_dns_servers` is set (no `--no-resolv`), by the native driver too."
        ),
        .init(
            .neutron, "DEFAULT", "dnsmasq_base_log_dir", ValueForm.path.optional, \.dnsmasqBaseLogDir,
            "Where every request is logged, in `<network id>/dhcp_dns_log`, by the native driver too. Nothing: they are not."
        ),
        .init(
            .neutron, "DEFAULT", "dnsmasq_lease_max", .integer(1...), \.dnsmasqLeaseMax,
            "Leases per network, at most (`--dhcp-lease-max`); dnsmasq alone."),
        .init(
            .neutron, "DEFAULT", "dnsmasq_enable_addr6_list", .boolean, \.dnsmasqEnableAddr6List,
            "Writes all DHCPv6 addresses that a port has in a subnet into one entry; needs dnsmasq 2.81; dnsmasq alone."
        ),
        .init(
            .neutron, "DEFAULT", "dnsmasq_txt_record", ValueForm.nonEmptyText.optional, \.dnsmasqTXTRecord,
            "`name,text` of a TXT record that is answered on every network (`--txt-record`), for probes."),
    ]

    private static let native: [ConfigurationOption] = [
        .init(
            .leasehold, "leasehold", "dhcp_port_rate", .integer(0...1_000_000, unit: "per second"),
            \.dhcpPortRate,
            "How many requests of one port the native driver answers in the long run; what is more is dropped and counted. 0: all."
        ),
        .init(
            .leasehold, "leasehold", "dhcp_port_burst", .integer(1...1_000_000), \.dhcpPortBurst,
            "How many requests of one port the native driver answers in a burst."),
        .init(
            .leasehold, "leasehold", "dhcp_network_rate", .integer(0...10_000_000, unit: "per second"),
            \.dhcpNetworkRate,
            "As `dhcp_port_rate`, for all ports of a network together. 0: no such limit."),
        .init(
            .leasehold, "leasehold", "dhcp_network_burst", .integer(0...10_000_000), \.dhcpNetworkBurst,
            "As `dhcp_port_burst`, for all ports of a network together. 0: twice `dhcp_network_rate`."),
        .init(
            .leasehold, "leasehold", "dhcp_source_mismatch", .sourceMismatch, \.dhcpSourceMismatch,
            "What the native driver does with requests in which the hardware address is not the one that they came from: `count` answers and counts them (which takes CAP_BPF, so not in a lab), `refuse` drops and counts them."
        ),
        .init(
            .leasehold, "leasehold", "dhcp_lease_records", .integer(1...100_000_000), \.dhcpLeaseRecords,
            "How many leases the native driver remembers for `leasehold lease list`, some 200 bytes each. No client's address depends on it."
        ),
    ]

    private static let segments: [ConfigurationOption] = [
        .init(
            .neutron, "ml2", "tenant_network_types", .tenantNetworkTypes, \.tenantNetworkTypes,
            aliases: [OptionName("ml2", "project_network_types")],
            "The types that networks get for which no `provider:network_type` is asked, in order of preference: the first of which something is free."
        ),
        .init(
            .neutron, "ml2", "path_mtu", .integer(0..., unit: "bytes"), \.pathMTU,
            "The MTU between hosts, where it is smaller than `global_physnet_mtu`. 0: no such limit."),
        .init(
            .neutron, "ml2", "physical_network_mtus",
            ValueForm.integer(68..., unit: "bytes").mapping(of: "physical network:MTU"),
            \.physicalNetworkMTUs,
            "The MTU of physical networks that differ from `global_physnet_mtu`."),
        .init(
            .neutron, "ml2", "overlay_ip_version", .ipVersion, \.overlayIPVersion,
            "The IP version between hosts that VXLAN travels in; that of `local_ip`."),
        .init(
            .neutron, "ml2_type_flat", "flat_networks", ValueForm.nonEmptyText.list(of: "physical networks"),
            \.flatNetworks,
            "The physical networks on which flat networks may be made. `*`: any; nothing: none."),
        .init(
            .neutron, "ml2_type_vlan", "network_vlan_ranges", .vlanRanges, \.vlanRanges,
            "The VLAN ids of each physical network to choose from."),
        .init(
            .neutron, "ml2_type_vxlan", "vni_ranges", .vniRanges, \.vniRanges,
            "The VXLAN network identifiers to choose from. Neutron's default is none."),
    ]

    private static let links: [ConfigurationOption] = [
        .init(
            .neutron, "DEFAULT", "interface_driver", .interfaceDriver, \.interfaceDriver,
            "How the DHCP servers are attached to networks."),
        .init(
            .neutron, "linux_bridge", "physical_interface_mappings",
            ValueForm.interfaceName.mapping(of: "physical network:interface"), \.physicalInterfaceMappings,
            "The interface of this host that each physical network is reached through."),
        .init(
            .neutron, "linux_bridge", "bridge_mappings",
            ValueForm.interfaceName.mapping(of: "physical network:bridge"), \.bridgeMappings,
            "An existing bridge that serves a physical network in place of one that is made; goes before `physical_interface_mappings`."
        ),
        .init(.neutron, "vxlan", "enable_vxlan", .boolean, \.enableVXLAN, "Whether VXLAN devices are made."),
        .init(
            .neutron, "vxlan", "local_ip", ValueForm.unicastAddress.optional, \.localIP,
            "This host's address from which VXLAN packets leave; VXLAN networks need it."),
        .init(
            .neutron, "vxlan", "vxlan_group", ValueForm.multicastGroup.optional, \.vxlanGroup,
            "The multicast group for broadcast between hosts, or a block out of which each VNI takes one; the same on all hosts. Nothing: none."
        ),
        .init(
            .neutron, "vxlan", "udp_dstport", .integer(1...65535), \.vxlanPort,
            "The UDP port of VXLAN. 8472 is the kernel's default, 4789 is IANA's; the same on all hosts."),
        .init(
            .leasehold, "vxlan", "vxlan_peers", ValueForm.unicastAddress.list(of: "IP addresses"),
            \.vxlanPeers,
            "The `local_ip` of the other hosts, where there is no multicast between them; goes before `vxlan_group`."
        ),
    ]
}
