import CDHCPLoad
import Glibc

/// Four-way exchanges with one server after the other on the same network: CPU and rate.
enum ExchangePhase {
    static func measure(hosts: Int, _ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let one = try OneNetwork("exchange-\(hosts)", hosts: hosts, options)
        let load = try DHCPLoad([one.network])
        for subject in OneNetwork.Subject.allCases {
            figures.attempt(subject.name) { figures in
                try one.served(by: subject, load) { pid in
                    for manner in DHCPLoad.Manner.allCases {
                        try sample(
                            "\(subject.rawValue).\(manner.rawValue)", [pid], manner, load, sizes, &figures)
                    }
                    if subject == .native {
                        figures["memory"] = try Usage.memory(of: pid).proportional
                    }
                }
            }
            if subject == .dnsmasq { try one.waitUntilFree() }
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
