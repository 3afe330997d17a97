/// The shape of an option's value, as text in `extra_dhcp_opts` and as bytes on the wire.
public enum DHCPOptionFormat: Hashable, Sendable {
    /// One or more addresses of the option's version, joined by commas.
    case addresses
    /// Pairs of IPv4 addresses, joined by commas (options 21 and 33).
    case addressPairs
    /// Text, sent as its UTF-8 bytes.
    case text
    /// Domain names joined by commas, sent as RFC 1035 labels (`compressed`: with RFC 1035 pointers).
    case domainNames(compressed: Bool)
    /// Seconds, with an optional unit `s`, `m`, `h`, `d` or `w`; 32 bits on the wire.
    case seconds
    /// An unsigned number of this many bytes (1, 2 or 4), big-endian on the wire.
    case integer(bytes: Int)
    /// A signed number of four bytes, in two's complement.
    case signedInteger
    /// `destination/length,next hop` pairs joined by commas (RFC 3442).
    case classlessRoutes
    /// IPv4 addresses, or domain names, behind an encoding byte (RFC 3361).
    case sipServers
    /// Strings joined by commas, each behind its 16-bit length (RFC 5970 section 3.2).
    case lengthPrefixedStrings
    /// IPv6 addresses or domain names, each a suboption (RFC 5908).
    case ntpServers
    /// No declared shape: dnsmasq guesses it from the text.
    case untyped

    /// What a value of the format must look like, for the error that refuses one.
    public func expectation(_ version: DHCPVersion) -> String {
        switch self {
        case .addresses:
            version == .v4
                ? "IPv4 addresses joined by commas, such as 10.0.0.1,10.0.0.2"
                : "IPv6 addresses joined by commas, such as 2001:db8::1 or [2001:db8::1]"
        case .addressPairs: "pairs of IPv4 addresses joined by commas, such as 10.1.0.0,10.0.0.1"
        case .text: "text of at least one character, without control characters"
        case .domainNames: "domain names joined by commas, such as example.org,example.net"
        case .seconds: "a number of seconds, such as 3600, or one with a unit s, m, h, d or w, such as 12h"
        case .signedInteger: "a whole number from -2147483648 to 4294967295, such as -18000"
        case .integer(let bytes):
            "a whole number from 0 to \(DHCPOptionFormat.largest(bytes)), or \(bytes) "
                + "hexadecimal bytes joined by colons"
        case .classlessRoutes:
            "pairs of destination and next hop joined by commas, such as 10.1.0.0/16,10.0.0.1"
        case .sipServers: "IPv4 addresses, or domain names, joined by commas"
        case .lengthPrefixedStrings: "strings joined by commas"
        case .ntpServers: "IPv6 addresses, or domain names, joined by commas"
        case .untyped:
            "text, a decimal number, hexadecimal bytes joined by colons, or addresses joined by commas"
        }
    }

    /// The largest number of so many bytes.
    static func largest(_ bytes: Int) -> UInt32 {
        bytes >= 4 ? .max : (1 << UInt32(bytes * 8)) - 1
    }
}

/// The protocol that an option belongs to.
public enum DHCPVersion: Int, Hashable, Sendable, CaseIterable {
    /// RFC 2131: option codes of one byte.
    case v4 = 4
    /// RFC 8415: option codes of two bytes.
    case v6 = 6
}

/// A row of the option registry.
public struct DHCPOptionDefinition: Hashable, Sendable {
    /// How `extra_dhcp_opts` may name an option.
    public enum Naming: Hashable, Sendable {
        /// By name or number; dnsmasq has the same row.
        case named
        /// By name or number; dnsmasq 2.90 knows the number only and guesses what the value is.
        case namedHere
        /// By number; dnsmasq has no row and guesses what the value is.
        case numbered
        /// By number, where at all: what servers, clients or relays put in themselves.
        case `internal`
    }

    /// The option code: 1–254 in version 4 (255 for the pseudo option `server-ip-address`), 16 bits in 6.
    public let code: UInt16
    /// The name that Neutron and dnsmasq know the option by.
    public let name: String
    public let version: DHCPVersion
    public let format: DHCPOptionFormat
    public let naming: Naming
    /// The RFC and its section, or whose option it is.
    public let reference: String
    /// What the option says, in one line.
    public let summary: String

    /// Whether the name may stand in `extra_dhcp_opts`.
    public var isSettable: Bool { naming == .named || naming == .namedHere }

    /// The bytes of a value, or nil where it has not the option's form.
    ///
    /// Where dnsmasq guesses, the value must mean the same when guessed as by the row, so that both drivers
    /// send the same.
    func encode(_ value: String) -> [UInt8]? {
        if naming == .named || naming == .internal {
            return DHCPOptionCoding.encode(value, format, version)
        }
        guard let guessed = OptionGuess.bytes(value, version) else { return nil }
        switch format {
        case .untyped: return guessed
        case .text: return guessed == Array(value.utf8) ? guessed : nil
        case .integer(let bytes): return guessed.count == bytes ? guessed : nil
        case .signedInteger, .seconds: return guessed.count == 4 ? guessed : nil
        default:
            return DHCPOptionRegistry.typed(guessed, format, version) == nil ? nil : guessed
        }
    }

    /// What a value must look like, for the error that refuses one.
    var expectation: String {
        if naming == .numbered || naming == .namedHere {
            switch format {
            case .integer(bytes: 2): return "a whole number from 0 to 65535 with the suffix s, such as 600s"
            case .integer(bytes: 4), .signedInteger, .seconds:
                return "a whole number from 0 to 4294967295 with the suffix i, such as 600i"
            case .domainNames:
                return "labels in hexadecimal bytes, such as 07:65:78:61:6d:70:6c:65:00 for example"
            default: break
            }
        }
        return format.expectation(version)
    }
}
