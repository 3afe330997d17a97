import DHCPDrivers
import NetworkModel

/// The `addn_hosts` file (`--addn-hosts`): the names of all ports, DHCP or not.
enum AdditionalHostsFile {
    /// The lines of a port: address, full name first so that a reverse query finds it, host name.
    static func lines(of port: Port, _ names: [NamedAddress]) -> String {
        guard !AnnouncedService.ignoredOwners.contains(port.deviceOwner) else { return "" }
        var text = ""
        for name in names { text += "\(name.text)\t\(name.fqdn) \(name.hostname)\n" }
        return text
    }
}
