import Addressing
import DHCPEngine
import DHCPMessages

/// What holds for the DHCPv6 engine of a fixed network, whatever the bytes.
enum DHCPv6EngineProperties {
    private static let capacity = 1500

    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        for arrival in arrivals {
            let (outcome, reply) = answer(bytes, arrival)
            let (again, sameReply) = answer(bytes, arrival)
            try require(outcome == again && reply == sameReply, "two answers to one request differ")
            if case .needsLinkLayer = outcome {
                try require(arrival.linkLayer == .unasked, "the link layer is asked for twice")
            }
            if case .answered(let answer) = outcome { try check(reply, answer, bytes, arrival) }
        }
    }

    private static func answer(_ bytes: [UInt8], _ arrival: DHCPv6Arrival) -> (DHCPv6Outcome, [UInt8]) {
        var engine = FuzzNetwork.engine6
        var outcome: DHCPv6Outcome?
        let reply = written(capacity: capacity) { output in
            outcome = engine.answer(bytes.span.bytes, arrival, now: .init(rawValue: 1), into: &output)
        }
        return (outcome ?? .needsLinkLayer, reply)
    }

    private static func check(
        _ reply: [UInt8], _ answer: DHCPv6Answer, _ bytes: [UInt8], _ arrival: DHCPv6Arrival
    ) throws(PropertyFailure) {
        guard let request = try? DHCPv6RelayedMessage(parsing: bytes) else {
            throw PropertyFailure("what cannot be parsed is answered")
        }
        guard let parsed = try? DHCPv6RelayedMessage(parsing: reply),
            case .plain(let type, let transactionID, _) = parsed.message,
            case .plain(let asked, let askedID, _) = request.message
        else { throw PropertyFailure("the reply cannot be parsed") }
        try require(!reply.isEmpty && reply.count <= capacity, "the reply has \(reply.count) bytes")
        try require(transactionID == askedID, "the transaction is another")
        try require(type == answer.reply && asked == answer.request, "the outcome says another type")
        try require(type == .advertise || type == .reply, "the reply is a \(type)")
        try require(
            parsed.relays.map(\.peerAddress) == request.relays.map(\.peerAddress)
                && parsed.relays.map(\.linkAddress) == request.relays.map(\.linkAddress),
            "the reply goes another way back")
        for (back, forth) in zip(parsed.relays, request.relays) {
            try require(back[option: 18] == forth[option: 18], "the relay's interface is not echoed")
        }
        // An empty DUID is none.
        let named = request.message.options.first { $0.code == 1 && !$0.data.isEmpty }?.data
        try require(parsed.message[option: 1] == named, "the client's DUID is another")
        try checkAddresses(parsed.message, answer)
        if arrival.linkLayer == .known(FuzzNetwork.mac(1)), request.relays.isEmpty, let port = answer.port,
            port != FuzzNetwork.port(1)
        {
            let known = FuzzNetwork.engine6.host(of: port)?.clientIdentifier
            try require(
                namesPort(request.message, known, port), "port 1's machine is taken for port \(port.rawValue)"
            )
        }
    }

    /// Whether the client's DUID is the port's own, or made of its MAC address.
    private static func namesPort(_ message: DHCPv6Message, _ known: [UInt8]?, _ port: PortIdentity) -> Bool {
        guard let duid = message[option: 1] else { return false }
        if duid == known { return true }
        guard let mac = FuzzNetwork.engine6.host(of: port)?.mac else { return false }
        return (try? DUID(parsing: duid))?.linkLayerAddress == mac.octets
    }

    /// Usable addresses in the reply are only ever those of the port.
    private static func checkAddresses(
        _ message: DHCPv6Message, _ answer: DHCPv6Answer
    ) throws(PropertyFailure) {
        for option in message.options where option.code == 3 {
            guard let association = try? DHCPv6IdentityAssociation(parsing: option.data),
                let addresses = try? association.addresses()
            else { throw PropertyFailure("an association in the reply is malformed") }
            for address in addresses where address.validLifetime > 0 {
                guard let port = answer.port, let host = FuzzNetwork.engine6.host(of: port) else {
                    throw PropertyFailure("an address without a port")
                }
                try require(
                    host.addresses.contains { $0.address == address.address },
                    "\(address.address) is not the port's")
                try require(
                    address.preferredLifetime <= address.validLifetime, "preferred for longer than valid")
            }
        }
    }

    /// From the ports' machines, from one whose link-layer address is still to be found, from a stranger and
    /// from a relay.
    private static let arrivals: [DHCPv6Arrival] = [
        arrival(.known(FuzzNetwork.mac(1))), arrival(.known(FuzzNetwork.mac(2))), arrival(.unasked),
        arrival(.unknown),
        DHCPv6Arrival(
            source: FuzzNetwork.address(1, 1), sourcePort: 547, destination: FuzzNetwork.address(0, 2),
            linkLayer: .unasked),
    ]

    private static func arrival(_ linkLayer: DHCPv6Arrival.LinkLayer) -> DHCPv6Arrival {
        DHCPv6Arrival(
            source: IPv6Address(rawValue: 0xFE80 << 112 | 9),
            destination: IPv6Address(rawValue: 0xFF02 << 112 | 0x1_0002), linkLayer: linkLayer)
    }
}
