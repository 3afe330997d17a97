import Addressing
public import KernelPlan
public import NetworkModel

/// Networks on Linux bridges: a bridge per network, a veth pair into the DHCP namespace, and an
/// interface or a VXLAN device as the way out (Neutron's `linuxbridge`).
public struct LinuxBridge: InterfaceDriver {
    public let configuration: LinuxBridgeConfiguration

    public init(_ configuration: LinuxBridgeConfiguration = .init()) {
        self.configuration = configuration
    }

    public var name: String { "linuxbridge" }

    /// `qdhcp-<network id>`.
    public func namespace(of network: ResourceID) -> String { "qdhcp-\(network)" }

    public func network(ofNamespace name: String) -> ResourceID? {
        guard name.hasPrefix("qdhcp-"), let id = ResourceID(name.dropFirst(6)) else { return nil }
        // An upper-case name parses too, but is not one that this driver gives.
        return namespace(of: id) == name ? id : nil
    }

    /// `brq` and the first 11 characters of the id.
    public func bridge(of network: ResourceID) -> String { "brq\(short(network))" }

    /// `ns-` and the first 11 characters of the id.
    public func deviceName(of port: ResourceID) -> String { "ns-\(short(port))" }

    /// The other end of the veth pair, a port of the bridge: `tap` and the first 11 characters.
    public func outerDeviceName(of port: ResourceID) -> String { "tap\(short(port))" }

    public func wiring(
        network: Network, subnets: [Subnet], dhcpPort: Port
    ) throws(InterfaceDriverError) -> NetworkWiring {
        // Neutron's order is by id everywhere; "the first subnet" depends on it.
        let served = subnets.filter(\.enableDHCP).sorted { $0.id < $1.id }
        let (bridge, uplink) = try attachment(of: network)
        return NetworkWiring(
            namespace: namespace(of: network.id), bridge: bridge,
            outerDevice: outerDeviceName(of: dhcpPort.id), innerDevice: deviceName(of: dhcpPort.id),
            macAddress: dhcpPort.macAddress, mtu: network.mtu,
            addresses: addresses(of: dhcpPort, on: served), routes: routes(of: dhcpPort, on: served),
            uplink: uplink)
    }

    public func remains(of network: ResourceID) -> NetworkWiring {
        // No device can have these names: they are no ids of ports.
        NetworkWiring(
            namespace: namespace(of: network), bridge: bridge(of: network), outerDevice: "", innerDevice: "",
            macAddress: MACAddress(rawValue: 0), mtu: 0, addresses: [], routes: [])
    }

    /// The DHCP port's addresses on the subnets, each with its subnet's prefix length.
    private func addresses(of port: Port, on subnets: [Subnet]) -> [IPPrefix] {
        port.fixedIPs.compactMap { fixedIP in
            guard let subnet = subnets.first(where: { $0.id == fixedIP.subnetID }) else { return nil }
            return IPPrefix(fixedIP.address, length: subnet.cidr.length)
        }
    }

    /// The default routes, IPv4 before IPv6, each after the route to a gateway outside its subnet.
    private func routes(of port: Port, on subnets: [Subnet]) -> [Route] {
        var routes: [Route] = []
        for version in [IPVersion.v4, .v6] {
            guard let (subnet, gateway) = defaultGateway(version, of: port, on: subnets),
                let everywhere = IPPrefix(.any(version), length: 0)
            else { continue }
            if !subnet.cidr.contains(gateway) {
                routes.append(Route(destination: IPPrefix(host: gateway), gateway: nil))
            }
            routes.append(Route(destination: everywhere, gateway: gateway))
        }
        return routes
    }

    /// The first subnet that can give the default route of a version, with its gateway.
    private func defaultGateway(
        _ version: IPVersion, of port: Port, on subnets: [Subnet]
    ) -> (Subnet, IPAddress)? {
        for subnet in subnets where subnet.ipVersion == version {
            guard let gateway = subnet.gatewayIP, gateway.version == version else { continue }
            if version == .v6 {
                guard (1...126).contains(subnet.cidr.length),
                    !subnet.assignsEUI64 || subnet.cidr.length == 64
                else { continue }
            }
            // The kernel refuses a next hop that it can't reach, and one that is the host itself.
            guard port.fixedIPs.contains(where: { $0.subnetID == subnet.id }),
                !port.fixedIPs.contains(where: { $0.address == gateway })
            else { continue }
            return (subnet, gateway)
        }
        return nil
    }

    /// The first 11 characters of an id: with a prefix of three they fit a device name (14).
    private func short(_ id: ResourceID) -> Substring { id.description.prefix(11) }
}
