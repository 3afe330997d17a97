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

// DHCPv4 packets, on the loop's thread.
extension NetworkServer {
    /// Answers the datagrams of the last receive, all replies with one call.
    func answerV4(_ descriptor: Int32, _ count: Int) {
        let batch = loop.batch
        let nanoseconds = monotonicNanoseconds()
        let now = EngineTime(rawValue: nanoseconds / 1000)
        let time = wallMicroseconds()
        batch.answers.removeAll(keepingCapacity: true)
        batch.strangers.removeAll(keepingCapacity: true)
        batch.leases.removeAll(keepingCapacity: true)
        batch.places.removeAll(keepingCapacity: true)
        traffic.withLock { traffic in
            if traffic.isClosed { return }
            for index in 0..<count { batch.places.append(batch.chaddr(index).flatMap(traffic.v4.place(of:))) }
            for index in 0..<count {
                let arrival = batch.arrival(index)
                let place = batch.answers.count
                let buffer = batch.reply(place)
                let (outcome, length) =
                    refusesForeignSources && arrival.length == CL_FOREIGN_LENGTH
                    ? (.dropped(.sourceMismatch, request: nil, port: nil), 0)
                    : Self.answer(arrival, batch.places[index], now, &traffic, into: buffer)
                switch outcome {
                case .answered(let answer):
                    traffic.counters.answered(answer.request, answer.reply)
                    traffic.ring.append(
                        OutcomeRecord(
                            time: time, exchange: .v4(request: answer.request, reply: answer.reply),
                            port: answer.port, mac: answer.mac,
                            address: answer.address == .any ? nil : .v4(answer.address)))
                    let (destination, port, source) = Self.destination(of: answer, &traffic)
                    batch.address(place, length: length, to: destination, port: port, from: source)
                    batch.answers.append(answer)
                    if answer.reply == .ack && answer.leaseTime > 0 {
                        batch.leases.append((arrival: index, answer: place, number: nil))
                    }
                case .dropped(let reason, let request, let port):
                    if reason == .sourceMismatch { traffic.counters.foreignSources(1) }
                    let mac = arrival.chaddr
                    traffic.counters.dropped(reason, request)
                    traffic.ring.append(
                        OutcomeRecord(
                            time: time, exchange: .v4(request: request, reply: nil), drop: reason, port: port,
                            mac: mac))
                    if reason == .unknownClient || isVerbose, let mac {
                        batch.strangers.append((mac, reason, request))
                    }
                }
            }
            // Before a change of the ports has its turn: what it forgets must not come back.
            if !batch.leases.isEmpty { recordLeases(time) }
        }
        if !batch.answers.isEmpty { sendV4(descriptor) }
        for (mac, reason, request) in batch.strangers { tell(mac, reason, request, nanoseconds) }
        if isVerbose { for answer in batch.answers { tell(answer) } }
    }

    private static func answer(
        _ arrival: cl_arrival, _ place: DHCPv4PortPlace?, _ now: EngineTime, _ traffic: inout Traffic,
        into buffer: UnsafeMutableRawBufferPointer
    ) -> (DHCPv4Outcome, Int) {
        if arrival.truncated != 0 { return (.dropped(.truncated, request: nil, port: nil), 0) }
        var reply = OutputRawSpan(buffer: buffer, initializedCount: 0)
        let outcome = traffic.v4.answer(
            arrival.contents.bytes,
            DHCPv4Arrival(
                source: arrival.sourceV4, sourcePort: arrival.source_port, destination: arrival.destinationV4,
                place: place),
            now: now, into: &reply)
        return (outcome, reply.finalize(for: buffer))
    }

    /// Where a reply goes, and our address that it comes from; `.any` where the kernel chooses that one
    /// anyway: the way to a neighbour begins at our address on its subnet, and saying so takes time.
    private static func destination(
        of answer: DHCPv4Answer, _ traffic: inout Traffic
    ) -> (IPv4Address, UInt16, from: IPv4Address) {
        switch answer.destination {
        case .broadcast: return (.broadcast, 68, answer.server)
        case .unicast(let address, let port): return (address, port, answer.server)
        case .neighbour(let address, _):
            if traffic.withoutNeighbour.isEmpty || !traffic.withoutNeighbour.contains(address) {
                return (address, 68, .any)
            }
            traffic.counters.fellBack()
            return (.broadcast, 68, answer.server)
        }
    }

    /// Sends the batch's replies; what cannot go to its client's address goes by broadcast.
    private func sendV4(_ descriptor: Int32) {
        let batch = loop.batch
        batch.send(descriptor, count: batch.answers.count) { index, _ in
            let answer = batch.answers[index]
            var wentOut = false
            if case .neighbour = answer.destination {
                batch.readdress(index, to: .broadcast, port: 68, from: answer.server)
                wentOut = batch.sendOne(descriptor, index)
            }
            traffic.withLock { traffic in
                if wentOut {
                    traffic.counters.fellBack()
                } else {
                    traffic.counters.sendFailed(answer.reply)
                    traffic.ring.append(
                        OutcomeRecord(
                            time: wallMicroseconds(), exchange: .v4(request: answer.request, reply: nil),
                            drop: .sendFailed, port: answer.port, mac: answer.mac))
                }
            }
        }
    }

    // MARK: Words

    private func tell(_ answer: DHCPv4Answer) {
        let address = answer.address == .any ? "" : " \(answer.address)"
        let reply = answer.reply.map { "DHCP\($0)" } ?? "BOOTP reply"
        let request = answer.request.map { "DHCP\($0)" } ?? "BOOTP request"
        say("\(request) \(answer.mac): \(reply)\(address)")
    }

    private func tell(
        _ mac: MACAddress, _ reason: DropReason, _ request: DHCPv4MessageType?, _ now: UInt64
    ) {
        if reason == .unknownClient {
            let client = mac.rawValue ^ UInt64(truncatingIfNeeded: network.rawValue)
            surroundings.strangers.tell(
                client, now: now, log: surroundings.log, network: network,
                "no port has the address \(mac) that asks for an IPv4 address")
        }
        if isVerbose {
            say("\(request.map { "DHCP\($0)" } ?? "request") \(mac): dropped, \(reason.rawValue)")
        }
    }
}
