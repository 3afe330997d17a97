/// The baseline of a restart: what Neutron's agent does with every network when it starts.
enum RestartPhase {
    static func forking(workers: Int, _ sizes: Sizes, _ figures: inout Figures) throws {
        let agent = try ForkingAgent("restart")
        let networks = (0..<sizes.restartedBaseline).map(NetworkNames.numbered)
        try Workers.run(4, count: networks.count) { try agent.create(networks[$0]) }
        let before = Usage.ownCPU()
        let begin = now()
        try Workers.run(workers, count: networks.count) { try agent.restart(networks[$0]) }
        let elapsed = now() - begin
        // All dnsmasq are new, so all that they used belongs to the restart.
        let serving = Usage.processes(named: "dnsmasq").map(Usage.exactCPU).reduce(0, +)
        figures["wall"] = elapsed / Double(networks.count)
        figures["cpu"] = (Usage.ownCPU() - before + serving) / Double(networks.count)
    }
}
