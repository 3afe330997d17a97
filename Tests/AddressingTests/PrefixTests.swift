import Addressing
import Testing

@Suite struct PrefixTests {
    private func range(_ first: String, _ last: String) throws -> AddressRange {
        let (first, last) = (try #require(IPAddress(first)), try #require(IPAddress(last)))
        return try #require(AddressRange(first, last))
    }

    @Test(arguments: [
        ("10.0.0.5/24", "10.0.0.0/24", "10.0.0.255", "255.255.255.0"),
        ("10.0.0.5/32", "10.0.0.5/32", "10.0.0.5", "255.255.255.255"),
        ("10.0.0.5/31", "10.0.0.4/31", "10.0.0.5", "255.255.255.254"),
        ("10.1.2.3/0", "0.0.0.0/0", "255.255.255.255", "0.0.0.0"),
        ("172.16.99.1/12", "172.16.0.0/12", "172.31.255.255", "255.240.0.0"),
    ])
    func aPrefixKnowsItsNetworkItsLastAddressAndItsMask(
        _ text: String, _ network: String, _ last: String, _ mask: String
    ) throws {
        let prefix = try #require(IPPrefix(text))
        #expect(prefix.description == text)
        #expect(prefix.network.description == network)
        #expect(prefix.last.description == last)
        #expect(prefix.netmask?.description == mask)
    }

    @Test func anIPv6PrefixHasNoMaskAndMayBeTheWholeSpace() throws {
        let prefix = try #require(IPPrefix("2001:db8::5/64"))
        #expect(prefix.network.description == "2001:db8::/64")
        #expect(prefix.last.description == "2001:db8::ffff:ffff:ffff:ffff")
        #expect(prefix.netmask == nil)
        let whole = try #require(IPPrefix("::/0"))
        #expect(whole.last.description == "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
        #expect(whole.range.count == .max)
    }

    @Test(arguments: [
        "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/+8", "/24",
        "10.0.0/24",
        "2001:db8::/129", "::/0000", "10.0.0.0/24/24", "10.0.0.0/255.255.255.0", "10.0.0.0/ 8",
    ])
    func whatIsNoPrefixIsRefused(_ text: String) {
        #expect(IPPrefix(text) == nil)
    }

    @Test func containmentAndOverlapGoByTheNetworkBits() throws {
        let a = try #require(IPPrefix("10.0.0.0/16"))
        let inner = try #require(IPPrefix("10.0.200.9/24"))
        let other = try #require(IPPrefix("10.1.0.0/16"))
        let v6 = try #require(IPPrefix("::/0"))
        #expect(a.contains(try #require(IPAddress("10.0.255.255"))))
        #expect(!a.contains(try #require(IPAddress("10.1.0.0"))))
        #expect(!v6.contains(try #require(IPAddress("10.0.0.1"))))
        #expect(a.overlaps(inner) && inner.overlaps(a))
        #expect(!a.overlaps(other) && !a.overlaps(v6))
    }

    @Test func theEUI64AddressFollowsFromTheMAC() throws {
        let mac = try #require(MACAddress("00:16:3e:33:44:55"))
        let prefix = try #require(IPPrefix("2003::/64"))
        #expect(prefix.eui64Address(for: mac)?.description == "2003::216:3eff:fe33:4455")
        #expect(mac.linkLocal.description == "fe80::216:3eff:fe33:4455")
        #expect(IPPrefix("2003::/63")?.eui64Address(for: mac) == nil)
        #expect(IPPrefix("10.0.0.0/24")?.eui64Address(for: mac) == nil)
    }

    @Test func aRangeIsOfOneVersionAndInOrder() throws {
        let low = try #require(IPAddress("10.0.0.2"))
        let high = try #require(IPAddress("10.0.0.9"))
        let range = try self.range("10.0.0.2", "10.0.0.9")
        #expect(range.count == 8)
        #expect(range.contains(low) && range.contains(high))
        #expect(!range.contains(try #require(IPAddress("10.0.0.10"))))
        #expect(AddressRange(high, low) == nil)
        #expect(AddressRange(low, .any(.v6)) == nil)
        let next = try self.range("10.0.0.10", "10.0.0.11")
        #expect(!range.overlaps(next))
        #expect(range < next)
        #expect(range.overlaps(try self.range("10.0.0.9", "10.0.0.9")))
        #expect(range.description == "10.0.0.2-10.0.0.9")
    }
}
