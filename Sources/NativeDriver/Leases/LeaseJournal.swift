import Addressing
import DHCPEngine
import Dispatch
import Glibc
import LinuxKernel
import Locks
import Logging
import NetworkModel

/// The record of what clients were told, of all networks of the host: for people, not for decisions.
///
/// The latest lease of each address is in memory. What changes is written to one file in the background,
/// which is read in the background at the start; without the file nothing is lost but the record. Threads
/// that answer packets only note what they told: some 100 ns, nothing allocated where only times change.
final class LeaseJournal: Sendable {
    struct State: ~Copyable, Sendable {
        var table: LeaseTable
        /// Ports and networks that went away since the last time they were written.
        var gone: [LeaseLine] = []
        /// The ports that networks had at a moment; leases of others from before it are left over.
        var retained: [ResourceID: (ports: [PortIdentity], time: UInt32)] = [:]
        /// Whether the file is not read yet; nothing is written before that.
        var isLoading = true
        /// Whether the file was let go of, and nothing was to be written since.
        var isClosed = false
        /// Whether the file was read, or that has failed.
        var wasTried = false
        /// The ports and networks that went away while the file is not read.
        var goneWhileLoading: Set<LeaseLine> = []
        /// Whether so many went away that nothing is taken from the file any more.
        var isFileStale = false
        var urgency = Urgency.none
        /// How many wait for what is written: nothing pauses until they have it.
        var awaiting = 0
        /// When renewals were written, in nanoseconds of the monotonic clock.
        var renewalsWritten: UInt64 = 0
        /// Whether the file lacks what memory has.
        var isFileBehind = false
        /// When the file is tried again after a failure.
        var retry = Backoff()
        /// When it is tried again to make the file smaller.
        var compaction = Backoff()
        /// The last trouble that was told.
        var trouble: String?
    }

    /// How soon something is to be written.
    enum Urgency: Int, Comparable, Sendable {
        case none, later, soon

        static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// A file is written anew when it has so much more than twice of what is needed.
    static let slack = 1 << 20
    /// A lease that ended so long ago is dropped when the file is written anew, in seconds.
    static let memory: UInt32 = 90 * 86_400
    /// How many ports and networks that went away are noted while the file cannot be read.
    static let goneLimit = 100_000
    /// How long changes gather before they are written.
    static let pause = DispatchTimeInterval.milliseconds(500)
    /// How long new times of leases that are written gather, in seconds: ten thousand clients may renew
    /// every second, and nobody looks for more in the file.
    static let renewalPause = 30

    let state: Mutex<State>
    let file: Mutex<LeaseFile>
    let thread: JobThread
    /// How long the reading of the file leaves a start alone.
    private static let readingPause = DispatchTimeInterval.milliseconds(500)
    /// Ends the pause early.
    let hurry = DispatchSemaphore(value: 0)
    let log: Logger

    /// When something that failed is tried again: a minute later, then twice as long each time, at most an
    /// hour.
    struct Backoff: Sendable {
        private static let shortest: UInt64 = 60_000_000_000
        private static let longest: UInt64 = 3600_000_000_000

        private var pause: UInt64 = 0
        private var next: UInt64 = 0

        /// Whether it is time, by nanoseconds of the monotonic clock.
        func isOver(_ now: UInt64) -> Bool { now >= next }

        mutating func failed(_ now: UInt64) {
            pause = min(max(pause * 2, Self.shortest), Self.longest)
            next = now + pause
        }

        mutating func succeeded() { self = Backoff() }
    }

    /// Has the file be read soon, or as soon as somebody wants to know; returns at once.
    ///
    /// Throws a `KernelError` where no thread can be made.
    ///
    /// - Parameters:
    ///   - path: the file; the directory is made where it is missing.
    ///   - capacity: how many leases are kept before the oldest ones give way.
    init(path: String, capacity: Int, log: Logger) throws {
        state = Mutex(State(table: LeaseTable(capacity: capacity)))
        file = Mutex(LeaseFile(path: path))
        thread = try JobThread(name: "lease record")
        self.log = log
        thread.submit { [weak self, hurry] in
            // A start has more urgent things to do; and whoever is gone by then wants no file made.
            _ = hurry.wait(timeout: .now() + Self.readingPause)
            guard let self else { return }
            load()
            state.withLock { $0.wasTried = true }
        }
    }

    /// Waits until the file was read, or could not be.
    func reading() async {
        if state.withLock({ $0.wasTried }) { return }
        hurry.signal()
        await withCheckedContinuation { continuation in
            thread.submit { [self] in
                // Where no pause was ended, the next one must not be.
                _ = hurry.wait(timeout: .now())
                continuation.resume()
            }
        }
    }

    // MARK: What the data plane and the driver call

    /// Notes what a client was told, and what it said of itself; empty where it said nothing.
    func record(
        _ told: ToldLease, clientIdentifier: RawSpan, hostName: RawSpan, vendorClass: RawSpan
    ) {
        record { table in
            table.record(
                told, clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass)
        }
    }

    /// Notes what clients were told, in one go; `body` returns the weightiest of what that added.
    func record(_ body: (inout LeaseTable) -> LeaseTable.Addition) {
        switch state.withLock({ body(&$0.table) }) {
        case .nothing: break
        case .renewal: schedule(.later)
        case .change: schedule(.soon)
        }
    }

    /// Forgets the leases of a port that is gone.
    func forget(_ port: PortIdentity) {
        let isNews = state.withLock { state in
            guard state.table.remove(port) || state.isLoading else { return false }
            state.note(gone: .portGone(port))
            return true
        }
        if isNews { schedule(.soon) }
    }

    /// Forgets the leases of a network that is gone.
    func forget(network: ResourceID) {
        var isNews = false
        forEachBlock { state, block in
            guard state.table.hasLeases(of: network) else { return }
            isNews = !state.table.remove(inBlock: block) { _, other in other == network }.isEmpty || isNews
        }
        // After its leases: those that wait to be written must not come behind this line.
        isNews = state.withLock { state in
            guard isNews || state.isLoading else { return false }
            state.note(gone: .networkGone(network))
            return true
        }
        if isNews { schedule(.soon) }
    }

    /// Forgets the leases of all ports of a network but these, in the background: what went away while nobody
    /// looked.
    func retain(_ ports: [PortIdentity], network: ResourceID) {
        let now = Self.now
        state.withLock { $0.retained[network] = (ports, now) }
        schedule(.soon)
    }

    /// The leases of a network, by address; of all networks for nil, by network and address.
    ///
    /// One pass through the record in steps of some microseconds: for any thread that has the time, some
    /// 10 ms and more for a million leases.
    func leases(of network: ResourceID?) -> [Lease] {
        var leases: [Lease] = []
        var block = 0
        while let part = part(block, network) {
            leases += part
            block += 1
        }
        return Self.inOrder(leases)
    }

    /// The leases of a network, by address; of all networks for nil, by network and address. Lets other tasks
    /// run between steps of some microseconds; all take some 10 ms and more for a million leases.
    func listing(of network: ResourceID?) async -> [Lease] {
        await reading()
        var leases: [Lease] = []
        var block = 0
        while let part = part(block, network) {
            leases += part
            block += 1
            if block % 16 == 0 { await Task.yield() }
        }
        return Self.inOrder(leases)
    }

    private func part(_ block: Int, _ network: ResourceID?) -> [Lease]? {
        // Block by block: packets must not wait for a long list.
        let part = state.withLock { state -> [(told: ToldLease, client: ClientDescription)]? in
            if let network, !state.table.hasLeases(of: network) { return nil }
            return block < state.table.blockCount
                ? state.table.leases(inBlock: block, network: network) : nil
        }
        return part?.map { Lease($0.told, $0.client) }
    }

    private static func inOrder(_ leases: [Lease]) -> [Lease] {
        leases.sorted { ($0.networkID, $0.address) < ($1.networkID, $1.address) }
    }

    /// The leases of a port, by address; for any thread, a microsecond.
    func leases(of port: PortIdentity) -> [Lease] {
        state.withLock { $0.table.leases(of: port) }.map { Lease($0.told, $0.client) }
    }

    /// Writes what waits to be written and lets go of the file; another process may have it then. What is
    /// noted later opens it again.
    func close() {
        finish { [self] in
            write(withRenewals: true, isUrged: true)
            file.withLock { $0.close() }
            state.withLock { state in
                state.isLoading = true
                state.isClosed = true
            }
        }
    }

    /// Writes what waits to be written, and returns when it is in the file or that has failed.
    func flush() {
        finish { [self] in write(withRenewals: true, isUrged: true) }
    }

    /// Has the record's thread do this soon, and returns when it has.
    private func finish(_ body: @escaping @Sendable () -> Void) {
        let done = DispatchSemaphore(value: 0)
        state.withLock { $0.awaiting += 1 }
        hurry.signal()
        thread.submit { [self] in
            body()
            state.withLock { $0.awaiting -= 1 }
            done.signal()
        }
        done.wait()
        // Where no pause was ended, the next one must not be.
        _ = hurry.wait(timeout: .now())
    }
}

extension LeaseJournal.State {
    /// Has a line be written of what went away, and be held against a file that is not read yet.
    mutating func note(gone line: LeaseLine) {
        // A file that is made anew has no leases of it.
        if !isFileBehind { gone.append(line) }
        guard isLoading, !isFileStale else { return }
        goneWhileLoading.insert(line)
        guard max(gone.count, goneWhileLoading.count) > LeaseJournal.goneLimit else { return }
        isFileStale = true
        isFileBehind = true
        goneWhileLoading = []
        gone = []
    }
}
