import DHCPDrivers
import NetworkModel

/// The three files that dnsmasq rereads on SIGHUP, as text, and its arguments.
struct RenderedService: Equatable {
    var arguments: [String]
    var host: String
    var additionalHosts: String
    var options: String
    /// Tells one content of the operator's extra file from another.
    var extraFile: String
    /// What could not be written and why, a sentence each.
    var problems: [String]
}

/// Renders services, remembering the lines of ports that did not change.
struct ServiceRenderer {
    private struct PortLines {
        var host: String
        var additionalHosts: String
        var options: [String]
        var problems: [String]
    }

    private var lines: [ResourceID: PortLines] = [:]
    /// What the remembered lines depend on besides their port.
    private var subnets: [Subnet] = []
    private var configuration: DnsmasqConfiguration?
    private var abilities: DnsmasqAbilities?

    /// Renders a service; for a change of ports, only those ports are rendered anew.
    mutating func render(_ view: ServiceView, _ change: DHCPServiceChange) -> RenderedService {
        var stale: Set<ResourceID>?
        if case .ports(let ids) = change, subnets == view.service.subnets,
            configuration == view.configuration,
            abilities == view.abilities
        {
            stale = ids
        }
        subnets = view.service.subnets
        configuration = view.configuration
        abilities = view.abilities

        var next: [ResourceID: PortLines] = [:]
        next.reserveCapacity(view.ports.count)
        var host = ""
        var additionalHosts = ""
        var options = OptionsFile.subnetLines(in: view)
        var problems = options.filter { $0.utf8.count > DnsmasqText.longestLine }.map {
            "an option of \($0.prefix(48)) is left out: its line has \($0.utf8.count) bytes, dnsmasq reads 1022"
        }
        options.removeAll { $0.utf8.count > DnsmasqText.longestLine }
        for port in view.ports {
            let known = stale.map { $0.contains(port.id) ? nil : lines[port.id] } ?? nil
            let current = known ?? Self.lines(of: port, in: view)
            host += current.host
            additionalHosts += current.additionalHosts
            options += current.options
            problems += current.problems
            next[port.id] = current
        }
        lines = next
        options += OptionsFile.serverLines(in: view)
        return RenderedService(
            arguments: CommandLine.arguments(for: view), host: host, additionalHosts: additionalHosts,
            options: options.joined(separator: "\n"), extraFile: view.abilities.extraFile, problems: problems)
    }

    private static func lines(of port: Port, in view: ServiceView) -> PortLines {
        let own = OptionsFile.lines(of: port)
        let names = view.announced.names(of: port)
        return PortLines(
            host: HostFile.lines(of: port, names, in: view),
            additionalHosts: AdditionalHostsFile.lines(of: port, names), options: own.lines,
            problems: own.problems)
    }
}
