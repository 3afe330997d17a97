import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// Which options an answer carries.
@Suite struct V6OptionTests {
    let client = V6Client()
    let dns = DHCPv6Option(23, [0x20, 1] + [UInt8](repeating: 0, count: 13) + [0x53])
    let search = DHCPv6Option(24, [3, 0x6C, 0x61, 0x62, 0])

    func codes(
        _ subnets: [DHCPv6Subnet], _ asked: [DHCPv6Option], port: [TaggedOption] = [],
        _ type: DHCPv6MessageType = .solicit
    ) throws -> [UInt16] {
        try reply(subnets, asked, port: port, type).options.map(\.code).filter { ![1, 2, 3].contains($0) }
    }

    func reply(
        _ subnets: [DHCPv6Subnet], _ asked: [DHCPv6Option], port: [TaggedOption] = [],
        _ type: DHCPv6MessageType = .solicit
    ) throws -> DHCPv6Message {
        let host = try V6Network.host(V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a"], options: port)
        var network = try V6Network(subnets, hosts: [host])
        return try network.send(
            client.message(type, associations: type == .informationRequest ? [] : [(1, [])], asked)
        ).reply()
    }

    @Test func theClientGetsWhatItAsksForInItsOrder() throws {
        let subnet = try V6Network.subnet(options: [
            dns, search, DHCPv6Option(31, Array(repeating: 1, count: 16)),
        ])
        #expect(try codes([subnet], [V6Client.asks(24, 99, 23)]) == [24, 23])
        #expect(try codes([subnet], [V6Client.asks(99)]) == [])
        #expect(try codes([subnet], [DHCPv6Option(6, [])]) == [])
    }

    @Test func aClientWithoutOptionRequestGetsAll() throws {
        #expect(try codes([V6Network.subnet(options: [dns, search])], []) == [23, 24])
    }

    @Test func aHalfCodeAtTheEndOfAnOptionRequestIsIgnored() throws {
        let subnet = try V6Network.subnet(options: [dns, search])
        #expect(try codes([subnet], [DHCPv6Option(6, [0, 24, 0])]) == [24])
    }

    @Test func aPortsOptionReplacesTheSubnets() throws {
        let subnet = try V6Network.subnet(options: [dns, search])
        let own = TaggedOption(code: 23, data: Array(repeating: 7, count: 16))
        let reply = try reply([subnet], [V6Client.asks(23, 24)], port: [own])
        #expect(reply.options.filter { $0.code == 23 }.map(\.data) == [own.data])
        #expect(reply[option: 24] == search.data)
    }

    @Test func aBlankOptionOfAPortSuppressesTheSubnets() throws {
        let subnet = try V6Network.subnet(options: [dns, search])
        let blank = TaggedOption(code: 23, data: [], isBlank: true)
        #expect(try codes([subnet], [], port: [blank]) == [24])
    }

    @Test func theLastOfAPortsOptionsForOneCodeCounts() throws {
        let options = [TaggedOption(code: 59, data: [1]), TaggedOption(code: 59, data: [2])]
        #expect(try reply([V6Network.subnet()], [V6Client.asks(59)], port: options)[option: 59] == [2])
    }

    @Test func aBootFileDependsOnWhetherIPXEAsks() throws {
        let options = [
            TaggedOption(conditions: [.init(tag: "ipxe6", isNegated: true)], code: 59, data: [0x66]),
            TaggedOption(conditions: [.init(tag: "ipxe6", isNegated: false)], code: 59, data: [0x73]),
            TaggedOption(conditions: [.init(tag: "ipxe6", isNegated: false)], code: 60, data: [0, 1, 0x70]),
        ]
        let subnet = try V6Network.subnet()
        let asks = V6Client.asks(59, 60)
        let firmware = try reply([subnet], [asks], port: options)
        #expect(firmware[option: 59] == [0x66])
        #expect(firmware[option: 60] == nil)
        for userClass in [Array("iPXE".utf8), Array("my iPXE 1.21".utf8)] {
            let option = DHCPv6Option(15, [0, 2, 1, 1, 0, UInt8(userClass.count)] + userClass)
            let chained = try reply([subnet], [asks, option], port: options)
            #expect(chained[option: 59] == [0x73])
            #expect(chained[option: 60] == [0, 1, 0x70])
        }
        for other in [Array("ipxe".utf8), Array("iPX".utf8)] {
            let option = DHCPv6Option(15, [0, UInt8(other.count)] + other)
            #expect(try reply([subnet], [asks, option], port: options)[option: 59] == [0x66])
        }
        // A string that leads outside of its option is none.
        let cut = DHCPv6Option(15, [0, 9] + Array("iPXE".utf8))
        #expect(try reply([subnet], [asks, cut], port: options)[option: 59] == [0x66])
    }

    @Test(arguments: [("dhcpv6", true), ("known", true), ("ipxe", false), ("efi", false)])
    func tagsAreThoseThatDnsmasqSets(_ tag: String, _ isSet: Bool) throws {
        for isNegated in [false, true] {
            let option = TaggedOption(
                conditions: [.init(tag: tag, isNegated: isNegated)], code: 59, data: [1])
            let codes = try codes([V6Network.subnet()], [V6Client.asks(59)], port: [option])
            #expect(codes == (isSet != isNegated ? [59] : []))
        }
    }

    @Test func theFirstSubnetsOptionCountsAndTheOthersAddToIt() throws {
        let other = DHCPv6Option(23, Array(repeating: 2, count: 16))
        let subnets = [
            try V6Network.subnet(options: [dns]),
            try V6Network.subnet("2001:db8:2::/64", isStateful: false, options: [other, search]),
        ]
        let host = try V6Network.host(
            V6Network.portA, V6Network.mac(0xA), ["2001:db8:2::a", "2001:db8:1::a"], subnets: [1, 0])
        var network = try V6Network(subnets, hosts: [host])
        // Where an address is given, that subnet speaks first.
        let solicit = try network.send(client.message(.solicit)).reply()
        #expect(solicit[option: 23] == dns.data)
        #expect(solicit[option: 24] == search.data)
        // Where none is, the port's order of addresses counts.
        let information = try network.send(client.message(.informationRequest, associations: [])).reply()
        #expect(information[option: 23] == other.data)
    }

    @Test func subnetsWithoutAnAddressOfThePortSayNothing() throws {
        let subnets = [
            try V6Network.subnet(options: [dns]), try V6Network.subnet("2001:db8:2::/64", options: [search]),
        ]
        var network = try V6Network(subnets)
        #expect(try network.send(client.message(.solicit)).reply().options.map(\.code) == [1, 2, 3, 23])
    }

    @Test func vendorOptionsOfSeveralEnterprisesAreAllSent() throws {
        let port = [
            TaggedOption(code: 17, data: [0, 0, 0, 1, 0xA]), TaggedOption(code: 17, data: [0, 0, 0, 2, 0xB]),
        ]
        let subnet = try V6Network.subnet(options: [
            DHCPv6Option(17, [0, 0, 0, 2, 0xC]), DHCPv6Option(17, [0, 0, 0, 3, 0xD]),
        ])
        let sent = try reply([subnet], [V6Client.asks(17)], port: port).options.filter { $0.code == 17 }
        #expect(Set(sent.map(\.data)) == [[0, 0, 0, 1, 0xA], [0, 0, 0, 2, 0xB], [0, 0, 0, 3, 0xD]])
    }

    @Test func whatTheEngineSaysItselfCannotBeConfigured() throws {
        let options = [1, 2, 3, 5, 7, 9, 12, 13, 14, 18, 25, 39].map { DHCPv6Option($0, [9, 9]) }
        #expect(try codes([V6Network.subnet(options: options)], []) == [])
    }

    @Test func theRefreshTimeIsOnlyForInformationRequests() throws {
        let subnet = try V6Network.subnet(options: [DHCPv6Option(32, [0, 0, 3, 0])])
        #expect(try codes([subnet], [V6Client.asks(32)]) == [])
        #expect(try reply([subnet], [V6Client.asks(32)], .informationRequest)[option: 32] == [0, 0, 3, 0])
        #expect(try codes([subnet], [V6Client.asks(23)], .informationRequest) == [])
    }

    @Test(arguments: [UInt16(82), 83])
    func maximumTimesAreSentWithinTheirRange(_ code: UInt16) throws {
        for (data, isSent) in [
            ([0, 0, 0, 60], true), ([0, 1, 0x51, 0x80], true), ([0, 0, 0, 59], false),
            ([0, 1, 0x51, 0x81], false), ([60], false),
        ] as [([UInt8], Bool)] {
            let subnet = try V6Network.subnet(options: [DHCPv6Option(code, data)])
            #expect(try codes([subnet], [V6Client.asks(code)]) == (isSent ? [code] : []))
        }
    }

    @Test func ntpAndCaptivePortalAreOptionsLikeOthers() throws {
        let subnet = try V6Network.subnet(options: [
            DHCPv6Option(56, [0, 1, 0, 16] + [UInt8](repeating: 1, count: 16)),
            DHCPv6Option(103, Array("https://portal.example/".utf8)),
        ])
        #expect(try codes([subnet], [V6Client.asks(103, 56)]) == [103, 56])
    }

    // MARK: Size

    @Test func whatDoesNotFitIsLeftOutFromTheEndOfTheRequest() throws {
        let options = (200..<206).map { DHCPv6Option(UInt16($0), Array(repeating: 1, count: 300)) }
        var network = try V6Network([V6Network.subnet(options: options)])
        let message = try client.message(.solicit, [], [V6Client.asks(205, 204, 203, 202, 201, 200)])
        let exchange = try network.send(message)
        #expect(exchange.bytes.count <= 1232)
        #expect(try exchange.reply().options.map(\.code) == [1, 2, 3, 205, 204, 203])
        var wide = try V6Network([V6Network.subnet(options: options)]) { $0.replySize = 4000 }
        #expect(try wide.send(message).reply().options.count == 9)
    }

    // MARK: The name (RFC 4704)

    @Test func theNameIsSentToThoseThatKnowTheOption() throws {
        var network = try V6Network(
            hosts: [V6Network.host(V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a"])])
        #expect(try network.send(client.message(.solicit)).reply()[option: 39] == nil)
        #expect(
            try network.send(client.message(.solicit, [], [V6Client.asks(23)])).reply()[option: 39] == nil)
        let name = label("host-2001-db8-1--a") + label("openstacklocal") + [0]
        let asked = try network.send(client.message(.solicit, [], [V6Client.asks(39)])).reply()
        #expect(asked[option: 39] == [1] + name)
        for (flags, answer) in [(UInt8(1), UInt8(1)), (0, 3), (4, 3), (5, 1)] {
            let option = DHCPv6Option(39, [flags] + label("whatever"))
            let sent = try network.send(client.message(.solicit, [], [option])).reply()
            #expect(sent[option: 39] == [answer] + name)
        }
    }

    @Test func thePortsNameIsTakenAndADomainIsNotNeeded() throws {
        var subnet = try V6Network.subnet()
        subnet.domainName = ""
        var host = try V6Network.hostA()
        host.hostName = "web"
        var network = try V6Network([subnet], hosts: [host])
        let message = try client.message(.solicit, [], [V6Client.asks(39)])
        #expect(try network.send(message).reply()[option: 39] == [1] + label("web"))
        subnet.domainName = "cloud.example."
        network.engine.configure(DHCPv6Configuration(subnets: [subnet], serverIdentifier: V6Network.server))
        #expect(
            try network.send(message).reply()[option: 39]
                == [1] + label("web") + label("cloud") + label("example") + [0])
        host.hostName = String(repeating: "x", count: 64)
        network.engine.insert(host)
        #expect(try network.send(message).reply()[option: 39] == nil)
    }

    func label(_ text: String) -> [UInt8] { [UInt8(text.utf8.count)] + text.utf8 }

    // MARK: Configuration

    @Test func timesThatClientsWouldRefuseAreMadeConsistent() throws {
        var subnet = try V6Network.subnet()
        subnet.preferredLifetime = 100_000
        subnet.renewalTime = 90_000
        var network = try V6Network([subnet])
        let association = try #require(try network.send(client.message(.solicit)).associations().first)
        #expect(association.renewalTime == 75_600)
        #expect(try association.addresses().first?.preferredLifetime == 86_400)
        subnet.rebindingTime = 0
        network.engine.configure(DHCPv6Configuration(subnets: [subnet], serverIdentifier: V6Network.server))
        let loose = try #require(try network.send(client.message(.solicit)).associations().first)
        #expect(loose.renewalTime == 90_000)
        #expect(loose.rebindingTime == 0)
    }

    @Test func severalSubnetsShareTheShortestTimes() throws {
        var second = try V6Network.subnet("2001:db8:2::/64")
        second.renewalTime = 100
        second.validLifetime = 400
        second.preferredLifetime = 300
        let host = try V6Network.host(
            V6Network.portA, V6Network.mac(0xA), ["2001:db8:1::a", "2001:db8:2::a"], subnets: [0, 1])
        var network = try V6Network([V6Network.subnet(), second], hosts: [host])
        let association = try #require(try network.send(client.message(.solicit)).associations().first)
        #expect(association.renewalTime == 100)
        #expect(association.rebindingTime == 75_600)
        #expect(try association.addresses().map(\.preferredLifetime) == [86_400, 300])
        #expect(try association.addresses().map(\.validLifetime) == [86_400, 400])
    }

    @Test func anAddressOutsideItsSubnetIsNotGiven() throws {
        var network = try V6Network([V6Network.subnet("2001:db8:7::/64")])
        #expect(try network.send(client.message(.solicit)).associationStatuses() == [2])
        let host = try V6Network.host(V6Network.portA, V6Network.mac(0xA), ["2001:db8:7::a"], subnets: [5])
        network.engine.insert(host)
        #expect(try network.send(client.message(.solicit)).associationStatuses() == [2])
    }

    @Test func anotherAgentOfTheNetworkAnswersTheSame() throws {
        var first = try V6Network()
        var second = try V6Network()
        second.now = 77_000_000
        for message in [
            try client.message(.solicit), try client.message(.request, server: V6Network.server),
            try client.message(.rebind, ["2001:db8:1::a"]),
        ] {
            #expect(try first.send(message).bytes == second.send(message).bytes)
        }
    }
}
