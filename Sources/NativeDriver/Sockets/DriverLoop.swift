import LinuxKernel

/// One thread of the data plane with what its sockets share.
final class DriverLoop: Sendable {
    let events: EventLoop
    let batch = DatagramBatch()
    /// Where calls for the loop's networks that wait for the kernel are made, one after the other.
    let work: JobThread
    /// Where the loop's sockets are opened: half of a start is that, and each processor can do a share of it.
    let namespaces: NamespaceThread

    /// Starts the threads of that number; throws a `KernelError`.
    init(number: Int, namespaces: NamespaceThread) throws {
        self.namespaces = namespaces
        events = try EventLoop(name: "dhcp loop \(number)")
        work = try JobThread(name: "dhcp work \(number)")
    }
}
