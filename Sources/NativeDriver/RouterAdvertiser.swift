import Addressing
import CLinux
import DHCPEngine
import Glibc
import KernelPlan
import LinuxKernel
import Locks

/// Sends one network's Router Advertisements, by the clock and to hosts that ask for them (RFC 4861).
final class RouterAdvertiser: EventHandler {
    private struct State {
        /// What is said, in as many messages as the link's MTU makes of it.
        var messages: [[UInt8]]
        var advertisement: RouterAdvertisement
        var schedule: RouterAdvertisementSchedule
        var timer: EventLoop.Timer?
        /// Tells the timer that holds from those that were set before it.
        var alarm: UInt64 = 0
        var isStopped = false
        /// The device's link-local address; nil until it has one.
        var source: IPv6Address?
        /// Whether it is being looked for.
        var isLooking = false
        /// Who could not be sent to yet, and how often that was tried.
        var unsent: [IPv6Address] = []
        var attempts = 0
    }

    /// A device that was just made gets its link-local address some tenths of a second later; later ones,
    /// and what else cannot be sent, are tried now and then.
    private static let retry = (pause: Duration.milliseconds(100), most: 50, later: Duration.seconds(5))
    /// When solicitations are heard again after the kernel could not give any.
    private static let deafness = Duration.seconds(1)
    /// The IPv6 header, which an MTU counts.
    private static let header = 40

    private let descriptor: OwnedDescriptor
    private let device: UInt32
    private let server: NetworkServer
    private let state: Mutex<State>

    /// Takes over a raw ICMPv6 socket and begins; throws a `KernelError`.
    init(
        _ number: Int32, device: UInt32, _ advertisement: RouterAdvertisement,
        _ server: NetworkServer
    ) throws {
        descriptor = OwnedDescriptor(number)
        self.device = device
        self.server = server
        state = Mutex(
            State(
                messages: Self.messages(advertisement), advertisement: advertisement,
                schedule: RouterAdvertisementSchedule(
                    seed: .random(in: .min ... .max), now: Self.now())))
        try server.loop.events.add(number, events: EPOLLIN.rawValue, self)
        look()
        arm()
    }

    /// Says this from now on; soon and several times where it is news.
    func advertise(_ advertisement: RouterAdvertisement) {
        let isNews = state.withLock { state in
            guard state.advertisement != advertisement else { return false }
            state.advertisement = advertisement
            state.messages = Self.messages(advertisement)
            state.schedule.changed(now: Self.now())
            return true
        }
        if isNews { arm() }
    }

    /// Says nothing any more; not from inside the loop's handlers.
    func stop() {
        let timer = state.withLock { state in
            state.isStopped = true
            return state.timer
        }
        if let timer { server.loop.events.cancel(timer) }
        server.loop.events.remove(descriptor.number)
    }

    /// Hosts drop advertisements in fragments (RFC 6980), so none is longer than the link takes whole.
    private static func messages(_ advertisement: RouterAdvertisement) -> [[UInt8]] {
        let longest = Int(advertisement.mtu ?? 0) - header
        return advertisement.serialized(limit: min(longest, DatagramBatch.datagramLimit))
    }

    /// Takes solicitations; on the loop's thread.
    func ready(_ events: UInt32) {
        let batch = server.loop.batch
        let (count, number) = batch.receive(descriptor.number)
        if number != 0 {
            // Were it heard all the time, nothing else would be; the clock goes on meanwhile.
            listen(for: 0)
            server.loop.events.schedule(after: Self.deafness) { [weak self] in
                self?.listen(for: EPOLLIN.rawValue)
            }
            return
        }
        let wasAsked = state.withLock { state in
            var wasAsked = false
            for index in 0..<count {
                let datagram = batch.arrival(index)
                let source = datagram.sourceV6
                let bytes = Array(datagram.contents)
                guard
                    RouterSolicitation(parsing: bytes, source: source, hopLimit: Int(datagram.hop_limit))
                        != nil
                else { continue }
                state.schedule.solicited(by: source, now: Self.now())
                wasAsked = true
            }
            return wasAsked
        }
        if wasAsked { arm() }
    }

    private func listen(for events: UInt32) {
        state.withLock { state in
            // After its end the number may be another socket's.
            if !state.isStopped { server.loop.events.modify(descriptor.number, events: events) }
        }
    }

    // MARK: Sending

    /// Wakes up when the schedule has something to send.
    private func arm() {
        let old = state.withLock { state -> EventLoop.Timer? in
            if state.isStopped { return nil }
            let next = state.schedule.next.rawValue
            let now = Self.now().rawValue
            var delay = Duration.microseconds(next > now ? Int64(clamping: next - now) : 0)
            if !state.unsent.isEmpty {
                delay = min(
                    delay, state.attempts <= Self.retry.most ? Self.retry.pause : Self.retry.later)
            }
            let old = state.timer
            state.alarm += 1
            let alarm = state.alarm
            state.timer = server.loop.events.schedule(after: delay) { [weak self] in self?.send(alarm) }
            return old
        }
        if let old { server.loop.events.cancel(old) }
    }

    /// Sends what is due; on the loop's thread.
    private func send(_ alarm: UInt64) {
        let work = state.withLock { state -> (hosts: [IPv6Address], messages: [[UInt8]], IPv6Address?)? in
            // A timer that was replaced while it went off: the one that holds does it.
            guard state.alarm == alarm, !state.isStopped else { return nil }
            state.timer = nil
            let due = state.schedule.due(now: Self.now())
            return (due + state.unsent.filter { !due.contains($0) }, state.messages, state.source)
        }
        guard let (hosts, messages, source) = work else { return }
        var unsent = hosts
        var isSourceWrong = false
        if let source {
            (unsent, isSourceWrong) = send(messages, to: hosts, from: source)
        }
        let failed = unsent
        let looks = state.withLock { state in
            state.attempts = failed.isEmpty ? 0 : state.attempts + 1
            // Hosts that ask for themselves ask again; all of them together don't.
            let isLate = state.attempts > Self.retry.most
            state.unsent = isLate ? failed.filter { $0 == RouterAdvertisementSchedule.allNodes } : failed
            if isSourceWrong { state.source = nil }
            return state.source == nil && !hosts.isEmpty
        }
        if looks { look() }
        arm()
    }

    /// Sends all messages to each host; returns those that did not get them all, and whether the source is
    /// no address of the device, or not yet.
    private func send(
        _ messages: [[UInt8]], to hosts: [IPv6Address], from source: IPv6Address
    ) -> (unsent: [IPv6Address], isSourceWrong: Bool) {
        let batch = server.loop.batch
        var unsent: [IPv6Address] = []
        var isSourceWrong = false
        var sent = 0
        var waiting: [IPv6Address] = []
        func flush() {
            sent += waiting.count
            batch.send(descriptor.number, count: waiting.count) { index, number in
                sent -= 1
                if !unsent.contains(waiting[index]) { unsent.append(waiting[index]) }
                if number == EINVAL || number == EADDRNOTAVAIL { isSourceWrong = true }
            }
            waiting = []
        }
        for host in hosts {
            for message in messages where batch.write(waiting.count, message) {
                batch.address(
                    waiting.count, length: message.count, to: host, port: 0, device: device, from: source)
                waiting.append(host)
                if waiting.count == DatagramBatch.capacity { flush() }
            }
        }
        flush()
        let number = UInt64(sent)
        server.traffic.withLock { $0.counters.advertised(number) }
        return (unsent, isSourceWrong)
    }

    // MARK: The source

    /// Finds the address that advertisements come from. Hosts take them from no other than a link-local
    /// one (RFC 4861 section 6.1.2); left to itself the kernel uses a global one where that is missing.
    private func look() {
        let isFirst = state.withLock { state in
            defer { state.isLooking = true }
            return !state.isLooking && !state.isStopped
        }
        guard isFirst else { return }
        // The namespace is entered where waiting is allowed.
        server.loop.work.submit { [weak self] in self?.lookInside() }
    }

    private func lookInside() {
        let namespace = server.control.withLock { $0.namespace }
        let text = try? server.loop.work.runBlocking(in: namespace) {
            try readFile(path: "/proc/thread-self/net/if_inet6")
        }
        let found = text.flatMap { Self.linkLocal(String(decoding: $0, as: UTF8.self), device: device) }
        let isAwaited = state.withLock { state in
            state.isLooking = false
            state.source = found
            return found != nil && !state.unsent.isEmpty
        }
        if isAwaited { arm() }
    }

    /// The link-local address that a device may send from, in what /proc/net/if_inet6 says: address, index,
    /// prefix length, scope, flags, name, the numbers hexadecimal.
    static func linkLocal(_ text: String, device: UInt32) -> IPv6Address? {
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 6, UInt32(fields[1], radix: 16) == device,
                let flags = UInt32(fields[4], radix: 16), let number = UInt128(fields[0], radix: 16)
            else { continue }
            let address = IPv6Address(rawValue: number)
            // IFA_F_TENTATIVE and IFA_F_DADFAILED (linux/if_addr.h).
            if address.isLinkLocal, flags & (0x40 | 0x08) == 0 { return address }
        }
        return nil
    }

    private static func now() -> EngineTime { EngineTime(rawValue: monotonicNanoseconds() / 1000) }
}
