import Addressing
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import NetworkModel

/// What one network's engines are given: a service with every decision made and every byte laid out.
struct CompiledNetwork: Hashable, Sendable {
    let v4: DHCPv4Configuration
    /// nil where no subnet has DHCPv6.
    let v6: DHCPv6Configuration?
    /// What makes clients begin with DHCPv6 or configure themselves where no router tells them to.
    let routerAdvertisement: RouterAdvertisement?
    /// Our own addresses, each with its subnet's prefix length.
    let serverAddresses: [IPPrefix]
    /// Who may ask our DNS: the network's own subnets and its links.
    let dnsClients: [IPPrefix]

    /// What makes the network's ports into what the engines are given for them.
    let ports: PortCompiler

    init(_ service: DHCPService, _ configuration: NativeDriverConfiguration) {
        let announced = AnnouncedService(service, configuration.announcementSettings)
        let announcements = announced.announcements
        let port = service.dhcpPort

        var v4 = DHCPv4Configuration()
        v4.alwaysBroadcasts = configuration.broadcastReply
        v4.limits = configuration.limits
        var v6 = DHCPv6Configuration(serverIdentifier: service.network.id.dhcpServerDUID)
        v6.limits = configuration.limits
        // All agents of the network are one server: waiting for a better one (a second) gains a client nothing.
        v6.preference = 255
        var served: [ResourceID: Int] = [:]
        for announcement in announcements where announcement.service != nil {
            let subnet = announcement.subnet
            let own = port.fixedIPs.first { $0.subnetID == subnet.id }?.address
            if subnet.ipVersion == .v4 {
                served[subnet.id] = v4.subnets.count
                v4.subnets.append(
                    DHCPv4Subnet(announcement, own?.v4, mtu: service.network.mtu, configuration))
            } else {
                served[subnet.id] = v6.subnets.count
                v6.subnets.append(DHCPv6Subnet(announcement, own?.v6, configuration))
            }
        }
        self.v4 = v4
        self.v6 = v6.subnets.isEmpty ? nil : v6
        var places = SubnetPlaces()
        for subnet in service.subnets { places.add(subnet.id, at: served[subnet.id]) }
        ports = PortCompiler(
            places: places, naming: PortNaming(dnsDomain: configuration.dnsDomain),
            domainName: announced.settings.announcedDomain, own: OwnAddresses(port),
            influentialPorts: announced.ports.filter(AnnouncedService.isInfluential).map(\.id))
        routerAdvertisement = RouterAdvertisement(announced)
        serverAddresses = port.fixedIPs.compactMap { fixedIP in
            guard let subnet = announced.subnets[fixedIP.subnetID] else { return nil }
            return IPPrefix(fixedIP.address, length: subnet.cidr.length)
        }
        var clients = service.subnets.map(\.cidr)
        // A guest that has no other address yet asks from its link-local one.
        if clients.contains(where: { $0.version == .v6 }), let links = Self.linkLocal {
            clients.append(links)
        }
        dnsClients = clients
    }

    /// fe80::/10 (RFC 4291 section 2.5.6).
    private static let linkLocal = IPPrefix(.v6(IPv6Address(rawValue: 0xFE80 << 112)), length: 10)
}

extension DHCPv4Subnet {
    init(
        _ announcement: SubnetAnnouncement, _ own: IPv4Address?, mtu: Int,
        _ configuration: NativeDriverConfiguration
    ) {
        let times = configuration.timesV4
        let domain = configuration.announcementSettings.announcedDomain
        self.init(
            prefix: announcement.subnet.cidr.network, serverAddress: own, leaseTime: times.lease,
            renewalTime: times.renewal, rebindingTime: times.rebinding, domainName: domain)
        if let router = announcement.router?.v4 { options.append(DHCPv4Option(3, router.octets)) }
        let dns = announcement.dnsAddresses(own: own.map { .v4($0) })
        if !dns.isEmpty { options.append(DHCPv4Option(6, dns.flatMap(\.octets))) }
        if !domain.isEmpty { options.append(DHCPv4Option(15, Array(domain.utf8))) }
        if let mtu = UInt16(exactly: mtu), mtu > 0 {
            options.append(DHCPv4Option(26, [UInt8(mtu >> 8), UInt8(mtu & 0xFF)]))
            forcedOptions.insert(26)
        }
        if !announcement.routes.isEmpty {
            let routes = announcement.routes.flatMap(Self.bytes(of:))
            options += [DHCPv4Option(121, routes), DHCPv4Option(249, routes)]
        }
    }

    /// Prefix length, the significant octets of the destination, the next hop (RFC 3442).
    private static func bytes(of route: HostRoute) -> [UInt8] {
        guard route.destination.version == .v4, route.nexthop.version == .v4 else { return [] }
        let length = route.destination.length
        return [UInt8(length)] + route.destination.network.address.octets.prefix((length + 7) / 8)
            + route.nexthop.octets
    }
}

extension DHCPv6Subnet {
    init(
        _ announcement: SubnetAnnouncement, _ own: IPv6Address?, _ configuration: NativeDriverConfiguration
    ) {
        let times = configuration.defaultTimes
        let domain = configuration.announcementSettings.announcedDomain
        self.init(
            prefix: announcement.subnet.cidr.network, isStateful: announcement.service == .addresses,
            validLifetime: times.lease, preferredLifetime: times.lease, renewalTime: times.renewal,
            rebindingTime: times.rebinding, domainName: domain)
        let dns = announcement.dnsAddresses(own: own.map { .v6($0) })
        if !dns.isEmpty { options.append(DHCPv6Option(23, dns.flatMap(\.octets))) }
        // A domain that is none is not announced; the name of its option is in the registry.
        if let search = try? DHCPOptionRegistry.lookup("domain-search", .v6),
            let names = try? search.encode(announcement.domainSearch)
        {
            options.append(DHCPv6Option(search.code, names))
        }
    }
}

extension SubnetAnnouncement {
    /// The DNS servers to announce; our own address where nobody else is known to answer.
    func dnsAddresses(own: IPAddress?) -> [IPAddress] {
        switch dnsServers {
        case .none: []
        case .named(let addresses): addresses
        case .dhcpServers(let addresses): addresses.count > 1 ? addresses : own.map { [$0] } ?? addresses
        }
    }
}
