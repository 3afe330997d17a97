import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite("dnsmasq's arguments")
struct CommandLineTests {
    private let directory = "/var/lib/neutron/dhcp/\(Fixture.network)"

    private func arguments(
        _ subnets: [Subnet] = [], _ configuration: DnsmasqConfiguration = .init(), mtu: Int = 1500,
        _ abilities: DnsmasqAbilities = .init()
    ) -> [String] {
        CommandLine.arguments(
            for: Fixture.view(Fixture.service(subnets, [], mtu: mtu), configuration, abilities))
    }

    @Test("the defaults give Neutron's line and order, and the interface")
    func defaults() {
        #expect(
            arguments([Fixture.subnet("1", "192.168.0.0/24")], mtu: 1450) == [
                "--no-hosts", "--no-resolv", "--pid-file=\(directory)/pid",
                "--dhcp-hostsfile=\(directory)/host",
                "--addn-hosts=\(directory)/addn_hosts", "--dhcp-optsfile=\(directory)/opts",
                "--dhcp-leasefile=\(directory)/leases", "--dhcp-match=set:ipxe,175",
                "--dhcp-userclass=set:ipxe6,iPXE",
                "--local-service", "--bind-dynamic", "--interface=ns-4f3a9c1b-2d",
                "--dhcp-range=set:subnet-\(Fixture.id(digit: "1")),192.168.0.0,static,255.255.255.0,86400s",
                "--dhcp-option-force=option:mtu,1450", "--dhcp-lease-max=256", "--conf-file=/dev/null",
                "--domain=openstacklocal",
            ])
    }

    @Test("every setting has its argument, in order")
    func everything() {
        var configuration = DnsmasqConfiguration()
        configuration.leaseDuration = -1
        configuration.renewalTime = 30
        configuration.rebindingTime = 60
        configuration.txtRecord = "probe,alive"
        configuration.configFile = " /etc/extra.conf\n"
        configuration.dnsServers = ["8.8.8.8", "1.1.1.1#5353"]
        configuration.dnsDomain = "example.org"
        configuration.broadcastReply = true
        configuration.baseLogDirectory = "/var/log/dhcp"
        configuration.leaseMax = 10
        let abilities = DnsmasqAbilities(staysRoot: true)
        let all = arguments([Fixture.subnet("1", "10.0.0.0/16")], configuration, abilities)
        #expect(
            Array(all.drop { !$0.hasPrefix("--dhcp-range") }) == [
                "--dhcp-range=set:subnet-\(Fixture.id(digit: "1")),10.0.0.0,static,255.255.0.0,infinite",
                "--dhcp-option-force=option:mtu,1500", "--dhcp-lease-max=10",
                "--dhcp-option-force=option:T1,30s",
                "--dhcp-option-force=option:T2,60s", "--txt-record=probe,alive",
                "--conf-file=/etc/extra.conf",
                "--server=8.8.8.8", "--server=1.1.1.1#5353", "--domain=example.org", "--dhcp-broadcast",
                "--log-queries",
                "--log-dhcp", "--log-facility=/var/log/dhcp/\(Fixture.network)/dhcp_dns_log", "--user=root",
                "--group=",
            ])
    }

    @Test("where queries may be forwarded, --interface gives way so that --local-service holds")
    func neverAnOpenResolver() {
        var forwarding = DnsmasqConfiguration()
        forwarding.dnsServers = ["8.8.8.8"]
        var local = DnsmasqConfiguration()
        local.localResolv = true
        var extra = DnsmasqConfiguration()
        extra.configFile = "/etc/extra.conf"
        for configuration in [forwarding, local, extra] {
            let all = arguments([], configuration)
            #expect(!all.contains { $0.hasPrefix("--interface") })
            #expect(all.contains("--local-service"))
        }
        #expect(!arguments([], local).contains("--no-resolv"))
        #expect(arguments([], forwarding).contains("--no-resolv"))
        #expect(!arguments([], local).contains(""))
    }

    @Test("an unknown MTU is not announced, an empty domain not said")
    func omitted() {
        var configuration = DnsmasqConfiguration()
        configuration.dnsDomain = ""
        let all = arguments([], configuration, mtu: 0)
        #expect(!all.contains { $0.contains("mtu") || $0.hasPrefix("--domain") })
        #expect(all.contains("--dhcp-lease-max=0"))
    }

    @Test("an IPv6 range as in the reference's vector")
    func v6Range() {
        let subnet = Fixture.subnet("2", "fdca:3ba5:a17a:4ba3::/64", mode: .dhcpv6Stateful)
        #expect(
            arguments([subnet]).contains(
                "--dhcp-range=set:subnet-\(Fixture.id(digit: "2")),fdca:3ba5:a17a:4ba3::,static,64,86400s"))
        #expect(arguments([subnet]).contains("--dhcp-lease-max=16777216"))
    }

    @Test(
        "which IPv6 modes have a range",
        arguments: [
            (nil, nil, true), (IPv6Mode.dhcpv6Stateful, IPv6Mode.dhcpv6Stateful, true),
            (nil, .dhcpv6Stateful, true),
            (.dhcpv6Stateless, .dhcpv6Stateless, true), (nil, .dhcpv6Stateless, true),
            (.slaac, .slaac, false),
            (nil, .slaac, false), (.slaac, nil, false), (.dhcpv6Stateful, nil, false),
            (.dhcpv6Stateless, nil, false),
        ] as [(IPv6Mode?, IPv6Mode?, Bool)])
    func modes(_ ra: IPv6Mode?, _ address: IPv6Mode?, _ hasRange: Bool) {
        let all = arguments([Fixture.subnet("2", "2001:db8::/64", ra: ra, mode: address)])
        #expect(all.contains { $0.hasPrefix("--dhcp-range") } == hasRange)
    }

    @Test("a subnet without DHCP, and an IPv6 prefix shorter than /64, have no range")
    func noRange() {
        let subnets = [
            Fixture.subnet("1", "10.0.0.0/24", dhcp: false),
            Fixture.subnet("2", "2001:db8::/48", mode: .dhcpv6Stateful),
        ]
        #expect(!arguments(subnets).contains { $0.hasPrefix("--dhcp-range") })
        #expect(arguments([Fixture.subnet("2", "2001:db8::/112")]).contains { $0.contains("static,112,") })
    }

    @Test("logs go to a file per network, or to the system log by name and process")
    func logs() {
        var configuration = DnsmasqConfiguration()
        #expect(
            LogLocation.of(Fixture.network, configuration, pid: 7)
                == .systemLog(identifiers: ["dnsmasq", "dnsmasq-dhcp"], pid: 7))
        configuration.baseLogDirectory = "/var/log/dhcp"
        #expect(
            LogLocation.of(Fixture.network, configuration, pid: nil)
                == .file(path: "/var/log/dhcp/\(Fixture.network)/dhcp_dns_log"))
    }

    @Test("versions are read from dnsmasq's own words")
    func versions() {
        #expect(Requirements.Version("Dnsmasq version 2.90  Copyright (c) 2000-2024") == .init(2, 90))
        #expect(Requirements.Version("Dnsmasq version 2.92rel2 Copyright") == .init(2, 92))
        #expect(Requirements.Version("Dnsmasq version v2") == nil)
        #expect(Requirements.Version("") == nil)
        #expect(Requirements.Version(2, 66) < Requirements.Version(2, 67))
    }
}
