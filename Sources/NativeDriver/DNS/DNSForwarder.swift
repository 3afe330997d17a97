import Addressing
import DNSEngine
import Glibc
import LinuxKernel
import Locks

/// One network's queries to other servers: each with an id of its own from a port of its own, both random.
///
/// Sockets belong to the network's namespace; the namespace thread opens them eight at a time, and they are
/// used again after having been disconnected, which gives them a new port. Everything happens on the loop.
final class DNSForwarder: Sendable {
    /// Who takes answers out of sockets: one for each socket in use.
    private final class Receiver: EventHandler {
        private let forwarder: DNSForwarder
        private let exchange: UInt64

        init(_ forwarder: DNSForwarder, _ exchange: UInt64) {
            self.forwarder = forwarder
            self.exchange = exchange
        }

        func ready(_ events: UInt32) { forwarder.ready(exchange) }
    }

    private static let tick: Duration = .milliseconds(100)
    private static let idleTick: Duration = .seconds(5)
    /// How long sockets are kept when nobody asks.
    private static let keep: UInt64 = 30_000_000_000

    private let service: DNSService
    private let namespaces: NamespaceThread
    private let namespace: String?
    private let state: Mutex<DNSForwarderState>

    init(service: DNSService, namespaces: NamespaceThread, namespace: String?, limits: DNSLimits) {
        self.service = service
        self.namespaces = namespaces
        self.namespace = namespace
        state = Mutex(DNSForwarderState(limits: limits))
    }

    /// Changes the limits for what comes.
    func configure(_ limits: DNSLimits) { state.withLock { $0.limits = limits } }

    /// How many queries wait for an answer.
    var count: Int { state.withLock { $0.exchanges.count } }

    /// Asks these servers, one after the other; the client hears in any case, and not before this returns.
    func forward(_ query: DNSForwardedQuery, to servers: [SocketAddress], for client: DNSClient) {
        perform { $0.begin(DNSExchange(query, client, servers), now: monotonicNanoseconds()) }
    }

    /// Closes everything; nobody hears of what was under way.
    func close() {
        // Sockets are touched on the loop only.
        service.loop.schedule(after: .zero) { self.state.withLock { $0.close(loop: self.service.loop) } }
    }

    private func ready(_ exchange: UInt64) {
        perform { $0.ready(exchange, now: monotonicNanoseconds()) }
    }

    /// Runs a step and does what it calls for.
    private func perform(_ step: (inout DNSForwarderState) -> [DNSForwarderState.Action]) {
        var actions = state.withLock { step(&$0) }
        while !actions.isEmpty {
            var next: [DNSForwarderState.Action] = []
            for action in actions {
                switch action {
                case .watch(let descriptor, let exchange, let events):
                    do {
                        try service.loop.add(descriptor, events: events, Receiver(self, exchange))
                    } catch {
                        next += state.withLock { $0.failAttempt(exchange, now: monotonicNanoseconds()) }
                    }
                case .rewatch(let descriptor, let events): service.loop.modify(descriptor, events: events)
                case .forget(let descriptor): service.loop.remove(descriptor)
                case .recycle(let descriptor, let version):
                    state.withLock { $0.recycle(descriptor, version) }
                case .close(let descriptor): Glibc.close(descriptor)
                case .open(let version, let isStream, let count):
                    open(version, isStream: isStream, count: count)
                case .deliver(let exchange, let answer): deliver(exchange, answer)
                case .count(let change): service.count(change)
                case .tick: tick(Self.tick)
                }
            }
            actions = next
        }
    }

    /// Passes an answer back, or says that there is none; later, for the client may have called us.
    private func deliver(_ exchange: DNSExchange, _ answer: [UInt8]?) {
        service.count { counters in
            if answer == nil { counters.failed += 1 } else { counters.relayed += 1 }
        }
        service.loop.schedule(after: .zero) {
            let capacity = max(4096, (answer?.count ?? 0) + 16)
            withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { room in
                var output = OutputRawSpan(buffer: room, initializedCount: 0)
                if let answer {
                    _ = exchange.query.write(answer.span.bytes, into: &output)
                } else {
                    _ = exchange.query.writeFailure(into: &output)
                }
                let count = output.finalize(for: room)
                exchange.client.deliver(UnsafeRawBufferPointer(rebasing: room[..<count]))
            }
        }
    }

    /// Has the namespace thread open sockets.
    private func open(_ version: IPVersion, isStream: Bool, count: Int) {
        let (namespaces, namespace, loop) = (namespaces, namespace, service.loop)
        // Unstructured: the loop cannot wait for the namespace thread, and what comes of it goes back to the
        // loop, which closes the sockets where nobody wants them any more. It ends with one visit.
        Task {
            let opened = try? await namespaces.run(in: namespace) {
                try DNSSockets.openUpstream(version, isStream ? SOCK_STREAM : SOCK_DGRAM, count: count)
            }
            loop.schedule(after: .zero) {
                self.perform {
                    $0.opened(opened ?? [], version, isStream: isStream, now: monotonicNanoseconds())
                }
            }
        }
    }

    /// Looks after deadlines for as long as anything is open; a later call takes over from an earlier one.
    private func tick(_ delay: Duration) {
        let timer = state.withLock { state in
            state.timer += 1
            return state.timer
        }
        service.loop.schedule(after: delay) { [weak self] in
            guard let self, self.state.withLock({ $0.timer == timer }) else { return }
            let now = monotonicNanoseconds()
            self.perform { $0.expire(now: now) }
            let next: Duration? = self.state.withLock { state in
                state.isTicking = !state.exchanges.isEmpty
                if state.isTicking { return Self.tick }
                if state.lastUse + Self.keep > now && !state.isClosed { return Self.idleTick }
                state.closeIdle()
                return nil
            }
            if let next { self.tick(next) }
        }
    }
}
