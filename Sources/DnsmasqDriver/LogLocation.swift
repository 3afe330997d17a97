public import NetworkModel

/// Where a network's dnsmasq writes its log.
public enum LogLocation: Hashable, Sendable {
    /// A file of its own.
    case file(path: String)
    /// The system log: DNS lines under `dnsmasq`, DHCP lines under `dnsmasq-dhcp`, with the process id.
    case systemLog(identifiers: [String], pid: Int32?)

    /// The log of a network under this configuration.
    ///
    /// - Parameter pid: the process id where one runs; it tells the networks apart in the system log.
    public static func of(
        _ network: ResourceID, _ configuration: DnsmasqConfiguration, pid: Int32?
    ) -> LogLocation {
        if let path = file(configuration, network) { return .file(path: path) }
        return .systemLog(identifiers: ["dnsmasq", "dnsmasq-dhcp"], pid: pid)
    }

    /// The log file, if logs go to files.
    static func file(_ configuration: DnsmasqConfiguration, _ network: ResourceID) -> String? {
        configuration.baseLogDirectory.map { "\($0)/\(network)/dhcp_dns_log" }
    }
}
