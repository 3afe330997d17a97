/// Networks created and served: time and CPU.
enum CreatePhase {
    static func served(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let place = try ServicePlace("create", database: options.scratch + "/create.sqlite", options)
        let service = try Service.start(place)
        let client = try NeutronClient(place)
        let before = try Usage.cpu(of: service.pid)
        let begin = now()
        try Tenants.create(sizes.created, place)
        try Tenants.waitUntilActive(sizes.created, client)
        let elapsed = now() - begin
        let servers = Usage.processes(named: "dnsmasq")
        guard servers.count == sizes.created else {
            throw Failure("\(servers.count) dnsmasq run for \(sizes.created) networks")
        }
        let serving = servers.map(Usage.exactCPU).reduce(0, +)
        let cpu = try Usage.cpu(of: service.pid) - before + serving
        figures["wall"] = elapsed / Double(sizes.created)
        figures["cpu"] = cpu / Double(sizes.created)
        figures["cpu.dnsmasq"] = serving / Double(sizes.created)
        try service.stop()
    }

    static func forking(workers: Int, _ sizes: Sizes, _ figures: inout Figures) throws {
        let agent = try ForkingAgent("forking")
        let before = Usage.ownCPU()
        let begin = now()
        try Workers.run(workers, count: sizes.created) { try agent.create(.numbered($0)) }
        let elapsed = now() - begin
        // dnsmasq becomes a daemon: what it used after that is in nobody's account of children.
        let serving = Usage.processes(named: "dnsmasq").map(Usage.exactCPU).reduce(0, +)
        figures["wall"] = elapsed / Double(sizes.created)
        figures["cpu"] = (Usage.ownCPU() - before + serving) / Double(sizes.created)
    }
}
