import Foundation
import Testing

@Suite("The stock openstack client", .enabled(if: Lab.isPossible), .serialized)
struct OpenStackClientTests {
    /// A virtual environment with the client, made once per machine and kept in the build folder.
    private static func client() throws -> URL {
        let folder = Lab.binary.deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("openstack-client")
        let program = folder.appendingPathComponent("bin/openstack")
        if FileManager.default.isExecutableFile(atPath: program.path) { return program }
        let shell = URL(fileURLWithPath: "/bin/sh")
        let made = try Lab.execute(
            shell,
            [
                "-c",
                """
                python3 -m venv '\(folder.path)' &&
                '\(folder.path)/bin/pip' install -q --disable-pip-version-check python-openstackclient
                """,
            ])
        try #require(made.status == 0, "\(made.output)")
        return program
    }

    @Test("network, subnet and port create, agent list work unchanged")
    func commands() throws {
        let program = try Self.client()
        let result = try Lab.run(
            #"""
            set -e
            os() { \#(program.path) --os-auth-type none --os-endpoint http://127.0.0.1:9696 "$@"; }
            os network create net1 -f value -c status
            os subnet create --network net1 --subnet-range 172.16.1.0/24 --dns-nameserver 9.9.9.9 sub1 -f value -c cidr
            echo "port=$(os port create --network net1 --fixed-ip subnet=sub1,ip-address=172.16.1.103 port1 -f value -c fixed_ips)"
            served() { [ "$(leasehold port show port1 -f value -c status)" = ACTIVE ]; }
            until_true 20 served
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
}
