import Addressing
import LinuxKernel

/// A server that queries are forwarded to: an entry of `dnsmasq_dns_servers`, or of resolv.conf(5).
struct DNSServerAddress: Hashable, Sendable {
    let endpoint: SocketAddress

    /// Reads `address` or `address#port`, as in `10.0.0.1` and `2001:db8::1#5353`.
    ///
    /// Throws what is not understood: of the forms of `dnsmasq --server` those for single domains, with a
    /// source address or with an interface are not served.
    init(_ text: some StringProtocol) throws(DNSServerAddressError) {
        let text = String(text)
        if text.contains("/") {
            throw DNSServerAddressError(text, "servers for single domains are not supported")
        }
        if text.contains("@") { throw DNSServerAddressError(text, "source addresses are not supported") }
        if text.contains("%") { throw DNSServerAddressError(text, "interfaces are not supported") }
        let parts = text.split(separator: "#", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(parts[0]), !address.isMulticast,
            address != .any(address.version)
        else { throw DNSServerAddressError(text, "not an address, as in 10.0.0.1 or 10.0.0.1#5353") }
        var port: UInt16 = 53
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let given = UInt16(parts[1]),
                given > 0
            else { throw DNSServerAddressError(text, "the port is not a number from 1 to 65535") }
            port = given
        }
        endpoint = SocketAddress(address, port: port)
    }

    /// Reads the `nameserver` lines of resolv.conf(5), three at most, as libc does; others and what is no
    /// address are passed over.
    static func resolvers(in contents: [UInt8]) -> [DNSServerAddress] {
        var servers: [DNSServerAddress] = []
        for line in contents.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let words = line.split { $0 == 0x20 || $0 == 0x09 }.map { String(decoding: $0, as: UTF8.self) }
            guard words.count >= 2, words[0] == "nameserver", !words[1].contains("#"),
                let server = try? DNSServerAddress(words[1])
            else { continue }
            servers.append(server)
            if servers.count == 3 { break }
        }
        return servers
    }
}

/// An entry of `dnsmasq_dns_servers` that cannot be served.
struct DNSServerAddressError: Error, Hashable, CustomStringConvertible {
    let entry: String
    let reason: String

    init(_ entry: String, _ reason: String) {
        self.entry = entry
        self.reason = reason
    }

    var description: String { "dnsmasq_dns_servers: '\(entry)': \(reason)" }
}
