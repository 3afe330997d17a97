public import Addressing

/// What the operator says about this host's links (the `[linux_bridge]` and `[vxlan]` sections of
/// linuxbridge_agent.ini). Defaults are Neutron's.
public struct LinuxBridgeConfiguration: Hashable, Sendable {
    /// `physical_interface_mappings`: the host interface of each physical network.
    public var physicalInterfaceMappings: [String: String]
    /// `bridge_mappings`: an existing bridge that serves a physical network in place of a `brq` one;
    /// it goes before `physicalInterfaceMappings`.
    public var bridgeMappings: [String: String]
    /// `enable_vxlan`.
    public var enableVXLAN: Bool
    /// `local_ip`: the address from which VXLAN packets leave.
    public var localIP: IPAddress?
    /// `vxlan_group`: the multicast group of all VNIs, or a block out of which each VNI takes one.
    public var vxlanGroup: IPPrefix?
    /// The host interface through which the multicast group is reached: the one that has `localIP`.
    public var vxlanDevice: String?
    /// The other hosts' addresses, for networks without multicast; goes before `vxlanGroup`.
    public var vxlanPeers: [IPAddress]
    /// `udp_dstport`; 8472 is the kernel's default, 4789 is IANA's.
    public var udpDestinationPort: UInt16

    public init(
        physicalInterfaceMappings: [String: String] = [:], bridgeMappings: [String: String] = [:],
        enableVXLAN: Bool = true, localIP: IPAddress? = nil,
        vxlanGroup: IPPrefix? = IPPrefix(host: .v4(IPv4Address(224, 0, 0, 1))), vxlanDevice: String? = nil,
        vxlanPeers: [IPAddress] = [], udpDestinationPort: UInt16 = 8472
    ) {
        self.physicalInterfaceMappings = physicalInterfaceMappings
        self.bridgeMappings = bridgeMappings
        self.enableVXLAN = enableVXLAN
        self.localIP = localIP
        self.vxlanGroup = vxlanGroup
        self.vxlanDevice = vxlanDevice
        self.vxlanPeers = vxlanPeers
        self.udpDestinationPort = udpDestinationPort
    }
}
