/// From the creation of a port until it is served, on networks of several sizes.
enum LatencyPhase {
    static func served(
        by driver: ServicePlace.Driver, _ options: Options, _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        let place = try ServicePlace(
            "latency", database: options.scratch + "/latency.sqlite", driver: driver, options)
        let service = try Service.start(place)
        let client = try NeutronClient(place)
        var asked = 0
        var right = 0
        for (index, size) in sizes.ports.enumerated() {
            let network = try client.network("ports-\(size)").id
            _ = try client.subnet(network, "10.\(index).0.0/16")
            try client.ports(network, count: size)
            try Tenants.waitUntilActive(size, client, network: network)
            let discover = try DiscoverProbe(bridge: "brq\(network.prefix(11))")
            let names = try nameProbe(client, network)
            var times: [Double] = []
            var answers: [Double] = []
            for sample in 0..<sizes.portSamples {
                // Samples stand for themselves: the last one's wake is over.
                pause(0.05)
                let begin = now()
                let port = try client.port(network, name: "sample-\(sample)")
                answers.append(now() - begin)
                try wait(for: "port \(port.id) to be ACTIVE", limit: 60, every: 0.0003) {
                    try client.isActive(port.id)
                }
                times.append(now() - begin)
                let (mac, address) = try port.machine
                asked += 1
                // ACTIVE must mean served: one question each, at once, by DHCP and by DNS.
                if try discover.offer(to: mac) == address,
                    try names.answers("\(NetworkNames.hostName(address)).openstacklocal", with: address)
                {
                    right += 1
                }
            }
            figures["median.\(size)"] = times.median
            figures["p95.\(size)"] = times.quantile(0.95)
            figures["answered.\(size)"] = answers.median
        }
        figures["asked"] = Double(asked)
        figures["right"] = Double(right)
        try service.stop()
    }

    static func forking(_ sizes: Sizes, _ figures: inout Figures) throws {
        let agent = try ForkingAgent("reload")
        for (index, size) in sizes.ports.enumerated() {
            let network = NetworkNames(base: 10 << 24 | UInt32(index) << 16, prefixLength: 16)
            // dnsmasq starts on the empty network, as it does when a network grows; so it has no leases.
            try agent.create(network, ports: 0)
            let names = try NameProbe(namespace: network.namespace, server: network.base + 2)
            func add(_ ports: Int) throws -> Double {
                let address = network.address(ofPort: ports - 1)
                let name = "\(NetworkNames.hostName(address)).openstacklocal"
                let begin = now()
                try agent.reload(network, ports: ports)
                try wait(for: "dnsmasq to answer for \(name)", limit: 60, every: 0.0003) {
                    try names.answers(name, with: address)
                }
                return now() - begin
            }
            _ = try add(size)
            var times: [Double] = []
            for sample in 1...sizes.portSamples {
                pause(0.05)
                times.append(try add(size + sample))
            }
            figures["median.\(size)"] = times.median
            figures["p95.\(size)"] = times.quantile(0.95)
        }
    }

    /// A probe of the DNS server on the agent's own port.
    private static func nameProbe(_ client: NeutronClient, _ network: String) throws -> NameProbe {
        guard let port = try client.dhcpPorts(network).first, let server = try? port.machine.address else {
            throw Failure("network \(network) has no DHCP port")
        }
        return try NameProbe(namespace: "qdhcp-\(network)", server: server)
    }
}

extension NeutronClient.Resource {
    /// The MAC and the first IPv4 address of a port.
    var machine: (mac: [UInt8], address: UInt32) {
        get throws {
            let octets = mac?.split(separator: ":").compactMap { UInt8($0, radix: 16) } ?? []
            let parts = addresses?.first?.address.split(separator: ".").compactMap { UInt8($0) } ?? []
            guard octets.count == 6, parts.count == 4 else {
                throw Failure("port \(id) has no MAC or IPv4 address")
            }
            return (octets, parts.reduce(0) { $0 << 8 | UInt32($1) })
        }
    }
}
