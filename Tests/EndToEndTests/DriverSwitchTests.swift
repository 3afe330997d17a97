import Testing

@Suite("Changing the driver of a running network", .enabled(if: Lab.isPossible), .serialized)
struct DriverSwitchTests {
    /// A network with a machine whose udhcpc renews every second, and how to look at it.
    private static let renewing = #"""
        set -e
        leasehold network create n1 >/dev/null
        leasehold subnet create --network n1 --subnet-range 172.16.1.0/24 s1 >/dev/null
        leasehold instance boot vm1 --network n1 --fixed-ip ip-address=172.16.1.103 --client udhcpc >/dev/null
        network=$(id_of network n1)
        machine=$state/instances/vm1
        # udhcpc runs its script at each event: bound, renew, nak, deconfig, leasefail.
        sed -i '2i echo "$1 ${ip:-}" >> '$machine/events $machine/udhcpc.script
        : > $machine/events
        client=$(cat $machine/udhcpc.pid)
        leasehold instance exec vm1 -- ip monitor address > $machine/addresses 2>&1 &
        renewals() { grep -c '^renew 172.16.1.103$' $machine/events || true; }
        renewed() { [ $(renewals) -ge $1 ]; }
        # Not before the last renewal is answered: told twice, udhcpc gives its address up by itself. It tries
        # again every two seconds, for it may lose an answer that comes while its sending socket is open.
        ( asked=0; while [ -d /proc/$client ]; do
            if renewed $asked; then asked=$(($(renewals) + 1)); kill -USR1 $client; fi
            sleep 1
        done ) &
        dnsmasq_runs() { pgrep -f "dnsmasq.*$network" >/dev/null; }
        dnsmasq_is_gone() { ! dnsmasq_runs; }
        # Whoever serves: the client's next four renewals are answered.
        settle() { local wanted=$(($(renewals) + 4)); until_true 20 renewed $wanted; }
        told() {
            echo "renewals=$(renewals)"
            echo "others=$(grep -vc '^renew 172.16.1.103$' $machine/events)"
            echo "lost=$(grep -c '^Deleted.*172.16.1.103' $machine/addresses)"
            echo "address=$(leasehold instance exec vm1 -- ip -4 -o address show dev eth0 | awk '{print $4}')"
            cat $machine/events
        }

        """#

    private func check(_ result: Lab.Result) {
        #expect(result.status == 0, "\(result.output)")
        // Not once was it told NAK, not once did it have to start again.
        #expect(result["others"] == ["0"], "\(result.output)")
        #expect(result["lost"] == ["0"], "\(result.output)")
        #expect(result["address"] == ["172.16.1.103/24"], "\(result.output)")
    }

    @Test("one network goes to native and back while its client renews every second: no NAK, no lost address")
    func oneNetwork() throws {
        let result = try Lab.run(
            Self.renewing + #"""
                until_true 10 dnsmasq_runs
                settle && echo "dnsmasq=renewed"
                leasehold network set --dhcp-driver native n1
                until_true 20 dnsmasq_is_gone
                settle && echo "native=renewed"
                leasehold network set --dhcp-driver dnsmasq n1
                until_true 20 dnsmasq_runs
                settle && echo "again=renewed"
                told
                """#)
        check(result)
        for part in ["dnsmasq", "native", "again"] {
            #expect(result[part] == ["renewed"], "\(part): \(result.output)")
        }
    }

    @Test(
        "the configured driver is changed by a restart of the service: no NAK, no lost address",
        arguments: Driver.allCases)
    func restart(from driver: Driver) throws {
        let other: Driver = driver == .dnsmasq ? .native : .dnsmasq
        let result = try Lab.run(
            Self.renewing + #"""
                settle && echo "first=renewed"
                service=$(pgrep -f '^[^ ]*leasehold serve --config-file')
                kill -TERM $service
                gone() { ! [ -d /proc/$service ] || grep -q '^State:.*Z' /proc/$service/status; }
                until_true 10 gone
                printf '[DEFAULT]\ndhcp_driver = \#(other.rawValue)\n' > $state/other.ini
                leasehold serve --config-file $state/other.ini --config-file $state/lab.ini >> $state/serve.log 2>&1 &
                until_true 20 leasehold network list
                until_true 20 \#(other == .dnsmasq ? "dnsmasq_runs" : "dnsmasq_is_gone")
                settle && echo "second=renewed"
                told
                """#, settings: driver.settings)
        check(result)
        #expect(result["first"] == ["renewed"], "\(result.output)")
        #expect(result["second"] == ["renewed"], "\(result.output)")
    }

    @Test("kill -9 of the service loses no client of the native driver: the next start answers its renewals")
    func killed() throws {
        let result = try Lab.run(
            Self.renewing + #"""
                settle && echo "first=renewed"
                kill -9 $(pgrep -f '^[^ ]*leasehold serve --config-file')
                sleep 2
                printf '[DEFAULT]\ndhcp_driver = native\n' > $state/native.ini
                leasehold serve --config-file $state/native.ini --config-file $state/lab.ini >> $state/serve.log 2>&1 &
                until_true 20 leasehold network list
                settle && echo "second=renewed"
                told
                """#, settings: Driver.native.settings)
        check(result)
        #expect(result["second"] == ["renewed"], "\(result.output)")
    }
}
