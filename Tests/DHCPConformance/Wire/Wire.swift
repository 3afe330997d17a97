import Addressing
import CLinux
import Dispatch
import Glibc
import LinuxKernel
import Locks

/// One end of a cable: sends frames as anybody, hears everything, and answers for the machines plugged in.
///
/// It answers ARP (RFC 826) and neighbour solicitations (RFC 4861) for the addresses that were given to it
/// with ``own(_:_:)``, and nothing else; so a server that asks before an address is given fails.
final class Wire: Sendable {
    /// A place in what was heard.
    struct Mark: Sendable { fileprivate var position: Int }

    /// Before anything was heard.
    static let start = Mark(position: 0)

    private struct State {
        var owners: [IPAddress: MACAddress] = [:]
        var heard: [Heard] = []
        var waiting: [Int: Waiter] = [:]
        var nextWaiter = 0
        /// Who was asked for by ARP or neighbour discovery.
        var asked: Set<IPAddress> = []
        var replies: @Sendable (Datagram) -> Datagram? = { _ in nil }
    }

    private struct Waiter {
        var position: Int
        var accepts: @Sendable (Heard) -> Bool
        var continuation: CheckedContinuation<Heard?, Never>
    }

    /// What came along the cable.
    enum Heard: Sendable {
        case datagram(Datagram)
        /// An ICMPv6 message: who sent it, its bytes.
        case icmpv6(IPv6Address, [UInt8])
    }

    private let descriptor: Int32
    private let index: Int32
    private let queue = DispatchQueue(label: "wire")
    /// `nonisolated(unsafe)`: resume and cancel of a dispatch source may be called on any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    private let state = Mutex(State())

    /// Opens the device inside a namespace.
    init(device: String, in namespace: String, using thread: NamespaceThread) throws {
        (descriptor, index) = try thread.runBlocking(in: namespace) {
            let index = Int32(bitPattern: if_nametoindex(device))
            let number = cl_packet_socket(index, 0x0003, 0)
            guard index > 0, number >= 0 else { throw FactFailure("no packet socket on \(device): \(errno)") }
            return (number, index)
        }
        // PACKET_IGNORE_OUTGOING of packet(7): only what others sent is heard.
        var one: Int32 = 1
        setsockopt(descriptor, 263, 23, &one, socklen_t(MemoryLayout<Int32>.size))
        // Whatever comes while nobody takes it out.
        var size: Int32 = 16 << 20
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<Int32>.size))
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        let number = descriptor
        source.setEventHandler { [weak self] in self?.drain() }
        source.setCancelHandler { close(number) }
        source.resume()
    }

    deinit { source.cancel() }

    /// Ends listening; whoever waits hears nothing more.
    func unplug() {
        source.cancel()
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            return state.waiting.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(returning: nil) }
    }

    /// From now on the address is somebody's: who asks for it is told the MAC.
    func own(_ address: IPAddress, _ mac: MACAddress) { state.withLock { $0.owners[address] = mac } }

    /// Nobody answers for the address any more.
    func disown(_ address: IPAddress) { state.withLock { $0.owners[address] = nil } }

    /// From now on each datagram that this makes one of is answered by it, at once.
    func reply(_ replies: @escaping @Sendable (Datagram) -> Datagram?) {
        state.withLock { $0.replies = replies }
    }

    /// Whether anybody asked who has the address.
    func wasAsked(for address: IPAddress) -> Bool { state.withLock { $0.asked.contains(address) } }

    /// Now; what is heard later lies after it.
    func mark() -> Mark { state.withLock { Mark(position: $0.heard.count) } }

    /// Sends a frame as it is.
    func send(_ frame: [UInt8]) throws {
        let sent = frame.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
        guard sent == frame.count else {
            throw FactFailure("a frame of \(frame.count) bytes: errno \(errno)")
        }
    }

    /// All that was heard since.
    func heard(since mark: Mark) -> [Heard] {
        state.withLock { Array($0.heard[min(mark.position, $0.heard.count)...]) }
    }

    /// The first that fits and was heard since, or nil when the time is over.
    func first(
        since mark: Mark, within limit: Duration, where accepts: @escaping @Sendable (Heard) -> Bool
    ) async -> Heard? {
        await withCheckedContinuation { continuation in
            let found: (Heard?, Int?) = state.withLock { state in
                if let there = state.heard[min(mark.position, state.heard.count)...].first(where: accepts) {
                    return (there, nil)
                }
                let number = state.nextWaiter
                state.nextWaiter += 1
                state.waiting[number] = Waiter(
                    position: mark.position, accepts: accepts, continuation: continuation)
                return (nil, number)
            }
            guard let number = found.1 else { return continuation.resume(returning: found.0) }
            queue.asyncAfter(deadline: .now() + .nanoseconds(limit.nanoseconds)) { [weak self] in
                let late = self?.state.withLock { $0.waiting.removeValue(forKey: number) }
                late?.continuation.resume(returning: nil)
            }
        }
    }

    // MARK: Listening

    private func drain() {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 8) { buffer in
            while true {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
                guard count > 0 else { return }
                take(Array(buffer.prefix(count)))
            }
        }
    }

    private func take(_ frame: [UInt8]) {
        guard frame.count >= 14 else { return }
        if UInt16(frame[12], frame[13]) == Ethernet.arp { return answerARP(frame) }
        guard let packet = IPPacket(frame) else { return }
        if let datagram = Datagram(packet) {
            let replies = state.withLock(\.replies)
            if let answer = replies(datagram) { try? send(answer.frame()) }
            note(.datagram(datagram))
        } else if packet.nextHeader == 58, case .v6(let source) = packet.source, let type = packet.body.first
        {
            if type == 135 { answerSolicitation(packet) }
            note(.icmpv6(source, Array(packet.body)))
        }
    }

    private func note(_ heard: Heard) {
        let woken = state.withLock { state in
            state.heard.append(heard)
            let fitting = state.waiting.filter { $0.value.accepts(heard) }
            for number in fitting.keys { state.waiting[number] = nil }
            return fitting.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume(returning: heard) }
    }

    private func owner(of address: IPAddress) -> MACAddress? {
        state.withLock { state in
            state.asked.insert(address)
            return state.owners[address]
        }
    }

    private func answerARP(_ frame: [UInt8]) {
        guard frame.count >= 42, UInt16(frame[20], frame[21]) == 1 else { return }
        let target = frame[38..<42]
        guard let mac = owner(of: .v4(IPv4Address(rawValue: UInt32(target)))) else { return }
        var answer = Array(frame[6..<12]) + mac.octets
        answer += frame[12..<20] + [0, 2]
        answer += mac.octets + target + frame[22..<32]
        try? send(answer)
    }

    private func answerSolicitation(_ packet: IPPacket) {
        let message = Array(packet.body)
        guard message.count >= 24, case .v6(let asker) = packet.source,
            let target = IPv6Address(octets: message[8..<24]), let mac = owner(of: .v6(target))
        else { return }
        // Solicited and override flags, target link-layer address option.
        var answer: [UInt8] = [136, 0, 0, 0, 0x60, 0, 0, 0] + target.octets + [2, 1] + mac.octets
        let pseudo = Checksum.pseudoHeader(.v6(target), .v6(asker), 58, answer.count)
        answer.replaceSubrange(2..<4, with: Checksum.of(pseudo + answer).bytes)
        try? send(
            Ethernet.frame(
                mac, packet.ethernetSource, .v6(target), .v6(asker), 58, answer, hopLimit: 255))
    }
}

extension Duration {
    /// In whole nanoseconds.
    var nanoseconds: Int {
        Int(components.seconds) * 1_000_000_000 + Int(components.attoseconds / 1_000_000_000)
    }
}
