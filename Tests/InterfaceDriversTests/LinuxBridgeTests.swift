import Addressing
import InterfaceDrivers
import KernelPlan
import NetworkModel
import Testing

@Suite struct LinuxBridgeTests {
    let networkID: ResourceID
    let portID: ResourceID
    let standard = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))

    init() throws {
        networkID = try #require(ResourceID("bf2802a0-99a0-4e8c-91e4-107d03f158ea"))
        portID = try #require(ResourceID("4f3a9c1b-2d6e-4c1a-9f00-0123456789ab"))
    }

    func network(_ segment: NetworkSegment = .init(type: .local), mtu: Int = 1500) -> Network {
        Network(id: networkID, standard: standard, mtu: mtu, segment: segment)
    }

    /// A subnet whose id is its number, so that the order of ids is the order of numbers.
    func subnet(
        _ number: UInt128, _ cidr: String, gateway: String? = nil, dhcp: Bool = true, mode: IPv6Mode? = nil
    ) throws -> Subnet {
        Subnet(
            id: ResourceID(rawValue: number), networkID: networkID, standard: standard,
            cidr: try #require(IPPrefix(cidr)), gatewayIP: try gateway.map { try #require(IPAddress($0)) },
            allocationPools: [], enableDHCP: dhcp, ipv6RAMode: mode, ipv6AddressMode: mode)
    }

    func port(_ addresses: [(UInt128, String)]) throws -> Port {
        Port(
            id: portID, networkID: networkID, standard: standard,
            macAddress: try #require(MACAddress("fa:16:3e:00:00:01")),
            fixedIPs: try addresses.map { number, address in
                FixedIP(subnetID: ResourceID(rawValue: number), address: try #require(IPAddress(address)))
            }, deviceOwner: DeviceOwner.dhcp)
    }

    func routes(_ subnets: [Subnet], _ port: Port) throws -> [String] {
        try LinuxBridge().wiring(network: network(), subnets: subnets, dhcpPort: port).routes
            .map { "\($0.destination) via \($0.gateway.map(String.init(describing:)) ?? "link")" }
    }

    @Test func `names are Neutron's`() throws {
        let wiring = try LinuxBridge().wiring(network: network(), subnets: [], dhcpPort: port([]))
        #expect(wiring.namespace == "qdhcp-bf2802a0-99a0-4e8c-91e4-107d03f158ea")
        #expect(wiring.bridge == "brqbf2802a0-99")
        #expect(wiring.outerDevice == "tap4f3a9c1b-2d")
        #expect(wiring.innerDevice == "ns-4f3a9c1b-2d")
        #expect(wiring.outerDevice.utf8.count == 14)
    }

    @Test func `the driver's own functions give the same names`() throws {
        let driver = LinuxBridge()
        let wiring = try driver.wiring(network: network(), subnets: [], dhcpPort: port([]))
        #expect(driver.namespace(of: networkID) == wiring.namespace)
        #expect(driver.bridge(of: networkID) == wiring.bridge)
        #expect(driver.deviceName(of: portID) == wiring.innerDevice)
        #expect(driver.remains(of: networkID).namespace == wiring.namespace)
        #expect(driver.remains(of: networkID).bridge == wiring.bridge)
    }

    @Test func `a namespace's name leads back to its network`() {
        let driver = LinuxBridge()
        #expect(driver.network(ofNamespace: driver.namespace(of: networkID)) == networkID)
    }

    @Test(arguments: [
        "qrouter-bf2802a0-99a0-4e8c-91e4-107d03f158ea", "qdhcp-", "qdhcp-mine",
        "qdhcp-BF2802A0-99A0-4E8C-91E4-107D03F158EA", "qdhcp-bf2802a0-99a0-4e8c-91e4-107d03f158ea-7",
    ])
    func `other names lead to none`(name: String) {
        #expect(LinuxBridge().network(ofNamespace: name) == nil)
    }

    @Test func `the MAC is the port's and the MTU the network's`() throws {
        let wiring = try LinuxBridge().wiring(network: network(mtu: 1450), subnets: [], dhcpPort: port([]))
        #expect(wiring.macAddress.description == "fa:16:3e:00:00:01")
        #expect(wiring.mtu == 1450)
    }

    @Test func `addresses have their subnet's length and come only from DHCP-enabled subnets`() throws {
        let subnets = [
            try subnet(1, "10.0.0.0/24"), try subnet(2, "10.1.0.0/16", dhcp: false),
            try subnet(3, "2001:db8::/64"), try subnet(4, "192.168.7.0/29"),
        ]
        let port = try port([(1, "10.0.0.2"), (2, "10.1.0.2"), (3, "2001:db8::2"), (4, "192.168.7.3")])
        let wiring = try LinuxBridge().wiring(network: network(), subnets: subnets, dhcpPort: port)
        #expect(wiring.addresses.map(\.description) == ["10.0.0.2/24", "2001:db8::2/64", "192.168.7.3/29"])
    }

    @Test func `the default routes come from the first subnet of each version, by id`() throws {
        let subnets = [
            try subnet(4, "2001:db8:1::/64", gateway: "2001:db8:1::1"),
            try subnet(3, "10.3.0.0/24", gateway: "10.3.0.1"), try subnet(1, "10.1.0.0/24"),
            try subnet(2, "10.2.0.0/24", gateway: "10.2.0.1"),
        ]
        let port = try port([(1, "10.1.0.2"), (2, "10.2.0.2"), (3, "10.3.0.2"), (4, "2001:db8:1::2")])
        #expect(try routes(subnets, port) == ["0.0.0.0/0 via 10.2.0.1", "::/0 via 2001:db8:1::1"])
    }

    @Test func `a gateway outside its subnet gets a route on the link first`() throws {
        let subnets = [
            try subnet(1, "10.0.0.0/24", gateway: "172.16.0.1"),
            try subnet(2, "2001:db8::/64", gateway: "fe80::1"),
        ]
        let port = try port([(1, "10.0.0.2"), (2, "2001:db8::2")])
        #expect(
            try routes(subnets, port) == [
                "172.16.0.1/32 via link", "0.0.0.0/0 via 172.16.0.1", "fe80::1/128 via link",
                "::/0 via fe80::1",
            ])
    }

    @Test func `subnets that cannot give a default route are passed over`() throws {
        let disabled = try subnet(1, "10.0.0.0/24", gateway: "10.0.0.1", dhcp: false)
        let elsewhere = try subnet(2, "10.2.0.0/24", gateway: "10.2.0.1")
        let itself = try subnet(3, "10.3.0.0/24", gateway: "10.3.0.2")
        let tooLong = try subnet(4, "2001:db8::/127", gateway: "2001:db8::1")
        let slaac = try subnet(5, "2001:db8:5::/80", gateway: "2001:db8:5::1", mode: .slaac)
        let port = try port([
            (1, "10.0.0.2"), (3, "10.3.0.2"), (4, "2001:db8::"), (5, "2001:db8:5::2"),
        ])
        #expect(try routes([disabled, elsewhere, itself, tooLong, slaac], port) == [])
    }

    @Test func `a SLAAC subnet gives the default route`() throws {
        let slaac = try subnet(1, "2001:db8::/64", gateway: "2001:db8::1", mode: .slaac)
        #expect(
            try routes([slaac], port([(1, "2001:db8::f816:3eff:fe00:1")])) == ["::/0 via 2001:db8::1"])
    }
}

@Suite struct LinuxBridgeUplinkTests {
    let standard = StandardAttributes(projectID: "p", createdAt: Timestamp(secondsSinceEpoch: 0))
    let networkID = ResourceID(rawValue: 7)

    func wiring(
        _ segment: NetworkSegment, _ configuration: LinuxBridgeConfiguration, mtu: Int = 1450
    ) throws -> NetworkWiring {
        let port = Port(
            id: ResourceID(rawValue: 8), networkID: networkID, standard: standard,
            macAddress: MACAddress(rawValue: 0xFA16_3E00_0001), fixedIPs: [])
        return try LinuxBridge(configuration).wiring(
            network: Network(id: networkID, standard: standard, mtu: mtu, segment: segment), subnets: [],
            dhcpPort: port)
    }

    func vxlan(_ vni: Int, _ configuration: LinuxBridgeConfiguration) throws -> VXLAN {
        let uplink = try wiring(NetworkSegment(type: .vxlan, segmentationID: vni), configuration).uplink
        guard case .vxlan(let vxlan)? = uplink else { throw Missing() }
        return vxlan
    }

    struct Missing: Error {}

    func kind(
        _ segment: NetworkSegment, _ configuration: LinuxBridgeConfiguration = .init()
    ) throws -> InterfaceDriverError.Kind? {
        do {
            _ = try wiring(segment, configuration)
            return nil
        } catch let error as InterfaceDriverError {
            return error.kind
        }
    }

    func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func `a local network has no uplink`() throws {
        #expect(try wiring(NetworkSegment(type: .local), .init()).uplink == nil)
    }

    @Test func `a flat network uses the interface of its physical network`() throws {
        let wiring = try wiring(
            NetworkSegment(type: .flat, physicalNetwork: "physnet1"),
            .init(physicalInterfaceMappings: ["physnet1": "eth1"]))
        #expect(wiring.uplink == .interface("eth1"))
        #expect(wiring.bridge == "brq00000000-00")
    }

    @Test func `a mapped bridge takes the place of bridge and interface`() throws {
        let wiring = try wiring(
            NetworkSegment(type: .flat, physicalNetwork: "physnet1"),
            .init(physicalInterfaceMappings: ["physnet1": "eth1"], bridgeMappings: ["physnet1": "br-ex"]))
        #expect(wiring.uplink == nil)
        #expect(wiring.bridge == "br-ex")
    }

    @Test func `networks that cannot be wired say why`() throws {
        #expect(
            try kind(NetworkSegment(type: .flat, physicalNetwork: "x")) == .unmappedPhysicalNetwork("x"))
        #expect(try kind(NetworkSegment(type: .flat)) == .incompleteSegment)
        #expect(
            try kind(NetworkSegment(type: .vlan, physicalNetwork: "x", segmentationID: 5))
                == .unsupportedType(.vlan))
        let overlay = NetworkSegment(type: .vxlan, segmentationID: 5)
        #expect(try kind(overlay) == .missingOption("local_ip"))
        #expect(try kind(overlay, .init(enableVXLAN: false)) == .missingOption("enable_vxlan"))
        #expect(try kind(overlay, .init(localIP: address("10.0.0.1"))) == .missingOption("local_ip"))
        #expect(
            try kind(NetworkSegment(type: .vxlan), .init(localIP: address("10.0.0.1"))) == .incompleteSegment)
        #expect(
            try kind(NetworkSegment(type: .vxlan, segmentationID: 0), .init(localIP: address("10.0.0.1")))
                == .incompleteSegment)
    }

    @Test func `a VXLAN network gets a device of its VNI`() throws {
        let vxlan = try vxlan(
            4242, .init(localIP: address("10.0.0.1"), vxlanDevice: "eth0", udpDestinationPort: 4789))
        #expect(vxlan.name == "vxlan-4242")
        #expect(vxlan.vni == 4242)
        #expect(vxlan.port == 4789)
        #expect(vxlan.mtu == 1450)
        #expect(try vxlan.localAddress == address("10.0.0.1"))
        #expect(try vxlan.flood == .group(address("224.0.0.1"), device: "eth0"))
    }

    @Test func `a block of groups gives each VNI its own`() throws {
        let configuration = LinuxBridgeConfiguration(
            localIP: try address("10.0.0.1"), vxlanGroup: IPPrefix("239.1.0.0/16"), vxlanDevice: "eth0")
        #expect(try vxlan(0x01_0203, configuration).flood == .group(address("239.1.2.3"), device: "eth0"))
        #expect(try vxlan(5, configuration).flood == .group(address("239.1.0.5"), device: "eth0"))
    }

    @Test func `peers go before the group, without this host`() throws {
        let configuration = LinuxBridgeConfiguration(
            localIP: try address("10.0.0.1"), vxlanDevice: "eth0",
            vxlanPeers: [try address("10.0.0.1"), try address("10.0.0.2"), try address("10.0.0.3")])
        #expect(try vxlan(5, configuration).flood == .peers([address("10.0.0.2"), address("10.0.0.3")]))
    }
}
