import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// Relay agents (RFC 1542, RFC 3046, RFC 3527, RFC 5107), subnet selection (RFC 3011) and who is who.
@Suite struct V4RelayTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)
    let away = IPv4Address(10, 9, 0, 7)
    let relay = IPv4Address(10, 9, 0, 1)

    /// A network whose port A lives behind the relay.
    func network(_ change: (inout DHCPv4Configuration) -> Void = { _ in }) throws -> V4Network {
        var network = try V4Network(change)
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA), (2, away)))
        return network
    }

    func relayed(_ message: DHCPv4Message, by relay: IPv4Address) -> DHCPv4Message {
        var message = message
        message.giaddr = relay
        message.hops = 1
        return message
    }

    let arrival = DHCPv4Arrival(
        source: IPv4Address(10, 9, 0, 1), sourcePort: 67, destination: V4Network.server)

    // MARK: giaddr

    @Test("a relay of a subnet that is not on our link gets an address of it, at its port 67")
    func relayedDiscover() throws {
        var network = try network()
        let exchange = try network.ask(relayed(client.discover(), by: relay), arrival)
        let offer = try exchange.message()
        #expect(try exchange.answer().destination == .unicast(relay, port: 67))
        #expect(try exchange.answer().server == V4Network.server)
        #expect(offer.yiaddr == away)
        #expect(offer.giaddr == relay)
        #expect(offer.flags == 0)
        #expect(offer[option: 3] == [10, 9, 0, 1])
        #expect(try offer.serverIdentifier() == V4Network.server)
    }

    @Test("the server identifier for a subnet that is not ours is the address that the relay sent to")
    func relayedToOtherAddress() throws {
        var network = try network()
        let second = IPv4Address(10, 0, 1, 2)
        let offer = try network.ask(
            relayed(client.discover(), by: relay), DHCPv4Arrival(source: relay, destination: second))
        #expect(try offer.answer().server == second)
        #expect(try network.ask(relayed(client.select(away, from: second), by: relay)).answer().reply == .ack)
    }

    @Test("where we have no address on any subnet, it is whatever the relay sent to")
    func onlyRelayed() throws {
        var network = try V4Network { $0.subnets = [$0.subnets[2]] }
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, away)))
        let server = IPv4Address(192, 0, 2, 7)
        let arrival = DHCPv4Arrival(source: relay, destination: server)
        let offer = try network.ask(relayed(client.discover(), by: relay), arrival)
        #expect(try offer.answer().server == server)
        #expect(
            try network.ask(relayed(client.select(away, from: server), by: relay), arrival).answer().reply
                == .ack)
        #expect(
            try network.ask(relayed(client.select(away, from: own), by: relay), arrival).dropped
                == .otherServer)
        #expect(try network.ask(relayed(client.discover(), by: relay)).dropped == .noSubnet)
    }

    @Test("through a relay the whole exchange works")
    func wholeExchange() throws {
        var network = try network()
        for message in [client.select(away), client.reboot(away), client.renew(away)] {
            let exchange = try network.ask(relayed(message, by: relay), arrival)
            #expect(try exchange.answer().reply == .ack)
            #expect(try exchange.answer().destination == .unicast(relay, port: 67))
            #expect(try exchange.message().yiaddr == away)
        }
    }

    @Test("a NAK goes to the relay with the broadcast bit set (RFC 2131 section 4.3.2)")
    func relayedNAK() throws {
        var network = try network()
        for message in [client.select(own), client.reboot(IPv4Address(10, 9, 0, 99)), client.renew(own)] {
            let exchange = try network.ask(relayed(message, by: relay), arrival)
            #expect(try exchange.answer().reply == .nak)
            #expect(try exchange.answer().destination == .unicast(relay, port: 67))
            #expect(try exchange.message().flags == DHCPv4Message.broadcastFlag)
            #expect(try exchange.message().giaddr == relay)
        }
    }

    @Test("a port's address of another subnet than the relay's is a NAK, a DISCOVER silence")
    func wrongRelay() throws {
        var network = try V4Network()
        #expect(
            try network.ask(relayed(client.reboot(own), by: relay), arrival).message().text(56)
                == "wrong network")
        #expect(try network.ask(relayed(client.discover(), by: relay), arrival).dropped == .noAddressOnSubnet)
    }

    @Test("a port's own address on a subnet where only we have none is no NAK: other agents confirm it")
    func ownAddressElsewhere() throws {
        var network = try network()
        for message in [client.reboot(away), client.select(away)] {
            #expect(try network.ask(message).dropped == .noAddressOnSubnet)
        }
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own), (2, away)))
        #expect(try network.ask(client.reboot(away)).dropped == .noAddressOnSubnet)
        #expect(try network.ask(client.reboot(own)).answer().reply == .ack)
        #expect(try network.ask(client.reboot(IPv4Address(10, 9, 0, 8))).answer().reply == .nak)
    }

    @Test("a relay agent that says so is answered at the port that it sent from (RFC 8357)")
    func relaySourcePort() throws {
        var network = try network()
        let from = DHCPv4Arrival(source: relay, sourcePort: 40_000, destination: V4Network.server)
        func destination(_ data: [UInt8], _ message: DHCPv4Message) throws -> DHCPv4Destination {
            var message = relayed(message, by: relay)
            message[option: 82] = data
            return try network.ask(message, from).answer().destination
        }
        #expect(try destination([1, 1, 9, 19, 0], client.discover()) == .unicast(relay, port: 40_000))
        #expect(try destination([1, 1, 9], client.discover()) == .unicast(relay, port: 67))
        let nak = client.reboot(IPv4Address(10, 9, 0, 8))
        #expect(try destination([19, 0], nak) == .unicast(relay, port: 40_000))
    }

    @Test("a renewing client behind a router that is known by its identifier alone is answered by unicast")
    func remoteIdentifier() throws {
        var network = try network()
        var host = V4Network.host(V4Network.portA, V4Network.mac(0xA), (2, away))
        host.clientIdentifier = [0, 5]
        network.engine.insert(host)
        var bond = client
        bond.mac = V4Network.mac(0x77)
        let ack = try network.ask(bond.renew(away, [61: [0, 5]]), .unicast(from: away, port: 1068)).answer()
        #expect(ack.reply == .ack)
        #expect(ack.destination == .unicast(away, port: 1068))
    }

    @Test("a relay of a subnet that nobody knows gets silence")
    func unknownRelay() throws {
        var network = try network()
        #expect(
            try network.ask(relayed(client.discover(), by: IPv4Address(192, 0, 2, 1))).dropped == .noSubnet)
    }

    @Test("a relay on our own link is served, too, each subnet by itself")
    func localRelay() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own), (1, IPv4Address(10, 0, 1, 10))))
        let exchange = try network.ask(relayed(client.discover(), by: IPv4Address(10, 0, 1, 60)))
        #expect(try exchange.message().yiaddr == IPv4Address(10, 0, 1, 10))
        #expect(try exchange.answer().destination == .unicast(IPv4Address(10, 0, 1, 60), port: 67))
        #expect(try exchange.answer().server == IPv4Address(10, 0, 1, 2))
    }

    @Test("INFORM and BOOTP through a relay go back to it")
    func otherMessages() throws {
        var network = try network()
        for message in [client.message(.inform, ciaddr: away), client.message(nil)] {
            #expect(
                try network.ask(relayed(message, by: relay), arrival).answer().destination
                    == .unicast(relay, port: 67))
        }
    }

    // MARK: Option 82

    @Test("option 82 comes back as it was, and last, in NAKs too (RFC 3046)")
    func relayInformation() throws {
        var network = try network()
        let information: [UInt8] = [1, 4, 0x65, 0x74, 0x68, 0x30, 2, 3, 1, 2, 3, 151, 1, 0]
        let options: [UInt8: [UInt8]] = [61: [1, 2, 3], 81: [0, 0, 0], 82: information]
        for message in [client.discover(options), client.select(away, options), client.select(own, options)] {
            let reply = try network.ask(relayed(message, by: relay), arrival).message()
            #expect(reply.options.last == DHCPv4Option(82, information))
        }
        let direct = try network.ask(client.message(.inform, ciaddr: away, options)).message()
        #expect(direct.options.last == DHCPv4Option(82, information))
    }

    @Test("option 82 keeps its room in a reply that is cut to size, in pieces where it is long")
    func longRelayInformation() throws {
        var network = try network {
            $0.subnets[2].options += (0..<3).map { DHCPv4Option(224 + $0, Array(repeating: 1, count: 200)) }
        }
        let suboption = [UInt8]([9, 98]) + Array(repeating: 7, count: 98)
        var client = client
        client.requestedOptions = [1, 3, 224, 225, 226]
        for count in [1, 2] {
            let information = Array(repeating: suboption, count: count).flatMap(\.self)
            let exchange = try network.ask(
                relayed(client.discover([82: information]), by: relay), arrival)
            #expect(exchange.bytes.count <= 548)
            #expect(try exchange.message()[option: 82] == information)
        }
        // With this the rest of the 548 bytes is too short for what must be said.
        let tooMuch = Array(repeating: suboption, count: 3).flatMap(\.self)
        #expect(
            try network.ask(relayed(client.discover([82: tooMuch]), by: relay), arrival).dropped
                == .replyDoesNotFit)
    }

    @Test("link selection names the subnet, the answer goes to the relay all the same (RFC 3527)")
    func linkSelection() throws {
        var network = try network()
        let relay = IPv4Address(10, 0, 0, 60)
        let exchange = try network.ask(
            relayed(client.discover([82: [1, 1, 9, 5, 4, 10, 9, 0, 0]]), by: relay), arrival)
        #expect(try exchange.message().yiaddr == away)
        #expect(try exchange.answer().destination == .unicast(relay, port: 67))
        #expect(
            try network.ask(
                relayed(client.discover([82: [5, 4, 192, 0, 2, 0]]), by: relay), arrival
            ).dropped == .noSubnet)
    }

    @Test(
        "a sub-option that is cut short, or none, is not looked at",
        arguments: [
            [], [5], [5, 4, 10], [5, 2, 10, 9], [5, 4, 0, 0, 0, 0], [1, 200, 5, 4, 10, 0, 0, 0],
        ] as [[UInt8]])
    func brokenInformation(information: [UInt8]) throws {
        var network = try network()
        let offer = try network.ask(relayed(client.discover([82: information]), by: relay), arrival).message()
        #expect(offer.yiaddr == away)
        #expect(offer[option: 82] == information)
    }

    @Test("a server identifier override is what the client hears, and we answer to it (RFC 5107)")
    func override() throws {
        var network = try network()
        let information: [UInt8: [UInt8]] = [82: [11, 4, 10, 9, 0, 1]]
        let offer = try network.ask(relayed(client.discover(information), by: relay), arrival)
        #expect(try offer.message().serverIdentifier() == relay)
        #expect(try offer.answer().server == V4Network.server)
        let ack = try network.ask(
            relayed(client.select(away, from: relay, information), by: relay), arrival)
        #expect(try ack.answer().reply == .ack)
        #expect(try ack.message().serverIdentifier() == relay)
        let nak = try network.ask(relayed(client.select(own, from: relay, information), by: relay), arrival)
        #expect(try nak.message().serverIdentifier() == relay)
        #expect(
            try network.ask(relayed(client.select(away, from: relay), by: relay), arrival).dropped
                == .otherServer)
        let release = client.message(
            .release, ciaddr: away, [54: relay.octets, 82: [11, 4, 10, 9, 0, 1]])
        #expect(try network.ask(release).dropped == .released)
    }

    // MARK: Option 118

    @Test("subnet selection names the subnet and comes back (RFC 3011); link selection goes before it")
    func subnetSelection() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own), (1, IPv4Address(10, 0, 1, 10))))
        let offer = try network.ask(client.discover([118: [10, 0, 1, 0]])).message()
        #expect(offer.yiaddr == IPv4Address(10, 0, 1, 10))
        #expect(offer[option: 118] == [10, 0, 1, 0])
        #expect(try network.ask(client.discover([118: [192, 0, 2, 0]])).dropped == .noSubnet)
        let both = try network.ask(client.discover([118: [10, 0, 1, 0], 82: [5, 4, 10, 0, 0, 0]])).message()
        #expect(both.yiaddr == own)
        let odd = try network.ask(client.discover([118: [10, 0]])).message()
        #expect(odd.yiaddr == own)
        #expect(odd[option: 118] == nil)
    }
}
