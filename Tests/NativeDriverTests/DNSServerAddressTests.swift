import Addressing
import Glibc
import LinuxKernel
import Testing

@testable import NativeDriver

@Suite struct DNSServerAddressTests {
    @Test(
        arguments: [
            ("10.0.0.1", "10.0.0.1", 53), ("10.0.0.1#5353", "10.0.0.1", 5353),
            ("2001:db8::1", "2001:db8::1", 53),
            ("::1#1", "::1", 1),
        ] as [(String, String, UInt16)])
    func `addresses with and without a port are served`(_ text: String, _ address: String, _ port: UInt16)
        throws
    {
        let server = try DNSServerAddress(text)
        #expect(server.endpoint.address.description == address)
        #expect(server.endpoint.port == port)
    }

    @Test(arguments: [
        ("/example.com/10.0.0.1", "single domains"), ("10.0.0.1@eth0", "source addresses"),
        ("fe80::1%eth0", "interfaces"), ("dns.example.com", "not an address"), ("", "not an address"),
        ("10.0.0.1#", "port"), ("10.0.0.1#0", "port"), ("10.0.0.1#65536", "port"), ("10.0.0.1#+5", "port"),
        ("10.0.0.1#1#2", "not an address"), ("224.0.0.1", "not an address"), ("0.0.0.0", "not an address"),
    ])
    func `other forms are refused with a reason`(_ text: String, _ reason: String) {
        #expect {
            try DNSServerAddress(text)
        } throws: { error in
            "\(error)".contains(reason) && "\(error)".contains("'\(text)'")
        }
    }

    @Test func `resolvers are the first three nameserver lines`() {
        let text = """
            # nameserver 10.0.0.9
            search example.com
            nameserver 10.0.0.1
              nameserver\t2001:db8::1  trailing
            nameserver none
            nameservers 10.0.0.8
            nameserver 10.0.0.2#5353
            nameserver 10.0.0.3\r
            nameserver 10.0.0.4
            """
        let servers = DNSServerAddress.resolvers(in: Array(text.utf8))
        #expect(servers.map(\.endpoint.address.description) == ["10.0.0.1", "2001:db8::1", "10.0.0.3"])
        #expect(DNSServerAddress.resolvers(in: []).isEmpty)
        #expect(DNSServerAddress.resolvers(in: [0xFF, 0xFE, 0x0A, 0]).isEmpty)
    }

    @Test func `a changed resolv conf is read again`() async throws {
        let path = "/tmp/leasehold-resolv-\(UInt64.random(in: 0...UInt64.max))"
        defer { unlink(path) }
        let resolvers = HostResolvers(path: path)
        #expect(resolvers.current().isEmpty)
        try writeText("nameserver 10.0.0.1\n", path)
        try await Task.sleep(for: .milliseconds(1100))
        #expect(resolvers.current().map(\.endpoint.address.description) == ["10.0.0.1"])
        try writeText("nameserver 10.0.0.2\n", path)
        try await Task.sleep(for: .milliseconds(1100))
        #expect(resolvers.current().map(\.endpoint.address.description) == ["10.0.0.2"])
    }
}

/// Puts a new file in the place of the old one.
private func writeText(_ text: String, _ path: String) throws {
    let file = try #require(fopen("\(path).new", "w"))
    fputs(text, file)
    fclose(file)
    try #require(rename("\(path).new", path) == 0)
}
