import CDHCPLoad
import DHCPDrivers
import DHCPEngine
import Dispatch
import FoundationEssentials
import Glibc
import LinuxKernel
import Locks
import Logging
import NativeDriver
import NetworkModel

/// The native driver without API, store and agent: what it takes by itself, in a process of its own, over
/// networks that are wired.
enum DriverPhase {
    private static let file = "/run/networks.json"

    /// Measures in a new process, which this one waits for.
    static func start(_ networks: [ServedNetwork], _ options: Options) throws -> Figures {
        try writeFile(file, String(decoding: try JSONEncoder().encode(networks), as: UTF8.self))
        let report = "/run/driver-alone.json"
        var words = [try ownPath(), "--inside", Phase.driverAlone.rawValue, "--report", report]
        if options.isQuick { words.append("--quick") }
        let log = "/run/driver-alone.log"
        let status = Program.wait(try Program.start(words, log: log))
        guard status == 0 else {
            let reason = (try? readFile(report + ".failed")) ?? (try? readFile(log)) ?? ""
            throw Failure("exit status \(status): \(reason)")
        }
        return try Figures(readingFrom: report)
    }

    static func measure(_ sizes: Sizes, _ figures: inout Figures) throws {
        let networks = try JSONDecoder().decode([ServedNetwork].self, from: Data(try readFile(file).utf8))
        try makeDirectory("/run/driver-alone")
        try memory(networks, sizes, &figures)
        try starts(networks, sizes, &figures)
        if let network = networks.first { try changes(network, sizes, &figures) }
    }

    private static func driver() -> NativeDriver {
        var configuration = NativeDriverConfiguration()
        configuration.dhcpConfs = "/run/driver-alone"
        configuration.limits = .unlimited
        var log = Logger(label: "driver")
        log.logLevel = .warning
        return NativeDriver(configuration: configuration, log: log)
    }

    /// Proportional memory, after what is free was given back.
    private static func memory() throws -> Double {
        dhcpload_trim_heap()
        return try Usage.memory(of: getpid()).proportional
    }

    /// Memory with one host on each network, and with all.
    private static func memory(
        _ networks: [ServedNetwork], _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        let driver = driver()
        let empty = try memory()
        try apply(networks, hosts: 1, driver)
        let one = try memory()
        try apply(networks, hosts: sizes.hostsPerNetwork, driver)
        let all = try memory()
        let count = Double(networks.count)
        let host = (all - one) / count / Double(sizes.hostsPerNetwork - 1)
        figures["memory.host"] = host
        figures["memory.network"] = (one - empty) / count - host
        figures["memory.all"] = all - empty
        try remove(networks, driver)
    }

    /// From nothing to answering on all networks, several times.
    private static func starts(
        _ networks: [ServedNetwork], _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        let load = try DHCPLoad(networks)
        let services = try networks.map { network throws(Failure) in
            try network.service(hosts: sizes.hostsPerNetwork, prefixLength: 24)
        }
        var times: [Double] = []
        var cpus: [Double] = []
        for _ in 0..<sizes.restarts {
            let begin = now()
            let before = processCPU()
            let driver = driver()
            try blocking {
                // As the agent does: the driver's own threads are the limit.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for service in services {
                        group.addTask { _ = try await driver.apply(service, change: .anything) }
                    }
                    try await group.waitForAll()
                }
            }
            times.append(now() - begin)
            cpus.append(processCPU() - before)
            // What it says must be so.
            try load.waitUntilServed(by: "the native driver", limit: 5)
            try remove(networks, driver)
        }
        figures["start"] = times.median
        figures["start.worst"] = times.max()
        figures["start.cpu"] = cpus.median
    }

    /// One port more and one port less, on networks of several sizes.
    private static func changes(
        _ network: ServedNetwork, _ sizes: Sizes, _ figures: inout Figures
    ) throws {
        var network = network
        let base = network.server & ~0xFFFF
        for size in sizes.ports {
            // Addresses from the second /24 on: the first has the server's.
            network.hosts = (0...size).map { number in
                let octets: [UInt8] = [
                    0x02, 0, 0, UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255),
                ]
                return .init(mac: octets, address: base + 256 + UInt32(number))
            }
            let fewer = try network.service(hosts: size, prefixLength: 16)
            let more = try network.service(hosts: size + 1, prefixLength: 16)
            let others = Set(fewer.ports.map(\.id))
            guard let port = more.ports.map(\.id).first(where: { !others.contains($0) }) else {
                throw Failure("two networks that differ by no port")
            }
            let driver = driver()
            try blocking { _ = try await driver.apply(fewer, change: .anything) }
            let samples = 500
            let (time, cpu) = try blocking {
                // A few to warm up.
                for service in [more, fewer, more, fewer] {
                    _ = try await driver.apply(service, change: .ports([port]))
                }
                let begin = now()
                let before = processCPU()
                for _ in 0..<samples {
                    for service in [more, fewer] {
                        guard try await driver.apply(service, change: .ports([port])) == .reloaded else {
                            throw Failure("the driver did not see the change")
                        }
                    }
                }
                return ((now() - begin) / Double(2 * samples), (processCPU() - before) / Double(2 * samples))
            }
            figures["change.\(size).time"] = time
            figures["change.\(size).cpu"] = cpu
            try remove([network], driver)
        }
    }

    private static func apply(_ networks: [ServedNetwork], hosts: Int, _ driver: NativeDriver) throws {
        for network in networks {
            let service = try network.service(hosts: hosts, prefixLength: 24)
            try blocking { _ = try await driver.apply(service, change: .anything) }
        }
    }

    private static func remove(_ networks: [ServedNetwork], _ driver: NativeDriver) throws {
        let ids = networks.compactMap { ResourceID($0.id) }
        try blocking { for id in ids { try await driver.remove(id) } }
    }
}

/// CPU seconds of this process, all threads.
private func processCPU() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Runs an asynchronous body and holds this thread until it is done.
private func blocking<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
    let slot = Mutex<Result<T, any Error>?>(nil)
    let done = DispatchSemaphore(value: 0)
    // Unstructured, because the benchmark is a synchronous program; it ends before this function does.
    Task.detached {
        let result: Result<T, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        slot.withLock { $0 = result }
        done.signal()
    }
    done.wait()
    guard let result = slot.withLock({ $0 }) else { throw Failure("a task ended without a result") }
    return try result.get()
}
