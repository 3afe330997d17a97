public import Addressing

/// The wiring that one network needs on this host: a namespace, a veth pair, a bridge, an uplink.
///
/// ```
///   uplink ── bridge (brq…) ── tap… ═ veth ═ ns-… in namespace (qdhcp-…)
/// ```
public struct NetworkWiring: Hashable, Sendable {
    /// The namespace's name under /run/netns, such as `qdhcp-<network id>`.
    public var namespace: String
    /// The bridge in the root namespace, such as `brq<network id, 11 characters>`.
    public var bridge: String
    /// The veth end outside, a port of the bridge.
    public var outerDevice: String
    /// The veth end inside the namespace.
    public var innerDevice: String
    /// The MAC of the inner end.
    public var macAddress: MACAddress
    /// Bytes, on both veth ends.
    public var mtu: Int
    /// The addresses of the inner end, besides its link-local one; nothing else stays.
    public var addresses: [IPPrefix]
    /// The routes through the inner end that we look after: the default ones and what leads to an
    /// off-subnet gateway. Routes of these shapes that are not listed are removed.
    public var routes: [Route]
    /// What carries the bridge's frames off this host.
    public var uplink: Uplink?

    public init(
        namespace: String, bridge: String, outerDevice: String, innerDevice: String,
        macAddress: MACAddress, mtu: Int, addresses: [IPPrefix], routes: [Route], uplink: Uplink? = nil
    ) {
        self.namespace = namespace
        self.bridge = bridge
        self.outerDevice = outerDevice
        self.innerDevice = innerDevice
        self.macAddress = macAddress
        self.mtu = mtu
        self.addresses = addresses
        self.routes = routes
        self.uplink = uplink
    }
}

/// A route in the main table of a namespace.
public struct Route: Hashable, Sendable {
    /// The destination; length 0 for the default route.
    public var destination: IPPrefix
    /// The next hop, or nil for a destination on the link itself.
    public var gateway: IPAddress?

    public init(destination: IPPrefix, gateway: IPAddress?) {
        self.destination = destination
        self.gateway = gateway
    }
}

/// What carries a bridge's frames to other hosts.
public enum Uplink: Hashable, Sendable {
    /// An interface of the host that already exists; it is only enslaved, never made or deleted.
    case interface(String)
    /// A VXLAN device that we make (RFC 7348).
    case vxlan(VXLAN)
}

/// A VXLAN device, link kind `vxlan`.
public struct VXLAN: Hashable, Sendable {
    /// `vxlan-<vni>`.
    public var name: String
    /// 1–16777215.
    public var vni: UInt32
    public var localAddress: IPAddress?
    /// UDP port, 4789 by IANA; Linux and Neutron's linuxbridge default to 8472.
    public var port: UInt16
    /// Where unknown and broadcast frames go.
    public var flood: Flood
    /// Bytes.
    public var mtu: Int

    /// How unknown and broadcast frames reach the other hosts.
    public enum Flood: Hashable, Sendable {
        case group(IPAddress, device: String?)
        case peers([IPAddress])
    }

    public init(
        name: String, vni: UInt32, localAddress: IPAddress?, port: UInt16, flood: Flood, mtu: Int
    ) {
        self.name = name
        self.vni = vni
        self.localAddress = localAddress
        self.port = port
        self.flood = flood
        self.mtu = mtu
    }
}
