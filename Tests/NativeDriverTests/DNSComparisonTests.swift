import Addressing
import Glibc
import LinuxKernel
import Testing

@testable import DNSEngine
@testable import NativeDriver

/// The same questions to our server and to dnsmasq with the same names.
@Suite(.enabled(if: mayWireForDNS), .enabled(if: isInstalled("dnsmasq") && isInstalled("dig")), .serialized)
struct DNSComparisonTests {
    /// What dnsmasq is started with, as Neutron starts it, besides where it listens.
    static func withDnsmasq(
        _ arguments: [String] = [], _ body: (DNSNetwork) async throws -> Void
    ) async throws {
        try await DNSNetwork.with { network in
            let path = "/tmp/leasehold-\(network.server)"
            let hosts = try #require(fopen(path, "w"))
            for host in DNSNetwork.ports.sorted(by: { $0.key < $1.key }).flatMap(\.value) {
                let names = try #require(host.names)
                fputs("\(host.address)\t\(names.fqdn) \(names.hostname)\n", hosts)
            }
            fclose(hosts)
            defer { unlink(path) }
            let command = Command(
                "dnsmasq",
                [
                    "--no-daemon", "--no-hosts", "--no-resolv", "--pid-file=", "--conf-file=/dev/null",
                    "--addn-hosts=\(path)", "--domain=openstacklocal", "--txt-record=live.test,hello,world",
                    "--listen-address=10.8.0.3", "--bind-interfaces", "--user=root", "--group=",
                ] + arguments)
            let child = try await spawn(command, in: network.server, using: network.namespaces)
            let watch = child.watch
            defer { try? watch.signal(SIGKILL) }
            var isUp = false
            let deadline = ContinuousClock.now + NativeNetwork.patience
            // Refused at once until it listens.
            while !isUp && ContinuousClock.now < deadline {
                isUp = try await network.dig("+time=1", "vm", server: "10.8.0.3").status == "NOERROR"
                if !isUp { try await Task.sleep(for: .milliseconds(50)) }
            }
            try #require(isUp, "dnsmasq does not answer")
            try await body(network)
        }
    }

    /// dig's answers of both.
    static func both(
        _ network: DNSNetwork, _ question: [String]
    ) async throws -> (ours: DigAnswer, dnsmasqs: DigAnswer) {
        (
            try await network.dig(question, server: "10.8.0.2"),
            try await network.dig(question, server: "10.8.0.3")
        )
    }

    @Test func `what dnsmasq answers, we answer alike`() async throws {
        try await Self.withDnsmasq { network in
            _ = try network.service()
            for question in [
                "vm A", "VM.OpenstackLocal A", "vm AAAA", "vm ANY", "vm.openstacklocal ANY", "web A",
                "web ANY",
                "host-10-8-0-20 A", "host-10-8-0-20.openstacklocal A", "host-2001-db8-8--20 AAAA",
                "host-2001-db8-8--20.openstacklocal ANY", "-x 10.8.0.20", "-x 10.8.0.21", "-x 10.8.0.22",
                "-x 10.8.0.23", "-x 2001:db8:8::20", "-x 2001:db8:8::21", "20.0.8.10.IN-addr.arpa ANY",
                "live.test TXT", "LIVE.test TXT", "live.test ANY", "example.com A", "sub.vm A", "none A",
                "-x 192.0.2.1", ". NS", "vm CH A", "+edns=0 vm A", "+bufsize=512 vm A", "+dnssec vm A",
                "+cookie vm A", "+norecurse vm A", "+cdflag vm A", "+tcp vm A", "+tcp -x 10.8.0.21",
            ] {
                let words = question.split(separator: " ").map(String.init)
                let (ours, dnsmasqs) = try await Self.both(network, words)
                #expect(ours.status == dnsmasqs.status, "\(question)")
                #expect(ours.answers == dnsmasqs.answers, "\(question)")
                #expect(ours.flags == dnsmasqs.flags, "\(question)")
            }
        }
    }

    /// Names of ours without such a record: dnsmasq takes them for foreign ones.
    @Test(arguments: [
        ("vm MX", "NOERROR"), ("host-10-8-0-20 AAAA", "NOERROR"), ("live.test A", "NOERROR"),
        ("openstacklocal A", "NOERROR"), ("none.openstacklocal A", "NXDOMAIN"), ("-x 10.8.0.77", "NXDOMAIN"),
        ("-x 2001:db8:8::77", "NXDOMAIN"),
    ])
    func `where dnsmasq refuses to speak of our names, we say what there is not`(
        _ question: String, _ status: String
    ) async throws {
        try await Self.withDnsmasq { network in
            _ = try network.service()
            let words = question.split(separator: " ").map(String.init)
            let (ours, dnsmasqs) = try await Self.both(network, words)
            #expect(ours.status == status)
            #expect(dnsmasqs.status == "REFUSED")
            #expect(ours.answers.isEmpty && dnsmasqs.answers.isEmpty)
        }
    }

    @Test func `we do not tell who we are, dnsmasq does`() async throws {
        try await Self.withDnsmasq { network in
            _ = try network.service()
            let (ours, dnsmasqs) = try await Self.both(network, ["version.bind", "CH", "TXT"])
            #expect(ours.status == "REFUSED")
            #expect(dnsmasqs.status == "NOERROR")
        }
    }

    @Test func `forwarded answers are the same`() async throws {
        try await Self.withDnsmasq(["--server=10.8.0.53"]) { network in
            _ = try network.service(upstream: .servers([try DNSServerAddress("10.8.0.53")]))
            serveDatagrams(try network.socket(SOCK_DGRAM, from: "10.8.0.53", port: 53)) { query, _ in
                // A q in the name; the header's id is random, and may have one, too.
                [query.dnsAnswer(code: query.dropFirst(12).contains(0x71) ? 3 : 0)]
            }
            for question in ["example.com", "Example.ORG", "q.example"] {
                let (ours, dnsmasqs) = try await Self.both(network, ["+noedns", question])
                #expect(ours.status == dnsmasqs.status, "\(question)")
                #expect(ours.answers == dnsmasqs.answers, "\(question)")
            }
        }
    }
}
