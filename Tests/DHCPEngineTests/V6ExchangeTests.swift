import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// The messages of RFC 8415 section 18.3, one after the other.
@Suite struct V6ExchangeTests {
    let client = V6Client()
    let server = V6Network.server

    // MARK: SOLICIT

    @Test func aSolicitIsAnsweredByAnAdvertiseWithThePortsAddress() throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(.solicit))
        let reply = try exchange.reply()
        #expect(reply.type == .advertise)
        guard case .plain(_, let id, let options) = reply else {
            Issue.record("relayed")
            return
        }
        #expect(id == 0xABCDEF)
        #expect(options.map(\.code) == [1, 2, 3])
        #expect(reply[option: 1] == client.duid)
        #expect(reply[option: 2] == server)
        let association = try #require(try exchange.associations().first)
        #expect(association.iaid == 7)
        #expect(association.renewalTime == 43_200)
        #expect(association.rebindingTime == 75_600)
        let address = try #require(try association.addresses().first)
        #expect("\(address.address)" == "2001:db8:1::a")
        #expect(address.preferredLifetime == 86_400)
        #expect(address.validLifetime == 86_400)
        let answer = try #require(exchange.answer)
        #expect(answer.request == .solicit)
        #expect(answer.reply == .advertise)
        #expect(answer.port == V6Network.portA)
        #expect(answer.addresses == [try V6Network.v6("2001:db8:1::a")])
        #expect(answer.clientIdentifier == client.duid)
        #expect(answer.iaid == 7)
        #expect(answer.destinationPort == 546)
        #expect(answer.validLifetime == 86_400)
    }

    @Test func aHintInASolicitDoesNotChangeTheAddress() throws {
        var network = try V6Network()
        for hint in ["2001:db8:1::b", "2001:db8:1::ff", "2001:db8:9::1", "::"] {
            let exchange = try network.send(client.message(.solicit, [hint]))
            #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")]], "\(hint)")
        }
    }

    @Test func aSolicitWithoutAssociationIsAdvertisedOptionsOnly() throws {
        var network = try V6Network([
            V6Network.subnet(options: [DHCPv6Option(23, Array(repeating: 1, count: 16))])
        ])
        let exchange = try network.send(client.message(.solicit, associations: []))
        #expect(try exchange.reply().type == .advertise)
        #expect(try exchange.reply().options.map(\.code) == [1, 2, 23])
        #expect(exchange.answer?.addresses == [])
    }

    @Test func rapidCommitIsAnsweredAtOnce() throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(.solicit, [], [DHCPv6Option(14, [])]))
        #expect(try exchange.reply().type == .reply)
        #expect(try exchange.reply()[option: 14] == [])
        #expect(exchange.answer?.reply == .reply)
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")]])
    }

    @Test func rapidCommitCanBeSwitchedOff() throws {
        var network = try V6Network { $0.allowsRapidCommit = false }
        let exchange = try network.send(client.message(.solicit, [], [DHCPv6Option(14, [])]))
        #expect(try exchange.reply().type == .advertise)
        #expect(try exchange.reply()[option: 14] == nil)
    }

    @Test func rapidCommitWithNothingToGiveIsAnAdvertise() throws {
        var network = try V6Network(
            [V6Network.subnet(isStateful: false)], hosts: [V6Network.hostA("2001:db8:1::a")])
        let exchange = try network.send(client.message(.solicit, [], [DHCPv6Option(14, [])]))
        #expect(try exchange.reply().type == .advertise)
        #expect(try exchange.associationStatuses() == [2])
        #expect(try exchange.status() == 0)
    }

    @Test func preferenceIsOnlySentWhereItIsSetAndOnlyInAdvertise() throws {
        var network = try V6Network { $0.preference = 255 }
        #expect(try network.send(client.message(.solicit)).reply()[option: 7] == [255])
        #expect(try network.send(client.message(.request, server: server)).reply()[option: 7] == nil)
        var plain = try V6Network()
        #expect(try plain.send(client.message(.solicit)).reply()[option: 7] == nil)
    }

    // MARK: REQUEST

    @Test func aRequestGetsThePortsAddressWhateverItNamesOnTheLink() throws {
        var network = try V6Network()
        for named in [[], ["2001:db8:1::a"], ["2001:db8:1::b"], ["2001:db8:1::77", "2001:db8:1::a"]] {
            let exchange = try network.send(client.message(.request, named, server: server))
            #expect(try exchange.reply().type == .reply)
            #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")]], "\(named)")
            #expect(try exchange.associationStatuses() == [0])
        }
    }

    @Test func aRequestForAnAddressOfAnotherLinkIsNotOnLink() throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(.request, ["2001:db8:9::1"], server: server))
        #expect(try exchange.leases() == [[]])
        #expect(try exchange.associationStatuses() == [4])
        #expect(exchange.answer?.addresses == [])
        #expect(exchange.answer?.validLifetime == 0)
    }

    // MARK: RENEW, REBIND

    @Test(arguments: [DHCPv6MessageType.renew, .rebind])
    func theRightAddressIsExtendedWhateverTheIdentity(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        var client = client
        for (duid, iaid) in [
            (client.duid, UInt32(7)), ([0, 2, 0, 0, 0x12, 0x34, 1, 2, 3], 0), ([0, 4] + server, 0xFFFF_FFFF),
        ] {
            client.duid = duid
            client.iaid = iaid
            let message = try client.message(
                type, ["2001:db8:1::a"], server: type == .renew ? server : nil)
            let exchange = try network.send(message)
            #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")]])
            #expect(try exchange.associations().first?.iaid == iaid)
            #expect(try exchange.associationStatuses() == [0])
        }
    }

    @Test(arguments: [DHCPv6MessageType.renew, .rebind])
    func aWrongAddressIsWithdrawnAndTheRightOneGiven(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        for wrong in ["2001:db8:1::b", "2001:db8:1::99", "2001:db8:9::1"] {
            let message = try client.message(type, [wrong], server: type == .renew ? server : nil)
            let exchange = try network.send(message)
            #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a"), V6Lease(wrong, 0)]])
            #expect(exchange.answer?.addresses.map(\.description) == ["2001:db8:1::a"])
        }
    }

    @Test func aPortThatLostItsAddressesIsToldSoWithoutTimes() throws {
        var network = try V6Network(
            [V6Network.subnet()], hosts: [V6Network.host(V6Network.portA, V6Network.mac(0xA), [])])
        let exchange = try network.send(client.message(.renew, ["2001:db8:1::a"], server: server))
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a", 0)]])
        let association = try #require(try exchange.associations().first)
        #expect(association.renewalTime == 0)
        #expect(association.rebindingTime == 0)
        #expect(try network.send(client.message(.renew, [], server: server)).associationStatuses() == [2])
        #expect(try network.send(client.message(.solicit)).associationStatuses() == [2])
    }

    // MARK: CONFIRM

    @Test(
        arguments: [
            (["2001:db8:1::a"], UInt16(0)), (["2001:db8:1::77"], 0), (["2001:db8:9::1"], 4),
            (["2001:db8:1::a", "2001:db8:9::1"], 4),
        ] as [([String], UInt16)])
    func confirmSaysWhetherAllAddressesAreOnTheLinkWhoeverGaveThem(_ named: [String], _ status: UInt16) throws
    {
        var network = try V6Network()
        let exchange = try network.send(client.message(.confirm, named))
        #expect(try exchange.reply().type == .reply)
        #expect(try exchange.reply().options.map(\.code) == [1, 2, 13])
        #expect(try exchange.status() == status)
    }

    @Test func aConfirmWithoutAddressIsNotAnswered() throws {
        var network = try V6Network()
        #expect(try network.send(client.message(.confirm)).dropped == .missingAddress)
    }

    @Test func aStrangersConfirmIsAboutTheLink() throws {
        var network = try V6Network()
        let arrival = try V6Network.arrival(V6Network.mac(0xEE)).known(V6Network.mac(0xEE))
        #expect(try network.send(client.message(.confirm, ["2001:db8:1::77"]), arrival).status() == 0)
        let off = try network.send(client.message(.confirm, ["2001:db8:9::1"]), arrival)
        #expect(try off.status() == 4)
        #expect(off.answer?.port == nil)
    }

    // MARK: RELEASE, DECLINE

    @Test(arguments: [DHCPv6MessageType.release, .decline])
    func givingBackIsAcknowledgedAndTheAddressStays(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(type, ["2001:db8:1::a"], server: server))
        #expect(try exchange.reply().options.map(\.code) == [1, 2, 13])
        #expect(try exchange.status() == 0)
        #expect(exchange.answer?.addresses.map(\.description) == ["2001:db8:1::a"])
        #expect(exchange.answer?.validLifetime == 0)
        #expect(try network.send(client.message(.solicit)).leases() == [[V6Lease("2001:db8:1::a")]])
    }

    @Test(arguments: [DHCPv6MessageType.release, .decline])
    func givingBackWhatIsNotThePortsIsNoBinding(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        let exchange = try network.send(
            client.message(
                type, associations: [(1, ["2001:db8:1::b"]), (2, ["2001:db8:1::a"]), (3, [])], server: server)
        )
        #expect(try exchange.status() == 0)
        #expect(try exchange.associations().map(\.iaid) == [1, 3])
        #expect(try exchange.associationStatuses() == [3, 3])
        #expect(try exchange.leases() == [[], []])
    }

    // MARK: INFORMATION-REQUEST

    @Test func anInformationRequestGetsOptionsAndARefreshTime() throws {
        let dns = DHCPv6Option(23, Array(repeating: 9, count: 16))
        var network = try V6Network([V6Network.subnet(isStateful: false, options: [dns])])
        let message = DHCPv6Message.plain(
            type: .informationRequest, transactionID: 1, options: [V6Client.asks(23, 32)])
        let exchange = try network.send(message)
        #expect(try exchange.reply().type == .reply)
        #expect(try exchange.reply().options.map(\.code) == [2, 23, 32])
        #expect(try exchange.reply()[option: 32] == [0, 1, 0x51, 0x80])
        #expect(exchange.answer?.clientIdentifier == [])
        #expect(exchange.answer?.port == V6Network.portA)
    }

    @Test(arguments: [(UInt32(120), UInt32(600)), (7200, 7200), (4_294_967_295, 86_400)])
    func theRefreshTimeFollowsTheLeaseTimeWithinBounds(_ lease: UInt32, _ refresh: UInt32) throws {
        var subnet = try V6Network.subnet(isStateful: false)
        subnet.validLifetime = lease
        var network = try V6Network([subnet])
        let message = DHCPv6Message.plain(
            type: .informationRequest, transactionID: 1, options: [V6Client.asks(32)])
        let bytes = try #require(try network.send(message).reply()[option: 32])
        #expect(bytes.reduce(0) { $0 << 8 | UInt32($1) } == refresh)
    }

    @Test func aStrangerIsInformedUnlessThatIsSwitchedOff() throws {
        let dns = DHCPv6Option(23, Array(repeating: 9, count: 16))
        let message = DHCPv6Message.plain(
            type: .informationRequest, transactionID: 1, options: [V6Client.asks(23)])
        let arrival = try V6Network.arrival(V6Network.mac(0xEE)).known(V6Network.mac(0xEE))
        var network = try V6Network([V6Network.subnet(isStateful: false, options: [dns])])
        let exchange = try network.send(message, arrival)
        #expect(try exchange.reply()[option: 23] == dns.data)
        #expect(exchange.answer?.port == nil)
        var closed = try V6Network([V6Network.subnet(isStateful: false, options: [dns])]) {
            $0.informsStrangers = false
        }
        #expect(try closed.send(message, arrival).dropped == .unknownClient)
    }

    // MARK: Associations

    @Test func allAddressesOfAPortGoToOneAssociation() throws {
        var network = try V6Network(
            hosts: [V6Network.hostA("2001:db8:1::a", "2001:db8:1::a1", "2001:db8:1::a2")])
        let exchange = try network.send(client.message(.solicit))
        #expect(
            try exchange.leases() == [
                [V6Lease("2001:db8:1::a"), V6Lease("2001:db8:1::a1"), V6Lease("2001:db8:1::a2")]
            ])
    }

    @Test func theFirstOfTwoAssociationsGetsTheAddressTheOtherNone() throws {
        var network = try V6Network()
        let exchange = try network.send(client.message(.solicit, associations: [(1, []), (2, [])]))
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")], []])
        #expect(try exchange.associationStatuses() == [0, 2])
    }

    @Test func anAddressStaysInTheAssociationThatNamesIt() throws {
        var network = try V6Network(hosts: [V6Network.hostA("2001:db8:1::a", "2001:db8:1::a1")])
        let exchange = try network.send(
            client.message(
                .renew, associations: [(1, ["2001:db8:1::a1"]), (2, ["2001:db8:1::a"])], server: server))
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a1")], [V6Lease("2001:db8:1::a")]])
        let swapped = try network.send(
            client.message(.solicit, associations: [(1, []), (2, ["2001:db8:1::a"])]))
        #expect(try swapped.leases() == [[V6Lease("2001:db8:1::a1")], [V6Lease("2001:db8:1::a")]])
    }

    @Test func anAddressThatTwoAssociationsNameIsInTheFirstAndNotWithdrawnFromTheOther() throws {
        var network = try V6Network()
        let exchange = try network.send(
            client.message(
                .renew, associations: [(1, ["2001:db8:1::a"]), (2, ["2001:db8:1::a"])], server: server))
        #expect(try exchange.leases() == [[V6Lease("2001:db8:1::a")], []])
        #expect(try exchange.associationStatuses() == [0, 2])
    }

    @Test(arguments: [
        (DHCPv6MessageType.solicit, UInt16(2), UInt16(6)), (.request, 2, 6), (.renew, 3, 3),
        (.rebind, 3, 3), (.release, 3, 3), (.decline, 3, 3),
    ])
    func temporaryAddressesAndPrefixesAreRefused(
        _ type: DHCPv6MessageType, _ temporary: UInt16, _ prefix: UInt16
    ) throws {
        var network = try V6Network()
        let needsServer = type != .solicit && type != .rebind
        let exchange = try network.send(
            client.message(
                type, ["2001:db8:1::a"], server: needsServer ? server : nil,
                [
                    DHCPv6Option(4, [0, 0, 0, 9]),
                    DHCPv6Option(25, [0, 0, 0, 8] + [UInt8](repeating: 0, count: 8)),
                ]))
        let reply = try exchange.reply()
        #expect(
            reply[option: 4]?.prefix(10) == [0, 0, 0, 9, 0, 13] + (reply[option: 4]?[6..<8] ?? []) + [
                0, UInt8(temporary),
            ])
        #expect(reply[option: 25]?.prefix(12) == [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0])
        let status = try DHCPv6Option.parse(try #require(reply[option: 25])[12...])
        #expect(try status.map { try DHCPv6Status(parsing: $0.data).code } == [prefix])
        #expect(exchange.answer?.addresses.map(\.description) == ["2001:db8:1::a"])
    }

    // MARK: Changes of the subnets

    /// The order of subnets changes with every one that comes or goes: they are sorted by their identifiers.
    @Test func whereSubnetsChangeTheirPlacesAddressesFollowByTheirPrefixes() throws {
        let subnets = [
            try V6Network.subnet(), try V6Network.subnet("2001:db8:2::/64"),
            try V6Network.subnet("2001:db8:3::/64"),
        ]
        let two = try V6Network.host(
            V6Network.portA, V6Network.mac(0xA), ["2001:db8:2::a", "2001:db8:3::a"], subnets: [1, 2])
        let one = try V6Network.host(V6Network.portB, V6Network.mac(0xB), ["2001:db8:3::b"], subnets: [2])
        for changed in [
            Array(subnets.reversed()), Array(subnets.dropFirst()),
            [try V6Network.subnet("2001:db8:9::/64")] + subnets,
        ] {
            var network = try V6Network(subnets, hosts: [two, one])
            var configuration = network.engine.configuration
            configuration.subnets = changed
            network.engine.configure(configuration)
            let message = try client.message(.renew, ["2001:db8:2::a", "2001:db8:3::a"], server: server)
            #expect(
                try network.send(message).leases() == [[V6Lease("2001:db8:2::a"), V6Lease("2001:db8:3::a")]])
            let arrival = try V6Network.arrival(V6Network.mac(0xB))
            #expect(
                try network.send(client.message(.rebind, ["2001:db8:3::b"]), arrival).leases()
                    == [[V6Lease("2001:db8:3::b")]])
            #expect(try network.send(client.message(.confirm, ["2001:db8:3::b"]), arrival).status() == 0)
            #expect(
                try network.send(client.message(.solicit), arrival).leases() == [[V6Lease("2001:db8:3::b")]])
            let places = try ["2001:db8:2::/64", "2001:db8:3::/64"].map { prefix in
                try #require(changed.firstIndex { "\($0.prefix)" == prefix })
            }
            #expect(network.engine.host(of: V6Network.portA)?.addresses.map(\.subnet) == places)
        }
    }

    @Test func anAddressWhoseSubnetIsNotServedAnyMoreIsNotWithdrawnBeforeThePortLosesIt() throws {
        var network = try V6Network([V6Network.subnet(), V6Network.subnet("2001:db8:2::/64")])
        network.engine.insert(
            try V6Network.host(
                V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a", "2001:db8:2::a"], subnets: [0, 1]))
        var configuration = network.engine.configuration
        configuration.subnets.removeLast()
        network.engine.configure(configuration)
        func renew(_ addresses: [String]) throws -> V6Exchange {
            try network.send(client.message(.renew, addresses, server: server))
        }
        #expect(try renew(["2001:db8:1::a", "2001:db8:2::a"]).leases() == [[V6Lease("2001:db8:1::a")]])
        #expect(try network.send(client.message(.confirm, ["2001:db8:2::a"])).status() == 0)
        let two = try client.message(
            .renew, associations: [(1, ["2001:db8:1::a"]), (2, ["2001:db8:2::a"])], server: server)
        #expect(try network.send(two).associations().map(\.iaid) == [1])
        configuration.subnets.removeAll { "\($0.prefix)" == V6Network.prefix }
        configuration.subnets = [try V6Network.subnet("2001:db8:5::/64")]
        network.engine.configure(configuration)
        #expect(try renew(["2001:db8:2::a"]).dropped == .noAddressOnSubnet)
        network.engine.insert(try V6Network.host(V6Network.portA, V6Network.mac(0xA), []))
        #expect(try renew(["2001:db8:2::a"]).leases() == [[V6Lease("2001:db8:2::a", 0)]])
    }

    @Test func ofMoreThanThirtyTwoAddressesNoneIsTakenAway() throws {
        let all = (1...40).map { "2001:db8:1::\(String($0, radix: 16))" }
        var network = try V6Network(hosts: [V6Network.host(V6Network.portA, V6Network.mac(0xA), all)])
        #expect(try network.send(client.message(.solicit)).leases().first?.count == 32)
        for named in [Array(all.suffix(1)), Array(all.suffix(32)), Array(all.prefix(32))] {
            let leases = try #require(
                try network.send(client.message(.renew, named, server: server)).leases().first)
            #expect(leases.allSatisfy { $0.validLifetime == 86_400 })
            #expect(Set(leases.map(\.address)).isSuperset(of: named))
            #expect(leases.count == 32)
            #expect(try network.send(client.message(.confirm, named)).status() == 0)
            let requested = try #require(
                try network.send(client.message(.request, named, server: server)).leases().first)
            #expect(Set(requested.map(\.address)).isSuperset(of: named))
        }
    }

    @Test func aClientThatWantsAPrefixTooMayWaitForTheServerThatHasSome() throws {
        var network = try V6Network { $0.preference = 255 }
        let prefix = DHCPv6Option(25, [0, 0, 0, 8] + [UInt8](repeating: 0, count: 8))
        #expect(try network.send(client.message(.solicit)).reply()[option: 7] == [255])
        #expect(
            try network.send(client.message(.solicit, [], server: nil, [prefix])).reply()[option: 7] == nil)
    }

    @Test func onlySixteenAssociationsAndThirtyTwoAddressesAreLookedAt() throws {
        var network = try V6Network()
        let many = (0..<40).map { (UInt32($0), [String]()) }
        #expect(try network.send(client.message(.solicit, associations: many)).associations().count == 16)
        let wrong = (0x100..<0x164).map { "2001:db8:1::\(String($0, radix: 16))" }
        let exchange = try network.send(client.message(.renew, wrong, server: server))
        #expect(try exchange.leases().first?.count == 33)
    }

    // MARK: Who is addressed (RFC 8415 section 16)

    @Test(arguments: [
        (DHCPv6MessageType.solicit, false), (.request, true), (.confirm, false), (.renew, true),
        (.rebind, false), (.release, true), (.decline, true),
    ])
    func theServerIdentifierIsWhereItMustBeAndOurs(_ type: DHCPv6MessageType, _ isNeeded: Bool) throws {
        var network = try V6Network()
        let named = ["2001:db8:1::a"]
        let without = try network.send(client.message(type, named))
        let ours = try network.send(client.message(type, named, server: server))
        let others = try network.send(client.message(type, named, server: [0, 4, 9]))
        if isNeeded {
            #expect(without.dropped == .missingServerIdentifier)
            #expect(ours.answer != nil)
            #expect(others.dropped == .otherServer)
        } else {
            #expect(without.answer != nil)
            #expect(ours.dropped == .unexpectedServerIdentifier)
            #expect(others.dropped == .unexpectedServerIdentifier)
        }
        let anonymous = DHCPv6Message.plain(type: type, transactionID: 1, options: [])
        #expect(try network.send(anonymous).dropped == .missingClientIdentifier)
    }

    @Test func anInformationRequestMayNameUsButNoOther() throws {
        var network = try V6Network()
        func message(_ options: [DHCPv6Option]) -> DHCPv6Message {
            .plain(type: .informationRequest, transactionID: 1, options: options)
        }
        #expect(try network.send(message([DHCPv6Option(2, server)])).answer != nil)
        #expect(try network.send(message([DHCPv6Option(2, [1])])).dropped == .otherServer)
        #expect(try network.send(message([V6Client.association(1, [])])).dropped == .malformedOption)
    }

    @Test(arguments: [DHCPv6MessageType.advertise, .reply, .reconfigure, .relayReply])
    func whatServersSayIsNoRequest(_ type: DHCPv6MessageType) throws {
        var network = try V6Network()
        let bytes = [type.rawValue] + [UInt8](repeating: 0, count: 40)
        #expect(try network.send(bytes).dropped == .notARequest)
    }

    @Test(arguments: [UInt8(0), 14, 36, 255])
    func unknownMessagesAreLeftAlone(_ type: UInt8) throws {
        var network = try V6Network()
        let exchange = try network.send([type, 1, 2, 3, 0, 1, 0, 1, 9])
        #expect(
            exchange.outcome
                == .dropped(.unknownMessageType, request: DHCPv6MessageType(rawValue: type), port: nil))
    }

    @Test func clientsMustMulticast() throws {
        var network = try V6Network()
        var arrival = try V6Network.arrival()
        arrival.destination = try V6Network.v6("2001:db8:1::2")
        for type in [DHCPv6MessageType.solicit, .confirm, .rebind] {
            #expect(
                try network.send(client.message(type, ["2001:db8:1::a"]), arrival).dropped
                    == .unexpectedUnicast)
        }
        for type in [DHCPv6MessageType.request, .renew, .release, .decline] {
            let message = try client.message(type, ["2001:db8:1::a"], server: server)
            #expect(try network.send(message, arrival).dropped == .unexpectedUnicast)
        }
        arrival.destination = try V6Network.v6("ff05::1:3")
        #expect(try network.send(client.message(.solicit), arrival).answer != nil)
    }

    @Test func aSourceThatCannotBeAnsweredIsNotAnswered() throws {
        var network = try V6Network()
        for source in ["::", "ff02::1"] {
            let arrival = DHCPv6Arrival(
                source: try V6Network.v6(source), destination: try V6Network.v6("ff02::1:2"))
            #expect(try network.send(client.message(.solicit), arrival).dropped == .unknownSource)
        }
    }

    @Test(
        arguments: [
            ([], DropReason.truncated), ([1], .truncated), ([1, 0, 0], .truncated),
            ([1, 0, 0, 0, 0], .malformedOption), ([1, 0, 0, 0, 0, 1, 0, 9, 1], .malformedOption),
            ([1, 0, 0, 0, 0, 3, 0, 4, 1, 2, 3, 4], .malformedOption), ([12, 0, 1], .truncated),
            ([12, 0] + [UInt8](repeating: 0, count: 32), .malformedOption),
            ([1, 0, 0, 0, 0, 1, 0, 131] + [UInt8](repeating: 1, count: 131), .malformedOption),
        ] as [([UInt8], DropReason)])
    func malformedPacketsAreDropped(_ bytes: [UInt8], _ reason: DropReason) throws {
        var network = try V6Network()
        #expect(try network.send(bytes).dropped == reason)
    }
}

extension DHCPv6Arrival {
    /// The same with the neighbour table's answer.
    func known(_ mac: MACAddress) -> DHCPv6Arrival {
        var copy = self
        copy.linkLayer = .known(mac)
        return copy
    }
}
