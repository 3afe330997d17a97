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

    /// The process that the pid file names, if it is this network's dnsmasq.
    static func find(_ network: ResourceID, _ directory: ConfigurationDirectory) -> DnsmasqProcess? {
        guard let bytes = try? readFile(path: directory.pid, limit: 32),
            let pid = Int32(String(decoding: bytes.prefix { (0x30...0x39).contains($0) }, as: UTF8.self))
        else { return nil }
        return recognise(pid, network, directory)
    }

    /// Looks through all processes: for when the pid file is lost but its dnsmasq is not.
    ///
    /// dnsmasq's own children look like it; the oldest is the server.
    static func search(_ network: ResourceID, _ directory: ConfigurationDirectory) -> DnsmasqProcess? {
        ProcessTable.processIDs().compactMap { recognise($0, network, directory) }
            .min { $0.startTime < $1.startTime }
    }

    /// Follows the process first and looks at it then, so that a reused id cannot deceive.
    private static func recognise(
        _ pid: Int32, _ network: ResourceID, _ directory: ConfigurationDirectory
    ) -> DnsmasqProcess? {
        guard let commandLine = ProcessTable.commandLine(of: pid), let program = commandLine.first,
            program == "dnsmasq" || program.hasSuffix("/dnsmasq")
                || commandLine.contains("--pid-file=\(directory.pid)"),
            commandLine.contains(where: { $0.contains("\(network)") }),
            let watch = try? ProcessWatch(pid: pid),
            let arguments = ProcessTable.commandLine(of: pid)?.dropFirst(),
            let startTime = ProcessTable.startTime(of: pid)
        else { return nil }
        // Where we may not read the environment, the pid file's path among the arguments must do.
        if let environment = ProcessTable.environment(of: pid), !environment.isEmpty {
            guard environment["PROCESS_TAG"] == tag(network) else { return nil }
        } else if !arguments.contains("--pid-file=\(directory.pid)") {
            return nil
        }
        guard watch.isRunning else { return nil }
        return DnsmasqProcess(watch: watch, arguments: Array(arguments), startTime: startTime)
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
