/// The one list of DHCP options: what `extra_dhcp_opts` may name, and what the bytes mean.
public enum DHCPOptionRegistry {
    /// The rows of a version, by ascending code.
    public static func definitions(_ version: DHCPVersion) -> [DHCPOptionDefinition] {
        version == .v4 ? v4 : v6
    }

    /// The row of a code, or nil where the registry does not know it.
    public static func definition(_ code: UInt16, _ version: DHCPVersion) -> DHCPOptionDefinition? {
        version == .v4 ? v4ByCode[code] : v6ByCode[code]
    }

    /// The row of a name, or nil; names are compared exactly, as dnsmasq does (`T1`, `FQDN`).
    public static func definition(named name: String, _ version: DHCPVersion) -> DHCPOptionDefinition? {
        version == .v4 ? v4ByName[name] : v6ByName[name]
    }

    /// Finds the option that an `opt_name` means: a name, a number, or either behind `tag:<tag>,`.
    ///
    /// Throws where the name is unknown, not settable, or no `opt_name` at all; the error says what
    /// would be right.
    public static func lookup(
        _ optName: String, _ version: DHCPVersion
    ) throws(DHCPOptionError) -> DHCPOptionName {
        var parts = optName.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        let last = parts.removeLast()
        var tags: [String] = []
        for part in parts {
            guard let tag = DHCPTag(part) else {
                throw .init(
                    .badTag, optName, "before the option only tag:<tag> may stand, such as tag:!ipxe,67")
            }
            tags.append(tag.text)
        }
        if !last.isEmpty, last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) {
            let limit: UInt16 = version == .v4 ? 254 : .max
            guard let code = UInt16(last), (1...limit).contains(code) else {
                throw .init(.unknownOption, optName, "option numbers run from 1 to \(limit)")
            }
            // What the protocol itself is made of; dnsmasq drops such an option without a word to anybody.
            let isReserved =
                version == .v4 ? (50...57).contains(code) : (1...9).contains(code) || code == 16 || code == 39
            guard !isReserved else {
                throw .init(.notSettable, optName, "the server makes this option itself")
            }
            return .init(
                tags: tags, code: code, version: version, text: last, definition: definition(code, version))
        }
        guard let definition = definition(named: last, version) else {
            throw .init(
                .unknownOption, optName,
                "no DHCPv\(version.rawValue) option of this name; use a number for options without one")
        }
        guard definition.naming != .numbered else {
            throw .init(
                .unknownOption, optName, "dnsmasq has no name for it; use its number, \(definition.code)")
        }
        guard definition.isSettable || definition.name == "client-id" else {
            throw .init(.notSettable, optName, "the server makes this option itself")
        }
        return .init(tags: tags, code: definition.code, version: version, text: last, definition: definition)
    }

    /// Checks an `extra_dhcp_opts` entry as the API must before it is stored.
    ///
    /// Throws what is wrong and which form is expected.
    public static func validate(
        name: String, value: String, _ version: DHCPVersion
    ) throws(DHCPOptionError) {
        guard !name.isEmpty, name.utf8.count <= 64 else {
            throw .init(.badName, name, "opt_name has 1 to 64 characters")
        }
        guard value.utf8.count <= 255 else {
            throw .init(.badValue, name, "opt_value has at most 255 characters")
        }
        let option = try lookup(name, version)
        if value.allSatisfy(\.isWhitespace) {
            guard option.mayBeBlank else {
                throw .init(
                    .badValue, name, "a blank value is allowed only for router and classless-static-route")
            }
            return
        }
        _ = try option.encode(value)
    }

    private static let v4ByCode = Dictionary(uniqueKeysWithValues: v4.map { ($0.code, $0) })
    private static let v6ByCode = Dictionary(uniqueKeysWithValues: v6.map { ($0.code, $0) })
    private static let v4ByName = Dictionary(uniqueKeysWithValues: v4.map { ($0.name, $0) })
    private static let v6ByName = Dictionary(uniqueKeysWithValues: v6.map { ($0.name, $0) })
}

/// An option as `opt_name` names it.
public struct DHCPOptionName: Hashable, Sendable {
    /// The tags that the client must have (or, behind `!`, must not have), in order.
    public let tags: [String]
    public let code: UInt16
    public let version: DHCPVersion
    /// The name or number as it was given, without the tags.
    public let text: String
    /// The registry's row, or nil for a number that it does not know.
    public let definition: DHCPOptionDefinition?

    /// How values are read: a number without a row is guessed, as dnsmasq does.
    public var format: DHCPOptionFormat { definition?.format ?? .untyped }

    /// Whether the option was given by number.
    public var isNumeric: Bool { text.utf8.allSatisfy { (0x30...0x39).contains($0) } }

    /// Whether the option identifies the client rather than being sent to it.
    public var isClientID: Bool {
        (version == .v4 && code == 61) || (version == .v6 && text == "client-id")
    }

    /// Whether an empty value has a meaning: send no such option.
    public var mayBeBlank: Bool { version == .v4 && (code == 3 || code == 121 || code == 249) }

    /// The bytes that the value travels as; throws where it has not the option's form.
    public func encode(_ value: String) throws(DHCPOptionError) -> [UInt8] {
        guard !value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) else {
            throw .init(.badValue, text, "control characters are not allowed")
        }
        if isClientID { return DHCPOptionCoding.clientID(value) }
        let bytes = definition.map { $0.encode(value) } ?? OptionGuess.bytes(value, version)
        guard let bytes else {
            let expectation = definition?.expectation ?? format.expectation(version)
            throw .init(.badValue, text, "'\(value)' is not \(expectation)")
        }
        if version == .v4 && bytes.count > 255 {
            throw .init(.badValue, text, "the value has \(bytes.count) bytes; 255 is the most")
        }
        return bytes
    }
}

/// A tag condition in an `opt_name`: letters, digits, `.`, `_` and `-`, perhaps behind `!`.
struct DHCPTag {
    let text: String

    init?(_ part: String) {
        guard part.hasPrefix("tag:") else { return nil }
        let tag = part.dropFirst(4)
        let name = tag.hasPrefix("!") ? tag.dropFirst() : tag
        guard !name.isEmpty,
            name.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == 0x2E || $0 == 0x5F || $0 == 0x2D
            })
        else { return nil }
        text = String(tag)
    }
}

/// A refused `extra_dhcp_opts` entry: what was given and what form is expected. Compares by kind.
public struct DHCPOptionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of refusal it is.
    public enum Kind: Hashable, Sendable {
        case badName, badTag, unknownOption, notSettable, badValue
    }

    public let kind: Kind
    /// The option as it was given.
    public let option: String
    /// What is expected instead.
    public let detail: String

    init(_ kind: Kind, _ option: String, _ detail: String) {
        self.kind = kind
        self.option = option
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "DHCP option \(option): \(detail)" }
}
