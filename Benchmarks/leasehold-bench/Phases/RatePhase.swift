/// Ports created per second, and what bounds them.
enum RatePhase {
    /// How many connections ask at a time.
    static let connections = [1, 64]

    static func served(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        for (medium, database) in [("disk", options.scratch + "/rate.sqlite"), ("memory", nil)] {
            let place = try ServicePlace("rate-\(medium)", database: database, options)
            let service = try Service.start(place)
            let client = try NeutronClient(place)
            var index = 0
            for dhcp in [false, true] {
                for connections in Self.connections {
                    let network = try client.network("rate-\(index)").id
                    _ = try client.subnet(network, "10.\(index).0.0/16", dhcp: dhcp)
                    index += 1
                    if dhcp {
                        // The network is up before the load comes.
                        _ = try client.port(network, name: "first")
                        try Tenants.waitUntilActive(1, client, network: network)
                    }
                    let name = "\(medium).\(dhcp ? "dhcp" : "plain").\(connections)"
                    let count = try load(
                        network, place, connections: connections, sizes, service, name, &figures)
                    if dhcp {
                        let begin = now()
                        try Tenants.waitUntilActive(count + 1, client, network: network)
                        figures["\(name).catchup"] = now() - begin
                    }
                }
            }
            try service.stop()
        }
    }

    /// Creates ports for some seconds; returns how many.
    private static func load(
        _ network: String, _ place: ServicePlace, connections: Int, _ sizes: Sizes, _ service: Service,
        _ name: String,
        _ figures: inout Figures
    ) throws -> Int {
        let request = Request.port(network, "load")
        let before = try Usage.cpu(of: service.pid)
        let begin = now()
        var count = 0
        // A /16 has room for 65,533 ports; a service that is faster than that is stopped early.
        let room = 60_000
        var asked = 0
        try HTTPLoad.run(port: place.port, connections: connections) { _, response in
            if let response {
                try NeutronClient.check(response, 201, "create a port")
                count += 1
            }
            guard now() - begin < sizes.rateSeconds, asked < room else { return nil }
            asked += 1
            return request
        }
        let elapsed = now() - begin
        figures["\(name).rate"] = Double(count) / elapsed
        figures["\(name).cpu"] = (try Usage.cpu(of: service.pid) - before) / Double(count)
        return count
    }

    static func commits(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        figures["disk"] = try CommitFloor.measure(
            options.scratch + "/floor.sqlite", seconds: sizes.rateSeconds)
        figures["memory"] = try CommitFloor.measure("/run/floor.sqlite", seconds: sizes.rateSeconds)
    }
}
