import CDHCPLoad
import Glibc

/// Four-way exchanges with one server after the other on the same network: CPU and rate.
enum ExchangePhase {
    static func measure(hosts: Int, _ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let one = try OneNetwork("exchange-\(hosts)", hosts: hosts, options)
        let load = try DHCPLoad([one.network])
        // dnsmasq is the first, because the service that wires the network starts it.
        for subject in [OneNetwork.Subject.dnsmasq, .kea, .keaAsPackaged] {
            figures.attempt(subject.name) { figures in
                try exchanges(with: subject, one, load, sizes, &figures)
            }
            if subject == .dnsmasq { try one.waitUntilFree() }
        }
        // Their ratio is a matter of some per cent on a machine whose speed changes by more, for seconds at a time:
        // each turn has its own ratio, of what was measured right before to what was measured right after.
        var turns: [Figures] = []
        for _ in 0..<sizes.exchangeTurns {
            var turn = Figures()
            for subject in [OneNetwork.Subject.echo, .native] {
                figures.attempt(subject.name) { _ in try exchanges(with: subject, one, load, sizes, &turn) }
            }
            for manner in DHCPLoad.Manner.allCases {
                if let native = turn["native.\(manner.rawValue).cpu"],
                    let echo = turn["echo.\(manner.rawValue).cpu"]
                {
                    turn["native.\(manner.rawValue).ceiling"] = native / echo
                }
            }
            turns.append(turn)
        }
        for name in Set(turns.flatMap(\.values.keys)) {
            let values = turns.compactMap { $0[name] }
            figures[name] = name.hasSuffix(".timeouts") ? values.max() : values.median
        }
    }

    /// One subject's exchanges, asked for in each manner.
    private static func exchanges(
        with subject: OneNetwork.Subject, _ one: OneNetwork, _ load: DHCPLoad, _ sizes: Sizes,
        _ figures: inout Figures
    ) throws {
        try one.served(by: subject, load) { pid in
            for manner in DHCPLoad.Manner.allCases {
                try sample("\(subject.rawValue).\(manner.rawValue)", [pid], manner, load, sizes, &figures)
            }
            if subject == .native { figures["memory"] = try Usage.memory(of: pid).proportional }
        }
    }

    /// Loads the servers for some seconds and notes what an exchange took.
    static func sample(
        _ key: String, _ servers: [pid_t], _ manner: DHCPLoad.Manner, _ load: DHCPLoad, _ sizes: Sizes,
        _ figures: inout Figures
    ) throws {
        Usage.waitUntilIdle(servers)
        try Processors.apart(servers) {
            _ = try load.exchanges(manner, window: sizes.window, seconds: sizes.exchangeWarmUp)
            let before = servers.map(Usage.threadsCPU).reduce(0, +)
            let result = try load.exchanges(manner, window: sizes.window, seconds: sizes.exchangeSeconds)
            let cpu = servers.map(Usage.threadsCPU).reduce(0, +) - before
            try result.check()
            guard result.exchanges > 0 else { throw Failure("not one exchange ended (\(manner.rawValue))") }
            figures["\(key).cpu"] = cpu / Double(result.exchanges)
            figures["\(key).rate"] = Double(result.exchanges) / result.seconds
            figures["\(key).median"] = result.latency_median
            figures["\(key).p99"] = result.latency_p99
            figures["\(key).timeouts"] = Double(result.timeouts)
        }
    }
}
