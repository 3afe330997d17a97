import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// A network with a stateful subnet, its two ports, and what tests say and hear.
struct V6Network {
    static let server: [UInt8] = [0, 4] + (1...16).map { UInt8($0) }
    static let prefix = "2001:db8:1::/64"
    static let portA = PortIdentity(rawValue: 0xA)
    static let portB = PortIdentity(rawValue: 0xB)

    var engine: DHCPv6Engine
    var now: UInt64 = 1_000_000
    var capacity = 4096

    init(
        _ subnets: [DHCPv6Subnet]? = nil, hosts: [DHCPv6Host]? = nil,
        _ change: (inout DHCPv6Configuration) -> Void = { _ in }
    ) throws {
        var configuration = DHCPv6Configuration(
            subnets: try subnets ?? [Self.subnet()], serverIdentifier: Self.server)
        change(&configuration)
        engine = DHCPv6Engine(configuration)
        for host in try hosts ?? [Self.hostA(), Self.hostB()] { engine.insert(host) }
    }

    static func subnet(
        _ prefix: String = prefix, isStateful: Bool = true, options: [DHCPv6Option] = []
    ) throws -> DHCPv6Subnet {
        DHCPv6Subnet(
            prefix: try #require(IPPrefix(prefix)), isStateful: isStateful, validLifetime: 86_400,
            preferredLifetime: 86_400, renewalTime: 43_200, rebindingTime: 75_600, options: options,
            domainName: "openstacklocal")
    }

    static func mac(_ last: UInt8) -> MACAddress { MACAddress(rawValue: 0xFA16_3E00_0000 | UInt64(last)) }

    static func hostA(_ addresses: String...) throws -> DHCPv6Host {
        try host(portA, mac(0xA), addresses.isEmpty ? ["2001:db8:1::a"] : addresses)
    }

    static func hostB() throws -> DHCPv6Host { try host(portB, mac(0xB), ["2001:db8:1::b"]) }

    static func host(
        _ port: PortIdentity, _ mac: MACAddress, _ addresses: [String], subnets: [Int] = [],
        options: [TaggedOption] = []
    ) throws -> DHCPv6Host {
        DHCPv6Host(
            port: port, mac: mac,
            addresses: try addresses.enumerated().map { index, text in
                .init(subnet: index < subnets.count ? subnets[index] : 0, address: try v6(text))
            }, options: options)
    }

    static func v6(_ text: String) throws -> IPv6Address { try #require(IPv6Address(text)) }

    /// A packet from the EUI-64 link-local address of the MAC to all servers.
    static func arrival(_ mac: MACAddress = mac(0xA)) throws -> DHCPv6Arrival {
        DHCPv6Arrival(source: mac.linkLocal, destination: try v6("ff02::1:2"))
    }

    /// Sends a message of port A, from where it would come, and returns what becomes of it.
    mutating func send(_ message: DHCPv6Message, _ arrival: DHCPv6Arrival? = nil) throws -> V6Exchange {
        try send(message.serialized(), arrival)
    }

    mutating func send(_ bytes: [UInt8], _ arrival: DHCPv6Arrival? = nil) throws -> V6Exchange {
        let arrival = try arrival ?? Self.arrival()
        let time = EngineTime(rawValue: now)
        var outcome: DHCPv6Outcome?
        let reply = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var span = OutputRawSpan(buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: 0)
            outcome = bytes.withUnsafeBytes { raw in
                engine.answer(raw.bytes, arrival, now: time, into: &span)
            }
            count = span.finalize(for: UnsafeMutableRawBufferPointer(buffer))
        }
        return V6Exchange(outcome: try #require(outcome), bytes: reply)
    }
}

/// What became of a packet, and the bytes of the answer.
struct V6Exchange {
    var outcome: DHCPv6Outcome
    var bytes: [UInt8]

    var answer: DHCPv6Answer? {
        if case .answered(let answer) = outcome { answer } else { nil }
    }

    var dropped: DropReason? {
        if case .dropped(let reason, _, _) = outcome { reason } else { nil }
    }

    /// The reply, parsed by the codec.
    func reply() throws -> DHCPv6Message {
        _ = try #require(answer, "\(outcome)")
        return try DHCPv6Message(parsing: bytes)
    }

    func associations() throws -> [DHCPv6IdentityAssociation] {
        try reply().options.filter { $0.code == 3 }.map { try DHCPv6IdentityAssociation(parsing: $0.data) }
    }

    /// The addresses of each IA_NA with their valid lifetimes.
    func leases() throws -> [[V6Lease]] {
        try associations().map { association in
            try association.addresses().map { V6Lease("\($0.address)", $0.validLifetime) }
        }
    }

    /// The status of the message, 0 where there is none.
    func status() throws -> UInt16 {
        try reply()[option: 13].map { try DHCPv6Status(parsing: $0).code } ?? 0
    }

    /// The status of each IA_NA, 0 where there is none.
    func associationStatuses() throws -> [UInt16] {
        try associations().map { association in
            try association.options.first { $0.code == 13 }.map { try DHCPv6Status(parsing: $0.data).code }
                ?? 0
        }
    }
}

/// An address with its valid lifetime in seconds.
struct V6Lease: Hashable {
    var address: String
    var validLifetime: UInt32

    init(_ address: String, _ validLifetime: UInt32 = 86_400) {
        self.address = address
        self.validLifetime = validLifetime
    }
}

/// A client's message.
struct V6Client {
    /// DUID-LLT of port A's MAC.
    var duid: [UInt8] = [0, 1, 0, 1, 0x2B, 0x11, 0x22, 0x33, 0xFA, 0x16, 0x3E, 0, 0, 0x0A]
    var iaid: UInt32 = 7

    /// A message with one IA_NA that names the addresses, and the options.
    func message(
        _ type: DHCPv6MessageType, _ addresses: [String] = [], server: [UInt8]? = nil,
        _ options: [DHCPv6Option] = []
    ) throws -> DHCPv6Message {
        try message(type, associations: [(iaid, addresses)], server: server, options)
    }

    func message(
        _ type: DHCPv6MessageType, associations: [(UInt32, [String])], server: [UInt8]? = nil,
        _ options: [DHCPv6Option] = []
    ) throws -> DHCPv6Message {
        var all = [DHCPv6Option(1, duid)]
        if let server { all.append(DHCPv6Option(2, server)) }
        for (iaid, addresses) in associations { all.append(try Self.association(iaid, addresses)) }
        return .plain(type: type, transactionID: 0xABCDEF, options: all + options)
    }

    static func association(_ iaid: UInt32, _ addresses: [String]) throws -> DHCPv6Option {
        let inner = try addresses.map {
            try DHCPv6AssociatedAddress(address: try #require(IPv6Address($0))).option()
        }
        return try DHCPv6IdentityAssociation(iaid: iaid, options: inner).option()
    }

    /// Option 6.
    static func asks(_ codes: UInt16...) -> DHCPv6Option {
        DHCPv6Option(6, codes.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] })
    }
}
