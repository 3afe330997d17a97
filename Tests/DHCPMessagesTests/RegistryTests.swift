import Testing

@testable import DHCPMessages

/// A value as users write it and the bytes that clients receive.
struct OptionVector: Sendable {
    let code: UInt16
    let value: String
    let bytes: [UInt8]

    init(_ code: UInt16, _ value: String, _ bytes: [UInt8]) {
        self.code = code
        self.value = value
        self.bytes = bytes
    }
}

private func text(_ value: String) -> [UInt8] { Array(value.utf8) }
private let twoServers: [UInt8] = [10, 0, 0, 1, 10, 0, 0, 2]
private let sixServer: [UInt8] = [0x20, 1, 0xD, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
private let exampleOrg: [UInt8] = [7] + text("example") + [3] + text("org") + [0]

let vectorsV4: [OptionVector] =
    [
        .init(1, "255.255.255.0", [255, 255, 255, 0]),
        .init(2, "3600", [0, 0, 14, 16]),
        .init(12, "vm", text("vm")),
        .init(13, "300", [1, 44]),
        .init(15, "example.org", text("example.org")),
        .init(17, "/exports/root", text("/exports/root")),
        .init(18, "ext.bin", text("ext.bin")),
        .init(19, "1", [1]), .init(20, "0", [0]),
        .init(21, "10.1.0.0,255.255.0.0", [10, 1, 0, 0, 255, 255, 0, 0]),
        .init(22, "1500", [5, 220]), .init(23, "64", [64]), .init(26, "1450", [5, 170]), .init(27, "1", [1]),
        .init(28, "10.0.0.255", [10, 0, 0, 255]), .init(31, "1", [1]),
        .init(33, "10.1.0.0,10.0.0.1", [10, 1, 0, 0, 10, 0, 0, 1]),
        .init(34, "0", [0]), .init(35, "60", [0, 0, 0, 60]), .init(36, "1", [1]), .init(37, "64", [64]),
        .init(38, "7200", [0, 0, 28, 32]), .init(40, "nis.example", text("nis.example")),
        .init(43, "01:04:0a:00:00:01", [1, 4, 10, 0, 0, 1]), .init(46, "8", [8]),
        .init(47, "scope", text("scope")),
        .init(50, "10.0.0.9", [10, 0, 0, 9]), .init(51, "1h", [0, 0, 14, 16]), .init(52, "3", [3]),
        .init(53, "5", [5]), .init(54, "10.0.0.2", [10, 0, 0, 2]), .init(55, "01:03:06", [1, 3, 6]),
        .init(56, "no", text("no")), .init(57, "1500", [5, 220]), .init(58, "12h", [0, 0, 0xA8, 0xC0]),
        .init(59, "infinite", [255, 255, 255, 255]), .init(60, "PXEClient", text("PXEClient")),
        .init(61, "01:fa:16:3e:00:00:01", [1, 0xFA, 0x16, 0x3E, 0, 0, 1]),
        .init(64, "nisplus.example", text("nisplus.example")),
        .init(66, "tftp.example", text("tftp.example")),
        .init(67, "undionly.kpxe", text("undionly.kpxe")), .init(77, "iPXE", text("iPXE")),
        .init(80, "1", [1]),
        .init(81, "0:0:0", [0, 0, 0]), .init(82, "1:2:aa:bb", [1, 2, 0xAA, 0xBB]), .init(93, "7", [0, 7]),
        .init(94, "1:3:10", [1, 3, 0x10]), .init(97, "0:1:2", [0, 1, 2]),
        .init(100, "CET-1CEST", text("CET-1CEST")),
        .init(101, "Europe/Zurich", text("Europe/Zurich")), .init(108, "1800", [0, 0, 7, 8]),
        .init(114, "https://portal.example/api", text("https://portal.example/api")),
        .init(118, "10.0.0.0", [10, 0, 0, 0]),
        .init(
            119, "example.org,eng.example.org", exampleOrg + [3] + text("eng") + [0xC0, 0]),
        .init(120, "sip.example.org", [0, 3] + text("sip") + exampleOrg),
        .init(121, "10.1.0.0/16,10.0.0.1,0.0.0.0/0,10.0.0.1", [16, 10, 1, 10, 0, 0, 1, 0, 10, 0, 0, 1]),
        .init(125, "0:0:1:2:0", [0, 0, 1, 2, 0]),
        .init(249, "20.0.0.1/24,20.0.0.1", [24, 20, 0, 0, 20, 0, 0, 1]),
        .init(255, "10.0.0.7", [10, 0, 0, 7]),
    ]
    + [3, 6, 7, 9, 16, 32, 41, 42, 44, 45, 48, 49, 65, 68, 69, 70, 71, 74, 92, 150].map {
        OptionVector($0, "10.0.0.1,10.0.0.2", twoServers)
    }

let vectorsV6: [OptionVector] = [
    .init(1, "00:01:02", [0, 1, 2]), .init(2, "00:03:02", [0, 3, 2]), .init(3, "1:2", [1, 2]),
    .init(4, "1:2", [1, 2]), .init(5, "1:2", [1, 2]), .init(6, "0:17", [0, 0x17]), .init(7, "255", [255]),
    .init(8, "100", [0, 100]), .init(12, "2001:db8::1", sixServer), .init(13, "0:0", [0, 0]),
    .init(14, "1", [1]), .init(15, "a,bc", [0, 1] + text("a") + [0, 2] + text("bc")),
    .init(16, "0:1", [0, 1]),
    .init(17, "0:1", [0, 1]), .init(21, "example.org", exampleOrg), .init(22, "[2001:db8::1]", sixServer),
    .init(23, "2001:db8::1,[2001:db8::1]", sixServer + sixServer),
    .init(24, "example.org,example.org", exampleOrg + exampleOrg), .init(27, "2001:db8::1", sixServer),
    .init(28, "2001:db8::1", sixServer), .init(29, "example.org", exampleOrg),
    .init(30, "example.org.", exampleOrg),
    .init(31, "2001:db8::1", sixServer), .init(32, "1d", [0, 1, 0x51, 0x80]), .init(39, "0:1", [0, 1]),
    .init(41, "CET-1", text("CET-1")), .init(42, "Europe/Zurich", text("Europe/Zurich")),
    .init(56, "[2001:db8::1]", [0, 1, 0, 16] + sixServer),
    .init(59, "http://[2001:db8::1]/boot", text("http://[2001:db8::1]/boot")),
    .init(60, "root=/dev/sda,quiet", [0, 13] + text("root=/dev/sda") + [0, 5] + text("quiet")),
    .init(103, "https://portal.example", text("https://portal.example")),
]

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
        let bytes = DHCPOptionCoding.encode(vector.value, definition.format, version)
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
            ("/etc/1", Array("/etc/1".utf8)),
        ])
    func guesses(_ value: String, _ bytes: [UInt8]) throws {
        let option = try DHCPOptionRegistry.lookup("224", .v4)
        if bytes.isEmpty {
            #expect(throws: DHCPOptionError.self) { try option.encode(value) }
        } else {
            #expect(try option.encode(value) == bytes)
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
