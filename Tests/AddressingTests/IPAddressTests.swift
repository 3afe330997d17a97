import Addressing
import Testing

@Suite struct IPAddressTests {
    @Test(
        arguments: [
            ("0.0.0.0", 0), ("10.0.0.1", 0x0A00_0001), ("255.255.255.255", 0xFFFF_FFFF),
            ("192.168.0.20", 0xC0A8_0014),
        ] as [(String, UInt32)])
    func aDottedQuadIsReadAndWritten(_ text: String, _ number: UInt32) {
        #expect(IPv4Address(text) == IPv4Address(rawValue: number))
        #expect(IPv4Address(rawValue: number).description == text)
        #expect(IPAddress(text) == .v4(IPv4Address(rawValue: number)))
    }

    @Test(arguments: [
        "", "10", "10.1", "10.0.0", "10.0.0.1.", "10.0.0.1.2", ".10.0.0.1", "10..0.1", "010.0.0.1",
        "10.0.0.00",
        "10.0.0.256", "10.0.0.1000", " 10.0.0.1", "10.0.0.1 ", "10.0.0.a", "0x0a.0.0.1", "+1.2.3.4",
        "١.0.0.1",
    ])
    func whatIsNoDottedQuadIsRefused(_ text: String) {
        #expect(IPv4Address(text) == nil)
    }

    @Test func octetsGoInTheOrderInWhichTheyTravel() {
        #expect(IPv4Address(192, 168, 0, 1).octets == [192, 168, 0, 1])
        #expect(IPv4Address(192, 168, 0, 1).description == "192.168.0.1")
        let v6 = IPv6Address(octets: Array(0..<16))
        #expect(v6?.description == "1:203:405:607:809:a0b:c0d:e0f")
        #expect(v6?.octets == Array(0..<16))
        #expect(IPv6Address(octets: [1, 2, 3]) == nil)
    }

    /// RFC 5952 section 4 and the examples of its section 2, and RFC 4291 section 2.2.
    @Test(arguments: [
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("0:0:0:0:0:0:0:0", "::"),
        ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("2001:DB8::AAAA", "2001:db8::aaaa"),
        ("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("2001:db8::0:1:1:1:1", "2001:db8::1:1:1:1"),
        ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
        ("1:0:0:2:0:0:3:4", "1::2:0:0:3:4"),
        ("0:0:0:1:0:0:0:0", "0:0:0:1::"),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.1"),
        ("::ffff:c000:201", "::ffff:192.0.2.1"),
        ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
        ("::192.0.2.1", "::c000:201"),
        ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
        ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"),
        ("fe80::a9fe:a9fe", "fe80::a9fe:a9fe"),
    ])
    func anIPv6AddressIsReadInAnyFormAndWrittenInTheCanonicalOne(_ text: String, _ canonical: String) throws {
        let address = try #require(IPv6Address(text))
        #expect(address.description == canonical)
        #expect(IPv6Address(address.description) == address)
        #expect(IPAddress(text) == .v6(address))
    }

    @Test(arguments: [
        "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "1:2:3:4:5:6:7:8::",
        "::1:2:3:4:5:6:7:8",
        "12345::", "g::", "fe80::1%eth0", "::1 ", " ::1", "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1.2.3",
        "::1.2.3.4:5",
        "1.2.3.4::", "::ffff:256.0.0.1", "1:2:3:4:5:6:7:1.2.3.4",
    ])
    func whatIsNoIPv6AddressIsRefused(_ text: String) {
        #expect(IPv6Address(text) == nil)
        #expect(IPAddress(text) == nil)
    }

    @Test func everyAddressSurvivesItsText() {
        var number: UInt128 = 0x2001_0db8_0000_0000_0000_0000_0000_0001
        for _ in 0..<2000 {
            number =
                number &* 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645
                &+ 0x5851_F42D_4C95_7F2D_1405_7B7E_F767_814F
            // Zero some groups so that compression is met as well.
            let address = IPv6Address(rawValue: number & ~(0xFFFF_FFFF << (number >> 121 & 0x60)))
            #expect(IPv6Address(address.description) == address)
            let v4 = IPv4Address(rawValue: UInt32(truncatingIfNeeded: number >> 64))
            #expect(IPv4Address(v4.description) == v4)
        }
    }

    @Test func kindsOfAddressesAreKnown() throws {
        #expect(try #require(IPAddress("224.0.0.1")).isMulticast)
        #expect(try #require(IPAddress("239.255.255.255")).isMulticast)
        #expect(try !#require(IPAddress("240.0.0.0")).isMulticast)
        #expect(try #require(IPAddress("ff02::1")).isMulticast)
        #expect(try !#require(IPAddress("fe80::1")).isMulticast)
        #expect(try #require(IPAddress("127.1.2.3")).isLoopback)
        #expect(try #require(IPAddress("::1")).isLoopback)
        #expect(try !#require(IPAddress("::2")).isLoopback)
        #expect(try #require(IPv6Address("febf::1")).isLinkLocal)
        #expect(try !#require(IPv6Address("fec0::1")).isLinkLocal)
    }

    @Test func addressesAreInNumericalOrderWithIPv4First() throws {
        let texts = ["9.0.0.0", "10.0.0.0", "10.0.0.10", "255.0.0.0", "::", "::1", "2001:db8::"]
        let sorted = texts.compactMap { IPAddress($0) }.reversed().sorted()
        #expect(sorted.map(\.description) == texts)
    }
}
