import Testing

@testable import DHCPMessages

@Suite("The option registry")
struct RegistryTests {
    @Test("every row has a vector, and every vector a row", arguments: DHCPVersion.allCases)
    func everyRowHasAVector(_ version: DHCPVersion) {
        let vectors = Set((version == .v4 ? vectorsV4 : vectorsV6).map(\.code))
        let rows = Set(DHCPOptionRegistry.definitions(version).map(\.code))
        #expect(rows.subtracting(vectors).sorted() == [])
        #expect(vectors.subtracting(rows).sorted() == [])
    }

    @Test("a value becomes the bytes of its vector", arguments: vectorsV4)
    func v4Bytes(_ vector: OptionVector) throws { try check(vector, .v4) }

    @Test("a version 6 value becomes the bytes of its vector", arguments: vectorsV6)
    func v6Bytes(_ vector: OptionVector) throws { try check(vector, .v6) }

    private func check(_ vector: OptionVector, _ version: DHCPVersion) throws {
        let definition = try #require(DHCPOptionRegistry.definition(vector.code, version))
        let bytes = definition.encode(vector.value)
        #expect(bytes == vector.bytes, "\(definition.name)")
        // What is shown of the bytes, written back, gives the bytes again.
        let shown = DHCPOptionRegistry.describe(vector.code, vector.bytes, version)
        #expect(!shown.isEmpty)
        if ![52, 53, 55].contains(vector.code), definition.format != .untyped {
            #expect(DHCPOptionCoding.encode(shown, definition.format, version) == vector.bytes, "\(shown)")
        }
    }

    @Test("codes and names are unique and in order", arguments: DHCPVersion.allCases)
    func uniqueAndOrdered(_ version: DHCPVersion) {
        let rows = DHCPOptionRegistry.definitions(version)
        #expect(rows.map(\.code) == Set(rows.map(\.code)).sorted())
        #expect(Set(rows.map(\.name)).count == rows.count)
        #expect(rows.allSatisfy { !$0.reference.isEmpty && !$0.summary.isEmpty })
    }

    @Test(
        "every name of Neutron's list may be set",
        arguments: [
            "netmask", "time-offset", "router", "dns-server", "domain-name", "root-path", "mtu",
            "static-route",
            "ntp-server", "netbios-scope", "T1", "T2", "vendor-class", "tftp-server", "bootfile-name",
            "user-class",
            "posix-timezone", "ipv6-only", "captive-portal", "domain-search", "sip-server",
            "classless-static-route", "tftp-server-address", "server-ip-address", "client-id",
        ])
    func neutronNames(_ name: String) throws {
        #expect(try DHCPOptionRegistry.lookup(name, .v4).definition?.name == name)
    }

    @Test("a name, a number and tags lead to the option")
    func lookup() throws {
        #expect(try DHCPOptionRegistry.lookup("bootfile-name", .v4).code == 67)
        #expect(try DHCPOptionRegistry.lookup("67", .v4).definition?.name == "bootfile-name")
        let tagged = try DHCPOptionRegistry.lookup("tag:!ipxe,67", .v4)
        #expect(tagged.tags == ["!ipxe"] && tagged.code == 67 && tagged.text == "67")
        #expect(try DHCPOptionRegistry.lookup("tag:a,tag:b,bootfile-url", .v6).tags == ["a", "b"])
        #expect(try DHCPOptionRegistry.lookup("224", .v4).definition == nil)
        #expect(try DHCPOptionRegistry.lookup("65535", .v6).code == 65535)
    }

    @Test(
        "what is no opt_name is refused",
        arguments: [
            ("", DHCPOptionError.Kind.unknownOption), ("0", .unknownOption), ("255", .unknownOption),
            ("999999", .unknownOption), ("boot-file", .unknownOption), ("Router", .unknownOption),
            ("hostname", .notSettable), ("lease-time", .notSettable), ("vendor:x,6", .badTag),
            ("tag:,67", .badTag), ("tag:a b,67", .badTag), ("tag:x", .unknownOption), ("67,", .badTag),
            ("tag:a\nb,67", .badTag), ("option:router", .unknownOption), ("encap:175,190", .badTag),
        ])
    func refusedNames(_ name: String, _ kind: DHCPOptionError.Kind) {
        let error = #expect(throws: DHCPOptionError.self) { try DHCPOptionRegistry.lookup(name, .v4) }
        #expect(error?.kind == kind)
    }

    @Test(
        "a value of the wrong form is refused, and the error states the right one",
        arguments: [
            ("router", "10.0.0", "IPv4 addresses"), ("router", "10.0.0.1,", "IPv4 addresses"),
            ("router", "10.0.0.1/24", "IPv4 addresses"), ("mtu", "1e3", "0 to 65535"),
            ("mtu", "65536", "0 to 65535"),
            ("default-ttl", "256", "0 to 255"), ("T1", "soon", "seconds"), ("T1", "99999999w", "seconds"),
            ("classless-static-route", "10.0.0.0/8", "pairs"), ("static-route", "10.0.0.0", "pairs"),
            ("domain-search", "a..b", "domain names"), ("bootfile-name", "", "blank"),
            ("bootfile-name", "a\nb", "control"),
            ("224", "1.2.3", "text"), ("mtu", "", "blank"), ("ipv6-only", "4294967296", "0 to 4294967295"),
            ("bootfile-name", String(repeating: "x", count: 256), "255"),
        ])
    func refusedValues(_ name: String, _ value: String, _ expectation: String) throws {
        let error = #expect(throws: DHCPOptionError.self) {
            try DHCPOptionRegistry.validate(name: name, value: value, .v4)
        }
        let shown = try #require(error).description
        #expect(shown.contains(expectation), "\(shown)")
        #expect(error?.kind == .badValue)
    }

    @Test(
        "router and classless-static-route may be blank",
        arguments: ["router", "3", "121", "classless-static-route"])
    func blank(_ name: String) throws { try DHCPOptionRegistry.validate(name: name, value: "", .v4) }

    @Test("a name of 65 characters is refused")
    func longName() {
        let name = "tag:" + String(repeating: "a", count: 59) + ",67"
        #expect(throws: DHCPOptionError.self) { try DHCPOptionRegistry.validate(name: name, value: "x", .v4) }
    }

    @Test(
        "a number without a row is guessed as dnsmasq does",
        arguments: [
            ("10.0.0.1", [10, 0, 0, 1] as [UInt8]), ("10.0.0.1,10.0.0.2", twoServers),
            ("aa:bb", [0xAA, 0xBB]),
            ("7", [7]), ("300", [1, 44]), ("70000", [0, 1, 0x11, 0x70]), ("7s", [0, 7]),
            ("7i", [0, 0, 0, 7]),
            ("300b", Array("".utf8)), ("text", Array("text".utf8)),
            ("10.0.0.0/8,10.0.0.1", [8, 10, 10, 0, 0, 1]),
            ("/etc/1", Array("/etc/1".utf8)), ("-5", [255, 255, 255, 251]), ("-5i", [255, 255, 255, 251]),
            ("10.0.0.1, 10.0.0.2", twoServers), ("ff", Array("ff".utf8)), ("b52", Array("b52".utf8)),
            ("-1.2", Array("-1.2".utf8)), ("tftp://a:69/b", Array("tftp://a:69/b".utf8)),
            ("4294967295", [255, 255, 255, 255]), ("1-2", []), ("-5b", []), ("b", []), ("-", Array("-".utf8)),
            ("1,2", []), ("a::b", []), ("abcd:ef", []), ("4294967296", []), ("1 2", []), (" 7", []),
        ])
    func guesses(_ value: String, _ bytes: [UInt8]) throws {
        let option = try DHCPOptionRegistry.lookup("224", .v4)
        if bytes.isEmpty {
            #expect(throws: DHCPOptionError.self) { try option.encode(value) }
        } else {
            #expect(try option.encode(value) == bytes)
        }
    }

    @Test(
        "version 6 addresses are guessed with colons only, and dotted quads are text there",
        arguments: [
            ("[2001:db8::1]", sixServer), ("2001:db8::1", sixServer), ("0:1", [0, 1]), ("7", [7]),
            ("10.0.0.1", Array("10.0.0.1".utf8)), ("1,2", Array("1,2".utf8)),
            ("2001:db8::1,x", Array("2001:db8::1,x".utf8)),

            ("[2001:db8::1", []), ("http://[::1]/", Array("http://[::1]/".utf8)), (" ::1", []),
        ] as [(String, [UInt8])])
    func guessesV6(_ value: String, _ bytes: [UInt8]) throws {
        let option = try DHCPOptionRegistry.lookup("224", .v6)
        if bytes.isEmpty {
            #expect(throws: DHCPOptionError.self) { try option.encode(value) }
        } else {
            #expect(try option.encode(value) == bytes)
        }
    }

    @Test(
        "where dnsmasq has no row, a value whose guess is not the option's form is refused with the form",
        arguments: [
            ("24", "600", "600i"), ("24", "600s", "600i"), ("25", "296b", "600s"), ("72", "www", "addresses"),
            ("161", "12345", "text"), ("161", "ab:cd", "text"), ("213", "example.org", "07:65:78"),
            ("114", "300", "text"), ("captive-portal", "10.0.0.1", "text"),
        ])
    func refusedGuesses(_ name: String, _ value: String, _ expectation: String) throws {
        let error = #expect(throws: DHCPOptionError.self) {
            try DHCPOptionRegistry.validate(name: name, value: value, .v4)
        }
        #expect(try #require(error).description.contains(expectation))
    }

    @Test("a name that dnsmasq has not is refused, and the number given")
    func numberedName() throws {
        let error = #expect(throws: DHCPOptionError.self) { try DHCPOptionRegistry.lookup("www-server", .v4) }
        #expect(error?.kind == .unknownOption)
        #expect(try #require(error).description.contains("72"))
        #expect(try DHCPOptionRegistry.lookup("72", .v4).encode("10.0.0.1") == [10, 0, 0, 1])
    }

    @Test(
        "numbers take the suffix of their width, hexadecimal bytes where dnsmasq does, and a sign for 2",
        arguments: [
            ("mtu", "1500s", [5, 220]), ("mtu", "05:dc", [5, 220]), ("default-ttl", "64b", [64]),
            ("arp-timeout", "60i", [0, 0, 0, 60]), ("time-offset", "-1", [255, 255, 255, 255]),
            ("121", "8:a:a:0:0:1", [8, 10, 10, 0, 0, 1]), ("sip-server", "1:a:0:0:1", [1, 10, 0, 0, 1]),
        ] as [(String, String, [UInt8])])
    func numberForms(_ name: String, _ value: String, _ bytes: [UInt8]) throws {
        #expect(try DHCPOptionRegistry.lookup(name, .v4).encode(value) == bytes)
    }

    @Test(
        "a number of another width, a word for infinity, digits as a name are refused",
        arguments: [
            ("mtu", "1500i"), ("mtu", "5b"), ("mtu", "-5"), ("time-offset", "-1s"), ("T1", "infinite"),
            ("sip-server", "7"), ("sip-server", "1.2.3"), ("121", "8:a"),
        ])
    func refusedNumbers(_ name: String, _ value: String) {
        #expect(throws: DHCPOptionError.self) {
            try DHCPOptionRegistry.validate(name: name, value: value, .v4)
        }
    }

    @Test("text of 255 bytes fits, routes of 256 bytes do not")
    func longest() throws {
        try DHCPOptionRegistry.validate(name: "67", value: String(repeating: "x", count: 255), .v4)
        let routes = (0..<32).map { "10.0.\($0).0/24,10.0.0.1" }.joined(separator: ",")
        let option = try DHCPOptionRegistry.lookup("121", .v4)
        #expect(throws: DHCPOptionError.self) { try option.encode(routes) }
    }

    @Test("options are shown as people write them")
    func descriptions() {
        #expect(DHCPOptionRegistry.describe(53, [5], .v4) == "ACK")
        #expect(DHCPOptionRegistry.describe(55, [1, 3, 200], .v4) == "netmask,router,option 200")
        #expect(DHCPOptionRegistry.describe(3, [10, 0, 0, 1], .v4) == "10.0.0.1")
        #expect(DHCPOptionRegistry.describe(3, [10, 0, 0], .v4) == "0a:00:00")
        #expect(DHCPOptionRegistry.describe(121, [16, 10, 1, 10, 0, 0, 1], .v4) == "10.1.0.0/16,10.0.0.1")
        #expect(DHCPOptionRegistry.describe(224, [0, 255], .v4) == "00:ff")
        #expect(DHCPOptionRegistry.describe(93, [0, 7, 0, 9], .v4) == "7,9")
        #expect(DHCPOptionRegistry.describe(2, [255, 255, 185, 176], .v4) == "-18000")
        #expect(DHCPOptionRegistry.describe(81, [4, 0, 0, 2, 0x76, 0x6D, 0], .v4) == "vm")
        #expect(
            DHCPOptionRegistry.describe(82, [1, 4] + Array("eth0".utf8) + [5, 4, 10, 2, 0, 0], .v4)
                == "circuit-id=eth0,link-selection=10.2.0.0")
        #expect(
            DHCPOptionRegistry.describe(6, [0, 23, 0, 24, 1, 1], .v6) == "dns-server,domain-search,option 257"
        )
        #expect(DHCPOptionRegistry.describe(1, [0, 3, 0, 1, 0xAA, 0xBB], .v6) == "LL aa:bb")
        #expect(DHCPOptionRegistry.describe(13, [0, 2, 0x6E, 0x6F], .v6) == "NoAddrsAvail: no")
        // A client's bytes never put a line break into a log.
        #expect(DHCPOptionRegistry.describe(119, [1, 10, 0], .v4) == "01:0a:00")
        #expect(DHCPOptionRegistry.describe(13, [0, 0, 10], .v6) == "00:00:0a")
    }

    @Test("the fuzz dictionary has a line per row in libFuzzer's form", arguments: DHCPVersion.allCases)
    func fuzzDictionary(_ version: DHCPVersion) {
        let lines = DHCPOptionRegistry.fuzzDictionary(version).split(separator: "\n").dropFirst()
        let rows = DHCPOptionRegistry.definitions(version).count
        #expect(lines.count == rows + (version == .v4 ? 16 : 13))
        for line in lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            #expect(parts.count == 2 && parts[0].allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" })
            let digits = parts[1].dropFirst().dropLast().split(separator: "\\x")
            #expect(!digits.isEmpty && digits.allSatisfy { $0.count == 2 && UInt8($0, radix: 16) != nil })
        }
        #expect(version == .v6 || lines.contains(#"router="\x03\x04""#))
        #expect(version == .v4 || lines.contains(#"dns_server="\x00\x17\x00\x10""#))
    }

    @Test("describing arbitrary bytes never traps")
    func describeAnything() {
        var random = SystemRandomNumberGenerator()
        for version in DHCPVersion.allCases {
            for row in DHCPOptionRegistry.definitions(version) {
                for count in 0..<40 {
                    let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
                    _ = DHCPOptionRegistry.describe(row.code, bytes, version)
                }
            }
        }
    }
}
