import Foundation
import Testing

@Suite("A real client gets exactly what its port says", .enabled(if: Lab.isPossible), .serialized)
struct ClientTests {
    @Test(
        "address, mask, router, DNS server, domain, lease time, static routes and MTU",
        arguments: Driver.allCases, ["udhcpc", "dhclient", "dhcpcd"])
    func everything(driver: Driver, client: String) throws {
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
            """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["172.16.1.103/24"], "\(result.output)")
        let lifetime = try #require(result["lifetime"].first.flatMap { Int($0) })
        // It was told a day, and some of that is over.
        #expect((86_000...86_400).contains(lifetime))
        #expect(result["router"] == ["172.16.1.1"])
        #expect(result["route"] == ["172.16.1.9"])
        #expect(result["resolver"] == ["172.16.1.53"])
        #expect(result["domain"] == ["openstacklocal"])
        #expect(result["mtu"] == ["1400"])
        for message in ["DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK"] {
            #expect(result.output.contains(message), "the exchange shows \(message)")
        }
    }

    /// A network with one stateful IPv6 subnet, and a machine without a client on it.
    private static let statefulNetwork = #"""
        set -e
        leasehold network create n6
        leasehold subnet create --network n6 --ip-version 6 --subnet-range fd00:9::/64 \
            --ipv6-address-mode dhcpv6-stateful --ipv6-ra-mode dhcpv6-stateful s6
        inside() { leasehold instance exec vm6 -- "$@"; }
        has_address() { inside ip -6 -o address show dev eth0 scope global | grep -v tentative | grep -q fd00:9::103; }
        address() { inside ip -6 -o address show dev eth0 scope global | awk '{print $4}' | cut -d/ -f1; }

        """#

    @Test("dhclient -6 gets the port's stateful IPv6 address", arguments: Driver.allCases)
    func dhclient6(driver: Driver) throws {
        let result = try Lab.run(
            Self.statefulNetwork + #"""
                leasehold instance boot vm6 --network n6 --fixed-ip ip-address=fd00:9::103 --client dhclient-6
                echo "address=$(address)"
                """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["fd00:9::103"], "\(result.output)")
    }

    @Test("dhcpcd -6 gets the port's stateful IPv6 address", arguments: Driver.allCases)
    func dhcpcd6(driver: Driver) throws {
        // dhcpcd waits for a router advertisement before it speaks DHCPv6. dnsmasq, as Neutron starts it,
        // sends none (docs/drivers.md): there the client is told not to wait.
        let impatience = driver == .dnsmasq ? "noipv6rs\ninterface eth0\nia_na 1" : ""
        let result = try Lab.run(
            Self.statefulNetwork + #"""
                leasehold instance boot vm6 --network n6 --fixed-ip ip-address=fd00:9::103 --client none
                inside sh -c "printf '\n\#(impatience)\n' >> /etc/dhcpcd.conf"
                inside dhcpcd -6 -w -t 120 eth0 || true
                until_true has_address
                echo "address=$(address)"
                """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["fd00:9::103"], "\(result.output)")
    }

    @Test("a machine that is installed anew, with another client, DUID and IAID, gets its address again")
    func reimaged() throws {
        let result = try Lab.run(
            Self.statefulNetwork + #"""
                leasehold instance boot vm6 --network n6 --fixed-ip ip-address=fd00:9::103 --client dhclient-6
                for process in $(inside pgrep -x dhclient); do kill -9 $process; done
                inside ip -6 address flush dev eth0 scope global
                inside dhcpcd -6 -w -t 120 eth0 || true
                until_true has_address
                echo "address=$(address)"
                """#, settings: Driver.native.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["address"] == ["fd00:9::103"], "\(result.output)")
    }

    @Test(
        "systemd-networkd gets the port's addresses of both versions",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: networkd), "needs the package systemd"),
        arguments: Driver.allCases)
    func systemdNetworkd(driver: Driver) throws {
        // As with dhcpcd: dnsmasq sends no router advertisement that would tell it to speak DHCPv6.
        let without = driver == .dnsmasq ? "WithoutRA=solicit" : ""
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1 --mtu 1400
            leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 --dns-nameserver 172.16.1.53 s4
            leasehold subnet create --network n1 --ip-version 6 --subnet-range fd00:9::/64 \
                --ipv6-address-mode dhcpv6-stateful --ipv6-ra-mode dhcpv6-stateful s6
            leasehold instance boot vm1 --network n1 --fixed-ip ip-address=172.16.1.103 \
                --fixed-ip ip-address=fd00:9::103 --client none
            # Like a container's: /sys read-only, so that it waits for no udev; its user is the only one there is.
            cat > $state/networkd.sh <<'END'
            mount -t sysfs -o ro sysfs /sys && mount -t tmpfs tmpfs /run
            mkdir -p /run/systemd/netif
            rm -f /etc/systemd /etc/machine-id && mkdir -p /etc/systemd/network
            echo 0123456789abcdef0123456789abcdef > /etc/machine-id
            echo 'systemd-network:x:0:0::/:/bin/sh' >> /etc/passwd
            echo 'systemd-network:x:0:' >> /etc/group
            printf '[Match]\nName=eth0\n[Network]\nDHCP=yes\n[DHCPv4]\nUseMTU=yes\n[DHCPv6]\n\#(without)\n' > /etc/systemd/network/10.network
            SYSTEMD_LOG_TARGET=console exec \#(Self.networkd)
            END
            inside() { leasehold instance exec vm1 -- "$@"; }
            inside unshare --mount sh $state/networkd.sh > $state/networkd.log 2>&1 &
            both() { inside ip address show dev eth0 | grep -q 172.16.1.103 && inside ip -6 address show dev eth0 | grep -v tentative | grep -q fd00:9::103; }
            until_true both || cat $state/networkd.log
            echo "v4=$(inside ip -4 -o address show dev eth0 | awk '{print $4}')"
            echo "v6=$(inside ip -6 -o address show dev eth0 scope global | awk '{print $4}' | grep :103)"
            echo "router=$(inside ip -4 route show default | awk '{print $3; exit}')"
            echo "mtu=$(inside ip link show eth0 | sed -n 's/.* mtu \([0-9]*\).*/\1/p')"
            """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["v4"] == ["172.16.1.103/24"], "\(result.output)")
        #expect(result["v6"] == ["fd00:9::103/128"], "\(result.output)")
        #expect(result["router"] == ["172.16.1.1"], "\(result.output)")
        #expect(result["mtu"] == ["1400"], "\(result.output)")
    }

    private static let networkd = "/lib/systemd/systemd-networkd"
    private static let qemu = "/usr/bin/qemu-system-x86_64"

    @Test(
        "iPXE in QEMU gets the address and the boot file that is meant for iPXE",
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: qemu)
                && FileManager.default.isWritableFile(atPath: "/dev/net/tun"),
            "needs qemu-system-x86 and /dev/net/tun"),
        arguments: Driver.allCases)
    func ipxe(driver: Driver) throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create net1 >/dev/null
            leasehold subnet create --network net1 --subnet-range 172.16.1.0/24 sub1 >/dev/null
            leasehold port create --network net1 --fixed-ip subnet=sub1,ip-address=172.16.1.103 guest1 >/dev/null
            port=$(id_of port guest1)
            curl -sf -X PUT http://127.0.0.1:9696/v2.0/ports/$port -d '{"port": {"extra_dhcp_opts": [
                {"opt_name": "tag:!ipxe,67", "opt_value": "undionly.kpxe"},
                {"opt_name": "tag:ipxe,67", "opt_value": "http://172.16.1.9/menu.ipxe"}]}}' >/dev/null
            active() { [ "$(leasehold port show guest1 -f value -c status)" = ACTIVE ]; }
            until_true active
            tap=$(leasehold port plug guest1 --tap -f value -c tap)
            mac=$(leasehold port show guest1 -f value -c mac_address)
            \#(Self.qemu) -m 128 -nographic -boot n \
                -netdev tap,id=net0,ifname=$tap,script=no,downscript=no \
                -device virtio-net-pci,netdev=net0,mac=$mac < /dev/null > $state/console 2>&1 &
            qemu=$!
            told() { grep -aq 'Filename: \|Nothing to boot\|No more network' $state/console; }
            until_true told || true
            kill $qemu
            tr -d '\r' < $state/console | grep -ao 'net0: 172[^ ]* gw [0-9.]*' | head -1 | sed 's/^/address=/'
            tr -d '\r' < $state/console | grep -ao 'Filename: .*' | head -1 | sed 's/^Filename: /file=/'
            """#, settings: driver.settings)
        #expect(result["address"] == ["net0: 172.16.1.103/255.255.255.0 gw 172.16.1.1"], "\(result.output)")
        #expect(result["file"] == ["http://172.16.1.9/menu.ipxe"], "\(result.output)")
    }

    @Test(
        "dig at the DHCP address answers with the port's address, and backwards", arguments: Driver.allCases)
    func names(driver: Driver) throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1
            leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 s1
            leasehold instance boot vm1 --network n1 --fixed-ip ip-address=172.16.1.103
            server=$(leasehold port list --network n1 --device-owner network:dhcp -f json |
                sed -n 's/.*"ip_address": *"\([0-9.]*\)".*/\1/p' | head -1)
            [ -n "$server" ] || server=172.16.1.2
            ask() { leasehold instance exec vm1 -- dig +short +time=30 @$server "$@"; }
            echo "a=$(ask host-172-16-1-103.openstacklocal)"
            echo "ptr=$(ask -x 172.16.1.103)"
            echo "tcp=$(ask +tcp host-172-16-1-103.openstacklocal)"
            echo "edns=$(ask +edns=0 +bufsize=4096 host-172-16-1-103.openstacklocal)"
            """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["a"] == ["172.16.1.103"], "\(result.output)")
        #expect(result["ptr"] == ["host-172-16-1-103.openstacklocal."])
        #expect(result["tcp"] == ["172.16.1.103"])
        #expect(result["edns"] == ["172.16.1.103"])
    }
}
