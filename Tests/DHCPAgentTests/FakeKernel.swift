import Addressing
import Glibc
import KernelPlan
import Locks

/// A kernel in memory, as far as the agent's tests need one: names, pairs, addresses, routes.
///
/// It also checks that no two calls overlap and that all come from one thread.
final class FakeKernel: Kernel {
    fileprivate struct Space {
        var links: [Link] = []
        var addresses: [LinkAddress] = []
        var routes: [LinkRoute] = []
        var settings: [NamespaceSetting: Int] = [:]
        var checksumOffload: [Int32: Bool] = [:]
    }

    fileprivate struct State {
        var root = Space()
        var spaces: [String: Space] = [:]
        var peers: [Int32: Int32] = [:]
        var nextIndex: Int32 = 2
        var steps: [WiringStep] = []
        var observations = 0
        var failures: [KernelError] = []
        /// Why nothing can be looked at, where it cannot be.
        var blindness: KernelError?
        var threads: Set<pthread_t> = []
    }

    private let state = Mutex(State())

    /// All steps that were applied.
    var steps: [WiringStep] { state.withLock(\.steps) }
    /// How often a wiring was looked at.
    var observations: Int { state.withLock(\.observations) }
    /// The threads that called.
    var threads: Set<pthread_t> { state.withLock(\.threads) }

    /// Makes the next steps fail.
    func failNext(_ errors: KernelError...) { state.withLock { $0.failures += errors } }

    /// Has looks at wirings fail until it is told otherwise.
    func blind(_ error: KernelError?) { state.withLock { $0.blindness = error } }

    /// Has a namespace stand that somebody else made.
    func addNamespace(_ name: String) { state.withLock { $0.spaces[name] = Space() } }

    /// Takes a namespace's name away while a process in it keeps it alive.
    func hideNamespace(_ name: String) { state.withLock { $0.spaces[name] = nil } }

    /// What somebody with a shell might do.
    func tamper(_ step: WiringAction) throws(KernelError) {
        try state.withLock { state throws(KernelError) in try state.perform(step) }
    }

    func addresses(in namespace: String) -> Set<IPPrefix> {
        state.withLock { Set($0.spaces[namespace]?.addresses.map(\.address) ?? []) }
    }

    var rootLinks: Set<String> { state.withLock { Set($0.root.links.map(\.name)) } }

    func namespaceNames() throws(KernelError) -> [String] { state.withLock { $0.spaces.keys.sorted() } }

    func observe(_ wiring: NetworkWiring) throws(KernelError) -> ObservedWiring {
        try state.withLock { state throws(KernelError) in
            state.observations += 1
            if let error = state.blindness { throw error }
            state.threads.insert(pthread_self())
            var observed = ObservedWiring()
            if let space = state.spaces[wiring.namespace] {
                let inner = space.links.first { $0.name == wiring.innerDevice }
                observed.namespace = .alive(
                    NamespaceContents(
                        links: space.links, addresses: space.addresses, routes: space.routes,
                        settings: space.settings,
                        checksumOffload: inner.flatMap { space.checksumOffload[$0.index] }))
                if let inner, let outer = state.root.links.first(where: { $0.name == wiring.outerDevice }) {
                    observed.isPaired = state.peers[inner.index] == outer.index
                }
            }
            observed.bridge = state.root.links.first { $0.name == wiring.bridge }
            if let bridge = observed.bridge {
                observed.bridgePorts = state.root.links.filter { $0.master == bridge.index }
            }
            observed.outer = state.root.links.first { $0.name == wiring.outerDevice }
            switch wiring.uplink {
            case .interface(let name)?:
                observed.uplink = state.root.links.first { $0.name == name }.map { ObservedUplink(link: $0) }
            case .vxlan(let vxlan)?:
                observed.uplink = state.root.links.first { $0.name == vxlan.name }.map {
                    ObservedUplink(link: $0)
                }
            case nil: break
            }
            return observed
        }
    }

    func apply(_ step: WiringStep) throws(KernelError) {
        try state.withLock { state throws(KernelError) in
            state.threads.insert(pthread_self())
            if !state.failures.isEmpty { throw state.failures.removeFirst() }
            state.steps.append(step)
            try state.perform(step.action)
        }
    }
}

extension FakeKernel.State {
    private static func missing(_ what: String) -> KernelError {
        KernelError(operation: "find", object: what, errno: ENOENT, detail: "No such file or directory")
    }

    fileprivate mutating func perform(_ action: WiringAction) throws(KernelError) {
        switch action {
        case .removeDeadNamespace: break
        case .createNamespace(let name):
            guard spaces[name] == nil else {
                throw KernelError(operation: "create", object: name, errno: EEXIST, detail: "File exists")
            }
            spaces[name] = .init(links: [Link(index: 1, name: "lo")])
        case .deleteNamespace(let name):
            for link in spaces.removeValue(forKey: name)?.links ?? [] { dropPeer(of: link.index) }
        case .set(let setting, let value, let namespace):
            try change(namespace) { $0.settings[setting] = value }
        case .createBridge(let name):
            add(
                Link(index: newIndex(), name: name, kind: "bridge", isIPv6Disabled: false, bridge: .ours),
                to: nil)
        case .setBridge(let name, let parameters): try change(LinkPlace(name)) { $0.bridge = parameters }
        case .createVeth(let outer, let inner, let mtu):
            let (a, b) = (newIndex(), newIndex())
            peers[a] = b
            peers[b] = a
            for (end, index) in [(outer, a), (inner, b)] {
                let master = end.bridge.flatMap { name in root.links.first { $0.name == name }?.index }
                let mac = end.macAddress ?? MACAddress(rawValue: 0x0200_0000_0000 + UInt64(index))
                add(
                    Link(
                        index: index, name: end.place.name, kind: "veth", macAddress: mac, mtu: mtu,
                        isUp: end.isUp, master: master, peer: peers[index], peerNamespaceID: 0,
                        isIPv6Disabled: false),
                    to: end.place.namespace)
            }
            try change(inner.place.namespace) { $0.checksumOffload[b] = true }
        case .createVXLAN(let vxlan, let bridge):
            let master = root.links.first { $0.name == bridge }?.index
            add(
                Link(index: newIndex(), name: vxlan.name, kind: "vxlan", mtu: vxlan.mtu, master: master),
                to: nil)
        case .deleteBridge(let name): root.links.removeAll { $0.name == name }
        case .deleteLink(let place):
            let link = try link(place)
            try change(place.namespace) { $0.remove(link.index) }
            dropPeer(of: link.index)
        case .setUp(let place): try change(place) { $0.isUp = true }
        case .setMTU(let place, let mtu): try change(place) { $0.mtu = mtu }
        case .setMAC(let place, let mac): try change(place) { $0.macAddress = mac }
        case .setBridgePort(let name, let bridge):
            let master = try link(LinkPlace(bridge)).index
            try change(LinkPlace(name)) { $0.master = master }
        case .setIPv6(let place, let enabled): try change(place) { $0.isIPv6Disabled = !enabled }
        case .addAddress(let address, let place):
            let index = try link(place).index
            try change(place.namespace) { $0.addresses.append(LinkAddress(link: index, address: address)) }
        case .removeAddress(let address, let place):
            try change(place.namespace) { $0.addresses.removeAll { $0.address == address } }
        case .addRoute(let route, let place):
            let index = try link(place).index
            try change(place.namespace) { $0.routes.append(LinkRoute(link: index, route: route)) }
        case .removeRoute(let route, _, let place):
            try change(place.namespace) { $0.routes.removeAll { $0.route == route } }
        case .disableChecksumOffload(let place):
            let index = try link(place).index
            try change(place.namespace) { $0.checksumOffload[index] = false }
        case .addFloodPeer, .removeFloodPeer: break
        }
    }

    private mutating func newIndex() -> Int32 {
        nextIndex += 1
        return nextIndex
    }

    private mutating func add(_ link: Link, to namespace: String?) {
        if let namespace { spaces[namespace]?.links.append(link) } else { root.links.append(link) }
    }

    private func link(_ place: LinkPlace) throws(KernelError) -> Link {
        let space = place.namespace.map { spaces[$0] } ?? root
        guard let link = space?.links.first(where: { $0.name == place.name }) else {
            throw Self.missing(place.description)
        }
        return link
    }

    private mutating func change(
        _ namespace: String?, _ body: (inout FakeKernel.Space) -> Void
    ) throws(KernelError) {
        guard let namespace else { return body(&root) }
        guard spaces[namespace] != nil else { throw Self.missing(namespace) }
        body(&spaces[namespace, default: .init()])
    }

    private mutating func change(_ place: LinkPlace, _ body: (inout Link) -> Void) throws(KernelError) {
        let index = try link(place).index
        try change(place.namespace) { space in
            for position in space.links.indices where space.links[position].index == index {
                body(&space.links[position])
            }
        }
    }

    private mutating func dropPeer(of index: Int32) {
        guard let peer = peers.removeValue(forKey: index) else { return }
        peers[peer] = nil
        root.remove(peer)
        for name in spaces.keys { spaces[name]?.remove(peer) }
    }
}

extension FakeKernel.Space {
    fileprivate mutating func remove(_ index: Int32) {
        links.removeAll { $0.index == index }
        addresses.removeAll { $0.link == index }
        routes.removeAll { $0.link == index }
    }
}
