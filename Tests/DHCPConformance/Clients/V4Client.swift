import Addressing
import DHCPMessages

/// A DHCPv4 message on its way to the server.
struct V4Request: Sendable {
    var message: DHCPv4Message
    /// The Ethernet source.
    var from: MACAddress
    var source = IPv4Address.any
    var sourcePort: UInt16 = 68
    var destination = IPv4Address.broadcast
    /// Whether the frame goes to the server's MAC rather than to all.
    var isUnicast: Bool { destination != .broadcast }

    /// From a client without an address, to all.
    init(_ message: DHCPv4Message, from mac: MACAddress) {
        self.message = message
        from = mac
    }

    /// By a relay agent to the server, with `giaddr` filled in (RFC 1542 section 4.1.1).
    static func relayed(
        _ message: DHCPv4Message, by giaddr: IPv4Address, to server: IPv4Address
    ) -> V4Request {
        var copy = V4Request(message, from: Segment.routerMAC)
        copy.message.giaddr = giaddr
        copy.message.hops = 1
        copy.source = giaddr
        copy.sourcePort = 67
        copy.destination = server
        return copy
    }

    func datagram(_ payload: [UInt8]) -> Datagram {
        Datagram(
            from: from, .v4(source), port: sourcePort,
            to: isUnicast ? Segment.serverMAC : .broadcast, .v4(destination), port: 67, payload: payload)
    }
}

/// What the server answered.
struct V4Reply: Sendable {
    let message: DHCPv4Message
    let datagram: Datagram

    subscript(option code: UInt8) -> [UInt8]? { message[option: code] }

    func type() throws -> DHCPv4MessageType? { try message.messageType() }

    /// The codes in the order in which they travel.
    func codes() throws -> [UInt8] { try rawOptions().map(\.code) }

    /// The options field as it travels, without pads and End; what follows End must be zeros.
    func rawOptions() throws -> [(code: UInt8, data: [UInt8])] {
        var options: [(UInt8, [UInt8])] = []
        var at = 240
        let bytes = datagram.payload
        while at < bytes.count {
            if bytes[at] == 0 {
                at += 1
                continue
            }
            if bytes[at] == 255 {
                try require(bytes[(at + 1)...].allSatisfy { $0 == 0 }, "bytes behind End")
                return options
            }
            guard at + 1 < bytes.count, at + 2 + Int(bytes[at + 1]) <= bytes.count else {
                throw FactFailure("option \(bytes[at]) leads outside")
            }
            options.append((bytes[at], Array(bytes[(at + 2)..<(at + 2 + Int(bytes[at + 1]))])))
            at += 2 + Int(bytes[at + 1])
        }
        throw FactFailure("no End option")
    }

    /// Throws unless the reply is of this type.
    func expect(_ type: DHCPv4MessageType) throws {
        try require("the reply", try self.type(), is: type)
    }

    /// Throws unless the option has these bytes; nil for absent.
    func expect(_ code: UInt8, _ data: [UInt8]?) throws {
        try require(
            "option \(code)", message[option: code].map(String.init(describing:)),
            is: data.map(String.init(describing:)))
    }

    /// Throws unless the option is this text; the zero that some servers append aside.
    func expect(_ code: UInt8, text: String) throws {
        let found = message[option: code].map { String(decoding: $0.filter { $0 != 0 }, as: UTF8.self) }
        try require("option \(code)", found, is: text)
    }

    /// Throws unless it came to everybody.
    func expectBroadcast() throws {
        try require("the reply's destination", datagram.destination, is: .v4(.broadcast))
        try require("the frame's destination", datagram.ethernetDestination, is: .broadcast)
        try require("the reply's port", datagram.destinationPort, is: 68)
    }

    /// Throws unless it came to this address at this MAC alone.
    func expectUnicast(_ address: IPv4Address, _ mac: MACAddress, port: UInt16 = 68) throws {
        try require("the reply's destination", datagram.destination, is: .v4(address))
        try require("the frame's destination", datagram.ethernetDestination, is: mac)
        try require("the reply's port", datagram.destinationPort, is: port)
    }
}

extension Guest {
    /// What clients usually ask for.
    static let usualRequests: [UInt8] = [1, 3, 6, 12, 15, 26, 28, 42, 51, 54, 58, 59, 66, 67, 119, 121, 249]

    /// A message of this machine.
    ///
    /// - Parameter asking: The parameter request list (option 55), or nil for none.
    func message(
        _ type: DHCPv4MessageType, asking: [UInt8]? = usualRequests, ciaddr: IPv4Address = .any,
        with options: [UInt8: [UInt8]] = [:]
    ) -> DHCPv4Message {
        var message = DHCPv4Message(
            operation: .request, transactionID: .random(in: .min ... .max), ciaddr: ciaddr,
            chaddr: mac.octets)
        message[option: 53] = [type.rawValue]
        for (code, data) in options.sorted(by: { $0.key < $1.key }) { message[option: code] = data }
        if let asking { message[option: 55] = asking }
        return message
    }

    func discover(
        asking: [UInt8]? = usualRequests, broadcast: Bool = false, with options: [UInt8: [UInt8]] = [:]
    ) -> V4Request {
        var message = message(.discover, asking: asking, with: options)
        if broadcast { message.flags = DHCPv4Message.broadcastFlag }
        return V4Request(message, from: mac)
    }

    /// A REQUEST in state SELECTING (RFC 2131 section 4.3.2).
    func select(
        _ address: IPv4Address, from server: IPv4Address, asking: [UInt8]? = usualRequests,
        with options: [UInt8: [UInt8]] = [:]
    ) -> V4Request {
        var all = options
        all[50] = address.octets
        all[54] = server.octets
        return V4Request(message(.request, asking: asking, with: all), from: mac)
    }

    /// A REQUEST in state INIT-REBOOT.
    func reboot(_ address: IPv4Address, with options: [UInt8: [UInt8]] = [:]) -> V4Request {
        var all = options
        all[50] = address.octets
        return V4Request(message(.request, with: all), from: mac)
    }

    /// A REQUEST in state RENEWING: from its address to the server.
    func renew(
        _ address: IPv4Address, at server: IPv4Address, with options: [UInt8: [UInt8]] = [:]
    ) -> V4Request {
        var request = V4Request(message(.request, ciaddr: address, with: options), from: mac)
        request.source = address
        request.destination = server
        return request
    }

    /// A REQUEST in state REBINDING: from its address to all.
    func rebind(_ address: IPv4Address) -> V4Request {
        var request = V4Request(message(.request, ciaddr: address), from: mac)
        request.source = address
        return request
    }
}

extension Site {
    /// Sends a request and returns the answer, whose outer form is checked.
    func ask(_ request: V4Request) async throws -> V4Reply {
        let payload = try request.message.serialized()
        return try await ask(payload, as: request)
    }

    /// As ``ask(_:)`` for a payload of other bytes.
    func ask(_ payload: [UInt8], as request: V4Request) async throws -> V4Reply {
        let mark = wire.mark()
        try wire.send(request.datagram(payload).frame())
        return try await require(
            some: reply(to: request, since: mark), "no answer to \(Self.word(request))")
    }

    /// Sends a request to which no answer may come; another client's exchange tells when to stop waiting.
    func expectSilence(_ request: V4Request) async throws {
        try await expectSilence(try request.message.serialized(), as: request)
    }

    func expectSilence(_ payload: [UInt8], as request: V4Request) async throws {
        let mark = wire.mark()
        try wire.send(request.datagram(payload).frame())
        _ = try await ask(fence.discover())
        try await Task.sleep(for: .milliseconds(20))
        if let reply = Self.replies(wire.heard(since: mark), to: request).first {
            throw FactFailure(
                "\(Self.word(request)) was answered by \((try? reply.type())?.description ?? "BOOTP")")
        }
    }

    /// DISCOVER, OFFER, REQUEST, ACK; returns the ACK.
    @discardableResult
    func lease(
        _ guest: Guest, asking: [UInt8]? = Guest.usualRequests, with options: [UInt8: [UInt8]] = [:]
    ) async throws -> V4Reply {
        let offer = try await ask(guest.discover(asking: asking, with: options))
        try offer.expect(.offer)
        let server = try require(some: try offer.message.serverIdentifier(), "an OFFER without server")
        let ack = try await ask(
            guest.select(offer.message.yiaddr, from: server, asking: asking, with: options))
        try ack.expect(.ack)
        try require("the address in the ACK", ack.message.yiaddr, is: offer.message.yiaddr)
        return ack
    }

    /// The first answer since, or nil.
    func reply(to request: V4Request, since mark: Wire.Mark) async throws -> V4Reply? {
        let heard = await wire.first(since: mark, within: patience) { heard in
            !Self.replies([heard], to: request).isEmpty
        }
        guard let heard, let reply = Self.replies([heard], to: request).first else { return nil }
        try check(reply, answers: request)
        return reply
    }

    /// What of this answers the request.
    static func replies(_ heard: [Wire.Heard], to request: V4Request) -> [V4Reply] {
        heard.compactMap { heard in
            guard case .datagram(let datagram) = heard, datagram.sourcePort == 67,
                let message = try? DHCPv4Message(parsing: datagram.payload),
                message.transactionID == request.message.transactionID,
                message.chaddr == request.message.chaddr
            else { return nil }
            return V4Reply(message: message, datagram: datagram)
        }
    }

    private static func word(_ request: V4Request) -> String {
        (try? request.message.messageType())?.description ?? "BOOTP"
    }

    /// What is so for every answer (RFC 2131 section 4.3.1 and table 3).
    private func check(_ reply: V4Reply, answers request: V4Request) throws {
        let (message, asked) = (reply.message, request.message)
        try require(reply.datagram.faults.isEmpty, "\(reply.datagram.faults)")
        try require("the source MAC", reply.datagram.ethernetSource, is: Segment.serverMAC)
        try require("op", message.operation, is: .reply)
        try require("htype", message.hardwareType, is: asked.hardwareType)
        try require("hops", message.hops == 0 || message.hops == asked.hops, is: true)
        try require("giaddr", message.giaddr, is: asked.giaddr)
        // A server may set the broadcast bit of a NAK, so that a relay agent broadcasts it.
        let bit = DHCPv4Message.broadcastFlag
        let isNAK = try message.messageType() == .nak
        let isFree = isNAK || reply.datagram.destination == .v4(.broadcast)
        try require("flags", message.flags | (isFree ? bit : 0), is: asked.flags | (isFree ? bit : 0))
        try require(reply.datagram.payload.count >= 300, "\(reply.datagram.payload.count) bytes, not 300")
        let ours = serverAddresses.compactMap(\.v4)
        guard case .v4(let source) = reply.datagram.source, ours.contains(source) else {
            throw FactFailure("the answer comes from \(reply.datagram.source)")
        }
        let codes = try reply.codes()
        try require(Set(codes).count == codes.count, "an option twice: \(codes)")
        guard let type = try message.messageType() else { return }
        try require("the first option", codes.first, is: 53)
        guard request.message[option: 82] == nil else { return }
        let identifier = try require(some: try message.serverIdentifier(), "no server identifier")
        try require(ours.contains(identifier), "server identifier \(identifier)")
        if type == .nak {
            try require("yiaddr of a NAK", message.yiaddr, is: .any)
            try require("ciaddr of a NAK", message.ciaddr, is: .any)
            try require(message[option: 51] == nil, "a NAK with a lease time")
        }
    }
}
