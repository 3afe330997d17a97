import Addressing

/// The steps that turn what stands into what should, in order; none where nothing differs.
///
/// Observing and planning again after the steps were applied gives none. Throws where something that
/// is not ours stands in the way, or something is missing that we must not make: then nothing should
/// be done at all.
public func plan(
    from observed: ObservedWiring, to desired: NetworkWiring
) throws(PlanError) -> [WiringStep] {
    try checkOwnership(observed, desired)
    try checkUplink(observed, desired)
    var planner = Planner(seen: observed, desired: desired)
    planner.alignNamespace()
    planner.alignBridge()
    planner.alignPair()
    planner.alignUplink()
    planner.quietenGrownBridge()
    planner.alignAddressesAndRoutes()
    return planner.steps
}

/// Collects steps, and keeps up what will stand after them: a later part of the plan sees the
/// consequences of an earlier one.
struct Planner {
    /// What stands after ``steps``.
    var seen: ObservedWiring
    let desired: NetworkWiring
    private(set) var steps: [WiringStep] = []

    /// Indices of devices that do not exist yet.
    enum Unborn {
        static let bridge: Int32 = -1
        static let outer: Int32 = -2
        static let inner: Int32 = -3
        static let loopback: Int32 = -4
        static let uplink: Int32 = -5
    }

    init(seen: ObservedWiring, desired: NetworkWiring) {
        self.seen = seen
        self.desired = desired
    }

    var inner: LinkPlace { LinkPlace(desired.innerDevice, in: desired.namespace) }
    var outer: LinkPlace { LinkPlace(desired.outerDevice) }

    /// Whether devices of the wanted MTU can speak IPv6 (RFC 8200 section 5: 1280 bytes at least).
    var speaksIPv6: Bool { seen.hasIPv6 && desired.mtu >= minimumIPv6MTU }

    mutating func add(_ action: WiringAction, because reason: String) {
        steps.append(WiringStep(action, reason: reason))
    }

    /// Changes what will be in the namespace.
    mutating func withContents(_ change: (inout NamespaceContents) -> Void) {
        guard var contents = seen.contents else { return }
        change(&contents)
        seen.namespace = .alive(contents)
    }

    // MARK: Namespace

    mutating func alignNamespace() {
        let name = desired.namespace
        switch seen.namespace {
        case .alive: break
        case .deadMountPoint:
            add(
                .removeDeadNamespace(name),
                because: "namespace \(name) is a file without a namespace behind it")
            createNamespace()
        case .absent: createNamespace()
        }
        for setting in NamespaceSetting.allCases {
            guard let value = seen.contents?.settings[setting], value != setting.wanted else { continue }
            add(
                .set(setting, to: setting.wanted, namespace: name),
                because: "\(setting.rawValue) in namespace \(name) is \(value), should be \(setting.wanted)")
        }
        if let loopback = seen.contents?.link("lo"), !loopback.isUp {
            add(.setUp(LinkPlace("lo", in: name)), because: "loopback of namespace \(name) is down")
        }
    }

    private mutating func createNamespace() {
        let name = desired.namespace
        add(.createNamespace(name), because: "namespace \(name) does not exist")
        var settings: [NamespaceSetting: Int] = [.nonlocalBind: 0]
        if seen.hasIPv6 {
            settings[.acceptRouterAdvertisements] = 1
            settings[.acceptDuplicateAddressDetection] = 1
        }
        seen.namespace = .alive(
            NamespaceContents(
                links: [Link(index: Unborn.loopback, name: "lo", mtu: 65536)], settings: settings))
        seen.isPaired = false
    }

    // MARK: Bridge

    mutating func alignBridge() {
        guard desired.makesBridge else { return }
        let name = desired.bridge
        if seen.bridge == nil {
            add(.createBridge(name), because: "bridge \(name) does not exist")
            seen.bridge = Link(
                index: Unborn.bridge, name: name, kind: "bridge", isIPv6Disabled: seen.hasIPv6 ? false : nil,
                bridge: .ours)
        }
        guard let bridge = seen.bridge else { return }
        if bridge.bridge != .ours {
            add(.setBridge(name, .ours), because: "bridge \(name) has a forward delay or a spanning tree")
        }
        // The host must not take part in a tenant's IPv6.
        if bridge.isIPv6Disabled == false {
            add(.setIPv6(LinkPlace(name), enabled: false), because: "IPv6 is enabled on bridge \(name)")
        }
        if !bridge.isUp { add(.setUp(LinkPlace(name)), because: "bridge \(name) is down") }
    }

    /// A bridge is as wide as its narrowest port. One too narrow for IPv6 gets it, enabled, when its
    /// ports grow or go.
    mutating func quietenGrownBridge() {
        guard desired.makesBridge, seen.hasIPv6, seen.bridge?.isIPv6Disabled == nil,
            steps.contains(where: \.action.changesPorts)
        else { return }
        let name = desired.bridge
        add(
            .setIPv6(LinkPlace(name), enabled: false),
            because: "bridge \(name) may have got IPv6 with wider ports")
    }
}

/// The MTU below which the kernel takes IPv6 off a device (RFC 8200 section 5).
let minimumIPv6MTU = 1280

extension WiringAction {
    /// Whether the widths of a bridge's ports may be others afterwards.
    fileprivate var changesPorts: Bool {
        switch self {
        case .setMTU, .createVeth, .createVXLAN, .deleteLink, .setBridgePort: true
        default: false
        }
    }
}

extension NetworkWiring {
    /// Whether the bridge is one that we make and delete; another is an operator's and only used.
    public var makesBridge: Bool { bridge.hasPrefix("brq") }
}
