import NetworkModel

/// The story of the demo, told while it happens.
///
/// Every step is a command that a person could type; what is claimed is checked, and a claim that does
/// not hold makes the demo fail.
struct Demo {
    private let place: LabPlace
    private let client: String
    private let driver: DHCPDriverName
    private let service: ServiceProcess
    /// This very program, whatever it is called.
    private let program: String
    private var failures: [String] = []
    private let started = ContinuousClock.now

    private static let steps = 7

    /// Prepares the place and starts the service.
    init(driver: DHCPDriverName, client: String) throws {
        self.driver = driver
        self.client = client
        program = try ownPath()
        print(
            """
            Leasehold demo: two tenants, one address plan, nothing shared
            ==============================================================
            Everything below happens in a private user, network and mount namespace;
            when it ends, nothing is left of it. Lines with $ are what you would type.

            """)
        Demo.heading(1, "The service starts")
        let uplink = ["link", "add", "eth-physnet1", "type", "veth", "peer", "name", "physnet1-wire"]
        place = try LabPlace(
            configurationFiles: [],
            settings: [
                "dhcp_driver = \(driver.rawValue)", "[ml2_type_flat]", "flat_networks = physnet1",
                "[linux_bridge]",
                "physical_interface_mappings = physnet1:eth-physnet1",
            ])
        _ = try Shell.capture(["ip"] + uplink, place.environment)
        _ = try Shell.capture(["ip", "link", "set", "eth-physnet1", "up"], place.environment)
        _ = try Shell.capture(["ip", "link", "set", "physnet1-wire", "up"], place.environment)
        service = try ServiceProcess.start(in: place)
        print("  API at \(place.endpoint), state in \(place.statePath), DHCP by \(driver.rawValue)\n")
    }

    /// Tells the rest; whether all of it was true.
    mutating func tell() throws -> Bool {
        defer { service.stop() }
        try networks()
        try instances()
        try insideTheMachines()
        try reachability()
        try wiring()
        if driver == .native { try leases() } else { try files() }
        let seconds =
            Double((ContinuousClock.now - started).components.seconds)
            + Double((ContinuousClock.now - started).components.attoseconds) / 1e18
        let rounded = (seconds * 10).rounded() / 10
        if failures.isEmpty {
            print("All of the above was checked and is true. It took \(rounded) s.")
            print("Try it yourself:  leasehold lab")
        } else {
            print("NOT everything worked (\(rounded) s):")
            for failure in failures { print("  - \(failure)") }
        }
        return failures.isEmpty
    }

    static func heading(_ number: Int, _ text: String) {
        print("[\(number)/\(steps)] \(text)")
    }

    private mutating func networks() throws {
        Demo.heading(2, "Two tenants create a network with the same 172.16.1.0/24")
        for tenant in DemoTenant.all {
            var create = ["network", "create", tenant.network, "--project", tenant.name]
            if tenant.isFlat {
                create += ["--provider-network-type", "flat", "--provider-physical-network", "physnet1"]
            }
            try type(create)
            try type([
                "subnet", "create", tenant.subnet, "--network", tenant.network, "--subnet-range",
                "172.16.1.0/24", "--dns-nameserver", "172.16.1.2",
            ])
        }
        print("")
    }

    private mutating func instances() throws {
        Demo.heading(3, "Instances boot and ask for their address")
        for machine in DemoMachine.all {
            var boot = ["instance", "boot", machine.name, "--network", machine.tenant.network]
            if let address = machine.address { boot += ["--fixed-ip", "ip-address=\(address)"] }
            boot += ["--client", client]
            Demo.show(boot)
            let status = try Shell.run([program] + boot, place.environment)
            check(status == 0, "\(machine.name) did not get its address")
            print("")
        }
    }

    private mutating func insideTheMachines() throws {
        Demo.heading(4, "What each machine has now")
        for machine in DemoMachine.all {
            let address = try inMachine(
                machine, "ip -4 -o address show dev eth0 | sed 's/.*inet //; s/ .*//'")
            let route = try inMachine(machine, "ip -4 route show default | sed 's/ *$//'")
            let resolver = try inMachine(machine, "grep -h nameserver /etc/resolv.conf | head -1")
            print("  \(Demo.pad(machine.name, 12)) \(Demo.pad(address, 18)) \(resolver)")
            print("  \(Demo.pad("", 12)) \(route.prefix(64))")
            if let wanted = machine.address {
                check(address == "\(wanted)/24", "\(machine.name) has \(address) instead of \(wanted)/24")
            }
            check(route.contains("172.16.1.1"), "\(machine.name) has no default route")
            check(resolver.contains("172.16.1.2"), "\(machine.name) has no resolver")
        }
        let twins = DemoMachine.all.filter { $0.address == "172.16.1.103" }.map(\.name)
        print("  \(twins.joined(separator: " and ")) have the very same address.\n")
    }

    private mutating func reachability() throws {
        Demo.heading(5, "Who reaches whom")
        let vm2 = try inMachine(
            DemoMachine.second, "ip -4 -o address show dev eth0 | sed 's/.*inet //; s,/.*,,'")
        if let inside = try reaches(from: DemoMachine.first, to: vm2),
            let across = try reaches(from: DemoMachine.twin, to: vm2)
        {
            print("  cirros-vm1 -> cirros-vm2 (\(vm2)), same tenant:   \(inside ? "reached" : "NOT REACHED")")
            check(inside, "cirros-vm1 does not reach cirros-vm2")
            print("  twin-vm1   -> cirros-vm2 (\(vm2)), other tenant:  \(across ? "REACHED" : "unreachable")")
            check(!across, "twin-vm1 reaches cirros-vm2 of the other tenant")
        } else {
            print("  NOT CHECKED: this host has no ping")
            check(false, "who reaches whom is not known without ping; install iputils-ping or busybox")
        }
        let name = try inMachine(
            DemoMachine.first,
            "dig +short +time=2 @172.16.1.2 host-172-16-1-103.openstacklocal 2>/dev/null || true")
        if !name.isEmpty { print("  dig host-172-16-1-103.openstacklocal -> \(name)") }
        print("")
    }

    private mutating func wiring() throws {
        Demo.heading(6, "The wiring, by its real names")
        for tenant in DemoTenant.all {
            let id = try leasehold(["network", "show", tenant.network, "-f", "value", "-c", "id"])
            let own = try leasehold([
                "port", "list", "--network", id, "--device-owner", "network:dhcp", "-f", "value", "-c", "ID",
            ])
            let interface = "ns-\(own.prefix(11))"
            let pid = smallFile("\(place.statePath)/dhcp/\(id)/pid")
            let short = id.prefix(11)
            print("  \(tenant.name): network \(tenant.network)")
            if tenant.isFlat { print("      eth-physnet1 (physnet1) ──┐") }
            print("      brq\(short) ── tap\(interface.dropFirst(3)) ══ \(interface)")
            print("         │     in qdhcp-\(id)")
            print("         │     \(pid.map { "dnsmasq, process \($0)" } ?? "the native server")")
            for machine in DemoMachine.all where machine.tenant.name == tenant.name {
                let port = try leasehold(["port", "show", machine.name, "-f", "value", "-c", "id"])
                print("         └── tap\(port.prefix(11)) ══ eth0 in vm-\(machine.name)")
            }
            let links = try Shell.capture(["bridge", "link", "show"], place.environment).output
            check(
                links.contains("tap\(interface.dropFirst(3))") && links.contains("brq\(short)"),
                "bridge link does not show tap\(interface.dropFirst(3)) on brq\(short)")
        }
        print("  $ ip netns list")
        let list = try Shell.capture(["ip", "netns", "list"], place.environment).output
        for line in list.split(separator: "\n") { print("  \(line.prefix(while: { $0 != " " }))") }
        print("")
    }

    private mutating func files() throws {
        Demo.heading(7, "The files that drive the DHCP server of \(DemoTenant.first.network)")
        let id = try leasehold(["network", "show", DemoTenant.first.network, "-f", "value", "-c", "id"])
        let directory = "\(place.statePath)/dhcp/\(id)"
        print("  \(place.statePath)/dhcp/<network id>/")
        for name in ["pid", "interface", "host", "addn_hosts", "opts", "leases"] {
            let text = try? Shell.capture(["cat", "\(directory)/\(name)"], place.environment).output
            check(text != nil && text?.isEmpty == false, "\(directory)/\(name) is missing")
            let lines = (text ?? "").split(separator: "\n")
            for (index, line) in lines.prefix(4).enumerated() {
                let plain = line.replacing("\t", with: " ")
                print("  \(Demo.pad(index == 0 ? name : "", 10)) \(Demo.fold(plain))")
            }
            if lines.count > 4 { print("  \(Demo.pad("", 10)) … \(lines.count - 4) more") }
        }
        print("")
    }

    private mutating func leases() throws {
        Demo.heading(7, "What the native server of \(DemoTenant.first.network) told its clients")
        let list = ["lease", "list", "--network", DemoTenant.first.network]
        // Not the port's identifier: the table would be wider than a terminal.
        let columns = ["IP Address", "MAC Address", "Hostname", "Given"]
        Demo.show(list + columns.flatMap { ["-c", "'\($0)'"] })
        print(try leasehold(list + columns.flatMap { ["-c", $0] }))
        for machine in DemoMachine.all where machine.tenant.name == DemoTenant.first.name {
            let address = try leasehold(["lease", "show", machine.name, "-f", "value", "-c", "ip_address"])
            check(
                address == machine.address || machine.address == nil && !address.isEmpty,
                "the lease of \(machine.name) says \(address)")
        }
        let status = ["status", DemoTenant.first.network]
        Demo.show(status)
        print(try leasehold(status))
        print("")
    }
}

extension Demo {
    /// Runs a command of ours without its output, shown as a person would type it.
    private mutating func type(_ words: [String]) throws {
        Demo.show(words)
        let result = try Shell.capture([program] + words, place.environment)
        check(result.status == 0, "leasehold \(words.joined(separator: " ")): \(result.output)")
    }

    /// The output of a command of ours, trimmed.
    private mutating func leasehold(_ words: [String]) throws -> String {
        let result = try Shell.capture([program] + words, place.environment)
        check(result.status == 0, "leasehold \(words.joined(separator: " ")): \(result.output)")
        return result.trimmed
    }

    /// The output of a shell line inside a machine, trimmed.
    private func inMachine(_ machine: DemoMachine, _ line: String) throws -> String {
        try Shell.capture(
            [program, "instance", "exec", machine.name, "--", "sh", "-c", line], place.environment
        ).trimmed
    }

    /// Whether the machine gets an answer from the address, or nil where there is no ping(8) to ask with.
    private func reaches(from machine: DemoMachine, to address: String) throws -> Bool? {
        let line = "exec $(command -v ping || echo busybox ping) -c 1 -W 1 \(address)"
        let result = try Shell.capture(
            [program, "instance", "exec", machine.name, "--", "sh", "-c", line], place.environment)
        // What sh(1) ends with for a program that it does not find.
        return result.status == 127 ? nil : result.status == 0
    }

    private mutating func check(_ holds: Bool, _ failure: String) {
        if !holds { failures.append(failure) }
    }

    /// Prints a command on lines of at most 78 columns.
    private static func show(_ words: [String]) {
        var line = "  $ leasehold"
        for word in words {
            if line.count + word.count + 3 > 78 {
                print(line + " \\")
                line = "      "
            } else {
                line += " "
            }
            line += word
        }
        print(line)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// Cuts a line to what fits beside a file's name.
    private static func fold(_ line: some StringProtocol) -> String {
        line.count <= 66 ? String(line) : line.prefix(65) + "…"
    }
}
