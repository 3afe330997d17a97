import Addressing
import CLinux
import DHCPEngine
import DHCPMessages
import Glibc
import KernelPlan
import LinuxKernel
import Locks
import Logging
import NetworkModel

/// A request whose sender can only be told by its link-layer address, while that is being found.
struct ParkedRequest: Sendable {
    /// Its number among those that were parked.
    var number: UInt64
    var bytes: [UInt8]
    var arrival: DHCPv6Arrival
    /// The socket that the answer goes out by.
    var socket: ServerSocket
}

// DHCPv6 packets, on the loop's thread.
extension NetworkServer {
    /// The most requests that wait for a link-layer address. Who waited longest gives way: whoever is there
    /// answers at once, and only senders that don't exist are waited for.
    private static let parkingLimit = 256
    /// How many senders are looked for: each costs a conversation with the kernel.
    private static let parkingRate = TokenBucket.Limit(rate: 200, burst: 128)
    /// When the kernel is asked again, in milliseconds after the last time; the neighbour usually answers
    /// at once.
    private static let patience: [Int] = [2, 8, 30, 100, 300, 500]

    /// Answers the datagrams of the last receive.
    func answerV6(_ socket: ServerSocket, _ count: Int) {
        let batch = loop.batch
        let time = wallMicroseconds()
        let now = EngineTime(rawValue: monotonicNanoseconds() / 1000)
        batch.answersV6.removeAll(keepingCapacity: true)
        var parked: [ParkedRequest] = []
        traffic.withLock { traffic in
            if traffic.isClosed { return }
            for index in 0..<count {
                let datagram = batch.arrival(index)
                let arrival = DHCPv6Arrival(
                    source: datagram.sourceV6, sourcePort: datagram.source_port,
                    destination: datagram.destinationV6)
                if datagram.truncated != 0 {
                    note(
                        .dropped(.truncated, request: nil, port: nil), datagram.contents.bytes, arrival, time,
                        &traffic)
                    continue
                }
                let outcome = Self.answer(datagram.contents.bytes, arrival, now, batch, &traffic)
                let mayWait =
                    outcome == .needsLinkLayer && traffic.parkingBucket.take(Self.parkingRate, now: now)
                guard mayWait else {
                    note(outcome, datagram.contents.bytes, arrival, time, &traffic)
                    continue
                }
                guard surroundings.mayLookUp(now) else {
                    note(
                        .dropped(.tooManyLookups, request: nil, port: nil), datagram.contents.bytes, arrival,
                        time, &traffic)
                    continue
                }
                let bytes = Array(datagram.contents)
                let number = traffic.park(atMost: Self.parkingLimit)
                parked.append(
                    ParkedRequest(number: number, bytes: bytes, arrival: arrival, socket: socket))
            }
        }
        sendV6(socket)
        for request in parked { find(request, attempt: 0) }
    }

    /// Asks the engine; an answer is the batch's next reply.
    private static func answer(
        _ bytes: RawSpan, _ arrival: DHCPv6Arrival, _ now: EngineTime, _ batch: DatagramBatch,
        _ traffic: inout Traffic
    ) -> DHCPv6Outcome {
        guard traffic.v6 != nil else { return .dropped(.noSubnet, request: nil, port: nil) }
        let place = batch.answersV6.count
        let buffer = batch.reply(place)
        var reply = OutputRawSpan(buffer: buffer, initializedCount: 0)
        let outcome =
            traffic.v6?.answer(bytes, arrival, now: now, into: &reply)
            ?? .dropped(.noSubnet, request: nil, port: nil)
        let length = reply.finalize(for: buffer)
        if case .answered(let answer) = outcome {
            batch.address(
                place, length: length, to: arrival.source, port: answer.destinationPort,
                device: arrival.source.isLinkLocal ? traffic.device : 0,
                from: arrival.destination.isMulticast ? nil : arrival.destination)
            batch.answersV6.append(answer)
        }
        return outcome
    }

    /// Counts an outcome and keeps it in the ring and, where a lease was given, in the record.
    private func note(
        _ outcome: DHCPv6Outcome, _ request: RawSpan, _ arrival: DHCPv6Arrival, _ time: UInt64,
        _ traffic: inout Traffic
    ) {
        var mac: MACAddress?
        if case .known(let known) = arrival.linkLayer { mac = known }
        switch outcome {
        case .answered(let answer):
            if mac == nil, let port = answer.port { mac = traffic.v6?.host(of: port)?.mac }
            traffic.counters.answered(answer.request, answer.reply)
            traffic.ring.append(
                OutcomeRecord(
                    time: time, exchange: .v6(request: answer.request, reply: answer.reply),
                    port: answer.port, mac: mac, address: answer.addresses.first.map { .v6($0) }))
            if answer.reply == .reply && answer.validLifetime > 0 {
                record(answer, request, arrival, mac, time)
            }
            if isVerbose {
                let given = answer.addresses.map { " \($0)" }.joined()
                say("DHCPv6 \(answer.request) \(arrival.source): \(answer.reply)\(given)")
            }
        case .dropped(let reason, let request, let port):
            drop(reason, request, port, arrival, mac, time, &traffic)
        case .needsLinkLayer:
            drop(.tooManyUnresolved, nil, nil, arrival, mac, time, &traffic)
        }
    }

    private func drop(
        _ reason: DropReason, _ request: DHCPv6MessageType?, _ port: PortIdentity?, _ arrival: DHCPv6Arrival,
        _ mac: MACAddress?, _ time: UInt64, _ traffic: inout Traffic
    ) {
        traffic.counters.dropped(reason, request)
        traffic.ring.append(
            OutcomeRecord(
                time: time, exchange: .v6(request: request, reply: nil), drop: reason, port: port, mac: mac,
                address: .v6(arrival.source)))
        if reason == .unknownClient {
            let number = arrival.source.rawValue ^ network.rawValue
            let client = UInt64(truncatingIfNeeded: number) ^ UInt64(truncatingIfNeeded: number >> 64)
            let source = arrival.source
            surroundings.strangers.tell(
                client, now: monotonicNanoseconds(), log: surroundings.log, network: network,
                "no port is known of \(source)\(mac.map { " (\($0))" } ?? ""), which asks for an IPv6 address"
            )
        }
        if isVerbose {
            say(
                "DHCPv6 \(request.map { "\($0)" } ?? "request") \(arrival.source): dropped, \(reason.rawValue)"
            )
        }
    }

    private func sendV6(_ socket: ServerSocket) {
        let batch = loop.batch
        batch.send(socket.descriptor.number, count: batch.answersV6.count) { index, _ in
            let answer = batch.answersV6[index]
            traffic.withLock { traffic in
                traffic.counters.sendFailed(answer.reply)
                traffic.ring.append(
                    OutcomeRecord(
                        time: wallMicroseconds(), exchange: .v6(request: answer.request, reply: nil),
                        drop: .sendFailed, port: answer.port))
            }
        }
    }

    // MARK: Senders told by their link-layer address

    /// Asks the kernel for the sender's link-layer address, which may wait for other users of netlink; the
    /// answer comes back to the loop.
    private func find(_ request: ParkedRequest, attempt: Int) {
        loop.work.submit { [self] in
            let source = IPAddress.v6(request.arrival.source)
            guard traffic.withLock({ $0.isParked(request.number) }) else { return giveUp(request) }
            let found: NeighbourState? = control.withLock { control in
                guard let device = control.place?.device, control.netlink != nil else { return .failed }
                let known = try? control.netlink?.state(of: source, device: device)
                if attempt == 0 && known == nil || known == .failed {
                    try? control.netlink?.discover(source, device: device)
                    return attempt == 0 ? .unresolved : known
                }
                return known
            }
            if case .known(let mac) = found {
                loop.events.schedule(after: .zero) { [self] in resume(request, .known(mac)) }
            } else if attempt < Self.patience.count && found != .failed {
                loop.events.schedule(after: .milliseconds(Self.patience[attempt])) { [self] in
                    find(request, attempt: attempt + 1)
                }
            } else {
                giveUp(request)
            }
        }
    }

    /// Goes on without the link-layer address. The kernel forgets the sender, too: one table has the IPv6
    /// neighbours of all namespaces, and whoever makes senders up must not fill it.
    private func giveUp(_ request: ParkedRequest) {
        control.withLock { control in
            guard let device = control.place?.device else { return }
            _ = try? control.netlink?.apply([.remove(.v6(request.arrival.source))], device: device)
        }
        loop.events.schedule(after: .zero) { [self] in resume(request, .unknown) }
    }

    /// Answers a parked request with what was found out.
    private func resume(_ request: ParkedRequest, _ linkLayer: DHCPv6Arrival.LinkLayer) {
        let batch = loop.batch
        var arrival = request.arrival
        arrival.linkLayer = linkLayer
        batch.answersV6.removeAll(keepingCapacity: true)
        let isOpen = traffic.withLock { traffic in
            let hadPlace = traffic.unpark(request.number)
            if traffic.isClosed { return false }
            let now = EngineTime(rawValue: monotonicNanoseconds() / 1000)
            // One that had to give way is not asked about again.
            let outcome =
                hadPlace
                ? Self.answer(request.bytes.span.bytes, arrival, now, batch, &traffic) : .needsLinkLayer
            note(outcome, request.bytes.span.bytes, arrival, wallMicroseconds(), &traffic)
            return true
        }
        if isOpen { sendV6(request.socket) }
    }
}
