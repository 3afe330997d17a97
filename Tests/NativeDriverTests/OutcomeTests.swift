import Addressing
import DHCPEngine
import DHCPMessages
import Testing

@testable import NativeDriver

@Suite("Every packet has an outcome that is counted and kept")
struct OutcomeTests {
    private static func record(_ number: Int) -> OutcomeRecord {
        OutcomeRecord(
            time: UInt64(number), exchange: .v4(request: .discover, reply: .offer),
            port: PortIdentity(rawValue: UInt128(number) << 64), mac: MACAddress(rawValue: UInt64(number)),
            address: .v4(IPv4Address(rawValue: UInt32(number))))
    }

    @Test func theRingKeepsTheLatestInOrder() {
        var ring = OutcomeRing()
        #expect(ring.records.isEmpty)
        for number in 1...OutcomeRing.capacity + 5 { ring.append(Self.record(number)) }
        #expect(ring.records == (6...OutcomeRing.capacity + 5).map(Self.record))
    }

    @Test(arguments: DropReason.allCases)
    func theRingGivesBackWhatItWasGiven(_ reason: DropReason) {
        var ring = OutcomeRing()
        let records = [
            OutcomeRecord(time: 1, exchange: .v4(request: nil, reply: nil), drop: reason),
            OutcomeRecord(
                time: 2, exchange: .v6(request: .solicit, reply: nil), drop: reason,
                port: PortIdentity(rawValue: 0), mac: MACAddress(rawValue: 0), address: .v6(.any)),
            OutcomeRecord(
                time: .max, exchange: .v6(request: .renew, reply: .reply),
                address: .v6(IPv6Address(rawValue: .max))),
            OutcomeRecord(time: 3, exchange: .v4(request: .inform, reply: .ack), address: .v4(.any)),
        ]
        for record in records { ring.append(record) }
        #expect(ring.records == records)
    }

    @Test func dropReasonsHavePlacesOfTheirOwnBelow32() {
        let places = DropReason.allCases.map(\.place)
        #expect(Set(places).count == places.count)
        #expect(places.allSatisfy { (0..<32).contains($0) })
    }

    @Test func countersTellTypesAndReasonsApart() {
        var board = CounterBoard()
        board.answered(DHCPv4MessageType.discover, .offer)
        board.answered(DHCPv4MessageType.request, .ack)
        board.answered(DHCPv4MessageType.request, .nak)
        board.answered(nil, nil)
        board.answered(DHCPv6MessageType.solicit, .advertise)
        for reason in DropReason.allCases { board.dropped(reason, DHCPv4MessageType.request) }
        board.dropped(.truncated, nil as DHCPv6MessageType?)
        // A type that nobody knows must not be counted as another one.
        board.dropped(.unknownMessageType, DHCPv4MessageType(rawValue: 200))
        board.sendFailed(DHCPv4MessageType.ack)
        let counters = board.counters
        #expect(counters.repliesV4 == [.offer: 1, .nak: 1])
        #expect(counters.repliesBOOTP == 1)
        #expect(counters.repliesV6 == [.advertise: 1])
        #expect(counters.requestsV4[.request] == 2 + UInt64(DropReason.allCases.count))
        #expect(counters.requestsV4[.discover] == 1)
        #expect(counters.drops[.truncated] == 2)
        #expect(counters.drops[.sendFailed] == 2)
        #expect(counters.drops[.unknownMessageType] == 2)
        #expect(counters.drops.count == DropReason.allCases.count)
    }

    @Test func aStrangerIsToldOfOnceAMinute() {
        let log = StrangerLog()
        let start: UInt64 = 1_000_000_000_000
        #expect(log.admits(7, now: start) == 0)
        #expect(log.admits(7, now: start + 1_000_000_000) == nil)
        #expect(log.admits(8, now: start + 1_000_000_000) == 0)
        #expect(log.admits(7, now: start + 61_000_000_000) == 0)
    }

    @Test func strangersCannotFloodTheLog() {
        let log = StrangerLog()
        let start: UInt64 = 1_000_000_000_000
        var lines = 0
        // A hundred thousand addresses within ten seconds.
        for client in 0..<100_000 {
            if log.admits(UInt64(client), now: start + UInt64(client) * 100_000) != nil { lines += 1 }
        }
        #expect((20...80).contains(lines))
        // Whoever comes later hears of those that were not told of.
        #expect((log.admits(1 << 40, now: start + 60_000_000_000) ?? 0) > 0)
    }
}
