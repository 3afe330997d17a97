import Addressing
import DHCPEngine
import NetworkModel
import Testing

@testable import NativeDriver

private typealias Fixture = CompilationFixture

/// A generator with a seed, so that a failure can be repeated.
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return bits ^ bits >> 31
    }
}

func toldLease(
    port: UInt128 = 1, _ address: String = "10.0.0.5", time: UInt32 = 1000, duration: UInt32 = 600,
    network: ResourceID = CompilationFixture.network
) -> ToldLease {
    let address = CompilationFixture.address(address)
    return ToldLease(
        network: network, port: PortIdentity(rawValue: port), address: address,
        server: CompilationFixture.address("10.0.0.2"), mac: MACAddress(rawValue: 0xFA_163E_0000_0A),
        message: address.version == .v4 ? .ack : .reply, time: time, duration: duration,
        iaid: address.version == .v4 ? nil : 7)
}

extension LeaseTable {
    mutating func record(
        _ told: ToldLease, id: [UInt8] = [1, 2], host: String = "vm", vendor: String = "udhcp",
        number: UInt32? = nil
    ) -> LeaseTable.Addition {
        let (host, vendor) = (Array(host.utf8), Array(vendor.utf8))
        return record(
            told, clientIdentifier: id.span.bytes, hostName: host.span.bytes, vendorClass: vendor.span.bytes,
            number: number)
    }

    /// All leases in no order.
    var all: [(told: ToldLease, client: ClientDescription)] {
        (0..<blockCount).flatMap { leases(inBlock: $0, network: nil) }
    }
}

@Suite("The table of leases")
struct LeaseTableTests {
    @Test("what was recorded is found by port, with all its addresses, and says what the client said")
    func found() {
        var table = LeaseTable(capacity: 100)
        _ = table.record(toldLease("10.0.0.5"))
        _ = table.record(toldLease("2001:db8::5"), host: "", vendor: "")
        _ = table.record(toldLease(port: 2, "10.0.0.6"))
        let leases = table.leases(of: PortIdentity(rawValue: 1))
        #expect(leases.map(\.told) == [toldLease("10.0.0.5"), toldLease("2001:db8::5")])
        #expect(leases.first.map { Array($0.client.hostName) } == Array("vm".utf8))
        #expect(leases.first.map { Array($0.client.vendorClass) } == Array("udhcp".utf8))
        #expect(leases.first.map { Array($0.client.clientIdentifier) } == [1, 2])
        #expect(leases.last.map { $0.client.hostName.isEmpty } == true)
        #expect(table.count == 3)
    }

    @Test("a renewal changes the times of the same lease; another description replaces the one before")
    func renewal() {
        var table = LeaseTable(capacity: 100)
        let additions = [1000, 2000].map { table.record(toldLease(time: $0)) }
        #expect(additions == [.change, .nothing], "the writer is called once")
        _ = table.record(toldLease(time: 3000), host: "other")
        #expect(table.count == 1)
        let lease = table.leases(of: PortIdentity(rawValue: 1)).first
        #expect(lease?.told.time == 3000)
        #expect(lease.map { Array($0.client.hostName) } == Array("other".utf8))
        let counts = [table.takeChanged(atMost: 10).count, table.takeChanged(atMost: 10).count]
        #expect(counts == [1, 0])
    }

    @Test("a lease's number is a hint: another lease's, and one that is gone, change no record")
    func staleNumber() throws {
        var table = LeaseTable(capacity: 100)
        let (first, second) = (toldLease("10.0.0.5"), toldLease("10.0.0.6"))
        #expect(table.number(of: first.port, first.address) == nil)
        _ = table.record(first)
        _ = table.record(second)
        let number = try #require(table.number(of: first.port, first.address))
        let other = try #require(table.number(of: second.port, second.address))
        for hint in [number, other] { _ = table.record(toldLease("10.0.0.5", time: 2000), number: hint) }
        #expect(table.count == 2)
        #expect(table.leases(of: first.port).map(\.told.time).sorted() == [1000, 2000])
        let isRemoved = table.remove(first.port)
        #expect(isRemoved)
        _ = table.record(first, number: number)
        #expect(table.count == 1)
        #expect(table.leases(of: first.port).map(\.told) == [first])
    }

    @Test("leases of which only times change wait apart from those that are news")
    func additions() {
        var table = LeaseTable(capacity: 100)
        _ = table.record(toldLease(port: 1, time: 1000))
        _ = table.record(toldLease(port: 2, time: 1000))
        _ = table.takeChanged(atMost: 10)
        let renewals = [1, 1, 2].map { table.record(toldLease(port: $0, time: 2000)) }
        #expect(renewals == [.renewal, .nothing, .nothing])
        let changes = [
            table.record(toldLease(port: 1, time: 3000), host: "other"),
            table.record(toldLease(port: 2, time: 3000, duration: 5)),
            table.record(toldLease(port: 2, time: 4000, duration: 5)),
        ]
        #expect(changes == [.change, .nothing, .nothing])
        let changed = table.takeChanged(atMost: 10).map(\.told.port.rawValue)
        let renewed = table.takeRenewed(atMost: 10).map(\.told.time)
        #expect(Set(changed) == [1, 2])
        #expect(
            Set(renewed) == [3000, 4000], "what was written as news is written again, which harms nobody")
        let again = table.record(toldLease(port: 1, time: 5000), host: "other")
        #expect(again == .renewal)
        _ = table.remove(PortIdentity(rawValue: 1))
        let gone = table.takeRenewed(atMost: 10)
        #expect(gone.isEmpty)
    }

    @Test("parts longer than 255 bytes are cut")
    func long() {
        var table = LeaseTable(capacity: 10)
        let long = String(repeating: "x", count: 300)
        _ = table.record(toldLease(), host: long)
        _ = table.record(toldLease(time: 2000), host: long)
        #expect(table.leases(of: PortIdentity(rawValue: 1)).first?.client.hostName.count == 255)
    }

    @Test("beyond its capacity the lease that ended first gives way, then the one told longest ago")
    func capacity() {
        var table = LeaseTable(capacity: 3)
        _ = table.record(toldLease(port: 1, time: 1000, duration: 100))
        _ = table.record(toldLease(port: 2, time: 1000, duration: .max))
        _ = table.record(toldLease(port: 3, time: 5000, duration: 100_000))
        _ = table.record(toldLease(port: 4, time: 6000))
        #expect(Set(table.all.map(\.told.port.rawValue)) == [2, 3, 4])
        _ = table.record(toldLease(port: 5, time: 6001))
        #expect(Set(table.all.map(\.told.port.rawValue)) == [3, 4, 5])
        #expect(table.count == 3)
    }

    @Test("at its capacity a lease looks at some others, however many there are")
    func capacityOfMany() {
        var table = LeaseTable(capacity: 3 * LeaseTable.blockSize)
        for port in 1...3 * LeaseTable.blockSize {
            _ = table.record(toldLease(port: UInt128(port), time: UInt32(port)))
        }
        for step in 1...10 {
            _ = table.record(toldLease(port: UInt128(1_000_000 + step), time: 9_000_000))
            #expect(table.hand == 64 * step)
        }
        #expect(table.count == 3 * LeaseTable.blockSize)
    }

    @Test("what is kept of networks goes with their last lease")
    func origins() {
        var table = LeaseTable(capacity: 100)
        for network in 1...1000 {
            let id = ResourceID(rawValue: UInt128(network))
            _ = table.record(toldLease(port: UInt128(network), network: id))
            #expect(table.hasLeases(of: id))
            _ = table.remove(PortIdentity(rawValue: UInt128(network)))
            #expect(!table.hasLeases(of: id))
        }
        #expect(table.origins.count == 1)
        // A port that moves to another network leaves nothing behind, either.
        for network in 1...1000 {
            _ = table.record(toldLease(port: 1, network: ResourceID(rawValue: UInt128(network))))
        }
        #expect(table.origins.count <= 2)
        #expect(table.all.map(\.told.network) == [ResourceID(rawValue: 1000)])
    }

    @Test("a lease that was recorded since the start holds against one from a file")
    func restored() {
        var table = LeaseTable(capacity: 10)
        _ = table.record(toldLease(port: 1, time: 9000))
        table.restore(toldLease(port: 1, time: 1000), ClientDescription())
        table.restore(toldLease(port: 2, time: 1000), ClientDescription())
        table.restore(toldLease(port: 2, time: 1500), ClientDescription())
        #expect(Set(table.all.map(\.told.time)) == [9000, 1500])
        table.removeRestored(PortIdentity(rawValue: 1))
        table.removeRestored(PortIdentity(rawValue: 2))
        #expect(table.all.map(\.told.time) == [9000])
        let dirty = table.takeChanged(atMost: 10).map(\.told.time)
        #expect(dirty == [9000])
    }

    @Test("ten thousand random steps leave what a dictionary would hold", arguments: [1, 2, 3] as [UInt64])
    func random(seed: UInt64) {
        struct Key: Hashable {
            var port: UInt128
            var address: IPAddress
        }
        var generator = SplitMix64(state: seed)
        var table = LeaseTable(capacity: 100_000)
        var wanted: [Key: UInt32] = [:]
        for step in 0..<10_000 {
            // Few ports, so that they collide and leave holes.
            let port = UInt128(generator.next() % 600)
            switch generator.next() % 4 {
            case 0:
                _ = table.remove(PortIdentity(rawValue: port))
                wanted = wanted.filter { $0.key.port != port }
            default:
                let told = toldLease(
                    port: port, "10.0.0.\(generator.next() % 3)", time: UInt32(step))
                _ = table.record(told)
                wanted[Key(port: port, address: told.address)] = told.time
            }
            if step % 97 == 0 { _ = table.takeChanged(atMost: 50) }
            if step % 61 == 0 { _ = table.takeRenewed(atMost: 20) }
        }
        var found: [Key: UInt32] = [:]
        for (told, _) in table.all { found[Key(port: told.port.rawValue, address: told.address)] = told.time }
        #expect(found == wanted)
        #expect(table.count == wanted.count)
        for key in wanted.keys {
            #expect(
                table.leases(of: PortIdentity(rawValue: key.port)).contains { $0.told.address == key.address }
            )
        }
    }
}
