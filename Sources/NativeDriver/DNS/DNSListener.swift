import CLinux
import DNSEngine
import Glibc
import LinuxKernel

/// One address's listening TCP socket.
final class DNSListener: EventHandler {
    /// At a time, so that other networks get their turn.
    private static let batch = 16
    /// How long nothing is accepted when the process has no descriptors left.
    private static let pause: Duration = .seconds(1)

    private let service: DNSService
    private let descriptor: WatchedDescriptor

    /// Takes over the descriptor.
    init(_ descriptor: Int32, service: DNSService) {
        self.descriptor = WatchedDescriptor(descriptor)
        self.service = service
    }

    func close() { descriptor.close(service.loop) }

    func ready(_ events: UInt32) {
        guard let number = descriptor.number else { return }
        for _ in 0..<Self.batch where !acceptNext(number) { return }
    }

    /// Takes one connection; false where none is waiting.
    private func acceptNext(_ number: Int32) -> Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let accepted = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept(number, $0, &size)
            }
        }
        if accepted < 0 {
            switch errno {
            case EAGAIN, EBADF, EINVAL: return false
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                rest(number)
                return false
            // accept(2): an error of the connection, which is gone.
            default: return true
            }
        }
        // Glibc's module hides accept4(2). Children are started with all descriptors closed (cl_spawn).
        _ = fcntl(accepted, F_SETFD, FD_CLOEXEC)
        _ = fcntl(accepted, F_SETFL, O_NONBLOCK)
        guard let peer = SocketAddress(storage), service.mayAsk(peer.address),
            let (connections, limits) = service.connections()
        else {
            Glibc.close(accepted)
            return true
        }
        connections.open(accepted, peer, limits)
        return true
    }

    /// Listens to nothing for a while, rather than hear of the same connection again and again.
    private func rest(_ number: Int32) {
        service.loop.modify(number, events: 0)
        service.loop.schedule(after: Self.pause) { [weak self] in
            guard let self else { return }
            // Not a number that means something else by now.
            self.descriptor.withNumber {
                if $0 == number { self.service.loop.modify(number, events: EPOLLIN.rawValue) }
            }
        }
    }
}
