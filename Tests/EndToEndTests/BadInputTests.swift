import Foundation
import Testing

@Suite("Bad starts get a clear error and change nothing", .enabled(if: Lab.isPossible), .serialized)
struct BadInputTests {
    /// Runs `leasehold serve` with a configuration in a lab beside the lab's own service, which must not
    /// be disturbed, and returns what it said.
    private func serve(_ configuration: String, before: String = "true") throws -> Lab.Result {
        try Lab.run(
            #"""
            cat > $state/bad.ini <<'END'
            \#(configuration)
            END
            \#(before)
            timeout 120 leasehold serve --config-file $state/bad.ini
            echo "status=$?"
            leasehold network list >/dev/null && echo "service=undisturbed"
            """#)
    }

    @Test(
        "a wrong value is named with file, line, option and expected form",
        arguments: [
            ("[DEFAULT]\ndhcp_lease_duration = soon", ["bad.ini:2", "dhcp_lease_duration", "soon"]),
            ("[DEFAULT]\nresync_interval = -4", ["bad.ini:2", "resync_interval"]),
            ("[DEFAULT\nstate_path = /x", ["bad.ini:1"]),
            (
                "[DEFAULT]\ndhcp_driver = systemd",
                ["dhcp_driver", "systemd", "neutron.agent.linux.dhcp.Dnsmasq"]
            ),
            ("[DEFAULT]\ninterface_driver = token_ring", ["interface_driver", "token_ring", "linuxbridge"]),
        ])
    func wrongValue(configuration: String, parts: [String]) throws {
        let result = try serve(configuration)
        #expect(result["status"].first.map { $0 != "0" && $0 != "124" } == true, "\(result.output)")
        for part in parts { #expect(result.output.contains(part), "\(part) in \(result.output)") }
        #expect(result["service"] == ["undisturbed"], "\(result.output)")
    }

    @Test("a port in use names the address and the remedy")
    func portInUse() throws {
        let result = try serve("[DEFAULT]\nstate_path = /run/other")
        #expect(result["status"].first.map { $0 != "0" && $0 != "124" } == true, "\(result.output)")
        #expect(result.output.contains("127.0.0.1:9696"), "\(result.output)")
    }

    @Test("a second service on the same state directory is refused")
    func secondService() throws {
        let result = try serve("[DEFAULT]\nstate_path = /run/leasehold\nbind_port = 9797")
        #expect(result["status"].first.map { $0 != "0" && $0 != "124" } == true, "\(result.output)")
        #expect(result.output.contains("/run/leasehold"), "\(result.output)")
        #expect(result["service"] == ["undisturbed"], "\(result.output)")
    }

    @Test("a store that is no store is refused and left as it is")
    func foreignStore() throws {
        let result = try Lab.run(
            #"""
            mkdir -p /run/other
            echo "these are my holiday notes" > /run/other/leasehold.sqlite
            printf '[DEFAULT]\nstate_path = /run/other\nbind_port = 9797\n' > $state/bad.ini
            timeout 120 leasehold serve --config-file $state/bad.ini
            echo "status=$?"
            echo "content=$(cat /run/other/leasehold.sqlite)"
            echo "files=$(ls /run/other | tr '\n' ' ')"
            """#)
        #expect(result["status"].first.map { $0 != "0" && $0 != "124" } == true, "\(result.output)")
        #expect(result["content"] == ["these are my holiday notes"], "\(result.output)")
        #expect(result.output.contains("/run/other/leasehold.sqlite"), "\(result.output)")
    }

    @Test("a bridge name that is taken by somebody's device is reported; the device is left alone")
    func foreignDevice() throws {
        let result = try Lab.run(
            #"""
            leasehold network create n1 >/dev/null
            network=$(id_of network n1)
            # A veth end is no bridge, and it isn't ours.
            ip link add brq${network:0:11} type veth peer name somebody
            leasehold subnet create --network n1 --subnet-range 10.1.0.0/24 s1 >/dev/null
            told() { leasehold status | grep -q "brq${network:0:11}"; }
            until_true told && echo "status=told"
            echo "kind=$(ip -d -o link show brq${network:0:11} | grep -c veth)"
            ip link del somebody
            served() { test -s $state/dhcp/$network/pid; }
            until_true served && echo "retried=served"
            """#)
        #expect(result["status"] == ["told"], "\(result.output)")
        #expect(result["kind"] == ["1"], "\(result.output)")
        #expect(result["retried"] == ["served"], "\(result.output)")
    }

    @Test("commands name what is missing: service, network, instance")
    func commands() throws {
        let down = try Lab.execute(
            Lab.binary, ["network", "list"], environment: ["LEASEHOLD_ENDPOINT": "http://127.0.0.1:1"])
        #expect(down.status != 0)
        #expect(
            down.output.contains("127.0.0.1:1") && down.output.contains("leasehold serve"), "\(down.output)")
        let result = try Lab.run(
            #"""
            leasehold network show nosuch; echo "show=$?"
            leasehold instance boot vm1 --network nosuch; echo "boot=$?"
            leasehold instance delete nosuch; echo "delete=$?"
            leasehold port create --network nosuch p1; echo "port=$?"
            """#)
        for key in ["show", "boot", "delete", "port"] {
            #expect(result[key] == ["1"], "\(key): \(result.output)")
        }
        #expect(result.output.contains("nosuch"))
    }
}
