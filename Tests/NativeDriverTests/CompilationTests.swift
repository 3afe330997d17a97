import Addressing
import DHCPDrivers
import DHCPEngine
import DHCPMessages
import DNSEngine
import NetworkModel
import Testing

@testable import NativeDriver

private typealias Fixture = CompilationFixture

@Suite("A network compiled for the native server")
struct NetworkCompilationTests {
    private func router(_ digit: Character, _ ip: String) -> Port {
        Fixture.port("e", "fa:16:3e:ee:ee:ee", [(digit, ip)], owner: DeviceOwner.routerInterface)
    }

    @Test("the reference's vector: DNS, routes with metadata and default, 249, router, domain, forced MTU")
    func vector() throws {
        let subnet = Fixture.subnet(
            "1", "192.168.0.0/24", gateway: "192.168.0.1", dns: ["8.8.8.8"],
            routes: [("20.0.0.1/20", "20.0.0.1")])
        let compiled = Fixture.compiled(
            [subnet], [router("1", "192.168.0.1")], own: Fixture.own([("1", "192.168.0.2")]), mtu: 1450)
        let v4 = try #require(compiled.v4.subnets.first)
        #expect(v4.prefix == subnet.cidr)
        #expect(v4.serverAddress == IPv4Address(192, 168, 0, 2))
        #expect(v4.data(6) == [8, 8, 8, 8])
        #expect(v4.data(3) == [192, 168, 0, 1])
        #expect(v4.data(15) == Array("openstacklocal".utf8))
        #expect(v4.data(26) == [5, 170])
        #expect(v4.forcedOptions == [26])
        let routes: [UInt8] = [
            20, 20, 0, 0, 20, 0, 0, 1, 32, 169, 254, 169, 254, 192, 168, 0, 1, 0, 192, 168, 0, 1,
        ]
        #expect(v4.data(121) == routes)
        #expect(v4.data(249) == routes)
        #expect(v4.domainName == "openstacklocal")
        #expect(compiled.v6 == nil)
        #expect(compiled.routerAdvertisement == nil)
    }

    @Test(
        "a subnet that names no DNS server gets our address, or those of all DHCP ports; 0.0.0.0 means none")
    func dnsServers() {
        let own = Fixture.own([("1", "10.0.0.2")])
        func data(_ dns: [String], _ others: [Port] = []) -> [UInt8]? {
            Fixture.compiled([Fixture.subnet("1", "10.0.0.0/24", dns: dns)], others, own: own).v4.subnets
                .first?.data(6)
        }
        #expect(data([]) == [10, 0, 0, 2])
        let other = Fixture.port("d", "fa:16:3e:00:00:0d", [("1", "10.0.0.3")], owner: DeviceOwner.dhcp)
        #expect(data([], [other]) == [10, 0, 0, 3, 10, 0, 0, 2])
        #expect(data(["0.0.0.0"], [other]) == nil)
        #expect(data(["1.1.1.1", "9.9.9.9"], [other]) == [1, 1, 1, 1, 9, 9, 9, 9])
    }

    @Test("neighbours are on-link routes; a 0.0.0.0/0 route is the gateway where there is none")
    func neighbours() {
        let subnets = [
            Fixture.subnet("1", "10.0.0.0/24", routes: [("0.0.0.0/0", "10.0.0.9")]),
            Fixture.subnet("2", "10.1.0.0/16", dhcp: false),
        ]
        let v4 = Fixture.compiled(subnets).v4
        #expect(v4.subnets.count == 1)
        #expect(v4.subnets.first?.data(3) == [10, 0, 0, 9])
        #expect(v4.subnets.first?.data(121) == [16, 10, 1, 0, 0, 0, 0, 0, 10, 0, 0, 9])
    }

    @Test("metadata goes to our own address where it is forced, or enabled for isolated subnets")
    func metadata() {
        let subnets = [Fixture.subnet("1", "10.0.0.0/24", gateway: "10.0.0.1")]
        let own = Fixture.own([("1", "10.0.0.2")])
        let hop: [UInt8] = [32, 169, 254, 169, 254, 10, 0, 0, 2, 0, 10, 0, 0, 1]
        func data(_ ports: [Port] = [], _ change: (inout NativeDriverConfiguration) -> Void) -> [UInt8]? {
            Fixture.compiled(subnets, ports, own: own, change).v4.subnets.first?.data(121)
        }
        #expect(data { _ in } == nil)
        #expect(data { $0.enableIsolatedMetadata = true } == hop)
        #expect(data([router("1", "10.0.0.1")]) { $0.forceMetadata = true } == hop)
        let ovn = Fixture.port("d", "fa:16:3e:00:00:0d", [("1", "10.0.0.7")], owner: DeviceOwner.distributed)
        #expect(data([ovn]) { _ in } == [32, 169, 254, 169, 254, 10, 0, 0, 7, 0, 10, 0, 0, 1])
    }

    @Test("a subnet without our address has no server address; one without DHCP or with SLAAC is not served")
    func served() {
        let subnets = [
            Fixture.subnet("1", "10.0.0.0/24"), Fixture.subnet("2", "10.1.0.0/24", dhcp: false),
            Fixture.subnet("3", "2001:db8:3::/64", ra: .slaac, mode: .slaac),
            Fixture.subnet("4", "2001:db8:4::/64", mode: .dhcpv6Stateless),
            Fixture.subnet("5", "2001:db8:5::/64", mode: .dhcpv6Stateful),
            Fixture.subnet("6", "2001:db8:6::/64"),
            Fixture.subnet("7", "2001:db8:7::/64", ra: .dhcpv6Stateful),
        ]
        let compiled = Fixture.compiled(subnets)
        #expect(compiled.v4.subnets.map(\.serverAddress) == [nil])
        #expect(compiled.v6?.subnets.map(\.prefix) == [subnets[3].cidr, subnets[4].cidr, subnets[5].cidr])
        #expect(compiled.v6?.subnets.map(\.isStateful) == [false, true, true])
        #expect(compiled.v6?.serverIdentifier.prefix(4) == [0, 4, 0xBF, 0x28])
        #expect(compiled.v6?.serverIdentifier.count == 18)
    }

    @Test("DHCPv6 tells DNS servers and the search domain; the final dot of dns_domain goes")
    func optionsV6() {
        let compiled = Fixture.compiled(
            [Fixture.subnet("1", "2001:db8::/64", mode: .dhcpv6Stateful)],
            own: Fixture.own([("1", "2001:db8::2")])
        ) { $0.dnsDomain = "cloud.example." }
        let v6 = compiled.v6?.subnets.first
        #expect(v6?.data(23) == [0x20, 1, 0x0D, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
        #expect(v6?.data(24) == [5] + Array("cloud".utf8) + [7] + Array("example".utf8) + [0])
        #expect(v6?.domainName == "cloud.example")
        let none = Fixture.compiled([Fixture.subnet("1", "2001:db8::/64", mode: .dhcpv6Stateful)]) {
            $0.dnsDomain = ""
        }
        #expect(none.v6?.subnets.first?.options == [])
    }

    @Test(
        "lease times: halves and seven eighths, what is configured where it fits, endless leases",
        arguments: [
            (86_400, 0, 0, [86_400, 43_200, 75_600]), (86_400, 100, 200, [86_400, 100, 200]),
            (120, 0, 0, [120, 60, 105]), (86_400, 90_000, 0, [86_400, 43_200, 75_600]),
            (86_400, 0, 100, [86_400, 99, 100]), (-1, 0, 0, [UInt32.max, .max, .max]),
            (-1, 600, 900, [UInt32.max, 600, 900]), (1, 0, 0, [1, 0, 0]),
        ] as [(Int, Int, Int, [UInt32])])
    func times(lease: Int, renewal: Int, rebinding: Int, wanted: [UInt32]) {
        let compiled = Fixture.compiled([
            Fixture.subnet("1", "10.0.0.0/24"), Fixture.subnet("2", "2001:db8::/64", mode: .dhcpv6Stateful),
        ]) {
            $0.leaseDuration = lease
            $0.renewalTime = renewal
            $0.rebindingTime = rebinding
        }
        let v4 = compiled.v4.subnets.first
        #expect([v4?.leaseTime, v4?.renewalTime, v4?.rebindingTime] == wanted.map(Optional.some))
        // As with dnsmasq, T1 and T2 are configured for DHCPv4 alone.
        let v6 = compiled.v6?.subnets.first
        #expect(v6?.validLifetime == wanted[0])
        #expect(v6?.renewalTime == (wanted[0] == .max ? .max : wanted[0] / 2))
    }

    @Test("the switches of the operator reach the engines")
    func switches() {
        var limits = RateLimits()
        limits.portRate = 3
        limits.networkRate = 500
        let wanted = limits
        let compiled = Fixture.compiled(
            [Fixture.subnet("1", "10.0.0.0/24"), Fixture.subnet("2", "2001:db8::/64", mode: .dhcpv6Stateful)]
        ) {
            $0.broadcastReply = true
            $0.limits = wanted
        }
        #expect(compiled.v4.alwaysBroadcasts)
        #expect(compiled.v4.limits == wanted)
        #expect(compiled.v6?.limits == wanted)
    }

    @Test("our own addresses carry their subnet's length; all subnets and IPv6 links may ask our DNS")
    func addresses() {
        let subnets = [
            Fixture.subnet("1", "10.0.0.0/24"), Fixture.subnet("2", "2001:db8::/64", mode: .dhcpv6Stateful),
            Fixture.subnet("3", "10.3.0.0/16", dhcp: false),
        ]
        let compiled = Fixture.compiled(subnets, own: Fixture.own([("1", "10.0.0.2"), ("2", "2001:db8::2")]))
        #expect(compiled.serverAddresses.map(\.description) == ["10.0.0.2/24", "2001:db8::2/64"])
        #expect(
            compiled.dnsClients.map(\.description) == [
                "10.0.0.0/24", "2001:db8::/64", "10.3.0.0/16", "fe80::/10",
            ])
        #expect(Fixture.compiled([subnets[0]]).dnsClients.map(\.description) == ["10.0.0.0/24"])
    }

    @Test("router advertisements: only subnets with ipv6_ra_mode and without a router on them")
    func advertisement() throws {
        let subnets = [
            Fixture.subnet("1", "2001:db8:1::/64", ra: .slaac, mode: .slaac),
            Fixture.subnet(
                "2", "2001:db8:2::/64", dns: ["2001:db8::53"], ra: .dhcpv6Stateful, mode: .dhcpv6Stateful),
            Fixture.subnet("3", "2001:db8:3::/64", mode: .dhcpv6Stateful),
            Fixture.subnet("4", "2001:db8:4::/64", dhcp: false),
        ]
        let own = Fixture.own([("1", "2001:db8:1::2"), ("2", "2001:db8:2::2")])
        let all = try #require(Fixture.compiled(subnets, own: own, mtu: 1450).routerAdvertisement)
        #expect(all.prefixes.map(\.prefix) == [subnets[0].cidr, subnets[1].cidr])
        #expect(all.prefixes.map(\.isAutonomous) == [true, false])
        #expect(all.isManaged && !all.hasOtherConfiguration)
        #expect(all.routerLifetime == 0)
        #expect(all.mtu == 1450)
        #expect(all.sourceLinkLayer == own.macAddress)
        #expect(all.dnsServers.map(\.description) == ["2001:db8:1::2", "2001:db8::53"])
        #expect(all.searchDomains == ["openstacklocal"])
        // A router advertises whatever its address is.
        let routed = Fixture.compiled(
            subnets, [router("1", "2001:db8:1::99"), router("2", "2001:db8:2::1")], own: own)
        #expect(routed.routerAdvertisement == nil)
        let other = Fixture.compiled(
            [Fixture.subnet("5", "2001:db8:5::/64", ra: .dhcpv6Stateless, mode: .dhcpv6Stateless)])
        #expect(other.routerAdvertisement?.hasOtherConfiguration == true)
        #expect(other.routerAdvertisement?.isManaged == false)
    }

    @Test("only routers', DHCP servers' and metadata ports affect the whole network")
    func influence() {
        let guest = Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.0.0.10")], owner: "compute:nova")
        let gateway = router("1", "10.0.0.1")
        let compiled = Fixture.compiled([Fixture.subnet("1", "10.0.0.0/24")], [guest, gateway])
        #expect(!compiled.ports.isAffected(by: [guest], gone: [Fixture.id("b")]))
        #expect(compiled.ports.isAffected(by: [gateway], gone: []))
        #expect(compiled.ports.isAffected(by: [Port](), gone: [gateway.id]))
        var former = gateway
        former.deviceOwner = "compute:nova"
        #expect(compiled.ports.isAffected(by: [former], gone: []))
    }
}

@Suite("A port compiled for the native server")
struct PortCompilationTests {
    private let subnets = [
        Fixture.subnet("1", "10.0.0.0/24"), Fixture.subnet("2", "10.2.0.0/24", dhcp: false),
        Fixture.subnet("3", "2001:db8:3::/64", mode: .dhcpv6Stateful),
        Fixture.subnet("4", "2001:db8:4::/64", ra: .slaac, mode: .slaac),
        Fixture.subnet("5", "2001:db8:5::/64", mode: .dhcpv6Stateless),
    ]
    private let ips: [(Character, String)] = [
        ("1", "10.0.0.5"), ("2", "10.2.0.5"), ("3", "2001:db8:3::5"), ("4", "2001:db8:4::5"),
        ("5", "2001:db8:5::5"),
    ]

    private func compile(_ port: Port, domain: String = "openstacklocal") -> CompiledPort {
        Fixture.compiled(subnets) { $0.dnsDomain = domain }.ports.compiled(port)
    }

    @Test("addresses on served subnets become hosts; all addresses have names")
    func addresses() {
        let port = compile(Fixture.port("a", "fa:16:3e:00:00:0a", ips))
        #expect(port.id == Fixture.identity("a"))
        #expect(port.v4?.addresses == [.init(subnet: 0, address: IPv4Address(10, 0, 0, 5))])
        #expect(port.v4?.mac == MACAddress("fa:16:3e:00:00:0a"))
        #expect(port.v6?.addresses.map(\.subnet) == [0, 1])
        #expect(port.v4?.hostName == nil && port.v6?.hostName == nil)
        #expect(port.names.count == 5)
        #expect(
            port.names.contains(
                DNSHost(port: Fixture.id("a").rawValue, address: Fixture.address("10.2.0.5"))))
    }

    @Test("where the domain is no host name, default names stand alone, as in addn_hosts")
    func unusableDomain() {
        let port = compile(Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.0.0.5")]), domain: "no name!")
        #expect(port.names.map(\.names) == [.init(hostname: "host-10-0-0-5", fqdn: "host-10-0-0-5")])
    }

    @Test("of several addresses the last one comes first, for dnsmasq offers that")
    func order() {
        let port = compile(Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.0.0.5"), ("1", "10.0.0.4")]))
        #expect(port.v4?.addresses.map(\.address) == [IPv4Address(10, 0, 0, 4), IPv4Address(10, 0, 0, 5)])
    }

    @Test("ports that are no client's have no names; those without a served address no host")
    func owners() {
        for owner in [DeviceOwner.dhcp, DeviceOwner.floatingIP, DeviceOwner.routerHAInterface] {
            #expect(compile(Fixture.port("a", "fa:16:3e:00:00:0a", ips, owner: owner)).names.isEmpty)
        }
        let bare = compile(
            Fixture.port("a", "fa:16:3e:00:00:0a", [("2", "10.2.0.5"), ("4", "2001:db8:4::5")]))
        #expect(bare.v4 == nil && bare.v6 == nil)
        #expect(bare.names.count == 2)
    }

    @Test("dns_name is the host name; what is below the domain takes its own domain along")
    func names() {
        func port(_ name: String) -> Port {
            Fixture.port("a", "fa:16:3e:00:00:0a", [("1", "10.0.0.5")], name: name)
        }
        let plain = compile(port("vm"), domain: "cloud.example.")
        #expect(plain.v4?.hostName == "vm")
        #expect(plain.v4?.options == [])
        #expect(plain.names.first?.names?.fqdn == "vm.cloud.example.")
        let deep = compile(port("vm.west"), domain: "cloud.example.")
        #expect(deep.v4?.hostName == "vm")
        #expect(deep.v4?.options == [TaggedOption(code: 15, data: Array("west.cloud.example".utf8))])
        #expect(compile(port("no name!"), domain: "cloud.example.").v4?.hostName == nil)
    }

    @Test("client-id is text, bytes, or * for any")
    func clientIdentifiers() {
        func identifier(_ value: String, _ name: String = "client-id") -> [UInt8]? {
            compile(
                Fixture.port(
                    "a", "fa:16:3e:00:00:0a", ips, options: [ExtraDHCPOption(name: name, value: value)])
            ).v4?.clientIdentifier
        }
        #expect(identifier("test6") == Array("test6".utf8))
        #expect(identifier("01:fa:16:3e:00:00:0a") == [1, 0xFA, 0x16, 0x3E, 0, 0, 0x0A])
        #expect(identifier("ff:0", "61") == [0xFF, 0])
        #expect(identifier("*") == nil)
        #expect(identifier("cut\nhere") == Array("cut".utf8))
    }

    @Test("options are encoded by the registry, tags become conditions, a blank value suppresses")
    func options() {
        let port = compile(
            Fixture.port(
                "a", "fa:16:3e:00:00:0a", ips,
                options: [
                    ExtraDHCPOption(name: "tag:!ipxe,67", value: "undionly.kpxe"),
                    ExtraDHCPOption(name: "router", value: " "),
                    ExtraDHCPOption(name: "server-ip-address", value: "10.0.0.9"),
                    ExtraDHCPOption(name: "dns-server", value: "2001:db8::1", ipVersion: .v6),
                    ExtraDHCPOption(name: "mtu", value: "much"),
                    ExtraDHCPOption(name: "nonsense", value: "1"),
                ]))
        #expect(
            port.v4?.options == [
                TaggedOption(
                    conditions: [.init(tag: "ipxe", isNegated: true)], code: 67,
                    data: Array("undionly.kpxe".utf8)),
                TaggedOption(code: 3, data: [], isBlank: true),
                TaggedOption(code: 255, data: [10, 0, 0, 9]),
            ])
        #expect(port.v6?.options.map(\.code) == [23])
        #expect(port.problems.count == 2)
        #expect(
            port.problems.contains { $0.contains("mtu") }
                && port.problems.contains { $0.contains("nonsense") })
    }

    // MARK: Our own addresses in options

    /// Our addresses: on all subnets but the first stateful IPv6 one, one of them a unique local address.
    private func compile(
        _ options: [ExtraDHCPOption], on ips: [(Character, String)],
        own: [(Character, String)] = [
            ("1", "10.0.0.2"), ("6", "10.6.0.2"), ("5", "2001:db8:5::2"), ("3", "2001:db8:3::2"),
            ("7", "fd12:3456::2"),
        ]
    ) -> CompiledPort {
        let more = [
            Fixture.subnet("6", "10.6.0.0/24"), Fixture.subnet("7", "fd12:3456::/64", mode: .dhcpv6Stateful),
        ]
        return Fixture.compiled(subnets + more, own: Fixture.own(own))
            .ports.compiled(Fixture.port("a", "fa:16:3e:00:00:0a", ips, options: options))
    }

    @Test(
        "0.0.0.0 in an IPv4 address option is our address on the client's subnet, as with dnsmasq",
        arguments: [
            ("ntp-server", "0.0.0.0", [10, 0, 0, 2]),
            ("42", "10.9.9.9, 0.0.0.0", [10, 9, 9, 9, 10, 0, 0, 2]),
            ("tag:!ipxe,dns-server", "0.0.0.0,8.8.8.8", [10, 0, 0, 2, 8, 8, 8, 8]),
            ("static-route", "10.1.0.0,0.0.0.0", [10, 1, 0, 0, 10, 0, 0, 2]),
            // A number that dnsmasq has no row for and guesses.
            ("200", "0.0.0.0", [10, 0, 0, 2]), ("200", "0.0.0.0/0,0.0.0.0", [0, 0, 0, 0, 0]),
            ("server-ip-address", "0.0.0.0", [0, 0, 0, 0]), ("121", "0.0.0.0/0,0.0.0.0", [0, 0, 0, 0, 0]),
            ("sip-server", "0.0.0.0", [1, 0, 0, 0, 0]), ("domain-name", "0.0.0.0", Array("0.0.0.0".utf8)),
        ] as [(String, String, [UInt8])])
    func ownAddressV4(name: String, value: String, wanted: [UInt8]) {
        let port = compile([ExtraDHCPOption(name: name, value: value)], on: [("1", "10.0.0.5")])
        #expect(port.v4?.options.map(\.data) == [wanted])
        #expect(port.problems == [])
    }

    @Test("of several IPv4 subnets it is the one whose address the client gets; else any that we have")
    func ownAddressOfSubnet() {
        let option = [ExtraDHCPOption(name: "ntp-server", value: "0.0.0.0")]
        func data(_ ips: [(Character, String)], own: [(Character, String)]) -> [UInt8]? {
            compile(option, on: ips, own: own).v4?.options.first?.data
        }
        let both: [(Character, String)] = [("1", "10.0.0.2"), ("6", "10.6.0.2")]
        #expect(data([("1", "10.0.0.5"), ("6", "10.6.0.5")], own: both) == [10, 6, 0, 2])
        #expect(data([("6", "10.6.0.5"), ("1", "10.0.0.5")], own: both) == [10, 0, 0, 2])
        #expect(data([("1", "10.0.0.5"), ("6", "10.6.0.5")], own: [both[0]]) == [10, 0, 0, 2])
        #expect(data([("6", "10.6.0.5")], own: [both[0]]) == [10, 0, 0, 2])
    }

    @Test(
        "::, fd00:: and fe80:: in IPv6 address options are our global, unique local and link-local addresses",
        arguments: [
            ("dns-server", "[::]", ["2001:db8:3::2"]), ("dns-server", "::", ["2001:db8:3::2"]),
            ("23", "[2001:db8::53],[::]", ["2001:db8::53", "2001:db8:3::2"]),
            ("sntp-server", "[fd00::]", ["fd12:3456::2"]),
            ("dns-server", "[fe80::],[fd00::1]", ["fe80::f816:3eff:feff:ffff", "fd00::1"]),
            ("2000", "[fe80::]", ["fe80::f816:3eff:feff:ffff"]),
        ] as [(String, String, [String])])
    func ownAddressV6(name: String, value: String, wanted: [String]) {
        let port = compile(
            [ExtraDHCPOption(name: name, value: value, ipVersion: .v6)], on: [("3", "2001:db8:3::5")])
        #expect(port.v6?.options.map(\.data) == [wanted.flatMap { Fixture.address($0).octets }])
        #expect(port.problems == [])
    }

    @Test(":: on several subnets is our address on each of them")
    func ownAddressesOfSubnets() {
        let port = compile(
            [ExtraDHCPOption(name: "dns-server", value: "[::]", ipVersion: .v6)],
            on: [("3", "2001:db8:3::5"), ("5", "2001:db8:5::5")])
        let wanted = ["2001:db8:3::2", "2001:db8:5::2"].flatMap { Fixture.address($0).octets }
        #expect(port.v6?.options.map(\.data) == [wanted])
    }

    @Test("where we have no such address the value stays as it is, and is a problem")
    func noOwnAddress() {
        let v4 = compile(
            [ExtraDHCPOption(name: "ntp-server", value: "0.0.0.0")], on: [("1", "10.0.0.5")],
            own: [("3", "2001:db8:3::2")])
        #expect(v4.v4?.options.map(\.data) == [[0, 0, 0, 0]])
        #expect(v4.problems.count == 1)
        #expect(v4.problems.allSatisfy { $0.contains("ntp-server") && $0.contains("0.0.0.0") })
        let v6 = compile(
            [ExtraDHCPOption(name: "dns-server", value: "[fd00::],[::]", ipVersion: .v6)],
            on: [("3", "2001:db8:3::5")], own: [("3", "2001:db8:3::2")])
        #expect(
            v6.v6?.options.map(\.data) == [
                Fixture.address("fd00::").octets + Fixture.address("2001:db8:3::2").octets
            ])
        #expect(v6.problems.count == 1)
    }

    @Test("an option of a version that the port has no address of is a problem, not an option")
    func versions() {
        let port = compile(
            Fixture.port(
                "a", "fa:16:3e:00:00:0a", [("1", "10.0.0.5")],
                options: [ExtraDHCPOption(name: "dns-server", value: "2001:db8::1", ipVersion: .v6)]))
        #expect(port.v4?.options == [])
        #expect(port.v6 == nil)
        #expect(port.problems.count == 1)
    }
}
