import CLinux
import DNSEngine
import Glibc
import LinuxKernel
import Locks

/// One client's TCP connection: queries with two bytes of length before each, answers likewise, several at
/// a time and in any order (RFC 7766).
final class DNSConnection: EventHandler {
    /// The longest query, as by UDP.
    private static let longestQuery = 4096
    /// No more queries are looked at while so many bytes of answers wait.
    private static let outputLimit = 65_536
    /// No more queries are looked at while so many wait for other servers.
    private static let forwardLimit = 8
    private static let longestAnswer = 65_535

    let peer: SocketAddress
    private let service: DNSService
    private let connections: DNSConnections
    private let state: Mutex<State>

    private struct State {
        /// -1 when closed.
        var descriptor: Int32
        var isClosing = false
        /// What was read and is not answered.
        var input: [UInt8] = []
        /// What was answered and is not written.
        var output: [UInt8] = []
        /// Queries that wait for other servers.
        var forwarded = 0
        /// The client will send no more.
        var hasEnded = false
        /// What the loop watches for.
        var interest = EPOLLIN.rawValue
        /// When the last whole query was read or the last byte of an answer written: bytes one by one keep
        /// no connection open.
        var lastActivity = monotonicNanoseconds()

        var mayRead: Bool {
            !hasEnded && output.count < DNSConnection.outputLimit && forwarded < DNSConnection.forwardLimit
        }
    }

    /// Takes over the descriptor.
    init(_ descriptor: Int32, _ peer: SocketAddress, service: DNSService, connections: DNSConnections) {
        self.peer = peer
        self.service = service
        self.connections = connections
        state = Mutex(State(descriptor: descriptor))
    }

    deinit { state.withLock { if $0.descriptor >= 0 { Glibc.close($0.descriptor) } } }

    var lastActivity: UInt64 { state.withLock { $0.lastActivity } }

    func close() {
        // Only the first caller: the number may soon mean something else.
        let number = state.withLock { state in
            defer { state.isClosing = true }
            return state.isClosing ? -1 : state.descriptor
        }
        if number < 0 { return }
        connections.forget(number, self)
        service.loop.remove(number)
        state.withLock { state in
            if state.descriptor >= 0 { Glibc.close(state.descriptor) }
            state.descriptor = -1
            state.input = []
            state.output = []
        }
    }

    func ready(_ events: UInt32) {
        if events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0 { return close() }
        if events & EPOLLIN.rawValue != 0, !read() { return close() }
        goOn()
    }

    /// Takes the answer to a query that was forwarded; an empty one says that there is none.
    func deliver(_ answer: UnsafeRawBufferPointer) {
        let isOpen = state.withLock { state in
            state.forwarded -= 1
            if state.descriptor >= 0 && !answer.isEmpty { state.output.append(framed: answer) }
            return state.descriptor >= 0
        }
        if isOpen { goOn() } else { service.count { $0.dropped[.clientGone, default: 0] += 1 } }
    }

    /// Reads once; false where the connection is broken.
    private func read() -> Bool {
        state.withLock { state in
            let room = 2 + Self.longestQuery - state.input.count
            if room <= 0 || state.hasEnded { return true }
            return withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { buffer in
                let count = recv(state.descriptor, buffer.baseAddress, buffer.count, 0)
                if count < 0 { return errno == EAGAIN || errno == EINTR }
                if count == 0 { state.hasEnded = true }
                state.input.append(contentsOf: buffer[..<count])
                return true
            }
        }
    }

    /// Answers what was read, writes what was answered, and says what to wait for.
    private func goOn() {
        // Writing makes room for more answers.
        repeat {
            guard answerQueries(), write() else { return close() }
        } while hasMoreToAnswer
        let isDone = state.withLock { state in
            if state.descriptor < 0 { return false }
            if state.hasEnded && state.output.isEmpty && state.forwarded == 0 { return true }
            var interest: UInt32 = 0
            if state.mayRead && state.input.count < 2 + Self.longestQuery { interest |= EPOLLIN.rawValue }
            if !state.output.isEmpty { interest |= EPOLLOUT.rawValue }
            if interest != state.interest {
                state.interest = interest
                service.loop.modify(state.descriptor, events: interest)
            }
            return false
        }
        if isDone { close() }
    }

    private var hasMoreToAnswer: Bool {
        state.withLock { state in
            state.descriptor >= 0 && state.output.isEmpty && state.forwarded < Self.forwardLimit
                && state.input.completeMessage != nil
        }
    }

    /// Answers whole queries as long as there is room; false where a query is too long.
    private func answerQueries() -> Bool {
        while true {
            let (query, isTooLong) = state.withLock { state -> ([UInt8]?, Bool) in
                guard state.descriptor >= 0, state.output.count < Self.outputLimit,
                    state.forwarded < Self.forwardLimit
                else { return (nil, false) }
                if let length = state.input.messageLength, length > Self.longestQuery { return (nil, true) }
                guard let message = state.input.completeMessage else { return (nil, false) }
                let query = Array(state.input[message])
                state.input.removeFirst(message.upperBound)
                state.lastActivity = monotonicNanoseconds()
                // Counted before it is asked: the answer may come at once.
                state.forwarded += 1
                return (query, false)
            }
            if isTooLong {
                service.count { $0.dropped[.tooLong, default: 0] += 1 }
                return false
            }
            guard let query else { return true }
            if !answer(query) { return false }
        }
    }

    /// Answers one query; false where it is none, which ends the connection.
    private func answer(_ query: [UInt8]) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Self.longestAnswer, alignment: 8) { room in
            let result = query.withUnsafeBytes { service.answer($0, from: .stream(self), into: room) }
            switch result {
            case .answered(let length):
                state.withLock { state in
                    state.forwarded -= 1
                    state.output.append(framed: UnsafeRawBufferPointer(rebasing: room[..<length]))
                }
                return true
            case .forwarded: return true
            case .dropped:
                state.withLock { $0.forwarded -= 1 }
                return false
            }
        }
    }

    /// Writes what it can; false where the connection is broken.
    private func write() -> Bool {
        state.withLock { state in
            if state.descriptor < 0 || state.output.isEmpty { return true }
            let count = state.output.withUnsafeBytes {
                send(state.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            state.output.removeFirst(count)
            if state.output.isEmpty {
                // Idle connections hold no buffers.
                state.output = []
                state.lastActivity = monotonicNanoseconds()
            }
            if state.input.isEmpty { state.input = [] }
            return true
        }
    }
}

extension [UInt8] {
    /// What the two bytes at the start say; nil where they are not there yet.
    fileprivate var messageLength: Int? { count >= 2 ? Int(self[0]) << 8 | Int(self[1]) : nil }

    /// Where the first message lies, once it is whole.
    fileprivate var completeMessage: Range<Int>? {
        guard let length = messageLength, count >= 2 + length else { return nil }
        return 2..<2 + length
    }

    /// Appends a message after its length.
    fileprivate mutating func append(framed message: UnsafeRawBufferPointer) {
        append(UInt8(truncatingIfNeeded: message.count >> 8))
        append(UInt8(truncatingIfNeeded: message.count))
        append(contentsOf: message)
    }
}
