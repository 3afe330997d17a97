public import Addressing

/// One change to the kernel, with why it is needed.
public struct WiringStep: Hashable, Sendable, CustomStringConvertible {
    /// What to do.
    public var action: WiringAction
    /// What was found that makes it necessary, such as `MTU of ns-4f3a9c1b-2d is 1400, should be 1500`.
    public var reason: String

    public init(_ action: WiringAction, reason: String) {
        self.action = action
        self.reason = reason
    }

    /// What the step does, such as `set MTU of ns-4f3a9c1b-2d to 1500`.
    public var description: String { action.description }
}

/// A device by name: in the root namespace, or in a named one.
public struct LinkPlace: Hashable, Sendable, CustomStringConvertible {
    public var name: String
    /// nil for the root namespace.
    public var namespace: String?

    public init(_ name: String, in namespace: String? = nil) {
        self.name = name
        self.namespace = namespace
    }

    /// The name, with `@` and the namespace where it is not the root one.
    public var description: String { namespace.map { "\(name)@\($0)" } ?? name }
}

/// One end of a veth pair to make.
public struct VethEnd: Hashable, Sendable {
    public var place: LinkPlace
    /// nil lets the kernel draw one.
    public var macAddress: MACAddress?
    /// The bridge in the root namespace to become a port of.
    public var bridge: String?
    /// Whether to bring it up.
    public var isUp: Bool

    public init(_ place: LinkPlace, macAddress: MACAddress? = nil, bridge: String? = nil, isUp: Bool = false)
    {
        self.place = place
        self.macAddress = macAddress
        self.bridge = bridge
        self.isUp = isUp
    }
}

/// What a step does to the kernel. What is asked for and already holds is no failure.
public enum WiringAction: Hashable, Sendable {
    /// Takes away the file of a namespace that is gone.
    case removeDeadNamespace(String)
    /// Makes a named namespace; its loopback is down.
    case createNamespace(String)
    /// Takes the name of a namespace away; it goes with its devices when nobody uses it any more.
    case deleteNamespace(String)
    case set(NamespaceSetting, to: Int, namespace: String)
    /// Makes a bridge without forward delay and spanning tree; it is down.
    case createBridge(String)
    case setBridge(String, BridgeParameters)
    /// Makes a veth pair: the outer end in the root namespace, the inner one wherever it should be.
    case createVeth(outer: VethEnd, inner: VethEnd, mtu: Int)
    /// Makes a VXLAN device as a port of the bridge; it is down.
    case createVXLAN(VXLAN, bridge: String)
    /// Deletes a bridge; its ports stay. The kernel may take its time: see the `Kernel` at hand.
    case deleteBridge(String)
    /// Deletes a device; of a veth pair both ends go.
    case deleteLink(LinkPlace)
    case setUp(LinkPlace)
    case setMTU(LinkPlace, Int)
    case setMAC(LinkPlace, MACAddress)
    /// Makes a device of the root namespace a port of the bridge.
    case setBridgePort(String, bridge: String)
    case setIPv6(LinkPlace, enabled: Bool)
    /// Adds an address that needs no duplicate address detection.
    case addAddress(IPPrefix, LinkPlace)
    case removeAddress(IPPrefix, LinkPlace)
    case addRoute(Route, LinkPlace)
    case removeRoute(Route, metric: UInt32, LinkPlace)
    /// Has checksums computed before frames leave the device (ethtool -K … tx off).
    case disableChecksumOffload(LinkPlace)
    /// Has a VXLAN device send unknown and broadcast frames to this host, too.
    case addFloodPeer(IPAddress, device: String)
    case removeFloodPeer(IPAddress, device: String)
}

extension WiringAction: CustomStringConvertible {
    /// What the action does, in the imperative.
    public var description: String {
        switch self {
        case .removeDeadNamespace(let name): "remove the dead mount point of namespace \(name)"
        case .createNamespace(let name): "create namespace \(name)"
        case .deleteNamespace(let name): "delete namespace \(name)"
        case .set(let setting, let value, let namespace):
            "set \(setting.rawValue) to \(value) in namespace \(namespace)"
        case .createBridge(let name): "create bridge \(name)"
        case .setBridge(let name, let parameters):
            "set forward delay of bridge \(name) to \(parameters.forwardDelay) and spanning tree "
                + (parameters.spanningTree ? "on" : "off")
        case .createVeth(let outer, let inner, let mtu):
            "create veth pair \(outer.place) and \(inner.place) with MTU \(mtu)"
        case .createVXLAN(let vxlan, let bridge):
            "create VXLAN \(vxlan.name) with VNI \(vxlan.vni) on bridge \(bridge)"
        case .deleteBridge(let name): "delete bridge \(name)"
        case .deleteLink(let place): "delete \(place)"
        case .setUp(let place): "set \(place) up"
        case .setMTU(let place, let mtu): "set MTU of \(place) to \(mtu)"
        case .setMAC(let place, let mac): "set MAC address of \(place) to \(mac)"
        case .setBridgePort(let name, let bridge): "make \(name) a port of bridge \(bridge)"
        case .setIPv6(let place, let enabled): "\(enabled ? "enable" : "disable") IPv6 on \(place)"
        case .addAddress(let address, let place): "add address \(address) to \(place)"
        case .removeAddress(let address, let place): "remove address \(address) from \(place)"
        case .addRoute(let route, let place): "add route \(route) to \(place)"
        case .removeRoute(let route, _, let place): "remove route \(route) from \(place)"
        case .disableChecksumOffload(let place): "turn transmit checksum offload of \(place) off"
        case .addFloodPeer(let peer, let device): "add flood peer \(peer) to \(device)"
        case .removeFloodPeer(let peer, let device): "remove flood peer \(peer) from \(device)"
        }
    }
}

extension Route: CustomStringConvertible {
    /// `default via 10.0.0.1`, `192.0.2.1/32 on link`.
    public var description: String {
        let target = destination.length == 0 ? "default" : destination.description
        return gateway.map { "\(target) via \($0)" } ?? "\(target) on link"
    }
}
