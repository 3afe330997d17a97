import Addressing
public import NetworkModel

/// A service with the decisions on what its clients are told, which all drivers share.
public struct AnnouncedService: Sendable {
    public let service: DHCPService
    public let settings: AnnouncementSettings
    public let subnets: [ResourceID: Subnet]
    /// The ports as given, with the agent's own one at the end if it was missing.
    public let ports: [Port]
    /// The subnets on whose gateway address no router has a port.
    public let isolatedSubnets: Set<ResourceID>
    /// The subnets on which a router has a port, whatever its address.
    public let routedSubnets: Set<ResourceID>

    private let dhcpPorts: [Port]
    private let distributedPort: Port?

    public init(_ service: DHCPService, _ settings: AnnouncementSettings) {
        self.service = service
        self.settings = settings
        let subnets = Dictionary(service.subnets.map { ($0.id, $0) }) { first, _ in first }
        self.subnets = subnets
        let ports =
            service.ports.contains { $0.id == service.dhcpPort.id }
            ? service.ports : service.ports + [service.dhcpPort]
        self.ports = ports
        var isolated = Set(subnets.keys)
        var routed: Set<ResourceID> = []
        var dhcpPorts: [Port] = []
        var distributedPort: Port?
        for port in ports where Self.isInfluential(port) {
            switch port.deviceOwner {
            case DeviceOwner.dhcp: dhcpPorts.append(port)
            case DeviceOwner.distributed: distributedPort = distributedPort ?? port
            default:
                for fixedIP in port.fixedIPs {
                    routed.insert(fixedIP.subnetID)
                    if subnets[fixedIP.subnetID]?.gatewayIP == fixedIP.address {
                        isolated.remove(fixedIP.subnetID)
                    }
                }
            }
        }
        isolatedSubnets = isolated
        routedSubnets = routed
        self.dhcpPorts = dhcpPorts
        self.distributedPort = distributedPort
    }

    /// Port owners that DNS takes no notice of.
    public static let ignoredOwners: Set<String> = [
        DeviceOwner.routerHAInterface, DeviceOwner.floatingIP, DeviceOwner.dhcp, DeviceOwner.distributed,
    ]

    /// Owners of the ports by which a router is on a subnet.
    public static let routerOwners: Set<String> = [
        DeviceOwner.routerInterface, DeviceOwner.routerHAInterface, DeviceOwner.distributedRouterInterface,
    ]

    /// Whether a port says something to the clients of others: it is a router's, a DHCP server's or the
    /// metadata service's.
    public static func isInfluential(_ port: Port) -> Bool {
        // Most ports are told by their first bytes.
        port.deviceOwner.hasPrefix(DeviceOwner.networkPrefix)
            && (routerOwners.contains(port.deviceOwner) || port.deviceOwner == DeviceOwner.dhcp
                || port.deviceOwner == DeviceOwner.distributed)
    }

    /// The announcements of the subnets that there is something to announce on, in their order.
    public var announcements: [SubnetAnnouncement] {
        service.subnets.compactMap { subnet in
            subnet.enableDHCP && subnet.ipv6AddressMode != .slaac ? announcement(of: subnet) : nil
        }
    }

    /// What the clients of a subnet of the network are told.
    public func announcement(of subnet: Subnet) -> SubnetAnnouncement {
        var announcement = SubnetAnnouncement(
            subnet: subnet, service: subnet.dhcpService, dnsServers: dnsServers(of: subnet),
            domainSearch: "", routes: [], router: nil)
        if subnet.ipVersion == .v6 {
            announcement.domainSearch = settings.dnsDomain
        } else {
            (announcement.routes, announcement.router) = routes(of: subnet)
        }
        return announcement
    }

    private func dnsServers(of subnet: Subnet) -> SubnetAnnouncement.DNSServers {
        if subnet.dnsNameservers == [.any(subnet.ipVersion)] { return .none }
        if !subnet.dnsNameservers.isEmpty { return .named(subnet.dnsNameservers) }
        return .dhcpServers(
            dhcpPorts.flatMap(\.fixedIPs).filter { $0.subnetID == subnet.id }.map(\.address))
    }

    /// The routes for options 121 and 249, and the gateway: neighbours on the link, the subnet's own
    /// routes, metadata, the default route (which RFC 3442 clients take from here only).
    private func routes(of subnet: Subnet) -> ([HostRoute], IPAddress?) {
        var gateway = subnet.gatewayIP
        var routes: [HostRoute] = []
        for route in subnet.hostRoutes {
            if route.destination.length == 0 {
                gateway = gateway ?? route.nexthop
            } else {
                routes.append(route)
            }
        }
        if let hop = metadataHop(subnet, gateway: gateway) {
            routes.append(HostRoute(destination: Self.metadata, nexthop: hop))
        }
        for other in service.subnets where other.ipVersion == .v4 && other.cidr != subnet.cidr {
            routes.insert(HostRoute(destination: other.cidr, nexthop: .any(.v4)), at: 0)
        }
        if !routes.isEmpty, let gateway, let all = IPPrefix(.any(.v4), length: 0) {
            routes.append(HostRoute(destination: all, nexthop: gateway))
        }
        return (routes, gateway)
    }

    /// The metadata service's address as a route's destination.
    private static let metadata = IPPrefix(host: .v4(IPv4Address(169, 254, 169, 254)))

    /// Who answers for the metadata service: an OVN metadata port, our own proxy, or the router.
    private func metadataHop(_ subnet: Subnet, gateway: IPAddress?) -> IPAddress? {
        func address(of port: Port) -> IPAddress? {
            port.fixedIPs.first { $0.subnetID == subnet.id }?.address
        }
        if let hop = distributedPort.flatMap(address) { return hop }
        let isIsolated = isolatedSubnets.contains(subnet.id)
        if settings.forceMetadata || (isIsolated && settings.enableIsolatedMetadata) {
            return address(of: service.dhcpPort)
        }
        return isIsolated ? nil : gateway
    }
}
