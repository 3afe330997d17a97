import Addressing
import CLinux
import Glibc
public import KernelPlan
import Locks

/// The kernel of this host, spoken to over netlink (design decision 4).
///
/// One writer: calls from several threads wait for each other. All calls block, most for less than a
/// millisecond; make them from a thread of your own. It works in the namespace in which its
/// ``NamespaceThread`` was made, and needs what ``PrivilegeCheck`` looks for.
public final class LinuxKernel: Kernel {
    let thread: NamespaceThread
    let reaper: Reaper
    let state: Mutex<KernelState>

    /// Opens the conversation with the kernel.
    ///
    /// - Parameters:
    ///   - thread: The thread that enters namespaces.
    ///   - cachedNamespaces: How many namespaces are kept open for fast audits, each with four
    ///     descriptors; nil takes what a quarter of the process's descriptors allow, at most 4,096: those who serve
    ///     need as many for each network. With more namespaces than that an audit of one takes three times as long.
    public init(thread: NamespaceThread, cachedNamespaces: Int? = nil) throws {
        self.thread = thread
        reaper = try Reaper()
        state = Mutex(
            try KernelState(
                root: NetlinkSocket(descriptor: try thread.enter(nil, NetlinkSocket.open)), thread: thread,
                cache: NamespaceCache(capacity: cachedNamespaces ?? Self.affordableNamespaces())))
    }

    /// How many doors a quarter of the process's descriptors pay for.
    private static func affordableNamespaces() -> Int {
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 { return 64 }
        return Int(min(limit.rlim_cur / 16, 4096))
    }

    // MARK: Kernel

    public func observe(_ wiring: NetworkWiring) throws(KernelError) -> ObservedWiring {
        reaper.settle([wiring.bridge])
        return try state.withLock { state throws(KernelError) in try state.observe(wiring, in: nil) }
    }

    /// Lists the devices of the root namespace once for all.
    public func observeAll(_ wirings: [NetworkWiring]) -> [Result<ObservedWiring, KernelError>] {
        var results: [Result<ObservedWiring, KernelError>] = []
        results.reserveCapacity(wirings.count)
        observeAll(wirings, withSettings: true) { _, result in results.append(result) }
        return results
    }

    /// Lists the devices of the root namespace once for all where that is less work than to ask for those
    /// of each wiring, and opens many namespaces in one visit.
    ///
    /// `each` must not call the kernel.
    public func observeAll(
        _ wirings: [NetworkWiring], withSettings: Bool,
        each: (Int, Result<ObservedWiring, KernelError>) -> Void
    ) {
        reaper.settle(wirings.map(\.bridge))
        state.withLock { state in
            // While one round is looked at the next one is opened; both must fit.
            let round = max(1, min(Self.visit, state.cache.limit / 2))
            var opening = state.beginOpening(
                wirings.prefix(round).lazy.map(\.namespace), withSettings: withSettings)
            let snapshot = Result { () throws(KernelError) in try state.snapshot(for: wirings.count) }
            for (place, wiring) in wirings.enumerated() {
                if place % round == 0 {
                    state.finish(opening)
                    opening = state.beginOpening(
                        wirings[place...].dropFirst(round).prefix(round).lazy.map(\.namespace),
                        withSettings: withSettings)
                }
                each(
                    place,
                    Result { () throws(KernelError) in
                        try state.observe(wiring, in: try snapshot.get(), withSettings: withSettings)
                    })
            }
        }
    }

    /// How many namespaces are opened in one visit at most.
    private static let visit = 32

    public func apply(_ step: WiringStep) throws(KernelError) {
        switch step.action {
        case .deleteBridge(let name): reaper.deleteLater(name)
        case .createBridge(let name):
            reaper.settle([name])
            try state.withLock { state throws(KernelError) in try state.apply(step.action) }
        default: try state.withLock { state throws(KernelError) in try state.apply(step.action) }
        }
    }

    public func namespaceNames() throws(KernelError) -> [String] {
        do throws(FileError) {
            return try directoryEntries(path: NamespaceThread.directory)
        } catch {
            if error.errno == ENOENT { return [] }
            throw KernelError("list", NamespaceThread.directory, error.errno)
        }
    }

    // MARK: The reaper

    /// Deletes a device of the root namespace in the background.
    public func deleteLater(_ name: String) { reaper.deleteLater(name) }

    /// Waits until all background deletions are done, and returns those that failed since last time.
    public func flushReaper() -> [KernelError] { reaper.flush() }
}

/// The devices of the root namespace at one moment, for many lookups.
struct RootSnapshot {
    let byName: [String: ParsedLink]
    let ports: [Int32: [Link]]

    init(_ links: [ParsedLink]) {
        byName = Dictionary(links.map { ($0.link.name, $0) }) { first, _ in first }
        ports = Dictionary(grouping: links.map(\.link).filter { $0.master != nil }) { $0.master ?? 0 }
    }
}
