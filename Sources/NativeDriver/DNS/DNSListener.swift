import CLinux
import DNSEngine
import Glibc
import Locks

/// One address's listening TCP socket.
final class DNSListener: EventHandler {
    /// At a time, so that other networks get their turn.
    private static let batch = 16
    /// How long nothing is accepted when the process has no descriptors left.
    private static let pause: Duration = .seconds(1)

    private let service: DNSService
    /// -1 when closed.
    private let descriptor: Mutex<Int32>

    /// Takes over the descriptor.
    init(_ descriptor: Int32, service: DNSService) {
        self.descriptor = Mutex(descriptor)
        self.service = service
    }

    deinit { descriptor.withLock { if $0 >= 0 { Glibc.close($0) } } }

    func close() {
        let number = descriptor.withLock { $0 }
        if number < 0 { return }
        service.loop.remove(number)
        descriptor.withLock {
            if $0 >= 0 { Glibc.close($0) }
            $0 = -1
        }
    }

    func ready(_ events: UInt32) {
        let number = descriptor.withLock { $0 }
        if number < 0 { return }
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
        guard let peer = DNSEndpoint(storage), service.mayAsk(peer.address),
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
            self.descriptor.withLock {
                if $0 == number { self.service.loop.modify(number, events: EPOLLIN.rawValue) }
            }
        }
    }
}
