import Testing

@Suite("Tenants and lifecycles", .enabled(if: Lab.isPossible), .serialized)
struct TenantTests {
    @Test(
        "two networks with the same CIDR give the same address to two machines that can't meet",
        arguments: Driver.allCases)
    func twins(driver: Driver) throws {
        let result = try Lab.run(
            #"""
            set -e
            for tenant in a b; do
                leasehold network create net-$tenant --project tenant-$tenant >/dev/null
                leasehold subnet create --network net-$tenant --subnet-range 172.16.1.0/24 sub-$tenant >/dev/null
                leasehold instance boot vm-$tenant --network net-$tenant --fixed-ip ip-address=172.16.1.103
            done
            leasehold instance boot other-a --network net-a --fixed-ip ip-address=172.16.1.104
            echo "namespaces=$(ip netns list | grep -c qdhcp-)"
            leasehold instance exec vm-a -- ping -c 1 -W 60 172.16.1.104 >/dev/null && echo "inside=reached"
            leasehold instance exec vm-b -- ping -c 1 -W 1 172.16.1.104 >/dev/null || echo "across=unreachable"
            leasehold instance list
            for vm in vm-a vm-b other-a; do leasehold instance delete $vm; done
            leasehold network delete net-a net-b
            until_true sh -c '! ip netns list | grep -q .'
            until_true sh -c '! ip -o link | grep -Eq "brq|tap"'
            until_true sh -c '! pgrep dnsmasq'
            until_true sh -c "! find $state/dhcp -mindepth 1 -type d | grep -q ."
            # Nothing of a network is left; the record of leases is of the whole host.
            echo "left=$(find $state/dhcp -mindepth 1 -type d | wc -l)"
            """#, settings: driver.settings)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["namespaces"] == ["2"])
        #expect(result["inside"] == ["reached"], "\(result.output)")
        #expect(result["across"] == ["unreachable"], "\(result.output)")
        #expect(result["left"] == ["0"], "\(result.output)")
    }

    @Test("DHCP off, on, a second subnet and a deleted one take effect by themselves")
    func subnetChanges() throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1 >/dev/null
            leasehold subnet create --network n1 --subnet-range 10.1.0.0/24 s1 >/dev/null
            network=$(id_of network n1)
            until_true test -s $state/dhcp/$network/pid && echo "first=served"
            leasehold subnet set --no-dhcp s1
            until_true test ! -e $state/dhcp/$network && echo "off=gone"
            leasehold subnet set --dhcp s1
            until_true test -s $state/dhcp/$network/pid && echo "on=served"
            leasehold subnet create --network n1 --subnet-range 10.2.0.0/24 s2 >/dev/null
            has_second() { tr '\0' ' ' < /proc/$(cat $state/dhcp/$network/pid)/cmdline | grep -q 10.2.0.0; }
            until_true has_second && echo "second=served"
            has_address() { ip netns exec qdhcp-$network ip address | grep -q 'inet 10[.]2[.]0[.]'; }
            until_true has_address && echo "address=there"
            leasehold subnet delete s2
            lost_second() { ! has_second && ! has_address; }
            until_true lost_second && echo "deleted=gone"
            leasehold instance boot vm1 --network n1 >/dev/null && echo "boot=ok"
            """#)
        #expect(result.status == 0, "\(result.output)")
        for (key, value) in [
            ("first", "served"), ("off", "gone"), ("on", "served"), ("second", "served"),
            ("address", "there"), ("deleted", "gone"), ("boot", "ok"),
        ] {
            #expect(result[key] == [value], "\(key): \(result.output)")
        }
    }

    @Test("a network with SLAAC alone is served, and takes a DHCP subnet in later")
    func slaacAlone() throws {
        let result = try Lab.run(
            #"""
            leasehold network create n1 >/dev/null
            leasehold subnet create --network n1 --ip-version 6 --subnet-range fd00:3::/64 \
                --ipv6-ra-mode slaac --ipv6-address-mode slaac s6 >/dev/null
            leasehold port create --network n1 p1 >/dev/null
            active() { [ "$(leasehold port show p1 -f value -c status)" = ACTIVE ]; }
            until_true active && echo "slaac=served"
            leasehold subnet create --network n1 --subnet-range 10.1.0.0/24 s4 >/dev/null
            leasehold instance boot vm1 --network n1 && echo "boot=ok"
            """#)
        #expect(result["slaac"] == ["served"], "\(result.output)")
        #expect(result["boot"] == ["ok"], "\(result.output)")
    }

    @Test("a port that something else uses is not taken, and its device stays")
    func claimedPort() throws {
        let result = try Lab.run(
            #"""
            leasehold network create n1 >/dev/null
            leasehold subnet create --network n1 --subnet-range 10.1.0.0/24 s1 >/dev/null
            leasehold network create n2 >/dev/null
            leasehold instance boot vm1 --network n1 >/dev/null
            leasehold port create --network n1 p1 >/dev/null
            dhcp=$(leasehold port list --network n1 --device-owner network:dhcp -f value -c ID)
            for port in $(leasehold port list --network n1 --device-owner compute:leasehold -f value -c ID) $dhcp; do
                leasehold instance boot thief --network n1 --port $port; echo "boot=$?"
            done
            leasehold instance boot thief --network n2 --port p1; echo "boot=$?"
            leasehold instance exec vm1 -- ip link show eth0 >/dev/null && echo "victim=alive"
            leasehold port delete ''; echo "empty=$?"
            leasehold instance boot vm2 --network n1 --port p1 --client dhcpcd >/dev/null; echo "own=$?"
            leasehold instance boot vm3 --network n1 --client dhcpcd >/dev/null; echo "dhcpcd=$?"
            """#)
        #expect(result["boot"] == ["1", "1", "1"], "\(result.output)")
        #expect(result["victim"] == ["alive"], "\(result.output)")
        #expect(result["empty"] == ["64"], "\(result.output)")
        #expect(result["own"] == ["0"], "\(result.output)")
        #expect(result["dhcpcd"] == ["0"], "\(result.output)")
    }

    @Test("whatever configuration a lab is given, its state stays inside")
    func labConfiguration() throws {
        let result = try Lab.run(
            "leasehold status -f json >/dev/null && echo answers=$(ls /run/leasehold | grep -c sqlite$)",
            settings: """
                [DEFAULT]
                state_path = /nonexistent/leasehold
                bind_port = 9800

                """)
        #expect(result["answers"] == ["1"], "\(result.output)")
    }

    @Test("a dnsmasq that can't start is reported in its own words, and is retried")
    func badExtraConfiguration() throws {
        let result = try Lab.run(
            #"""
            set -e
            echo "no-such-option" > $state/extra.conf
            leasehold network create n1 >/dev/null
            leasehold subnet create --network n1 --subnet-range 10.1.0.0/24 s1 >/dev/null
            leasehold port create --network n1 p1 >/dev/null
            told() { leasehold status | grep -q "bad option"; }
            until_true told && echo "status=told"
            on_port() { leasehold port show p1 -f json | grep -q "bad option"; }
            until_true on_port && echo "port=told"
            on_agent() { leasehold agent list -f value -c ID | head -1 | xargs leasehold agent show -f json | grep -q "bad option"; }
            until_true on_agent && echo "agent=told"
            : > $state/extra.conf
            served() { [ "$(leasehold port show p1 -f value -c status)" = ACTIVE ]; }
            until_true served && echo "retried=served"
            """#,
            settings: """
                [DEFAULT]
                dnsmasq_config_file = /run/leasehold/extra.conf

                """)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["status"] == ["told"], "\(result.output)")
        #expect(result["port"] == ["told"], "\(result.output)")
        #expect(result["agent"] == ["told"], "\(result.output)")
        #expect(result["retried"] == ["served"], "\(result.output)")
    }
}
