import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// What clients are told, and in which order.
@Suite struct V4OptionTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)

    func offer(_ requested: [UInt8]?, _ options: [UInt8: [UInt8]] = [:]) throws -> DHCPv4Message {
        var network = try V4Network()
        var client = client
        client.requestedOptions = requested
        return try network.ask(client.discover(options)).message()
    }

    func codes(_ message: DHCPv4Message) -> [UInt8] { message.options.map(\.code) }

    // MARK: Which and in which order

    @Test("options come in the order of the parameter request list (RFC 2132 section 9.8)")
    func order() throws {
        #expect(
            codes(try offer([1, 28, 121, 15, 6, 12, 3])) == [
                53, 54, 51, 58, 59, 1, 28, 121, 15, 6, 12, 3, 26,
            ])
        #expect(codes(try offer([6, 1, 3])) == [53, 54, 51, 58, 59, 6, 1, 3, 28, 26])
    }

    @Test("each subnet's options are found among all codes, whatever the order they are configured in")
    func allCodes() throws {
        let codes: [UInt8] = [255 - 1, 7, 63, 64, 127, 128, 191, 192, 42, 150, 100, 2]
        var network = try V4Network { configuration in
            for subnet in 0..<2 {
                configuration.subnets[subnet].options = codes.map {
                    DHCPv4Option($0, [UInt8](repeating: $0, count: 4 + 20 * subnet))
                }
            }
        }
        network.engine.insert(
            V4Network.host(V4Network.portB, V4Network.mac(0xB), (1, IPv4Address(10, 0, 1, 11))))
        for (subnet, host) in [V4Network.mac(0xA), V4Network.mac(0xB)].enumerated() {
            var client = V4Client(mac: host)
            for asked in [codes, codes.reversed(), codes.sorted()] {
                client.requestedOptions = asked
                let offer = try network.ask(client.discover()).message()
                #expect(offer.options.map(\.code).filter(codes.contains) == asked)
                for code in codes {
                    #expect(offer[option: code] == [UInt8](repeating: code, count: 4 + 20 * subnet))
                }
            }
            client.requestedOptions = nil
            let all = try network.ask(client.discover()).message()
            #expect(all.options.map(\.code).filter(codes.contains) == codes)
        }
    }

    @Test("the mask comes before the router even where the client wants it later (RFC 2132 section 3.3)")
    func maskFirst() throws {
        #expect(codes(try offer([3, 6, 1])) == [53, 54, 51, 58, 59, 1, 3, 6, 28, 26])
    }

    @Test("mask, broadcast address and MTU are told unasked, the rest is not")
    func unasked() throws {
        let offer = try offer([51])
        #expect(codes(offer) == [53, 54, 51, 58, 59, 1, 28, 26])
        #expect(offer[option: 1] == [255, 255, 255, 0])
        #expect(offer[option: 28] == [10, 0, 0, 255])
        #expect(offer[option: 26] == [5, 0xAA])
    }

    @Test("who sends no list is told everything, 108 aside")
    func noList() throws {
        var network = try V4Network { $0.subnets[0].options.append(DHCPv4Option(108, [0, 0, 7, 8])) }
        var client = client
        client.requestedOptions = nil
        let offer = try network.ask(client.discover()).message()
        #expect(Set(codes(offer)) == [53, 54, 51, 58, 59, 1, 28, 3, 6, 15, 26, 121, 249, 12])
    }

    @Test("an empty list asks for nothing")
    func emptyList() throws {
        #expect(codes(try offer([])) == [53, 54, 51, 58, 59, 1, 28, 26])
    }

    @Test("what is asked for twice, or cannot be told, is told once, or not")
    func strangeList() throws {
        #expect(
            codes(try offer([1, 1, 3, 3, 0, 255, 53, 54, 51, 82, 61, 81, 52, 200, 6]))
                == [53, 54, 51, 58, 59, 1, 3, 6, 28, 26])
    }

    @Test("IPv6-only preferred is told to who asks for it only (RFC 8925)")
    func ipv6Only() throws {
        var network = try V4Network {
            $0.subnets[0].options.append(DHCPv4Option(108, [0, 0, 7, 8]))
            $0.subnets[0].options.append(DHCPv4Option(114, Array("https://portal.example".utf8)))
        }
        #expect(try network.ask(client.discover()).message()[option: 108] == nil)
        var client = client
        client.requestedOptions = [1, 108, 114]
        let offer = try network.ask(client.discover()).message()
        #expect(offer[option: 108] == [0, 0, 7, 8])
        #expect(offer.text(114) == "https://portal.example")
    }

    @Test("without configured options the mask and the times are left")
    func bare() throws {
        var network = try V4Network { $0.subnets[0].options = [] }
        let offer = try network.ask(client.discover()).message()
        #expect(codes(offer) == [53, 54, 51, 58, 59, 1, 12, 28])
    }

    @Test("a configured mask or broadcast address goes before the prefix's")
    func configuredMask() throws {
        var network = try V4Network {
            $0.subnets[0].options = [
                DHCPv4Option(1, [255, 0, 0, 0]), DHCPv4Option(28, [255, 255, 255, 255]),
            ]
        }
        let offer = try network.ask(client.discover()).message()
        #expect(offer[option: 1] == [255, 0, 0, 0])
        #expect(offer[option: 28] == [255, 255, 255, 255])
    }

    @Test("what only an exchange can say is not taken from the configuration")
    func reserved() throws {
        var network = try V4Network {
            for code: UInt8 in [0, 50, 51, 52, 53, 54, 55, 56, 57, 58, 61, 80, 81, 82, 118] {
                $0.subnets[0].options.append(DHCPv4Option(code, [9, 9, 9, 9]))
            }
        }
        network.setOptions(TaggedOption(code: 54, data: [9, 9, 9, 9]), TaggedOption(code: 300, data: [9]))
        var client = client
        client.requestedOptions = nil
        let offer = try network.ask(client.discover()).message()
        #expect(try offer.messageType() == .offer)
        #expect(try offer.serverIdentifier() == V4Network.server)
        #expect(!offer.options.contains { $0.data == [9, 9, 9, 9] })
    }

    @Test("an option of more than 255 bytes comes in pieces (RFC 3396)")
    func longOption() throws {
        let routes = Array(repeating: [UInt8](arrayLiteral: 24, 10, 1, 2, 10, 0, 0, 1), count: 50).flatMap(
            \.self)
        var network = try V4Network { $0.subnets[0].options = [DHCPv4Option(121, routes)] }
        let exchange = try network.ask(client.discover([57: [5, 0xDC]]))
        #expect(try exchange.message()[option: 121] == routes)
    }

    // MARK: Times

    @Test("T1 and T2 are those of the subnet")
    func times() throws {
        var network = try V4Network {
            $0.subnets[0].renewalTime = 600
            $0.subnets[0].rebindingTime = 900
        }
        let offer = try network.ask(client.discover()).message()
        #expect(offer.number(51) == 86_400)
        #expect(offer.number(58) == 600)
        #expect(offer.number(59) == 900)
    }

    @Test(
        "a shorter lease than ours is granted, but no less than two minutes",
        arguments: [
            (3600, 3600), (0, 120), (119, 120), (120, 120), (86_401, 86_400), (UInt32.max, 86_400),
        ] as [(UInt32, UInt32)])
    func wishedLease(wish: UInt32, granted: UInt32) throws {
        let offer = try offer([1], [51: withUnsafeBytes(of: wish.bigEndian) { Array($0) }])
        #expect(offer.number(51) == granted)
        #expect(offer.number(58) == granted / 2)
        #expect(offer.number(59) == UInt32(UInt64(granted) * 7 / 8))
    }

    @Test("an infinite lease has no T1 and T2; a client may want a finite one")
    func infinite() throws {
        var network = try V4Network {
            $0.subnets[0].leaseTime = .max
            $0.subnets[0].renewalTime = .max / 2
            $0.subnets[0].rebindingTime = UInt32(UInt64(UInt32.max) * 7 / 8)
        }
        let endless = try network.ask(client.discover())
        #expect(try endless.message().number(51) == .max)
        #expect(try endless.message()[option: 58] == nil)
        #expect(try endless.answer().leaseTime == .max)
        let finite = try network.ask(client.discover([51: [0, 0, 0x0E, 0x10]])).message()
        #expect(finite.number(51) == 3600)
        #expect(finite.number(58) == 1800)
    }

    @Test("T1 and T2 that do not fit into a shorter lease become the usual ones")
    func unfittingTimes() throws {
        var network = try V4Network {
            $0.subnets[0].renewalTime = 40_000
            $0.subnets[0].rebindingTime = 50_000
        }
        let offer = try network.ask(client.discover([51: [0, 0, 0x0E, 0x10]])).message()
        #expect(offer.number(58) == 1800)
        #expect(offer.number(59) == 3150)
    }

    @Test("a T1 that is not before T2 is put before it")
    func wrongOrder() throws {
        var network = try V4Network {
            $0.subnets[0].renewalTime = 600
            $0.subnets[0].rebindingTime = 500
        }
        let offer = try network.ask(client.discover()).message()
        #expect(offer.number(58) == 499)
        #expect(offer.number(59) == 500)
    }

    @Test("T1 and T2 of the port go before the subnet's")
    func portTimes() throws {
        var network = try V4Network()
        network.setOptions(
            TaggedOption(code: 58, data: [0, 0, 1, 0]), TaggedOption(code: 59, data: [0, 0, 2, 0]))
        let offer = try network.ask(client.discover()).message()
        #expect(offer.number(58) == 256)
        #expect(offer.number(59) == 512)
        #expect(codes(offer).filter { $0 == 58 || $0 == 59 }.count == 2)
    }

    @Test("a renewal's T1 is up to an eighth sooner, T2 as much, always the same for the same request")
    func desynchronised() throws {
        var network = try V4Network()
        var seen: Set<UInt32> = []
        for id in 0..<200 as Range<UInt32> {
            var request = client.renew(own)
            request.transactionID = id &* 2_654_435_761
            let ack = try network.ask(request).message()
            let (first, second) = (try #require(ack.number(58)), try #require(ack.number(59)))
            #expect((37_800...43_200).contains(first))
            #expect(43_200 - first == 75_600 - second)
            #expect(try network.ask(request).message().number(58) == first)
            seen.insert(first)
            network.now += 1_000_000
        }
        #expect(seen.count > 100)
    }

    @Test("very short leases keep T1 before T2 before the end", arguments: [0, 1, 2, 3, 4, 8] as [UInt32])
    func shortLease(lease: UInt32) throws {
        var network = try V4Network {
            $0.subnets[0].leaseTime = lease
            $0.subnets[0].renewalTime = lease
            $0.subnets[0].rebindingTime = lease
        }
        let ack = try network.ask(client.renew(own)).message()
        let (first, second) = (try #require(ack.number(58)), try #require(ack.number(59)))
        #expect(first <= second && second <= lease)
    }

    // MARK: Names

    @Test("the host name is made of the address, or the port's own")
    func hostName() throws {
        var network = try V4Network()
        #expect(try network.ask(client.discover()).message().text(12) == "host-10-0-0-10")
        var host = V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, IPv4Address(10, 0, 0, 255)))
        network.engine.insert(host)
        #expect(try network.ask(client.discover()).message().text(12) == "host-10-0-0-255")
        host.hostName = "web"
        network.engine.insert(host)
        #expect(try network.ask(client.discover()).message().text(12) == "web")
        #expect(try network.ask(client.message(.inform, ciaddr: own)).message().text(12) == "web")
    }

    @Test(
        "an OFFER has no host name where the client calls itself otherwise; the ACK has",
        arguments: [
            ("other", false), ("host-10-0-0-10", true), ("HOST-10-0-0-10", true), ("host-10-0-0-1", false),
            ("host-10-0-0-10\0", true), ("not a name", true), ("-bad", true), ("", true),
            ("host-10-0-0-10.example", false),
        ])
    func clientName(name: String, isTold: Bool) throws {
        var network = try V4Network()
        let options: [UInt8: [UInt8]] = [12: Array(name.utf8)]
        let offer = try network.ask(client.discover(options)).message()
        #expect((offer[option: 12] != nil) == isTold)
        #expect(try network.ask(client.select(own, options)).message().text(12) == "host-10-0-0-10")
    }

    @Test(
        "option 81 comes back with the full name (RFC 4702)",
        arguments: [
            // S set, nothing overridden; S clear, so set and overridden; the no-update bit is cleared.
            (0x01, 0x01), (0x00, 0x03), (0x08, 0x03), (0xF9, 0x01),
        ] as [(UInt8, UInt8)])
    func fullName(sent: UInt8, answered: UInt8) throws {
        let offer = try offer([1, 81], [81: [sent, 0, 0] + Array("me".utf8)])
        #expect(offer[option: 81] == [answered, 255, 255] + Array("host-10-0-0-10.openstacklocal".utf8))
    }

    @Test("option 81 comes back in the encoding it came in")
    func canonicalFullName() throws {
        let offer = try offer([1], [81: [5, 0, 0, 2, 0x6D, 0x65, 0]])
        #expect(
            offer[option: 81]
                == [5, 255, 255, 14] + Array("host-10-0-0-10".utf8) + [14] + Array("openstacklocal".utf8) + [
                    0
                ])
        var network = try V4Network { $0.subnets[0].domainName = "" }
        let bare = try network.ask(client.discover([81: [5, 0, 0]])).message()
        #expect(bare[option: 81] == [5, 255, 255, 14] + Array("host-10-0-0-10".utf8))
    }

    @Test("an option 81 that is too short is not answered, no option 81 neither")
    func noFullName() throws {
        #expect(try offer([1], [81: [1, 0]])[option: 81] == nil)
        #expect(try offer([1, 81])[option: 81] == nil)
    }

    @Test("a name that no label can hold is left out of option 81 alone")
    func longName() throws {
        var network = try V4Network()
        var host = V4Network.host(V4Network.portA, V4Network.mac(0xA), (0, own))
        host.hostName = String(repeating: "x", count: 70)
        network.engine.insert(host)
        let offer = try network.ask(client.discover([81: [5, 0, 0]])).message()
        #expect(offer[option: 81] == nil)
        #expect(offer[option: 12]?.count == 70)
    }

    // MARK: Client identifier

    @Test("the client identifier comes back in OFFER, ACK and NAK (RFC 6842)")
    func identifier() throws {
        var network = try V4Network()
        let id: [UInt8: [UInt8]] = [61: [255, 1, 2, 3, 4, 0, 3, 0, 1, 9]]
        for message in [
            client.discover(id), client.select(own, id), client.renew(own, id),
            client.message(.inform, ciaddr: own, id), client.select(IPv4Address(10, 0, 0, 99), id),
        ] {
            #expect(try network.ask(message).message()[option: 61] == id[61])
        }
        #expect(try network.ask(client.discover()).message()[option: 61] == nil)
    }

    // MARK: Size

    @Test("a reply has 576 bytes at most for who does not say more, mask and router kept")
    func sizeLimit() throws {
        let text = Array(repeating: UInt8(0x61), count: 200)
        var network = try V4Network {
            $0.subnets[0].options += (0..<5).map { DHCPv4Option(224 + $0, text) }
        }
        var client = client
        client.requestedOptions = [1, 3, 6, 121, 249, 224, 225, 226, 227, 228]
        for maximum in [nil, [0, 0], [1, 44], [2, 64]] as [[UInt8]?] {
            let exchange = try network.ask(client.discover(maximum.map { [57: $0] } ?? [:]))
            #expect(exchange.bytes.count <= 548)
            let offer = try exchange.message()
            for code: UInt8 in [1, 3, 6, 51, 53, 54, 121, 224] { #expect(offer[option: code] != nil) }
            #expect(offer[option: 228] == nil)
        }
        let whole = try network.ask(client.discover([57: [5, 220]]))
        #expect(whole.bytes.count <= 1472)
        #expect(try whole.message()[option: 228] == text)
    }

    @Test("what does not fit overloads file and sname where they are free (option 52)")
    func overload() throws {
        let text = Array(repeating: UInt8(0x61), count: 110)
        var network = try V4Network {
            $0.subnets[0].options += (0..<3).map { DHCPv4Option(224 + $0, text) }
        }
        var client = client
        client.requestedOptions = [1, 3, 6, 224, 225, 226]
        let exchange = try network.ask(client.discover())
        #expect(exchange.bytes.count <= 548)
        // Twice the code, its length and the bytes in the options field, the third one in `file`.
        #expect(try exchange.message()[option: 226] == text)
        #expect(exchange.bytes[108] == 224 || exchange.bytes[108] == 225 || exchange.bytes[108] == 226)
    }

    @Test("a maximum of 65535 bytes is cut to the MTU of the subnet, and to the caller's room")
    func mtuLimit() throws {
        let text = Array(repeating: UInt8(0x61), count: 250)
        var network = try V4Network {
            $0.subnets[0].options += (0..<8).map { DHCPv4Option(224 + $0, text) }
        }
        network.capacity = 4096
        var client = client
        client.requestedOptions = [1, 3, 26] + (0..<8).map { 224 + $0 }
        #expect(try network.ask(client.discover([57: [255, 255]])).message().options.count > 5)
        #expect(try network.ask(client.discover([57: [255, 255]])).bytes.count <= 1450 - 28)
        network.capacity = 600
        #expect(try network.ask(client.discover([57: [255, 255]])).bytes.count <= 600)
        network.capacity = 200
        #expect(try network.ask(client.discover()).dropped == .replyDoesNotFit)
        network.capacity = 0
        #expect(try network.ask(client.discover()).dropped == .replyDoesNotFit)
    }
}
