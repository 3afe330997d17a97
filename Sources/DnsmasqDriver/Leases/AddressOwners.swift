import Addressing
import DHCPDrivers
import DHCPMessages
import NetworkModel

/// Which lease still belongs to the port that has its address.
struct AddressOwners {
    private let current: [IPAddress: [Owner]]
    private let previous: [IPAddress: [HostFile.Entry]]

    private struct Owner {
        let mac: MACAddress
        let clientID: String?
    }

    /// - Parameter previousHosts: the host file that dnsmasq served from until now.
    init(_ view: ServiceView, previousHosts: [HostFile.Entry]) {
        var current: [IPAddress: [Owner]] = [:]
        for port in view.ports {
            for fixedIP in port.fixedIPs where view.subnets[fixedIP.subnetID]?.enableDHCP == true {
                current[fixedIP.address, default: []].append(
                    Owner(mac: port.macAddress, clientID: port.clientID))
            }
        }
        self.current = current
        previous = Dictionary(grouping: previousHosts, by: \.address)
    }

    /// Whether an IPv4 lease may stay: its MAC still owns the address, and its client identifier is not
    /// one that the port had or has no more.
    ///
    /// A lease carries what the client sent; where the port never asked for an identifier, any will do
    /// (bug 1806770).
    func keeps(_ lease: LeasesFile.V4) -> Bool {
        guard let mac = MACAddress(octets: lease.chaddr),
            let owner = current[.v4(lease.address)]?.first(where: { $0.mac == mac })
        else { return false }
        guard let clientID = lease.clientID else { return true }
        if let wanted = owner.clientID { return wanted == "*" || Self.matches(wanted, clientID) }
        let before = previous[.v4(lease.address)]?.first { $0.mac == mac }?.clientID
        return before.map { !Self.matches($0, clientID) } ?? true
    }

    /// Whether an IPv6 lease may stay: the address is some port's, and not another MAC's than before.
    func keeps(_ lease: LeasesFile.V6) -> Bool {
        guard let owners = current[.v6(lease.address)] else { return false }
        guard let before = previous[.v6(lease.address)] else { return true }
        return before.contains { entry in owners.contains { $0.mac == entry.mac } }
    }

    /// Whether an identifier as configured is the one that a client sent; dhcpcd puts a zero byte
    /// before text, and dnsmasq lets it pass.
    private static func matches(_ configured: String, _ sent: [UInt8]) -> Bool {
        let bytes = HexBytes.parse(configured) ?? Array(configured.utf8)
        return bytes == sent || [0] + bytes == sent
    }
}
