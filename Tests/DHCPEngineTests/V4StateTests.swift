import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// RFC 2131 section 4.3: what a message in each state of a client gets.
@Suite struct V4StateTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)
    let others = IPv4Address(10, 0, 0, 11)

    // MARK: DISCOVER

    @Test("a DISCOVER gets an OFFER of the port's address")
    func discover() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.discover())
        let (answer, offer) = (try exchange.answer(), try exchange.message())
        #expect(answer.request == .discover)
        #expect(answer.reply == .offer)
        #expect(answer.port == V4Network.portA)
        #expect(answer.address == own)
        #expect(answer.mac == client.mac)
        #expect(answer.server == V4Network.server)
        #expect(answer.leaseTime == 86_400)
        #expect(answer.destination == .neighbour(own, client.mac))
        #expect(offer.operation == .reply)
        #expect(offer.hardwareType == 1)
        #expect(offer.hops == 0)
        #expect(offer.seconds == 0)
        #expect(offer.transactionID == 0x1234_5678)
        #expect(offer.chaddr == client.mac.octets)
        #expect(offer.yiaddr == own)
        #expect(offer.ciaddr == .any)
        #expect(try offer.messageType() == .offer)
        #expect(try offer.serverIdentifier() == V4Network.server)
        #expect(exchange.bytes.count >= 300)
    }

    @Test("a DISCOVER that asks for another port's address gets an OFFER of its own")
    func discoverForeign() throws {
        var network = try V4Network()
        #expect(try network.ask(client.discover([50: others.octets])).message().yiaddr == own)
    }

    @Test("a ciaddr in a DISCOVER is not looked at")
    func discoverWithAddress() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.message(.discover, ciaddr: IPv4Address(10, 9, 0, 7)))
        #expect(try exchange.message().yiaddr == own)
        #expect(try exchange.message().ciaddr == .any)
        #expect(try exchange.answer().destination == .neighbour(own, client.mac))
    }

    @Test("a client that sets the broadcast flag gets the reply by broadcast")
    func broadcastFlag() throws {
        var network = try V4Network()
        var client = client
        client.flags = DHCPv4Message.broadcastFlag
        let exchange = try network.ask(client.discover())
        #expect(try exchange.answer().destination == .broadcast)
        #expect(try exchange.message().flags == DHCPv4Message.broadcastFlag)
    }

    @Test("dhcp_broadcast_reply broadcasts to who has no address, not to who has one")
    func alwaysBroadcasts() throws {
        var network = try V4Network { $0.alwaysBroadcasts = true }
        let offer = try network.ask(client.discover())
        #expect(try offer.answer().destination == .broadcast)
        #expect(try offer.message().flags == DHCPv4Message.broadcastFlag)
        let ack = try network.ask(client.renew(own), .unicast(from: own))
        #expect(try ack.answer().destination == .unicast(own, port: 68))
    }

    @Test(
        "strangers get silence, whatever they send",
        arguments: [
            DHCPv4MessageType.discover, .request, .inform, .decline, .release,
        ])
    func stranger(type: DHCPv4MessageType) throws {
        var network = try V4Network()
        var client = client
        client.mac = V4Network.mac(0x77)
        let options: [UInt8: [UInt8]] = [50: own.octets, 54: V4Network.server.octets]
        #expect(
            try network.ask(client.message(type, options)).outcome
                == .dropped(.unknownClient, request: type, port: nil))
        #expect(try network.ask(client.message(type, ciaddr: own)).dropped == .unknownClient)
    }

    @Test("a port whose addresses are all elsewhere gets silence, and is named")
    func elsewhere() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (2, IPv4Address(10, 9, 0, 7))))
        #expect(
            try network.ask(client.discover()).outcome
                == .dropped(.noAddressOnSubnet, request: .discover, port: V4Network.portA))
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA)))
        #expect(try network.ask(client.discover()).dropped == .noAddressOnSubnet)
    }

    @Test("where we have no address on any subnet, who comes without a relay gets silence")
    func noLocalSubnet() throws {
        var network = try V4Network { $0.subnets = [$0.subnets[2]] }
        #expect(try network.ask(client.discover()).dropped == .noSubnet)
    }

    // MARK: Rapid commit

    @Test("a DISCOVER with rapid commit gets an ACK with it (RFC 4039)")
    func rapidCommit() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.discover([80: []]))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.message()[option: 80] == [])
        #expect(try exchange.message().yiaddr == own)
        #expect(try exchange.message().number(51) == 86_400)
    }

    @Test("where rapid commit is not allowed, it gets an OFFER without it")
    func noRapidCommit() throws {
        var network = try V4Network { $0.allowsRapidCommit = false }
        let exchange = try network.ask(client.discover([80: []]))
        #expect(try exchange.answer().reply == .offer)
        #expect(try exchange.message()[option: 80] == nil)
    }

    // MARK: SELECTING

    @Test("SELECTING us and the port's address gets an ACK")
    func selecting() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.select(own))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().destination == .neighbour(own, client.mac))
        #expect(try exchange.message().yiaddr == own)
        #expect(try exchange.message().ciaddr == .any)
        #expect(try exchange.message().number(51) == 86_400)
    }

    @Test("SELECTING another server gets silence, even for a wrong address")
    func selectingOther() throws {
        var network = try V4Network()
        for address in [own, others, IPv4Address(192, 168, 1, 1)] {
            #expect(
                try network.ask(client.select(address, from: IPv4Address(10, 0, 0, 3))).outcome
                    == .dropped(.otherServer, request: .request, port: V4Network.portA))
        }
    }

    @Test("SELECTING us and another port's address gets a NAK by broadcast")
    func selectingForeign() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.select(others))
        let nak = try exchange.message()
        #expect(try exchange.answer().reply == .nak)
        #expect(try exchange.answer().destination == .broadcast)
        #expect(try exchange.answer().address == .any)
        #expect(try exchange.answer().leaseTime == 0)
        #expect(nak.yiaddr == .any && nak.ciaddr == .any && nak.siaddr == .any)
        #expect(nak.flags == DHCPv4Message.broadcastFlag)
        #expect(Set(nak.options.map(\.code)) == [53, 54, 56])
        #expect(nak.text(56) == "wrong address")
        #expect(try nak.serverIdentifier() == V4Network.server)
    }

    @Test("another address of ours as the server identifier is ours, too, and comes back")
    func selectingOurOtherAddress() throws {
        var network = try V4Network()
        let ack = try network.ask(client.select(own, from: IPv4Address(10, 0, 1, 2))).message()
        #expect(try ack.messageType() == .ack)
        #expect(try ack.serverIdentifier() == IPv4Address(10, 0, 1, 2))
    }

    @Test("a ciaddr in SELECTING is not looked at")
    func selectingWithAddress() throws {
        var network = try V4Network()
        var request = client.select(own)
        request.ciaddr = others
        let exchange = try network.ask(request)
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.message().ciaddr == .any)
    }

    // MARK: INIT-REBOOT

    @Test("INIT-REBOOT with the port's address gets an ACK")
    func reboot() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.reboot(own))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().destination == .neighbour(own, client.mac))
    }

    @Test(
        "INIT-REBOOT with what is not the port's gets a NAK at once",
        arguments: [
            (IPv4Address(10, 0, 0, 11), "wrong address"), (IPv4Address(10, 0, 0, 200), "wrong address"),
            (IPv4Address(192, 168, 1, 5), "wrong network"), (IPv4Address(10, 9, 0, 7), "wrong network"),
            (IPv4Address(0, 0, 0, 1), "wrong network"),
        ])
    func rebootForeign(address: IPv4Address, message: String) throws {
        var network = try V4Network()
        let exchange = try network.ask(client.reboot(address))
        #expect(try exchange.answer().reply == .nak)
        #expect(try exchange.answer().port == V4Network.portA)
        #expect(try exchange.answer().destination == .broadcast)
        #expect(try exchange.message().text(56) == message)
    }

    // MARK: RENEWING and REBINDING

    @Test("RENEWING gets an ACK at the address and the port it came from")
    func renewing() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.renew(own), .unicast(from: own, port: 1068))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().destination == .unicast(own, port: 1068))
        #expect(try exchange.message().ciaddr == own)
        #expect(try exchange.message().yiaddr == own)
    }

    @Test("RENEWING from another source or without a source port is answered at port 68")
    func renewingFromElsewhere() throws {
        var network = try V4Network()
        for arrival in [
            DHCPv4Arrival.unicast(from: IPv4Address(10, 0, 0, 1), port: 1068), .unicast(from: own, port: 0),
        ] {
            let exchange = try network.ask(client.renew(own), arrival)
            #expect(try exchange.answer().destination == .unicast(own, port: 68))
        }
    }

    @Test("REBINDING by broadcast gets an ACK by unicast")
    func rebinding() throws {
        var network = try V4Network()
        let exchange = try network.ask(
            client.renew(own), DHCPv4Arrival(source: own, destination: .broadcast))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().destination == .unicast(own, port: 68))
    }

    @Test("a server identifier in RENEWING, where none belongs, does no harm")
    func renewingWithServerIdentifier() throws {
        var network = try V4Network()
        let request = client.renew(own, [54: [10, 0, 0, 3]])
        #expect(try network.ask(request, .unicast(from: own)).answer().reply == .ack)
    }

    @Test(
        "RENEWING what is not the port's gets a NAK by broadcast",
        arguments: [
            IPv4Address(10, 0, 0, 11), IPv4Address(10, 0, 1, 9), IPv4Address(172, 16, 0, 1),
        ])
    func renewingForeign(address: IPv4Address) throws {
        var network = try V4Network()
        let exchange = try network.ask(client.renew(address), .unicast(from: address))
        #expect(try exchange.answer().reply == .nak)
        #expect(try exchange.answer().destination == .broadcast)
        #expect(try exchange.message().ciaddr == .any)
    }

    @Test("RENEWING from behind a router works without the relay")
    func renewingRouted() throws {
        var network = try V4Network()
        let away = IPv4Address(10, 9, 0, 7)
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA), (2, away)))
        let exchange = try network.ask(client.renew(away), .unicast(from: away))
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().server == V4Network.server)
        #expect(try exchange.message()[option: 3] == [10, 9, 0, 1])
    }

    @Test("where all subnets are on the link, nothing hangs on where a request was sent to")
    func destinationIsNotNeeded() throws {
        let own = IPv4Address(10, 0, 0, 10)
        let wrong = IPv4Address(10, 0, 0, 99)
        let selection: [UInt8: [UInt8]] = [118: [10, 0, 0, 0]]
        let arrivals: [DHCPv4Arrival] = [
            .unicast(from: own), DHCPv4Arrival(source: own, destination: .broadcast),
            DHCPv4Arrival(source: own, destination: .any),
        ]
        for request in [client.renew(own), client.renew(own, selection), client.reboot(wrong)] {
            var outcomes: Set<DHCPv4Outcome> = []
            for arrival in arrivals {
                var network = try V4Network { $0.subnets.removeLast() }
                outcomes.insert(try network.ask(request, arrival).outcome)
            }
            #expect(outcomes.count == 1)
        }
        for arrival in arrivals {
            var network = try V4Network { $0.subnets.removeLast() }
            let nak = try network.ask(
                client.renew(wrong, selection),
                DHCPv4Arrival(source: wrong, destination: arrival.destination)
            ).answer()
            #expect(nak.reply == .nak)
            #expect(nak.destination == .broadcast)
        }
        let subnets = try V4Network.subnets()
        #expect(DHCPv4Configuration(subnets: subnets).needsDestinations)
        #expect(!DHCPv4Configuration(subnets: subnets.dropLast()).needsDestinations)
    }

    @Test("what a client says of itself is known where it is in one piece, and not mistaken where it is not")
    func clientWords() throws {
        var network = try V4Network()
        let identifier = [UInt8](repeating: 7, count: 9)
        let whole = try client.discover([12: Array("vm".utf8), 61: identifier]).serialized()
        let answer = try network.ask(whole).answer()
        #expect(Array(whole[answer.clientIdentifier.range]) == identifier)
        #expect(Array(whole[answer.hostName.range]) == Array("vm".utf8))
        #expect(!answer.vendorClass.isPresent)
        // In pieces (RFC 3396) an option has no place in the request of its own.
        let split = try client.discover([12: Array("vm".utf8), 61: [UInt8](repeating: 7, count: 300)])
            .serialized()
        let other = try network.ask(split).answer()
        #expect(other.clientIdentifier.isSplit)
        #expect(Array(split[other.hostName.range]) == Array("vm".utf8))
    }

    @Test("a NAK to who is behind a router goes there by unicast")
    func renewingRoutedForeign() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (2, IPv4Address(10, 9, 0, 7))))
        let old = IPv4Address(10, 9, 0, 6)
        let exchange = try network.ask(client.renew(old), .unicast(from: old))
        #expect(try exchange.answer().reply == .nak)
        #expect(try exchange.answer().destination == .unicast(old, port: 68))
        // By broadcast it would be heard.
        let rebinding = try network.ask(
            client.renew(old), DHCPv4Arrival(source: old, destination: .broadcast))
        #expect(try rebinding.answer().destination == .broadcast)
    }

    @Test("a REQUEST without any address gets silence")
    func requestWithoutAddress() throws {
        var network = try V4Network()
        #expect(try network.ask(client.message(.request)).dropped == .missingAddress)
        #expect(
            try network.ask(client.message(.request, [54: V4Network.server.octets])).dropped
                == .missingAddress)
        #expect(try network.ask(client.message(.request, [50: [0, 0, 0, 0]])).dropped == .missingAddress)
    }

    // MARK: INFORM

    @Test("INFORM gets an ACK without address and times, at its own address")
    func inform() throws {
        var network = try V4Network()
        let exchange = try network.ask(client.message(.inform, ciaddr: own, [51: [0, 0, 1, 0]]))
        let ack = try exchange.message()
        #expect(try exchange.answer().reply == .ack)
        #expect(try exchange.answer().address == .any)
        #expect(try exchange.answer().leaseTime == 0)
        #expect(try exchange.answer().destination == .unicast(own, port: 68))
        #expect(ack.yiaddr == .any)
        #expect(ack.ciaddr == own)
        #expect(ack[option: 51] == nil && ack[option: 58] == nil && ack[option: 59] == nil)
        #expect(ack[option: 3] == [10, 0, 0, 1])
    }

    @Test("INFORM from an address that was set by hand is told about its subnet")
    func informByHand() throws {
        var network = try V4Network()
        let ack = try network.ask(client.message(.inform, ciaddr: IPv4Address(10, 0, 1, 200))).message()
        #expect(ack[option: 3] == [10, 0, 1, 1])
    }

    @Test("INFORM from no address or from none of ours gets silence")
    func informElsewhere() throws {
        var network = try V4Network()
        #expect(try network.ask(client.message(.inform)).dropped == .missingAddress)
        #expect(
            try network.ask(client.message(.inform, ciaddr: IPv4Address(192, 168, 0, 1))).dropped
                == .noSubnet)
    }

    // MARK: DECLINE and RELEASE

    @Test("DECLINE takes nothing away: the address is offered again")
    func decline() throws {
        var network = try V4Network()
        let options: [UInt8: [UInt8]] = [50: own.octets, 54: V4Network.server.octets]
        for _ in 0..<3 {
            #expect(
                try network.ask(client.message(.decline, options)).outcome
                    == .dropped(.declined, request: .decline, port: V4Network.portA))
            #expect(try network.ask(client.discover()).message().yiaddr == own)
        }
    }

    @Test("RELEASE takes nothing away: the address is offered and confirmed again")
    func release() throws {
        var network = try V4Network()
        let message = client.message(.release, ciaddr: own, [54: V4Network.server.octets])
        #expect(
            try network.ask(message, .unicast(from: own)).outcome
                == .dropped(.released, request: .release, port: V4Network.portA))
        #expect(try network.ask(client.reboot(own)).answer().reply == .ack)
    }

    @Test(
        "DECLINE and RELEASE to another server, or to none, are not ours",
        arguments: [
            DHCPv4MessageType.decline, .release,
        ])
    func leftover(type: DHCPv4MessageType) throws {
        var network = try V4Network()
        #expect(try network.ask(client.message(type, [54: [10, 0, 0, 3]])).dropped == .otherServer)
        #expect(try network.ask(client.message(type)).dropped == .missingServerIdentifier)
    }

    // MARK: Several addresses

    @Test("a port with several addresses is offered the first, or the one it asks for")
    func severalAddresses() throws {
        var network = try V4Network()
        let (second, third) = (IPv4Address(10, 0, 1, 10), IPv4Address(10, 0, 0, 12))
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own), (1, second), (0, third)))
        #expect(try network.ask(client.discover()).message().yiaddr == own)
        for address in [own, second, third] {
            #expect(try network.ask(client.discover([50: address.octets])).message().yiaddr == address)
            #expect(try network.ask(client.reboot(address)).message().yiaddr == address)
            #expect(try network.ask(client.renew(address)).message().yiaddr == address)
        }
        let ack = try network.ask(client.select(second, from: IPv4Address(10, 0, 1, 2)))
        #expect(try ack.message()[option: 3] == [10, 0, 1, 1])
        #expect(try ack.answer().server == IPv4Address(10, 0, 1, 2))
    }

    @Test("the first address on the link is given where the first of all is elsewhere")
    func firstOnLink() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(
                V4Network.portA, V4Network.mac(0xA), (2, IPv4Address(10, 9, 0, 7)),
                (1, IPv4Address(10, 0, 1, 10))))
        let exchange = try network.ask(client.discover())
        #expect(try exchange.message().yiaddr == IPv4Address(10, 0, 1, 10))
        #expect(try exchange.message().serverIdentifier() == IPv4Address(10, 0, 1, 2))
    }

    // MARK: Several agents

    @Test("two agents say the same but for their own address")
    func agents() throws {
        var one = try V4Network()
        var other = try V4Network { configuration in
            configuration.subnets[0].serverAddress = IPv4Address(10, 0, 0, 3)
        }
        for request in [client.discover(), client.reboot(own), client.renew(own)] {
            var (first, second) = (try one.ask(request).message(), try other.ask(request).message())
            #expect(try second.serverIdentifier() == IPv4Address(10, 0, 0, 3))
            first[option: 54] = nil
            second[option: 54] = nil
            (first.siaddr, second.siaddr) = (.any, .any)
            #expect(first == second)
        }
        let nak = client.reboot(IPv4Address(10, 0, 0, 99))
        #expect(try one.ask(nak).answer().reply == .nak)
        #expect(try other.ask(nak).answer().reply == .nak)
    }
}
