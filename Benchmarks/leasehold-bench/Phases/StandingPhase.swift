/// A service with many networks that are right: what it weighs, and what a restart takes.
enum StandingPhase {
    static func measure(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let place = try ServicePlace("standing", database: options.scratch + "/standing.sqlite", options)
        var service = try Service.start(place)
        // Let the start's own memory settle.
        pause(1)
        figures["memory.empty"] = try Usage.memory(of: service.pid).resident
        try Tenants.create(sizes.restarted, place)
        try Tenants.waitUntilActive(sizes.restarted, NeutronClient(place))
        pause(2)
        figures["memory.full"] = try Usage.memory(of: service.pid).resident
        let servers = Usage.processes(named: "dnsmasq").sorted()
        guard servers.count == sizes.restarted else {
            throw Failure("\(servers.count) dnsmasq run for \(sizes.restarted) networks")
        }
        let proportional = try servers.map { try Usage.memory(of: $0).proportional }
        figures["memory.dnsmasq"] = proportional.reduce(0, +) / Double(servers.count)

        var walls: [Double] = []
        var reported: [Double] = []
        var cpus: [Double] = []
        for _ in 0..<sizes.restarts {
            pause(sizes.secondsBeforeRestart)
            try service.stop()
            Quiet.wait(limit: 10)
            service = try Service.launch(place)
            let line = try service.line(with: ["adopted", "changed", "removed", " in "], limit: 120)
            cpus.append(try Usage.cpu(of: service.pid))
            walls.append(line.after)
            let summary = try Summary(line.text)
            guard summary.adopted == sizes.restarted, summary.changed == 0, summary.removed == 0 else {
                throw Failure("\(sizes.restarted) networks were right, but the service says: \(line.text)")
            }
            reported.append(summary.seconds)
        }
        guard Usage.processes(named: "dnsmasq").sorted() == servers else {
            throw Failure("a restart of the service restarted dnsmasq")
        }
        figures["wall"] = walls.median
        figures["wall.worst"] = walls.max()
        figures["reported"] = reported.median
        figures["cpu"] = cpus.median
        pause(2)
        figures["memory.adopted"] = try Usage.memory(of: service.pid).resident
        try service.stop()
    }

    /// `adopted 1000, changed 0, removed 0 in 0.4 s`, somewhere in a line of the log.
    struct Summary {
        var adopted = 0
        var changed = 0
        var removed = 0
        var seconds = 0.0

        init(_ line: String) throws(Failure) {
            let words = line.split { " ,\"".contains($0) }
            func number(after word: Substring) throws(Failure) -> Double {
                guard let place = words.lastIndex(of: word), place + 1 < words.count,
                    let number = Double(words[place + 1])
                else { throw Failure("no number after '\(word)' in: \(line)") }
                return number
            }
            adopted = Int(try number(after: "adopted"))
            changed = Int(try number(after: "changed"))
            removed = Int(try number(after: "removed"))
            seconds = try number(after: "in")
        }
    }
}
