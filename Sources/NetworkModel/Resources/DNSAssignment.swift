public import Addressing

/// A name of a port for one of its addresses (`dns_assignment`).
public struct DNSAssignment: Hashable, Sendable {
    public var address: IPAddress
    /// The port's `dns_name`, or as in `host-10-0-0-5`.
    public var hostname: String
    /// The full name with a dot at the end, as in `host-10-0-0-5.openstacklocal.`; without any domain
    /// configured it is just the host name.
    public var fqdn: String

    public init(address: IPAddress, hostname: String, fqdn: String) {
        self.address = address
        self.hostname = hostname
        self.fqdn = fqdn
    }
}

extension Port {
    /// The port's names, one for each address, in the order of its fixed IPs.
    ///
    /// - Parameter dnsDomain: the operator's `dns_domain` (``ModelPolicy/dnsDomain``); while it is empty or
    ///   Neutron's default, ports have no `dns_name`, whatever was stored.
    public func dnsAssignment(dnsDomain: String) -> [DNSAssignment] {
        let domain = DNSDomain(dnsDomain)
        let name = domain.allowsPortNames ? dnsName : ""
        return fixedIPs.map { fixedIP in
            let hostname = name.isEmpty ? Self.defaultHostname(fixedIP.address) : name
            return DNSAssignment(address: fixedIP.address, hostname: hostname, fqdn: domain.qualify(hostname))
        }
    }

    /// Whether ports can have a `dns_name`: the operator's `dns_domain` is neither empty nor Neutron's default.
    public static func allowsNames(dnsDomain: String) -> Bool { DNSDomain(dnsDomain).allowsPortNames }

    /// `host-` and the address with hyphens for its dots or colons.
    public static func defaultHostname(_ address: IPAddress) -> String {
        // Byte by byte: this is asked for every port of every network at the start.
        let text = address.description.utf8
        return String(unsafeUninitializedCapacity: text.count + 5) { buffer in
            var count = 0
            for byte in "host-".utf8 {
                buffer[count] = byte
                count += 1
            }
            for byte in text {
                buffer[count] = byte == 0x2E || byte == 0x3A ? 0x2D : byte
                count += 1
            }
            return count
        }
    }
}

/// The operator's `dns_domain` with its final dot, or empty.
struct DNSDomain {
    let text: String

    init(_ configured: String) {
        text = configured.isEmpty || configured.hasSuffix(".") ? configured : configured + "."
    }

    /// Whether a port may have a name: not under Neutron's default domain, which means "not configured".
    var allowsPortNames: Bool { !text.isEmpty && text != "openstacklocal." }

    /// The full name; one that ends in a dot is full already.
    func qualify(_ name: String) -> String {
        if name.hasSuffix(".") || text.isEmpty { return name }
        return "\(name).\(text)"
    }
}
