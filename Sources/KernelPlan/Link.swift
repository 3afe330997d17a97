public import Addressing

/// A network device as the kernel shows it (rtnetlink(7), RTM_NEWLINK).
public struct Link: Hashable, Sendable {
    /// The interface index, unique within its namespace.
    public var index: Int32
    public var name: String
    /// The kind of a software device, such as `veth`, `bridge`, `vxlan` or `tun`; nil for hardware
    /// and for loopback.
    public var kind: String?
    /// The Ethernet address; nil where the device has none of 48 bits.
    public var macAddress: MACAddress?
    /// Bytes.
    public var mtu: Int
    /// Whether it is up administratively (IFF_UP).
    public var isUp: Bool
    /// The index of the bridge that it is a port of.
    public var master: Int32?
    /// The index of the other end of a veth pair, or of the device below; in ``peerNamespaceID``.
    public var peer: Int32?
    /// The id, in this namespace's counting, of the namespace that holds the peer; nil for this one.
    public var peerNamespaceID: Int32?
    /// Whether IPv6 is switched off on it (disable_ipv6); nil where it has no IPv6 at all.
    public var isIPv6Disabled: Bool?
    /// A bridge's parameters.
    public var bridge: BridgeParameters?
    /// A VXLAN device's parameters.
    public var vxlan: VXLANParameters?

    public init(
        index: Int32, name: String, kind: String? = nil, macAddress: MACAddress? = nil, mtu: Int = 1500,
        isUp: Bool = false, master: Int32? = nil, peer: Int32? = nil, peerNamespaceID: Int32? = nil,
        isIPv6Disabled: Bool? = nil, bridge: BridgeParameters? = nil, vxlan: VXLANParameters? = nil
    ) {
        self.index = index
        self.name = name
        self.kind = kind
        self.macAddress = macAddress
        self.mtu = mtu
        self.isUp = isUp
        self.master = master
        self.peer = peer
        self.peerNamespaceID = peerNamespaceID
        self.isIPv6Disabled = isIPv6Disabled
        self.bridge = bridge
        self.vxlan = vxlan
    }
}

/// What we look after on a bridge.
public struct BridgeParameters: Hashable, Sendable {
    /// Hundredths of a second (USER_HZ) a port listens and learns before it forwards.
    public var forwardDelay: UInt32
    /// Whether the spanning tree protocol runs (IEEE 802.1D).
    public var spanningTree: Bool

    public init(forwardDelay: UInt32, spanningTree: Bool) {
        self.forwardDelay = forwardDelay
        self.spanningTree = spanningTree
    }

    /// What a bridge of ours has: no delay, no spanning tree.
    public static let ours = BridgeParameters(forwardDelay: 0, spanningTree: false)
}

/// The parameters of a VXLAN device that cannot change once it stands (RFC 7348).
public struct VXLANParameters: Hashable, Sendable {
    /// 1–16777215.
    public var vni: UInt32
    /// The source address of outer packets; nil lets the routing decide.
    public var localAddress: IPAddress?
    /// The UDP destination port.
    public var port: UInt16
    /// The multicast group, or nil where frames are flooded to peers one by one.
    public var group: IPAddress?
    /// The device that multicast leaves by.
    public var groupDevice: String?

    public init(
        vni: UInt32, localAddress: IPAddress?, port: UInt16, group: IPAddress?, groupDevice: String? = nil
    ) {
        self.vni = vni
        self.localAddress = localAddress
        self.port = port
        self.group = group
        self.groupDevice = groupDevice
    }
}

/// An address of a device.
public struct LinkAddress: Hashable, Sendable {
    /// The device's index.
    public var link: Int32
    /// The address with the length of its network.
    public var address: IPPrefix
    /// Whether it stays for ever; one learnt from a router advertisement does not.
    public var isPermanent: Bool
    /// Whether the kernel counts an IPv4 address as secondary to another one of its subnet: it goes
    /// when that one goes.
    public var isSecondary: Bool
    /// Whether another host was found to have it (RFC 4862 section 5.4); such an address does not work.
    public var isDuplicate: Bool

    public init(
        link: Int32, address: IPPrefix, isPermanent: Bool = true, isSecondary: Bool = false,
        isDuplicate: Bool = false
    ) {
        self.link = link
        self.address = address
        self.isPermanent = isPermanent
        self.isSecondary = isSecondary
        self.isDuplicate = isDuplicate
    }
}

/// A unicast route of the main table.
public struct LinkRoute: Hashable, Sendable {
    /// The index of the device that it leaves by.
    public var link: Int32
    public var route: Route
    /// The metric; smaller wins.
    public var metric: UInt32
    /// Whether the kernel made it with an address (RTPROT_KERNEL).
    public var isKernelMade: Bool
    /// The number of next hops; only the first one shows here.
    public var nextHopCount: Int

    public init(
        link: Int32, route: Route, metric: UInt32 = 0, isKernelMade: Bool = false, nextHopCount: Int = 1
    ) {
        self.link = link
        self.route = route
        self.metric = metric
        self.isKernelMade = isKernelMade
        self.nextHopCount = nextHopCount
    }
}
