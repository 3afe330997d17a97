import Foundation
import Testing

@Suite("The demo", .enabled(if: Lab.isPossible), .serialized)
struct DemoTests {
    /// What must be as before, asked inside a lab that nobody else uses.
    private static let surroundings =
        "ip netns list; ip -o link | cut -d: -f2; pgrep -r R,S,D -a dnsmasq; pgrep -a udhcpc; pgrep -a sleep; "
        + "ls /run /run/netns"

    /// The parts of the story that must be in it.
    private static let story = [
        "cirros-vm1", "172.16.1.103", "DHCPDISCOVER", "DHCPOFFER", "DHCPREQUEST", "DHCPACK", "flat_net",
        "qdhcp-", "brq", "tap", "ns-",
    ]
    /// And where dnsmasq serves: the files that it reads.
    private static let files = ["addn_hosts", "leases", "opts", "interface"]

    private func check(_ result: Lab.Result, _ driver: Driver = .dnsmasq) {
        #expect(result.status == 0, "\(result.output)")
        for part in Self.story + (driver == .dnsmasq ? Self.files : []) {
            #expect(result.output.contains(part), "\(part) in \(result.output)")
        }
        for line in result.output.split(separator: "\n") {
            #expect(line.count <= 80, "longer than 80 columns: \(line)")
        }
    }

    @Test(
        "tells its story, exits 0, and leaves namespaces, links and processes as they were",
        arguments: Driver.allCases)
    func leavesNothing(driver: Driver) throws {
        let result = try Lab.run(
            #"""
            around() { \#(Self.surroundings); }
            # The lab's own service may still be asking dnsmasq what it can.
            until_true sh -c '! pgrep -r R,S,D dnsmasq'
            around > $state/around 2>&1
            leasehold demo --driver \#(driver.rawValue)
            status=$?
            # The kernel takes a namespace's devices away, and processes end, a moment later.
            same() { around 2>&1 | diff $state/around -; }
            until_true same || { same; status=99; }
            exit $status
            """#)
        check(result, driver)
    }

    @Test("works for an ordinary user just the same", .enabled(if: getuid() == 0))
    func asOrdinaryUser() throws {
        // The build folder may lie where nobody else may look.
        let tag = UUID().uuidString
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("leasehold-demo-\(tag)")
        try FileManager.default.copyItem(at: Lab.binary, to: copy)
        defer { try? FileManager.default.removeItem(at: copy) }
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: copy.path)
        let result = try Lab.execute(
            URL(fileURLWithPath: "/usr/bin/setpriv"),
            ["--reuid=65534", "--regid=65534", "--clear-groups", copy.path, "demo"],
            environment: ["LEASEHOLD_TEST_TAG": tag])
        check(result)
        // Whatever it started inherited the tag.
        let left = try Lab.execute(
            URL(fileURLWithPath: "/bin/sh"),
            [
                "-c",
                // What was told to end may take a moment.
                """
                look() { grep -lsa LEASEHOLD_TEST_TAG=\(tag) /proc/[0-9]*/environ; }
                for try in $(seq 600); do look >/dev/null || break; sleep 0.1; done
                look
                """,
            ],
            environment: [:])
        #expect(left.output.isEmpty, "left behind: \(left.output)")
    }
}
