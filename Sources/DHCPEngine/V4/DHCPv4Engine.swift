public import Addressing
import DHCPMessages

/// The DHCPv4 server of one network, without sockets and clock: bytes and a time in, bytes and an outcome
/// out (RFC 2131).
///
/// It remembers nothing of clients but their token buckets: every answer follows from the configuration and
/// the ports. So all agents of a network say the same (their own addresses aside), nothing is forgotten by a
/// restart, and no client can take an address away from a port.
///
/// Who a client is: a port with the client identifier that was sent, if it has an address on the link; else
/// the port with the MAC address in `chaddr`, if it has one there; else either of them, in this order. That
/// is what dnsmasq does with `id:`, and as there a leading zero of the client identifier may be missing in
/// the configuration.
public struct DHCPv4Engine: Sendable {
    /// What is served; the configuration itself is not kept, it would be most of a small network's memory.
    private(set) var served: ServedSubnets
    private(set) var alwaysBroadcasts: Bool
    private(set) var allowsRapidCommit: Bool
    private(set) var hosts = DHCPv4HostTable()
    private var networkBucket = TokenBucket()
    private var portLimit: TokenBucket.Limit
    private var networkLimit: TokenBucket.Limit

    public init(_ configuration: DHCPv4Configuration) {
        served = ServedSubnets(configuration)
        alwaysBroadcasts = configuration.alwaysBroadcasts
        allowsRapidCommit = configuration.allowsRapidCommit
        portLimit = configuration.limits.port
        networkLimit = configuration.limits.network
    }

    /// Serves something else from now on; hosts stay, and where subnets have changed their positions, the
    /// hosts' addresses follow by their prefixes.
    public mutating func configure(_ configuration: DHCPv4Configuration) {
        served = ServedSubnets(configuration)
        alwaysBroadcasts = configuration.alwaysBroadcasts
        allowsRapidCommit = configuration.allowsRapidCommit
        portLimit = configuration.limits.port
        networkLimit = configuration.limits.network
        hosts.place(in: served)
    }

    /// Adds a port, or puts it in the place of what was known of it.
    public mutating func insert(_ host: DHCPv4Host) { hosts.insert(host) }

    /// Takes a port away, if it is there.
    public mutating func remove(_ port: PortIdentity) { hosts.remove(port) }

    /// What was inserted for the port; nil where there is none.
    public func host(of port: PortIdentity) -> DHCPv4Host? {
        hosts.position(of: port).map(hosts.host(at:))
    }

    /// Where the port with the MAC address is; nil where there is none.
    ///
    /// Asked for a batch of requests before the first of them is answered, it costs less than no hint at all:
    /// ports lie far apart in memory, and the processor fetches several at a time only where nothing else is to
    /// be done in between.
    public func place(of mac: MACAddress) -> DHCPv4PortPlace? {
        hosts.position(mac: mac.rawValue).map(DHCPv4PortPlace.init)
    }

    /// The number of ports.
    public var hostCount: Int { hosts.entries.count }

    /// Answers a UDP payload, or says why not; what is appended to `reply` only counts where the outcome is
    /// ``DHCPv4Outcome/answered(_:)``.
    ///
    /// Replies have at most as many bytes as the client takes (option 57), the subnet's MTU lets through,
    /// and `reply` has room for; 1,500 are enough for all but jumbo frames. Nothing is allocated unless
    /// options come in pieces (RFC 3396) or do not fit.
    public mutating func answer(
        _ request: RawSpan, _ arrival: DHCPv4Arrival, now: EngineTime, into reply: inout OutputRawSpan
    ) -> DHCPv4Outcome {
        let view: DHCPv4View
        do throws(DHCPv4ViewError) {
            view = try DHCPv4View(request)
        } catch {
            return .dropped(DropReason(error), request: nil, port: nil)
        }
        guard view.isSplit else { return answer(view, request, arrival, now, &reply) }
        let joined = view.joined(request)
        let outcome = answer(joined.view, joined.bytes.span.bytes, arrival, now, &reply)
        guard case .answered(var answer) = outcome else { return outcome }
        answer.describeClient(view)
        return .answered(answer)
    }

    private mutating func answer(
        _ view: DHCPv4View, _ bytes: RawSpan, _ arrival: DHCPv4Arrival, _ now: EngineTime,
        _ reply: inout OutputRawSpan
    ) -> DHCPv4Outcome {
        let type = (try? view.messageType(bytes)) ?? nil
        let plan: DHCPv4ReplyPlan
        do throws(DHCPv4Refusal) {
            plan = try self.plan(view, bytes, arrival)
            try take(from: plan.position, isProven: isProven(plan, view), now)
        } catch {
            return .dropped(error.reason, request: type, port: error.port)
        }
        guard write(plan, view, bytes, &reply) else {
            return .dropped(.replyDoesNotFit, request: type, port: port(at: plan.position))
        }
        return .answered(
            DHCPv4Answer(
                request: type, reply: plan.type, port: port(at: plan.position),
                address: IPv4Address(rawValue: plan.yiaddr),
                mac: view.isEthernet ? view.mac : MACAddress(rawValue: hosts.entries[plan.position].mac),
                destination: plan.destination, server: IPv4Address(rawValue: plan.server),
                leaseTime: plan.times?.lease ?? 0, client: view))
    }

    func port(at position: Int) -> PortIdentity {
        PortIdentity(rawValue: hosts.entries[position].port)
    }

    /// Whether nothing speaks against it that the port's own client sent this: relay agents say themselves
    /// whom they speak for, and a client identifier anybody can send.
    private func isProven(_ plan: DHCPv4ReplyPlan, _ view: DHCPv4View) -> Bool {
        view.giaddr == .any && view.isEthernet
            && hosts.entries[plan.position].mac == view.mac.rawValue
    }

    /// One token of the port and one of the network.
    private mutating func take(
        from position: Int, isProven: Bool, _ now: EngineTime
    ) throws(DHCPv4Refusal) {
        guard hosts.takeToken(at: position, isProven: isProven, portLimit, now: now) else {
            throw DHCPv4Refusal(reason: .portLimit, port: port(at: position))
        }
        guard networkBucket.take(networkLimit, now: now) else {
            throw DHCPv4Refusal(reason: .networkLimit, port: port(at: position))
        }
    }
}

/// Why a request is not answered.
struct DHCPv4Refusal: Error {
    var reason: DropReason
    var port: PortIdentity?
}

extension DropReason {
    init(_ error: DHCPv4ViewError) {
        switch error {
        case .truncated: self = .truncated
        case .malformedHeader: self = .malformedHeader
        case .malformedOption: self = .malformedOption
        }
    }
}
