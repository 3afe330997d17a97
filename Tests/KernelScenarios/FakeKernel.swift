public import Addressing
public import KernelPlan
import Locks

/// A kernel in memory that keeps the real one's rules: what cannot be done there fails here.
///
/// What the real kernel does of itself happens here at once: connected routes, link-local addresses,
/// the other end of a deleted veth, the devices of a deleted namespace.
public final class FakeKernel: Kernel {
    private let state: Mutex<FakeState>

    public init(hasIPv6: Bool = true) { state = Mutex(FakeState(hasIPv6: hasIPv6)) }

    public func observe(_ wiring: NetworkWiring) throws(KernelError) -> ObservedWiring {
        state.withLock { $0.observe(wiring) }
    }

    public func apply(_ step: WiringStep) throws(KernelError) {
        try state.withLock { state throws(KernelError) in
            defer { state.fitBridges() }
            try state.apply(step.action)
        }
    }

    public func namespaceNames() throws(KernelError) -> [String] {
        state.withLock { $0.namespaces.keys.sorted() }
    }

    /// The names of all devices, with their namespaces.
    public var linkNames: [String] {
        state.withLock { state in
            state.devices.map { LinkPlace($0.name, in: $0.namespace).description }.sorted()
        }
    }

    /// Leaves a file without a namespace under that name.
    public func killNamespace(_ name: String) {
        state.withLock { state in
            state.dropNamespace(name)
            state.namespaces[name] = .dead
        }
    }

    /// Gives an address that will run out, as a router advertisement does.
    public func addDynamicAddress(_ address: IPPrefix, to place: LinkPlace) throws(KernelError) {
        try state.withLock { state throws(KernelError) in
            let index = try state.find(place)
            state.devices[index].addresses.append(.init(address: address, isPermanent: false))
        }
    }
}

/// A device with all that hangs on it.
struct FakeDevice {
    struct Address: Equatable {
        var address: IPPrefix
        var isPermanent = true
        var isSecondary = false
    }

    struct RouteEntry: Equatable {
        var route: Route
        var isKernelMade = false
    }

    /// Unique over all namespaces.
    let id: Int32
    let name: String
    let namespace: String?
    let kind: String?
    var macAddress: MACAddress
    var mtu = 1500
    var isUp = false
    var master: Int32?
    var peer: Int32?
    var isIPv6Disabled: Bool?
    var bridge: BridgeParameters?
    var vxlan: VXLANParameters?
    var floodPeers: Set<IPAddress> = []
    var checksumOffload = true
    var addresses: [Address] = []
    var routes: [RouteEntry] = []
}

struct FakeState {
    enum Namespace: Equatable {
        case dead
        case alive([NamespaceSetting: Int])
    }

    let hasIPv6: Bool
    var devices: [FakeDevice] = []
    var namespaces: [String: Namespace] = [:]
    private var lastID: Int32 = 1

    init(hasIPv6: Bool) { self.hasIPv6 = hasIPv6 }

    // MARK: Looking

    func observe(_ wiring: NetworkWiring) -> ObservedWiring {
        var observed = ObservedWiring(hasIPv6: hasIPv6)
        let root = devices.filter { $0.namespace == nil }
        let outer = root.first { $0.name == wiring.outerDevice }
        observed.bridge = root.first { $0.name == wiring.bridge }.map(link)
        if observed.bridge?.kind == "bridge" {
            observed.bridgePorts = root.filter { $0.master == observed.bridge?.index }.map(link)
        }
        observed.outer = outer.map(link)
        let uplinkName: String? =
            switch wiring.uplink {
            case nil: nil
            case .interface(let name): name
            case .vxlan(let vxlan): vxlan.name
            }
        observed.uplink = root.first { $0.name == uplinkName }.map {
            ObservedUplink(link: link($0), addresses: $0.addresses.map(\.address), floodPeers: $0.floodPeers)
        }
        switch namespaces[wiring.namespace] {
        case nil: observed.namespace = .absent
        case .dead: observed.namespace = .deadMountPoint
        case .alive(let settings):
            let inside = devices.filter { $0.namespace == wiring.namespace }
            let inner = inside.first { $0.name == wiring.innerDevice }
            observed.namespace = .alive(
                NamespaceContents(
                    links: inside.map(link), addresses: inside.flatMap(addresses),
                    routes: inside.flatMap(routes),
                    settings: settings, checksumOffload: inner?.checksumOffload))
            observed.isPaired = inner != nil && outer != nil && inner?.peer == outer?.id
        }
        return observed
    }

    private func link(_ device: FakeDevice) -> Link {
        let peer = devices.first { $0.id == device.peer }
        return Link(
            index: device.id, name: device.name, kind: device.kind, macAddress: device.macAddress,
            mtu: device.mtu,
            isUp: device.isUp, master: device.master, peer: device.peer,
            peerNamespaceID: peer == nil || peer?.namespace == device.namespace ? nil : 1,
            isIPv6Disabled: device.isIPv6Disabled, bridge: device.bridge, vxlan: device.vxlan)
    }

    private func addresses(_ device: FakeDevice) -> [LinkAddress] {
        device.addresses.map {
            LinkAddress(
                link: device.id, address: $0.address, isPermanent: $0.isPermanent, isSecondary: $0.isSecondary
            )
        }
    }

    private func routes(_ device: FakeDevice) -> [LinkRoute] {
        device.routes.map { LinkRoute(link: device.id, route: $0.route, isKernelMade: $0.isKernelMade) }
    }

    func find(_ place: LinkPlace) throws(KernelError) -> Int {
        guard
            let index = devices.firstIndex(where: { $0.name == place.name && $0.namespace == place.namespace }
            )
        else { throw fail(19, place.description) }
        return index
    }

    // MARK: Making and taking away

    mutating func add(
        _ name: String, in namespace: String? = nil, kind: String?, mtu: Int = 1500
    ) throws(KernelError) -> Int {
        guard !name.isEmpty, name.utf8.count < 16 else { throw fail(22, name) }
        if devices.contains(where: { $0.name == name && $0.namespace == namespace }) { throw fail(17, name) }
        lastID += 1
        var device = FakeDevice(
            id: lastID, name: name, namespace: namespace, kind: kind,
            macAddress: MACAddress(rawValue: 0x0200_0000_0000 | UInt64(lastID)))
        device.mtu = mtu
        device.isIPv6Disabled = hasIPv6 && mtu >= 1280 ? false : nil
        devices.append(device)
        return devices.count - 1
    }

    /// Takes devices away with the other ends of veth pairs; ports of bridges stay.
    mutating func drop(_ isGone: (FakeDevice) -> Bool) {
        let gone = devices.filter(isGone)
        let ids = Set(gone.map(\.id) + gone.compactMap(\.peer))
        devices.removeAll { ids.contains($0.id) }
        for index in devices.indices {
            if let master = devices[index].master, ids.contains(master) { devices[index].master = nil }
        }
    }

    mutating func dropNamespace(_ name: String) {
        drop { $0.namespace == name }
        namespaces[name] = nil
    }

    mutating func createNamespace(_ name: String) throws(KernelError) {
        switch namespaces[name] {
        case .dead: throw fail(17, name)
        case .alive: return
        case nil: break
        }
        var settings: [NamespaceSetting: Int] = [.nonlocalBind: 0]
        if hasIPv6 {
            settings[.acceptRouterAdvertisements] = 1
            settings[.acceptDuplicateAddressDetection] = 1
        }
        namespaces[name] = .alive(settings)
        devices[try add("lo", in: name, kind: nil, mtu: 65536)].macAddress = MACAddress(rawValue: 0)
    }

    /// An error of the kernel with this errno.
    func fail(_ errno: Int32, _ object: String) -> KernelError {
        KernelError(operation: "fake", object: object, errno: errno, detail: "refused by the fake kernel")
    }
}
