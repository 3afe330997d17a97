import Addressing
import NetworkModel

/// The `addn_hosts` file (`--addn-hosts`): the names of all ports, DHCP or not.
enum AdditionalHostsFile {
    /// The lines of a port: address, full name first so that a reverse query finds it, host name.
    static func lines(of port: Port, in view: ServiceView) -> String {
        guard !ServiceView.ignoredOwners.contains(port.deviceOwner) else { return "" }
        return view.names(of: port).map { name in
            "\(name.address)\t\(name.fqdn) \(name.hostname)\n"
        }.joined()
    }
}
