import LinuxKernel

/// One thread of the data plane with what its sockets share.
final class DriverLoop: Sendable {
    let events: EventLoop
    let batch = DatagramBatch()
    /// Where calls for the loop's networks that wait for the kernel are made, one after the other, in the
    /// networks' namespaces or outside. Each loop has one: half of a start is that, and each processor can do
    /// a share of it.
    let work: NamespaceThread

    /// Starts the threads of that number; throws a `KernelError`.
    init(number: Int) throws {
        events = try EventLoop(name: "dhcp loop \(number)")
        work = try NamespaceThread(name: "dhcp work \(number)")
    }
}
