import DHCPMessages

/// What holds for the DHCPv4 codec, whatever the bytes.
enum DHCPv4CodecProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        let message = try? DHCPv4Message(parsing: bytes)
        try compareViews(message, bytes)
        guard let message else { return }
        try roundTrip(message)
        try fit(message)
        read(message)
    }

    /// Serialising and parsing again gives the same message, option 82 at the end.
    private static func roundTrip(_ message: DHCPv4Message) throws(PropertyFailure) {
        guard let bytes = try? message.serialized() else {
            throw PropertyFailure("a parsed message cannot be serialised")
        }
        try require(bytes.count >= 300, "serialised to less than 300 bytes")
        guard let again = try? DHCPv4Message(parsing: bytes) else {
            throw PropertyFailure("a serialised message cannot be parsed")
        }
        var expected = message
        expected.options =
            message.options.filter { $0.code != 82 } + message.options.filter { $0.code == 82 }
        try require(again == expected, "parse, serialise, parse is not the same: \(message) \(again)")
        try require((try? again.serialized()) == bytes, "serialising twice is not the same")
    }

    /// In any limit: not longer, and all that was not dropped is there.
    private static func fit(_ message: DHCPv4Message) throws(PropertyFailure) {
        for limit in [DHCPv4Message.smallestPayloadLimit, 1472] {
            guard let fitted = try? message.serialized(fitting: limit) else { continue }
            try require(fitted.bytes.count <= limit, "\(fitted.bytes.count) bytes in a limit of \(limit)")
            guard let again = try? DHCPv4Message(parsing: fitted.bytes) else {
                throw PropertyFailure("a fitted message cannot be parsed")
            }
            let kept = message.options.filter { !fitted.dropped.contains($0.code) }
            try require(
                sorted(again.options) == sorted(kept), "fitting in \(limit) lost more than it says")
            try require(
                again.serverName == message.serverName && again.bootFile == message.bootFile,
                "fitting wrote over sname or file")
        }
    }

    private static func sorted(_ options: [DHCPv4Option]) -> [DHCPv4Option] {
        options.sorted { $0.code < $1.code }
    }

    /// No typed view traps, and no description is out of proportion.
    private static func read(_ message: DHCPv4Message) {
        _ = try? message.messageType()
        _ = try? message.requestedAddress()
        _ = try? message.serverIdentifier()
        _ = try? message.clientIdentifier()
        _ = try? message.leaseTime()
        _ = try? message.maximumMessageSize()
        _ = message.userClasses
        _ = try? message.wantsRapidCommit()
        _ = try? message.clientFQDN()?.data(.v4)
        if let information = try? message.relayInformation() {
            _ = try? information.linkSelection()
            _ = try? information.serverIdentifierOverride()
            _ = try? information.wasUnicast()
        }
        _ = try? message.clientArchitectures()
        _ = try? message.clientMachineIdentifier()
        _ = try? message.subnetSelection()
        for option in message.options {
            _ = DHCPOptionRegistry.describe(UInt16(option.code), option.data, .v4)
        }
    }

    /// The two readers of a request, the value and the server's view, take and see the same.
    private static func compareViews(
        _ message: DHCPv4Message?, _ bytes: [UInt8]
    ) throws(PropertyFailure) {
        let view = try? DHCPv4View(bytes.span.bytes)
        guard let view, view.hasCookie else {
            return try require(message == nil, "the codec parses what the view does not")
        }
        guard let message else { throw PropertyFailure("the view parses what the codec does not") }
        let (data, joined) = view.isSplit ? view.joined(bytes.span.bytes) : (bytes, view)
        let fields: [(UInt8, DHCPv4View.Field)] = [
            (12, joined.hostName), (50, joined.requestedAddressField), (53, joined.messageTypeField),
            (54, joined.serverIdentifierField), (55, joined.parameterRequestList),
            (57, joined.maximumMessageSizeField), (60, joined.vendorClass), (61, joined.clientIdentifier),
            (77, joined.userClass), (80, joined.rapidCommit), (81, joined.fullyQualifiedName),
            (82, joined.relayInformation), (118, joined.subnetSelection),
        ]
        for (code, field) in fields {
            let seen = field.isPresent ? Array(data[field.range]) : nil
            try require(seen == message[option: code], "the view sees another option \(code) than the codec")
        }
    }
}
