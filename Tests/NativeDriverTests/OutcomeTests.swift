import Addressing
import DHCPEngine
import DHCPMessages
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel
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

    @Test func aClockThatIsALittleBehindGivesNoLines() {
        let log = StrangerLog()
        let start: UInt64 = 1_000_000_000_000
        for client in 0..<20 { #expect(log.admits(UInt64(client), now: start) != nil) }
        // Two loops read the clock for themselves.
        for client in 100..<200 { #expect(log.admits(UInt64(client), now: start - 1) == nil) }
        #expect(log.admits(0, now: start - 1) == nil)
        #expect(log.admits(300, now: start + 1) == nil)
    }

    @Test func aLogThatHangsStopsNobodyAndKeepsFewLines() async throws {
        let gate = DispatchSemaphore(value: 0)
        let texts = Mutex<[String]>([])
        let strangers = StrangerLog()
        let log = Logger(label: "test") { _ in
            HangingLog(gate: gate) { text in texts.withLock { $0.append(text) } }
        }
        let network = ResourceID(rawValue: 7)
        // So many that all could be told of, one a second, while the log takes none.
        for step in 0..<400 {
            strangers.tell(
                UInt64(step), now: 1_000_000_000_000 + UInt64(step) * 1_000_000_000, log: log,
                network: network, "stranger \(step)")
        }
        for _ in 0..<StrangerLog.limit { gate.signal() }
        for _ in 0..<12_000 where texts.withLock({ $0.count }) < StrangerLog.limit {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(texts.withLock { $0 } == (0..<StrangerLog.limit).map { "stranger \($0)" })
        // The thread counts a line after the log has taken it.
        for step in 0..<12_000 where texts.withLock({ $0.count }) == StrangerLog.limit {
            gate.signal()
            strangers.tell(
                1000 + UInt64(step), now: 2_000_000_000_000 + UInt64(step) * 1_000_000_000, log: log,
                network: network, "later")
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(texts.withLock { $0.last?.hasPrefix("later (") } == true)
    }

    /// A directory for log files, which is removed with the value.
    private struct Logs: ~Copyable {
        let path = "/tmp/leasehold-logs-\(UInt64.random(in: 0...UInt64.max))"

        /// The lines of a network's file once there are so many, without what is the same in all.
        func lines(_ network: String, atLeast count: Int) async throws -> [String] {
            var lines: [String] = []
            for _ in 0..<12_000 {
                let bytes = (try? readFile(path: LogFiles.path(path, network))) ?? []
                lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
                if lines.count >= count { break }
                try await Task.sleep(for: .milliseconds(10))
            }
            return lines.map { line in
                line.firstRange(of: "]: ").map { String(line[$0.upperBound...]) } ?? line
            }
        }

        deinit { try? removeTree(path: path) }
    }

    @Test func aNetworkHasABudgetOfLines() async throws {
        let logs = Logs()
        let files = try LogFiles(directory: logs.path, log: Logger(label: "test"))
        // Ahead of the clock, which the writer goes by when it forgets budgets: a busy machine changes nothing.
        let start = monotonicNanoseconds() + 3_600_000_000_000
        for line in 0..<1000 { files.append("a", "\(line)", now: start) }
        // Another network's flood is nothing to this one.
        files.append("b", "mine", now: start)
        #expect(try await logs.lines("b", atLeast: 1) == ["mine"])
        files.append("a", "after", now: start + 500_000_000)
        let lines = try await logs.lines("a", atLeast: 202)
        #expect(lines.prefix(200).elementsEqual((0..<200).map { "\($0)" }))
        #expect(lines.dropFirst(200).elementsEqual(["800 lines were not written", "after"]))
        // A hundred a second, of which one is gone.
        for line in 0..<1000 { files.append("a", "\(line)", now: start + 500_000_000) }
        files.append("b", "mine", now: start)
        #expect(try await logs.lines("b", atLeast: 2).count == 2)
        #expect(try await logs.lines("a", atLeast: 251).count == 251)
    }

    @Test func aFileThatWasRenamedIsMadeAnew() async throws {
        let logs = Logs()
        let files = try LogFiles(directory: logs.path, log: Logger(label: "test"))
        files.append("a", "before")
        #expect(try await logs.lines("a", atLeast: 1) == ["before"])
        let path = LogFiles.path(logs.path, "a")
        #expect(rename(path, "\(path).1") == 0)
        files.append("a", "after")
        #expect(try await logs.lines("a", atLeast: 1) == ["after"])
    }

    @Test func aFileThatCannotBeWrittenIsToldOfOnce() async throws {
        let logs = Logs()
        try createDirectory(path: LogFiles.path(logs.path, "a"))
        let texts = Mutex<[String]>([])
        let gate = DispatchSemaphore(value: 0)
        for _ in 0..<100 { gate.signal() }
        let log = Logger(label: "test") { _ in
            HangingLog(gate: gate) { text in texts.withLock { $0.append(text) } }
        }
        let files = try LogFiles(directory: logs.path, log: log)
        for line in 0..<5 {
            files.append("a", "\(line)")
            files.append("b", "\(line)")
            // What comes together is written together.
            _ = try await logs.lines("b", atLeast: line + 1)
        }
        #expect(texts.withLock { $0.count } == 1)
    }
}

/// A log that takes a line only when it is let.
private struct HangingLog: LogHandler {
    let gate: DispatchSemaphore
    let take: @Sendable (String) -> Void
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    init(gate: DispatchSemaphore, take: @escaping @Sendable (String) -> Void) {
        self.gate = gate
        self.take = take
    }

    subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        gate.wait()
        take("\(event.message)")
    }
}
