public import Addressing

/// What stands of a network's wiring: each part that ``NetworkWiring`` names, as it is now.
public struct ObservedWiring: Hashable, Sendable {
    /// Whether this kernel speaks IPv6 at all.
    public var hasIPv6: Bool
    public var namespace: ObservedNamespace
    /// The device with the bridge's name, whatever it is.
    public var bridge: Link?
    /// The ports of that bridge, ours and others'.
    public var bridgePorts: [Link]
    /// The device in the root namespace with the outer end's name, whatever it is.
    public var outer: Link?
    /// Whether the outer and the inner device are the two ends of one veth pair.
    public var isPaired: Bool
    /// The device that carries the bridge's frames off this host.
    public var uplink: ObservedUplink?

    public init(
        hasIPv6: Bool = true, namespace: ObservedNamespace = .absent, bridge: Link? = nil,
        bridgePorts: [Link] = [], outer: Link? = nil, isPaired: Bool = false, uplink: ObservedUplink? = nil
    ) {
        self.hasIPv6 = hasIPv6
        self.namespace = namespace
        self.bridge = bridge
        self.bridgePorts = bridgePorts
        self.outer = outer
        self.isPaired = isPaired
        self.uplink = uplink
    }

    /// What is in the namespace, where there is one.
    public var contents: NamespaceContents? {
        if case .alive(let contents) = namespace { contents } else { nil }
    }
}

/// The state of a name under /run/netns.
public enum ObservedNamespace: Hashable, Sendable {
    case absent
    /// There is a file with no namespace behind it, as a crash or a reboot leaves it.
    case deadMountPoint
    case alive(NamespaceContents)
}

/// What a namespace holds.
public struct NamespaceContents: Hashable, Sendable {
    public var links: [Link]
    public var addresses: [LinkAddress]
    /// The unicast routes of the main table.
    public var routes: [LinkRoute]
    /// The values of the settings that we look after; one that this kernel lacks is missing here.
    public var settings: [NamespaceSetting: Int]
    /// Whether the inner device leaves UDP checksums to hardware that it does not have; nil where
    /// there is no inner device, or it cannot tell.
    public var checksumOffload: Bool?

    public init(
        links: [Link] = [], addresses: [LinkAddress] = [], routes: [LinkRoute] = [],
        settings: [NamespaceSetting: Int] = [:], checksumOffload: Bool? = nil
    ) {
        self.links = links
        self.addresses = addresses
        self.routes = routes
        self.settings = settings
        self.checksumOffload = checksumOffload
    }

    /// The device of that name.
    public func link(_ name: String) -> Link? { links.first { $0.name == name } }
}

/// A setting of a whole namespace (sysctl(8)) that we look after, in the order in which they are set.
public enum NamespaceSetting: String, CaseIterable, Hashable, Sendable {
    /// A server may bind an address before it is there.
    case nonlocalBind = "net.ipv4.ip_nonlocal_bind"
    /// Devices to come configure nothing from router advertisements (Neutron bug 1627902).
    case acceptRouterAdvertisements = "net.ipv6.conf.default.accept_ra"
    /// Devices to come use their link-local address at once instead of asking for a second whether
    /// somebody else has it: a DHCPv6 server cannot bind it before.
    case acceptDuplicateAddressDetection = "net.ipv6.conf.default.accept_dad"

    /// What it should be.
    public var wanted: Int {
        switch self {
        case .nonlocalBind: 1
        case .acceptRouterAdvertisements: 0
        case .acceptDuplicateAddressDetection: 0
        }
    }

    /// The file of the setting.
    public var path: String { "/proc/sys/" + String(rawValue.map { $0 == "." ? "/" : $0 }) }
}

/// A device that carries a bridge's frames off this host, as it stands.
public struct ObservedUplink: Hashable, Sendable {
    public var link: Link
    /// Its addresses.
    public var addresses: [IPPrefix]
    /// The hosts to which a VXLAN device sends unknown and broadcast frames.
    public var floodPeers: Set<IPAddress>

    public init(link: Link, addresses: [IPPrefix] = [], floodPeers: Set<IPAddress> = []) {
        self.link = link
        self.addresses = addresses
        self.floodPeers = floodPeers
    }
}
