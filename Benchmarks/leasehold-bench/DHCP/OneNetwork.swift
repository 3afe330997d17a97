import Glibc

/// One network that is wired once and then served by one server after the other.
struct OneNetwork {
    /// Who serves.
    enum Subject: String {
        case dnsmasq, kea, keaAsPackaged, echo, native

        /// How the table calls it.
        var name: String {
            switch self {
            case .dnsmasq: "dnsmasq"
            case .echo: "C echo"
            case .kea: "Kea, quiet"
            case .keaAsPackaged: "Kea, as packaged"
            case .native: "native"
            }
        }
    }

    let place: ServicePlace
    let network: ServedNetwork
    private let plan: NetworkNames

    /// Makes the network with the service, which then ends; its dnsmasq stays.
    init(_ name: String, hosts: Int, _ options: Options) throws {
        plan = NetworkNames(base: 10 << 24, prefixLength: 16)
        // Nothing here is about the database.
        place = try ServicePlace(name, database: nil, options)
        let service = try Service.start(place)
        let client = try NeutronClient(place)
        let id = try client.network(name).id
        // The ports before the subnet's server: dnsmasq reads them once.
        _ = try client.subnet(id, "\(NetworkNames.text(plan.base))/\(plan.prefixLength)")
        try client.ports(id, count: hosts)
        try Tenants.waitUntilActive(hosts, client, network: id)
        guard let network = try ServedNetwork.all(client).first, network.hosts.count == hosts else {
            throw Failure("the service does not list the \(hosts) ports that it made")
        }
        self.network = network
        try service.stop()
    }

    /// Lets the subject serve the network while the body runs.
    ///
    /// - Parameter body: is given the process, once it answers.
    func served(by subject: Subject, _ load: DHCPLoad, _ body: (pid_t) throws -> Void) throws {
        func measure(_ pid: pid_t) throws {
            // A server reads ten thousand hosts and leases first.
            try load.waitUntilServed(by: subject.name, limit: 60)
            // Each time: a service that starts may put the port right again.
            try ServedNetwork.closeBridgePorts([network])
            try body(pid)
        }
        switch subject {
        case .dnsmasq:
            guard let pid = Usage.processes(named: "dnsmasq").first else { throw Failure("dnsmasq ended") }
            defer { kill(pid, SIGTERM) }
            try measure(pid)
        case .echo:
            try network.addNeighbours()
            let echo = try EchoServer([network])
            defer { echo.stop() }
            try measure(echo.pid)
        case .kea, .keaAsPackaged:
            let kea = try KeaServer(network, plan, isAsPackaged: subject == .keaAsPackaged)
            defer { kea.stop() }
            do {
                try measure(kea.pid)
            } catch {
                throw Failure("\(error)\n\(KeaServer.lastWords)")
            }
        case .native:
            try place.configure(.native)
            let service = try Service.start(place)
            do {
                try measure(service.pid)
            } catch {
                try? service.stop()
                throw Failure("\(error)\n\(place.lastWords)")
            }
            try service.stop()
        }
    }

    /// Waits until dnsmasq has left port 67 to the others.
    func waitUntilFree() throws {
        try wait(for: "dnsmasq to end", limit: 20) { Usage.processes(named: "dnsmasq").isEmpty }
    }
}
