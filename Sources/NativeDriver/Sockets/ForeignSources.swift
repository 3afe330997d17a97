import CLinux
import Glibc
import KernelPlan
import LinuxKernel

/// Has the kernel count DHCPv4 requests that come from another Ethernet source than they name in `chaddr`,
/// which a UDP socket does not see; they are answered all the same.
///
/// One eBPF program and one map for all networks (bpf(2)): a packet socket for each would take long to close.
final class ForeignSources: Sendable {
    /// More than anybody has networks on a host; the map grows with what is in it.
    private static let capacity: UInt32 = 1 << 17

    private let map: OwnedDescriptor
    let program: OwnedDescriptor

    /// Throws where the kernel does not let us: it takes CAP_BPF, which labs lack.
    init() throws(KernelError) {
        let number = cl_foreign_sources_map(Self.capacity)
        if number < 0 { throw KernelError("create", "eBPF map", errno) }
        map = OwnedDescriptor(number)
        let filter = cl_foreign_sources_program(number)
        if filter < 0 { throw KernelError("load", "eBPF program", errno) }
        program = OwnedDescriptor(filter)
    }

    /// Counts what comes in by this UDP socket from now on.
    func watch(_ socket: Int32) throws(KernelError) {
        if cl_count_foreign_sources(program.number, map.number, socket) != 0 {
            throw KernelError("attach", "eBPF program", errno)
        }
    }

    /// How many came by this socket since it is watched; 0 where it is not.
    func count(_ socket: Int32) -> UInt64 {
        var count: UInt64 = 0
        return socket >= 0 && cl_foreign_sources(map.number, socket, &count) == 0 ? count : 0
    }

    /// Keeps nothing of a socket any more; before it is closed.
    func forget(_ socket: Int32) { cl_forget_foreign_sources(map.number, socket) }
}
