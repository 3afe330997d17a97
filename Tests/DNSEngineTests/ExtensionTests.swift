import Addressing
import Testing

@testable import DNSEngine

/// EDNS (RFC 6891), sizes and truncation.
@Suite struct ExtensionTests {
    /// A name with so many IPv4 addresses.
    func engine(addresses: Int) -> DNSEngine {
        var engine = makeEngine()
        for number in 0..<addresses {
            engine.insert(
                [DNSHost(UInt128(100 + number), "10.0.0.\(number)", "many")], of: UInt128(100 + number))
        }
        return engine
    }

    @Test func `no OPT is answered without and OPT with one`() {
        #expect(makeEngine().ask("vm").message?.additionals.isEmpty == true)
        let message = makeEngine().exchange(.query("vm", .a, udpLimit: 4096)).message
        #expect(message?.additionals.map(\.type) == [41])
        #expect(message?.additionals.map(\.recordClass) == [1232])
        #expect(message?.additionals.map(\.name) == ["."])
    }

    @Test(
        arguments: [(nil, 30), (0, 29), (512, 29), (600, 35), (1232, 74), (4096, 74), (65535, 74)]
            as [(UInt16?, Int)])
    func `answers by UDP fit into what the client takes, 512 to 1232 bytes`(_ limit: UInt16?, _ count: Int) {
        let exchange = engine(addresses: 200).exchange(.query("many", .a, udpLimit: limit))
        #expect(exchange.message?.isTruncated == true)
        #expect(exchange.message?.answers.count == count)
        let allowed = min(max(Int(limit ?? 0), 512), 1232)
        #expect(exchange.bytes.count <= allowed && exchange.bytes.count > allowed - 16)
    }

    @Test func `an answer that just fits is not truncated`() {
        // 12 + 10 + 16 n
        let exchange = engine(addresses: 30).exchange(.query("many", .a))
        #expect(exchange.message?.isTruncated == false)
        #expect(exchange.message?.answers.count == 30)
    }

    @Test func `by TCP everything comes`() {
        let exchange = engine(addresses: 200).exchange(.query("many", .a, udpLimit: 512), .tcp)
        #expect(exchange.message?.isTruncated == false)
        #expect(exchange.message?.answers.count == 200)
    }

    @Test func `a newer version is BADVERS with the highest that we know`() {
        let exchange = makeEngine().exchange(.query("vm", .a, udpLimit: 1232, version: 1))
        #expect(exchange.code == .badVersion)
        #expect(exchange.message?.code == 0)
        #expect(exchange.message?.additionals.map(\.ttl) == [0x0100_0000])
        #expect(exchange.data.isEmpty)
    }

    @Test func `cookies and client subnets are passed over`() {
        let cookie: [UInt8] = [0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]
        let subnet: [UInt8] = [0, 8, 0, 7, 0, 1, 24, 0, 8, 8, 8]
        let exchange = makeEngine().exchange(.query("vm", .a, udpLimit: 1232, options: cookie + subnet))
        #expect(exchange.data == ["10.0.0.6", "10.0.0.9"])
        #expect(exchange.message?.additionals.map(\.data) == [[]])
    }

    @Test func `DO comes back`() {
        var query = [UInt8].query("vm", .a, udpLimit: 1232)
        query[query.count - 4] = 0x80
        #expect(makeEngine().exchange(query).message?.additionals.map(\.ttl) == [0x8000])
    }

    @Test func `without room there is no answer, and nothing is written`() {
        for room in 0..<20 {
            let exchange = makeEngine().exchange(.query("vm", .a), room: room)
            #expect(exchange.drop == .noRoom)
            #expect(exchange.bytes.isEmpty)
        }
        #expect(makeEngine().exchange(.query("vm", .a), room: 40).message?.isTruncated == true)
    }
}
