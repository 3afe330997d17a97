import CDHCPLoad
import Glibc

/// The hosts of some networks, played from this thread (see CDHCPLoad.h).
final class DHCPLoad {
    private let load: OpaquePointer
    private let networks: Int

    /// Opens the load in this thread's network namespace, where the taps are.
    init(_ networks: [ServedNetwork]) throws {
        self.networks = networks.count
        let descriptions = try networks.map { network in
            let index = if_nametoindex(network.tap)
            guard index > 0 else { throw Failure.call("find the device \(network.tap)") }
            return dhcpload_network(interface_index: Int32(index), server: network.server)
        }
        var clients: [dhcpload_client] = []
        // In no order that a server has too: one that searches its hosts from the first to the last would
        // be asked for the first ones only. The same order each time.
        var generator = SplitMix(state: 1)
        let hosts = networks.map { $0.hosts.shuffled(using: &generator) }
        // Each client is on another network than the one before it.
        for place in 0..<(hosts.map(\.count).max() ?? 0) {
            for (number, hosts) in hosts.enumerated() where place < hosts.count {
                let host = hosts[place]
                let mac = (host.mac[0], host.mac[1], host.mac[2], host.mac[3], host.mac[4], host.mac[5])
                clients.append(
                    dhcpload_client(mac: mac, network: UInt16(number), address: host.address))
            }
        }
        var failedStep: UnsafePointer<CChar>?
        guard
            let load = dhcpload_open(
                descriptions, Int32(descriptions.count), clients, Int32(clients.count), &failedStep)
        else { throw Failure.call(failedStep.map { String(cString: $0) } ?? "open the load") }
        self.load = load
    }

    deinit { dhcpload_close(load) }

    /// How the clients ask.
    enum Manner: String, CaseIterable {
        /// With the broadcast flag.
        case broadcast
        /// Without: the answer must be sent to a machine that has no address yet.
        case unicast
    }

    /// A closed loop with so many exchanges under way.
    func exchanges(_ manner: Manner, window: Int, seconds: Double) throws -> dhcpload_result {
        try run(manner, window: window, seconds: seconds, timeout: 10, dhcpload_exchanges)
    }

    /// All clients at once, each message sent once only.
    func storm() throws -> dhcpload_result {
        // RFC 2131, section 4.1: a client sends again after four seconds.
        try run(.broadcast, window: 0, seconds: 0, timeout: 4, dhcpload_storm)
    }

    /// When each network's server made its first offer, on the clock of ``now()``; nil where none did.
    func firstAnswers(every interval: Double, limit: Double) throws -> [Double?] {
        var moments = [Double](repeating: 0, count: networks)
        guard dhcpload_first_answers(load, interval, limit, &moments) >= 0 else {
            throw Failure.call("ask for first answers")
        }
        return moments.map { $0 > 0 ? $0 : nil }
    }

    /// Waits until every network's server answers.
    func waitUntilServed(by subject: String, limit: Double) throws {
        let silent = try firstAnswers(every: 0.1, limit: limit).count { $0 == nil }
        guard silent == 0 else {
            throw Failure("\(subject) did not answer on \(silent) of \(networks) networks in \(Int(limit)) s")
        }
    }

    private func run(
        _ manner: Manner, window: Int, seconds: Double, timeout: Double,
        _ body: (OpaquePointer?, UnsafePointer<dhcpload_manner>?, UnsafeMutablePointer<dhcpload_result>?) ->
            Int32
    ) throws -> dhcpload_result {
        var description = dhcpload_manner(
            broadcasts: manner == .broadcast ? 1 : 0, window: Int32(window), duration: seconds,
            timeout: timeout)
        var result = dhcpload_result()
        guard body(load, &description, &result) == 0 else { throw Failure.call("play the clients") }
        return result
    }
}

/// Numbers that look random and are the same in each run (SplitMix64).
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}

extension dhcpload_result {
    /// Refuses a load that does not count: a server that gives wrong answers has done other work than the
    /// others, and one that was asked by a load that lost its replies has not been asked enough.
    func check() throws(Failure) {
        if wrong > 0 {
            let reply = first_wrong
            throw Failure(
                "\(wrong) replies were wrong, \(exchanges) exchanges right; the first: type \(reply.type), "
                    + "\(NetworkNames.text(reply.address)) for \(NetworkNames.text(wanted)), "
                    + "server \(NetworkNames.text(reply.server)), \(reply.is_broadcast != 0 ? "broadcast" : "unicast")"
            )
        }
        guard lost_here == 0 else { throw Failure("the load lost \(lost_here) replies") }
    }
}

/// Which processor does what while a server is measured: the load the last one, the servers the first.
///
/// The scheduler would now and then put both on one, and a server's CPU time would tell of that.
enum Processors {
    static let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))

    /// Calls the body with the threads of the servers on one processor and this thread on another.
    static func apart<R>(_ servers: [pid_t], _ body: () throws -> R) rethrows -> R {
        guard count > 1 else { return try body() }
        for server in servers {
            // A thread that ended meanwhile needs no place.
            for thread in Usage.threads(of: server) { dhcpload_run_on(thread, 0) }
        }
        return try running(on: Int32(count - 1), body)
    }

    /// Calls the body so that a server which it starts has only the processor that servers are measured on,
    /// and can set itself up for that.
    static func startingApart<R>(_ body: () throws -> R) rethrows -> R {
        guard count > 1 else { return try body() }
        return try running(on: 0, body)
    }

    private static func running<R>(on processor: Int32, _ body: () throws -> R) rethrows -> R {
        dhcpload_run_on(0, processor)
        // What this thread starts later must not inherit it.
        defer { dhcpload_run_on(0, -1) }
        return try body()
    }
}
