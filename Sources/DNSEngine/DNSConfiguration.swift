public import Addressing

/// What one network's DNS is served from, ports aside.
public struct DNSConfiguration: Hashable, Sendable {
    /// `dns_domain`: the domain of all ports, with or without its final dot; empty for none.
    public var domain: String
    /// The network's own subnets: only their addresses may ask, and their reverse names are ours to deny.
    public var subnets: [IPPrefix]
    /// `dnsmasq_txt_record`: answered to whoever may ask, to see that the server lives.
    public var textRecord: DNSTextRecord?
    /// Whether there are servers to ask about names that are not ours; where not, those are REFUSED.
    public var forwards: Bool
    /// Whether names below ``domain`` and of our own subnets that no port has are for those servers, too,
    /// as dnsmasq does it, rather than NXDOMAIN; means nothing without ``forwards``.
    public var forwardsOwnNames: Bool

    public init(
        domain: String = "", subnets: [IPPrefix] = [], textRecord: DNSTextRecord? = nil,
        forwards: Bool = false,
        forwardsOwnNames: Bool = false
    ) {
        self.domain = domain
        self.subnets = subnets
        self.textRecord = textRecord
        self.forwards = forwards
        self.forwardsOwnNames = forwardsOwnNames
    }
}

/// A name of a port for one of its addresses, as a line of `addn_hosts` has it; in any case.
public struct DNSHost: Hashable, Sendable {
    /// What an address is called.
    public struct Names: Hashable, Sendable {
        /// As in `host-10-0-0-5`; answers by itself.
        public var hostname: String
        /// As in `host-10-0-0-5.openstacklocal.`, with or without its final dot; what PTR says.
        public var fqdn: String

        public init(hostname: String, fqdn: String) {
            self.hostname = hostname
            self.fqdn = fqdn
        }
    }

    /// Which port of the port database: the 128 bits of its UUID.
    public var port: UInt128
    public var address: IPAddress
    /// nil for Neutron's default, `host-10-0-0-5` below the domain.
    public var names: Names?

    public init(port: UInt128, address: IPAddress, hostname: String, fqdn: String) {
        self.port = port
        self.address = address
        names = Names(hostname: hostname, fqdn: fqdn)
    }

    /// An address with its default name.
    public init(port: UInt128, address: IPAddress) {
        self.port = port
        self.address = address
    }
}

/// A TXT record of our own.
public struct DNSTextRecord: Hashable, Sendable {
    /// Folded.
    let name: DNSName
    /// RDATA: character strings with their lengths (RFC 1035 section 3.3.14).
    let data: [UInt8]

    /// Reads `name[,text[,text…]]` as `dnsmasq --txt-record` does (a text of more than 255 bytes becomes
    /// several), or returns nil where the name is none or everything together is too long for a record.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        let comma = bytes.firstIndex(of: 0x2C) ?? bytes.endIndex
        var given = bytes[..<comma].drop { $0 == 0x20 }
        while given.last == 0x20 { given.removeLast() }
        guard let name = DNSName(String(decoding: given, as: UTF8.self)), name != .root else { return nil }
        var data: [UInt8] = [0]
        var lengthAt = 0
        for byte in bytes[comma...].dropFirst().drop(while: { $0 == 0x20 }) {
            if byte == 0x2C || data[lengthAt] == .max {
                lengthAt = data.count
                data.append(0)
                if byte == 0x2C { continue }
            }
            data.append(byte)
            data[lengthAt] += 1
        }
        guard data.count <= Self.longestData else { return nil }
        self.name = name.folded
        self.data = data
    }

    /// A message is never longer than 65535 bytes.
    private static let longestData = 65_000
}
