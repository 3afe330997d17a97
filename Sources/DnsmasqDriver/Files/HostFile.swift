import Addressing
import DHCPDrivers
import NetworkModel

/// The `host` file (`--dhcp-hostsfile`): who gets which address and which options.
enum HostFile {
    /// The lines of a port, each with its line feed.
    static func lines(of port: Port, _ names: [NamedAddress], in view: ServiceView) -> String {
        var text = ""
        var listed: Set<ResourceID> = []
        for name in names where name.subnet.enableDHCP && !name.isSLAAC {
            let tag = name.subnet.ipVersion == .v6 && view.abilities.hostTags ? "tag:dhcpv6," : ""
            if name.isStateless {
                guard !port.extraDHCPOptions.isEmpty else { continue }
                text += "\(port.macAddress),\(tag)set:port-\(port.id)\n"
                continue
            }
            var address = name.dnsmasqText
            if view.configuration.enableAddr6List, name.subnet.ipVersion == .v6 {
                guard listed.insert(name.subnet.id).inserted else { continue }
                address = port.fixedIPs.filter { $0.subnetID == name.subnet.id }
                    .map(\.address.dnsmasqText).joined(separator: ",")
            }
            text += line(port, tag, name, address)
        }
        return text
    }

    private static func line(_ port: Port, _ tag: String, _ name: NamedAddress, _ address: String) -> String {
        var line = "\(port.macAddress),\(tag)"
        if let clientID = port.clientID { line += "id:\(DnsmasqText.clientID(clientID))," }
        if let hostname = DnsmasqText.hostLineName(name.fqdn) { line += "\(hostname)," }
        line += address
        if port.extraDHCPOptions.contains(where: { !$0.isClientID }) { line += ",set:port-\(port.id)" }
        return line + "\n"
    }

    /// The (MAC, address, client identifier) triples of a host file, for finding what is not wanted any more.
    static func entries(_ text: String) -> [Entry] {
        text.split(separator: "\n").flatMap { line -> [Entry] in
            let fields = line.split(separator: ",")
            guard let mac = fields.first.flatMap({ MACAddress($0) }) else { return [] }
            let clientID = fields.first { $0.hasPrefix("id:") }.map { String($0.dropFirst(3)) }
            return fields.dropFirst().compactMap { field in
                let bare = field.hasPrefix("[") && field.hasSuffix("]") ? field.dropFirst().dropLast() : field
                return IPAddress(bare).map { Entry(mac: mac, address: $0, clientID: clientID) }
            }
        }
    }

    /// Who had an address, according to a host file.
    struct Entry: Hashable {
        var mac: MACAddress
        var address: IPAddress
        var clientID: String?
    }
}

extension IPAddress {
    /// The address as dnsmasq wants it in its files: IPv6 in brackets.
    var dnsmasqText: String { version == .v6 ? "[\(self)]" : description }
}
