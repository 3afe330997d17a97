import ArgumentParser
import Glibc
import NeutronAPI

/// `leasehold logs`: what happened on a network, from the agent's journal and the DHCP server's log.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what happened on a network: the agent's journal and the DHCP server's log.",
        discussion: """
            dnsmasq logs to syslog unless dnsmasq_base_log_dir names a directory for one file per network. \
            Reading another user's log may need root.

            EXAMPLES
              leasehold logs net1
              leasehold logs net1 --follow
              leasehold logs net1 --journal
            """)

    @Argument(help: "The network's name or id.") var network: String

    @Flag(name: .shortAndLong, help: "Go on showing what the DHCP server logs until interrupted.")
    var follow = false

    @Flag(help: "Only the agent's journal.") var journal = false

    @Option(
        name: .shortAndLong, help: ArgumentHelp("How many lines of the server's log.", valueName: "count"))
    var lines = 100

    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let answer = try await endpoint.withClient { api in
            try await api.get("leasehold", "networks", try await api.id(of: .network, network))
        }
        for entry in answer["journal"]?.array ?? [] {
            let why = entry["why"]?.string ?? ""
            let what = entry["what"]?.string ?? ""
            print("\(entry["time"]?.string ?? "") agent: \(what)\(why.isEmpty ? "" : " (\(why))")")
        }
        if journal { return }
        if let file = answer["log"]?["file"]?.string {
            try show(["tail", "-n", "\(lines)"] + (follow ? ["-F"] : []) + ["--", file], of: file)
        } else {
            try showSystemLog(answer["log"])
        }
    }

    /// dnsmasq's lines in the system's log: the journal where there is one, else the usual files.
    private func showSystemLog(_ log: JSONValue?) throws {
        guard case .integer(let pid)? = log?["pid"] else {
            throw CommandFailure("no DHCP server runs on \(network) now: see `leasehold status`")
        }
        if access("/run/systemd/journal", F_OK) == 0 {
            let identifiers = (log?["identifiers"]?.array ?? []).compactMap(\.string).flatMap { ["-t", $0] }
            let words = ["journalctl", "--no-pager", "-n", "\(lines)"] + identifiers + ["SYSLOG_PID=\(pid)"]
            try show(words + (follow ? ["-f"] : []), of: "the journal")
            return
        }
        for file in ["/var/log/syslog", "/var/log/daemon.log", "/var/log/messages"]
        where access(file, R_OK) == 0 {
            let tail = follow ? "tail -n 10000 -F" : "tail -n 100000"
            let end = follow ? "" : " | tail -n \(lines)"
            let filter = "grep --line-buffered 'dnsmasq[a-z-]*\\[\(pid)\\]'"
            try show(["sh", "-c", "\(tail) -- \(file) | \(filter)\(end)"], of: file)
            return
        }
        throw CommandFailure(
            """
            dnsmasq logs to syslog, and no log that I know is readable here.
            Set dnsmasq_base_log_dir in [DEFAULT] to get one file per network (takes effect when a network's \
            dnsmasq starts next).
            """)
    }

    private func show(_ words: [String], of source: String) throws {
        let status = try ForegroundProcess.run(words, environment: ForegroundProcess.inheritedEnvironment)
        guard status == 0 || status > 128 else {
            throw CommandFailure("cannot show \(source): \(words[0]) ended with status \(status)")
        }
    }
}
