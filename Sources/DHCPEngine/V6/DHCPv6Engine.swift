import Addressing
import DHCPMessages

/// The DHCPv6 server of one network, without sockets and clock: bytes and a time in, bytes and an outcome
/// out (RFC 9915, RFC 8415).
///
/// It remembers nothing of clients but their token buckets: every answer follows from the configuration and
/// the ports. So all agents of a network say the same, and after a restart nothing has been forgotten.
public struct DHCPv6Engine: Sendable {
    /// What is served, lifetimes made consistent.
    public private(set) var configuration: DHCPv6Configuration
    private var hosts = DHCPv6HostTable()
    private var networkBucket = TokenBucket()
    /// What all that no port is known of share.
    private var strangersBucket = TokenBucket()

    private var portLimit: TokenBucket.Limit
    private var networkLimit: TokenBucket.Limit

    public init(_ configuration: DHCPv6Configuration) {
        self.configuration = configuration.consistent
        portLimit = configuration.limits.port
        networkLimit = configuration.limits.network
    }

    /// Serves something else from now on; hosts stay, and where subnets have changed their positions, the
    /// hosts' addresses follow by their prefixes.
    public mutating func configure(_ configuration: DHCPv6Configuration) {
        self.configuration = configuration.consistent
        portLimit = configuration.limits.port
        networkLimit = configuration.limits.network
        hosts.place(in: configuration.subnets)
    }

    /// Adds a port, or changes it.
    public mutating func insert(_ host: DHCPv6Host) { hosts.insert(host) }

    /// Takes a port away, if it is there.
    public mutating func remove(_ port: PortIdentity) { hosts.remove(port) }

    /// What was inserted for the port; nil where there is none.
    public func host(of port: PortIdentity) -> DHCPv6Host? { hosts.host(of: port) }

    /// The number of ports.
    public var hostCount: Int { hosts.entries.count }

    /// Answers a UDP payload, or says why not; what is written to `reply` only counts where the outcome is
    /// ``DHCPv6Outcome/answered(_:)``.
    ///
    /// Time and memory are bounded: one pass over the bytes, at most 16 associations, 32 addresses and 9
    /// relays are looked at.
    public mutating func answer(
        _ request: RawSpan, _ arrival: DHCPv6Arrival, now: EngineTime, into reply: inout OutputRawSpan
    ) -> DHCPv6Outcome {
        let bytes = request.withUnsafeBytes { Array($0) }
        switch answer(bytes, arrival, now: now, capacity: reply.freeCapacity) {
        case .outcome(let outcome): return outcome
        case .reply(let message, let answer):
            reply.withUnsafeMutableBytes { buffer, count in
                UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyBytes(from: message)
                count += message.count
            }
            return .answered(answer)
        }
    }

    private enum Decision {
        case outcome(DHCPv6Outcome)
        case reply([UInt8], DHCPv6Answer)
    }

    private mutating func answer(
        _ bytes: [UInt8], _ arrival: DHCPv6Arrival, now: EngineTime, capacity: Int
    ) -> Decision {
        let request: DHCPv6Request
        do throws(DHCPv6Refusal) {
            request = try DHCPv6Request(bytes)
            try request.check(server: configuration.serverIdentifier, arrival)
        } catch {
            return .outcome(.dropped(error.reason, request: error.request, port: nil))
        }
        func drop(_ reason: DropReason, _ port: PortIdentity? = nil) -> Decision {
            .outcome(.dropped(reason, request: request.type, port: port))
        }
        if arrival.source == .any || arrival.source.isMulticast { return drop(.unknownSource) }
        let link = subnets(at: request.linkAddress)
        guard !link.isEmpty else { return drop(.noSubnet) }

        let position: Int?
        var isProven = false
        switch hosts.sender(of: request, arrival) {
        case .needsLinkLayer: return .outcome(.needsLinkLayer)
        case .port(let found, let isTold): (position, isProven) = (found, isTold)
        case .stranger:
            guard answersStrangers(request.type) else { return drop(.unknownClient) }
            position = nil
        }
        let port = position.map { hosts.entries[$0].port }
        if let reason = limit(position, isProven: isProven, now: now) { return drop(reason, port) }
        let message: DHCPv6Reply
        let answer: DHCPv6Answer
        do throws(DHCPv6Refusal) {
            (message, answer) = try reply(to: request, arrival, position, link: link)
        } catch {
            return drop(error.reason, port)
        }
        let wrapped = message.wrapped(in: request.relays)
        guard wrapped.count <= capacity, message.bytes.count <= Int(UInt16.max) else {
            return drop(.replyDoesNotFit, port)
        }
        return .reply(wrapped, answer)
    }

    /// The positions of the subnets on the link that the address tells; all where the client is on ours.
    private func subnets(at linkAddress: IPv6Address?) -> [Int] {
        configuration.subnets.indices.filter { index in
            guard let linkAddress else { return true }
            return configuration.subnets[index].prefix.contains(.v6(linkAddress))
        }
    }

    /// Nobody can be told of an address whose port is not known. But whether an address fits the link
    /// (CONFIRM) and what the network offers (INFORMATION-REQUEST) is the same for all.
    private func answersStrangers(_ type: DHCPv6MessageType) -> Bool {
        type == .confirm || type == .informationRequest && configuration.informsStrangers
    }

    private mutating func limit(_ position: Int?, isProven: Bool, now: EngineTime) -> DropReason? {
        let hasOwn =
            if let position {
                hosts.take(at: position, isProven: isProven, portLimit, now: now)
            } else {
                strangersBucket.take(portLimit, now: now)
            }
        guard hasOwn else { return .portLimit }
        return networkBucket.take(networkLimit, now: now) ? nil : .networkLimit
    }

    /// The answer; refuses where there is nothing to say: a CONFIRM that names no address (RFC 8415 section
    /// 18.3.3), a RENEW of nothing but what will be known again in a moment.
    private func reply(
        to request: DHCPv6Request, _ arrival: DHCPv6Arrival, _ position: Int?, link: [Int]
    ) throws(DHCPv6Refusal) -> (DHCPv6Reply, DHCPv6Answer) {
        let entry = position.map { hosts.entries[$0] }
        let leasing = leasing(entry, link)
        var answer = DHCPv6Answer(
            request: request.type, reply: .reply, port: entry?.port, clientIdentifier: Array(request.duid),
            destinationPort: request.destinationPort(arrival))
        var reply = DHCPv6Reply(.reply, to: request, server: configuration.serverIdentifier)
        switch request.type {
        case .confirm:
            guard let status = leasing.confirmation(request) else {
                throw DHCPv6Refusal(reason: .missingAddress, request: request.type)
            }
            reply.append(status)
        case .release, .decline:
            // The port keeps its addresses either way: they are in the port database, and an address that
            // the client found taken is looked for by people.
            let (unbound, addresses) = leasing.released(request)
            for grant in unbound { reply.append(grant, configuration.subnets, t1: 0, t2: 0) }
            reply.append(.success)
            answer.addresses = addresses
            answer.iaid = request.associations.first { !$0.addresses.isEmpty }?.iaid ?? 0
        case .informationRequest:
            appendOptions(to: &reply, request, entry, given: [], link: link)
        default:
            let grants = leasing.grants(request)
            guard !grants.isEmpty || request.associations.isEmpty else {
                throw DHCPv6Refusal(reason: .noAddressOnSubnet, request: request.type)
            }
            let given = grants.flatMap(\.addresses)
            commit(grants, given, of: request, into: &answer, &reply)
            appendOptions(to: &reply, request, entry, given: given, link: link)
        }
        return (reply, answer)
    }

    /// The part of an answer that gives addresses.
    private func commit(
        _ grants: [DHCPv6Grant], _ given: [DHCPv6Host.Address], of request: DHCPv6Request,
        into answer: inout DHCPv6Answer, _ reply: inout DHCPv6Reply
    ) {
        if request.type == .solicit {
            // A client that got nothing goes on looking for servers, so it is not told that it is done.
            let isRapid = request.hasRapidCommit && configuration.allowsRapidCommit && !given.isEmpty
            answer.reply = isRapid ? .reply : .advertise
            reply = DHCPv6Reply(answer.reply, to: request, server: configuration.serverIdentifier)
            if isRapid { reply.append(DHCPv6OptionCode.rapidCommit, []) }
        }
        // The same times in all associations, so that the client renews them together (section 18.3.2).
        let subnets = given.map { configuration.subnets[$0.subnet] }
        let t1 = subnets.map(\.renewalTime).min() ?? 0
        let t2 = subnets.map(\.rebindingTime).min() ?? 0
        for grant in grants { reply.append(grant, configuration.subnets, t1: t1, t2: t2) }
        // Whoever wants a prefix, too, shall wait for the server that delegates them.
        let isForAddresses = !request.associations.contains { $0.code == DHCPv6OptionCode.prefixDelegation }
        if answer.reply == .advertise, configuration.preference > 0, isForAddresses {
            reply.append(DHCPv6OptionCode.preference, [configuration.preference])
        }
        answer.addresses = given.map(\.address)
        answer.iaid = (grants.first { !$0.addresses.isEmpty } ?? grants.first)?.iaid ?? 0
        answer.validLifetime = subnets.first?.validLifetime ?? 0
    }

    /// What the port may get on the link.
    private func leasing(_ entry: DHCPv6HostTable.Entry?, _ link: [Int]) -> DHCPv6Leasing {
        let own = entry?.addresses ?? []
        let stateful = own.filter { isValid($0) && configuration.subnets[$0.subnet].isStateful }
        let isHere = stateful.filter { link.contains($0.subnet) }
        return DHCPv6Leasing(
            addresses: Array(isHere.prefix(DHCPv6Request.addressLimit)), renewable: stateful,
            own: Set(own.map(\.address)), prefixes: link.map { configuration.subnets[$0].prefix })
    }

    /// Whether the address fits the configuration.
    private func isValid(_ address: DHCPv6Host.Address) -> Bool {
        configuration.subnets.indices.contains(address.subnet)
            && configuration.subnets[address.subnet].prefix.contains(.v6(address.address))
    }

    /// The port's addresses on the link, those left out that do not fit the configuration.
    private func valid(_ entry: DHCPv6HostTable.Entry?, _ link: [Int]) -> [DHCPv6Host.Address] {
        (entry?.addresses ?? []).filter { link.contains($0.subnet) && isValid($0) }
    }

    /// Configured options and the name, as far as they fit.
    private func appendOptions(
        to reply: inout DHCPv6Reply, _ request: DHCPv6Request, _ entry: DHCPv6HostTable.Entry?,
        given: [DHCPv6Host.Address], link: [Int]
    ) {
        let addresses = given.isEmpty ? valid(entry, link) : given
        // The subnets of what was given first, then where the port is besides; a stranger may be anywhere.
        var order: [Int] = []
        for address in given + valid(entry, link) where !order.contains(address.subnet) {
            order.append(address.subnet)
        }
        if order.isEmpty { order = link }
        let subnets = order.map { configuration.subnets[$0] }

        var options = DHCPv6OptionSelection.select(
            for: request, port: entry?.extras?.options ?? [], subnets: subnets)
        // Only to clients that know the option: those that sent it or ask for it (RFC 4704 section 6).
        let wantsName =
            request.nameFlags != nil
            || request.requestedOptions?.contains(DHCPv6OptionCode.fullName) == true
        if let entry, let first = addresses.first, wantsName {
            let data = DHCPv6FullName.option(
                hostName: entry.extras?.hostName, address: first.address,
                domainName: configuration.subnets[first.subnet].domainName, clientFlags: request.nameFlags)
            if let data { options.append(DHCPv6Option(DHCPv6OptionCode.fullName, data)) }
        }
        let room = configuration.replySize - request.relays.reduce(0) { $0 + $1.overhead }
        for option in options where reply.bytes.count + 4 + option.data.count <= room {
            reply.append(option.code, option.data)
        }
    }
}

extension DHCPv6Request {
    /// Clients listen at 546, relays at 547 (RFC 8415 section 7.2) or where option 135 says that they do.
    fileprivate func destinationPort(_ arrival: DHCPv6Arrival) -> UInt16 {
        guard let relay = relays.first else { return 546 }
        return relay.options.first(DHCPv6OptionCode.relaySourcePort) == nil ? 547 : arrival.sourcePort
    }
}

extension DHCPv6Configuration {
    /// The same with times that clients accept: they discard an association with T1 above T2 (RFC 8415
    /// section 21.4) and an address with a preferred lifetime above the valid one (section 21.6).
    fileprivate var consistent: DHCPv6Configuration {
        var copy = self
        for index in copy.subnets.indices {
            let subnet = copy.subnets[index]
            copy.subnets[index].preferredLifetime = min(subnet.preferredLifetime, subnet.validLifetime)
            if subnet.rebindingTime > 0 {
                copy.subnets[index].renewalTime = min(subnet.renewalTime, subnet.rebindingTime)
            }
        }
        return copy
    }
}
