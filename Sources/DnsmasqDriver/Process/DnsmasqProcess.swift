import DHCPDrivers
import Glibc
import LinuxKernel
import NetworkModel

/// A dnsmasq that runs for one network, whoever started it.
struct DnsmasqProcess: Sendable {
    /// Follows exactly this process; signals cannot reach another one.
    let watch: ProcessWatch
    /// Its arguments without the program's own name.
    let arguments: [String]
    /// In clock ticks since boot: with the id it names the process for good.
    let startTime: UInt64

    var pid: Int32 { watch.pid }

    /// The tag in the environment of a network's dnsmasq.
    static func tag(_ network: ResourceID) -> String { "dnsmasq-\(network)" }

    /// The pid file that a process was told of, from its arguments.
    static func pidFile(_ arguments: [String]) -> Substring? {
        arguments.first { $0.hasPrefix(option) }?.dropFirst(option.count)
    }

    private static let option = "--pid-file="

    /// Whether the pid file lies in that directory, however its path is spelled.
    private static func names(_ file: Substring, _ directory: ConfigurationDirectory) -> Bool {
        file == directory.pid
            || file.hasSuffix("/pid") && isSameFile(String(file.dropLast(4)), directory.path)
    }

    /// The process that the pid file names, if it is this network's dnsmasq; throws where that cannot be
    /// told.
    static func find(
        _ network: ResourceID, _ directory: ConfigurationDirectory
    ) throws(DHCPDriverError) -> DnsmasqProcess? {
        let bytes = try DnsmasqServer.file("find dnsmasq") { () throws(FileError) in
            try contents(of: directory.pid, limit: 32)
        }
        guard let digits = bytes?.prefix(while: { (0x30...0x39).contains($0) }),
            let pid = Int32(String(decoding: digits, as: UTF8.self))
        else { return nil }
        return try recognise(pid, network, directory)
    }

    /// Looks through all processes: for when the pid file is lost but its dnsmasq is not.
    ///
    /// dnsmasq's own children look like it; the oldest is the server.
    static func search(
        _ network: ResourceID, _ directory: ConfigurationDirectory, _ servers: RunningServers
    ) throws(DHCPDriverError) -> DnsmasqProcess? {
        let candidates = try DnsmasqServer.file("find dnsmasq") { () throws(FileError) in
            try servers.processIDs(of: network)
        }
        var oldest: DnsmasqProcess?
        for pid in candidates {
            guard let process = try recognise(pid, network, directory) else { continue }
            if process.startTime < oldest?.startTime ?? .max { oldest = process }
        }
        return oldest
    }

    /// Follows the process first and looks at it then, so that a reused id cannot deceive.
    ///
    /// It must have this directory's pid file: the same network may be served from another one.
    private static func recognise(
        _ pid: Int32, _ network: ResourceID, _ directory: ConfigurationDirectory
    ) throws(DHCPDriverError) -> DnsmasqProcess? {
        let watch: ProcessWatch
        do throws(ProcessError) {
            watch = try ProcessWatch(pid: pid)
        } catch {
            if error.kind == .noSuchProcess { return nil }
            throw DHCPDriverError(.file, operation: "find dnsmasq", detail: "\(error)")
        }
        return try DnsmasqServer.file("find dnsmasq") { () throws(FileError) in
            guard let commandLine = try ProcessTable.commandLine(of: pid), let file = pidFile(commandLine),
                names(file, directory),
                let startTime = try ProcessTable.startTime(of: pid)
            else { return nil }
            // Where we may not read the environment, the pid file must do.
            if let environment = try ProcessTable.environment(of: pid), !environment.isEmpty {
                guard environment["PROCESS_TAG"] == tag(network) else { return nil }
            }
            guard watch.isRunning else { return nil }
            return DnsmasqProcess(
                watch: watch, arguments: Array(commandLine.dropFirst()), startTime: startTime)
        }
    }

    /// Ends the process: SIGTERM, and SIGKILL where that is not enough. Returns when it has ended.
    func stop(within timeout: Duration) async throws(ProcessError) {
        do throws(ProcessError) {
            try watch.signal(SIGTERM)
        } catch {
            if error.kind == .noSuchProcess { return }
            throw error
        }
        let watch = watch
        let ended = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                _ = await watch.exit()
                return true
            }
            group.addTask {
                // Cancelled when the process has ended first.
                try? await Task.sleep(for: timeout)
                return false
            }
            let first = await group.next() ?? false
            if !first { try? watch.signal(SIGKILL) }
            group.cancelAll()
            await group.waitForAll()
            return first
        }
        _ = ended
    }
}
