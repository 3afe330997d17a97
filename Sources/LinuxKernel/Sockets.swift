public import Addressing
import CLinux
import Glibc
import KernelPlan

// Sockets that belong to a namespace: made inside by the namespace thread, used from anywhere.

/// Opens a UDP socket in a namespace (nil: the root one), bound to the address and port.
///
/// - Parameters:
///   - device: Binds to this device alone (SO_BINDTODEVICE). The kernel remembers its index: reopen
///     when the device was made anew.
///   - broadcast: Whether broadcasts may be sent (SO_BROADCAST).
public func openUDPSocket(
    in namespace: String?, using thread: NamespaceThread, address: IPAddress, port: UInt16,
    device: String? = nil, broadcast: Bool = false
) async throws -> OwnedDescriptor {
    OwnedDescriptor(
        try await thread.run(in: namespace) {
            try udpSocket(address: address, port: port, device: device, broadcast: broadcast)
        })
}

/// Opens a packet socket (packet(7)) on a device in a namespace (nil: the root one).
///
/// - Parameters:
///   - etherType: What to receive, such as 0x0800; 0x0003 for everything (ETH_P_ALL).
///   - withoutLinkHeader: Whether frames come and go without their Ethernet header (SOCK_DGRAM).
public func openPacketSocket(
    in namespace: String?, using thread: NamespaceThread, device: String, etherType: UInt16,
    withoutLinkHeader: Bool = false
) async throws -> OwnedDescriptor {
    OwnedDescriptor(
        try await thread.run(in: namespace) {
            let index = if_nametoindex(device)
            if index == 0 { throw KernelError("open packet socket on", device, errno) }
            let number = cl_packet_socket(Int32(bitPattern: index), etherType, withoutLinkHeader ? 1 : 0)
            if number < 0 { throw KernelError("open packet socket on", device, errno) }
            return number
        })
}

/// Makes the socket in the namespace of the calling thread.
private func udpSocket(
    address: IPAddress, port: UInt16, device: String?, broadcast: Bool
) throws(KernelError) -> Int32 {
    let object = address.version == .v4 ? "\(address):\(port)" : "[\(address)]:\(port)"
    let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    let number = socket(Int32(address.version.family), kind, 0)
    if number < 0 { throw KernelError("open UDP socket on", object, errno) }
    let descriptor = OwnedDescriptor(number)
    func set(_ level: Int32, _ option: Int32) throws(KernelError) {
        var one: Int32 = 1
        if setsockopt(number, level, option, &one, socklen_t(MemoryLayout<Int32>.size)) != 0 {
            throw KernelError("configure UDP socket on", object, errno)
        }
    }
    try set(SOL_SOCKET, SO_REUSEADDR)
    if broadcast { try set(SOL_SOCKET, SO_BROADCAST) }
    if address.version == .v6 { try set(Int32(IPPROTO_IPV6), IPV6_V6ONLY) }
    if let device, setsockopt(number, SOL_SOCKET, SO_BINDTODEVICE, device, socklen_t(device.utf8.count)) != 0
    {
        throw KernelError("bind to \(device)", object, errno)
    }
    if SocketAddress(address, port: port).withPointer({ bind(number, $0, $1) }) != 0 {
        throw KernelError("bind UDP socket to", object, errno)
    }
    return descriptor.release()
}
