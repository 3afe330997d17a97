/// A DHCPv4 message as bytes that its receiver can take.
public struct DHCPv4FittedMessage: Hashable, Sendable {
    /// The UDP payload.
    public var bytes: [UInt8]
    /// The codes of the options that had no room, in the order in which they were dropped.
    public var dropped: [UInt8]
}

extension DHCPv4Message {
    /// The largest UDP payload that any client takes: 576 bytes of IP datagram (RFC 2131 section 2).
    public static let smallestPayloadLimit = 548

    /// The largest UDP payload to send: what the client takes (option 57, RFC 2132 section 9.10; 576 where
    /// it does not say), but no more than the interface carries in one piece.
    ///
    /// The RFC does not say whether option 57 counts the IP and UDP headers; they are counted, so that a
    /// client of either opinion has room.
    public static func payloadLimit(maximumMessageSize: UInt16?, mtu: Int) -> Int {
        max(min(Int(maximumMessageSize ?? 576), mtu) - 28, smallestPayloadLimit)
    }

    /// The UDP payload in at most `limit` bytes, padded to `minimumLength` where that is less.
    ///
    /// Where the options do not fit, `file` and then `sname` take some if they are free (option 52, RFC 2132
    /// section 9.3): an option goes where the first room for it is, those above 255 bytes in pieces
    /// (RFC 3396). Options 53, 54 and 82 stay in the options field, 82 at its end (RFC 3046 section 2.1).
    /// Where they still do not fit, whole options are dropped in the order of ``DHCPv4OptionWeight``.
    /// Throws where that does not suffice.
    public func serialized(
        fitting limit: Int, minimumLength: Int = 300
    ) throws(DHCPSerializeError) -> DHCPv4FittedMessage {
        for option in options where option.code == 0 || option.code == 52 || option.code == 255 {
            throw .unsendableOption(code: UInt16(option.code))
        }
        let header = try header(capacity: max(limit, Self.headerLength))
        var kept = options
        var dropped: [UInt8] = []
        while true {
            var fields = OptionFields(
                room: limit - Self.headerLength, hasFile: bootFile.isEmpty, hasName: serverName.isEmpty)
            if fields.pack(kept) {
                var bytes = header
                fields.write(to: &bytes)
                if bytes.count < min(minimumLength, limit) {
                    bytes += Array(repeating: 0, count: min(minimumLength, limit) - bytes.count)
                }
                return DHCPv4FittedMessage(bytes: bytes, dropped: dropped)
            }
            guard let position = DHCPv4OptionWeight.lightest(of: kept) else {
                let count = kept.reduce(Self.headerLength + 1) { $0 + OptionFields.length(of: $1) }
                throw .doesNotFit(count: count, limit: limit)
            }
            dropped.append(kept.remove(at: position).code)
        }
    }
}

/// The three fields that can hold options, while they are filled.
private struct OptionFields {
    /// The bytes of an option with its code and length, in pieces of 255.
    static func length(of option: DHCPv4Option) -> Int {
        option.data.count + 2 * max((option.data.count + 254) / 255, 1)
    }

    /// The options field, file and sname, as RFC 3396 section 5 joins them.
    private var fields: [[UInt8]] = [[], [], []]
    private let capacities: [Int]
    private var overload: UInt8 = 0
    private var relayInformation: [UInt8] = []

    init(room: Int, hasFile: Bool, hasName: Bool) {
        capacities = [room, hasFile ? 128 : 0, hasName ? 64 : 0]
    }

    /// Whether all options found room.
    mutating func pack(_ options: [DHCPv4Option]) -> Bool {
        let total = options.reduce(1) { $0 + Self.length(of: $1) }
        for option in options where option.code == 82 {
            Self.append(option.data[...], 82, to: &relayInformation)
        }
        if total <= capacities[0] {
            for option in options where option.code != 82 {
                Self.append(option.data[...], option.code, to: &fields[0])
            }
            return true
        }
        overload = (capacities[1] > 0 ? 1 : 0) | (capacities[2] > 0 ? 2 : 0)
        guard overload != 0 else { return false }
        for pinned in [true, false] {
            for option in options where option.code != 82 && Self.isPinned(option.code) == pinned {
                guard place(option, lastField: pinned ? 0 : 2) else { return false }
            }
        }
        if fields[1].isEmpty { overload &= 2 }
        if fields[2].isEmpty { overload &= 1 }
        return room(0) >= 0
    }

    /// What a client or relay may look for in the options field only.
    private static func isPinned(_ code: UInt8) -> Bool { code == 53 || code == 54 }

    /// What is left in a field, its End option (and 52 and 82 in the first) aside.
    private func room(_ field: Int) -> Int {
        guard field == 0 || capacities[field] > 0 else { return 0 }
        return capacities[field] - fields[field].count - 1 - (field == 0 ? 3 + relayInformation.count : 0)
    }

    private mutating func place(_ option: DHCPv4Option, lastField: Int) -> Bool {
        let length = Self.length(of: option)
        for field in 0...lastField where room(field) >= length {
            Self.append(option.data[...], option.code, to: &fields[field])
            return true
        }
        // Only what has to be split anyway is spread over fields.
        guard option.data.count > 255 else { return false }
        var rest = option.data[...]
        for field in 0...lastField {
            while !rest.isEmpty, room(field) > 2 {
                let piece = rest.prefix(min(255, room(field) - 2))
                Self.append(piece, option.code, to: &fields[field])
                rest = rest[piece.endIndex...]
            }
        }
        return rest.isEmpty
    }

    private static func append(_ data: ArraySlice<UInt8>, _ code: UInt8, to bytes: inout [UInt8]) {
        var rest = data
        repeat {
            let piece = rest.prefix(255)
            bytes += [code, UInt8(truncatingIfNeeded: piece.count)]
            bytes += piece
            rest = rest[piece.endIndex...]
        } while !rest.isEmpty
    }

    /// Puts the fields where they belong in a header with the magic cookie.
    func write(to bytes: inout [UInt8]) {
        for (field, start, flag) in [(1, 108, 1), (2, 44, 2)] as [(Int, Int, UInt8)]
        where overload & flag != 0 {
            for (index, byte) in (fields[field] + [255]).enumerated() { bytes[start + index] = byte }
        }
        bytes += fields[0]
        if overload != 0 { bytes += [52, 1, overload] }
        bytes += relayInformation
        bytes.append(255)
    }
}
