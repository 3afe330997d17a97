import Addressing
import DHCPMessages

/// A DHCPv6 message on its way to the server.
struct V6Request: Sendable {
    var message: DHCPv6Message
    var from: MACAddress
    var source: IPv6Address
    var sourcePort: UInt16 = 546
    var destination = V6Request.servers

    /// All_DHCP_Relay_Agents_and_Servers (RFC 8415 section 7.1).
    static let servers = IPv6Address(rawValue: 0xFF02 << 112 | 0x1_0002)

    init(_ message: DHCPv6Message, from guest: Guest) {
        self.message = message
        from = guest.mac
        source = guest.linkLocal
    }

    var transactionID: UInt32 {
        if case .plain(_, let id, _) = message { id } else { 0 }
    }

    func datagram(_ payload: [UInt8]) -> Datagram {
        Datagram(
            from: from, .v6(source), port: sourcePort,
            to: destination.octets[0] == 0xFF ? .multicast(destination) : Segment.serverMAC,
            .v6(destination), port: 547, payload: payload)
    }
}

/// What the server answered.
struct V6Reply: Sendable {
    let message: DHCPv6Message
    let datagram: Datagram

    subscript(option code: UInt16) -> [UInt8]? { message[option: code] }

    func expect(_ type: DHCPv6MessageType) throws { try require("the reply", message.type, is: type) }

    /// Throws unless the option has these bytes; nil for absent.
    func expect(_ code: UInt16, _ data: [UInt8]?) throws {
        try require(
            "option \(code)", message[option: code].map(String.init(describing:)),
            is: data.map(String.init(describing:)))
    }

    /// The identity associations.
    func associations() throws -> [DHCPv6IdentityAssociation] {
        try message.options.filter { $0.code == 3 }.map { try DHCPv6IdentityAssociation(parsing: $0.data) }
    }

    /// All addresses of all associations.
    func addresses() throws -> [DHCPv6AssociatedAddress] {
        try associations().flatMap { try $0.addresses() }
    }

    /// The status of the message, or of its first association; 0 where none is told (RFC 8415 section 21.13).
    func status() throws -> UInt16 {
        let inner = try associations().flatMap(\.options).first { $0.code == 13 }?.data
        guard let data = message[option: 13] ?? inner else { return 0 }
        return try DHCPv6Status(parsing: data).code
    }

    /// The addresses that are good to use, sorted.
    func given() throws -> [IPv6Address] {
        try addresses().filter { $0.validLifetime > 0 }.map(\.address).sorted { $0.rawValue < $1.rawValue }
    }
}

extension Guest {
    /// What clients usually ask for: DNS servers, search list, client name, information refresh, boot file.
    static let usualRequests6: [UInt16] = [23, 24, 39, 32, 59]

    /// A message of this machine.
    ///
    /// - Parameter asking: The option request option (6), or nil for none.
    func message6(
        _ type: DHCPv6MessageType, duid: [UInt8]? = nil, server: [UInt8]? = nil, iaid: UInt32? = nil,
        addresses: [IPv6Address] = [], asking: [UInt16]? = usualRequests6, with more: [DHCPv6Option] = []
    ) throws -> V6Request {
        var options = [DHCPv6Option(1, duid ?? self.duid)]
        if let server { options.append(.init(2, server)) }
        let isStateless = type == .informationRequest
        if !isStateless {
            let inner = try addresses.map { try DHCPv6AssociatedAddress(address: $0).option() }
            options.append(
                try DHCPv6IdentityAssociation(iaid: iaid ?? UInt32(number), options: inner).option())
        }
        if let asking { options.append(.init(6, asking.flatMap(\.bytes))) }
        options.append(.init(8, [0, 0]))
        options += more
        return V6Request(
            .plain(type: type, transactionID: .random(in: 0...0xFF_FFFF), options: options), from: self)
    }
}

extension Site {
    /// Sends a request and returns the answer, whose outer form is checked.
    func ask(_ request: V6Request) async throws -> V6Reply {
        let mark = wire.mark()
        try wire.send(request.datagram(try request.message.serialized()).frame())
        let wanted = request.transactionID
        let heard = await wire.first(since: mark, within: patience) { heard in
            Self.reply(heard, to: wanted) != nil
        }
        guard let heard, let reply = Self.reply(heard, to: wanted) else {
            throw FactFailure("no answer to \(request.message.type)")
        }
        try check(reply, answers: request)
        return reply
    }

    /// Sends a request to which no answer may come.
    func expectSilence(_ request: V6Request) async throws {
        try await expectSilence(try request.message.serialized(), as: request)
    }

    func expectSilence(_ payload: [UInt8], as request: V6Request) async throws {
        let mark = wire.mark()
        try wire.send(request.datagram(payload).frame())
        _ = try await ask(fence.message6(.informationRequest))
        // Who has yet to look for the sender's MAC may answer after the fence.
        try await Task.sleep(for: .milliseconds(150))
        for heard in wire.heard(since: mark) {
            if let reply = Self.reply(heard, to: request.transactionID) {
                throw FactFailure("\(request.message.type) was answered by \(reply.message.type)")
            }
        }
    }

    /// SOLICIT, ADVERTISE, REQUEST, REPLY; returns the REPLY.
    @discardableResult
    func lease6(_ guest: Guest, duid: [UInt8]? = nil, iaid: UInt32? = nil) async throws -> V6Reply {
        let advertise = try await ask(try guest.message6(.solicit, duid: duid, iaid: iaid))
        try advertise.expect(.advertise)
        let reply = try await ask(
            try guest.message6(
                .request, duid: duid, server: advertise[option: 2], iaid: iaid,
                addresses: try advertise.given()))
        try reply.expect(.reply)
        return reply
    }

    /// The server's DUID.
    func serverDUID() async throws -> [UInt8] {
        try require(some: try await ask(fence.message6(.informationRequest))[option: 2], "no server DUID")
    }

    static func reply(_ heard: Wire.Heard, to transactionID: UInt32) -> V6Reply? {
        guard case .datagram(let datagram) = heard, datagram.sourcePort == 547,
            let message = try? DHCPv6Message(parsing: datagram.payload),
            case .plain(_, transactionID, _) = message
        else { return nil }
        return V6Reply(message: message, datagram: datagram)
    }

    /// What is so for every answer (RFC 8415 sections 18.3 and 18.4).
    private func check(_ reply: V6Reply, answers request: V6Request) throws {
        try require(reply.datagram.faults.isEmpty, "\(reply.datagram.faults)")
        try require("the source MAC", reply.datagram.ethernetSource, is: Segment.serverMAC)
        try require("the destination", reply.datagram.destination, is: .v6(request.source))
        try require("the destination's port", reply.datagram.destinationPort, is: request.sourcePort)
        try reply.expect(1, request.message[option: 1])
        try require(reply[option: 2] != nil, "no server identifier")
        for code in Set(reply.message.options.map(\.code)) where ![3, 4, 25].contains(code) {
            let count = reply.message.options.count { $0.code == code }
            try require("options \(code)", count, is: 1)
        }
    }
}
