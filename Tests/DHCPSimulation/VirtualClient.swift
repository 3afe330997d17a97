import Addressing
import DHCPMessages

/// A DHCPv4 client as RFC 2131 section 4.4 (figure 5) describes it, in virtual time.
struct VirtualClient {
    enum State: String {
        case off, initial, selecting, requesting, rebooting, bound, renewing, rebinding
    }

    /// What the client wants done.
    enum Action {
        case broadcast(DHCPv4Message)
        /// To the server, from the client's own address.
        case unicast(DHCPv4Message, IPv4Address)
        /// Wake it up then; a later wish replaces this one.
        case wake(at: UInt64)
    }

    let mac: MACAddress
    private(set) var state = State.off
    /// What it may use now.
    private(set) var address: IPv4Address?
    /// Since when it has been without an address; nil while it has one.
    private(set) var waitingSince: UInt64?
    private var remembered: IPv4Address?
    private var offered: IPv4Address?
    private var server = IPv4Address.any
    private var transaction: UInt32 = 0
    private var attempt = 0
    private var began: UInt64 = 0
    private var renewal: UInt64 = 0
    private var rebinding: UInt64 = 0
    private var expiry: UInt64 = 0

    init(mac: MACAddress) { self.mac = mac }

    private static let second: UInt64 = 1_000_000

    // MARK: What happens to it

    /// The machine starts; it may remember its last address.
    mutating func start(_ now: UInt64, remembering: Bool, _ random: inout SeededGenerator) -> [Action] {
        address = nil
        waitingSince = now
        began = now
        attempt = 0
        transaction = .random(in: 0 ... .max, using: &random)
        guard remembering, remembered != nil else {
            remembered = nil
            return discover(now, &random)
        }
        state = .rebooting
        return retransmit(now, &random)
    }

    /// The machine stops without a word.
    mutating func stop() {
        state = .off
        address = nil
        waitingSince = nil
    }

    /// The machine gives its address back and stops.
    mutating func release(_ now: UInt64) -> [Action] {
        guard let address else { return [] }
        let message = DHCPv4Message.release(
            of: address, chaddr: mac.octets, server: server, clientIdentifier: nil, transactionID: transaction
        )
        let to = server
        stop()
        return [.unicast(message, to)]
    }

    /// The machine finds that its address is in use, and begins anew.
    mutating func decline(_ now: UInt64) -> [Action] {
        guard let address else { return [] }
        var message = message(.decline)
        message[option: 50] = address.octets
        message[option: 54] = server.octets
        begin(now)
        remembered = nil
        // RFC 2131 section 3.1, step 5: it waits ten seconds.
        return [.broadcast(message), .wake(at: now + 10 * Self.second)]
    }

    mutating func wake(_ now: UInt64, _ random: inout SeededGenerator) -> [Action] {
        switch state {
        case .off: return []
        case .initial: return discover(now, &random)
        case .selecting: return retransmit(now, &random)
        case .requesting, .rebooting:
            if attempt < 4 { return retransmit(now, &random) }
            begin(now)
            return discover(now, &random)
        case .bound, .renewing, .rebinding:
            if now >= expiry {
                begin(now)
                return discover(now, &random)
            }
            transaction = .random(in: 0 ... .max, using: &random)
            state = now >= rebinding ? .rebinding : .renewing
            return prolong(now)
        }
    }

    mutating func receive(
        _ reply: DHCPv4Message, _ now: UInt64, _ random: inout SeededGenerator
    ) -> [Action] {
        guard reply.transactionID == transaction, reply.chaddr == mac.octets,
            let type = (try? reply.messageType()) ?? nil
        else { return [] }
        switch (state, type) {
        case (.selecting, .offer):
            guard let chosen = (try? reply.serverIdentifier()) ?? nil else { return [] }
            state = .requesting
            offered = reply.yiaddr
            server = chosen
            attempt = 0
            return retransmit(now, &random)
        case (.requesting, .ack), (.rebooting, .ack), (.renewing, .ack), (.rebinding, .ack),
            (.selecting, .ack):
            // Of an OFFER's server, or, in SELECTING, a rapid commit.
            if state == .requesting, ((try? reply.serverIdentifier()) ?? nil) != server { return [] }
            if state == .selecting, reply[option: 80] == nil { return [] }
            return bind(reply, now)
        case (.requesting, .nak), (.rebooting, .nak), (.renewing, .nak), (.rebinding, .nak):
            begin(now)
            remembered = nil
            return [.wake(at: now + Self.second)]
        default: return []
        }
    }

    // MARK: What it does

    private mutating func begin(_ now: UInt64) {
        if waitingSince == nil { waitingSince = now }
        state = .initial
        address = nil
        began = now
        attempt = 0
    }

    private mutating func bind(_ ack: DHCPv4Message, _ now: UInt64) -> [Action] {
        func seconds(_ code: UInt8) -> UInt64? {
            guard let data = ack[option: code], data.count == 4 else { return nil }
            return data.reduce(0) { $0 << 8 | UInt64($1) } * Self.second
        }
        guard let lease = seconds(51), let chosen = (try? ack.serverIdentifier()) ?? nil else { return [] }
        state = .bound
        address = ack.yiaddr
        remembered = ack.yiaddr
        server = chosen
        waitingSince = nil
        renewal = now + (seconds(58) ?? lease / 2)
        rebinding = now + (seconds(59) ?? lease / 8 * 7)
        expiry = now + lease
        return [.wake(at: renewal)]
    }

    private mutating func discover(_ now: UInt64, _ random: inout SeededGenerator) -> [Action] {
        state = .selecting
        attempt = 0
        transaction = .random(in: 0 ... .max, using: &random)
        return retransmit(now, &random)
    }

    /// RFC 2131 section 4.1: after 4, 8, 16, 32, 64, 64 … seconds, give or take one.
    private mutating func retransmit(_ now: UInt64, _ random: inout SeededGenerator) -> [Action] {
        let pause = UInt64(4 << min(attempt, 4)) * Self.second
        attempt += 1
        let wake = now + pause - Self.second + .random(in: 0...2 * Self.second, using: &random)
        var message = message(state == .selecting ? .discover : .request)
        message.seconds = UInt16(clamping: (now - began) / Self.second)
        switch state {
        case .requesting:
            message[option: 50] = offered?.octets
            message[option: 54] = server.octets
        case .rebooting: message[option: 50] = remembered?.octets
        default: message[option: 50] = remembered?.octets
        }
        return [.broadcast(message), .wake(at: wake)]
    }

    /// RENEWING and REBINDING: again after half of what is left, but no sooner than in a minute (RFC 2131
    /// section 4.4.5).
    private func prolong(_ now: UInt64) -> [Action] {
        guard let address else { return [] }
        var message = message(.request)
        message.ciaddr = address
        let end = state == .renewing ? rebinding : expiry
        let wake = min(now + max((end - min(now, end)) / 2, 60 * Self.second), end)
        return [
            state == .renewing ? .unicast(message, server) : .broadcast(message),
            .wake(at: max(wake, now + 1)),
        ]
    }

    private func message(_ type: DHCPv4MessageType) -> DHCPv4Message {
        DHCPv4Message(
            operation: .request, transactionID: transaction, chaddr: mac.octets,
            options: [DHCPv4Option(53, [type.rawValue]), DHCPv4Option(55, [1, 3, 6, 51, 54, 58, 59])])
    }
}
