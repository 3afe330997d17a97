import CLinux
import DNSEngine
import Glibc
import LinuxKernel
import Locks

/// The TCP connections of one network: how many there may be, and how long they may be silent.
final class DNSConnections: Sendable {
    private static let tick: Duration = .milliseconds(500)

    private let service: DNSService
    private let state = Mutex(State())

    private struct State {
        var open: [Int32: DNSConnection] = [:]
        var limits = DNSLimits()
        var isTicking = false
        var isClosed = false
    }

    init(service: DNSService) { self.service = service }

    /// Takes over a connection, closing it or another one where there are too many. On the loop only.
    func open(_ descriptor: Int32, _ peer: SocketAddress, _ limits: DNSLimits) {
        let connection = DNSConnection(descriptor, peer, service: service, connections: self)
        let (isTaken, victim) = state.withLock { state -> (Bool, DNSConnection?) in
            state.limits = limits
            let ofClient = state.open.values.count { $0.peer.address == peer.address }
            if state.isClosed || ofClient >= limits.connectionsPerClient { return (false, nil) }
            var victim: DNSConnection?
            if state.open.count >= limits.connections {
                victim = state.open.values.min { $0.lastActivity < $1.lastActivity }
            }
            state.open[descriptor] = connection
            return (true, victim)
        }
        guard isTaken else {
            service.count { $0.closedConnections += 1 }
            connection.close()
            return
        }
        if let victim {
            service.count { $0.closedConnections += 1 }
            victim.close()
        }
        do {
            try service.loop.add(descriptor, events: EPOLLIN.rawValue, connection)
        } catch {
            connection.close()
            return
        }
        startTicking()
    }

    /// Forgets a connection that is about to be closed.
    func forget(_ descriptor: Int32, _ connection: DNSConnection) {
        state.withLock { state in
            if state.open[descriptor] === connection { state.open[descriptor] = nil }
        }
    }

    /// How many there are.
    var count: Int { state.withLock { $0.open.count } }

    /// Closes all.
    func close() {
        let open = state.withLock { state in
            state.isClosed = true
            defer { state.open = [:] }
            return Array(state.open.values)
        }
        for connection in open { connection.close() }
    }

    private func startTicking() {
        let starts = state.withLock { state in
            defer { state.isTicking = true }
            return !state.isTicking
        }
        if starts { schedule() }
    }

    private func schedule() {
        service.loop.schedule(after: Self.tick) { [weak self] in self?.closeSilent() }
    }

    private func closeSilent() {
        let now = monotonicNanoseconds()
        let (late, goesOn) = state.withLock { state in
            let patience = state.limits.idleTimeout.nanoseconds
            let late = state.open.values.filter { $0.lastActivity + patience < now }
            state.isTicking = !state.open.isEmpty
            return (late, state.isTicking)
        }
        if !late.isEmpty { service.count { $0.closedConnections += UInt64(late.count) } }
        for connection in late { connection.close() }
        if goesOn { schedule() }
    }
}

extension Duration {
    /// Whole nanoseconds, 0 for what is negative.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        return UInt64(max(0, seconds)) * 1_000_000_000 + UInt64(max(0, attoseconds)) / 1_000_000_000
    }
}
