import Addressing
import CLinux
import Glibc
import KernelPlan
import LinuxKernel
import Locks

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

/// Sockets of an earlier run; closed with this unless they are taken.
final class KeptSockets: Sendable {
    private let sockets: Mutex<(v4: Int32, v6: Int32)>

    init(v4: consuming OwnedDescriptor?, v6: consuming OwnedDescriptor?) {
        sockets = Mutex((v4.take()?.release() ?? -1, v6.take()?.release() ?? -1))
    }

    deinit {
        sockets.withLock { sockets in
            for number in [sockets.v4, sockets.v6] where number >= 0 { Glibc.close(number) }
        }
    }

    /// Hands one over where it fits.
    func take(_ kind: ServerSocket.Kind, where fits: (Int32) -> Bool) -> Int32? {
        sockets.withLock { sockets in
            let number = kind == .v4 ? sockets.v4 : sockets.v6
            guard number >= 0, fits(number) else { return nil }
            if kind == .v4 { sockets.v4 = -1 } else { sockets.v6 = -1 }
            return number
        }
    }
}

/// The open sockets of one network; -1 for one that is not needed. Their owner closes them.
struct OpenedSockets: Sendable {
    var place: SocketPlace
    var v4: Int32 = -1
    var v6: Int32 = -1
    var icmpv6: Int32 = -1
    var netlink: Int32 = -1

    func close() {
        for number in [v4, v6, icmpv6, netlink] where number >= 0 { Glibc.close(number) }
    }

    /// Hands a socket over to its owner; nil where there is none.
    mutating func take(_ socket: WritableKeyPath<OpenedSockets, Int32>) -> Int32? {
        let number = self[keyPath: socket]
        self[keyPath: socket] = -1
        return number < 0 ? nil : number
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

    /// Opens what is needed in the namespace of that name, which the calling thread is in.
    ///
    /// - Parameter kept: Sockets of an earlier run; those that belong here are taken.
    static func openInside(
        _ namespace: String, _ device: String, _ needs: SocketNeeds, _ kept: KeptSockets
    ) throws(KernelError) -> OpenedSockets {
        let path = "\(NamespaceThread.directory)/\(namespace)"
        guard let identity = try NamespaceIdentity(path: path) else {
            throw KernelError("look at", path, ENOENT)
        }
        var sockets = OpenedSockets(place: SocketPlace(namespace: identity, device: 0))
        do throws(KernelError) {
            sockets.netlink = try NeighbourSocket.open()
            let index = cl_device_index(sockets.netlink, device)
            if index <= 0 { throw KernelError("look at", device, errno) }
            sockets.place.device = index
            let cookie = cl_namespace_cookie(sockets.netlink)
            if needs.v4 {
                if let number = kept.take(.v4, where: { belongs($0, cookie, index) }) {
                    sockets.v4 = number
                } else {
                    sockets.v4 = try open(AF_INET, device, 67)
                }
            }
            if needs.v6 {
                if let number = kept.take(.v6, where: { belongs($0, cookie, index) }) {
                    sockets.v6 = number
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
        cookie != 0 && cl_namespace_cookie(number) == cookie
            && cl_bound_device(number) == device
    }
}
