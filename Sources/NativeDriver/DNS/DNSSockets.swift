import Addressing
import Glibc
import KernelPlan
import LinuxKernel

/// The descriptors on which one address is served, just opened; close them, or give them to
/// ``DNSService/serve(_:)``.
struct DNSSockets: Hashable, Sendable {
    let address: IPAddress
    /// Bound to port 53.
    let datagram: Int32
    /// Bound to port 53 and listening.
    let stream: Int32

    /// Opens the sockets of our own addresses in the calling thread's namespace: run it inside the network's
    /// (`NamespaceThread`), together with whatever else is to be opened there.
    ///
    /// An address need not be there yet (duplicate address detection takes a second). Link-local addresses
    /// cannot be had. Throws a `KernelError` with nothing left open; EADDRINUSE where another server is.
    static func open(_ addresses: [IPAddress], port: UInt16 = 53) throws(KernelError) -> [DNSSockets] {
        var opened: [DNSSockets] = []
        do throws(KernelError) {
            for address in addresses {
                let endpoint = SocketAddress(address, port: port)
                let datagram = OwnedDescriptor(try bound(endpoint, SOCK_DGRAM))
                let stream = OwnedDescriptor(try bound(endpoint, SOCK_STREAM))
                if listen(stream.number, 64) != 0 {
                    throw KernelError("listen", "TCP \(address)#\(port)", errno)
                }
                opened.append(
                    DNSSockets(address: address, datagram: datagram.release(), stream: stream.release()))
            }
        } catch {
            for sockets in opened { sockets.close() }
            throw error
        }
        return opened
    }

    /// Opens sockets for queries to other servers, in the calling thread's namespace.
    static func openUpstream(
        _ version: IPVersion, _ type: __socket_type, count: Int
    ) throws(KernelError) -> [Int32] {
        var opened: [Int32] = []
        for _ in 0..<count {
            do throws(KernelError) {
                opened.append(try socket(version, type))
            } catch {
                if opened.isEmpty { throw error }
                break
            }
        }
        return opened
    }

    /// Closes sockets that were given to nobody.
    func close() {
        Glibc.close(datagram)
        Glibc.close(stream)
    }

    private static func socket(_ version: IPVersion, _ type: __socket_type) throws(KernelError) -> Int32 {
        let number = Glibc.socket(
            version == .v4 ? AF_INET : AF_INET6,
            Int32(type.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { throw KernelError("open", "DNS socket", errno) }
        return number
    }

    /// How often a port that is in use is asked for, five milliseconds apart.
    private static let bindAttempts = 10

    private static func bound(_ endpoint: SocketAddress, _ type: __socket_type) throws(KernelError) -> Int32 {
        let descriptor = OwnedDescriptor(try socket(endpoint.address.version, type))
        var options: [(Int32, Int32)] = []
        switch endpoint.address.version {
        case .v4: options.append((Int32(IPPROTO_IP), IP_FREEBIND))
        case .v6: options += [(Int32(IPPROTO_IPV6), IPV6_V6ONLY), (Int32(IPPROTO_IPV6), IPV6_FREEBIND)]
        }
        // Connections that linger from before a restart do not keep the port.
        if type == SOCK_STREAM { options.append((SOL_SOCKET, SO_REUSEADDR)) }
        for (level, option) in options {
            var on: Int32 = 1
            if setsockopt(descriptor.number, level, option, &on, 4) != 0 {
                throw KernelError("set option \(option) of", "DNS socket", errno)
            }
        }
        // A child process that is just being started has a copy of a socket that we have closed, for a moment.
        var attempts = 0
        while endpoint.withPointer({ bind(descriptor.number, $0, $1) }) != 0 {
            attempts += 1
            guard errno == EADDRINUSE, attempts < bindAttempts else {
                throw KernelError("bind", "DNS \(endpoint.address)#\(endpoint.port)", errno)
            }
            usleep(5000)
        }
        return descriptor.release()
    }
}
