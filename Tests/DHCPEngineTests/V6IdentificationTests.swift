import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// Whose message it is.
@Suite struct V6IdentificationTests {
    let client = V6Client()

    /// A source that says nothing of the MAC (RFC 7217).
    func opaque(_ linkLayer: DHCPv6Arrival.LinkLayer) throws -> DHCPv6Arrival {
        DHCPv6Arrival(
            source: try V6Network.v6("fe80::1234:5678:9abc:def0"), destination: try V6Network.v6("ff02::1:2"),
            linkLayer: linkLayer)
    }

    @Test func theLinkLocalAddressMadeOfAKnownMACTellsThePort() throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(.solicit), V6Network.arrival(V6Network.mac(0xB)))
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::b")]])
        #expect(exchange.answer?.port == V6Network.portB)
    }

    @Test func aSourceThatTellsNothingMakesTheNeighbourTableAsked() throws {
        var network = try V6Network()
        #expect(try network.send(client.message(.solicit), opaque(.unasked)).outcome == .needsLinkLayer)
        let answered = try network.send(client.message(.solicit), opaque(.known(V6Network.mac(0xB))))
        #expect(answered.answer?.port == V6Network.portB)
    }

    @Test func theNeighbourTableIsNotAskedForWhatIsDroppedAnyway() throws {
        var network = try V6Network()
        let foreign = try client.message(.renew, ["2001:db8:1::a"], server: [9, 9, 9])
        #expect(try network.send(foreign, opaque(.unasked)).dropped == .otherServer)
        var empty = try V6Network(hosts: [])
        #expect(try empty.send(client.message(.solicit), opaque(.unasked)).dropped == .unknownClient)
    }

    @Test func aClonedDUIDDoesNotChangeWhoIsMeant() throws {
        // The DUID has port A's MAC: the image was made on A and runs on B.
        var network = try V6Network()
        for arrival in [try V6Network.arrival(V6Network.mac(0xB)), try opaque(.known(V6Network.mac(0xB)))] {
            #expect(try network.send(client.message(.solicit), arrival).answer?.port == V6Network.portB)
        }
    }

    @Test(
        arguments: [
            [0, 1, 0, 1, 1, 2, 3, 4, 0xFA, 0x16, 0x3E, 0, 0, 0x0A],
            [0, 3, 0, 1, 0xFA, 0x16, 0x3E, 0, 0, 0x0A],
        ] as [[UInt8]])
    func theMACInADUIDIsTheLastResort(_ duid: [UInt8]) throws {
        var network = try V6Network()
        var client = client
        client.duid = duid
        #expect(try network.send(client.message(.solicit), opaque(.unknown)).answer?.port == V6Network.portA)
        let stranger = try opaque(.known(V6Network.mac(0xEE)))
        #expect(try network.send(client.message(.solicit), stranger).dropped == .unknownClient)
    }

    @Test(
        arguments: [
            [0, 4] + [UInt8](repeating: 7, count: 16), [0, 2, 0, 0, 0, 9, 0xFA, 0x16, 0x3E, 0, 0, 0x0A],
            [0, 3, 0, 6, 0xFA, 0x16, 0x3E, 0, 0, 0x0A], [0, 3, 0, 1, 0xFA, 0x16, 0x3E, 0, 0], [5],
        ] as [[UInt8]])
    func otherDUIDsTellNoMAC(_ duid: [UInt8]) throws {
        var network = try V6Network()
        var client = client
        client.duid = duid
        #expect(try network.send(client.message(.solicit), opaque(.unknown)).dropped == .unknownClient)
    }

    @Test func aConfiguredDUIDTellsThePortWhereTheMACDoesNot() throws {
        var host = try V6Network.hostB()
        host.clientIdentifier = client.duid
        var network = try V6Network(hosts: [V6Network.hostA(), host])
        let elsewhere = try opaque(.known(V6Network.mac(0xEE)))
        #expect(try network.send(client.message(.solicit), elsewhere).answer?.port == V6Network.portB)
        // But a MAC of a port is that port's, whatever DUID it shows.
        #expect(try network.send(client.message(.solicit)).answer?.port == V6Network.portA)
        host.clientIdentifier = nil
        network.engine.insert(host)
        #expect(try network.send(client.message(.solicit), elsewhere).dropped == .unknownClient)
    }

    @Test func whoShowsOnlyADUIDUsesUpNoAnswersOfThePortsOwnClient() throws {
        var network = try V6Network { $0.limits.portBurst = 2 }
        var host = try V6Network.hostB()
        host.clientIdentifier = [0, 4] + [UInt8](repeating: 9, count: 16)
        network.engine.insert(host)
        let liar = try opaque(.unknown)
        for _ in 0..<2 { #expect(try network.send(client.message(.solicit), liar).answer != nil) }
        #expect(
            try network.send(client.message(.solicit), liar).outcome
                == .dropped(.portLimit, request: .solicit, port: V6Network.portA))
        for arrival in [try V6Network.arrival(), try opaque(.known(V6Network.mac(0xA)))] {
            #expect(try network.send(client.message(.solicit), arrival).answer?.port == V6Network.portA)
        }
        #expect(try network.send(client.message(.solicit)).dropped == .portLimit)
        // The same with an identifier that was configured for a port.
        var thief = client
        thief.duid = try #require(host.clientIdentifier)
        let elsewhere = try opaque(.known(V6Network.mac(0xEE)))
        for _ in 0..<2 {
            #expect(try network.send(thief.message(.solicit), elsewhere).answer?.port == V6Network.portB)
        }
        #expect(try network.send(thief.message(.solicit), elsewhere).dropped == .portLimit)
        let own = try V6Network.arrival(V6Network.mac(0xB))
        #expect(try network.send(thief.message(.solicit), own).answer?.port == V6Network.portB)
    }

    @Test(arguments: [DHCPv6MessageType.solicit, .request, .renew, .rebind, .release, .decline])
    func aStrangerGetsNoAnswer(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        let server = type == .solicit || type == .rebind ? nil : V6Network.server
        let message = try client.message(type, ["2001:db8:1::a"], server: server)
        let exchange = try network.send(message, opaque(.known(V6Network.mac(0xEE))))
        #expect(exchange.outcome == .dropped(.unknownClient, request: type, port: nil))
        #expect(exchange.bytes.isEmpty)
    }

    @Test func portsComeChangeAndGo() throws {
        var network = try V6Network(hosts: [])
        let engine = { (network: V6Network) in network.engine }
        #expect(try network.send(client.message(.solicit)).dropped == .unknownClient)
        network.engine.insert(try V6Network.hostA())
        network.engine.insert(try V6Network.hostB())
        #expect(try network.send(client.message(.solicit)).leases() == [[V6Lease("2001:db8:1::a")]])
        network.engine.insert(try V6Network.hostA("2001:db8:1::c"))
        #expect(try network.send(client.message(.solicit)).leases() == [[V6Lease("2001:db8:1::c")]])
        #expect(engine(network).hostCount == 2)
        #expect(engine(network).host(of: V6Network.portA) == (try V6Network.hostA("2001:db8:1::c")))
        network.engine.remove(V6Network.portA)
        network.engine.remove(V6Network.portA)
        #expect(engine(network).host(of: V6Network.portA) == nil)
        #expect(engine(network).hostCount == 1)
        // The MAC may be another than the address says, so the neighbour table is asked.
        #expect(try network.send(client.message(.solicit)).outcome == .needsLinkLayer)
        let asked = try V6Network.arrival().known(V6Network.mac(0xA))
        #expect(try network.send(client.message(.solicit), asked).dropped == .unknownClient)
        let other = try network.send(client.message(.solicit), V6Network.arrival(V6Network.mac(0xB)))
        #expect(try other.leases() == [[V6Lease("2001:db8:1::b")]])
    }

    @Test func aHostIsReturnedAsItWasInserted() throws {
        var host = try V6Network.hostA("2001:db8:1::a", "2001:db8:1::a1")
        host.clientIdentifier = [0, 4, 1, 2, 3]
        host.hostName = "vm-with-a-rather-long-name"
        host.options = [TaggedOption(code: 59, data: [1, 2, 3])]
        let network = try V6Network(hosts: [host])
        #expect(network.engine.host(of: host.port) == host)
        let bare = try V6Network(hosts: [V6Network.host(V6Network.portA, V6Network.mac(1), [])])
        #expect(bare.engine.host(of: V6Network.portA)?.addresses == [])
    }

    @Test func aPortThatTakesAnothersPlaceIsFoundAndTheOtherAgainWhenItGoes() throws {
        var network = try V6Network()
        let successor = PortIdentity(rawValue: 0xC)
        network.engine.insert(try V6Network.host(successor, V6Network.mac(0xA), ["2001:db8:1::c"]))
        #expect(try network.send(client.message(.solicit)).answer?.port == successor)
        network.engine.remove(successor)
        #expect(try network.send(client.message(.solicit)).answer?.port == V6Network.portA)
        network.engine.insert(try V6Network.host(successor, V6Network.mac(0xA), ["2001:db8:1::c"]))
        network.engine.remove(V6Network.portA)
        #expect(try network.send(client.message(.solicit)).answer?.port == successor)
        network.engine.remove(successor)
        let asked = try V6Network.arrival().known(V6Network.mac(0xA))
        #expect(try network.send(client.message(.solicit), asked).dropped == .unknownClient)
    }

    @Test func aMACThatAPortGaveUpIsItsNoMore() throws {
        var network = try V6Network()
        network.engine.insert(try V6Network.host(V6Network.portA, V6Network.mac(0xA1), ["2001:db8:1::a"]))
        #expect(
            try network.send(
                client.message(.solicit),
                V6Network.arrival(V6Network.mac(0xA))
                    .known(V6Network.mac(0xA))
            ).dropped == .unknownClient)
        let moved = try network.send(client.message(.solicit), V6Network.arrival(V6Network.mac(0xA1)))
        #expect(moved.answer?.port == V6Network.portA)
    }

    // MARK: Limits

    @Test func aPortThatAsksTooOftenIsLeftAloneAndTheOthersAreNot() throws {
        var network = try V6Network {
            $0.limits.portRate = 10
            $0.limits.portBurst = 3
        }
        let message = try client.message(.solicit)
        for _ in 0..<3 { #expect(try network.send(message).answer != nil) }
        #expect(
            try network.send(message).outcome
                == .dropped(.portLimit, request: .solicit, port: V6Network.portA))
        #expect(try network.send(message, V6Network.arrival(V6Network.mac(0xB))).answer != nil)
        network.now += 100_000
        #expect(try network.send(message).answer != nil)
        #expect(try network.send(message).dropped == .portLimit)
        // A change of the port or of the network does not fill the bucket.
        network.engine.insert(try V6Network.hostA())
        network.engine.configure(network.engine.configuration)
        #expect(try network.send(message).dropped == .portLimit)
    }

    @Test func theNetworkHasALimitOfItsOwn() throws {
        var network = try V6Network {
            $0.limits = .unlimited
            $0.limits.networkRate = 1
            $0.limits.networkBurst = 2
        }
        let message = try client.message(.solicit)
        #expect(try network.send(message).answer != nil)
        #expect(try network.send(message, V6Network.arrival(V6Network.mac(0xB))).answer != nil)
        #expect(try network.send(message).dropped == .networkLimit)
    }

    @Test func strangersShareOneBucket() throws {
        var network = try V6Network { $0.limits.portBurst = 2 }
        for last in UInt8(0xE0)..<0xE2 {
            let arrival = try V6Network.arrival(V6Network.mac(last)).known(V6Network.mac(last))
            #expect(try network.send(client.message(.confirm, ["2001:db8:1::5"]), arrival).answer != nil)
        }
        let arrival = try V6Network.arrival(V6Network.mac(0xEE)).known(V6Network.mac(0xEE))
        #expect(try network.send(client.message(.confirm, ["2001:db8:1::5"]), arrival).dropped == .portLimit)
        #expect(try network.send(client.message(.solicit)).answer != nil)
    }
}
