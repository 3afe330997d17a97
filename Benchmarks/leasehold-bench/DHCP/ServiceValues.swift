import Addressing
import DHCPDrivers
import NetworkModel

/// What the agent would tell a DHCP driver about a network.
extension ServedNetwork {
    /// The network with its first hosts.
    ///
    /// - Parameters:
    ///   - hosts: how many of the hosts are on it.
    ///   - prefixLength: of its one subnet, in which the server and all hosts are.
    func service(hosts count: Int, prefixLength: Int) throws(Failure) -> DHCPService {
        guard let network = ResourceID(id), let port = ResourceID(dhcpPort) else {
            throw Failure("\(id), \(dhcpPort): not the ids of a network and a port")
        }
        let base = server & ~(UInt32.max >> UInt32(prefixLength))
        guard let cidr = IPPrefix(Self.address(base), length: prefixLength) else {
            throw Failure("\(prefixLength) is no prefix length")
        }
        // Ids need only differ; the subnet's must be the same each time.
        let subnetID = ResourceID(rawValue: network.rawValue ^ 1)
        let subnet = Subnet(
            id: subnetID, networkID: network, standard: Self.attributes, cidr: cidr,
            gatewayIP: Self.address(base + 1), allocationPools: [])
        func made(_ id: ResourceID, _ mac: MACAddress, _ address: UInt32, _ owner: String) -> Port {
            Port(
                id: id, networkID: network, standard: Self.attributes, macAddress: mac,
                fixedIPs: [FixedIP(subnetID: subnetID, address: Self.address(address))], deviceOwner: owner)
        }
        let own = made(port, MACAddress(rawValue: 0xFA16_3E00_0001), server, DeviceOwner.dhcp)
        var ports = [own]
        for (number, host) in hosts.prefix(count).enumerated() {
            let mac = MACAddress(rawValue: host.mac.reduce(0) { $0 << 8 | UInt64($1) })
            let id = ResourceID(rawValue: network.rawValue ^ UInt128(number + 2) << 64)
            ports.append(made(id, mac, host.address, Request.owner))
        }
        return DHCPService(
            network: Network(id: network, standard: Self.attributes, mtu: 1450), subnets: [subnet],
            ports: ports.sorted { $0.id < $1.id }, dhcpPort: own, namespace: namespace, interface: device,
            revision: Revision(1))
    }

    private static var attributes: StandardAttributes {
        StandardAttributes(projectID: "", createdAt: Timestamp(secondsSinceEpoch: 0))
    }

    private static func address(_ number: UInt32) -> IPAddress {
        IPAddress(number: UInt128(number), version: .v4)
    }
}
