import Addressing

extension DHCPOptionRegistry {
    /// The name of a code for people: the registry's, or `option <code>`.
    public static func name(_ code: UInt16, _ version: DHCPVersion) -> String {
        definition(code, version)?.name ?? "option \(code)"
    }

    /// The value of an option for people, in the form that `opt_value` takes; malformed or untyped
    /// bytes come as text where they are printable ASCII, else in hexadecimal.
    public static func describe(_ code: UInt16, _ data: [UInt8], _ version: DHCPVersion) -> String {
        if version == .v4 && code == 53, data.count == 1 {
            return DHCPv4MessageType(rawValue: data[0]).description
        }
        if version == .v4 && code == 55 { return data.map { name(UInt16($0), .v4) }.joined(separator: ",") }
        let format = definition(code, version)?.format ?? .untyped
        return typed(data, format, version) ?? fallback(data)
    }

    private static func typed(
        _ data: [UInt8], _ format: DHCPOptionFormat, _ version: DHCPVersion
    ) -> String? {
        switch format {
        case .addresses: return addresses(data[...], version)
        case .addressPairs: return addresses(data[...], .v4)
        case .text, .untyped: return nil
        case .domainNames: return DomainNames.decode(data)?.joined(separator: ",")
        case .seconds, .integer:
            guard (1...4).contains(data.count) else { return nil }
            return String(data.reduce(0) { $0 << 8 | UInt32($1) })
        case .classlessRoutes: return routes(data)
        case .sipServers:
            if data.first == 1 { return addresses(data[1...], .v4) }
            return data.first == 0 ? DomainNames.decode(Array(data[1...]))?.joined(separator: ",") : nil
        case .lengthPrefixedStrings:
            var reader = ByteReader(data[...])
            var parts: [String] = []
            while reader.remaining > 0 {
                guard let count = try? reader.uint16(""), let part = try? reader.take(Int(count), "") else {
                    return nil
                }
                parts.append(String(decoding: part, as: UTF8.self))
            }
            return parts.joined(separator: ",")
        case .ntpServers:
            guard let parts = try? DHCPv6Option.parse(data[...]) else { return nil }
            let texts = parts.compactMap { part in
                part.code == 3
                    ? DomainNames.decode(part.data)?.joined(separator: ",") : addresses(part.data[...], .v6)
            }
            return texts.count == parts.count ? texts.joined(separator: ",") : nil
        }
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
        let digits = Array("0123456789abcdef")
        return data.map { "\(digits[Int($0 >> 4)])\(digits[Int($0 & 15)])" }.joined(separator: ":")
    }
}
