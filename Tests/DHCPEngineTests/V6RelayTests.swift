import Addressing
import DHCPEngine
import DHCPMessages
import ProcessorTime
import Testing

/// Messages that relay agents bring (RFC 8415 section 19, RFC 6221, RFC 6939, RFC 8357, RFC 4994).
@Suite struct V6RelayTests {
    let client = V6Client()

    func relayed(
        _ message: DHCPv6Message, link: String = "2001:db8:1::1", peer: String = "fe80::1", hops: UInt8 = 0,
        _ options: [DHCPv6Option] = []
    ) throws -> DHCPv6Message {
        .relay(
            type: .relayForward, hopCount: hops, linkAddress: try V6Network.v6(link),
            peerAddress: try V6Network.v6(peer),
            options: options + [DHCPv6Option(9, try message.serialized())])
    }

    /// Option 79 for Ethernet.
    func linkLayer(_ mac: MACAddress) -> DHCPv6Option { DHCPv6Option(79, [0, 1] + mac.octets) }

    func fromRelay() throws -> DHCPv6Arrival {
        DHCPv6Arrival(
            source: try V6Network.v6("2001:db8:ffff::1"), sourcePort: 40_000,
            destination: try V6Network.v6("2001:db8:1::2"))
    }

    @Test func theAnswerGoesBackTheWayItCame() throws {
        var network = try V6Network()
        let inner = try relayed(
            client.message(.solicit), [linkLayer(V6Network.mac(0xB)), DHCPv6Option(18, [1, 2, 3])])
        let outer = try relayed(
            inner, link: "2001:db8:ffff::9", peer: "2001:db8:1::1", hops: 1,
            [DHCPv6Option(37, [0, 0, 0, 9, 1]), DHCPv6Option(18, [9])])
        let exchange = try network.send(outer, fromRelay())
        guard case .relay(.relayReply, 1, let link, let peer, let options) = try exchange.reply() else {
            Issue.record("no relay reply")
            return
        }
        #expect("\(link) \(peer)" == "2001:db8:ffff::9 2001:db8:1::1")
        #expect(options.map(\.code) == [18, 9])
        #expect(options.first?.data == [9])
        guard
            case .relay(.relayReply, 0, let innerLink, let innerPeer, let innerOptions) =
                try DHCPv6Message(parsing: try #require(options.last).data)
        else {
            Issue.record("no inner relay reply")
            return
        }
        #expect("\(innerLink) \(innerPeer)" == "2001:db8:1::1 fe80::1")
        #expect(innerOptions.map(\.code) == [18, 9])
        #expect(innerOptions.first?.data == [1, 2, 3])
        let advertise = try DHCPv6Message(parsing: try #require(innerOptions.last).data)
        #expect(advertise.type == .advertise)
        let association = try DHCPv6IdentityAssociation(parsing: try #require(advertise[option: 3]))
        #expect(try association.addresses().map { "\($0.address)" } == ["2001:db8:1::b"])
        #expect(exchange.answer?.request == .solicit)
        #expect(exchange.answer?.reply == .advertise)
        #expect(exchange.answer?.destinationPort == 547)
    }

    @Test func theClientIsToldByOption79ThenByItsAddressThenByItsDUID() throws {
        var network = try V6Network()
        func port(_ peer: String, _ options: [DHCPv6Option] = []) throws -> PortIdentity? {
            try network.send(relayed(client.message(.solicit), peer: peer, options), fromRelay()).answer?.port
        }
        let macB = V6Network.mac(0xB)
        #expect(try port("fe80::f816:3eff:fe00:a", [linkLayer(macB)]) == V6Network.portB)
        #expect(try port("fe80::f816:3eff:fe00:b") == V6Network.portB)
        #expect(try port("fe80::1") == V6Network.portA)
        // A relay that tells another hardware type or no whole address tells nothing.
        #expect(try port("fe80::1", [DHCPv6Option(79, [0, 6] + macB.octets)]) == V6Network.portA)
        #expect(try port("fe80::1", [DHCPv6Option(79, [0, 1, 2])]) == V6Network.portA)
        // What it tells counts, even where that is no port of ours.
        #expect(try port("fe80::f816:3eff:fe00:b", [linkLayer(V6Network.mac(0xEE))]) == nil)
    }

    @Test func theRelayNearestToTheClientKnowsItsMAC() throws {
        var network = try V6Network()
        let inner = try relayed(client.message(.solicit), [linkLayer(V6Network.mac(0xB))])
        let outer = try relayed(inner, hops: 1, [linkLayer(V6Network.mac(0xA))])
        #expect(try network.send(outer, fromRelay()).answer?.port == V6Network.portB)
        let plain = try relayed(client.message(.solicit))
        let told = try relayed(plain, hops: 1, [linkLayer(V6Network.mac(0xB))])
        #expect(try network.send(told, fromRelay()).answer?.port == V6Network.portB)
    }

    @Test func theLinkAddressChoosesTheSubnet() throws {
        let subnets = [try V6Network.subnet(), try V6Network.subnet("2001:db8:2::/64")]
        let host = try V6Network.host(
            V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a", "2001:db8:2::a"], subnets: [0, 1])
        var network = try V6Network(subnets, hosts: [host])
        func addresses(_ link: String) throws -> [String]? {
            try network.send(relayed(client.message(.solicit), link: link), fromRelay())
                .answer?.addresses.map(\.description)
        }
        #expect(try addresses("2001:db8:2::1") == ["2001:db8:2::a"])
        #expect(try addresses("2001:db8:1::ffff") == ["2001:db8:1::a"])
        // A lightweight relay agent has no address: the client is on our own link.
        #expect(try addresses("::") == ["2001:db8:1::a", "2001:db8:2::a"])
        #expect(try addresses("2001:db8:3::1") == nil)
        #expect(try network.send(client.message(.solicit)).answer?.addresses.count == 2)
    }

    @Test func aLinkThatIsNoneOfOursIsNotAnswered() throws {
        var network = try V6Network()
        for link in ["2001:db8:3::1", "fe80::1", "ff02::1"] {
            let exchange = try network.send(relayed(client.message(.solicit), link: link), fromRelay())
            #expect(exchange.dropped == .noSubnet, "\(link)")
        }
        var empty = try V6Network([])
        #expect(try empty.send(client.message(.solicit)).dropped == .noSubnet)
    }

    @Test func aLightweightRelayBehindARelayLeavesTheLinkToThatOne() throws {
        let subnets = [try V6Network.subnet(), try V6Network.subnet("2001:db8:2::/64")]
        let host = try V6Network.host(
            V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a", "2001:db8:2::a"], subnets: [0, 1])
        var network = try V6Network(subnets, hosts: [host])
        let inner = try relayed(client.message(.solicit), link: "::")
        let outer = try relayed(inner, link: "2001:db8:2::1", hops: 1)
        let addresses = try network.send(outer, fromRelay()).answer?.addresses
        #expect(addresses?.map(\.description) == ["2001:db8:2::a"])
    }

    @Test func aRelayThatAsksIsAnsweredAtItsOwnPort() throws {
        var network = try V6Network()
        let message = try relayed(client.message(.solicit), [DHCPv6Option(135, [0, 0])])
        let exchange = try network.send(message, fromRelay())
        #expect(exchange.answer?.destinationPort == 40_000)
        #expect(try exchange.reply()[option: 135] == [0, 0])
    }

    @Test func aRelaySeesAgainWhatItAsksFor() throws {
        var network = try V6Network()
        let message = try relayed(
            client.message(.solicit),
            [
                DHCPv6Option(37, [0, 0, 0, 9, 1]), DHCPv6Option(38, [5]), DHCPv6Option(43, [0, 38, 0, 9, 0]),
            ])
        #expect(try network.send(message, fromRelay()).reply().options.map(\.code) == [38, 9])
    }

    @Test func relaysMayUnicastAndMayBeNestedNineTimes() throws {
        var network = try V6Network()
        var message = try client.message(.solicit)
        for hops in UInt8(0)..<9 { message = try relayed(message, hops: hops) }
        var reply = try network.send(message, fromRelay()).reply()
        for hops in (UInt8(0)..<9).reversed() {
            guard case .relay(.relayReply, hops, _, _, _) = reply else {
                Issue.record("hop \(hops) is missing")
                return
            }
            reply = try DHCPv6Message(parsing: try #require(reply[option: 9]))
        }
        #expect(reply.type == .advertise)
        #expect(try network.send(relayed(message, hops: 8), fromRelay()).dropped == .relayLoop)
        #expect(
            try network.send(relayed(client.message(.solicit), hops: 9), fromRelay()).dropped == .relayLoop)
    }

    @Test func whatIsRelayedMustBeARequest() throws {
        var network = try V6Network()
        let reply = DHCPv6Message.plain(type: .reply, transactionID: 1, options: [])
        #expect(try network.send(relayed(reply), fromRelay()).dropped == .notARequest)
        let unknown = DHCPv6Message.plain(type: .init(rawValue: 99), transactionID: 1, options: [])
        #expect(try network.send(relayed(unknown), fromRelay()).dropped == .unknownMessageType)
        let empty = DHCPv6Message.relay(
            type: .relayForward, hopCount: 0, linkAddress: .any, peerAddress: .any, options: [])
        #expect(
            try network.send(empty, fromRelay()).outcome
                == .dropped(.malformedOption, request: .relayForward, port: nil))
    }

    @Test func naminAPortInARelayedMessageDoesNotUseUpItsAnswers() throws {
        var network = try V6Network { $0.limits.portBurst = 2 }
        let forged = try relayed(client.message(.solicit), [linkLayer(V6Network.mac(0xA))])
        for _ in 0..<2 { #expect(try network.send(forged, fromRelay()).answer != nil) }
        #expect(try network.send(forged, fromRelay()).dropped == .portLimit)
        #expect(try network.send(client.message(.solicit)).answer != nil)
    }

    @Test func aRelayThatAsksForAllCodesOfManyOptionsCostsNoMoreThanOneThatAsksForOne() throws {
        var network = try V6Network { $0.limits = .unlimited }
        network.capacity = 65_000
        let filler = (0..<10_000).map { _ in DHCPv6Option(60_000, []) }
        func cost(asking count: Int) throws -> UInt64 {
            let codes = (0..<count).flatMap { [0xF0, UInt8($0 & 0xFF)] as [UInt8] }
            let message = try relayed(client.message(.solicit), filler + [DHCPv6Option(43, codes)])
                .serialized()
            var isAnswered = false
            let time = try processorTime { isAnswered = try network.send(message, fromRelay()).answer != nil }
            #expect(isAnswered)
            return time
        }
        let ratio = try costRatio(of: { try cost(asking: 256) }, to: { try cost(asking: 1) }, below: 10)
        #expect(ratio < 10)
    }

    /// Two prefixes of one segment, of which the relay's address is in the first.
    func segment() throws -> V6Network {
        let subnets = [try V6Network.subnet(), try V6Network.subnet("2001:db8:2::/64")]
        return try V6Network(
            subnets,
            hosts: [
                V6Network.host(
                    V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a", "2001:db8:2::a"], subnets: [0, 1]),
                V6Network.host(V6Network.portB, V6Network.mac(0xB), ["2001:db8:2::b"], subnets: [1]),
            ])
    }

    @Test(arguments: [DHCPv6MessageType.renew, .rebind])
    func anAddressOfThePortIsKeptWhicheverSubnetTheRelayIsIn(_ type: DHCPv6MessageType) throws {
        var network = try segment()
        let server = type == .renew ? V6Network.server : nil
        func leases(_ addresses: [String], _ mac: UInt8) throws -> Set<V6Lease> {
            let message = try relayed(
                client.message(type, addresses, server: server), [linkLayer(V6Network.mac(mac))])
            guard case .relay(_, _, _, _, let options) = try network.send(message, fromRelay()).reply() else {
                return []
            }
            let reply = try DHCPv6Message(parsing: try #require(options.last).data)
            let association = try DHCPv6IdentityAssociation(parsing: try #require(reply[option: 3]))
            return Set(try association.addresses().map { V6Lease("\($0.address)", $0.validLifetime) })
        }
        #expect(try leases(["2001:db8:2::b"], 0xB) == [V6Lease("2001:db8:2::b")])
        #expect(
            try leases(["2001:db8:1::a", "2001:db8:2::a"], 0xA)
                == [V6Lease("2001:db8:1::a"), V6Lease("2001:db8:2::a")])
        #expect(
            try leases(["2001:db8:2::a"], 0xA) == [V6Lease("2001:db8:1::a"), V6Lease("2001:db8:2::a")])
        // What is not the port's goes, wherever it is.
        #expect(
            try leases(["2001:db8:2::c"], 0xB) == [V6Lease("2001:db8:2::c", 0)])
    }

    @Test func anAddressOfThePortIsConfirmedAndReleasedWhicheverSubnetTheRelayIsIn() throws {
        var network = try segment()
        func reply(_ type: DHCPv6MessageType, _ address: String, _ server: [UInt8]?) throws -> DHCPv6Message {
            let message = try relayed(
                client.message(type, [address], server: server), [linkLayer(V6Network.mac(0xB))])
            let outer = try network.send(message, fromRelay()).reply()
            return try DHCPv6Message(parsing: try #require(outer[option: 9]))
        }
        #expect(try reply(.confirm, "2001:db8:2::b", nil)[option: 13]?.prefix(2) == [0, 0])
        #expect(try reply(.confirm, "2001:db8:2::c", nil)[option: 13]?.prefix(2) == [0, 4])
        #expect(try reply(.release, "2001:db8:2::b", V6Network.server)[option: 3] == nil)
    }

    @Test func anAnswerThatDoesNotFitTheBufferIsNotSent() throws {
        var network = try V6Network()
        let message = try relayed(
            client.message(.solicit), [DHCPv6Option(18, Array(repeating: 1, count: 900))])
        let whole = try network.send(message, fromRelay())
        #expect(whole.answer != nil)
        network.capacity = whole.bytes.count - 1
        let cut = try network.send(message, fromRelay())
        #expect(cut.dropped == .replyDoesNotFit)
        #expect(cut.bytes.isEmpty)
        network.capacity += 1
        #expect(try network.send(message, fromRelay()).answer != nil)
    }
}
