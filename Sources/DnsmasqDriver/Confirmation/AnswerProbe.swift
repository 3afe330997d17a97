import Addressing
import Glibc
import LinuxKernel

/// Asks dnsmasq something that it answers itself, to know that its event loop has come round.
struct AnswerProbe: ~Copyable, Sendable {
    /// How a question went.
    enum Outcome: Hashable {
        case answered
        /// Nothing listens there: DNS is off, or the address is not this server's.
        case refused
        case silent
    }

    private let descriptor: OwnedDescriptor
    private var sequence = UInt16.random(in: 0...UInt16.max)

    /// Takes over a connected, non-blocking UDP socket.
    init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }

    /// Opens a socket to port 53 of the address in the calling thread's namespace; -1 where there is no way.
    static func connect(_ address: IPAddress) -> Int32 {
        let number = socket(
            address.version == .v4 ? AF_INET : AF_INET6,
            Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue), 0)
        if number < 0 { return -1 }
        let connected = SocketAddress(address, port: 53).withPointer { Glibc.connect(number, $0, $1) }
        if connected != 0 {
            close(number)
            return -1
        }
        return number
    }

    /// One question and its answer; asks again every second.
    ///
    /// `version.bind` in class CHAOS is answered from dnsmasq's own table and never forwarded; any
    /// answer counts.
    mutating func ask(until deadline: ContinuousClock.Instant, while isAlive: () -> Bool) -> Outcome {
        sequence &+= 1
        let query = Self.query(sequence)
        while ContinuousClock.now < deadline && isAlive() {
            let sent = query.withUnsafeBytes {
                send(descriptor.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if sent < 0 && errno == ECONNREFUSED { return .refused }
            let again = min(deadline, .now + .seconds(1))
            while ContinuousClock.now < again {
                switch receive(until: again) {
                case .answered: return .answered
                case .refused: return .refused
                case .silent: break
                }
            }
        }
        return .silent
    }

    /// Waits for the answer to the last question; others are late answers to earlier ones.
    private func receive(until deadline: ContinuousClock.Instant) -> Outcome {
        let (seconds, attoseconds) = (deadline - .now).components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
        var item = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        _ = poll(&item, 1, Int32(clamping: max(0, milliseconds)))
        var answer = [UInt8](repeating: 0, count: 512)
        let count = answer.withUnsafeMutableBytes { recv(descriptor.number, $0.baseAddress, $0.count, 0) }
        if count < 0 { return errno == ECONNREFUSED ? .refused : .silent }
        let isOurs =
            count >= 12 && UInt16(answer[0]) << 8 | UInt16(answer[1]) == sequence && answer[2] & 0x80 != 0
        return isOurs ? .answered : .silent
    }

    /// A DNS query (RFC 1035 section 4.1) for `version.bind TXT CH`.
    private static func query(_ id: UInt16) -> [UInt8] {
        [UInt8(id >> 8), UInt8(id & 0xFF), 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
            + [7] + Array("version".utf8) + [4] + Array("bind".utf8) + [0] + [0, 16, 0, 3]
    }
}
