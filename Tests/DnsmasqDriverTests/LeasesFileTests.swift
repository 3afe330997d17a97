import Addressing
import NetworkModel
import Testing

@testable import DnsmasqDriver

@Suite("The leases file")
struct LeasesFileTests {
    private let file = """
        1732300000 fa:16:3e:00:00:09 10.1.0.9 host-10-1-0-9 01:fa:16:3e:00:00:09
        0 fa:16:3e:00:00:0a 10.1.0.10 * *
        5 20-00:01:02:03:04:05:06:07 10.1.0.11 ib ff:00
        duid 00:01:00:01:2a:bb:cc:dd:fa:16:3e:00:00:02
        1732300000 117440513 2001:db8::9 host-x 00:03:00:01:fa:16:3e:00:00:09
        1732300000 T7 2001:db8::a * 00:04:01
        agent-info 10.1.0.9 01:02
        vendorclass 10.1.0.9 aa

        """

    @Test("dnsmasq's lines are read, and written again as they were")
    func roundTrip() {
        let leases = LeasesFile(file)
        #expect(leases.v4.count == 3)
        #expect(leases.v4[0].clientID == [1, 0xFA, 0x16, 0x3E, 0, 0, 9])
        #expect(leases.v4[1].clientID == nil && leases.v4[1].expiry == 0)
        #expect(leases.v4[2].hardwareType == 0x20 && leases.v4[2].chaddr.count == 8)
        #expect(leases.serverDUID?.count == 14)
        #expect(leases.v6.map(\.iaid) == [117_440_513, 7])
        #expect(leases.v6.map(\.isTemporary) == [false, true])
        let ours = file.split(separator: "\n").filter { !$0.hasPrefix("agent") && !$0.hasPrefix("vendor") }
        #expect(leases.text == ours.joined(separator: "\n") + "\n")
    }

    @Test("half a line and nonsense are skipped")
    func nonsense() {
        let leases = LeasesFile(
            "0 fa:16:3e:00:00:0a 10.1.0.10 *\nx y z\nduid zz\n0 gg 10.1.0.1 * *\n0 x ::1 * *\n")
        #expect(leases == LeasesFile())
    }

    private let subnets = [
        Fixture.subnet("1", "10.1.0.0/24"), Fixture.subnet("2", "2001:db8::/64", mode: .dhcpv6Stateful),
        Fixture.subnet("3", "10.3.0.0/24", dhcp: false),
    ]

    @Test("it begins with an endless lease for each IPv4 address with DHCP")
    func initial() {
        let ports = [
            Fixture.port(
                "a", "fa:16:3e:00:00:09", [("1", "10.1.0.9"), ("2", "2001:db8::9"), ("3", "10.3.0.9")])
        ]
        let view = Fixture.view(Fixture.service(subnets, ports))
        let leases = LeasesFile.initial(for: view, previous: LeasesFile(), previousHosts: [])
        // The network itself is the DHCPv6 server, whoever serves it (RFC 6355).
        let duid = "duid 00:04:bf:28:02:a0:99:a0:4e:8c:91:e4:10:7d:03:f1:58:ea"
        #expect(leases.text == "0 fa:16:3e:00:00:09 10.1.0.9 * *\n\(duid)\n")
        let v4 = Fixture.view(Fixture.service([subnets[0], subnets[2]], ports))
        #expect(
            LeasesFile.initial(for: v4, previous: LeasesFile(), previousHosts: []).text
                == "0 fa:16:3e:00:00:09 10.1.0.9 * *\n")
    }

    @Test("the server's identifier and the IPv6 leases of ports that still have their address stay")
    func initialV6() {
        let ports = [Fixture.port("a", "fa:16:3e:00:00:09", [("2", "2001:db8::9")])]
        let view = Fixture.view(Fixture.service(subnets, ports))
        let hosts = HostFile.entries("fa:16:3e:00:00:09,x,[2001:db8::9]\n")
        let kept = LeasesFile.initial(for: view, previous: LeasesFile(file), previousHosts: hosts)
        #expect(kept.text.lines.map { $0.prefix(10) } == ["duid 00:01", "1732300000"])
        #expect(kept.v6.map(\.address) == [IPv6Address("2001:db8::9")])
        // The address went from one MAC to another: the old client's lease must not hold it.
        let moved = HostFile.entries("fa:16:3e:00:00:77,x,[2001:db8::9]\n")
        #expect(LeasesFile.initial(for: view, previous: LeasesFile(file), previousHosts: moved).v6.isEmpty)
    }

    @Test("its record leaves out what dnsmasq began with")
    func record() {
        let text = """
            0 fa:16:3e:00:00:07 10.1.0.7 * *
            0 fa:16:3e:00:00:08 10.1.0.8 host-10-1-0-8 *
            0 fa:16:3e:00:00:06 10.1.0.6 * 01:02
            1732386400 fa:16:3e:00:00:09 10.1.0.9 vm 01:fa:16:3e:00:00:09
            duid 00:01
            1732386400 7 2001:db8::9 * 00:03:00:01
            0 T8 2001:db8::a * 00:03:00:02
            """
        let leases = LeasesFile(text).record(of: Fixture.network, isEndless: false)
        #expect(leases.map { "\($0.address)" } == ["10.1.0.9", "2001:db8::9", "2001:db8::a"])
        #expect(leases[0].hostname == "vm" && leases[0].message == .ack)
        #expect(leases[0].macAddress == MACAddress("fa:16:3e:00:00:09"))
        #expect(leases[0].clientIdentifier == [1, 0xFA, 0x16, 0x3E, 0, 0, 9])
        #expect(leases[0].givenAt == nil)
        #expect(leases[0].expiresAt == Timestamp(secondsSinceEpoch: 1_732_386_400))
        #expect(leases[1].iaid == 7 && leases[1].message == .reply)
        #expect(leases[2].expiresAt == nil)
        let endless = LeasesFile(text).record(of: Fixture.network, isEndless: true)
        #expect(endless.map { "\($0.address)" }.contains("10.1.0.6"))
        #expect(endless.count == 4)
    }

    @Test("leases of another server are taken over as far as dnsmasq cannot make them itself")
    func taken() {
        func lease(_ address: String, end: Int64?) -> Lease {
            Lease(
                networkID: Fixture.network, portID: nil, address: Fixture.address(address),
                clientIdentifier: [0, 3], iaid: 9, message: .reply, givenAt: nil,
                expiresAt: end.map { Timestamp(secondsSinceEpoch: $0) })
        }
        let leases = [
            lease("10.1.0.9", end: 5000), lease("2001:db8::9", end: 5000), lease("2001:db8::a", end: nil),
            lease("2001:db8::b", end: 999),
        ]
        let file = LeasesFile(leases, serverDUID: [0, 4], now: 1000)
        #expect(file.text == "duid 00:04\n5000 9 2001:db8::9 * 00:03\n0 9 2001:db8::a * 00:03\n")
    }

    @Test("there are never more leases than dnsmasq takes, for it would not start")
    func capped() {
        var configuration = DnsmasqConfiguration()
        configuration.leaseMax = 1
        let ports = "ab".map { Fixture.port($0, "fa:16:3e:00:00:09", [("1", "10.1.0.9")]) }
        let view = Fixture.view(Fixture.service(subnets, ports), configuration)
        #expect(LeasesFile.initial(for: view, previous: LeasesFile(), previousHosts: []).v4.count == 1)
    }

    @Test(
        "which leases are released",
        arguments: [
            // (lease's MAC, lease's client id, port's client id now, before, kept)
            ("fa:16:3e:00:00:09", "*", nil, nil, true),
            ("fa:16:3e:00:00:09", "01:02", nil, nil, true),
            ("fa:16:3e:00:00:77", "*", nil, nil, false),
            ("fa:16:3e:00:00:09", "61:62", "ab", nil, true),
            ("fa:16:3e:00:00:09", "00:61:62", "ab", nil, true),
            ("fa:16:3e:00:00:09", "61:63", "ab", "ac", false),
            ("fa:16:3e:00:00:09", "61:63", nil, "ac", false),
            ("fa:16:3e:00:00:09", "61:64", nil, "ac", true),
            ("fa:16:3e:00:00:09", "61:64", "*", nil, true),
            ("fa:16:3e:00:00:09", "*", "ab", nil, true),
        ] as [(String, String, String?, String?, Bool)])
    func released(_ mac: String, _ leaseID: String, _ now: String?, _ before: String?, _ kept: Bool) {
        let options = now.map { [ExtraDHCPOption(name: "client-id", value: $0)] } ?? []
        let ports = [Fixture.port("a", "fa:16:3e:00:00:09", [("1", "10.1.0.9")], options: options)]
        let hosts = HostFile.entries("fa:16:3e:00:00:09,\(before.map { "id:\($0)," } ?? "")x,10.1.0.9\n")
        let owners = AddressOwners(Fixture.view(Fixture.service(subnets, ports)), previousHosts: hosts)
        let stale = LeaseRelease.stale(LeasesFile("0 \(mac) 10.1.0.9 * \(leaseID)\n"), owners)
        #expect(stale.v4.isEmpty == kept)
    }

    @Test(
        "leases of addresses that nobody has are released in parts, with the server that holds their subnet")
    func parts() {
        let own = Fixture.port("d", "fa:16:3e:00:00:02", [("3", "10.3.0.2"), ("1", "10.1.0.2")])
        let view = Fixture.view(Fixture.service(subnets, [], dhcp: own))
        let text = (1...150).map { "0 fa:16:3e:00:00:09 10.1.0.\($0) * *\n" }.joined()
        let stale = LeaseRelease.stale(LeasesFile(text), AddressOwners(view, previousHosts: []))
        #expect(stale.parts(of: 64).map(\.v4.count) == [64, 64, 22])
        #expect(Set(LeaseRelease.servers(for: stale, view).values) == [IPv4Address(10, 1, 0, 2)])
    }
}
