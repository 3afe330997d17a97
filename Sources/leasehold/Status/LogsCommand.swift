import ArgumentParser
import Glibc
import NeutronAPI

/// `leasehold logs`: what happened on a network, from the agent's journal and the DHCP server's log.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Show what happened on a network: the agent's journal and the DHCP server's log.",
        discussion: """
            With dnsmasq_base_log_dir there is one file per network, whatever serves it. Without, dnsmasq logs \
            to syslog, and of the native server the latest packets are shown. Reading another user's log may \
            need root.

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
        if let outcomes = answer["log"]?["outcomes"]?.array, answer["log"]?["file"] == nil {
            return try await showOutcomes(outcomes)
        }
        if let file = answer["log"]?["file"]?.string {
            try show(["tail", "-n", "\(lines)"] + (follow ? ["-F"] : []) + ["--", file], of: file)
        } else {
            try showSystemLog(answer["log"])
        }
    }

    /// What became of the native server's latest packets, and on demand of those that follow.
    private func showOutcomes(_ first: [JSONValue]) async throws {
        var last = ""
        var shown = Set<String>()
        var outcomes = Array(first.suffix(lines))
        while true {
            for outcome in outcomes {
                let time = outcome["time"]?.string ?? ""
                let line = "\(time) dhcp: \(Self.words(outcome))"
                // Several packets may have one time; those of it that were shown are known.
                guard time > last || (time == last && !shown.contains(line)) else { continue }
                if time > last { shown = [] }
                last = time
                shown.insert(line)
                print(line)
            }
            guard follow else { return }
            fflush(nil)
            try await Task.sleep(for: .milliseconds(500))
            let answer = try await endpoint.withClient { api in
                try await api.get("leasehold", "networks", try await api.id(of: .network, network))
            }
            outcomes = answer["log"]?["outcomes"]?.array ?? []
        }
    }

    /// An outcome as a sentence.
    static func words(_ outcome: JSONValue) -> String {
        let mac = outcome["mac_address"]?.string
        let address = outcome["ip_address"]?.string
        var text = outcome["request"]?.string ?? "a packet"
        if let who = mac ?? (outcome["drop"]?.string != nil ? address : nil) { text += " from \(who)" }
        if let port = outcome["port_id"]?.string { text += " (port \(port))" }
        if let drop = outcome["drop"]?.string { return "\(text): dropped, \(drop)" }
        text += ": \(outcome["reply"]?.string ?? "answered")"
        if let address { text += " \(address)" }
        return text
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
