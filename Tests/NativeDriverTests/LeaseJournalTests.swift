import Addressing
import DHCPEngine
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel
import Testing

@testable import NativeDriver

private typealias Fixture = CompilationFixture

/// A directory of its own for a test; it is removed when the value goes.
private struct Scratch: ~Copyable {
    let path: String

    init() {
        var random = SystemRandomNumberGenerator()
        path = "/tmp/leasehold-leases-\(random.next())"
    }

    var file: String { "\(path)/leases" }

    func text() throws -> String { String(decoding: try readFile(path: file), as: UTF8.self) }

    deinit { try? removeTree(path: path) }
}

/// What was logged.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    func append(_ line: String) { lines.withLock { $0.append(line) } }

    var logger: Logger {
        Logger(label: "test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.MetadataValue? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) { lines.append("\(event.message)") }
    }
}

extension LeaseJournal {
    fileprivate func record(
        _ told: ToldLease, id: [UInt8] = [1, 2], host: String = "vm", vendor: String = "udhcp"
    ) {
        let (host, vendor) = (Array(host.utf8), Array(vendor.utf8))
        record(
            told, clientIdentifier: id.span.bytes, hostName: host.span.bytes, vendorClass: vendor.span.bytes)
    }
}

@Suite("The record of leases")
struct LeaseJournalTests {
    private func journal(_ path: String, _ lines: LogLines = LogLines()) throws -> LeaseJournal {
        let journal = try LeaseJournal(path: path, capacity: 1000, log: lines.logger)
        journal.flush()
        return journal
    }

    @Test("what was told is there after a restart, with every field")
    func restart() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        first.record(toldLease(), id: [0xFF, 0x20], host: "käse %", vendor: "-")
        first.record(toldLease(port: 2, "2001:db8::5", duration: .max), id: [], host: "", vendor: "")
        let told = first.leases(of: nil)
        first.close()
        let second = try journal(scratch.file)
        #expect(second.leases(of: nil) == told)
        #expect(second.leases(of: Fixture.network) == told)
        #expect(second.leases(of: Fixture.id("9")).isEmpty)
        let lease = try #require(second.leases(of: PortIdentity(rawValue: 1)).first)
        #expect(lease.address == Fixture.address("10.0.0.5"))
        #expect(lease.portID == ResourceID(rawValue: 1))
        #expect(lease.networkID == Fixture.network)
        #expect(lease.server == Fixture.address("10.0.0.2"))
        #expect(lease.macAddress == MACAddress(rawValue: 0xFA_163E_0000_0A))
        #expect(lease.clientIdentifier == [0xFF, 0x20])
        #expect(lease.hostname == "käse %")
        #expect(lease.vendorClass == "-")
        #expect(lease.message == .ack)
        #expect(lease.iaid == nil)
        #expect(lease.givenAt == Timestamp(secondsSinceEpoch: 1000))
        #expect(lease.expiresAt == Timestamp(secondsSinceEpoch: 1600))
        let v6 = try #require(second.leases(of: PortIdentity(rawValue: 2)).first)
        #expect(v6.iaid == 7 && v6.message == .reply && v6.expiresAt == nil)
    }

    @Test("the last of many renewals is what the file says")
    func renewals() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for time in 0..<500 {
            first.record(toldLease(time: UInt32(1000 + time)))
            if time % 100 == 0 { first.flush() }
        }
        first.close()
        #expect(try scratch.text().split(separator: "\n").count < 20)
        #expect(
            try journal(scratch.file).leases(of: nil).map(\.givenAt)
                == [Timestamp(secondsSinceEpoch: 1499)])
    }

    @Test("a new lease is written at once, new times of an old one with others later or when asked")
    func urgency() async throws {
        let scratch = Scratch()
        let start = ContinuousClock.now
        let journal = try journal(scratch.file)
        journal.record(toldLease(port: 1, time: 1_000_001))
        journal.flush()
        journal.record(toldLease(port: 1, time: 1_000_002))
        journal.record(toldLease(port: 2, time: 1_000_003))
        #expect(try await soon { try scratch.text().contains("1000003") })
        let text = try scratch.text()
        // On a machine that stood still for so long it is time for the new ones, too.
        if ContinuousClock.now - start < .seconds(LeaseJournal.renewalPause) {
            #expect(!text.contains("1000002"))
        }
        journal.flush()
        #expect(try scratch.text().contains("1000002"))
    }

    @Test("ports and networks that are gone are forgotten, also by the file")
    func gone() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for port in 1...3 { first.record(toldLease(port: UInt128(port), "10.0.0.\(port)")) }
        first.record(toldLease(port: 9, network: Fixture.id("9")))
        first.flush()
        first.forget(PortIdentity(rawValue: 1))
        first.forget(network: Fixture.id("9"))
        #expect(first.leases(of: nil).map(\.portID) == [ResourceID(rawValue: 2), ResourceID(rawValue: 3)])
        first.retain([PortIdentity(rawValue: 3)], network: Fixture.network)
        first.flush()
        #expect(first.leases(of: nil).map(\.portID) == [ResourceID(rawValue: 3)])
        first.close()
        #expect(try journal(scratch.file).leases(of: nil).map(\.portID) == [ResourceID(rawValue: 3)])
    }

    @Test("a port that is gone while the file is still being read does not come back")
    func goneWhileLoading() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for port in 1...500 { first.record(toldLease(port: UInt128(port), "10.0.0.5")) }
        first.close()
        let second = try LeaseJournal(path: scratch.file, capacity: 1000, log: LogLines().logger)
        second.forget(PortIdentity(rawValue: 250))
        second.record(toldLease(port: 251, time: 77_777))
        second.flush()
        #expect(second.leases(of: PortIdentity(rawValue: 250)).isEmpty)
        #expect(
            second.leases(of: PortIdentity(rawValue: 251)).map(\.givenAt)
                == [Timestamp(secondsSinceEpoch: 77_777)])
        #expect(second.leases(of: nil).count == 499)
    }

    @Test("a lease that is recorded after its port was forgotten is there")
    func backAgain() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        first.record(toldLease(time: 1000))
        first.forget(PortIdentity(rawValue: 1))
        first.record(toldLease(time: 2000))
        first.close()
        #expect(
            try journal(scratch.file).leases(of: nil).map(\.givenAt) == [Timestamp(secondsSinceEpoch: 2000)])
    }

    @Test("a file cut anywhere costs at most what is behind the cut, and is written on")
    func cut() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for port in 1...5 { first.record(toldLease(port: UInt128(port), "10.0.0.\(port)")) }
        first.close()
        let whole = try readFile(path: scratch.file)
        let ends = whole.indices.filter { whole[$0] == 0x0A }.map { $0 + 1 }
        for length in stride(from: LeaseLine.header.count, to: whole.count, by: 7) {
            try atomicReplace(path: scratch.file, contents: Array(whole[..<length]))
            let lines = LogLines()
            let again = try journal(scratch.file, lines)
            let wholeLines = ends.count { $0 <= length } - 1
            #expect(again.leases(of: nil).count == wholeLines)
            #expect(lines.all.contains { $0.contains("cut") } == !ends.contains(length))
            again.record(toldLease(port: 77, "10.0.0.77"))
            again.close()
            let after = LogLines()
            #expect(try journal(scratch.file, after).leases(of: nil).count == wholeLines + 1)
            #expect(after.all == [])
        }
    }

    @Test("a damaged line in the middle costs that line alone, and a warning")
    func damaged() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for port in 1...5 { first.record(toldLease(port: UInt128(port), "10.0.0.\(port)")) }
        first.close()
        var bytes = try readFile(path: scratch.file)
        bytes[LeaseLine.header.count + 30] ^= 1
        try atomicReplace(path: scratch.file, contents: bytes)
        let lines = LogLines()
        #expect(try journal(scratch.file, lines).leases(of: nil).count == 4)
        #expect(lines.all.contains { $0.contains("damaged lines") })
    }

    @Test(
        "a file that is something else is put aside, with a warning", arguments: ["hello", "hello\nworld\n"])
    func unknown(text: String) throws {
        let scratch = Scratch()
        try createDirectory(path: scratch.path)
        try atomicReplace(path: scratch.file, contents: text)
        let lines = LogLines()
        let first = try journal(scratch.file, lines)
        #expect(lines.all.contains { $0.contains("\(scratch.file).unknown") })
        #expect(try readFile(path: "\(scratch.file).unknown") == Array(text.utf8))
        first.record(toldLease())
        first.close()
        #expect(try journal(scratch.file).leases(of: nil).count == 1)
    }

    @Test("any bytes at all are read without a trap")
    func noise() throws {
        let scratch = Scratch()
        try createDirectory(path: scratch.path)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<30 {
            let noise = (0..<3000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try atomicReplace(path: scratch.file, contents: LeaseLine.header + noise)
            #expect(try journal(scratch.file).leases(of: nil).isEmpty)
        }
    }

    @Test("a file that cannot be written is told once; what was told meanwhile is in it later")
    func unwritable() throws {
        let scratch = Scratch()
        // A directory in the file's place.
        try createDirectory(path: scratch.file)
        let lines = LogLines()
        let first = try journal(scratch.file, lines)
        first.record(toldLease(duration: .max))
        first.flush()
        first.record(toldLease(port: 2, "10.0.0.6", duration: .max))
        first.flush()
        #expect(first.leases(of: nil).count == 2)
        #expect(lines.all.count { $0.contains("is not written") } == 1)
        try removeTree(path: scratch.file)
        first.record(toldLease(port: 3, "10.0.0.7", duration: .max))
        first.close()
        #expect(lines.all.contains { $0.contains("can be written again") })
        #expect(try journal(scratch.file).leases(of: nil).count == 3)
    }

    @Test("the file is written anew when most of it is past, and leases that ended long ago go")
    func compaction() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        var now = time_t()
        time(&now)
        first.record(toldLease(port: 2, "10.0.0.6", time: UInt32(now) - 200 * 86_400, duration: 60))
        for step in 0..<20_000 {
            first.record(toldLease(time: UInt32(now) + UInt32(step)))
            if step % 2 == 0 { first.flush() }
        }
        first.close()
        #expect(try readFile(path: scratch.file).count < 2_100_000)
        let leases = try journal(scratch.file).leases(of: nil)
        #expect(leases.map(\.givenAt) == [Timestamp(secondsSinceEpoch: Int64(now) + 19_999)])
    }

    @Test("many threads record at once, and nothing is lost")
    func concurrent() async throws {
        let scratch = Scratch()
        let first = try LeaseJournal(path: scratch.file, capacity: 100_000, log: LogLines().logger)
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    for port in 0..<2000 {
                        first.record(toldLease(port: UInt128(worker * 10_000 + port), "10.0.0.5"))
                    }
                }
            }
        }
        first.close()
        #expect(first.leases(of: nil).count == 8000)
        let again = try LeaseJournal(path: scratch.file, capacity: 100_000, log: LogLines().logger)
        again.flush()
        #expect(again.leases(of: nil).count == 8000)
    }

    @Test("a file that another process has is not touched, with a warning, until it lets go of it")
    func locked() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        first.record(toldLease(port: 1, duration: .max))
        first.flush()
        let text = try scratch.text()
        let lines = LogLines()
        // Each opens the file for itself, as two processes do.
        let second = try journal(scratch.file, lines)
        second.record(toldLease(port: 2, duration: .max))
        second.flush()
        second.flush()
        #expect(lines.all.count { $0.contains("another process has \(scratch.file)") } == 1)
        #expect(try scratch.text() == text)
        #expect(second.leases(of: nil).map(\.portID) == [ResourceID(rawValue: 2)])
        first.close()
        second.close()
        #expect(lines.all.last?.contains("can be written again") == true)
        #expect(
            Set(try journal(scratch.file).leases(of: nil).compactMap(\.portID))
                == Set([1, 2].map { ResourceID(rawValue: $0) }))
    }

    @Test("where more ports go than are noted while the file cannot be read, nothing is taken from it")
    func manyGoneWhileLoading() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        first.record(toldLease(port: 1, duration: .max))
        first.flush()
        let second = try journal(scratch.file)
        for port in 1...LeaseJournal.goneLimit + 1 {
            second.forget(PortIdentity(rawValue: UInt128(port)))
        }
        #expect(second.state.withLock { $0.gone.isEmpty && $0.goneWhileLoading.isEmpty })
        second.record(toldLease(port: 2, duration: .max))
        first.close()
        second.close()
        let lines = try scratch.text().split(separator: "\n").dropFirst()
        #expect(lines.count == 1)
        #expect(try journal(scratch.file).leases(of: nil).map(\.portID) == [ResourceID(rawValue: 2)])
    }

    @Test("the lock is of the file that has the name, also where it was made anew meanwhile")
    func lockOfTheNewFile() throws {
        let scratch = Scratch()
        var file = LeaseFile(path: scratch.file)
        _ = try file.open { _ in }
        var parts = [LeaseLine.portGone(PortIdentity(rawValue: 1))]
        try file.rewrite {
            parts.popLast().map { line in
                var bytes: [UInt8] = []
                line.append(to: &bytes)
                return bytes
            }
        }
        var other = LeaseFile(path: scratch.file)
        #expect(throws: FileError(operation: "lock", path: "", errno: EWOULDBLOCK)) {
            _ = try other.open { _ in }
        }
        file.close()
        var found: [LeaseLine] = []
        _ = try other.open { found.append($0) }
        #expect(found == [.portGone(PortIdentity(rawValue: 1))])
    }

    @Test("a file that cannot be made anew leaves nothing beside it")
    func failedRewriting() throws {
        let scratch = Scratch()
        var file = LeaseFile(path: scratch.file)
        _ = try file.open { _ in }
        unlink(scratch.file)
        // Nothing can be renamed to a directory.
        try createDirectory(path: "\(scratch.file)/x")
        #expect(throws: FileError(operation: "rename", path: "", errno: EISDIR)) {
            try file.rewrite { nil }
        }
        #expect(try directoryEntries(path: scratch.path) == ["leases"])
    }

    @Test("the last of a file system is left to others: nothing is added, and no file is made anew")
    func fullDisk() throws {
        let scratch = Scratch()
        var file = LeaseFile(path: scratch.file)
        _ = try file.open { _ in }
        try file.append([UInt8](repeating: 0x0A, count: 100))
        let size = file.size
        file.ownReserve = 1 << 60
        #expect(throws: FileError(operation: "write", path: "", errno: ENOSPC)) {
            try file.append([UInt8](repeating: 0x0A, count: 100))
        }
        var isAsked = false
        #expect(throws: FileError(operation: "write", path: "", errno: ENOSPC)) {
            try file.rewrite {
                isAsked = true
                return nil
            }
        }
        #expect(!isAsked)
        #expect(file.size == size)
        #expect(try readFile(path: scratch.file).count == size)
        #expect(try directoryEntries(path: scratch.path) == ["leases"])
    }

    @Test("on a full disk the record waits in memory, is not tried all the time, and is whole later")
    func fullDiskAndJournal() throws {
        let scratch = Scratch()
        let lines = LogLines()
        let first = try journal(scratch.file, lines)
        first.record(toldLease(port: 1, duration: .max))
        first.flush()
        let before = try scratch.text()
        first.file.withLock { $0.ownReserve = 1 << 60 }
        first.record(toldLease(port: 2, duration: .max))
        first.forget(PortIdentity(rawValue: 1))
        first.flush()
        first.record(toldLease(port: 3, duration: .max))
        first.flush()
        #expect(try scratch.text() == before)
        #expect(try directoryEntries(path: scratch.path) == ["leases"])
        #expect(lines.all.count { $0.contains("is not written") } == 1)
        first.file.withLock { $0.ownReserve = 0 }
        first.record(toldLease(port: 4, duration: .max))
        // What the record's thread does when something waits.
        first.write(withRenewals: false)
        #expect(try scratch.text() == before)
        first.close()
        #expect(lines.all.last?.contains("can be written again") == true)
        #expect(
            Set(try journal(scratch.file).leases(of: nil).compactMap(\.portID))
                == Set([2, 3, 4].map { ResourceID(rawValue: $0) }))
    }

    @Test("a file that could not be begun is opened again as soon as there is room")
    func roomForNothing() throws {
        let scratch = Scratch()
        var file = LeaseFile(path: scratch.file)
        file.ownReserve = 1 << 60
        #expect(throws: FileError(operation: "write", path: "", errno: ENOSPC)) {
            _ = try file.open { _ in }
        }
        file.ownReserve = 0
        #expect(try file.open { _ in } == LeaseFile.Reading())
        #expect(try readFile(path: scratch.file) == LeaseLine.header)
    }

    @Test("what went away before the start is forgotten also where the file could not be read at first")
    func retainedWhileUnreadable() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        for port in 1...2 { first.record(toldLease(port: UInt128(port), "10.0.0.\(port)", duration: .max)) }
        first.close()
        let aside = "\(scratch.path)/aside"
        rename(scratch.file, aside)
        // A directory in the file's place.
        try createDirectory(path: scratch.file)
        let second = try journal(scratch.file)
        second.retain([PortIdentity(rawValue: 1)], network: Fixture.network)
        second.flush()
        try removeTree(path: scratch.file)
        rename(aside, scratch.file)
        second.flush()
        #expect(second.leases(of: nil).map(\.portID) == [ResourceID(rawValue: 1)])
        second.close()
        #expect(try journal(scratch.file).leases(of: nil).map(\.portID) == [ResourceID(rawValue: 1)])
    }

    @Test("a file that somebody took away is made anew with all that is known", arguments: [false, true])
    func takenAway(byAnother: Bool) throws {
        let scratch = Scratch()
        let lines = LogLines()
        let first = try journal(scratch.file, lines)
        first.record(toldLease(port: 1, duration: .max))
        first.flush()
        unlink(scratch.file)
        if byAnother { try atomicReplace(path: scratch.file, contents: "something else\n") }
        first.record(toldLease(port: 2, "10.0.0.6", duration: .max))
        first.flush()
        #expect(lines.all.count { $0.contains("was removed") } == 1)
        first.record(toldLease(port: 3, "10.0.0.7", duration: .max))
        first.close()
        #expect(try journal(scratch.file).leases(of: nil).count == 3)
    }

    @Test("what failed is tried again a minute later, then twice as long each time, at most an hour")
    func backoff() {
        var backoff = LeaseJournal.Backoff()
        let second: UInt64 = 1_000_000_000
        var now: UInt64 = 5 * second
        #expect(backoff.isOver(now))
        var pauses: [UInt64] = []
        for _ in 0..<9 {
            backoff.failed(now)
            let start = now
            while !backoff.isOver(now) { now += second }
            pauses.append((now - start) / second)
        }
        #expect(pauses == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
        backoff.succeeded()
        backoff.failed(now)
        #expect(!backoff.isOver(now + 59 * second))
        #expect(backoff.isOver(now + 60 * second))
    }

    @Test("a network that went away takes what was written of it before, and nothing of later")
    func goneNetworkInTheFile() throws {
        let scratch = Scratch()
        var bytes = LeaseLine.header
        let (one, two) = (Fixture.id("9"), Fixture.id("8"))
        for network in [one, two] {
            for port in 1...3 {
                let told = toldLease(
                    port: UInt128(port) + network.rawValue, "10.0.0.\(port)", duration: .max,
                    network: network)
                LeaseLine.told(told, ClientDescription()).append(to: &bytes)
            }
        }
        LeaseLine.networkGone(one).append(to: &bytes)
        let back = toldLease(
            port: 2 + one.rawValue, "10.0.0.2", time: 5000, duration: .max, network: one)
        LeaseLine.told(back, ClientDescription()).append(to: &bytes)
        try createDirectory(path: scratch.path)
        try atomicReplace(path: scratch.file, contents: bytes)
        let journal = try journal(scratch.file)
        #expect(journal.leases(of: one).map(\.givenAt) == [Timestamp(secondsSinceEpoch: 5000)])
        #expect(journal.leases(of: two).count == 3)
    }

    @Test("a network of which nothing was written does not get a line when it goes")
    func goneNetworkWithoutLeases() throws {
        let scratch = Scratch()
        let journal = try journal(scratch.file)
        journal.record(toldLease(network: Fixture.id("9")))
        journal.forget(network: Fixture.id("8"))
        journal.forget(network: Fixture.id("9"))
        journal.forget(network: Fixture.id("9"))
        journal.flush()
        let lines = try scratch.text().split(separator: "\n").dropFirst()
        #expect(lines.count { $0.dropFirst(8).hasPrefix(" x ") } == 1)
        #expect(lines.last?.hasSuffix("\(Fixture.id("9"))") == true)
    }

    @Test("clients that describe themselves at length do not have the file made anew all the time")
    func longDescriptions() throws {
        let scratch = Scratch()
        let journal = try LeaseJournal(path: scratch.file, capacity: 10_000, log: LogLines().logger)
        journal.flush()
        let id = [UInt8](repeating: 0xFF, count: 255)
        let text = String(repeating: "\u{7F}", count: 255)
        // About 2.4 kB each, 3.6 MB together.
        for port in 0..<1500 {
            journal.record(
                toldLease(port: UInt128(port + 1), duration: .max), id: id, host: text, vendor: text)
        }
        journal.flush()
        // One that is made anew loses this line at its end, which means nothing.
        let foreign = Array("a line\n".utf8)
        journal.file.withLock { file in
            let failure = Result { () throws(FileError) in try file.append(foreign) }
            #expect(throws: Never.self) { try failure.get() }
        }
        for step in 0..<5 {
            journal.record(toldLease(port: 1, time: UInt32(2000 + step), duration: .max), id: id)
            journal.flush()
        }
        #expect(try scratch.text().contains("a line\n"))
    }

    @Test("before the clock is set no lease counts as ended long ago")
    func clock() {
        #expect(LeaseJournal.oldest(now: 1000) == 0)
        #expect(LeaseJournal.oldest(now: LeaseJournal.memory + 7) == 7)
    }

    @Test("a listing has what the record has, in order")
    func listing() async throws {
        let scratch = Scratch()
        let journal = try LeaseJournal(path: scratch.file, capacity: 100_000, log: LogLines().logger)
        for port in 1...20_000 {
            let network = Fixture.id(port % 3 == 0 ? "9" : "8")
            journal.record(
                toldLease(port: UInt128(port), "10.0.\(port / 256).\(port % 256)", network: network))
        }
        let all = await journal.listing(of: nil)
        #expect(all.count == 20_000)
        #expect(all == all.sorted { ($0.networkID, $0.address) < ($1.networkID, $1.address) })
        let one = await journal.listing(of: Fixture.id("9"))
        #expect(one == all.filter { $0.networkID == Fixture.id("9") })
        let none = await journal.listing(of: Fixture.id("7"))
        #expect(none.isEmpty)
    }

    @Test("what a client says cannot disturb a terminal")
    func printable() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        first.record(toldLease(), host: "a\u{1B}[31mb\n\u{202E}c")
        #expect(first.leases(of: nil).first?.hostname == "a\u{FFFD}[31mb\u{FFFD}\u{FFFD}c")
    }

    @Test("a DHCPv6 client's name and vendor class are read from their wire format")
    func wireFormat() throws {
        let scratch = Scratch()
        let first = try journal(scratch.file)
        let name = "\u{2}vm\u{5}cloud"
        let vendor = "\u{0}\u{0}\u{1}\u{37}\u{0}\u{3}MSF\u{0}\u{1}x"
        first.record(toldLease("2001:db8::5"), host: name, vendor: vendor)
        #expect(first.leases(of: nil).map(\.hostname) == ["vm.cloud"])
        #expect(first.leases(of: nil).map(\.vendorClass) == ["MSF,x"])
    }

    @Test("a line's checksum is CRC-32")
    func checksum() {
        var crc = CRC32()
        crc.update("123456789".utf8)
        #expect(crc.value == 0xCBF4_3926)
    }
}
