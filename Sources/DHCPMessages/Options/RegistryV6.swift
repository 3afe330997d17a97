extension DHCPOptionRegistry {
    /// Version 6 options by code; names are dnsmasq's.
    public static let v6: [DHCPOptionDefinition] = [
        internalRow(1, "client-id", .untyped, "RFC 8415 21.2", "the client's DUID"),
        internalRow(2, "server-id", .untyped, "RFC 8415 21.3", "the server's DUID"),
        internalRow(3, "ia-na", .untyped, "RFC 8415 21.4", "an association with addresses"),
        internalRow(4, "ia-ta", .untyped, "RFC 8415 21.5", "an association with temporary addresses"),
        internalRow(5, "iaaddr", .untyped, "RFC 8415 21.6", "an address with its lifetimes"),
        internalRow(6, "oro", .untyped, "RFC 8415 21.7", "the options a client asks for"),
        internalRow(7, "preference", .integer(bytes: 1), "RFC 8415 21.8", "which server to prefer"),
        internalRow(8, "elapsed-time", .integer(bytes: 2), "RFC 8415 21.9", "hundredths of a second tried"),
        internalRow(12, "unicast", .addresses, "RFC 8415 21.12", "where a client may unicast to"),
        internalRow(13, "status", .untyped, "RFC 8415 21.13", "how a request went"),
        internalRow(14, "rapid-commit", .untyped, "RFC 8415 21.14", "two-message exchange"),
        internalRow(15, "user-class", .lengthPrefixedStrings, "RFC 8415 21.15", "the user classes"),
        internalRow(16, "vendor-class", .untyped, "RFC 8415 21.16", "the vendor class"),
        internalRow(17, "vendor-opts", .untyped, "RFC 8415 21.17", "vendor-specific options"),
        row(21, "sip-server-domain", .domainNames(compressed: false), "RFC 3319 3.1", "SIP servers by name"),
        row(22, "sip-server", .addresses, "RFC 3319 3.2", "SIP servers"),
        row(23, "dns-server", .addresses, "RFC 3646 3", "DNS servers, best first"),
        row(
            24, "domain-search", .domainNames(compressed: false), "RFC 3646 4", "domains to search for names"),
        row(27, "nis-server", .addresses, "RFC 3898 3", "NIS servers"),
        row(28, "nis+-server", .addresses, "RFC 3898 4", "NIS+ servers"),
        row(29, "nis-domain", .domainNames(compressed: false), "RFC 3898 5", "the NIS domain"),
        row(30, "nis+-domain", .domainNames(compressed: false), "RFC 3898 6", "the NIS+ domain"),
        row(31, "sntp-server", .addresses, "RFC 4075", "SNTP servers"),
        row(32, "information-refresh-time", .seconds, "RFC 8415 21.23", "when to ask for options again"),
        internalRow(39, "FQDN", .untyped, "RFC 4704", "the client's full name"),
        row(41, "posix-timezone", .text, "RFC 4833 3", "time zone in POSIX form"),
        row(42, "tzdb-timezone", .text, "RFC 4833 3", "time zone by its name in the tz database"),
        row(56, "ntp-server", .ntpServers, "RFC 5908 4", "NTP servers"),
        row(59, "bootfile-url", .text, "RFC 5970 3.1", "URL of the boot file"),
        row(60, "bootfile-param", .lengthPrefixedStrings, "RFC 5970 3.2", "parameters for the boot file"),
        row(103, "captive-portal", .text, "RFC 8910 2.2", "URI of the captive portal's API"),
    ]

    private static func row(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        .init(
            code: code, name: name, version: .v6, format: format, isSettable: true, reference: reference,
            summary: summary)
    }

    private static func internalRow(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        .init(
            code: code, name: name, version: .v6, format: format, isSettable: false, reference: reference,
            summary: summary)
    }
}
