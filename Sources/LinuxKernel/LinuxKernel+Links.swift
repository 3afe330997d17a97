public import Addressing
import CLinux
import Glibc
public import KernelPlan
import Locks

/// What beyond a network's wiring is made of links: the ports of instances, lists for people.
extension LinuxKernel {
    /// All devices of a namespace; nil is the root one.
    public func links(in namespace: String? = nil) throws(KernelError) -> [Link] {
        try state.withLock { state throws(KernelError) in try state.socket(namespace).links().map(\.link) }
    }

    /// The device of that name, or nil where there is none.
    public func link(_ place: LinkPlace) throws(KernelError) -> Link? {
        try state.withLock { state throws(KernelError) in try state.socket(place.namespace).link(place.name) }
    }

    /// All addresses in a namespace; nil is the root one.
    public func addresses(in namespace: String? = nil) throws(KernelError) -> [LinkAddress] {
        try state.withLock { state throws(KernelError) in try state.socket(namespace).addresses() }
    }

    /// The unicast routes of the main table of a namespace; nil is the root one.
    public func routes(in namespace: String? = nil) throws(KernelError) -> [LinkRoute] {
        try state.withLock { state throws(KernelError) in try state.socket(namespace).routes() }
    }

    /// What passed through a device, or nil where there is none.
    public func counters(of place: LinkPlace) throws(KernelError) -> LinkCounters? {
        try state.withLock { state throws(KernelError) in
            try state.socket(place.namespace).parsedLink(place.name, counters: true)?.counters
        }
    }

    /// Makes a named namespace, or does nothing where it stands; its loopback is down.
    public func createNamespace(_ name: String) throws(KernelError) {
        try apply(WiringStep(.createNamespace(name), reason: "asked for"))
    }

    /// Takes a namespace's name away, dead or alive; does nothing where there is none.
    public func deleteNamespace(_ name: String) throws(KernelError) {
        try apply(WiringStep(.deleteNamespace(name), reason: "asked for"))
    }

    /// Makes a veth pair, each end in its namespace and, in the root one, a port of its bridge.
    ///
    /// Throws EEXIST where one of the names is taken.
    public func createVeth(_ first: VethEnd, _ second: VethEnd, mtu: Int) throws(KernelError) {
        try apply(WiringStep(.createVeth(outer: first, inner: second, mtu: mtu), reason: "asked for"))
    }

    /// Makes a TAP device of the root namespace that stays until it is deleted, up and a port of the
    /// bridge where one is named.
    ///
    /// Throws EBUSY where the name is taken, ENOENT or EACCES where /dev/net/tun is not there for us.
    public func createTAP(
        _ name: String, bridge: String? = nil, macAddress: MACAddress? = nil, mtu: Int = 1500
    ) throws(KernelError) {
        try state.withLock { state throws(KernelError) in
            let master: Int32? = if let bridge { try state.root.index(of: bridge) } else { nil }
            if cl_create_tap(name) != 0 { throw KernelError("create TAP", name, errno) }
            let change = LinkChange(isUp: true, mtu: mtu, macAddress: macAddress, master: master)
            do throws(KernelError) {
                try state.root.perform(changeLinkMessage(name: name, change), "configure TAP", name)
            } catch {
                // Half a device helps nobody; the first failure is the one to tell.
                try? state.root.deleteLink(name)
                throw error
            }
        }
    }

    /// Deletes a device; does nothing where there is none.
    public func deleteLink(_ place: LinkPlace) throws(KernelError) {
        try apply(WiringStep(.deleteLink(place), reason: "asked for"))
    }

    /// Brings a device up.
    public func setUp(_ place: LinkPlace) throws(KernelError) {
        try apply(WiringStep(.setUp(place), reason: "asked for"))
    }

    /// Adds an address; does nothing where the device has it.
    public func addAddress(_ address: IPPrefix, to place: LinkPlace) throws(KernelError) {
        try apply(WiringStep(.addAddress(address, place), reason: "asked for"))
    }
}
