import Addressing
import CLinux
import DHCPDrivers
import DHCPEngine
import KernelPlan
import LinuxKernel
import Locks
import Logging
import NetworkModel

/// One network's server: its sockets, its engines behind one lock, its DNS, its counters.
///
/// Three threads come here: the loop with packets, which takes ``traffic`` once per batch; the driver's work
/// thread with changes, one at a time; and whoever wants to read counters.
final class NetworkServer: Sendable {
    /// What all servers of a driver share; an object, so that a thousand servers have it once.
    final class Surroundings: Sendable {
        let configuration: NativeDriverConfiguration
        let log: Logger
        let deaths: AsyncStream<ResourceID>.Continuation
        let journal: LeaseJournal
        let files: LogFiles?
        let strangers: StrangerLog
        let descriptors: DescriptorStore
        /// nil where nothing is counted: they are refused, or the kernel does not let us.
        let foreignSources: ForeignSources?
        /// How fast the kernel may be asked about senders, for all networks together.
        private let lookups = Mutex(TokenBucket())

        init(
            configuration: NativeDriverConfiguration, log: Logger,
            deaths: AsyncStream<ResourceID>.Continuation, journal: LeaseJournal, files: LogFiles?,
            strangers: StrangerLog, descriptors: DescriptorStore, foreignSources: ForeignSources?
        ) {
            self.configuration = configuration
            self.log = log
            self.deaths = deaths
            self.journal = journal
            self.files = files
            self.strangers = strangers
            self.descriptors = descriptors
            self.foreignSources = foreignSources
        }

        /// Whether one more sender may be looked for: changes of ports wait in the same line.
        func mayLookUp(_ now: EngineTime) -> Bool {
            lookups.withLock { $0.take(configuration.lookups, now: now) }
        }
    }

    /// What the loop needs for a packet.
    struct Traffic: ~Copyable, Sendable {
        var v4 = DHCPv4Engine(DHCPv4Configuration())
        var v6: DHCPv6Engine?
        var counters = CounterBoard()
        var ring = OutcomeRing()
        /// Addresses whose neighbour entry the kernel refused: their clients are answered by broadcast.
        var withoutNeighbour: Set<IPv4Address> = []
        /// The index of the device.
        var device: UInt32 = 0
        /// The socket whose foreign sources the kernel counts; -1 for none.
        var watched: Int32 = -1
        /// Numbers of the requests that wait for their sender's link-layer address, oldest first.
        private var parked: [UInt64] = []
        private var parkedEver: UInt64 = 0
        /// How fast requests may begin to wait.
        var parkingBucket = TokenBucket()
        var isClosed = false

        /// Gives a request a place among at most so many that wait, and its number.
        mutating func park(atMost limit: Int) -> UInt64 {
            if parked.count >= limit { parked.removeFirst() }
            parkedEver += 1
            parked.append(parkedEver)
            return parkedEver
        }

        func isParked(_ number: UInt64) -> Bool { parked.contains(number) }

        /// Takes a request's place away; whether it still had one.
        mutating func unpark(_ number: UInt64) -> Bool {
            guard let place = parked.firstIndex(of: number) else { return false }
            parked.remove(at: place)
            return true
        }
    }

    /// What is kept of a compiled network once the engines have taken it in.
    struct Applied: Sendable {
        /// The hash of the whole, which tells whether another is the same.
        let digest: Int
        let ports: PortCompiler
        let serverAddresses: [IPPrefix]

        init(_ compiled: CompiledNetwork) {
            digest = compiled.hashValue
            ports = compiled.ports
            serverAddresses = compiled.serverAddresses
        }
    }

    /// What changes need; only the work thread touches it.
    struct Control: ~Copyable, Sendable {
        /// What the engines are set to; nil where everything must be set again.
        var applied: Applied?
        /// What each port was compiled to: what differs must be inserted again.
        var digests = PortDigests()
        var place: SocketPlace?
        var v4: ServerSocket?
        var v6: ServerSocket?
        var advertiser: RouterAdvertiser?
        var netlink: NeighbourSocket?
        /// Whether the kernel has no neighbour entries but those that there should be.
        var isSwept = false
        var dns: DNSService?
        /// The hash of what the DNS is set to.
        var dnsDigest: Int?
        var hasMarker = false
        /// Whether an earlier process has served the network, and this one not yet.
        var isInherited = false
        /// Whether its DNS is still to be opened, when no other network waits.
        var awaitsDNS = false
        /// Whether the caller sorts ports by id, as the last whole service showed.
        var sortsPorts = false
        var interface = ""
        var namespace = ""
    }

    /// What is asked for while changes may be under way.
    struct Shown: Sendable {
        var isServing = false
        /// What could not be sent to ports as they ask.
        var problems: [PortIdentity: [String]] = [:]
    }

    let network: ResourceID
    let loop: DriverLoop
    let surroundings: Surroundings
    let traffic = Mutex(Traffic())
    let control = Mutex(Control())
    let shown = Mutex(Shown())
    /// Whether a line is made of each answer.
    let isVerbose: Bool
    /// Whether the kernel marks requests that come from another Ethernet source than they name.
    let refusesForeignSources: Bool

    /// - Parameter hasMarker: Whether it is noted on disk that the network is ours to serve.
    init(_ network: ResourceID, _ loop: DriverLoop, _ surroundings: Surroundings, hasMarker: Bool = false) {
        self.network = network
        self.loop = loop
        self.surroundings = surroundings
        refusesForeignSources = surroundings.configuration.sourceMismatch == .refuse
        isVerbose = surroundings.files != nil || surroundings.log.logLevel <= .debug
        control.withLock { control in
            control.hasMarker = hasMarker
            control.isInherited = hasMarker
        }
    }

    /// What happened since the server started.
    var counters: NetworkCounters {
        traffic.withLock { traffic in
            var counters = traffic.counters.counters
            counters.foreignSources += surroundings.foreignSources?.count(traffic.watched) ?? 0
            return counters
        }
    }

    /// The latest outcomes, oldest first.
    var outcomes: [OutcomeRecord] { traffic.withLock { $0.ring.records } }

    /// What could not be sent to ports as they ask, a sentence each.
    var problems: [String] { shown.withLock { $0.problems.values.flatMap { $0 }.sorted() } }

    /// Whether sockets are open.
    var isServing: Bool { shown.withLock { $0.isServing } }

    /// The log file or, where there is none, the service's log at level debug.
    func say(_ text: String) {
        surroundings.log.debug("\(text)", metadata: ["network": "\(network)"])
        surroundings.files?.append("\(network)", text)
    }

    /// A socket cannot be read any more; on the loop's thread.
    func failed(_ socket: ServerSocket, _ number: Int32) {
        loop.events.remove(socket.descriptor.number)
        loop.work.submit { [self] in
            let wasOpen = control.withLock { control in
                guard control.v4 === socket || control.v6 === socket else { return false }
                closeSockets(&control)
                return true
            }
            guard wasOpen else { return }
            surroundings.log.warning(
                "the sockets of a network failed: \(errorText(number))", metadata: ["network": "\(network)"])
            surroundings.deaths.yield(network)
        }
    }
}

/// A socket of one network, as the loop knows it.
final class ServerSocket: EventHandler {
    enum Kind: Sendable { case v4, v6 }

    let descriptor: OwnedDescriptor
    let kind: Kind
    /// Each holds the other until the server closes its sockets.
    let server: NetworkServer

    init(_ number: Int32, _ kind: Kind, _ server: NetworkServer) {
        descriptor = OwnedDescriptor(number)
        self.kind = kind
        self.server = server
    }

    /// Has the kernel say where DHCPv4 requests are sent to, or not any more.
    func tellDestinations(_ areNeeded: Bool) {
        // An IPv4 socket that is open never refuses this.
        _ = cl_tell_destinations(descriptor.number, areNeeded ? 1 : 0)
    }

    /// What is waited for: only news, for a socket that was read empty need not be looked at again.
    static let events = EPOLLIN.rawValue | EPOLLET.rawValue

    /// The most batches in a row: other networks are waiting, too.
    private static let rounds = 8

    func ready(_ events: UInt32) {
        let batch = server.loop.batch
        for _ in 0..<Self.rounds {
            let (count, number) = batch.receive(descriptor.number)
            if number != 0 { return server.failed(self, number) }
            if count == 0 { return }
            switch kind {
            case .v4: server.answerV4(descriptor.number, count)
            case .v6: server.answerV6(self, count)
            }
            if count < DatagramBatch.capacity { return }
        }
        // What is left is no news any more.
        server.loop.events.modify(descriptor.number, events: Self.events)
    }
}
