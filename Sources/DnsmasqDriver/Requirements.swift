import DHCPDrivers
import Glibc
import LinuxKernel
import Logging

/// What must be installed, and what the installed one can.
enum Requirements {
    private static let remedy = "install it: apt-get install dnsmasq-base"

    /// A version as in `2.90`.
    struct Version: Comparable, CustomStringConvertible {
        let major: Int
        let minor: Int

        static func < (a: Self, b: Self) -> Bool { (a.major, a.minor) < (b.major, b.minor) }

        var description: String { "\(major).\(minor)" }

        /// Parses the first line of `dnsmasq --version`; text after the numbers (`2.92rel2`) is ignored.
        init?(_ output: String) {
            guard
                let word = output.split(whereSeparator: \.isWhitespace).drop(while: { $0 != "version" })
                    .dropFirst().first
            else { return nil }
            let parts = word.split(separator: ".", maxSplits: 1)
            guard parts.count == 2, let major = Int(parts[0]),
                let minor = Int(parts[1].prefix { $0.isNumber })
            else { return nil }
            self.major = major
            self.minor = minor
        }

        init(_ major: Int, _ minor: Int) {
            self.major = major
            self.minor = minor
        }
    }

    /// Throws what is missing and how to get it.
    static func check(
        _ configuration: DnsmasqConfiguration, _ namespaces: NamespaceThread, _ log: Logger
    ) async throws(DHCPDriverError) -> DnsmasqAbilities {
        let result = try await run(configuration, ["--version"], namespaces)
        guard result.isSuccess, let version = Version(result.outputText) else {
            throw missing("'\(configuration.dnsmasqPath) --version' says nothing of dnsmasq; \(remedy)")
        }
        guard version >= Version(2, 67) else {
            throw missing("dnsmasq \(version) is too old, 2.67 is needed; \(remedy)")
        }
        let reloadsSafely = !(Version(2, 86)...Version(2, 90)).contains(version)
        if !reloadsSafely {
            log.warning(
                "dnsmasq \(version) may crash on reload (bug 2026757): it is restarted where ports have options"
            )
        }
        if configuration.enableAddr6List && version < Version(2, 81) {
            log.warning("dnsmasq_enable_addr6_list needs dnsmasq 2.81, this is \(version)")
        }
        // Without this file an unrelated /etc/dnsmasq.conf would be judged too.
        let test = try await run(
            configuration, ["--test", "--conf-file=/dev/null", "--dhcp-host=tag:foo"], namespaces)
        return DnsmasqAbilities(
            hostTags: test.isSuccess, reloadsSafely: reloadsSafely, staysRoot: setgroupsIsDenied())
    }

    private static func run(
        _ configuration: DnsmasqConfiguration, _ arguments: [String], _ namespaces: NamespaceThread
    ) async throws(DHCPDriverError) -> ProcessResult {
        do throws(ProcessError) {
            return try await spawnAndWait(
                Command(configuration.dnsmasqPath, arguments, environment: DnsmasqServer.environment),
                in: nil, using: namespaces, timeout: .seconds(10))
        } catch {
            throw missing(
                error.kind == .notFound ? "\(error.object) is not installed; \(remedy)" : "\(error)")
        }
    }

    private static func missing(_ detail: String) -> DHCPDriverError {
        DHCPDriverError(.requirement, operation: "check dnsmasq", detail: detail)
    }

    /// Whether this user namespace forbids changing groups (user_namespaces(7)), as a rootless one does.
    private static func setgroupsIsDenied() -> Bool {
        guard let bytes = try? readFile(path: "/proc/self/setgroups", limit: 16) else { return false }
        return bytes.starts(with: Array("deny".utf8))
    }
}
