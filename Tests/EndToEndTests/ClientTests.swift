import Testing

@Suite("A real client gets exactly what its port says", .enabled(if: Lab.isPossible), .serialized)
struct ClientTests {
    /// What the script below asks the machine, by each client.
    @Test(
        "address, mask, router, DNS server, domain, lease time, static routes and MTU",
        arguments: ["udhcpc", "dhclient", "dhcpcd"])
    func everything(client: String) throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1 --mtu 1400
            leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 --dns-nameserver 172.16.1.53 \
                --host-route destination=10.9.0.0/16,gateway=172.16.1.9 s1
            leasehold instance boot vm1 --network n1 --fixed-ip ip-address=172.16.1.103 \#
            --client \#(client) || exit 9
            echo "address=$(leasehold instance exec vm1 -- ip -4 -o address show dev eth0 | awk '{print $4}')"
            echo "lifetime=$(leasehold instance exec vm1 -- ip -4 -o address show dev eth0 | sed 's/.*valid_lft //; s/sec.*//')"
            echo "router=$(leasehold instance exec vm1 -- ip -4 route show default | awk '{print $3; exit}')"
            echo "route=$(leasehold instance exec vm1 -- ip -4 route show 10.9.0.0/16 | sed 's/.*via //; s/ .*//')"
            echo "resolver=$(leasehold instance exec vm1 -- sed -n 's/^nameserver //p' /etc/resolv.conf)"
            echo "domain=$(leasehold instance exec vm1 -- sed -n 's/^\(search\|domain\) //p' /etc/resolv.conf | head -1)"
            # dhcpcd sets the MTU on its routes rather than on the link.
            echo "mtu=$(leasehold instance exec vm1 -- sh -c 'ip -4 route show default; ip link show eth0' | sed -n 's/.* mtu \([0-9]*\).*/\1/p' | sort -n | head -1)"
            """#)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["172.16.1.103/24"], "\(result.output)")
        let lifetime = try #require(result["lifetime"].first.flatMap { Int($0) })
        #expect((86_300...86_400).contains(lifetime))
        #expect(result["router"] == ["172.16.1.1"])
        #expect(result["route"] == ["172.16.1.9"])
        #expect(result["resolver"] == ["172.16.1.53"])
        #expect(result["domain"] == ["openstacklocal"])
        #expect(result["mtu"] == ["1400"])
        for message in ["DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK"] {
            #expect(result.output.contains(message), "the exchange shows \(message)")
        }
    }

    @Test("dhclient -6 gets the port's stateful IPv6 address")
    func statefulIPv6() throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n6
            leasehold subnet create --network n6 --ip-version 6 --subnet-range fd00:9::/64 \
                --ipv6-address-mode dhcpv6-stateful --ipv6-ra-mode dhcpv6-stateful s6
            leasehold instance boot vm6 --network n6 --fixed-ip ip-address=fd00:9::103 --client dhclient-6
            echo "address=$(leasehold instance exec vm6 -- ip -6 -o address show dev eth0 scope global | awk '{print $4}' | cut -d/ -f1)"
            """#)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["fd00:9::103"], "\(result.output)")
    }

    @Test("dig at the DHCP address answers with the port's address, and backwards")
    func names() throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1
            leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 s1
            leasehold instance boot vm1 --network n1 --fixed-ip ip-address=172.16.1.103
            server=$(leasehold port list --network n1 --device-owner network:dhcp -f json |
                sed -n 's/.*"ip_address": *"\([0-9.]*\)".*/\1/p' | head -1)
            [ -n "$server" ] || server=172.16.1.2
            echo "a=$(leasehold instance exec vm1 -- dig +short +time=2 @$server host-172-16-1-103.openstacklocal)"
            echo "ptr=$(leasehold instance exec vm1 -- dig +short +time=2 @$server -x 172.16.1.103)"
            """#)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["a"] == ["172.16.1.103"], "\(result.output)")
        #expect(result["ptr"] == ["host-172-16-1-103.openstacklocal."])
    }
}
