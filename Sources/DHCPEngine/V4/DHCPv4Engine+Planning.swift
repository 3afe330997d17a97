import Addressing
import DHCPMessages

// What is answered to which message (RFC 2131 section 4.3).
extension DHCPv4Engine {
    /// The facts about a request that all message types need.
    struct Request {
        var arrival: DHCPv4Arrival
        var link: DHCPv4Link
        var position: Int
        var tags: DHCPv4Tags
        /// 0 where the RFC wants it so: some clients fill it in when they should not.
        var ciaddr: UInt32
        /// Option 50, or 0.
        var requested: UInt32
        /// Option 54, or 0.
        var serverIdentifier: UInt32
        /// What the relay agent wants for option 54 (RFC 5107), or 0.
        var override: UInt32
    }

    func plan(
        _ view: DHCPv4View, _ bytes: RawSpan, _ arrival: DHCPv4Arrival
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        guard view.operation == 1 else { throw DHCPv4Refusal(reason: .notARequest) }
        let type: DHCPv4MessageType?
        let requested: UInt32
        let serverIdentifier: UInt32
        do throws(DHCPv4ViewError) {
            type = try view.messageType(bytes)
            requested = try view.requestedAddress(bytes)?.rawValue ?? 0
            serverIdentifier = try view.serverIdentifier(bytes)?.rawValue ?? 0
        } catch {
            throw DHCPv4Refusal(reason: DropReason(error))
        }
        if let type { try Self.check(type) }
        let ciaddr = type == .discover || requested != 0 ? 0 : view.ciaddr.rawValue
        let link = try link(view, bytes, ciaddr: ciaddr)
        guard let position = client(view, bytes, at: link, arrival.place) else {
            throw DHCPv4Refusal(reason: view.isEthernet ? .unknownClient : .unsupportedHardwareType)
        }
        let request = Request(
            arrival: arrival, link: link, position: position, tags: DHCPv4Tags(view, bytes), ciaddr: ciaddr,
            requested: requested, serverIdentifier: serverIdentifier,
            override: view.relayInformation.isPresent
                ? view.relayAddress(DHCPv4OptionCode.serverIdentifierOverride, bytes)?.rawValue ?? 0 : 0)
        switch type {
        case nil: return try offer(request, view, bytes, type: nil)
        case .discover?:
            let isRapid = allowsRapidCommit && view.rapidCommit.isPresent
            return try offer(request, view, bytes, type: isRapid ? .ack : .offer)
        case .request?: return try requestPlan(request, view, bytes)
        case .inform?: return try informPlan(request, view, bytes)
        case .decline?: throw leftover(request, .declined)
        default: throw leftover(request, .released)
        }
    }

    private static func check(_ type: DHCPv4MessageType) throws(DHCPv4Refusal) {
        switch type {
        case .discover, .request, .decline, .release, .inform: return
        case .offer, .ack, .nak: throw DHCPv4Refusal(reason: .notARequest)
        default: throw DHCPv4Refusal(reason: .unknownMessageType)
        }
    }

    /// A plan in which nothing is given yet.
    private func plan(
        _ request: Request, _ view: DHCPv4View, _ type: DHCPv4MessageType?, subnet: Int
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        let server: UInt32
        do throws(DHCPv4Refusal) {
            server = try self.server(of: subnet, request.arrival)
        } catch {
            throw DHCPv4Refusal(reason: error.reason, port: port(at: request.position))
        }
        return DHCPv4ReplyPlan(
            type: type, position: request.position, subnet: subnet, server: server,
            serverIdentifier: request.override != 0 ? request.override : server, tags: request.tags,
            flags: view.flags)
    }

    /// DISCOVER and BOOTP: the address asked for if it is the port's, else its first on the link.
    private func offer(
        _ request: Request, _ view: DHCPv4View, _ bytes: RawSpan, type: DHCPv4MessageType?
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        let wanted = type == nil ? request.ciaddr : request.requested
        guard let lease = lease(of: request.position, at: request.link, wanted: wanted) else {
            throw DHCPv4Refusal(reason: .noAddressOnSubnet, port: port(at: request.position))
        }
        var plan = try plan(request, view, type, subnet: lease.subnet)
        plan.yiaddr = lease.address
        plan.namedAddress = lease.address
        if type == nil {
            // RFC 951: the client may know its address already.
            if request.ciaddr == lease.address { plan.ciaddr = request.ciaddr }
        } else {
            plan.times = times(view, bytes, lease, request.position, request.tags, isRenewal: false)
            plan.isRapid = type == .ack
            plan.hidesHostName = type == .offer && !agrees(view, bytes, request.position, lease.address)
        }
        direct(&plan, request, view, bytes)
        return plan
    }

    /// REQUEST, in whichever state (RFC 2131 section 4.3.2).
    private func requestPlan(
        _ request: Request, _ view: DHCPv4View, _ bytes: RawSpan
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        let isRenewal = request.requested == 0
        if isRenewal {
            // RENEWING, REBINDING. As in dnsmasq option 54, which does not belong here, is not looked at.
            guard request.ciaddr != 0 else {
                throw DHCPv4Refusal(reason: .missingAddress, port: port(at: request.position))
            }
        } else if request.serverIdentifier != 0 {
            // SELECTING: is it us?
            guard
                request.serverIdentifier == request.override || served.isOwn(request.serverIdentifier)
                    || isOnlyServer(request)
            else { throw DHCPv4Refusal(reason: .otherServer, port: port(at: request.position)) }
        }
        let wanted = isRenewal ? request.ciaddr : request.requested
        guard let lease = lease(of: request.position, at: request.link, wanted: wanted, exactly: true) else {
            return try refusal(request, view, bytes, wanted: wanted)
        }
        var plan = try plan(request, view, .ack, subnet: lease.subnet)
        plan.yiaddr = lease.address
        plan.namedAddress = lease.address
        if isRenewal {
            plan.ciaddr = request.ciaddr
        } else if request.serverIdentifier != 0 {
            // Some clients compare it with the one that they chose.
            plan.serverIdentifier = request.serverIdentifier
        }
        plan.times = times(view, bytes, lease, request.position, request.tags, isRenewal: isRenewal)
        direct(&plan, request, view, bytes)
        return plan
    }

    /// Whether the server chosen is the address that a relay sends to, where we have none on a subnet.
    private func isOnlyServer(_ request: Request) -> Bool {
        served.firstLocal == nil && request.serverIdentifier == request.arrival.destination.rawValue
    }

    /// A NAK to a port's client that asks for what is not its own here; silence where the address is the
    /// port's and only we have none on its subnet: other agents may have one, and would confirm it.
    private func refusal(
        _ request: Request, _ view: DHCPv4View, _ bytes: RawSpan, wanted: UInt32
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        if request.link == .local, owns(wanted, request.position) {
            throw DHCPv4Refusal(reason: .noAddressOnSubnet, port: port(at: request.position))
        }
        let named: Int? = if case .subnet(let index) = request.link { index } else { nil }
        let subnet = named ?? served.index(of: wanted) ?? served.firstLocal ?? 0
        var plan = try plan(request, view, .nak, subnet: subnet)
        plan.message = isHere(wanted, request.link) ? "wrong address" : "wrong network"
        if request.requested != 0, request.serverIdentifier != 0 {
            plan.serverIdentifier = request.serverIdentifier
        }
        let arrival = request.arrival
        if view.giaddr != .any {
            // RFC 2131 section 4.3.2: the relay must broadcast it, the client may not have the address.
            plan.flags |= DHCPv4Message.broadcastFlag
            plan.destination = relay(arrival, view, bytes)
        } else if request.ciaddr != 0, let named,
            !served.subnets[served.index(of: request.ciaddr) ?? named].isLocal,
            arrival.source.rawValue == request.ciaddr, arrival.destination != .broadcast
        {
            // A router is between us: a broadcast would not get there.
            plan.destination = .unicast(arrival.source, port: clientPort(arrival))
        } else {
            plan.flags |= DHCPv4Message.broadcastFlag
        }
        return plan
    }

    private func isHere(_ address: UInt32, _ link: DHCPv4Link) -> Bool {
        guard let subnet = served.index(of: address) else { return false }
        return switch link {
        case .local: served.subnets[subnet].isLocal
        case .subnet(let index): index == subnet
        }
    }

    /// INFORM: what the subnet of the client's address is told, but no address and no times (RFC 2131
    /// section 4.3.5).
    private func informPlan(
        _ request: Request, _ view: DHCPv4View, _ bytes: RawSpan
    ) throws(DHCPv4Refusal) -> DHCPv4ReplyPlan {
        let ciaddr = view.ciaddr.rawValue
        guard ciaddr != 0 else {
            throw DHCPv4Refusal(reason: .missingAddress, port: port(at: request.position))
        }
        guard let subnet = served.index(of: ciaddr) else {
            throw DHCPv4Refusal(reason: .noSubnet, port: port(at: request.position))
        }
        var plan = try plan(request, view, .ack, subnet: subnet)
        plan.ciaddr = ciaddr
        let own = lease(of: request.position, at: .subnet(subnet), wanted: ciaddr, exactly: false)
        plan.namedAddress = own?.address ?? hosts.entries[request.position].address
        direct(&plan, request, view, bytes)
        return plan
    }

    /// DECLINE and RELEASE change nothing: the address is the port's as long as the port has it.
    private func leftover(_ request: Request, _ reason: DropReason) -> DHCPv4Refusal {
        let port = port(at: request.position)
        if request.serverIdentifier == 0 {
            return DHCPv4Refusal(reason: .missingServerIdentifier, port: port)
        }
        guard
            request.serverIdentifier == request.override || served.isOwn(request.serverIdentifier)
                || isOnlyServer(request)
        else { return DHCPv4Refusal(reason: .otherServer, port: port) }
        return DHCPv4Refusal(reason: reason, port: port)
    }

    // MARK: Where to

    /// RFC 2131 section 4.1.
    private func direct(
        _ plan: inout DHCPv4ReplyPlan, _ request: Request, _ view: DHCPv4View, _ bytes: RawSpan
    ) {
        if alwaysBroadcasts { plan.flags |= DHCPv4Message.broadcastFlag }
        if view.giaddr != .any {
            plan.destination = relay(request.arrival, view, bytes)
        } else if plan.ciaddr != 0, !served.subnets[plan.subnet].isLocal {
            // A router is between us, which knows the way whatever the MAC address is.
            plan.destination = client(at: plan.ciaddr, request.arrival)
        } else if !view.isEthernet || hosts.entries[plan.position].mac != view.mac.rawValue {
            // The neighbour entry of the address leads to the port's MAC address, which this one has not.
            plan.destination = .broadcast
        } else if plan.ciaddr != 0 {
            plan.destination = client(at: plan.ciaddr, request.arrival)
        } else if plan.flags & DHCPv4Message.broadcastFlag != 0 {
            plan.destination = .broadcast
        } else {
            plan.destination = .neighbour(IPv4Address(rawValue: plan.yiaddr), view.mac)
        }
    }

    /// A relay agent listens at 67, or where it sent from if it says so (RFC 8357 section 4.2).
    private func relay(
        _ arrival: DHCPv4Arrival, _ view: DHCPv4View, _ bytes: RawSpan
    ) -> DHCPv4Destination {
        let hasOwnPort =
            view.relayInformation.isPresent && arrival.sourcePort != 0
            && view.relaySuboption(DHCPv4OptionCode.relaySourcePort, bytes) != nil
        return .unicast(view.giaddr, port: hasOwnPort ? arrival.sourcePort : 67)
    }

    private func client(at ciaddr: UInt32, _ arrival: DHCPv4Arrival) -> DHCPv4Destination {
        let client = IPv4Address(rawValue: ciaddr)
        return .unicast(client, port: arrival.source == client ? clientPort(arrival) : 68)
    }

    private func clientPort(_ arrival: DHCPv4Arrival) -> UInt16 {
        arrival.sourcePort == 0 ? 68 : arrival.sourcePort
    }
}
