import Testing

@Suite("A restart is unnoticeable", .enabled(if: Lab.isPossible), .serialized)
struct RestartTests {
    /// How a script stops and starts the service of its lab.
    private static let service = #"""
        service_pid() { pgrep -f '^[^ ]*leasehold serve --config-file'; }
        # A process that ended may stay as a zombie: its parent is the lab.
        gone() { ! [ -d /proc/$1 ] || grep -q '^State:.*Z' /proc/$1/status; }
        start_service() {
            leasehold serve --config-file $state/lab.ini >> $state/serve.log 2>&1 &
            until_true leasehold network list
        }

        """#

    @Test("kill -9 in the middle of 200 port creations loses no acknowledged port and no dnsmasq")
    func killed() throws {
        let result = try Lab.run(
            Self.service + #"""
                set -e
                leasehold network create n1 >/dev/null
                leasehold subnet create --network n1 --subnet-range 10.0.0.0/16 s1 >/dev/null
                network=$(id_of network n1)
                until_true test -s $state/dhcp/$network/pid
                dnsmasq=$(cat $state/dhcp/$network/pid)
                # Eight writers, each acknowledged id on a line of its own.
                for writer in 1 2 3 4 5 6 7 8; do
                    ( for i in $(seq 25); do
                        # Only a whole answer with a status below 400 is an acknowledgement.
                        answer=$(curl -sf -m 5 -X POST http://127.0.0.1:9696/v2.0/ports \
                            -d "{\"port\":{\"network_id\":\"$network\"}}") || continue
                        echo "$answer" | sed -n 's/.*"port": *{.*"id": *"\([0-9a-f-]*\)", *"name".*/\1/p; t; s/.*/unread &/p' >> $state/acknowledged.$writer
                    done ) &
                done
                some() { [ "$(cat $state/acknowledged.* | wc -l)" -ge 20 ]; }
                until_true some
                kill -9 $(service_pid)
                set +e
                wait
                set -e
                cat $state/acknowledged.* | sort > $state/acknowledged
                echo "acknowledged=$(wc -l < $state/acknowledged)"
                start_service
                leasehold port list --network n1 -f value -c ID | sort > $state/there
                echo "lost=$(comm -23 $state/acknowledged $state/there | wc -l)"
                # Every port that exists is served: ACTIVE, and on a line of the host file.
                all_active() { [ "$(leasehold port list --network n1 -f value -c Status | sort -u)" = ACTIVE ]; }
                until_true all_active || true
                echo "states=$(leasehold port list --network n1 -f value -c Status | sort -u | tr '\n' ' ')"
                echo "lines=$(($(wc -l < $state/dhcp/$network/host) - $(wc -l < $state/there)))"
                echo "same=$([ "$(cat $state/dhcp/$network/pid)" = $dnsmasq ] && [ -d /proc/$dnsmasq ] && echo yes)"
                """#)
        #expect(result.status == 0, "\(result.output)")
        let acknowledged = try #require(result["acknowledged"].first.flatMap { Int($0) })
        #expect(acknowledged > 0, "the kill came before the first acknowledgement: \(result.output)")
        #expect(result["lost"] == ["0"], "\(result.output)")
        #expect(result["states"] == ["ACTIVE "], "\(result.output)")
        #expect(result["lines"] == ["0"], "\(result.output)")
        #expect(result["same"] == ["yes"], "\(result.output)")
    }

    @Test("SIGTERM leaves everything running; a start adopts it and removes what was deleted meanwhile")
    func adopted() throws {
        let result = try Lab.run(
            Self.service + #"""
                set -e
                for n in 1 2 3; do
                    leasehold network create n$n >/dev/null
                    leasehold subnet create --network n$n --subnet-range 172.16.1.0/24 s$n >/dev/null
                done
                three() { [ "$(pgrep -c dnsmasq)" = 3 ]; }
                until_true three
                until_true test -s $state/dhcp/$(id_of network n3)/pid
                active() { [ "$(leasehold port list -f value -c Status | sort -u)" = ACTIVE ]; }
                until_true active
                before=$(pgrep dnsmasq | sort | tr '\n' ' ')
                gone=$(id_of network n3)
                service=$(service_pid)
                kill -TERM $service
                until_true gone $service
                echo "left=$([ "$(pgrep dnsmasq | sort | tr '\n' ' ')" = "$before" ] && echo all)"
                # Deleted while the agent is down: by hand in the store, as another API would.
                sqlite3 $(find $state -name '*.db' -o -name '*.sqlite' | head -1) \
                    "PRAGMA foreign_keys=ON; DELETE FROM addresses WHERE port_id IN (SELECT id FROM ports WHERE network_id='$gone');
                     DELETE FROM macs WHERE network_id='$gone'; DELETE FROM ports WHERE network_id='$gone';
                     DELETE FROM subnets WHERE network_id='$gone'; DELETE FROM networks WHERE id='$gone';"
                start_service
                settled() { grep -q 'adopted 2' $state/serve.log; }
                until_true settled
                # The table of descriptors is as large as they may become, from the beginning.
                wanted=$(awk '/Max open files/ {print ($4 < 65536 ? $4 : 65536)}' /proc/$(service_pid)/limits)
                size=$(awk '/FDSize/ {print $2}' /proc/$(service_pid)/status)
                echo "table=$([ $size -ge $wanted ] && echo large || echo "$size of $wanted")"
                echo "report=$(grep -o 'adopted 2.*' $state/serve.log | tail -1)"
                until_true sh -c "! ip netns list | grep -q $gone"
                echo "kept=$(ip netns list | grep -c qdhcp-)"
                # What ended is counted until its parent has heard of it.
                two() { [ "$(pgrep -c dnsmasq)" = 2 ]; }
                until_true two || true
                echo "running=$(pgrep -c dnsmasq)"
                """#)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["left"] == ["all"], "\(result.output)")
        #expect(result["report"].first?.contains("changed 0, removed 1") == true, "\(result.output)")
        #expect(result["table"] == ["large"])
        #expect(result["kept"] == ["2"])
        #expect(result["running"] == ["2"])
    }

    @Test("a killed dnsmasq, a deleted route, a flipped MTU and a lost bridge membership are repaired")
    func repaired() throws {
        let result = try Lab.run(
            #"""
            set -e
            leasehold network create n1 >/dev/null
            leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 s1 >/dev/null
            network=$(id_of network n1)
            namespace=qdhcp-$network
            until_true test -s $state/dhcp/$network/pid
            inner=$(cat $state/dhcp/$network/interface)
            outer=tap${inner#ns-}
            pid=$(cat $state/dhcp/$network/pid)
            kill -9 $pid
            another() { now=$(cat $state/dhcp/$network/pid) && [ "$now" != $pid ] && [ -d /proc/$now ]; }
            until_true another && echo "dnsmasq=back"
            ip netns exec $namespace ip route del default
            has_route() { ip netns exec $namespace ip route show default | grep -q 172.16.1.1; }
            until_true has_route && echo "route=back"
            ip netns exec $namespace ip link set $inner mtu 1300
            has_mtu() { ip netns exec $namespace ip link show $inner | grep -q 'mtu 1500'; }
            until_true has_mtu && echo "mtu=back"
            ip link set $outer nomaster
            has_bridge() { ip link show $outer | grep -q "master brq${network:0:11}"; }
            until_true has_bridge && echo "bridge=back"
            umount /run/netns/$namespace
            alive() { ip netns exec $namespace ip address show | grep -q 172.16.1.2; }
            until_true alive && echo "namespace=back"
            leasehold instance boot vm1 --network n1 && echo "boot=ok"
            """#)
        #expect(result.status == 0, "\(result.output)")
        for part in ["dnsmasq", "route", "mtu", "bridge", "namespace"] {
            #expect(result[part] == ["back"], "\(part): \(result.output)")
        }
        #expect(result["boot"] == ["ok"], "\(result.output)")
    }
}
