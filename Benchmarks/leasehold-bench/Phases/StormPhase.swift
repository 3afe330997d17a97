import CDHCPLoad
import Glibc

/// A boot storm: every machine of a network asks at the same moment.
enum StormPhase {
    static func measure(_ options: Options, _ sizes: Sizes, _ figures: inout Figures) throws {
        let one = try OneNetwork("storm", hosts: sizes.stormHosts, options)
        let load = try DHCPLoad([one.network])
        for subject in [OneNetwork.Subject.dnsmasq, .echo, .kea, .native] {
            figures.attempt(subject.name) { figures in
                try one.served(by: subject, load) { pid in
                    try storms(subject.rawValue, pid, load, sizes, &figures)
                    guard subject == .dnsmasq || subject == .kea else { return }
                    // The same once more with as large a receive buffer as the others have.
                    for file in Usage.sockets(of: pid) where dhcpload_enlarge_buffer(pid, file, 4 << 20) < 0 {
                        throw Failure.call("enlarge a receive buffer of \(subject.name)")
                    }
                    try storms("\(subject.rawValue).buffer", pid, load, sizes, &figures)
                }
            }
            if subject == .dnsmasq { try one.waitUntilFree() }
        }
    }

    private static func storms(
        _ key: String, _ server: pid_t, _ load: DHCPLoad, _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        try Processors.apart([server]) {
            var times: [Double] = []
            var timeouts = 0.0
            for _ in 0..<sizes.storms {
                let result = try load.storm()
                try result.check()
                timeouts += Double(result.timeouts)
                if result.timeouts == 0 { times.append(result.seconds) }
                // What a storm left in the server's buffer is not the next one's.
                pause(0.2)
            }
            let clients = Double(sizes.storms * sizes.stormHosts)
            figures["\(key).timeouts"] = timeouts
            figures["\(key).share"] = (clients - timeouts) / clients
            // A storm that not everybody survived has no such time.
            figures["\(key).time"] = times.median
        }
    }
}
