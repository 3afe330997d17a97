import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// Ports coming, changing and going, and which port a client is.
@Suite struct V4HostTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)
    let others = IPv4Address(10, 0, 0, 11)

    // MARK: Changes

    @Test("a port is found again as it was inserted")
    func host() throws {
        var network = try V4Network()
        var host = V4Network.host(
            V4Network.portA, V4Network.mac(1), (0, own), (1, IPv4Address(10, 0, 1, 10)),
            options: [TaggedOption(conditions: [.init(tag: "ipxe", isNegated: true)], code: 67, data: [1])])
        host.clientIdentifier = [1, 2, 3]
        host.hostName = "web"
        network.engine.insert(host)
        #expect(network.engine.host(of: V4Network.portA) == host)
        #expect(network.engine.hostCount == 2)
        network.engine.remove(V4Network.portA)
        #expect(network.engine.host(of: V4Network.portA) == nil)
        #expect(network.engine.hostCount == 1)
        network.engine.remove(V4Network.portA)
        #expect(network.engine.hostCount == 1)
        let bare = V4Network.host(V4Network.portA, V4Network.mac(1))
        network.engine.insert(bare)
        #expect(network.engine.host(of: V4Network.portA) == bare)
    }

    @Test("where a port was found is a hint: another port's place, and one that is gone, change no answer")
    func staleHint() throws {
        var network = try V4Network()
        let placeA = try #require(network.engine.place(of: V4Network.mac(0xA)))
        let placeB = try #require(network.engine.place(of: V4Network.mac(0xB)))
        #expect(network.engine.place(of: V4Network.mac(0xC)) == nil)
        func arrival(_ place: DHCPv4PortPlace) -> DHCPv4Arrival {
            DHCPv4Arrival(source: .any, destination: .broadcast, place: place)
        }
        for place in [placeA, placeB] {
            #expect(try network.ask(client.discover(), arrival(place)).message().yiaddr == own)
        }
        // What is left takes the first place.
        network.engine.remove(V4Network.portA)
        for place in [placeA, placeB] {
            #expect(try network.ask(client.discover(), arrival(place)).dropped == .unknownClient)
        }
        var other = client
        other.mac = V4Network.mac(0xB)
        for place in [placeA, placeB] {
            #expect(try network.ask(other.discover(), arrival(place)).message().yiaddr == others)
        }
        network.engine.remove(V4Network.portB)
        for place in [placeA, placeB] {
            #expect(try network.ask(other.discover(), arrival(place)).dropped == .unknownClient)
        }
    }

    @Test("a change of a port holds at once: address, MAC, going")
    func changes() throws {
        var network = try V4Network()
        let new = IPv4Address(10, 0, 0, 20)
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, new)))
        #expect(try network.ask(client.discover()).message().yiaddr == new)
        #expect(try network.ask(client.renew(own)).answer().reply == .nak)
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0x20), (0, new)))
        #expect(try network.ask(client.discover()).dropped == .unknownClient)
        var moved = client
        moved.mac = V4Network.mac(0x20)
        #expect(try network.ask(moved.discover()).message().yiaddr == new)
        network.engine.remove(V4Network.portA)
        #expect(try network.ask(moved.discover()).dropped == .unknownClient)
    }

    @Test("while two ports have the same MAC, the last one counts; then the other one again")
    func sameMAC() throws {
        var network = try V4Network()
        network.engine.insert(V4Network.host(V4Network.portB, V4Network.mac(0xA), (0, others)))
        #expect(try network.ask(client.discover()).answer().port == V4Network.portB)
        network.engine.remove(V4Network.portB)
        #expect(try network.ask(client.discover()).answer().port == V4Network.portA)
    }

    @Test("two ports may swap their MAC addresses")
    func swap() throws {
        var network = try V4Network()
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xB), (0, own)))
        network.engine.insert(V4Network.host(V4Network.portB, V4Network.mac(0xA), (0, others)))
        #expect(try network.ask(client.discover()).message().yiaddr == others)
        var other = client
        other.mac = V4Network.mac(0xB)
        #expect(try network.ask(other.discover()).message().yiaddr == own)
    }

    @Test("where subnets change their places, addresses follow by their prefixes")
    func configure() throws {
        var network = try V4Network()
        network.engine.insert(
            V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own), (1, IPv4Address(10, 0, 1, 10))))
        var configuration = DHCPv4Configuration(subnets: try V4Network.subnets())
        configuration.subnets.reverse()
        network.engine.configure(configuration)
        let offer = try network.ask(client.discover()).message()
        #expect(offer.yiaddr == own)
        #expect(offer[option: 3] == [10, 0, 0, 1])
        #expect(
            try network.ask(client.reboot(IPv4Address(10, 0, 1, 10))).message()[option: 3] == [10, 0, 1, 1])
        configuration.subnets.removeLast()
        network.engine.configure(configuration)
        #expect(try network.ask(client.discover()).message().yiaddr == IPv4Address(10, 0, 1, 10))
        #expect(try network.ask(client.reboot(own)).answer().reply == .nak)
        configuration.subnets.append(try V4Network.subnets()[0])
        configuration.subnets[2].options = []
        network.engine.configure(configuration)
        #expect(try network.ask(client.reboot(own)).message()[option: 3] == nil)
    }

    @Test("an address that is not in its subnet is not given")
    func addressOutside() throws {
        var network = try V4Network()
        for subnet in [1, 7, -1, 1 << 20] {
            network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA), (subnet, own)))
            #expect(try network.ask(client.discover()).dropped == .noAddressOnSubnet)
        }
    }

    @Test("thousands of changes leave exactly the ports that are there")
    func manyChanges() throws {
        var network = try V4Network { $0.limits = .unlimited }
        for port in [V4Network.portA, V4Network.portB] { network.engine.remove(port) }
        var random = V4Random(state: 7)
        var model: [PortIdentity: DHCPv4Host] = [:]
        for _ in 0..<6000 {
            let number = UInt64.random(in: 1...400, using: &random)
            let port = PortIdentity(rawValue: UInt128(number) << 64 | UInt128(number))
            if Int.random(in: 0..<3, using: &random) == 0 {
                network.engine.remove(port)
                model[port] = nil
            } else {
                let generation = UInt64.random(in: 0..<3, using: &random)
                var host = V4Network.host(
                    port, MACAddress(rawValue: number << 24 | generation),
                    (0, IPv4Address(rawValue: 0x0A00_0000 | UInt32(number % 256))))
                if Bool.random(using: &random) {
                    host.clientIdentifier = [0xAA, UInt8(number & 255), UInt8(number >> 8)]
                }
                if Bool.random(using: &random) { host.hostName = "n\(number)" }
                network.engine.insert(host)
                model[port] = host
            }
        }
        #expect(network.engine.hostCount == model.count)
        for number in 1...400 as ClosedRange<UInt64> {
            let port = PortIdentity(rawValue: UInt128(number) << 64 | UInt128(number))
            #expect(network.engine.host(of: port) == model[port])
            for generation in 0..<3 as Range<UInt64> {
                var client = client
                client.mac = MACAddress(rawValue: number << 24 | generation)
                let exchange = try network.ask(client.discover())
                if let host = model[port], host.mac == client.mac {
                    #expect(try exchange.answer().port == port)
                    #expect(try exchange.answer().address == host.addresses[0].address)
                } else {
                    #expect(exchange.dropped == .unknownClient)
                }
            }
            var stranger = client
            stranger.mac = V4Network.mac(0xEE)
            let identified = try network.ask(
                stranger.discover([61: [0xAA, UInt8(number & 255), UInt8(number >> 8)]]))
            if model[port]?.clientIdentifier != nil {
                #expect(try identified.answer().port == port)
            } else {
                #expect(identified.dropped == .unknownClient)
            }
        }
    }

    // MARK: Client identifiers

    func identified(_ identifier: [UInt8]?) throws -> V4Network {
        var network = try V4Network()
        var host = V4Network.host(V4Network.portB, V4Network.mac(0xB), (0, others))
        host.clientIdentifier = identifier
        network.engine.insert(host)
        return network
    }

    @Test("a port is found by its client identifier, whatever the MAC; the reply is broadcast then")
    func byIdentifier() throws {
        var network = try identified([1, 0xAA, 0xBB])
        var client = client
        client.mac = V4Network.mac(0x99)
        for message in [
            client.discover([61: [1, 0xAA, 0xBB]]), client.renew(others, [61: [1, 0xAA, 0xBB]]),
        ] {
            let exchange = try network.ask(message)
            #expect(try exchange.answer().port == V4Network.portB)
            #expect(try exchange.answer().mac == client.mac)
            #expect(try exchange.answer().destination == .broadcast)
        }
        #expect(try network.ask(client.discover([61: [1, 0xAA, 0xBC]])).dropped == .unknownClient)
        #expect(try network.ask(client.discover([61: [1, 0xAA]])).dropped == .unknownClient)
        #expect(try network.ask(client.discover([61: []])).dropped == .unknownClient)
    }

    @Test("the port's MAC is enough, whatever the client identifier")
    func otherIdentifier() throws {
        var network = try identified([1, 0xAA, 0xBB])
        var client = client
        client.mac = V4Network.mac(0xB)
        for options in [[:], [61: [9, 9]], [61: [1, 0xAA, 0xBB]]] as [[UInt8: [UInt8]]] {
            #expect(try network.ask(client.discover(options)).answer().port == V4Network.portB)
        }
        #expect(try network.ask(client.discover()).answer().destination == .neighbour(others, client.mac))
    }

    @Test("where both match different ports, the client identifier counts, if its port is on the link")
    func both() throws {
        var network = try identified([7, 7, 7])
        #expect(try network.ask(client.discover([61: [7, 7, 7]])).answer().port == V4Network.portB)
        var host = V4Network.host(V4Network.portB, V4Network.mac(0xB), (2, IPv4Address(10, 9, 0, 7)))
        host.clientIdentifier = [7, 7, 7]
        network.engine.insert(host)
        #expect(try network.ask(client.discover([61: [7, 7, 7]])).answer().port == V4Network.portA)
        network.engine.insert(V4Network.host(V4Network.portA, V4Network.mac(0xA)))
        #expect(
            try network.ask(client.discover([61: [7, 7, 7]])).outcome
                == .dropped(.noAddressOnSubnet, request: .discover, port: V4Network.portB))
    }

    @Test("a leading zero of the client identifier may be missing in the configuration")
    func leadingZero() throws {
        var network = try identified(Array("test6".utf8))
        var client = client
        client.mac = V4Network.mac(0x99)
        for identifier in ["test6", "\0test6"] {
            #expect(
                try network.ask(client.discover([61: Array(identifier.utf8)])).answer().port
                    == V4Network.portB)
        }
        network = try identified(Array("\0test6".utf8))
        #expect(try network.ask(client.discover([61: Array("test6".utf8)])).dropped == .unknownClient)
    }

    @Test("a client that has no Ethernet address is found by its identifier (RFC 4390)")
    func infiniband() throws {
        var network = try identified([255, 0, 0, 0, 1, 0, 2])
        var message = client.discover([61: [255, 0, 0, 0, 1, 0, 2]])
        message.hardwareType = 32
        message.chaddr = []
        let exchange = try network.ask(message)
        #expect(try exchange.answer().port == V4Network.portB)
        #expect(try exchange.answer().mac == V4Network.mac(0xB))
        #expect(try exchange.answer().destination == .broadcast)
        #expect(try exchange.message().hardwareType == 32)
        #expect(try exchange.message().chaddr == [])
        message[option: 61] = nil
        #expect(try network.ask(message).dropped == .unsupportedHardwareType)
    }
}

/// Reproducible random numbers (xorshift64*, Marsaglia 2003, Vigna 2016); the state must not be 0.
struct V4Random: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }
}
