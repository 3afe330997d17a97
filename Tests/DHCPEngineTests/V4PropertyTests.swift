import Addressing
import DHCPEngine
import DHCPMessages
import Testing

/// What must hold for every packet.
@Suite struct V4PropertyTests {
    /// Ten ports with one or two addresses each, some with extras.
    func network() throws -> (network: V4Network, hosts: [DHCPv4Host]) {
        var network = try V4Network { $0.limits = .unlimited }
        for port in [V4Network.portA, V4Network.portB] { network.engine.remove(port) }
        var hosts: [DHCPv4Host] = []
        for number in 1...10 as ClosedRange<UInt8> {
            var host = V4Network.host(
                PortIdentity(rawValue: UInt128(number)), V4Network.mac(number),
                (
                    Int(number % 3),
                    [
                        IPv4Address(10, 0, 0, number), IPv4Address(10, 0, 1, number),
                        IPv4Address(10, 9, 0, number),
                    ][Int(number % 3)]
                ))
            if number % 2 == 0 {
                host.addresses.append(.init(subnet: 0, address: IPv4Address(10, 0, 0, 100 + number)))
                host.hostName = "name\(number)"
                host.options = [
                    TaggedOption(code: 67, data: Array("file".utf8)),
                    TaggedOption(
                        conditions: [.init(tag: "ipxe", isNegated: false)], code: 224,
                        data: Array(repeating: 1, count: 700)),
                ]
            }
            if number % 4 == 0 { host.clientIdentifier = [0, number] }
            hosts.append(host)
            network.engine.insert(host)
        }
        return (network, hosts)
    }

    /// A request that makes sense here and there.
    func request(_ random: inout V4Random) throws -> [UInt8] {
        func byte() -> UInt8 { .random(in: 0...255, using: &random) }
        func address() -> IPv4Address {
            [
                IPv4Address(10, 0, 0, byte() % 12), IPv4Address(10, 0, 1, byte() % 12),
                IPv4Address(10, 9, 0, byte() % 12), IPv4Address(10, 0, 0, 100 + byte() % 12), .any,
                .broadcast,
            ].randomElement(using: &random) ?? .any
        }
        func isSent() -> Bool { Bool.random(using: &random) }
        var message = DHCPv4Message(
            operation: .request, hardwareType: byte() % 16 == 0 ? 32 : 1,
            transactionID: .random(in: 0 ... .max, using: &random), flags: isSent() ? 0x8000 : 0,
            ciaddr: isSent() ? address() : .any, giaddr: byte() % 4 == 0 ? address() : .any,
            chaddr: V4Network.mac(byte() % 12).octets)
        if byte() % 16 != 0 {
            message[option: 53] = [[1, 3, 3, 3, 4, 7, 8, byte()].randomElement(using: &random) ?? 1]
        }
        if isSent() { message[option: 50] = address().octets }
        if isSent() {
            message[option: 54] = [address(), V4Network.server].randomElement(using: &random)?.octets
        }
        if isSent() { message[option: 55] = (0..<Int.random(in: 0...40, using: &random)).map { _ in byte() } }
        if isSent() { message[option: 57] = [byte() % 8, byte()] }
        if isSent() { message[option: 61] = [0, byte() % 12] }
        if byte() % 4 == 0 { message[option: 80] = [] }
        if byte() % 4 == 0 { message[option: 81] = [byte(), 0, 0] + Array("name2".utf8) }
        if byte() % 4 == 0 { message[option: 82] = [5, 4] + address().octets + [11, 4] + address().octets }
        if byte() % 4 == 0 {
            message[option: 82] = (0..<Int.random(in: 0...600, using: &random)).map { _ in byte() }
        }
        if byte() % 8 == 0 { message[option: 118] = address().octets }
        if byte() % 4 == 0 { message[option: 175] = [1] }
        if byte() % 8 == 0 { message[option: 12] = [byte(), byte()] }
        if byte() % 8 == 0 { message[option: 51] = [byte() % 2, byte(), byte(), byte()] }
        message.options.shuffle(using: &random)
        return try message.serialized()
    }

    @Test(
        "random requests: replies parse, and nobody is given another port's address",
        arguments: 1...8 as ClosedRange<UInt64>)
    func randomRequests(seed: UInt64) throws {
        var random = V4Random(state: seed)
        var (network, hosts) = try network()
        let byPort = Dictionary(uniqueKeysWithValues: hosts.map { ($0.port, $0) })
        let owners = Dictionary(
            uniqueKeysWithValues: hosts.flatMap { host in host.addresses.map { ($0.address, host.port) } })
        var replies: [DHCPv4MessageType?: Int] = [:]
        for _ in 0..<3000 {
            let bytes = try request(&random)
            let message = try DHCPv4Message(parsing: bytes)
            network.capacity = Int.random(in: 300...1500, using: &random)
            let arrival = DHCPv4Arrival(
                source: message.ciaddr, sourcePort: .random(in: 0...70, using: &random),
                destination: Bool.random(using: &random) ? .broadcast : V4Network.server)
            let exchange = try network.ask(bytes, arrival)
            guard case .answered(let answer) = exchange.outcome else { continue }
            replies[answer.reply, default: 0] += 1
            let reply = try DHCPv4Message(parsing: exchange.bytes)
            let limit = message[option: 57].map { Int($0[0]) << 8 | Int($0[1]) } ?? 576
            #expect(exchange.bytes.count <= min(max(limit, 576) - 28, network.capacity))
            #expect(exchange.bytes.count >= 300)
            #expect(reply.transactionID == message.transactionID)
            #expect(reply.chaddr == message.chaddr)
            #expect(reply.giaddr == message.giaddr)
            #expect(try reply.messageType() == answer.reply)
            #expect(reply.yiaddr == answer.address)
            #expect(reply[option: 82] == message[option: 82])
            if answer.reply != nil { #expect(reply[option: 61] == message[option: 61]) }
            if message[option: 82] != nil { #expect(lastCode(exchange.bytes) == 82) }
            let host = try #require(answer.port.flatMap { byPort[$0] })
            if answer.reply == .nak {
                let wanted = try message.requestedAddress() ?? message.ciaddr
                #expect(reply.yiaddr == .any)
                // What is the port's is refused only where the relay says that it is elsewhere.
                if host.addresses.contains(where: { $0.address == wanted }) {
                    #expect(
                        message.giaddr != .any || message[option: 82] != nil || message[option: 118] != nil
                            || host.addresses.contains { $0.address == wanted && $0.subnet == 2 })
                }
            } else if answer.request != .inform {
                #expect(owners[answer.address] == host.port)
                // The vendor field of BOOTP may be full of option 82.
                if answer.reply != nil { #expect(reply[option: 1] == [255, 255, 255, 0]) }
            }
        }
        #expect(replies[.offer, default: 0] > 20 && replies[.ack, default: 0] > 20)
        #expect(replies[.nak, default: 0] > 20 && replies[nil, default: 0] > 5)
    }

    /// The last code of the options field, whatever overloads other fields.
    private func lastCode(_ bytes: [UInt8]) -> UInt8? {
        var position = 240
        var last: UInt8?
        while position + 1 < bytes.count, bytes[position] != 255 {
            last = bytes[position]
            position += 2 + Int(bytes[position + 1])
        }
        return last
    }

    @Test(
        "random bytes and broken messages never trap, and have one outcome",
        arguments: 1...4 as ClosedRange<UInt64>)
    func garbage(seed: UInt64) throws {
        var random = V4Random(state: seed)
        var (network, _) = try network()
        for round in 0..<6000 {
            var bytes: [UInt8]
            if round % 3 == 0 {
                bytes = (0..<Int.random(in: 0...700, using: &random)).map { _ in
                    .random(in: 0...255, using: &random)
                }
                if bytes.count > 240, Bool.random(using: &random) {
                    bytes.replaceSubrange(236..<240, with: [0x63, 0x82, 0x53, 0x63])
                    bytes.replaceSubrange(0..<4, with: [1, 1, 6, 0])
                    bytes.replaceSubrange(28..<34, with: V4Network.mac(UInt8(round % 12)).octets)
                }
            } else {
                bytes = try request(&random)
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
                        in: 0...255, using: &random)
                }
                if round % 3 == 2 {
                    bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
                }
            }
            network.capacity = [0, 1, 240, 300, 548, 1500].randomElement(using: &random) ?? 1500
            let exchange = try network.ask(bytes)
            if case .answered = exchange.outcome { _ = try DHCPv4Message(parsing: exchange.bytes) }
        }
    }

    @Test("the same packet gets the same bytes, whatever was sent before")
    func stateless() throws {
        var random = V4Random(state: 5)
        var (first, _) = try network()
        for _ in 0..<500 {
            let bytes = try request(&random)
            var (fresh, _) = try network()
            let (one, other) = (try first.ask(bytes), try fresh.ask(bytes))
            #expect(one.bytes == other.bytes)
            #expect(one.outcome == other.outcome)
        }
    }
}
