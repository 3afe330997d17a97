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
    private struct State: ~Copyable, Sendable {
        var table: LeaseTable
        /// Ports and networks that went away since the last time they were written.
        var gone: [LeaseLine] = []
        /// The ports that networks had at a moment; leases of others from before it are left over.
        var retained: [ResourceID: (ports: Set<PortIdentity>, time: UInt32)] = [:]
        var isLoading = true
        var isScheduled = false
        /// Whether the file lacks what memory has.
        var isFileBehind = false
        /// The last trouble that was told.
        var trouble: String?
    }

    /// A file is written anew when it has so much more than twice of what is needed.
    private static let slack = 1 << 20
    /// A lease that ended so long ago is dropped when the file is written anew, in seconds.
    private static let memory: UInt32 = 90 * 86_400
    /// How long changes gather before they are written.
    private static let pause = DispatchTimeInterval.milliseconds(500)

    private let state: Mutex<State>
    private let file: Mutex<LeaseFile>
    private let thread: JobThread
    /// Ends the pause early.
    private let hurry = DispatchSemaphore(value: 0)
    private let log: Logger

    /// Begins to read the file and returns at once.
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
        thread.submit { [self] in load() }
    }

    // MARK: What the data plane and the driver call

    /// Notes what a client was told, and what it said of itself; empty where it said nothing.
    func record(
        _ told: ToldLease, clientIdentifier: RawSpan, hostName: RawSpan, vendorClass: RawSpan
    ) {
        let isNews = state.withLock { state in
            let isFirst = state.table.record(
                told, clientIdentifier: clientIdentifier, hostName: hostName, vendorClass: vendorClass)
            guard isFirst, !state.isScheduled else { return false }
            state.isScheduled = true
            return true
        }
        if isNews { schedule() }
    }

    /// Forgets the leases of a port that is gone.
    func forget(_ port: PortIdentity) {
        let isNews = state.withLock { state in
            guard state.table.remove(port) || state.isLoading else { return false }
            state.gone.append(.portGone(port))
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNews { schedule() }
    }

    /// Forgets the leases of a network that is gone.
    func forget(network: ResourceID) {
        let isNews = state.withLock { state in
            state.gone.append(.networkGone(network))
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNews { schedule() }
        removeAll { _, other in other == network }
    }

    /// Forgets the leases of all ports of a network but these, in the background: what went away while nobody
    /// looked.
    func retain(_ ports: Set<PortIdentity>, network: ResourceID) {
        let now = Self.now
        let isNews = state.withLock { state in
            state.retained[network] = (ports, now)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isNews { schedule() }
    }

    /// The leases of a network, by address; of all networks for nil.
    func leases(of network: ResourceID?) -> [Lease] {
        var leases: [Lease] = []
        var block = 0
        while true {
            // Block by block: packets must not wait for a long list.
            let part = state.withLock { state in
                block < state.table.blockCount
                    ? state.table.leases(inBlock: block, network: network) : nil
            }
            guard let part else { break }
            leases += part.map { Lease($0.told, $0.client) }
            block += 1
        }
        return leases.sorted { ($0.networkID, $0.address) < ($1.networkID, $1.address) }
    }

    /// The leases of a port, by address.
    func leases(of port: PortIdentity) -> [Lease] {
        state.withLock { $0.table.leases(of: port) }.map { Lease($0.told, $0.client) }
    }

    /// Writes what waits to be written, and returns when it is in the file.
    func flush() {
        let done = DispatchSemaphore(value: 0)
        hurry.signal()
        thread.submit { [self] in
            write()
            done.signal()
        }
        done.wait()
        // Where no pause was ended, the next one must not be.
        _ = hurry.wait(timeout: .now())
    }

    // MARK: In the background

    private func schedule() {
        thread.submit { [self] in
            _ = hurry.wait(timeout: .now() + Self.pause)
            write()
        }
    }

    private static var now: UInt32 {
        var now = time_t()
        time(&now)
        return UInt32(clamping: now)
    }

    /// Forgets leases, block by block.
    private func removeAll(_ isGone: (LeaseTable.Entry, ResourceID) -> Bool) {
        var block = 0
        while true {
            let isMore = state.withLock { state in
                guard block < state.table.blockCount else { return false }
                state.gone += state.table.remove(inBlock: block, where: isGone).map { .portGone($0) }
                return true
            }
            guard isMore else { return }
            block += 1
        }
    }

    /// Forgets what networks had left over.
    private func tidy() {
        let retained = state.withLock { state in
            defer { state.retained = [:] }
            return state.retained
        }
        if retained.isEmpty { return }
        removeAll { entry, network in
            guard let kept = retained[network], entry.time < kept.time else { return false }
            return !kept.ports.contains(entry.port)
        }
    }

    private func load() {
        let result: Result<LeaseFile.Reading, FileError> = file.withLock { file in
            Result { () throws(FileError) in
                try file.open { line in take(line) }
            }
        }
        state.withLock { $0.isLoading = false }
        switch result {
        case .failure(let error):
            state.withLock { $0.isFileBehind = true }
            tell("\(error)")
        case .success(let reading):
            if let aside = reading.putAside {
                log.warning("the record of leases was no such thing; it is at \(aside) now")
            }
            if reading.cut > 0 {
                log.warning(
                    "cut \(reading.cut) damaged bytes off the end of the record of leases; addresses stay as they are"
                )
            }
            if reading.damaged > 0 {
                log.warning("passed over \(reading.damaged) damaged lines of the record of leases")
            }
            compactWhereWorthwhile()
        }
    }

    /// Takes a line of the file in; what happened since the start is later than all of them.
    private func take(_ line: LeaseLine) {
        state.withLock { state in
            switch line {
            case .told(let told, let client):
                if !state.gone.isEmpty,
                    state.gone.contains(.portGone(told.port))
                        || state.gone.contains(.networkGone(told.network))
                {
                    return
                }
                state.table.restore(told, client)
            case .portGone(let port): state.table.removeRestored(port)
            case .networkGone(let network):
                for block in 0..<state.table.blockCount {
                    _ = state.table.remove(inBlock: block) { entry, other in
                        other == network && !entry.isFresh
                    }
                }
            }
        }
    }

    private func write() {
        let isFileBehind = state.withLock { state in
            state.isScheduled = false
            return state.isFileBehind
        }
        tidy()
        if isFileBehind { return repair() }
        while true {
            let (gone, told) = state.withLock { state in
                defer { state.gone = [] }
                return (state.gone, state.table.takeDirty(atMost: 4096))
            }
            if gone.isEmpty && told.isEmpty { break }
            var lines: [UInt8] = []
            for line in gone { line.append(to: &lines) }
            for (told, client) in told { LeaseLine.told(told, client).append(to: &lines) }
            let bytes = lines
            let failure = file.withLock { file in
                Result { () throws(FileError) in try file.append(bytes) }.failure
            }
            if let failure {
                // What could not be written is in memory; the next time the whole file is made anew.
                tell("\(failure)")
                return repair()
            }
        }
        compactWhereWorthwhile()
    }

    /// After a failure: opens the file anew where that is possible by now, with all that is in memory.
    private func repair() {
        let failure = file.withLock { file in
            Result { () throws(FileError) in try rewrite(&file) }.failure
        }
        state.withLock { $0.isFileBehind = failure != nil }
        tell(failure.map { "\($0)" })
    }

    private func compactWhereWorthwhile() {
        let needed = state.withLock { $0.table.count } * 200
        let failure = file.withLock { file -> FileError? in
            guard file.size > 2 * needed + Self.slack else { return nil }
            return Result { () throws(FileError) in try rewrite(&file) }.failure
        }
        if let failure { tell("\(failure)") }
    }

    /// Writes all that is in memory to a new file, block by block, without what ended long ago.
    private func rewrite(_ file: inout LeaseFile) throws(FileError) {
        let oldest = Self.now &- Self.memory
        // All that is in memory is written here, and what comes meanwhile is marked anew.
        state.withLock { state in
            while !state.table.dirty.isEmpty { _ = state.table.takeDirty(atMost: 4096) }
            state.gone = []
        }
        var block = 0
        try file.rewrite {
            let part = state.withLock { state in
                guard block < state.table.blockCount else { return [UInt8]?.none }
                _ = state.table.remove(inBlock: block) { entry, _ in
                    entry.duration < .max && UInt64(entry.time) + UInt64(entry.duration) < UInt64(oldest)
                }
                return state.table.leases(inBlock: block, network: nil).reduce(into: []) { lines, lease in
                    LeaseLine.told(lease.told, lease.client).append(to: &lines)
                }
            }
            block += 1
            return part
        }
    }

    /// Tells of trouble once, and of its end.
    private func tell(_ trouble: String?) {
        let before = state.withLock { state in
            defer { state.trouble = trouble }
            return state.trouble
        }
        if let trouble, before != trouble {
            log.warning("the record of leases cannot be written (addresses stay as they are): \(trouble)")
        } else if trouble == nil, before != nil {
            log.info("the record of leases can be written again")
        }
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}
