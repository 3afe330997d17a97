import Addressing
import NetworkModel

extension Configuration {
    /// What is wrong with values that are right one by one.
    func checks() -> [ConfigurationProblem] {
        timing() + access() + leases() + drivers() + overlay() + physicalNetworks()
    }

    /// A problem at the place where a file sets the option last, if one does.
    func problem(
        _ severity: ConfigurationProblem.Severity, at option: OptionName..., message: String
    ) -> ConfigurationProblem {
        let value = option.lazy.compactMap { given[$0.normalized] }.first
        return ConfigurationProblem(
            severity: severity, file: value?.file, line: value?.line, message: message)
    }

    private func timing() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        if settings.resyncThrottle > settings.resyncInterval {
            problems.append(
                problem(
                    .error, at: OptionName("DEFAULT", "resync_throttle"),
                    OptionName("DEFAULT", "resync_interval"),
                    message:
                        "resync_throttle (\(settings.resyncThrottle)) must not be above resync_interval (\(settings.resyncInterval))"
                ))
        }
        if Double(settings.agentDownTime) < 2 * settings.reportInterval {
            problems.append(
                problem(
                    .warning, at: OptionName("AGENT", "report_interval"),
                    OptionName("DEFAULT", "agent_down_time"),
                    message:
                        "agent_down_time (\(settings.agentDownTime)) should be at least twice report_interval (\(ValueForm.positiveNumber(unit: "").render(settings.reportInterval))), or a living agent may look dead"
                ))
        }
        return problems
    }

    private func leases() -> [ConfigurationProblem] {
        let lease = settings.dhcpLeaseDuration < 0 ? Int.max : settings.dhcpLeaseDuration
        let renewal = settings.dhcpRenewalTime
        let rebinding = settings.dhcpRebindingTime
        var problems: [ConfigurationProblem] = []
        if settings.dhcpLeaseDuration == 0 {
            problems.append(
                problem(
                    .error, at: OptionName("DEFAULT", "dhcp_lease_duration"),
                    message: "dhcp_lease_duration must not be 0; -1 is infinite"))
        }
        // RFC 2131 section 4.4.5: T1 is earlier than T2, and T2 than the end of the lease.
        if renewal > 0, rebinding > 0, renewal >= rebinding {
            problems.append(
                problem(
                    .warning, at: OptionName("DEFAULT", "dhcp_renewal_time"),
                    message:
                        "dhcp_renewal_time (\(renewal)) should be below dhcp_rebinding_time (\(rebinding)) (RFC 2131 section 4.4.5)"
                ))
        }
        for (name, value) in [("dhcp_renewal_time", renewal), ("dhcp_rebinding_time", rebinding)]
        where value > 0 && value >= lease {
            problems.append(
                problem(
                    .warning, at: OptionName("DEFAULT", name),
                    message:
                        "\(name) (\(value)) should be below dhcp_lease_duration (\(lease)) (RFC 2131 section 4.4.5)"
                ))
        }
        return problems
    }

    /// Options of dnsmasq's own, where it serves only networks that ask for it.
    private func drivers() -> [ConfigurationProblem] {
        guard settings.dhcpDriver == .native else { return [] }
        return ["dnsmasq_config_file", "dnsmasq_lease_max", "dnsmasq_enable_addr6_list"].map {
            OptionName("DEFAULT", $0)
        }.filter { given[$0.normalized] != nil }.map { option in
            problem(
                .warning, at: option,
                message:
                    "\(option.name) is for dnsmasq, and dhcp_driver is native: it counts for networks with --dhcp-driver dnsmasq alone"
            )
        }
    }

    private func overlay() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        let place = OptionName("vxlan", "local_ip")
        if let localIP = settings.localIP {
            if localIP.version != settings.overlayIPVersion {
                problems.append(
                    problem(
                        .error, at: place,
                        message:
                            "local_ip \(localIP) is not of the version that [ml2] overlay_ip_version says (\(settings.overlayIPVersion.rawValue))"
                    ))
            }
            for peer in settings.vxlanPeers where peer.version != localIP.version {
                problems.append(
                    problem(
                        .error, at: OptionName("vxlan", "vxlan_peers"),
                        message: "the peer \(peer) is not of the same IP version as local_ip \(localIP)"))
            }
            let usesGroup = settings.enableVXLAN && settings.vxlanPeers.isEmpty
            if usesGroup, let group = settings.vxlanGroup, group.version != localIP.version {
                problems.append(
                    problem(
                        .error, at: OptionName("vxlan", "vxlan_group"), place,
                        message:
                            "vxlan_group \(ValueForm.multicastGroup.render(group)) is not of the same IP version as local_ip \(localIP)"
                    ))
            }
        }
        if settings.tenantNetworkTypes.contains(.vxlan), settings.localIP == nil || !settings.enableVXLAN {
            let missing = settings.enableVXLAN ? "local_ip is not set" : "enable_vxlan is false"
            problems.append(
                problem(
                    .warning, at: OptionName("ml2", "tenant_network_types"),
                    message: "vxlan networks can be made but not attached: \(missing) in [vxlan]"))
        }
        return problems
    }

    private func physicalNetworks() -> [ConfigurationProblem] {
        var problems: [ConfigurationProblem] = []
        let mapped = Set(settings.physicalInterfaceMappings.keys).union(settings.bridgeMappings.keys)
        let flat = settings.flatNetworks.filter { $0 != "*" }
        for name in flat where !mapped.contains(name) {
            problems.append(
                problem(
                    .warning, at: OptionName("ml2_type_flat", "flat_networks"),
                    message:
                        "physical network \(name) has no interface: name one in [linux_bridge] physical_interface_mappings"
                ))
        }
        if settings.tenantNetworkTypes.contains(.vlan), settings.vlanRanges.isEmpty {
            problems.append(
                problem(
                    .warning, at: OptionName("ml2", "tenant_network_types"),
                    message: "no vlan network can be allocated: [ml2_type_vlan] network_vlan_ranges is empty")
            )
        }
        return problems
    }
}
