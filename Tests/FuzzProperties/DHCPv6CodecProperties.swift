import DHCPMessages

/// What holds for the DHCPv6 codec, whatever the bytes.
enum DHCPv6CodecProperties {
    static func check(_ bytes: [UInt8]) throws(PropertyFailure) {
        if let message = try? DHCPv6Message(parsing: bytes) {
            try require((try? message.serialized()) == bytes, "parse and serialise are not the same bytes")
            try read(message)
        }
        guard let relayed = try? DHCPv6RelayedMessage(parsing: bytes) else { return }
        try require(relayed.relays.count <= 9, "\(relayed.relays.count) relays")
        try read(relayed.message)
        if !relayed.relays.isEmpty {
            for relay in relayed.relays { _ = try? relay.clientLinkLayerAddress() }
            // A message that two relays wrapped may be too long for a third; else it must come back.
            if let again = try? relayed.serialized(.relayForward) {
                try require(
                    (try? DHCPv6RelayedMessage(parsing: again)) == relayed,
                    "parse, serialise, parse is not the same")
            }
            if let reply = try? relayed.reply(with: relayed.message) {
                guard let parsed = try? DHCPv6RelayedMessage(parsing: reply) else {
                    throw PropertyFailure("a relayed reply cannot be parsed")
                }
                try require(
                    parsed.relays.map(\.peerAddress) == relayed.relays.map(\.peerAddress)
                        && parsed.message == relayed.message, "a reply goes another way back")
            }
        }
        _ = relayed.clientLink
    }

    private static func read(_ message: DHCPv6Message) throws(PropertyFailure) {
        _ = try? message.clientIdentifier()?.description
        _ = try? message.serverIdentifier()?.form
        _ = try? message.requestedOptions()
        _ = try? message.preference()
        _ = try? message.elapsedTime()
        _ = try? message.status()?.option
        _ = try? message.wantsRapidCommit()
        _ = try? message.userClasses()
        _ = try? message.vendorClass()
        _ = try? message.clientFQDN()?.data(.v6)
        _ = try? message.clientArchitectures()
        for option in message.options {
            _ = DHCPOptionRegistry.describe(option.code, option.data, .v6)
            if option.code == 1, let duid = try? DUID(parsing: option.data) {
                try require((try? DUID(duid.form)) == duid, "a DUID made of its parts is another")
            }
            guard option.code == 3, let association = try? DHCPv6IdentityAssociation(parsing: option.data)
            else { continue }
            try require((try? association.option()) == option, "an association is not the same bytes")
            for inner in association.options where inner.code == 5 {
                guard let address = try? DHCPv6AssociatedAddress(parsing: inner.data) else { continue }
                try require((try? address.option()) == inner, "an address is not the same bytes")
            }
        }
    }
}
