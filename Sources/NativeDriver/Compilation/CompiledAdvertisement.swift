import Addressing
import DHCPDrivers
import DHCPEngine
import NetworkModel

extension RouterAdvertisement {
    /// What tells the network's hosts to begin with DHCPv6 or to make their own addresses: for the subnets
    /// whose `ipv6_ra_mode` is set and that no router is on, for a router says so itself. nil for none.
    init?(_ announced: AnnouncedService) {
        let port = announced.service.dhcpPort
        self.init()
        for subnet in announced.service.subnets {
            guard subnet.ipVersion == .v6, subnet.enableDHCP, let mode = subnet.ipv6RAMode,
                !announced.routedSubnets.contains(subnet.id)
            else { continue }
            add(subnet.cidr.network, Mode(mode))
            let announcement = announced.announcement(of: subnet)
            let own = port.fixedIPs.first { $0.subnetID == subnet.id }?.address
            for case .v6(let server) in announcement.dnsAddresses(own: own) where !dnsServers.contains(server)
            {
                dnsServers.append(server)
            }
            let domain = announced.settings.announcedDomain
            if !domain.isEmpty, !searchDomains.contains(domain) { searchDomains.append(domain) }
        }
        guard !prefixes.isEmpty else { return nil }
        sourceLinkLayer = port.macAddress
        let mtu = announced.service.network.mtu
        self.mtu = mtu > 0 ? UInt32(exactly: mtu) : nil
    }
}

extension RouterAdvertisement.Mode {
    init(_ mode: IPv6Mode) {
        self =
            switch mode {
            case .slaac: .slaac
            case .dhcpv6Stateless: .stateless
            case .dhcpv6Stateful: .stateful
            }
    }
}
