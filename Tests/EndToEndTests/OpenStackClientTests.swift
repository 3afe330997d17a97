import Foundation
import Testing

@Suite("The stock openstack client and SDK", .enabled(if: Lab.isPossible), .serialized)
struct OpenStackClientTests {
    @Test("network, subnet and port create, agent list work unchanged, and what was asked for is served")
    func commands() throws {
        let program = try PythonEnvironment.openstack().program("openstack")
        let result = try Lab.run(
            #"""
            set -e
            os() { \#(program) --os-auth-type none --os-endpoint http://127.0.0.1:9696 "$@"; }
            os network create net1 -f value -c status
            os subnet create --network net1 --subnet-range 172.16.1.0/24 --dns-nameserver 9.9.9.9 sub1 -f value -c cidr
            echo "port=$(os port create --network net1 --fixed-ip subnet=sub1,ip-address=172.16.1.103 port1 -f value -c fixed_ips)"
            served() { [ "$(leasehold port show port1 -f value -c status)" = ACTIVE ]; }
            until_true served
            echo "status=$(os port list --network net1 -f value -c Status | sort -u | tr '\n' ' ')"
            echo "agent=$(os network agent list -f value -c 'Agent Type' -c Alive)"
            os network show nosuch && exit 7
            os port delete port1
            os network delete net1
            echo "networks=$(os network list -f value | wc -l)"
            """#)
        #expect(result.status == 0, "\(result.output)")
        #expect(result["port"].first?.contains("172.16.1.103") == true, "\(result.output)")
        #expect(result["status"] == ["ACTIVE "], "\(result.output)")
        #expect(result["agent"] == ["DHCP agent True"], "\(result.output)")
        #expect(result["networks"] == ["0"], "\(result.output)")
    }

    @Test("more than sixty commands over every resource do, show and list what they should")
    func manyCommands() throws {
        let result = try Lab.run(try PythonEnvironment.openstack().command("commands.py"))
        #expect(result["failure"] == [], "\(result.output)")
        #expect(result["failed"] == ["0"], "\(result.output)")
        #expect((result["commands"].first.flatMap { Int($0) } ?? 0) > 60, "\(result.output)")
    }

    @Test("the SDK creates, filters, pages, updates at a revision, deletes, and raises its own exceptions")
    func sdk() throws {
        let result = try Lab.run("\(try PythonEnvironment.openstack().command("sdk.py")) 2>&1")
        #expect(result.status == 0, "\(result.output)")
        #expect(result.output.contains("\nOK\n"), "\(result.output)")
    }
}
