import Addressing
import CLinux
import Glibc
import KernelPlan

/// The sockets that one caller at a time speaks through.
struct KernelState {
    let root: NetlinkSocket
    let thread: NamespaceThread
    var cache: NamespaceCache
    let hasIPv6 = fileExists(path: "/proc/sys/net/ipv6/conf")
    /// The device number of nsfs, by which a namespace's file is known.
    private let namespaceDevice: UInt64
    var isDirectoryPrepared = false
    /// The names behind the ids by which events from other namespaces are marked.
    let namespaceIDs: NamespaceIDs

    init(root: NetlinkSocket, thread: NamespaceThread, cache: NamespaceCache) throws(KernelError) {
        self.root = root
        self.thread = thread
        self.cache = cache
        namespaceIDs = NamespaceIDs()
        let path = "/proc/self/ns/net"
        guard let identity = try NamespaceIdentity(path: path) else {
            throw KernelError("look at", path, ENOENT)
        }
        namespaceDevice = identity.device
    }

    // MARK: Namespaces

    /// What is behind a name under /run/netns.
    enum Presence {
        case absent, dead
        case alive(NamespaceIdentity)
    }

    func presence(of name: String) throws(KernelError) -> Presence {
        guard let identity = try NamespaceIdentity(path: try namespacePath(name)) else { return .absent }
        return identity.device == namespaceDevice ? .alive(identity) : .dead
    }

    /// The door to a namespace; throws ENOENT where it is not alive.
    mutating func handle(_ name: String) throws(KernelError) -> NamespaceHandle {
        guard case .alive(let identity) = try presence(of: name) else {
            cache.close(name)
            throw KernelError("open namespace", name, ENOENT)
        }
        return try cache.handle(name, identity: identity, thread: thread)
    }

    /// Doors that are being opened, by name.
    struct OpeningDoors {
        let names: [String]
        let visit: NamespaceThread.Visit<NamespaceHandle.Opened>
    }

    /// Begins to open the doors to those of the namespaces that are alive, in one visit.
    func beginOpening(_ names: some Sequence<String>, withSettings: Bool) -> OpeningDoors? {
        let closed = names.filter { name in
            guard case .alive(let identity)? = try? presence(of: name) else { return false }
            return !cache.holds(name, identity, withSettings: withSettings)
        }
        // One alone is as well opened by whoever needs it.
        guard closed.count > 1 else { return nil }
        return OpeningDoors(
            names: closed,
            visit: thread.visit(closed) { () throws(KernelError) in
                try NamespaceHandle.openInside(withSettings: withSettings)
            })
    }

    /// Takes the open doors in; who wants to know why one could not be opened asks for its ``handle(_:)``.
    mutating func finish(_ opening: OpeningDoors?) {
        guard let opening else { return }
        for (name, door) in zip(opening.names, opening.visit.results()) {
            guard case .success(let opened) = door, let handle = try? NamespaceHandle(opened) else {
                continue
            }
            cache.insert(handle, name)
        }
    }

    /// The socket for a namespace; nil is the root one.
    mutating func socket(_ namespace: String?) throws(KernelError) -> NetlinkSocket {
        guard let namespace else { return root }
        return try handle(namespace).socket
    }

    // MARK: Looking

    /// How many bridges with ports the root namespace had when its devices were last listed.
    private var bridges = 0

    /// The root namespace's devices, to look at that many wirings; nil where it is less work to ask for
    /// each wiring's own.
    ///
    /// For every veth that it tells of, the kernel searches the ids of all namespaces: a list of thousands
    /// takes tens of milliseconds. A wiring alone asks for its bridge and for each port of that.
    mutating func snapshot(for wirings: Int) throws(KernelError) -> RootSnapshot? {
        guard bridges <= wirings * Self.shareToList else { return nil }
        let snapshot = RootSnapshot(try root.links())
        bridges = snapshot.ports.count
        return snapshot
    }

    /// All devices are listed for a tenth of the bridges and for more.
    private static let shareToList = 10

    /// What stands of a wiring, with the root namespace's devices from a snapshot where there is one.
    mutating func observe(
        _ wiring: NetworkWiring, in snapshot: RootSnapshot?, withSettings: Bool = true
    ) throws(KernelError) -> ObservedWiring {
        var observed = ObservedWiring(hasIPv6: hasIPv6)
        observed.bridge = try rootLink(wiring.bridge, snapshot)?.link
        if let bridge = observed.bridge, bridge.kind == "bridge" {
            if let snapshot {
                observed.bridgePorts = snapshot.ports[bridge.index] ?? []
            } else {
                observed.bridgePorts = try ports(of: bridge)
            }
        }
        observed.outer = observed.bridgePorts.first { $0.name == wiring.outerDevice }
        if observed.outer == nil { observed.outer = try rootLink(wiring.outerDevice, snapshot)?.link }
        observed.uplink = try observeUplink(wiring.uplink, snapshot)
        switch try presence(of: wiring.namespace) {
        case .absent: cache.close(wiring.namespace)
        case .dead:
            cache.close(wiring.namespace)
            observed.namespace = .deadMountPoint
        case .alive(let identity):
            let handle = try cache.handle(
                wiring.namespace, identity: identity, thread: thread, withSettings: withSettings)
            // Before its contents are read: what changes from then on is told under its name. Where the pair is
            // not one, the id may be another's, who is looked at for it until it has a name of its own.
            let id = observed.outer?.peerNamespaceID
            if let id, namespaceIDs.place(of: id) == .unknown { namespaceIDs.remember(id, wiring.namespace) }
            let contents = try handle.contents(inner: wiring.innerDevice, withSettings: withSettings)
            observed.namespace = .alive(contents)
            observed.isPaired = try isPaired(observed.outer, contents.link(wiring.innerDevice), handle)
            if observed.isPaired, let id { namespaceIDs.remember(id, wiring.namespace) }
        }
        return observed
    }

    /// The ports of a bridge. The kernel searches all devices for them, which is slow where there are
    /// thousands; sysfs has them in a directory, where it shows our namespace.
    private func ports(of bridge: Link) throws(KernelError) -> [Link] {
        let directory = "/sys/class/net/\(bridge.name)"
        guard let index = try? readFile(path: "\(directory)/ifindex", limit: 16),
            String(decoding: index.prefix { $0 != 0x0A }, as: UTF8.self) == String(bridge.index),
            let names = try? directoryEntries(path: "\(directory)/brif")
        else { return try root.links(portsOf: bridge.index).map(\.link) }
        var ports: [Link] = []
        for name in names {
            if let link = try root.link(name), link.master == bridge.index { ports.append(link) }
        }
        return ports
    }

    private func rootLink(_ name: String, _ snapshot: RootSnapshot?) throws(KernelError) -> ParsedLink? {
        guard let snapshot else { return try root.parsedLink(name) }
        return snapshot.byName[name]
    }

    /// Whether the two are the ends of one pair: each names the other's index, and the inner one means
    /// the root namespace by it. Indices of the root namespace are unique there, so that suffices.
    private func isPaired(
        _ outer: Link?, _ inner: Link?, _ handle: NamespaceHandle
    ) throws(KernelError) -> Bool {
        guard let outer, let inner, outer.kind == "veth", inner.kind == "veth", outer.peer == inner.index,
            inner.peer == outer.index, outer.peerNamespaceID != nil, let id = inner.peerNamespaceID
        else { return false }
        return try handle.isRoot(id, root: thread.rootDescriptor)
    }

    private func observeUplink(
        _ wanted: Uplink?, _ snapshot: RootSnapshot?
    ) throws(KernelError) -> ObservedUplink? {
        switch wanted {
        case nil: return nil
        case .interface(let name):
            guard let link = try rootLink(name, snapshot)?.link else { return nil }
            return ObservedUplink(link: link, addresses: try root.addresses(link: link.index).map(\.address))
        case .vxlan(let vxlan):
            guard var parsed = try rootLink(vxlan.name, snapshot) else { return nil }
            guard parsed.link.kind == "vxlan" else { return ObservedUplink(link: parsed.link) }
            if let device = parsed.vxlanDevice, device != 0 {
                parsed.link.vxlan?.groupDevice = try root.name(ofLink: device)
            }
            return ObservedUplink(link: parsed.link, floodPeers: try root.floodPeers(of: parsed.link))
        }
    }
}
