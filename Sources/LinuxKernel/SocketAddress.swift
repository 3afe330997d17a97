package import Addressing
package import Glibc

/// An address and a port, as system calls take them and fill them in (sockaddr_in, sockaddr_in6).
package struct SocketAddress: Hashable, Sendable {
    package let address: IPAddress
    package let port: UInt16
    /// The interface index of a link-local or multicast IPv6 address; 0 for all others.
    package let scope: UInt32

    package init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    /// Reads what a system call filled in; nil for another family.
    package init?(_ storage: sockaddr_storage) {
        let value: SocketAddress? = withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET:
                let v4 = bytes.loadUnaligned(as: sockaddr_in.self)
                return SocketAddress(
                    .v4(IPv4Address(rawValue: UInt32(bigEndian: v4.sin_addr.s_addr))),
                    port: UInt16(bigEndian: v4.sin_port))
            case AF_INET6:
                let v6 = bytes.loadUnaligned(as: sockaddr_in6.self)
                let number = withUnsafeBytes(of: v6.sin6_addr) { $0.loadUnaligned(as: UInt128.self) }
                return SocketAddress(
                    .v6(IPv6Address(rawValue: UInt128(bigEndian: number))),
                    port: UInt16(bigEndian: v6.sin6_port), scope: v6.sin6_scope_id)
            default: return nil
            }
        }
        guard let value else { return nil }
        self = value
    }

    /// Calls the body with the kernel's form of it.
    package func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
        switch address {
        case .v4(let v4):
            var value = sockaddr_in()
            value.sin_family = sa_family_t(AF_INET)
            value.sin_port = port.bigEndian
            value.sin_addr.s_addr = v4.rawValue.bigEndian
            return Self.withBytes(of: &value, body)
        case .v6(let v6):
            var value = sockaddr_in6()
            value.sin6_family = sa_family_t(AF_INET6)
            value.sin6_port = port.bigEndian
            value.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &value.sin6_addr) {
                $0.storeBytes(of: v6.rawValue.bigEndian, as: UInt128.self)
            }
            return Self.withBytes(of: &value, body)
        }
    }

    private static func withBytes<Value, T>(
        of value: inout Value, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
    ) -> T {
        withUnsafePointer(to: &value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Value>.size))
            }
        }
    }
}
