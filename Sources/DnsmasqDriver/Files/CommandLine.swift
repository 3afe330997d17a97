import Addressing
import DHCPDrivers
import NetworkModel

/// dnsmasq's arguments for one network, in Neutron's order.
enum CommandLine {
    /// The arguments without the program's own name.
    static func arguments(for view: ServiceView) -> [String] {
        let configuration = view.configuration
        let directory = ConfigurationDirectory(configuration, view.service.network.id)
        var arguments = ["--no-hosts"]
        if !configuration.dnsServers.isEmpty || !configuration.localResolv { arguments.append("--no-resolv") }
        arguments += [
            "--pid-file=\(directory.pid)",
            "--dhcp-hostsfile=\(directory.host)",
            "--addn-hosts=\(directory.additionalHosts)",
            "--dhcp-optsfile=\(directory.options)",
            "--dhcp-leasefile=\(directory.leases)",
            "--dhcp-match=set:ipxe,175",
            "--dhcp-userclass=set:ipxe6,iPXE",
            "--local-service",
            "--bind-dynamic",
        ]
        // dnsmasq forgets --local-service when it is told an interface. Where it may forward queries,
        // answering only directly connected networks matters more: never be an open resolver.
        if !configuration.mayForward { arguments.append("--interface=\(view.service.interface)") }
        arguments += view.service.subnets.compactMap { range(of: $0, configuration) }
        if view.service.network.mtu > 0 {
            arguments.append("--dhcp-option-force=option:mtu,\(view.service.network.mtu)")
        }
        arguments.append("--dhcp-lease-max=\(leaseMax(for: view))")
        if configuration.renewalTime > 0 {
            arguments.append("--dhcp-option-force=option:T1,\(configuration.renewalTime)s")
        }
        if configuration.rebindingTime > 0 {
            arguments.append("--dhcp-option-force=option:T2,\(configuration.rebindingTime)s")
        }
        if !configuration.txtRecord.isEmpty { arguments.append("--txt-record=\(configuration.txtRecord)") }
        let file = configuration.trimmedConfigFile
        arguments.append("--conf-file=\(file.isEmpty ? "/dev/null" : file)")
        arguments += configuration.dnsServers.map { "--server=\($0)" }
        if !configuration.dnsDomain.isEmpty { arguments.append("--domain=\(configuration.dnsDomain)") }
        if configuration.broadcastReply { arguments.append("--dhcp-broadcast") }
        if let log = LogLocation.file(configuration, view.service.network.id) {
            arguments += ["--log-queries", "--log-dhcp", "--log-facility=\(log)"]
        }
        if view.abilities.staysRoot { arguments += ["--user=root", "--group="] }
        return arguments
    }

    /// The most leases that dnsmasq may hold: all addresses of its ranges, but no more than configured.
    static func leaseMax(for view: ServiceView) -> UInt64 {
        let limit = UInt128(view.configuration.leaseMax)
        var count: UInt128 = 0
        for subnet in view.service.subnets where range(of: subnet, view.configuration) != nil {
            count += min(subnet.cidr.range.count, limit)
        }
        return UInt64(min(count, limit))
    }

    /// The range of a subnet whose clients may ask for something; nil for all others, and for IPv6 blocks
    /// that dnsmasq refuses.
    private static func range(of subnet: Subnet, _ configuration: DnsmasqConfiguration) -> String? {
        guard subnet.dhcpService != nil else { return nil }
        let lease = configuration.leaseDuration == -1 ? "infinite" : "\(configuration.leaseDuration)s"
        let start = "--dhcp-range=set:subnet-\(subnet.id),\(subnet.cidr.first),static"
        if let netmask = subnet.cidr.netmask { return "\(start),\(netmask),\(lease)" }
        guard subnet.cidr.length >= 64 else { return nil }
        return "\(start),\(subnet.cidr.length),\(lease)"
    }
}
