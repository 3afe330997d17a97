import Addressing
import CLinux
import DNSEngine
import Glibc
import KernelPlan
import LinuxKernel
import Locks

/// One network's DNS: its sockets in the namespace, the names of its ports, queries under way.
///
/// While nobody asks it holds two descriptors for each address and no buffers. The loop keeps it alive
/// until ``close()``.
final class DNSService: Sendable {
    let loop: EventLoop
    private let namespaces: NamespaceThread
    /// The namespace's name; nil for the root namespace.
    private let namespace: String?
    private let state: Mutex<State>

    private struct State {
        var engine: DNSEngine
        var upstream: DNSServiceConfiguration.Upstream
        var limits: DNSLimits
        var sockets: [ServedAddress] = []
        var counters = DNSCounters()
        /// From the first forwarded query on.
        var forwarder: DNSForwarder?
        /// From the first TCP connection on.
        var connections: DNSConnections?
        var isClosed = false
    }

    /// The sockets of one address.
    private struct ServedAddress {
        let address: IPAddress
        let datagram: DNSDatagramSocket
        let listener: DNSListener
    }

    init(
        loop: EventLoop, namespaces: NamespaceThread, namespace: String?,
        configuration: DNSServiceConfiguration
    ) {
        self.loop = loop
        self.namespaces = namespaces
        self.namespace = namespace
        state = Mutex(
            State(
                engine: DNSEngine(configuration.engine), upstream: configuration.upstream,
                limits: configuration.limits))
    }

    /// Changes what is served; names of ports stay.
    func configure(_ configuration: DNSServiceConfiguration) {
        let forwarder = state.withLock { state in
            state.engine.configure(configuration.engine)
            state.limits = configuration.limits
            state.upstream = configuration.upstream
            return state.forwarder
        }
        forwarder?.configure(configuration.limits)
    }

    /// Replaces the names of a port.
    func insert(_ hosts: [DNSHost], of port: UInt128) { state.withLock { $0.engine.insert(hosts, of: port) } }

    /// Forgets the names of a port.
    func remove(port: UInt128) { state.withLock { $0.engine.remove(port: port) } }

    /// What happened so far.
    var counters: DNSCounters { state.withLock { $0.counters } }

    /// The addresses that are served.
    var addresses: [IPAddress] { state.withLock { $0.sockets.map(\.address) } }

    /// Takes over sockets and serves them beside those that it has.
    ///
    /// Throws a `KernelError` where the loop cannot take one; then all that were given are closed.
    func serve(_ opened: [DNSSockets]) throws {
        var rest = opened[...]
        do {
            while let sockets = rest.first {
                let served = ServedAddress(
                    address: sockets.address,
                    datagram: DNSDatagramSocket(sockets.datagram, service: self),
                    listener: DNSListener(sockets.stream, service: self))
                rest.removeFirst()
                let isOpen = state.withLock { state in
                    if !state.isClosed { state.sockets.append(served) }
                    return !state.isClosed
                }
                guard isOpen else {
                    served.datagram.close()
                    served.listener.close()
                    continue
                }
                try loop.add(sockets.datagram, events: EPOLLIN.rawValue, served.datagram)
                try loop.add(sockets.stream, events: EPOLLIN.rawValue, served.listener)
            }
        } catch {
            for sockets in rest { sockets.close() }
            stopServing(opened.map(\.address))
            throw error
        }
    }

    /// Serves these addresses no more. Not from inside a handler of theirs.
    func stopServing(_ addresses: [IPAddress]) {
        let stopped = state.withLock { state in
            let stopped = state.sockets.filter { addresses.contains($0.address) }
            state.sockets.removeAll { addresses.contains($0.address) }
            return stopped
        }
        for served in stopped {
            served.datagram.close()
            served.listener.close()
        }
    }

    /// Closes everything; queries under way are not answered. Call it once, from outside of the loop or from
    /// a timer of it.
    func close() {
        let (sockets, forwarder, connections) = state.withLock { state in
            state.isClosed = true
            defer {
                state.sockets = []
                state.forwarder = nil
                state.connections = nil
            }
            return (state.sockets, state.forwarder, state.connections)
        }
        for served in sockets {
            served.datagram.close()
            served.listener.close()
        }
        connections?.close()
        forwarder?.close()
    }

    // MARK: For the sockets

    /// Changes the counters.
    func count(_ change: (inout DNSCounters) -> Void) { state.withLock { change(&$0.counters) } }

    /// What was done with a query.
    enum Result {
        /// The answer of that length is in the buffer.
        case answered(Int)
        /// The client hears of it later; always, unless everything is closed.
        case forwarded
        case dropped
    }

    /// Answers a query into the buffer, or has others answer it.
    func answer(
        _ query: UnsafeRawBufferPointer, from client: DNSClient, into buffer: UnsafeMutableRawBufferPointer
    ) -> Result {
        let source = client.endpoint.address
        let (outcome, length) = state.withLock { state -> (DNSOutcome, Int) in
            var output = OutputRawSpan(buffer: buffer, initializedCount: 0)
            let outcome = state.engine.answer(
                query.bytes, from: source, transport: client.transport, into: &output)
            switch outcome {
            case .answered(let code): state.counters.answered[code, default: 0] += 1
            case .forward: state.counters.forwarded += 1
            case .dropped(let reason): state.counters.dropped[reason, default: 0] += 1
            }
            return (outcome, output.finalize(for: buffer))
        }
        switch outcome {
        case .answered: return .answered(length)
        case .dropped: return .dropped
        case .forward(let query):
            forward(query, for: client)
            return .forwarded
        }
    }

    /// Whether an address may ask.
    func mayAsk(_ address: IPAddress) -> Bool {
        state.withLock { state in
            let mayAsk = state.engine.configuration.subnets.contains { $0.contains(address) }
            if !mayAsk { state.counters.dropped[.foreignSource, default: 0] += 1 }
            return mayAsk
        }
    }

    /// The network's TCP connections; nil when closed.
    func connections() -> (DNSConnections, DNSLimits)? {
        state.withLock { state in
            if state.isClosed { return nil }
            let connections = state.connections ?? DNSConnections(service: self)
            state.connections = connections
            return (connections, state.limits)
        }
    }

    private func forward(_ query: DNSForwardedQuery, for client: DNSClient) {
        let work = state.withLock { state -> (DNSForwarder, DNSServiceConfiguration.Upstream, [IPAddress])? in
            if state.isClosed { return nil }
            let forwarder =
                state.forwarder
                ?? DNSForwarder(
                    service: self, namespaces: namespaces, namespace: namespace, limits: state.limits)
            state.forwarder = forwarder
            return (forwarder, state.upstream, state.sockets.map(\.address))
        }
        guard let (forwarder, upstream, own) = work else { return }
        let servers: [DNSServerAddress]
        switch upstream {
        case .none: servers = []
        case .servers(let given): servers = given
        case .hostResolvers: servers = HostResolvers.shared.current()
        }
        // Never ask ourselves.
        let others = servers.filter { $0.endpoint.port != 53 || !own.contains($0.endpoint.address) }
        forwarder.forward(query, to: others.map(\.endpoint), for: client)
    }
}

/// Who asked, and so where the answer goes.
enum DNSClient: Sendable {
    case datagram(DNSDatagramSocket, SocketAddress)
    case stream(DNSConnection)

    var endpoint: SocketAddress {
        switch self {
        case .datagram(_, let endpoint): endpoint
        case .stream(let connection): connection.peer
        }
    }

    var transport: DNSTransport {
        if case .stream = self { .tcp } else { .udp }
    }

    /// Sends the answer to a query that was forwarded; an empty one says that there is none.
    func deliver(_ answer: UnsafeRawBufferPointer) {
        switch self {
        case .datagram(let socket, let endpoint): if !answer.isEmpty { socket.send(answer, to: endpoint) }
        case .stream(let connection): connection.deliver(answer)
        }
    }
}
