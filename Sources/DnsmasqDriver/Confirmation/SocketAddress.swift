import Addressing
import Glibc

/// An address and a port as system calls take them (sockaddr_in, sockaddr_in6).
struct SocketAddress {
    let address: IPAddress
    let port: UInt16
    /// The interface index for link-local and multicast IPv6 addresses.
    let scope: UInt32

    init(_ address: IPAddress, port: UInt16, scope: UInt32 = 0) {
        self.address = address
        self.port = port
        self.scope = scope
    }

    func withPointer<T>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> T) -> T {
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
            withUnsafeMutableBytes(of: &value.sin6_addr) { $0.copyBytes(from: v6.octets) }
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
