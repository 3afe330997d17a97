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
        var message: [UInt8]
        var advertisement: RouterAdvertisement
        var schedule: RouterAdvertisementSchedule
        var timer: EventLoop.Timer?
        var isStopped = false
        /// Who could not be sent to yet, and how often that was tried.
        var unsent: [IPv6Address] = []
        var attempts = 0
    }

    /// A device that was just made gets its link-local address some tenths of a second later.
    private static let retry = (pause: Duration.milliseconds(100), most: 50)

    private let descriptor: OwnedDescriptor
    private let device: UInt32
    /// The device's own address, told to hosts.
    private let mac: MACAddress?
    private let server: NetworkServer
    private let state: Mutex<State>

    /// Takes over a raw ICMPv6 socket and begins; throws a `KernelError`.
    init(
        _ number: Int32, device: UInt32, mac: MACAddress?, _ advertisement: RouterAdvertisement,
        _ server: NetworkServer
    ) throws {
        descriptor = OwnedDescriptor(number)
        self.device = device
        self.mac = mac
        self.server = server
        let complete = Self.complete(advertisement, mac)
        state = Mutex(
            State(
                message: complete.serialized(), advertisement: complete,
                schedule: RouterAdvertisementSchedule(
                    seed: .random(in: .min ... .max), now: Self.now())))
        try server.loop.events.add(number, events: EPOLLIN.rawValue, self)
        arm()
    }

    /// Says this from now on; soon and several times where it is news.
    func advertise(_ advertisement: RouterAdvertisement) {
        let complete = Self.complete(advertisement, mac)
        let isNews = state.withLock { state in
            guard state.advertisement != complete else { return false }
            state.advertisement = complete
            state.message = complete.serialized()
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

    /// Takes solicitations; on the loop's thread.
    func ready(_ events: UInt32) {
        let batch = server.loop.batch
        let (count, number) = batch.receive(descriptor.number)
        if number != 0 {
            // It may be heard again when the device is; the clock goes on meanwhile.
            return server.loop.events.modify(descriptor.number, events: 0)
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

    /// Wakes up when the schedule has something to send.
    private func arm() {
        let old = state.withLock { state -> EventLoop.Timer? in
            if state.isStopped { return nil }
            let next = state.schedule.next.rawValue
            let now = Self.now().rawValue
            var delay = Duration.microseconds(next > now ? Int64(clamping: next - now) : 0)
            if !state.unsent.isEmpty { delay = min(delay, Self.retry.pause) }
            let old = state.timer
            state.timer = server.loop.events.schedule(after: delay) { [weak self] in self?.send() }
            return old
        }
        if let old { server.loop.events.cancel(old) }
    }

    /// Sends what is due; on the loop's thread.
    private func send() {
        let (hosts, message) = state.withLock { state -> ([IPv6Address], [UInt8]) in
            state.timer = nil
            if state.isStopped { return ([], []) }
            let due = state.schedule.due(now: Self.now())
            return (due + state.unsent.filter { !due.contains($0) }, state.message)
        }
        let count = min(hosts.count, DatagramBatch.capacity)
        let batch = server.loop.batch
        for index in 0..<count {
            batch.reply(index).copyBytes(from: message)
            batch.address(index, length: message.count, to: hosts[index], port: 0, device: device)
        }
        var unsent: [IPv6Address] = []
        batch.send(descriptor.number, count: count) { index, _ in unsent.append(hosts[index]) }
        let failed = unsent
        server.traffic.withLock { $0.counters.advertisements += UInt64(count - failed.count) }
        state.withLock { state in
            state.attempts = failed.isEmpty ? 0 : state.attempts + 1
            state.unsent = state.attempts <= Self.retry.most ? failed : []
        }
        arm()
    }

    private static func complete(_ advertisement: RouterAdvertisement, _ mac: MACAddress?)
        -> RouterAdvertisement
    {
        var advertisement = advertisement
        if advertisement.sourceLinkLayer == nil { advertisement.sourceLinkLayer = mac }
        return advertisement
    }

    private static func now() -> EngineTime { EngineTime(rawValue: monotonicNanoseconds() / 1000) }
}
