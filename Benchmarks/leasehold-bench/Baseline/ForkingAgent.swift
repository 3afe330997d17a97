import Glibc

/// What Neutron's DHCP and linuxbridge agents do for one network, by forking `ip`, `sysctl`, `iptables` and
/// `dnsmasq` with their arguments.
///
/// Only the forks and the files: no Python, no root helper, no RPC, no database, no polling loops. So the
/// baseline is faster than Neutron itself.
struct ForkingAgent {
    /// The directory of the networks' directories (`dhcp_confs`).
    let confs: String
    let hasIPTables = Program.exists("iptables")

    init(_ name: String) throws(Failure) {
        for (program, package) in [("ip", "iproute2"), ("dnsmasq", "dnsmasq-base"), ("sysctl", "procps")] {
            guard Program.exists(program) else {
                throw Failure("the baseline needs `\(program)` on PATH (Debian package \(package))")
            }
        }
        try makeDirectory("/run/bench-\(name)")
        confs = "/run/bench-\(name)/dhcp"
        try makeDirectory(confs)
    }

    func directory(_ network: NetworkNames) -> String { "\(confs)/\(network.id)" }

    /// Wires a new network and starts its dnsmasq.
    func create(_ network: NetworkNames, ports: Int = 1) throws {
        let net = network
        // The namespace.
        try Program.run(["ip", "netns", "add", net.namespace])
        try inside(net, ["ip", "link", "set", "lo", "up"])
        try inside(net, ["sysctl", "-w", "net.ipv4.ip_nonlocal_bind=1"])
        try inside(net, ["sysctl", "-w", "net.ipv6.conf.default.accept_ra=0"])
        // The DHCP port's device.
        try Program.run([
            "ip", "link", "add", net.tap, "type", "veth", "peer", "name", net.device, "netns", net.namespace,
        ])
        try Program.run(["sysctl", "-w", "net.ipv6.conf.\(net.tap).disable_ipv6=1"])
        try inside(net, ["ip", "link", "set", net.device, "address", net.mac])
        try Program.run(["ip", "link", "set", net.tap, "mtu", "\(net.mtu)"])
        try inside(net, ["ip", "link", "set", net.device, "mtu", "\(net.mtu)"])
        try Program.run(["ip", "link", "set", net.tap, "up"])
        try inside(net, ["ip", "link", "set", net.device, "up"])
        // The bridge, which is the linuxbridge agent's part.
        try Program.run(["ip", "link", "add", net.bridge, "type", "bridge"])
        try Program.run(["ip", "link", "set", net.bridge, "type", "bridge", "forward_delay", "0"])
        try Program.run(["ip", "link", "set", net.bridge, "type", "bridge", "stp_state", "0"])
        try Program.run(["ip", "link", "set", net.bridge, "up"])
        try Program.run(["ip", "link", "set", net.tap, "master", net.bridge])
        // Addresses and routes.
        try inside(net, ["ip", "addr", "show", net.device])
        try inside(
            net,
            ["ip", "addr", "add", "\(net.dhcpAddress)/\(net.prefixLength)", "brd", "+", "dev", net.device])
        try inside(net, ["ip", "route", "list", "dev", net.device])
        try inside(net, ["ip", "route", "replace", "default", "via", net.gateway, "dev", net.device])
        if hasIPTables {
            try inside(
                net,
                [
                    "iptables", "-t", "mangle", "-A", "POSTROUTING", "-p", "udp", "-m", "udp", "--dport",
                    "68", "-j",
                    "CHECKSUM", "--checksum-fill",
                ])
        }
        try makeDirectory(directory(net))
        try replaceFile("\(directory(net))/interface", net.device)
        try replaceFile("\(directory(net))/leases", HostFiles.leases(net, ports: ports))
        try HostFiles.write(net, ports: ports, to: directory(net))
        try startDnsmasq(net)
    }

    /// What Neutron does on an agent's start with a network that is already right: dnsmasq is stopped and
    /// started again, and the wiring is asserted.
    func restart(_ network: NetworkNames, ports: Int = 1) throws {
        let net = network
        let old = try pid(net)
        kill(old, SIGTERM)
        try wait(for: "dnsmasq \(old) to end", limit: 10, every: 0.001) {
            kill(old, 0) != 0 && errno == ESRCH
        }
        try Program.run(["ip", "link", "set", net.tap, "mtu", "\(net.mtu)"])
        try inside(net, ["ip", "link", "set", net.device, "mtu", "\(net.mtu)"])
        try inside(net, ["ip", "link", "set", net.device, "up"])
        try inside(net, ["ip", "addr", "show", net.device])
        try inside(net, ["ip", "route", "list", "dev", net.device])
        try replaceFile("\(directory(net))/interface", net.device)
        try replaceFile("\(directory(net))/leases", HostFiles.leases(net, ports: ports))
        try HostFiles.write(net, ports: ports, to: directory(net))
        try startDnsmasq(net)
    }

    /// What Neutron does when a port was created: writes the three files anew and sends SIGHUP.
    func reload(_ network: NetworkNames, ports: Int) throws {
        try HostFiles.write(network, ports: ports, to: directory(network))
        guard kill(try pid(network), SIGHUP) == 0 else { throw Failure.call("send SIGHUP to dnsmasq") }
    }

    /// The pid that dnsmasq wrote.
    func pid(_ network: NetworkNames) throws -> pid_t {
        let path = "\(directory(network))/pid"
        guard let pid = pid_t(try readFile(path).filter(\.isNumber)) else {
            throw Failure("no pid in \(path)")
        }
        return pid
    }

    private func startDnsmasq(_ network: NetworkNames) throws {
        let path = "\(directory(network))/pid"
        unlink(path)
        try inside(network, ["env", "PROCESS_TAG=dnsmasq-\(network.id)"] + arguments(network))
        try wait(for: "dnsmasq's pid file \(path)", limit: 60, every: 0.001) {
            ((try? readFile(path)) ?? "").contains("\n")
        }
    }

    /// Neutron's command line; the last two because a lab has one user and can't change groups.
    private func arguments(_ network: NetworkNames) -> [String] {
        let directory = directory(network)
        return [
            "dnsmasq", "--no-hosts", "--no-resolv", "--pid-file=\(directory)/pid",
            "--dhcp-hostsfile=\(directory)/host", "--addn-hosts=\(directory)/addn_hosts",
            "--dhcp-optsfile=\(directory)/opts", "--dhcp-leasefile=\(directory)/leases",
            "--dhcp-match=set:ipxe,175", "--dhcp-userclass=set:ipxe6,iPXE", "--local-service",
            "--bind-dynamic",
            "--dhcp-range=set:subnet-\(network.subnet),\(NetworkNames.text(network.base)),static,\(network.netmask),86400s",
            "--dhcp-option-force=option:mtu,\(network.mtu)", "--dhcp-lease-max=\(network.size)",
            "--conf-file=/dev/null", "--domain=openstacklocal", "--user=root", "--group=",
        ]
    }

    private func inside(_ network: NetworkNames, _ words: [String]) throws {
        try Program.run(["ip", "netns", "exec", network.namespace] + words)
    }
}
