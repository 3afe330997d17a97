/// Many networks made through the API, as several clients would.
enum Tenants {
    /// Creates networks 0…, each with a /24 subnet and some ports, over four connections at a time.
    ///
    /// Four: as many as the baseline's workers and Neutron's `num_sync_threads`.
    static func create(_ count: Int, ports: Int = 1, _ place: ServicePlace) throws {
        enum Step { case network, subnet, port }
        var next = 0
        var steps: [Int: (network: Int, id: String, done: Step)] = [:]
        try HTTPLoad.run(port: place.port, connections: 4) { connection, response in
            if let response, let (number, network, done) = steps[connection] {
                switch done {
                case .network:
                    let id = try NeutronClient.created("network", response).id
                    steps[connection] = (number, id, .subnet)
                    return Request.subnet(id, "\(NetworkNames.text(NetworkNames.numbered(number).base))/24")
                case .subnet:
                    try NeutronClient.check(response, 201, "create a subnet")
                    steps[connection] = (number, network, .port)
                    let names = (0..<ports).map { "vm-\(number)-\($0)" }
                    return ports == 1 ? Request.port(network, names[0]) : Request.ports(network, names)
                case .port: try NeutronClient.check(response, 201, "create a port")
                }
            }
            guard next < count else { return nil }
            defer { next += 1 }
            steps[connection] = (next, "", .network)
            return Request.network("net-\(next)")
        }
    }

    /// Waits until that many of our ports are ACTIVE.
    static func waitUntilActive(_ count: Int, _ client: NeutronClient, network: String? = nil) throws {
        var active = 0
        // A long limit: it only ends a run in which something hangs.
        try wait(for: "\(count) ports to be ACTIVE (\(active) are)", limit: 180, every: 0.05) {
            active = try client.activePorts(network: network)
            return active >= count
        }
    }
}
