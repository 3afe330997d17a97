import Addressing
import CLinux
import DNSEngine
import Glibc
import LinuxKernel

/// The table of a network's forwarded queries and its sockets; every step returns what is to be done about
/// the loop and the clients.
struct DNSForwarderState: Sendable {
    /// What a step calls for, in this order.
    enum Action: Sendable {
        case watch(Int32, exchange: UInt64, events: UInt32)
        case rewatch(Int32, events: UInt32)
        /// Watch it no more.
        case forget(Int32)
        /// It is free for another query.
        case recycle(Int32, IPVersion)
        case close(Int32)
        case open(IPVersion, isStream: Bool, count: Int)
        /// nil: no server answered.
        case deliver(DNSExchange, answer: [UInt8]?)
        case count(@Sendable (inout DNSCounters) -> Void)
        case tick
    }

    /// How many messages may answer something else before the query goes out anew with other numbers.
    private static let foreignLimit = 16
    private static let socketsAtATime = 8

    var limits: DNSLimits
    /// By number, in the order in which they came.
    var exchanges: [UInt64: DNSExchange] = [:]
    /// Whether deadlines are looked after; what is idle is looked at more seldom.
    var isTicking = false
    /// The number of the timer that counts.
    var timer: UInt64 = 0
    var isClosed = false
    var lastUse: UInt64 = 0
    private var next: UInt64 = 0
    /// Disconnected UDP sockets.
    private var idle: [IPVersion: [Int32]] = [:]
    private var isOpening: Set<IPVersion> = []
    /// Who answered last.
    private var preferred: SocketAddress?
    private var random = SystemRandomNumberGenerator()

    init(limits: DNSLimits) { self.limits = limits }

    // MARK: Steps

    /// Takes a query in, at the cost of an older one where there are too many.
    mutating func begin(_ exchange: DNSExchange, now: UInt64) -> [Action] {
        if isClosed { return [] }
        var exchange = exchange
        var actions: [Action] = []
        guard !exchange.servers.isEmpty else { return [.deliver(exchange, answer: nil)] }
        if let preferred, let place = exchange.servers.firstIndex(of: preferred) {
            exchange.servers = Array(exchange.servers[place...] + exchange.servers[..<place])
        }
        let client = exchange.client.endpoint.address
        let ofClient = exchanges.filter { $0.value.client.endpoint.address == client }.map(\.key)
        if ofClient.count >= limits.forwardsPerClient, let oldest = ofClient.min() {
            actions += finish(oldest, answer: nil)
        } else if exchanges.count >= limits.forwards, let oldest = exchanges.keys.min() {
            actions += finish(oldest, answer: nil)
        }
        next += 1
        lastUse = now
        exchanges[next] = exchange
        actions += ask(next, now)
        if !isTicking {
            isTicking = true
            actions.append(.tick)
        }
        return actions
    }

    /// Something is to be read from, or can be written to, the socket of a query.
    mutating func ready(_ number: UInt64, now: UInt64) -> [Action] {
        guard let exchange = exchanges[number] else { return [] }
        switch exchange.stage {
        case .socket: return []
        case .datagram(let descriptor): return receive(number, descriptor, now)
        case .connection(let descriptor): return send(number, descriptor, now)
        case .stream(let descriptor): return read(number, descriptor, now)
        }
    }

    /// Sockets were opened, or none could be.
    mutating func opened(_ descriptors: [Int32], _ version: IPVersion, isStream: Bool, now: UInt64)
        -> [Action]
    {
        if !isStream { isOpening.remove(version) }
        if isClosed { return descriptors.map { .close($0) } }
        let waiting = exchanges.filter { $0.value.stage == .socket(version, isStream: isStream) }.map(\.key)
        var actions: [Action] = []
        if descriptors.isEmpty {
            // A stream is opened for one query: the one that waited longest.
            for number in isStream ? Array(waiting.sorted().prefix(1)) : waiting {
                actions += failAttempt(number, now: now)
            }
        } else if isStream {
            for (index, descriptor) in descriptors.enumerated() {
                if let number = waiting.sorted().dropFirst(index).first {
                    actions += connect(number, descriptor, now)
                } else {
                    actions.append(.close(descriptor))
                }
            }
        } else {
            idle[version, default: []] += descriptors
            for number in waiting.sorted() { actions += ask(number, now) }
        }
        return actions
    }

    /// Asks the next server where one has not answered in time.
    mutating func expire(now: UInt64) -> [Action] {
        var actions: [Action] = []
        for (number, exchange) in exchanges.sorted(by: { $0.key < $1.key }) where exchange.deadline <= now {
            let hasAsked = exchange.descriptor != nil
            actions += hasAsked ? failAttempt(number, now: now) : finish(number, answer: nil)
        }
        return actions
    }

    /// The server did not answer: asks the next one, or gives up.
    mutating func failAttempt(_ number: UInt64, now: UInt64) -> [Action] {
        guard var exchange = exchanges[number] else { return [] }
        if exchange.server == preferred { preferred = nil }
        var actions = release(&exchange)
        exchange.attempts += 1
        exchange.foreign = 0
        exchange.input = []
        exchanges[number] = exchange
        let isLast = exchange.attempts >= max(limits.attempts, exchange.servers.count)
        actions += isLast ? finish(number, answer: nil) : ask(number, now)
        return actions
    }

    /// Closes the sockets that nobody uses.
    mutating func closeIdle() {
        for descriptors in idle.values { for descriptor in descriptors { Glibc.close(descriptor) } }
        idle = [:]
    }

    /// Closes everything, on the loop.
    mutating func close(loop: EventLoop) {
        isClosed = true
        for exchange in exchanges.values {
            guard let descriptor = exchange.descriptor else { continue }
            loop.remove(descriptor)
            Glibc.close(descriptor)
        }
        exchanges = [:]
        closeIdle()
    }

    /// Makes a used UDP socket forget its server and its port, and keeps it; closes one in which still more
    /// waits than it is worth.
    mutating func recycle(_ descriptor: Int32, _ version: IPVersion) {
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNSPEC)
        var isEmpty = Glibc.connect(descriptor, &address, socklen_t(MemoryLayout<sockaddr>.size)) == 0
        if isEmpty {
            isEmpty = false
            for _ in 0..<64 where !isEmpty { isEmpty = recv(descriptor, nil, 0, 0) < 0 && errno == EAGAIN }
        }
        if isEmpty && !isClosed {
            idle[version, default: []].append(descriptor)
        } else {
            Glibc.close(descriptor)
        }
    }

    // MARK: UDP

    /// Sends the query to its server from a random port with a random id, once there is a socket.
    private mutating func ask(_ number: UInt64, _ now: UInt64) -> [Action] {
        guard var exchange = exchanges[number] else { return [] }
        let version = exchange.server.address.version
        exchange.deadline = now + limits.serverTimeout.nanoseconds
        guard let descriptor = idle[version, default: []].popLast() else {
            // Not the server's fault.
            exchange.deadline = now + limits.socketTimeout.nanoseconds
            exchange.stage = .socket(version, isStream: false)
            exchanges[number] = exchange
            if !isOpening.insert(version).inserted { return [] }
            return [.open(version, isStream: false, count: Self.socketsAtATime)]
        }
        exchange.stage = .datagram(descriptor)
        exchange.id = random.next()
        exchanges[number] = exchange
        let message = exchange.query.serialized(id: exchange.id)
        let isSent =
            exchange.server.withPointer { Glibc.connect(descriptor, $0, $1) } == 0
            && message.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            } == message.count
        let watch = Action.watch(descriptor, exchange: number, events: EPOLLIN.rawValue)
        return isSent ? [watch] : failAttempt(number, now: now)
    }

    private mutating func receive(_ number: UInt64, _ descriptor: Int32, _ now: UInt64) -> [Action] {
        withUnsafeTemporaryAllocation(byteCount: Int(UInt16.max), alignment: 8) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count < 0 { return errno == EAGAIN || errno == EINTR ? [] : failAttempt(number, now: now) }
            return take(number, UnsafeRawBufferPointer(rebasing: buffer[..<count]), now)
        }
    }

    /// Judges a message from the server.
    private mutating func take(_ number: UInt64, _ message: UnsafeRawBufferPointer, _ now: UInt64) -> [Action]
    {
        guard var exchange = exchanges[number] else { return [] }
        let isStream = exchange.isStream
        switch exchange.query.judge(message.bytes, id: exchange.id) {
        case .answer: break
        case .truncated where isStream: break
        case .truncated: return startStream(number, now)
        case .foreign:
            exchange.foreign += 1
            exchanges[number] = exchange
            let count = Action.count { $0.foreignAnswers += 1 }
            // By TCP nothing else can follow.
            let isHopeless = isStream || exchange.foreign > Self.foreignLimit
            return isHopeless ? [count] + failAttempt(number, now: now) : [count]
        case .failure:
            exchange.refusals += 1
            exchanges[number] = exchange
            if exchange.refusals < exchange.servers.count { return failAttempt(number, now: now) }
            // Nobody knows better. A bare header is no answer that clients would understand.
            return finish(number, answer: message.count > 12 ? Array(message) : nil)
        }
        preferred = exchange.server
        return finish(number, answer: Array(message))
    }

    // MARK: TCP

    /// Asks the same server again by TCP.
    private mutating func startStream(_ number: UInt64, _ now: UInt64) -> [Action] {
        guard var exchange = exchanges[number] else { return [] }
        var actions = release(&exchange)
        guard exchanges.values.count(where: \.isStream) < limits.streams else {
            exchanges[number] = exchange
            return actions + finish(number, answer: nil)
        }
        let version = exchange.server.address.version
        exchange.stage = .socket(version, isStream: true)
        exchange.deadline = now + limits.socketTimeout.nanoseconds
        exchanges[number] = exchange
        actions.append(.open(version, isStream: true, count: 1))
        return actions
    }

    private mutating func connect(_ number: UInt64, _ descriptor: Int32, _ now: UInt64) -> [Action] {
        guard var exchange = exchanges[number] else { return [.close(descriptor)] }
        exchange.stage = .connection(descriptor)
        exchange.deadline = now + 2 * limits.serverTimeout.nanoseconds
        exchanges[number] = exchange
        let result = exchange.server.withPointer { Glibc.connect(descriptor, $0, $1) }
        if result != 0 && errno != EINPROGRESS { return failAttempt(number, now: now) }
        return [.watch(descriptor, exchange: number, events: EPOLLOUT.rawValue)]
    }

    /// The connection stands, or could not be had: sending tells.
    private mutating func send(_ number: UInt64, _ descriptor: Int32, _ now: UInt64) -> [Action] {
        guard var exchange = exchanges[number] else { return [] }
        exchange.id = random.next()
        exchange.stage = .stream(descriptor)
        exchanges[number] = exchange
        let query = exchange.query.serialized(id: exchange.id)
        let message = [UInt8(query.count >> 8), UInt8(query.count & 0xFF)] + query
        let count = message.withUnsafeBytes {
            Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        // A few hundred bytes fit into any new connection's buffer.
        if count != message.count { return failAttempt(number, now: now) }
        return [.rewatch(descriptor, events: EPOLLIN.rawValue)]
    }

    private mutating func read(_ number: UInt64, _ descriptor: Int32, _ now: UInt64) -> [Action] {
        withUnsafeTemporaryAllocation(byteCount: 2 + Int(UInt16.max), alignment: 8) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count < 0 && (errno == EAGAIN || errno == EINTR) { return [] }
            guard count > 0, var exchange = exchanges[number] else { return failAttempt(number, now: now) }
            exchange.input.append(contentsOf: buffer[..<count])
            exchanges[number] = exchange
            let input = exchange.input
            guard input.count >= 2 else { return [] }
            let length = Int(input[0]) << 8 | Int(input[1])
            if input.count < 2 + length { return [] }
            return input[2..<2 + length].withUnsafeBytes { take(number, $0, now) }
        }
    }

    // MARK: Ends

    /// Takes the query out and has its client told.
    private mutating func finish(_ number: UInt64, answer: [UInt8]?) -> [Action] {
        guard var exchange = exchanges.removeValue(forKey: number) else { return [] }
        return release(&exchange) + [.deliver(exchange, answer: answer)]
    }

    /// Lets go of the query's socket.
    private func release(_ exchange: inout DNSExchange) -> [Action] {
        let stage = exchange.stage
        let version = exchange.server.address.version
        exchange.stage = .socket(version, isStream: false)
        switch stage {
        case .socket: return []
        case .datagram(let descriptor): return [.forget(descriptor), .recycle(descriptor, version)]
        case .connection(let descriptor), .stream(let descriptor):
            return [.forget(descriptor), .close(descriptor)]
        }
    }
}
