import DNSEngine
import Glibc
import LinuxKernel

/// One address's UDP socket.
final class DNSDatagramSocket: EventHandler {
    /// At a time, so that other networks get their turn.
    private static let batch = 32
    /// The longest query that is read: names are at most 255 bytes, EDNS options few.
    private static let longestQuery = 4096
    private static let longestAnswer = 4096

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
        withUnsafeTemporaryAllocation(byteCount: Self.longestQuery + Self.longestAnswer, alignment: 8) {
            room in
            let input = UnsafeMutableRawBufferPointer(rebasing: room[..<Self.longestQuery])
            let output = UnsafeMutableRawBufferPointer(rebasing: room[Self.longestQuery...])
            for _ in 0..<Self.batch where !answerNext(number, input, output) { return }
        }
    }

    /// Takes one query; false where none is waiting.
    private func answerNext(
        _ number: Int32, _ input: UnsafeMutableRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> Bool {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(number, input.baseAddress, input.count, Int32(MSG_TRUNC), $0, &size)
            }
        }
        // An error of the socket (ICMP) is taken with the call; the next one waits behind it.
        if count < 0 { return errno != EAGAIN && errno != EBADF }
        guard let peer = SocketAddress(storage), peer.port != 0 else { return true }
        guard count <= input.count else {
            service.count { $0.dropped[.tooLong, default: 0] += 1 }
            return true
        }
        let query = UnsafeRawBufferPointer(rebasing: input[..<count])
        if case .answered(let length) = service.answer(query, from: .datagram(self, peer), into: output) {
            send(UnsafeRawBufferPointer(rebasing: output[..<length]), to: peer)
        }
        return true
    }

    /// Sends an answer.
    func send(_ answer: UnsafeRawBufferPointer, to peer: SocketAddress) {
        let failure: DNSDropReason? = descriptor.withNumber { number in
            if number < 0 { return .clientGone }
            let count = peer.withPointer {
                sendto(number, answer.baseAddress, answer.count, Int32(MSG_NOSIGNAL), $0, $1)
            }
            return count < 0 ? .sendFailed : nil
        }
        if let failure { service.count { $0.dropped[failure, default: 0] += 1 } }
    }
}
