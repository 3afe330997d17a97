import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// A network with the subnets 10.0.0.0/24 and 10.0.1.0/24 on the link and 10.9.0.0/24 behind a relay, and
/// what tests say and hear.
struct V4Network {
    static let server = IPv4Address(10, 0, 0, 2)
    static let portA = PortIdentity(rawValue: 0xA)
    static let portB = PortIdentity(rawValue: 0xB)

    var engine: DHCPv4Engine
    var now: UInt64 = 1_000_000
    var capacity = 1500

    init(_ change: (inout DHCPv4Configuration) -> Void = { _ in }) throws {
        var configuration = DHCPv4Configuration(subnets: try Self.subnets())
        change(&configuration)
        engine = DHCPv4Engine(configuration)
        engine.insert(Self.host(Self.portA, Self.mac(0xA), (0, IPv4Address(10, 0, 0, 10))))
        engine.insert(Self.host(Self.portB, Self.mac(0xB), (0, IPv4Address(10, 0, 0, 11))))
    }

    static func subnets() throws -> [DHCPv4Subnet] {
        [
            try subnet("10.0.0.0/24", server: server, router: [10, 0, 0, 1]),
            try subnet("10.0.1.0/24", server: IPv4Address(10, 0, 1, 2), router: [10, 0, 1, 1]),
            try subnet("10.9.0.0/24", server: nil, router: [10, 9, 0, 1]),
        ]
    }

    static func subnet(
        _ prefix: String, server: IPv4Address?, router: [UInt8]
    ) throws -> DHCPv4Subnet {
        let routes = [32, 169, 254, 169, 254] + router + [0] + router
        return DHCPv4Subnet(
            prefix: try #require(IPPrefix(prefix)), serverAddress: server, leaseTime: 86_400,
            renewalTime: 43_200, rebindingTime: 75_600,
            options: [
                DHCPv4Option(3, router), DHCPv4Option(6, [192, 0, 2, 53]),
                DHCPv4Option(15, Array("openstacklocal".utf8)), DHCPv4Option(26, [5, 0xAA]),
                DHCPv4Option(121, routes), DHCPv4Option(249, routes),
            ], forcedOptions: [26], domainName: "openstacklocal")
    }

    static func mac(_ last: UInt8) -> MACAddress { MACAddress(rawValue: 0xFA16_3E00_0000 | UInt64(last)) }

    static func host(
        _ port: PortIdentity, _ mac: MACAddress, _ addresses: (Int, IPv4Address)...,
        options: [TaggedOption] = []
    ) -> DHCPv4Host {
        DHCPv4Host(
            port: port, mac: mac, addresses: addresses.map { .init(subnet: $0, address: $1) },
            options: options)
    }

    /// Gives port A options of its own.
    mutating func setOptions(_ options: TaggedOption...) {
        engine.insert(Self.host(Self.portA, Self.mac(0xA), (0, IPv4Address(10, 0, 0, 10)), options: options))
    }

    mutating func ask(_ message: DHCPv4Message, _ arrival: DHCPv4Arrival = .broadcast) throws -> V4Exchange {
        try ask(message.serialized(), arrival)
    }

    mutating func ask(_ bytes: [UInt8], _ arrival: DHCPv4Arrival = .broadcast) throws -> V4Exchange {
        var outcome: DHCPv4Outcome?
        let time = EngineTime(rawValue: now)
        let reply = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            var span = OutputRawSpan(buffer: UnsafeMutableRawBufferPointer(buffer), initializedCount: 0)
            outcome = bytes.withUnsafeBytes { raw in
                engine.answer(raw.bytes, arrival, now: time, into: &span)
            }
            count = span.finalize(for: UnsafeMutableRawBufferPointer(buffer))
        }
        return V4Exchange(outcome: try #require(outcome), bytes: reply)
    }
}

extension DHCPv4Arrival {
    /// From a client without an address.
    static let broadcast = DHCPv4Arrival(source: .any, sourcePort: 68, destination: .broadcast)

    /// By unicast to our address.
    static func unicast(
        from source: IPv4Address, port: UInt16 = 68, to server: IPv4Address = V4Network.server
    ) -> DHCPv4Arrival {
        DHCPv4Arrival(source: source, sourcePort: port, destination: server)
    }
}

/// What became of a packet.
struct V4Exchange {
    var outcome: DHCPv4Outcome
    var bytes: [UInt8]

    var dropped: DropReason? {
        if case .dropped(let reason, _, _) = outcome { reason } else { nil }
    }

    func answer(_ location: SourceLocation = #_sourceLocation) throws -> DHCPv4Answer {
        guard case .answered(let answer) = outcome else {
            Issue.record("no answer but \(outcome)", sourceLocation: location)
            throw Unanswered()
        }
        return answer
    }

    func message(_ location: SourceLocation = #_sourceLocation) throws -> DHCPv4Message {
        _ = try answer(location)
        return try DHCPv4Message(parsing: bytes)
    }

    struct Unanswered: Error {}
}

/// Messages of a client.
struct V4Client {
    var mac = V4Network.mac(0xA)
    var requestedOptions: [UInt8]? = [1, 3, 6, 12, 15, 26, 28, 121]
    var flags: UInt16 = 0

    func message(
        _ type: DHCPv4MessageType?, ciaddr: IPv4Address = .any, giaddr: IPv4Address = .any,
        _ options: [UInt8: [UInt8]] = [:]
    ) -> DHCPv4Message {
        var all: [DHCPv4Option] = []
        if let type { all.append(DHCPv4Option(53, [type.rawValue])) }
        if let requestedOptions { all.append(DHCPv4Option(55, requestedOptions)) }
        all += options.sorted { $0.key < $1.key }.map { DHCPv4Option($0.key, $0.value) }
        return DHCPv4Message(
            operation: .request, transactionID: 0x1234_5678, seconds: 3, flags: flags, ciaddr: ciaddr,
            giaddr: giaddr, chaddr: mac.octets, options: all)
    }

    func discover(_ options: [UInt8: [UInt8]] = [:]) -> DHCPv4Message { message(.discover, options) }

    func select(
        _ address: IPv4Address, from server: IPv4Address = V4Network.server, _ options: [UInt8: [UInt8]] = [:]
    ) -> DHCPv4Message {
        var options = options
        options[50] = address.octets
        options[54] = server.octets
        return message(.request, options)
    }

    func reboot(_ address: IPv4Address) -> DHCPv4Message { message(.request, [50: address.octets]) }

    func renew(_ address: IPv4Address, _ options: [UInt8: [UInt8]] = [:]) -> DHCPv4Message {
        message(.request, ciaddr: address, options)
    }
}

extension DHCPv4Message {
    /// An option as text, a final zero left out.
    func text(_ code: UInt8) -> String? {
        self[option: code].map { data in
            String(decoding: data.last == 0 ? data.dropLast() : data[...], as: UTF8.self)
        }
    }

    /// An option of four bytes as a number.
    func number(_ code: UInt8) -> UInt32? {
        self[option: code].flatMap { $0.count == 4 ? $0.reduce(0) { $0 << 8 | UInt32($1) } : nil }
    }
}
