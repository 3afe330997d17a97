import Addressing

extension DHCPOptionRegistry {
    /// The name of a code for people: the registry's, or `option <code>`.
    public static func name(_ code: UInt16, _ version: DHCPVersion) -> String {
        definition(code, version)?.name ?? "option \(code)"
    }

    /// The value of an option for people, in the form that `opt_value` takes; malformed or untyped
    /// bytes come as text where they are printable ASCII, else in hexadecimal.
    public static func describe(_ code: UInt16, _ data: [UInt8], _ version: DHCPVersion) -> String {
        if let text = version == .v4 ? ownV4(code, data) : ownV6(code, data), !text.isEmpty { return text }
        return describe(data, definition(code, version)?.format ?? .untyped, version)
    }

    /// Options with a description of their own.
    private static func ownV4(_ code: UInt16, _ data: [UInt8]) -> String? {
        switch code {
        case 53: data.count == 1 ? DHCPv4MessageType(rawValue: data[0]).description : nil
        case 55: data.map { name(UInt16($0), .v4) }.joined(separator: ",")
        case 81: (try? DHCPClientFQDN(parsing: data, .v4)).flatMap { list([$0.name]) }
        case 82: (try? DHCPv4RelayInformation(parsing: data))?.description
        default: nil
        }
    }

    private static func ownV6(_ code: UInt16, _ data: [UInt8]) -> String? {
        switch code {
        case 1, 2: return (try? DUID(parsing: data))?.description
        case 3:
            guard let association = try? DHCPv6IdentityAssociation(parsing: data),
                let addresses = try? association.addresses()
            else { return nil }
            return (["IAID \(association.iaid)"] + addresses.map { "\($0.address)" }).joined(separator: " ")
        case 5: return (try? DHCPv6AssociatedAddress(parsing: data)).map { "\($0.address)" }
        case 6:
            guard data.count % 2 == 0 else { return nil }
            return stride(from: 0, to: data.count, by: 2)
                .map { name(UInt16(data[$0]) << 8 | UInt16(data[$0 + 1]), .v6) }.joined(separator: ",")
        case 13:
            guard let status = try? DHCPv6Status(parsing: data) else { return nil }
            return list([status.description])
        case 39: return (try? DHCPClientFQDN(parsing: data, .v6)).flatMap { list([$0.name]) }
        default: return nil
        }
    }

    /// A value of a format for people.
    static func describe(_ data: [UInt8], _ format: DHCPOptionFormat, _ version: DHCPVersion) -> String {
        typed(data, format, version) ?? fallback(data)
    }

    /// A value of a known format for people, or nil where the bytes have not its shape.
    static func typed(
        _ data: [UInt8], _ format: DHCPOptionFormat, _ version: DHCPVersion
    ) -> String? {
        switch format {
        case .addresses: return addresses(data[...], version)
        case .addressPairs: return addresses(data[...], .v4)
        case .text, .untyped: return nil
        case .domainNames: return DomainNames.decode(data).flatMap(list)
        case .seconds: return numbers(data, bytes: 4)
        case .integer(let bytes): return numbers(data, bytes: bytes)
        case .signedInteger:
            guard data.count == 4 else { return nil }
            return String(Int32(bitPattern: data.reduce(0) { $0 << 8 | UInt32($1) }))
        case .classlessRoutes: return routes(data)
        case .sipServers:
            if data.first == 1 { return addresses(data[1...], .v4) }
            return data.first == 0 ? DomainNames.decode(Array(data[1...])).flatMap(list) : nil
        case .lengthPrefixedStrings:
            var reader = ByteReader(data[...])
            var parts: [String] = []
            while reader.remaining > 0 {
                guard let count = try? reader.uint16(""), let part = try? reader.take(Int(count), "") else {
                    return nil
                }
                parts.append(String(decoding: part, as: UTF8.self))
            }
            return list(parts)
        case .ntpServers:
            guard let parts = try? DHCPv6Option.parse(data[...]) else { return nil }
            let texts = parts.compactMap { part in
                switch part.code {
                case 1, 2: part.data.count == 16 ? addresses(part.data[...], .v6) : nil
                case 3: DomainNames.decode(part.data).flatMap(list)
                default: nil
                }
            }
            return texts.count == parts.count ? list(texts) : nil
        }
    }

    /// Texts joined by commas; nil where there is none, or one that would not be printed as it is.
    private static func list(_ texts: [String]) -> String? {
        guard !texts.isEmpty,
            texts.allSatisfy({ text in text.utf8.allSatisfy { (0x20...0x7E).contains($0) } })
        else {
            return nil
        }
        return texts.joined(separator: ",")
    }

    private static func numbers(_ data: [UInt8], bytes: Int) -> String? {
        guard bytes > 0, !data.isEmpty, data.count % bytes == 0 else { return nil }
        return stride(from: 0, to: data.count, by: bytes).map { at in
            String(data[at..<at + bytes].reduce(0) { $0 << 8 | UInt32($1) })
        }.joined(separator: ",")
    }

    private static func addresses(_ data: ArraySlice<UInt8>, _ version: DHCPVersion) -> String? {
        let width = version == .v4 ? 4 : 16
        guard !data.isEmpty, data.count % width == 0 else { return nil }
        return stride(from: data.startIndex, to: data.endIndex, by: width).map { at in
            let number = data[at..<at + width].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            return IPAddress(number: number, version: version == .v4 ? .v4 : .v6).description
        }.joined(separator: ",")
    }

    private static func routes(_ data: [UInt8]) -> String? {
        var reader = ByteReader(data[...])
        var parts: [String] = []
        while reader.remaining > 0 {
            guard let length = try? reader.byte(""), length <= 32,
                let network = try? reader.take((Int(length) + 7) / 8, ""), let hop = try? reader.uint32("")
            else { return nil }
            let octets = Array(network) + Array(repeating: 0, count: 4 - network.count)
            let number = octets.reduce(0) { $0 << 8 | UInt32($1) }
            parts.append("\(IPv4Address(rawValue: number))/\(length),\(IPv4Address(rawValue: hop))")
        }
        return parts.joined(separator: ",")
    }

    private static func fallback(_ data: [UInt8]) -> String {
        if !data.isEmpty, data.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return String(decoding: data, as: UTF8.self)
        }
        return Hexadecimal.colons(data)
    }
}
