import Addressing
import CLinux
import Glibc
import KernelPlan
import LinuxKernel

/// Which sockets a network's server needs.
struct SocketNeeds: Hashable, Sendable {
    var v4 = false
    var v6 = false
    /// Router solicitations are heard and advertisements sent.
    var advertisements = false
}

/// Where a network's sockets belong: a device in a namespace, both of which may be made anew under the
/// same names.
struct SocketPlace: Hashable, Sendable {
    var namespace: NamespaceIdentity
    /// The index of the device.
    var device: Int32
}

/// The open sockets of one network; -1 for one that is not needed. Their owner closes them.
struct OpenedSockets: Sendable {
    var place: SocketPlace
    /// The device's own address.
    var mac: MACAddress?
    var v4: Int32 = -1
    var v6: Int32 = -1
    var icmpv6: Int32 = -1
    var netlink: Int32 = -1

    func close() {
        for number in [v4, v6, icmpv6, netlink] where number >= 0 { Glibc.close(number) }
    }
}

extension OpenedSockets {
    /// What SO_RCVBUFFORCE asks for: a boot storm of a thousand clients waits in a quarter of it.
    private static let receiveBuffer: Int32 = 4 << 20
    /// All_DHCP_Relay_Agents_and_Servers and All_DHCP_Servers (RFC 8415 section 7.1).
    static let groups = [
        IPv6Address(rawValue: 0xFF02 << 112 | 0x1_0002), IPv6Address(rawValue: 0xFF05 << 112 | 0x1_0003),
    ]

    /// Where Router Solicitations go (RFC 4861 section 4.1).
    private static let allRouters = IPv6Address(rawValue: 0xFF02 << 112 | 2)

    /// Opens what is needed in the namespace of the calling thread, the namespace thread.
    ///
    /// - Parameter candidates: Sockets of an earlier run; those that belong here are taken, all others closed.
    static func openInside(
        _ device: String, _ needs: SocketNeeds, candidates: (v4: Int32, v6: Int32)
    ) throws(KernelError) -> OpenedSockets {
        let path = "/proc/thread-self/ns/net"
        var leftover = candidates
        defer {
            if leftover.v4 >= 0 { Glibc.close(leftover.v4) }
            if leftover.v6 >= 0 { Glibc.close(leftover.v6) }
        }
        guard let identity = try NamespaceIdentity(path: path) else {
            throw KernelError("look at", path, ENOENT)
        }
        let index = Int32(bitPattern: if_nametoindex(device))
        if index == 0 { throw KernelError("look at", device, errno) }
        var sockets = OpenedSockets(place: SocketPlace(namespace: identity, device: index))
        do throws(KernelError) {
            sockets.netlink = try NeighbourSocket.open()
            let cookie = cl_namespace_cookie(sockets.netlink)
            sockets.mac = hardwareAddress(sockets.netlink, device)
            if needs.v4 {
                if belongs(leftover.v4, cookie, index) {
                    swap(&sockets.v4, &leftover.v4)
                } else {
                    sockets.v4 = try open(AF_INET, device, 67)
                }
            }
            if needs.v6 {
                if belongs(leftover.v6, cookie, index) {
                    swap(&sockets.v6, &leftover.v6)
                } else {
                    sockets.v6 = try open(AF_INET6, device, 547)
                    for group in groups { try join(sockets.v6, group, index, device) }
                }
            }
            if needs.advertisements {
                var stage: UnsafePointer<CChar>?
                let number = cl_icmpv6_socket(device, 133, &stage)
                if number < 0 { throw failure(stage, "ICMPv6 socket on \(device)") }
                sockets.icmpv6 = number
                // Only routers are members by themselves.
                try join(number, allRouters, index, device)
            }
        } catch {
            sockets.close()
            throw error
        }
        return sockets
    }

    /// The indexes of the DHCP devices in the calling thread's namespace.
    static func devicesInside() -> [Int32] {
        guard let names = if_nameindex() else { return [] }
        defer { if_freenameindex(names) }
        var devices: [Int32] = []
        var entry = names
        while let name = entry.pointee.if_name {
            if String(cString: name).hasPrefix("ns-") {
                devices.append(Int32(bitPattern: entry.pointee.if_index))
            }
            entry += 1
        }
        return devices
    }

    private static func open(_ family: Int32, _ device: String, _ port: UInt16) throws(KernelError) -> Int32 {
        var stage: UnsafePointer<CChar>?
        let number = cl_dhcp_socket(family, device, port, receiveBuffer, &stage)
        if number < 0 { throw failure(stage, "UDP port \(port) on \(device)") }
        return number
    }

    private static func join(
        _ number: Int32, _ group: IPv6Address, _ index: Int32, _ device: String
    ) throws(KernelError) {
        let result = group.octets.withUnsafeBufferPointer {
            cl_join_group(number, $0.baseAddress, UInt32(bitPattern: index))
        }
        if result != 0 { throw KernelError("join \(group) on", device, errno) }
    }

    private static func failure(_ stage: UnsafePointer<CChar>?, _ object: String) -> KernelError {
        let number = errno
        return KernelError(stage.map { "open (\(String(cString: $0)))" } ?? "open", object, number)
    }

    /// Whether a socket of an earlier run is bound to this device of this very namespace.
    private static func belongs(_ number: Int32, _ cookie: UInt64, _ device: Int32) -> Bool {
        number >= 0 && cookie != 0 && cl_namespace_cookie(number) == cookie
            && cl_bound_device(number) == device
    }

    /// SIOCGIFHWADDR (netdevice(7)).
    private static func hardwareAddress(_ socket: Int32, _ device: String) -> MACAddress? {
        var octets: (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8) = (0, 0, 0, 0, 0, 0)
        return withUnsafeMutableBytes(of: &octets) { buffer in
            let base = buffer.bindMemory(to: UInt8.self).baseAddress
            return cl_hardware_address(socket, device, base) == 0 ? MACAddress(octets: buffer) : nil
        }
    }
}
