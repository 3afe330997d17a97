import Addressing
import DHCPDrivers
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite("The opts file")
struct OptionsFileTests {
    private let one = "tag:subnet-\(Fixture.id(digit: "1"))"
    private let two = "tag:subnet-\(Fixture.id(digit: "2"))"
    private let portTag = "tag:port-\(Fixture.id(digit: "a"))"

    private func router(_ digit: Character, _ ip: String) -> Port {
        Fixture.port("e", "fa:16:3e:ee:ee:ee", [(digit, ip)], owner: DeviceOwner.routerInterface)
    }

    @Test("the reference's vector: DNS, routes with metadata and default, 249, router; v6 DNS and search")
    func vector() {
        let subnets = [
            Fixture.subnet(
                "1", "192.168.0.0/24", gateway: "192.168.0.1", dns: ["8.8.8.8"],
                routes: [("20.0.0.1/24", "20.0.0.1")]),
            Fixture.subnet(
                "2", "2001:200:feed:7ac0::/64", dns: ["2001:0200:feed:7ac0::1"], mode: .dhcpv6Stateful),
        ]
        let routes = "20.0.0.1/24,20.0.0.1,169.254.169.254/32,192.168.0.1,0.0.0.0/0,192.168.0.1"
        let text = Fixture.rendered(subnets, [router("1", "192.168.0.1")]).options
        #expect(
            text.lines == [
                "\(one),option:dns-server,8.8.8.8", "\(one),option:classless-static-route,\(routes)",
                "\(one),249,\(routes)", "\(one),option:router,192.168.0.1",
                "\(two),option6:dns-server,[2001:200:feed:7ac0::1]",
                "\(two),option6:domain-search,openstacklocal",
            ])
        #expect(!text.hasSuffix("\n"))
    }

    @Test("an isolated subnet without routes gets the router alone; without a gateway, none is sent")
    func isolated() {
        #expect(
            Fixture.rendered([Fixture.subnet("1", "10.0.0.0/24", gateway: "10.0.0.1")], []).options.lines
                == ["\(one),option:router,10.0.0.1"])
        #expect(
            Fixture.rendered([Fixture.subnet("1", "10.0.0.0/24")], []).options.lines == [
                "\(one),option:router"
            ])
    }

    @Test("one unspecified DNS server means: announce none")
    func noDNS() {
        let subnets = [
            Fixture.subnet("1", "10.0.0.0/24", dns: ["0.0.0.0"]),
            Fixture.subnet("2", "2001:db8::/64", dns: ["::"], mode: .dhcpv6Stateful),
        ]
        #expect(
            Fixture.rendered(subnets, []).options.lines == [
                // The other subnet is IPv6, so there is no neighbour route.
                "\(one),option:dns-server", "\(one),option:router", "\(two),option6:dns-server",
                "\(two),option6:domain-search,openstacklocal",
            ])
    }

    @Test("neighbours come first in reverse order, DHCP-enabled or not, then routes and the default")
    func neighbours() {
        let subnets = [
            Fixture.subnet("1", "10.1.0.0/24", gateway: "10.1.0.1", routes: [("10.9.0.0/16", "10.1.0.9")]),
            Fixture.subnet("2", "10.2.0.0/24", dhcp: false), Fixture.subnet("3", "10.3.0.0/24", dhcp: false),
        ]
        #expect(
            Fixture.rendered(subnets, []).options.lines.first
                == "\(one),option:classless-static-route,10.3.0.0/24,0.0.0.0,10.2.0.0/24,0.0.0.0,"
                + "10.9.0.0/16,10.1.0.9,0.0.0.0/0,10.1.0.1")
    }

    @Test("a default route among the subnet's routes is the gateway where there is none")
    func defaultRoute() {
        let lines = Fixture.rendered(
            [Fixture.subnet("1", "10.1.0.0/24", routes: [("0.0.0.0/0", "10.1.0.7")])], []
        ).options.lines
        #expect(lines == ["\(one),option:router,10.1.0.7"])
    }

    @Test("metadata leads to our own port where we proxy it, or to an OVN metadata port")
    func metadata() {
        let subnet = Fixture.subnet("1", "10.1.0.0/24", gateway: "10.1.0.1")
        let own = Fixture.port("d", "fa:16:3e:00:00:02", [("1", "10.1.0.2")], owner: DeviceOwner.dhcp)
        var configuration = DnsmasqConfiguration()
        configuration.enableIsolatedMetadata = true
        #expect(
            Fixture.rendered([subnet], [], dhcp: own, configuration).options.contains(
                "169.254.169.254/32,10.1.0.2"))
        #expect(
            Fixture.rendered([subnet], [router("1", "10.1.0.1")], dhcp: own, configuration).options
                .contains("169.254.169.254/32,10.1.0.1"))
        configuration.forceMetadata = true
        #expect(
            Fixture.rendered([subnet], [router("1", "10.1.0.1")], dhcp: own, configuration).options
                .contains("169.254.169.254/32,10.1.0.2"))
        let ovn = Fixture.port("9", "fa:16:3e:00:00:99", [("1", "10.1.0.99")], owner: DeviceOwner.distributed)
        #expect(
            Fixture.rendered([subnet], [ovn], dhcp: own, configuration).options
                .contains("169.254.169.254/32,10.1.0.99"))
    }

    @Test("a router port on another address does not end isolation")
    func otherRouter() {
        let subnet = Fixture.subnet("1", "10.1.0.0/24", gateway: "10.1.0.1")
        #expect(!Fixture.rendered([subnet], [router("1", "10.1.0.5")]).options.contains("169.254"))
    }

    @Test("subnets without DHCP and SLAAC ones have no lines")
    func none() {
        let subnets = [
            Fixture.subnet("1", "10.1.0.0/24", gateway: "10.1.0.1", dhcp: false),
            Fixture.subnet("2", "2001:db8::/64", ra: .slaac, mode: .slaac),
        ]
        #expect(Fixture.rendered(subnets, []).options.isEmpty)
    }

    @Test("several DHCP servers announce themselves as DNS servers where the subnet names none")
    func severalServers() {
        let subnet = Fixture.subnet("1", "10.1.0.0/24")
        let servers = [
            Fixture.port("b", "fa:16:3e:00:00:01", [("1", "10.1.0.2")], owner: DeviceOwner.dhcp),
            Fixture.port("c", "fa:16:3e:00:00:02", [("1", "10.1.0.3")], owner: DeviceOwner.dhcp),
        ]
        #expect(
            Fixture.rendered([subnet], servers).options.lines.last
                == "\(one),option:dns-server,10.1.0.2,10.1.0.3")
        #expect(!Fixture.rendered([subnet], [servers[0]]).options.contains("dns-server"))
    }

    private func portLines(_ options: [ExtraDHCPOption], ips: [(Character, String)] = [("1", "10.1.0.9")])
        -> [String]
    {
        let subnets = [
            Fixture.subnet("1", "10.1.0.0/24"), Fixture.subnet("2", "2001:db8::/64", mode: .dhcpv6Stateful),
        ]
        return Fixture.rendered(subnets, [Fixture.port("a", "fa:16:3e:00:00:09", ips, options: options)])
            .options.lines.filter { $0.hasPrefix(portTag) }
    }

    @Test("a port's options are written by name, by number, with their tags; client-id is not")
    func portOptions() {
        let lines = portLines(
            [
                .init(name: "bootfile-name", value: "undionly.kpxe"),
                .init(name: "tag:!ipxe,67", value: "a.efi"),
                .init(name: "150", value: "10.1.0.7"), .init(name: "server-ip-address", value: "10.1.0.7"),
                .init(name: "router", value: ""), .init(name: "client-id", value: "x"),
                .init(name: "61", value: "x"),
                .init(name: "bootfile-url", value: "http://b", ipVersion: .v6),
                .init(name: "23", value: "2001:db8::53", ipVersion: .v6),
                .init(name: "99", value: "2001:db8::1", ipVersion: .v6),
                .init(name: "captive-portal", value: "https://p"), .init(name: "ipv6-only", value: "1800"),
            ], ips: [("1", "10.1.0.9"), ("2", "2001:db8::9")])
        #expect(
            lines == [
                "\(portTag),option:bootfile-name,undionly.kpxe", "\(portTag),tag:!ipxe,67,a.efi",
                "\(portTag),150,10.1.0.7",
                "\(portTag),option:server-ip-address,10.1.0.7", "\(portTag),option:router",
                "\(portTag),option6:bootfile-url,http://b", "\(portTag),option6:23,2001:db8::53",
                "\(portTag),option6:99,[2001:db8::1]", "\(portTag),114,https://p",
                "\(portTag),option:ipv6-only,1800",
            ])
    }

    @Test("an option for a version that the port has no address of is left out, and said so")
    func otherVersion() {
        let port = Fixture.port(
            "a", "fa:16:3e:00:00:09", [("1", "10.1.0.9")],
            options: [.init(name: "bootfile-url", value: "x", ipVersion: .v6)])
        let rendered = Fixture.rendered([Fixture.subnet("1", "10.1.0.0/24")], [port])
        #expect(!rendered.options.contains("bootfile-url"))
        #expect(rendered.problems.count == 1)
    }

    @Test(
        "no value can become another line, option or comment",
        arguments: [
            ("a\ndhcp-option=3,6.6.6.6", "a"), ("a\r\nb", "a"), ("a\u{1}b", "a"), ("a #b", "\"a #b\""),
            ("#b", "\"#b\""),
            ("a\"b", "\"a\\\"b\""), ("a\\b", "a\\b"), (" a", "\" a\""), ("a ", "\"a \""),
            ("a\tb", "\"a\\tb\""),
            ("\"a\\\"", "\"\\\"a\\\\\\\"\""), ("a,b", "a,b"), ("5s", "\"5s\""), ("b", "\"b\""),
        ])
    func hostileValues(_ value: String, _ written: String) {
        #expect(portLines([.init(name: "67", value: value)]) == ["\(portTag),67,\(written)"])
    }

    @Test(
        "no name can become another line or option",
        arguments: [
            "67\n3", "vendor:x,6", "67,evil", "tag:a b,67", "tag:x", "option:3", "nonsense", "tag:\"a\",67",
            "#",
        ])
    func hostileNames(_ name: String) {
        let lines = portLines([.init(name: name, value: "x")])
        #expect(lines == [] || (name == "67\n3" && lines == ["\(portTag),67,x"]))
    }

    @Test("a line that dnsmasq would read as two is left out, and said so")
    func longLines() {
        let port = Fixture.port(
            "a", "fa:16:3e:00:00:09", [("1", "10.1.0.9")],
            options: [.init(name: "67", value: String(repeating: "x", count: 1000))])
        let routes = (0..<60).map { ("10.\($0).0.0/16", "10.200.200.200") }
        let rendered = Fixture.rendered([Fixture.subnet("1", "10.1.0.0/24", routes: routes)], [port])
        #expect(rendered.options.lines == ["\(one),option:router"])
        #expect(rendered.problems.count == 3)
    }

    @Test("a change of some ports renders the same as rendering everything")
    func incremental() {
        let subnets = [Fixture.subnet("1", "10.1.0.0/24")]
        var ports = "abc".map { Fixture.port($0, "fa:16:3e:00:00:09", [("1", "10.1.0.9")]) }
        var renderer = ServiceRenderer()
        _ = renderer.render(Fixture.view(Fixture.service(subnets, ports)), .anything)
        ports[1].extraDHCPOptions = [.init(name: "67", value: "new")]
        ports.removeLast()
        let view = Fixture.view(Fixture.service(subnets, ports))
        let changed = renderer.render(view, .ports([Fixture.id(digit: "b"), Fixture.id(digit: "c")]))
        var fresh = ServiceRenderer()
        #expect(changed == fresh.render(view, .anything))
        #expect(changed.options.contains("67,new"))
        // A changed subnet makes every remembered line stale.
        let other = Fixture.view(Fixture.service([Fixture.subnet("1", "10.1.0.0/24", dhcp: false)], ports))
        #expect(renderer.render(other, .ports([])).host.isEmpty)
    }
}
