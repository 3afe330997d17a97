import Addressing
import CLinux
import Glibc
import KernelPlan

extension KernelState {
    // MARK: Changing

    /// Does one action; what is asked for and already holds is no failure.
    mutating func apply(_ action: WiringAction) throws(KernelError) {
        let (operation, object) = action.words
        switch action {
        case .createNamespace(let name): try createNamespace(name)
        case .deleteNamespace(let name), .removeDeadNamespace(let name):
            cache.close(name)
            try unmountNamespace(name)
        case .set(let setting, let value, let namespace): try handle(namespace).write(setting, value)
        case .createBridge(let name): try root.perform(createBridgeMessage(name: name), operation, object)
        case .setBridge(let name, let parameters):
            // One after the other: with the spanning tree on the kernel refuses short delays.
            for (attribute, value) in [
                (IFLA_BR_STP_STATE, parameters.spanningTree ? 1 : 0),
                (IFLA_BR_FORWARD_DELAY, parameters.forwardDelay),
            ] {
                try root.perform(setBridgeMessage(name: name, attribute, value), operation, object)
            }
        case .createVeth(let outer, let inner, let mtu): try createVeth(outer, inner, mtu: mtu)
        case .createVXLAN(let vxlan, let bridge): try createVXLAN(vxlan, bridge: bridge)
        case .deleteBridge(let name): try root.deleteLink(name)
        case .deleteLink(let place): try socket(place.namespace).deleteLink(place.name)
        case .setUp(let place): try change(place, LinkChange(isUp: true), action)
        case .setMTU(let place, let mtu): try change(place, LinkChange(mtu: mtu), action)
        case .setMAC(let place, let mac): try change(place, LinkChange(macAddress: mac), action)
        case .setBridgePort(let name, let bridge):
            try change(LinkPlace(name), LinkChange(master: try root.index(of: bridge)), action)
        case .setIPv6(let place, let enabled): try setIPv6(place, enabled: enabled)
        case .addAddress(let address, let place):
            try changeAddress(address, place, adds: true, ignoring: [EEXIST], action)
        case .removeAddress(let address, let place):
            try changeAddress(address, place, adds: false, ignoring: [EADDRNOTAVAIL], action)
        case .addRoute(let route, let place):
            let socket = try socket(place.namespace)
            let message = addRouteMessage(route, link: try socket.index(of: place.name))
            try tolerating([EEXIST]) { () throws(KernelError) in
                try socket.perform(message, operation, object)
            }
        case .removeRoute(let route, let metric, let place):
            let socket = try socket(place.namespace)
            let message = removeRouteMessage(route, metric: metric, link: try socket.index(of: place.name))
            try tolerating([ESRCH]) { () throws(KernelError) in try socket.perform(message, operation, object)
            }
        case .disableChecksumOffload(let place):
            let descriptor = try socket(place.namespace).descriptor.number
            if cl_set_transmit_checksum(descriptor, place.name, 0) != 0 {
                throw KernelError(operation, object, errno)
            }
        case .addFloodPeer(let peer, let device): try changeFloodPeer(peer, device, adds: true, action)
        case .removeFloodPeer(let peer, let device): try changeFloodPeer(peer, device, adds: false, action)
        }
    }

    private mutating func createNamespace(_ name: String) throws(KernelError) {
        if !isDirectoryPrepared {
            try prepareNamespaceDirectory()
            isDirectoryPrepared = true
        }
        if case .alive = try presence(of: name) { return }
        // Made, mounted and opened in one visit: the thread is inside when the mount is done.
        let opened = try thread.leave { () throws(KernelError) in
            try mountNewNamespace(name)
            return try NamespaceHandle.openInside(withSettings: true)
        }
        cache.insert(try NamespaceHandle(opened), name)
    }

    private mutating func createVeth(_ first: VethEnd, _ second: VethEnd, mtu: Int) throws(KernelError) {
        let firstFile = try openNamespace(first.place.namespace)
        let secondFile = try openNamespace(second.place.namespace)
        let master: Int32? = if let bridge = first.bridge { try root.index(of: bridge) } else { nil }
        let message = createVethMessage(
            VethEndRequest(
                name: first.place.name, macAddress: first.macAddress, namespace: firstFile?.number),
            peer: VethEndRequest(
                name: second.place.name, macAddress: second.macAddress, namespace: secondFile?.number),
            mtu: mtu, master: master, isUp: first.isUp)
        try root.perform(message, "create veth", "\(first.place) and \(second.place)")
        // The kernel gave the other namespace an id just now; events are marked with it.
        for (place, number) in [(first.place, firstFile?.number), (second.place, secondFile?.number)] {
            if let name = place.namespace, let number {
                namespaceIDs.remember(try root.namespaceID(of: number), name)
            }
        }
        var change = LinkChange()
        if let bridge = second.bridge { change.master = try root.index(of: bridge) }
        if second.isUp { change.isUp = true }
        if second.bridge != nil || second.isUp {
            try socket(second.place.namespace).perform(
                changeLinkMessage(name: second.place.name, change), "set up", second.place.description)
        }
    }

    /// A descriptor that names the namespace in a request; nil for the root one.
    private func openNamespace(_ name: String?) throws(KernelError) -> NamespaceFile? {
        guard let name else { return nil }
        let number = open(try namespacePath(name), O_RDONLY | O_CLOEXEC)
        if number < 0 { throw KernelError("open namespace", name, errno) }
        return NamespaceFile(number)
    }

    private func createVXLAN(_ vxlan: VXLAN, bridge: String) throws(KernelError) {
        var device: Int32?
        if case .group(_, let name?) = vxlan.flood { device = try root.index(of: name) }
        let message = createVXLANMessage(vxlan, master: try root.index(of: bridge), groupDevice: device)
        try root.perform(message, "create VXLAN", vxlan.name)
    }

    /// Changes a device that stands.
    mutating func change(_ place: LinkPlace, _ change: LinkChange, _ action: WiringAction) throws(KernelError)
    {
        let (operation, object) = action.words
        try socket(place.namespace).perform(changeLinkMessage(name: place.name, change), operation, object)
    }

    private mutating func changeAddress(
        _ address: IPPrefix, _ place: LinkPlace, adds: Bool, ignoring numbers: [Int32], _ action: WiringAction
    ) throws(KernelError) {
        let (operation, object) = action.words
        let socket = try socket(place.namespace)
        let message = addressMessage(address, link: try socket.index(of: place.name), adds: adds)
        try tolerating(numbers) { () throws(KernelError) in try socket.perform(message, operation, object) }
    }

    private func changeFloodPeer(
        _ peer: IPAddress, _ device: String, adds: Bool, _ action: WiringAction
    ) throws(KernelError) {
        let (operation, object) = action.words
        let message = floodPeerMessage(peer, link: try root.index(of: device), adds: adds)
        try tolerating(adds ? [EEXIST] : [ENOENT]) { () throws(KernelError) in
            try root.perform(message, operation, object)
        }
    }

    /// Writes disable_ipv6 of a device; one without IPv6 has it disabled already.
    private func setIPv6(_ place: LinkPlace, enabled: Bool) throws(KernelError) {
        let path = "/proc/sys/net/ipv6/conf/\(place.name)/disable_ipv6"
        let write: @Sendable () throws(KernelError) -> Void = { () throws(KernelError) in
            let number = open(path, O_WRONLY | O_CLOEXEC)
            if number < 0 {
                if errno == ENOENT && !enabled { return }
                throw KernelError("open", path, errno)
            }
            let file = OwnedDescriptor(number)
            do throws(FileError) {
                try writeAll(enabled ? [0x30, 0x0A] : [0x31, 0x0A], to: file.number, path: path)
            } catch {
                throw KernelError("write", path, error.errno)
            }
        }
        // Callers' threads are in the root namespace.
        if let namespace = place.namespace { try thread.enter(namespace, write) } else { try write() }
    }
}

/// A namespace's file, held open while a request names it.
private final class NamespaceFile {
    private let descriptor: OwnedDescriptor
    var number: Int32 { descriptor.number }

    init(_ number: Int32) { descriptor = OwnedDescriptor(number) }
}

/// Runs the body; these errnos say that what it wanted holds already.
private func tolerating(_ numbers: [Int32], _ body: () throws(KernelError) -> Void) throws(KernelError) {
    do throws(KernelError) {
        try body()
    } catch {
        if !numbers.contains(error.errno) { throw error }
    }
}

extension WiringAction {
    /// The operation and the object that an error names.
    fileprivate var words: (operation: String, object: String) {
        switch self {
        case .removeDeadNamespace(let name): ("remove dead namespace", name)
        case .createNamespace(let name): ("create namespace", name)
        case .deleteNamespace(let name): ("delete namespace", name)
        case .set(let setting, let value, let namespace):
            ("set \(setting.rawValue) to \(value) in", namespace)
        case .createBridge(let name): ("create bridge", name)
        case .setBridge(let name, _): ("configure bridge", name)
        case .createVeth(let outer, let inner, _): ("create veth", "\(outer.place) and \(inner.place)")
        case .createVXLAN(let vxlan, _): ("create VXLAN", vxlan.name)
        case .deleteBridge(let name): ("delete bridge", name)
        case .deleteLink(let place): ("delete", place.description)
        case .setUp(let place): ("set up", place.description)
        case .setMTU(let place, let mtu): ("set MTU \(mtu) on", place.description)
        case .setMAC(let place, let mac): ("set MAC address \(mac) on", place.description)
        case .setBridgePort(let name, let bridge): ("make port of bridge \(bridge)", name)
        case .setIPv6(let place, let enabled):
            (enabled ? "enable IPv6 on" : "disable IPv6 on", place.description)
        case .addAddress(let address, let place): ("add address \(address) to", place.description)
        case .removeAddress(let address, let place): ("remove address \(address) from", place.description)
        case .addRoute(let route, let place): ("add route \(route) to", place.description)
        case .removeRoute(let route, _, let place): ("remove route \(route) from", place.description)
        case .disableChecksumOffload(let place): ("turn checksum offload off on", place.description)
        case .addFloodPeer(let peer, let device): ("add flood peer \(peer) to", device)
        case .removeFloodPeer(let peer, let device): ("remove flood peer \(peer) from", device)
        }
    }
}
