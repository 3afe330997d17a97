import Addressing
import DHCPEngine
import DHCPMessages

// What must hold.
extension Simulation {
    mutating func violate(_ text: String) {
        if report.violations.count < 100 {
            report.violations.append("\(Double(now) / 1_000_000) s: \(text)")
        }
    }

    /// Looks at what an agent made of a request.
    mutating func check(_ request: DHCPv4Message, _ outcome: DHCPv4Outcome) {
        guard let mac = MACAddress(octets: request.chaddr) else { return }
        let lag = UInt64(plan.lagMilliseconds) * 1000
        let known = history.addresses(of: mac, now: now, lag: lag)
        switch outcome {
        case .answered(let answer):
            count(answer.reply?.description ?? "BOOTP")
            if answer.reply == .nak {
                let wanted = ((try? request.requestedAddress()) ?? nil) ?? request.ciaddr
                if known == [wanted] { violate("a NAK to \(mac) for \(wanted), which is its own") }
            } else if !known.contains(answer.address) {
                violate("\(answer.address) for \(mac), whose it is not")
            }
        case .dropped(let reason, _, _):
            count(reason.rawValue)
            switch reason {
            case .otherServer, .released, .declined: return
            case .unknownClient:
                if !known.contains(nil) { violate("silence for \(mac), which has a port") }
            default: violate("\(reason.rawValue) for \(mac)")
            }
        }
    }

    private mutating func count(_ name: String) { report.counts[name, default: 0] += 1 }

    /// Asks another agent that knows the same: it must say the same, its own address aside.
    mutating func compare(_ bytes: [UInt8], _ arrival: DHCPv4Arrival, _ index: Int, _ exchange: Exchange) {
        for other in agents.indices
        where other != index && agents[other].isUp && agents[other].version == agents[index].version {
            // A copy, so that its token buckets stay as they are.
            var engine = agents[other].engine
            var arrival = arrival
            var bytes = bytes
            if var request = try? DHCPv4Message(parsing: bytes), request[option: 54] != nil {
                request[option: 54] = agents[other].address.octets
                bytes = (try? request.serialized()) ?? bytes
                guard case .answered = exchange.outcome else { continue }
            }
            if arrival.destination == agents[index].address { arrival.destination = agents[other].address }
            let reply = Self.ask(&engine, bytes, arrival, now)
            guard Self.comparable(reply) == Self.comparable(exchange) else {
                violate("agents \(index) and \(other) disagree: \(exchange.outcome), \(reply.outcome)")
                continue
            }
            report.comparisons += 1
        }
    }

    private static func comparable(_ exchange: Exchange) -> DHCPv4Message? {
        guard case .answered = exchange.outcome, var message = try? DHCPv4Message(parsing: exchange.bytes)
        else { return nil }
        message[option: 54] = nil
        message.siaddr = .any
        return message
    }

    /// Looks whether another machine uses the address that a machine has now, and has a right to it.
    mutating func noteAddress(_ index: Int) {
        let client = machines[index].client
        for (address, user) in users where user == index && address != client.address { users[address] = nil }
        guard let address = client.address else { return }
        if let other = users[address], other != index {
            let rival = machines[other].client
            if rival.address == address, rival.state != .off,
                history.address(of: rival.mac) == address, history.address(of: client.mac) == address
            {
                violate("\(client.mac) and \(rival.mac) both have \(address)")
            }
        }
        users[address] = index
    }
}
