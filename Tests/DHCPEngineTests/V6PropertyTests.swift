import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// Reproducible random numbers (SplitMix64).
struct V6Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

/// What must hold for every packet.
@Suite struct V6PropertyTests {
    /// Ten ports with one to three addresses on two stateful subnets and a stateless one.
    func network() throws -> V6Network {
        let subnets = [
            try V6Network.subnet(options: [DHCPv6Option(23, Array(repeating: 1, count: 16))]),
            try V6Network.subnet("2001:db8:2::/64"),
            try V6Network.subnet(
                "2001:db8:3::/64", isStateful: false, options: [DHCPv6Option(24, [1, 0x61, 0])]),
        ]
        let hosts = try (1...10).map { number in
            try V6Network.host(
                PortIdentity(rawValue: UInt128(number)), V6Network.mac(UInt8(number)),
                (0...number % 3).map { "2001:db8:\($0 + 1)::\(number)" }, subnets: Array(0...number % 3))
        }
        return try V6Network(subnets, hosts: hosts) { $0.limits = .unlimited }
    }

    /// Checks what must hold: a reply parses, gives no address of another port or of a stateless subnet,
    /// names each address once, has both identifiers, and is no longer than it may be.
    func check(
        _ exchange: V6Exchange, _ network: V6Network, input: @autoclosure () -> [UInt8]
    ) throws {
        guard let answer = exchange.answer else {
            #expect(exchange.bytes.isEmpty)
            return
        }
        var message = try DHCPv6Message(parsing: exchange.bytes)
        while case .relay(let type, _, _, _, let options) = message {
            #expect(type == .relayReply)
            message = try DHCPv6Message(parsing: try #require(options.first { $0.code == 9 }).data)
        }
        #expect(exchange.bytes.count <= 1232)
        #expect(message.type == answer.reply)
        #expect(message[option: 2] == V6Network.server)
        #expect(message[option: 1] ?? [] == answer.clientIdentifier)
        var own: Set<IPv6Address> = []
        if let port = answer.port {
            let host = try #require(network.engine.host(of: port))
            own = Set(host.addresses.filter { $0.subnet < 2 }.map(\.address))
        }
        var given: [IPv6Address] = []
        for option in message.options where option.code == 3 {
            let association = try DHCPv6IdentityAssociation(parsing: option.data)
            given += try association.addresses().filter { $0.validLifetime > 0 }.map(\.address)
            #expect(association.renewalTime <= association.rebindingTime)
        }
        #expect(own.isSuperset(of: given), "\(input())")
        #expect(Set(given).count == given.count, "\(input())")
        #expect(own.isSuperset(of: answer.addresses), "\(input())")
    }

    func randomBytes(_ range: ClosedRange<Int>, _ random: inout V6Random) -> [UInt8] {
        (0..<Int.random(in: range, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    func arrival(_ random: inout V6Random) throws -> DHCPv6Arrival {
        var arrival = try V6Network.arrival(V6Network.mac(UInt8.random(in: 1...12, using: &random)))
        if Int.random(in: 0..<4, using: &random) == 0 {
            arrival.source = IPv6Address(rawValue: 0xFE80 << 112 | UInt128.random(in: 0...9, using: &random))
            arrival.linkLayer =
                [.unasked, .unknown, .known(V6Network.mac(UInt8.random(in: 1...12, using: &random)))]
                .randomElement(using: &random) ?? .unasked
        }
        return arrival
    }

    @Test func randomBytesNeverTrap() throws {
        var network = try network()
        var random = V6Random(state: 1)
        for _ in 0..<6_000 {
            var bytes = randomBytes(0...200, &random)
            if !bytes.isEmpty { bytes[0] = UInt8.random(in: 0...15, using: &random) }
            try check(network.send(bytes, arrival(&random)), network, input: bytes)
        }
    }

    /// A plausible message of any type with random associations, DUID, options, relays.
    func message(_ random: inout V6Random) throws -> DHCPv6Message {
        let type = DHCPv6MessageType(rawValue: UInt8.random(in: 1...12, using: &random))
        var options: [DHCPv6Option] = []
        if Int.random(in: 0..<20, using: &random) > 0 {
            let mac = V6Network.mac(UInt8.random(in: 1...12, using: &random))
            options.append(
                DHCPv6Option(
                    1,
                    Bool.random(using: &random) ? [0, 3, 0, 1] + mac.octets : randomBytes(1...140, &random)))
        }
        if [3, 5, 8, 9].contains(type.rawValue) != (Int.random(in: 0..<20, using: &random) == 0) {
            options.append(DHCPv6Option(2, V6Network.server))
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let named = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                "2001:db8:\(Int.random(in: 1...4, using: &random))::\(Int.random(in: 1...11, using: &random))"
            }
            var association = try V6Client.association(UInt32.random(in: 0...3, using: &random), named)
            association.code = [3, 3, 3, 4, 25].randomElement(using: &random) ?? 3
            if type != .informationRequest { options.append(association) }
        }
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            let code = [6, 8, 14, 15, 16, 17, 20, 39, 61, 999].randomElement(using: &random) ?? 6
            options.append(DHCPv6Option(UInt16(code), randomBytes(0...20, &random)))
        }
        options.shuffle(using: &random)
        var message = DHCPv6Message.plain(
            type: type == .relayForward ? .solicit : type,
            transactionID: UInt32.random(in: 0...0xFF_FFFF, using: &random), options: options)
        if Int.random(in: 0..<3, using: &random) == 0 {
            for hops in UInt8(0)...UInt8.random(in: 0...9, using: &random) {
                let link =
                    ["::", "2001:db8:1::1", "2001:db8:2::1", "2001:db8:9::1"].randomElement(using: &random)
                    ?? "::"
                var options = [DHCPv6Option(9, try message.serialized())]
                if Bool.random(using: &random) {
                    options.append(DHCPv6Option(18, randomBytes(0...9, &random)))
                }
                if Int.random(in: 0..<4, using: &random) == 0 {
                    let mac = V6Network.mac(UInt8.random(in: 1...12, using: &random))
                    options.append(DHCPv6Option(79, [0, 1] + mac.octets))
                }
                message = .relay(
                    type: .relayForward, hopCount: hops, linkAddress: try V6Network.v6(link),
                    peerAddress: V6Network.mac(UInt8.random(in: 1...12, using: &random)).linkLocal,
                    options: options)
            }
        }
        return message
    }

    @Test func plausibleMessagesGetRightAnswersOrNone() throws {
        var network = try network()
        var random = V6Random(state: 2)
        var answered: [DHCPv6MessageType: Int] = [:]
        for _ in 0..<6_000 {
            let bytes = try message(&random).serialized()
            let exchange = try network.send(bytes, arrival(&random))
            try check(exchange, network, input: bytes)
            if let answer = exchange.answer { answered[answer.request, default: 0] += 1 }
        }
        for type in UInt8(1)...11 where ![2, 7, 10].contains(type) {
            #expect(answered[DHCPv6MessageType(rawValue: type), default: 0] > 100, "type \(type)")
        }
    }

    @Test func damagedMessagesNeverTrap() throws {
        var network = try network()
        var random = V6Random(state: 3)
        for _ in 0..<6_000 {
            var bytes = try message(&random).serialized()
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let at = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes[at] ^= 1 << UInt8.random(in: 0...7, using: &random)
                default: if bytes.count > 1 { bytes.remove(at: at) }
                }
            }
            try check(network.send(bytes, arrival(&random)), network, input: bytes)
        }
    }

    @Test func theLargestPacketIsAnsweredInBoundedTimeAndSpace() throws {
        var network = try network()
        var header = try V6Client().message(.solicit).serialized()
        for filler in [DHCPv6Option(999, []), DHCPv6Option(6, [0, 23]), DHCPv6Option(15, [0, 0])] {
            var bytes = header
            let option = try DHCPv6Option.serialize([filler])
            while bytes.count + option.count <= 65_000 { bytes += option }
            let exchange = try network.send(bytes, V6Network.arrival(V6Network.mac(1)))
            #expect(exchange.answer?.addresses.count == 2)
            #expect(exchange.bytes.count <= 1232)
        }
        // One option request with all codes there are, twice.
        header += [0, 6, 0xFD, 0xE8] + [UInt8](repeating: 23, count: 65_000)
        #expect(try network.send(header, V6Network.arrival(V6Network.mac(1))).answer != nil)
        // Associations without end.
        var message = try V6Client().message(.renew, server: V6Network.server).serialized()
        let association = try DHCPv6Option.serialize([V6Client.association(1, ["2001:db8:9::1"])])
        while message.count + association.count <= 65_000 { message += association }
        let exchange = try network.send(message, V6Network.arrival(V6Network.mac(1)))
        #expect(try exchange.associations().count == 16)
        #expect(exchange.bytes.count < 2000)
    }

    @Test func aPortsAddressDoesNotDependOnWhatCameBefore() throws {
        var random = V6Random(state: 4)
        var busy = try network()
        for _ in 0..<500 { _ = try busy.send(message(&random), arrival(&random)) }
        var fresh = try network()
        for number in UInt8(1)...10 {
            let arrival = try V6Network.arrival(V6Network.mac(number))
            let solicit = try V6Client().message(.solicit)
            #expect(try busy.send(solicit, arrival).bytes == fresh.send(solicit, arrival).bytes)
        }
    }
}

extension V6PropertyTests {
    @Test func theHostTableIsRightAfterAnyChanges() throws {
        var random = V6Random(state: 6)
        var engine = try V6Network(hosts: []).engine
        var known: [PortIdentity: DHCPv6Host] = [:]
        for step in 0..<5000 {
            let port = PortIdentity(rawValue: UInt128.random(in: 1...200, using: &random))
            if Int.random(in: 0..<3, using: &random) == 0 {
                engine.remove(port)
                known[port] = nil
            } else {
                // The MAC belongs to the port, so that no two have the same.
                var host = try V6Network.host(
                    port, MACAddress(rawValue: UInt64(port.rawValue) << 8 | UInt64(step % 2)),
                    (0..<step % 3).map { "2001:db8:1::\(port.rawValue)\($0)" }, subnets: [0, 0])
                if step % 4 == 0 { host.clientIdentifier = [0, 4, UInt8(port.rawValue & 0xFF), 1] }
                if step % 5 == 0 { host.hostName = "host" }
                engine.insert(host)
                known[port] = host
            }
            #expect(engine.hostCount == known.count)
            #expect(engine.host(of: port) == known[port])
        }
        for (port, host) in known {
            #expect(engine.host(of: port) == host)
            var network = try V6Network(hosts: [])
            network.engine = engine
            let solicit = try V6Client().message(.solicit)
            #expect(try network.send(solicit, V6Network.arrival(host.mac)).answer?.port == port)
            guard let identifier = host.clientIdentifier else { continue }
            var client = V6Client()
            client.duid = identifier
            let elsewhere = try V6Network.arrival(V6Network.mac(0xFF)).known(V6Network.mac(0xFF))
            #expect(try network.send(client.message(.solicit), elsewhere).answer?.port == port)
        }
    }
}
