import Addressing
import DHCPDrivers
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite("The host file")
struct HostFileTests {
    private let subnets = [
        Fixture.subnet("1", "192.168.0.0/24"),
        Fixture.subnet("2", "fdca:3ba5:a17a:4ba3::/64", mode: .dhcpv6Stateful),
        Fixture.subnet("3", "2001:db8:3::/64", ra: .dhcpv6Stateless, mode: .dhcpv6Stateless),
        Fixture.subnet("4", "2001:db8:4::/64", ra: .slaac, mode: .slaac),
        Fixture.subnet("5", "10.5.0.0/24", dhcp: false),
        Fixture.subnet("6", "2001:db8:6::/64"),
    ]
    private let aaaa =
        String(repeating: "a", count: 8) + "-aaaa-aaaa-aaaa-" + String(repeating: "a", count: 12)

    private func host(_ ports: [Port], _ configuration: DnsmasqConfiguration = .init(), tags: Bool = true)
        -> [String]
    {
        var abilities = DnsmasqAbilities()
        abilities.hostTags = tags
        let text = Fixture.rendered(subnets, ports, configuration, abilities: abilities).host
        #expect(text.isEmpty || text.hasSuffix("\n"))
        return text.lines
    }

    @Test("a port without options: MAC, name, address")
    func plain() {
        #expect(
            host([Fixture.port("a", "00:00:80:aa:bb:cc", [("1", "192.168.0.2")])])
                == ["00:00:80:aa:bb:cc,host-192-168-0-2.openstacklocal.,192.168.0.2"])
    }

    @Test("an IPv6 address stands in brackets behind tag:dhcpv6 where dnsmasq knows host tags")
    func v6() {
        let port = Fixture.port("a", "00:00:f3:aa:bb:cc", [("2", "fdca:3ba5:a17a:4ba3::2")])
        var configuration = DnsmasqConfiguration()
        configuration.dnsDomain = ""
        #expect(
            host([port], configuration)
                == ["00:00:f3:aa:bb:cc,tag:dhcpv6,host-fdca-3ba5-a17a-4ba3--2,[fdca:3ba5:a17a:4ba3::2]"])
        #expect(
            host([port], configuration, tags: false)
                == ["00:00:f3:aa:bb:cc,host-fdca-3ba5-a17a-4ba3--2,[fdca:3ba5:a17a:4ba3::2]"])
    }

    @Test("options set the port's tag; a client identifier stands before the name and sets none by itself")
    func options() {
        let boot = ExtraDHCPOption(name: "bootfile-name", value: "x")
        let client = ExtraDHCPOption(name: "client-id", value: "test6")
        let number = ExtraDHCPOption(name: "61", value: "test5")
        let ip: [(Character, String)] = [("1", "192.168.0.6")]
        #expect(
            host([
                Fixture.port("a", "00:00:0f:aa:bb:66", ip, options: [boot]),
                Fixture.port("a", "00:00:0f:aa:bb:66", ip, options: [number]),
                Fixture.port("a", "00:00:0f:aa:bb:66", ip, options: [client, boot]),
            ]) == [
                "00:00:0f:aa:bb:66,host-192-168-0-6.openstacklocal.,192.168.0.6,set:port-\(aaaa)",
                "00:00:0f:aa:bb:66,id:test5,host-192-168-0-6.openstacklocal.,192.168.0.6",
                "00:00:0f:aa:bb:66,id:test6,host-192-168-0-6.openstacklocal.,192.168.0.6,set:port-\(aaaa)",
            ])
    }

    @Test("SLAAC gives no line; stateless gives the tag alone, first, and only where there are options")
    func autoconfigured() {
        let boot = ExtraDHCPOption(name: "bootfile-url", value: "x", ipVersion: .v6)
        let ips: [(Character, String)] = [
            ("4", "2001:db8:4::1"), ("2", "fdca:3ba5:a17a:4ba3::2"), ("3", "2001:db8:3::1"),
        ]
        #expect(host([Fixture.port("a", "00:16:3e:c2:77:1d", [("3", "2001:db8:3::1")])]).isEmpty)
        #expect(
            host([Fixture.port("a", "00:16:3e:c2:77:1d", [("4", "2001:db8:4::1")], options: [boot])]).isEmpty)
        #expect(
            host(
                [Fixture.port("a", "00:16:3e:c2:77:1d", [("3", "2001:db8:3::1")], options: [boot])],
                tags: false)
                == ["00:16:3e:c2:77:1d,set:port-\(aaaa)"])
        #expect(
            host([Fixture.port("a", "00:16:3e:c2:77:1d", ips, options: [boot])]) == [
                "00:16:3e:c2:77:1d,tag:dhcpv6,set:port-\(aaaa)",
                "00:16:3e:c2:77:1d,tag:dhcpv6,host-fdca-3ba5-a17a-4ba3--2.openstacklocal.,"
                    + "[fdca:3ba5:a17a:4ba3::2],set:port-\(aaaa)",
            ])
    }

    @Test("with both modes unset an IPv6 port has a line as with stateful")
    func unsetModes() {
        #expect(host([Fixture.port("a", "00:16:3e:c2:77:1d", [("6", "2001:db8:6::9")])]).count == 1)
    }

    @Test("addresses on subnets without DHCP have no line")
    func noDHCP() {
        #expect(host([Fixture.port("a", "00:16:3e:c2:77:1d", [("5", "10.5.0.9")])]).isEmpty)
    }

    @Test("several addresses of one stateful subnet: a line each, or one line with a list")
    func addressList() {
        let port = Fixture.port(
            "a", "00:16:3e:c2:77:1d",
            [("2", "fdca:3ba5:a17a:4ba3::2"), ("1", "192.168.0.9"), ("2", "fdca:3ba5:a17a:4ba3::3")])
        #expect(host([port]).count == 3)
        var configuration = DnsmasqConfiguration()
        configuration.enableAddr6List = true
        let lines = host([port], configuration)
        #expect(lines.count == 2)
        #expect(
            lines[0] == "00:16:3e:c2:77:1d,tag:dhcpv6,host-fdca-3ba5-a17a-4ba3--2.openstacklocal.,"
                + "[fdca:3ba5:a17a:4ba3::2],[fdca:3ba5:a17a:4ba3::3]")
    }

    @Test("the agent's own port has a line, once")
    func ownPort() {
        let own = Fixture.port("d", "fa:16:3e:00:00:02", [("1", "192.168.0.2")], owner: DeviceOwner.dhcp)
        let once = Fixture.rendered(subnets, [own], dhcp: own).host
        #expect(once == "fa:16:3e:00:00:02,host-192-168-0-2.openstacklocal.,192.168.0.2\n")
        #expect(Fixture.rendered(subnets, [], dhcp: own).host == once)
    }

    @Test("a port's name is used under the operator's domain")
    func names() {
        var configuration = DnsmasqConfiguration()
        configuration.dnsDomain = "cloud.example"
        let port = Fixture.port("a", "00:00:80:aa:bb:cc", [("1", "192.168.0.2")], name: "web")
        #expect(host([port], configuration) == ["00:00:80:aa:bb:cc,web.cloud.example.,192.168.0.2"])
    }

    @Test(
        "names that dnsmasq would take for a time, an address or a keyword are quoted",
        arguments: ["ignore", "infinite", "3600", "5m", "IGNORE", "1.2"])
    func quotedNames(_ name: String) {
        #expect(DnsmasqText.hostLineName(name) == "\"\(name)\"")
    }

    @Test(
        "names that are no host names give way to the address's",
        arguments: ["a,b", "a b", "-a", "a\nb", "é", "_x", "a..b"])
    func badNames(_ name: String) {
        var configuration = DnsmasqConfiguration()
        configuration.dnsDomain = "cloud.example"
        let port = Fixture.port("a", "00:00:80:aa:bb:cc", [("1", "192.168.0.2")], name: name)
        #expect(host([port], configuration) == ["00:00:80:aa:bb:cc,host-192-168-0-2,192.168.0.2"])
    }

    @Test(
        "a client identifier cannot become another field",
        arguments: [
            ("plain-1.x", "plain-1.x"), ("01:fa:16:3e", "01:fa:16:3e"), ("*", "*"),
            ("a,ignore", "61:2c:69:67:6e:6f:72:65"),
            ("a\nb", "a"), ("\"", "\"\\\"\""), ("a#b", "61:23:62"), ("*x", "2a:78"),
            ("not:hex", "6e:6f:74:3a:68:65:78"),
            ("a b", "61:20:62"), ("é", "c3:a9"), (",", "\",\""),
        ])
    func clientIDs(_ value: String, _ written: String) {
        #expect(DnsmasqText.clientID(cutAtControlCharacter(value)) == written)
    }

    @Test("a host file is read back into who had which address")
    func entries() {
        let text = """
            00:00:80:aa:bb:cc,tag:dhcpv6,id:test6,host-x,[2001:db8::1],[2001:db8::2],set:port-x
            00:00:80:aa:bb:cd,host-192-168-0-2,192.168.0.2
            nonsense
            """
        #expect(
            HostFile.entries(text) == [
                .init(
                    mac: Fixture.mac("00:00:80:aa:bb:cc"), address: Fixture.address("2001:db8::1"),
                    clientID: "test6"),
                .init(
                    mac: Fixture.mac("00:00:80:aa:bb:cc"), address: Fixture.address("2001:db8::2"),
                    clientID: "test6"),
                .init(
                    mac: Fixture.mac("00:00:80:aa:bb:cd"), address: Fixture.address("192.168.0.2"),
                    clientID: nil),
            ])
    }
}

@Suite("The addn_hosts file")
struct AdditionalHostsFileTests {
    @Test("every address has a line, the full name first; also SLAAC and subnets without DHCP")
    func lines() {
        let subnets = [
            Fixture.subnet("1", "192.168.0.0/24"),
            Fixture.subnet("2", "2001:db8::/64", ra: .slaac, mode: .slaac),
            Fixture.subnet("3", "10.0.0.0/24", dhcp: false),
        ]
        let port = Fixture.port(
            "a", "00:00:80:aa:bb:cc", [("1", "192.168.0.2"), ("2", "2001:db8::5"), ("3", "10.0.0.3")])
        #expect(
            Fixture.rendered(subnets, [port]).additionalHosts
                == "192.168.0.2\thost-192-168-0-2.openstacklocal. host-192-168-0-2\n"
                + "2001:db8::5\thost-2001-db8--5.openstacklocal. host-2001-db8--5\n"
                + "10.0.0.3\thost-10-0-0-3.openstacklocal. host-10-0-0-3\n")
    }

    @Test(
        "ports of the infrastructure have no names",
        arguments: [
            "network:dhcp", "network:distributed", "network:floatingip",
            "network:ha_router_replicated_interface",
        ])
    func excluded(_ owner: String) {
        let port = Fixture.port("a", "00:00:80:aa:bb:cc", [("1", "192.168.0.2")], owner: owner)
        #expect(Fixture.rendered([Fixture.subnet("1", "192.168.0.0/24")], [port]).additionalHosts.isEmpty)
    }
}
