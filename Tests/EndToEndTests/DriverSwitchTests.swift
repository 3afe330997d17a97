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
        # One that had to begin anew goes on renewing.
        renewals() { grep -c '^\(renew\|bound\) 172.16.1.103$' $machine/events || true; }
        renewed() { [ $(renewals) -ge $1 ]; }
        # Not before the last renewal is answered: told twice, udhcpc gives its address up by itself. It tries
        # again every two seconds, for it may lose an answer that comes while its sending socket is open.
        ( asked=0; while [ -d /proc/$client ]; do
            if renewed $asked; then asked=$(($(renewals) + 1)); kill -USR1 $client; fi
            sleep 1
        done ) &
        dnsmasq_runs() { pgrep -f "dnsmasq.*$network" >/dev/null; }
        dnsmasq_is_gone() { ! dnsmasq_runs; }
        # Without an answer for six seconds udhcpc begins anew, as RFC 2131 would have it after hours: how many
        # nobody served is told, for on a busy machine the test's own start of a service may take as long.
        stopped() { stop=$SECONDS; }
        started() { until_true grep -q 'adopted [0-9]*, changed' $1; echo "pause=$((SECONDS - stop))"; }
        # Whoever serves: the client's next four renewals are answered.
        settle() { local wanted=$(($(renewals) + 4)); until_true renewed $wanted; }
        told() {
            echo "renewals=$(renewals)"
            echo "refused=$(grep -c '^nak' $machine/events)"
            echo "others=$(grep -vc '^renew 172.16.1.103$' $machine/events)"
            echo "lost=$(grep -c '^Deleted.*172.16.1.103' $machine/addresses)"
            echo "address=$(leasehold instance exec vm1 -- ip -4 -o address show dev eth0 | awk '{print $4}')"
            cat $machine/events
        }

        """#

    private func check(_ result: Lab.Result) {
        #expect(result.status == 0, "\(result.output)")
        // Not once was it told NAK, not once did it have to start again.
        #expect(result["refused"] == ["0"], "\(result.output)")
        func expectNothingLost() {
            #expect(result["others"] == ["0"], "\(result.output)")
            #expect(result["lost"] == ["0"], "\(result.output)")
        }
        if result["pause"].allSatisfy({ Int($0).map { $0 < 5 } == true }) {
            expectNothingLost()
        } else {
            // Not passed over in silence: the run's summary counts it.
            withKnownIssue("the service was away for longer than udhcpc waits", isIntermittent: true) {
                expectNothingLost()
            }
        }
        #expect(result["address"] == ["172.16.1.103/24"], "\(result.output)")
    }

    @Test("one network goes to native and back while its client renews every second: no NAK, no lost address")
    func oneNetwork() throws {
        let result = try Lab.run(
            Self.renewing + #"""
                until_true dnsmasq_runs
                settle && echo "dnsmasq=renewed"
                leasehold network set --dhcp-driver native n1
                until_true dnsmasq_is_gone
                settle && echo "native=renewed"
                leasehold network set --dhcp-driver dnsmasq n1
                until_true dnsmasq_runs
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
                stopped
                kill -TERM $service
                gone() { ! [ -d /proc/$service ] || grep -q '^State:.*Z' /proc/$service/status; }
                until_true gone
                printf '[DEFAULT]\ndhcp_driver = \#(other.rawValue)\n' > $state/other.ini
                leasehold serve --config-file $state/other.ini --config-file $state/lab.ini >> $state/again.log 2>&1 &
                until_true leasehold network list
                started $state/again.log
                until_true \#(other == .dnsmasq ? "dnsmasq_runs" : "dnsmasq_is_gone")
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
                stopped
                kill -9 $(pgrep -f '^[^ ]*leasehold serve --config-file')
                sleep 2
                printf '[DEFAULT]\ndhcp_driver = native\n' > $state/native.ini
                leasehold serve --config-file $state/native.ini --config-file $state/lab.ini >> $state/again.log 2>&1 &
                until_true leasehold network list
                started $state/again.log
                settle && echo "second=renewed"
                told
                """#, settings: Driver.native.settings)
        check(result)
        #expect(result["second"] == ["renewed"], "\(result.output)")
    }
}
