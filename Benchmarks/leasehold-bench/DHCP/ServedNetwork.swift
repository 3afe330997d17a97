import Glibc

/// A network as it is wired, and the machines on it that must get their address.
struct ServedNetwork: Codable {
    /// A machine: the MAC of a port, and the address that it must be given.
    struct Host: Codable {
        var mac: [UInt8]
        var address: UInt32
    }

    var id: String
    /// The id of the agent's own port.
    var dhcpPort: String
    /// The server's address, which is that port's.
    var server: UInt32
    var hosts: [Host]

    /// Our end of the veth pair into the namespace, which is a port of the network's bridge.
    var tap: String { "tap\(dhcpPort.prefix(11))" }
    var namespace: String { "qdhcp-\(id)" }
    /// The device inside the namespace.
    var device: String { "ns-\(dhcpPort.prefix(11))" }

    /// All networks that the service has, by id, with their ports.
    static func all(_ client: NeutronClient) throws -> [ServedNetwork] {
        var networks: [String: ServedNetwork] = [:]
        let ports = try client.allPorts()
        for port in ports where port.owner == "network:dhcp" {
            guard let id = port.network else { throw Failure("port \(port.id) has no network") }
            networks[id] = ServedNetwork(
                id: id, dhcpPort: port.id, server: try port.machine.address, hosts: [])
        }
        for port in ports where port.owner == Request.owner {
            let (mac, address) = try port.machine
            guard let id = port.network, networks[id] != nil else {
                throw Failure("the network of port \(port.id) has no DHCP port")
            }
            networks[id]?.hosts.append(Host(mac: mac, address: address))
        }
        return networks.values.sorted { $0.id < $1.id }
    }

    /// Keeps the bridges out of the measurement: their ports pass nothing on.
    ///
    /// A frame from the server ends at the veth pair's other end, where it is read. What bridges and the
    /// rest of the host would do with it is the same for all servers, and would be charged to them.
    static func closeBridgePorts(_ networks: [ServedNetwork]) throws {
        let file = "/run/bridge-ports"
        // State 0 is BR_STATE_DISABLED.
        let lines = networks.map { "link set dev \($0.tap) state 0\n" }
        try writeFile(file, lines.joined())
        defer { unlink(file) }
        try Program.run(["bridge", "-batch", file])
    }

    /// Adds a permanent neighbour entry per host in the namespace, so that the kernel can send to a
    /// machine that does not have its address yet.
    func addNeighbours() throws {
        let file = "/run/neighbours-\(id)"
        let lines = hosts.map { host in
            let octets = host.mac.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            let address = NetworkNames.text(host.address)
            return
                "neigh replace \(address) lladdr \(octets.joined(separator: ":")) dev \(device) nud permanent\n"
        }
        try writeFile(file, lines.joined())
        defer { unlink(file) }
        try insideNamespace(namespace) { try Program.run(["ip", "-batch", file]) }
    }
}
