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
        var retained: [ResourceID: (ports: Set<PortIdentity>, time: UInt32)] = [:]
        var isLoading = true
        var isScheduled = false
        /// Whether the file lacks what memory has.
        var isFileBehind = false
        /// The last trouble that was told.
        var trouble: String?
    }

    /// A file is written anew when it has so much more than twice of what is needed.
    static let slack = 1 << 20
    /// A lease that ended so long ago is dropped when the file is written anew, in seconds.
    static let memory: UInt32 = 90 * 86_400
    /// How long changes gather before they are written.
    static let pause = DispatchTimeInterval.milliseconds(500)

    let state: Mutex<State>
    let file: Mutex<LeaseFile>
    let thread: JobThread
    /// Ends the pause early.
    let hurry = DispatchSemaphore(value: 0)
    let log: Logger

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
}
