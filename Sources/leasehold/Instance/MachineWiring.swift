import Addressing
import Glibc
import KernelPlan
import LinuxKernel

/// Plugs machines and taps into networks' bridges, as nova-compute does it for VMs.
struct MachineWiring {
    let thread: NamespaceThread
    private let kernel: LinuxKernel

    /// Opens the conversation with the kernel.
    init() throws {
        thread = try NamespaceThread()
        kernel = try LinuxKernel(thread: thread, cachedNamespaces: 2)
    }

    /// Whether there is a namespace of that name, dead or alive.
    func hasNamespace(_ name: String) throws -> Bool { try kernel.namespaceNames().contains(name) }

    /// Makes the namespace and in it `eth0` with the port's MAC, the other end a port of the bridge.
    ///
    /// - Parameter mtu: bytes, of the outer end; what the machine uses it learns by DHCP.
    func plug(namespace: String, tap: String, bridge: String, macAddress: MACAddress, mtu: Int) throws {
        try check(bridge)
        try checkFree(tap: tap)
        try kernel.createNamespace(namespace)
        do {
            try kernel.createVeth(
                VethEnd(LinkPlace(tap), bridge: bridge, isUp: true),
                VethEnd(LinkPlace("eth0", in: namespace), macAddress: macAddress), mtu: max(mtu, 1500))
        } catch {
            // Only what was made here: the tap may be somebody else's.
            remove(namespace: namespace, link: nil)
            throw error
        }
    }

    /// Makes a tap device on the bridge for a virtual machine monitor.
    func plugTAP(_ tap: String, bridge: String, mtu: Int) throws {
        try check(bridge)
        try checkFree(tap: tap)
        do {
            try kernel.createTAP(tap, bridge: bridge, mtu: mtu)
        } catch {
            guard error.errno == EACCES || error.errno == ENOENT else { throw error }
            throw CommandFailure(
                "\(error)\nA tap device needs /dev/net/tun: `modprobe tun`, and the right to open it.",
                status: ExitStatus.system)
        }
    }

    /// Deletes a tap device; anything else of that name is left alone.
    func unplugTAP(_ tap: String) throws {
        guard let link = try kernel.link(LinkPlace(tap)) else {
            throw CommandFailure("the port is not plugged here: there is no \(tap)")
        }
        guard link.kind == "tun" else {
            throw CommandFailure("\(tap) is no tap device: an instance uses the port")
        }
        try kernel.deleteLink(LinkPlace(tap))
    }

    /// The global addresses of the machine's interface.
    func addresses(namespace: String) throws -> [IPAddress] {
        guard let link = try kernel.link(LinkPlace("eth0", in: namespace)) else { return [] }
        return try kernel.addresses(in: namespace).filter { $0.link == link.index }
            .map(\.address.address).filter { $0.v6?.isLinkLocal != true }
    }

    /// Takes away what ``plug(namespace:tap:bridge:macAddress:mtu:)`` made, as far as it stands.
    func remove(namespace: String, link: String?) {
        // What is gone already is no failure, and one part's failure must not keep the other.
        if let link { try? kernel.deleteLink(LinkPlace(link)) }
        try? kernel.deleteNamespace(namespace)
        _ = kernel.flushReaper()
    }

    /// Refuses a port whose device stands already: a machine or a VM uses it.
    func checkFree(tap: String) throws {
        guard try kernel.link(LinkPlace(tap)) == nil else {
            throw CommandFailure(
                "the port is plugged already: \(tap) exists. If nothing uses it, `ip link delete \(tap)` takes it away"
            )
        }
    }

    private func check(_ bridge: String) throws {
        guard let link = try kernel.link(LinkPlace(bridge)), link.kind == "bridge" else {
            throw CommandFailure(
                "the network has no bridge \(bridge) on this host: has it a subnet with DHCP? See `leasehold status`"
            )
        }
    }
}
