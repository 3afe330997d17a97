import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// BOOTP, PXE, iPXE, UEFI HTTP boot, and the options of single ports that they need.
@Suite struct V4BootTests {
    let client = V4Client()
    let own = IPv4Address(10, 0, 0, 10)

    func option(_ code: UInt16, _ text: String, _ conditions: (String, Bool)...) -> TaggedOption {
        TaggedOption(
            conditions: conditions.map { .init(tag: $0, isNegated: $1) }, code: code, data: Array(text.utf8))
    }

    func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    // MARK: Options of ports

    @Test("a port's option goes before the subnet's, of two the last")
    func override() throws {
        var network = try V4Network()
        network.setOptions(
            TaggedOption(code: 6, data: [192, 0, 2, 1]), TaggedOption(code: 6, data: [192, 0, 2, 2]),
            TaggedOption(code: 42, data: [192, 0, 2, 3]), TaggedOption(code: 26, data: [5, 20]))
        var client = client
        client.requestedOptions = [1, 6, 42]
        let offer = try network.ask(client.discover()).message()
        #expect(offer[option: 6] == [192, 0, 2, 2])
        #expect(offer[option: 42] == [192, 0, 2, 3])
        #expect(offer[option: 26] == [5, 20])
        client.mac = V4Network.mac(0xB)
        #expect(try network.ask(client.discover()).message()[option: 42] == nil)
        #expect(try network.ask(client.discover()).message()[option: 6] == [192, 0, 2, 53])
    }

    @Test("a port's option is told to who asks for it, or sends no list")
    func asked() throws {
        var network = try V4Network()
        network.setOptions(option(100, "UTC0"))
        #expect(try network.ask(client.discover()).message()[option: 100] == nil)
        var client = client
        client.requestedOptions = nil
        #expect(try network.ask(client.discover()).message().text(100) == "UTC0")
    }

    @Test("a blank option suppresses the subnet's", arguments: [1, 3, 6, 12, 26, 28, 121] as [UInt16])
    func blank(code: UInt16) throws {
        var network = try V4Network()
        network.setOptions(TaggedOption(code: code, data: [], isBlank: true))
        let offer = try network.ask(client.discover()).message()
        #expect(offer[option: UInt8(code)] == nil)
        #expect(offer.yiaddr == own)
    }

    // MARK: siaddr, sname, file

    @Test("siaddr is ourselves, or what pseudo option 255 says of the port or the subnet")
    func bootServer() throws {
        var network = try V4Network()
        #expect(try network.ask(client.discover()).message().siaddr == V4Network.server)
        network.setOptions(TaggedOption(code: 255, data: [192, 0, 2, 66]))
        #expect(try network.ask(client.discover()).message().siaddr == IPv4Address(192, 0, 2, 66))
        #expect(try network.ask(client.select(own)).message().siaddr == IPv4Address(192, 0, 2, 66))
        network = try V4Network { $0.subnets[0].options.append(DHCPv4Option(255, [192, 0, 2, 67])) }
        #expect(try network.ask(client.discover()).message().siaddr == IPv4Address(192, 0, 2, 67))
        network.setOptions(TaggedOption(code: 255, data: [], isBlank: true))
        #expect(try network.ask(client.discover()).message().siaddr == .any)
        network.setOptions(TaggedOption(code: 255, data: [1, 2]))
        #expect(try network.ask(client.discover()).message().siaddr == IPv4Address(192, 0, 2, 67))
    }

    @Test("who asks for 66 and 67 gets them as options, with a final zero; others in sname and file")
    func bootFields() throws {
        var network = try V4Network()
        network.setOptions(option(66, "boot.example"), option(67, "pxelinux.0"))
        var client = client
        let unasked = try network.ask(client.discover()).message()
        #expect(text(unasked.serverName) == "boot.example")
        #expect(text(unasked.bootFile) == "pxelinux.0")
        #expect(unasked[option: 66] == nil && unasked[option: 67] == nil)
        client.requestedOptions = [1, 67, 66]
        let asked = try network.ask(client.discover()).message()
        #expect(asked.serverName.isEmpty && asked.bootFile.isEmpty)
        #expect(asked[option: 66] == Array("boot.example\0".utf8))
        #expect(asked[option: 67] == Array("pxelinux.0\0".utf8))
        client.requestedOptions = nil
        let all = try network.ask(client.discover()).message()
        #expect(text(all.bootFile) == "pxelinux.0")
        #expect(all[option: 67] == nil)
    }

    @Test("the subnet's 66 and 67 serve those without their own")
    func subnetBootFields() throws {
        var network = try V4Network { $0.subnets[0].options.append(DHCPv4Option(67, Array("net.efi".utf8))) }
        #expect(text(try network.ask(client.discover()).message().bootFile) == "net.efi")
        network.setOptions(option(67, "own.efi", ("ipxe", false)))
        #expect(text(try network.ask(client.discover()).message().bootFile) == "net.efi")
        #expect(text(try network.ask(client.discover([175: [1, 1, 1]])).message().bootFile) == "own.efi")
        network.setOptions(TaggedOption(code: 67, data: [], isBlank: true))
        #expect(try network.ask(client.discover()).message().bootFile.isEmpty)
    }

    @Test("a boot file too long for its field is sent as an option unasked", arguments: [127, 128, 250])
    func longBootFile(count: Int) throws {
        var network = try V4Network()
        let name = String(repeating: "x", count: count)
        network.setOptions(option(67, name))
        let offer = try network.ask(client.discover()).message()
        #expect(text(offer.bootFile) == (count == 127 ? name : ""))
        #expect(offer.text(67) == (count == 127 ? nil : name))
    }

    // MARK: Tags

    @Test("tag:!ipxe goes to the ROM, tag:ipxe to iPXE (option 175)")
    func ipxe() throws {
        var network = try V4Network()
        network.setOptions(
            option(67, "undionly.kpxe", ("ipxe", true)), option(67, "http://boot/menu", ("ipxe", false)))
        var client = client
        client.requestedOptions = [1, 67]
        #expect(try network.ask(client.discover()).message().text(67) == "undionly.kpxe")
        #expect(
            try network.ask(client.discover([175: [0xB1, 1, 1]])).message().text(67) == "http://boot/menu")
        #expect(try network.ask(client.discover([175: []])).message().text(67) == "undionly.kpxe")
    }

    @Test(
        "tag:ipxe6 goes to the user class iPXE, counted or not (option 77)",
        arguments: [
            ("iPXE", true), ("\u{4}iPXE", true), ("ipxe", false), ("iPX", false), ("xx iPXE xx", true),
        ])
    func ipxe6(userClass: String, isTold: Bool) throws {
        var network = try V4Network()
        network.setOptions(option(67, "menu", ("ipxe6", false)))
        let offer = try network.ask(client.discover([77: Array(userClass.utf8)])).message()
        #expect(text(offer.bootFile) == (isTold ? "menu" : ""))
    }

    @Test(
        "the tags known, bootp and cpewan-id are dnsmasq's",
        arguments: [
            ("known", "known", true), ("bootp", "", false), ("cpewan-id", "", false),
            ("elsewhere", "", false),
        ])
    func otherTags(tag: String, file: String, holds: Bool) throws {
        var network = try V4Network()
        network.setOptions(option(67, tag, (tag, false)))
        #expect(text(try network.ask(client.discover()).message().bootFile) == file)
        network.setOptions(option(67, "not", (tag, true)))
        #expect(text(try network.ask(client.discover()).message().bootFile) == (holds ? "" : "not"))
    }

    @Test("cpewan-id is set by the manufacturer and the serial number of TR-069 (option 125)")
    func cpewanID() throws {
        var network = try V4Network()
        network.setOptions(option(67, "cpe", ("cpewan-id", false)))
        let identity: [UInt8] = [0, 0, 0x0D, 0xE9, 8, 1, 2, 0x41, 0x42, 2, 2, 0x31, 0x32]
        let other: [UInt8] = [0, 0, 0, 9, 2, 1, 0]
        for (option, isTold) in [
            (identity, true), (other + identity, true), (other, false), (Array(identity.prefix(9)), false),
            ([0, 0, 0x0D, 0xE9, 4, 1, 2, 0x41, 0x42], false),
        ] {
            let offer = try network.ask(client.discover([125: option])).message()
            #expect(text(offer.bootFile) == (isTold ? "cpe" : ""))
        }
    }

    @Test("all conditions of an option must hold")
    func conditions() throws {
        var network = try V4Network()
        network.setOptions(option(67, "both", ("ipxe", false), ("ipxe6", true)))
        func file(_ options: [UInt8: [UInt8]]) throws -> String {
            text(try network.ask(client.discover(options)).message().bootFile)
        }
        #expect(try file([175: [1]]) == "both")
        #expect(try file([:]) == "")
        #expect(try file([175: [1], 77: Array("iPXE".utf8)]) == "")
    }

    // MARK: UEFI HTTP boot

    @Test("an HTTP boot client that gets a URL gets the vendor class HTTPClient back")
    func httpBoot() throws {
        var network = try V4Network()
        network.setOptions(option(67, "http://boot.example/shim.efi"))
        let http: [UInt8: [UInt8]] = [60: Array("HTTPClient:Arch:00016:UNDI:003001".utf8)]
        var client = client
        for list in [[1, 3, 60, 66, 67], [1, 3, 67], [1, 3], nil] as [[UInt8]?] {
            client.requestedOptions = list
            let offer = try network.ask(client.discover(http)).message()
            #expect(offer.text(60) == "HTTPClient")
        }
        #expect(
            try network.ask(client.discover([60: Array("PXEClient:Arch:00007".utf8)])).message()[option: 60]
                == nil)
        #expect(try network.ask(client.discover()).message()[option: 60] == nil)
        network.setOptions(option(6, "x"))
        #expect(try network.ask(client.discover(http)).message()[option: 60] == nil)
    }

    @Test("a vendor class of the port goes before it")
    func ownVendorClass() throws {
        var network = try V4Network()
        network.setOptions(option(67, "http://boot.example/shim.efi"), option(60, "HTTPClient:mine"))
        var client = client
        client.requestedOptions = [1, 60, 67]
        let offer = try network.ask(client.discover([60: Array("HTTPClient".utf8)])).message()
        #expect(offer.text(60) == "HTTPClient:mine")
        #expect(offer.options.filter { $0.code == 60 }.count == 1)
    }

    // MARK: BOOTP

    @Test("a BOOTP client gets its address for ever, in 300 bytes")
    func bootp() throws {
        var network = try V4Network()
        network.setOptions(option(67, "kernel"), option(66, "boot"))
        var client = client
        client.requestedOptions = nil
        let exchange = try network.ask(client.message(nil))
        let reply = try exchange.message()
        #expect(try exchange.answer().request == nil)
        #expect(try exchange.answer().reply == nil)
        #expect(try exchange.answer().leaseTime == 0)
        #expect(exchange.bytes.count == 300)
        #expect(reply.yiaddr == own)
        #expect(text(reply.bootFile) == "kernel")
        #expect(text(reply.serverName) == "boot")
        #expect(reply[option: 1] == [255, 255, 255, 0])
        #expect(reply[option: 3] == [10, 0, 0, 1])
        for code: UInt8 in [51, 53, 54, 58, 59, 52] { #expect(reply[option: code] == nil) }
    }

    @Test("what a relay agent adds to a BOOTP request is no part of the 300 bytes", arguments: [60, 200])
    func relayedBOOTP(count: Int) throws {
        var network = try V4Network()
        var request = client.message(nil)
        request.giaddr = IPv4Address(10, 0, 0, 60)
        request[option: 82] = [1, UInt8(count - 2)] + [UInt8](repeating: 7, count: count - 2)
        let exchange = try network.ask(request)
        let reply = try exchange.message()
        #expect(reply.yiaddr == IPv4Address(10, 0, 0, 10))
        #expect(reply[option: 82]?.count == count)
        #expect(exchange.bytes.count <= 300 + count + 2)
        #expect(reply[option: 1] != nil)
    }

    @Test("what does not fit into the 64 bytes of BOOTP is left out, without overloading")
    func bootpLimit() throws {
        var network = try V4Network {
            $0.subnets[0].options = [
                DHCPv4Option(224, Array(repeating: 0x61, count: 100)), DHCPv4Option(3, [10, 0, 0, 1]),
                DHCPv4Option(225, Array(repeating: 0x62, count: 36)), DHCPv4Option(6, [192, 0, 2, 53]),
            ]
        }
        let reply = try network.ask(client.message(nil)).message()
        #expect(Set(reply.options.map(\.code)) == [1, 28, 3, 225])
    }

    @Test("a BOOTP client is told by tag:bootp, and answered at an address it knows")
    func bootpTag() throws {
        var network = try V4Network()
        network.setOptions(option(67, "bootp", ("bootp", false)), option(67, "dhcp", ("bootp", true)))
        #expect(text(try network.ask(client.message(nil)).message().bootFile) == "bootp")
        #expect(text(try network.ask(client.discover()).message().bootFile) == "dhcp")
        let known = try network.ask(client.message(nil, ciaddr: own))
        #expect(try known.answer().destination == .unicast(own, port: 68))
        let wrong = try network.ask(client.message(nil, ciaddr: IPv4Address(10, 0, 0, 99)))
        #expect(try wrong.answer().destination == .neighbour(own, client.mac))
        #expect(try wrong.message().yiaddr == own)
    }

    @Test("BOOTP without a magic cookie is answered, a stranger is not")
    func bootpWithoutCookie() throws {
        var network = try V4Network()
        var bytes = try client.message(nil).serialized()
        for index in 236..<240 { bytes[index] = 0 }
        #expect(try network.ask(bytes).message().yiaddr == own)
        bytes[33] = 0x77
        #expect(try network.ask(bytes).dropped == .unknownClient)
    }
}
