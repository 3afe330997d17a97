extension DHCPOptionRegistry {
    /// Version 6 options by code; names are dnsmasq's where it has one.
    public static let v6: [DHCPOptionDefinition] = [
        internalRow(1, "client-id", .untyped, "RFC 8415 21.2", "the client's DUID"),
        internalRow(2, "server-id", .untyped, "RFC 8415 21.3", "the server's DUID"),
        internalRow(3, "ia-na", .untyped, "RFC 8415 21.4", "an association with addresses"),
        internalRow(4, "ia-ta", .untyped, "RFC 8415 21.5", "an association with temporary addresses"),
        internalRow(5, "iaaddr", .untyped, "RFC 8415 21.6", "an address with its lifetimes"),
        internalRow(6, "oro", .untyped, "RFC 8415 21.7", "the options a client asks for"),
        internalRow(7, "preference", .integer(bytes: 1), "RFC 8415 21.8", "which server to prefer"),
        internalRow(8, "elapsed-time", .integer(bytes: 2), "RFC 8415 21.9", "hundredths of a second tried"),
        internalRow(9, "relay-message", .untyped, "RFC 8415 21.10", "the message that a relay passes on"),
        internalRow(11, "authentication", .untyped, "RFC 8415 21.11", "proof of who sent the message"),
        internalRow(12, "unicast", .addresses, "RFC 8415 21.12", "where a client may unicast to"),
        internalRow(13, "status", .untyped, "RFC 8415 21.13", "how a request went"),
        internalRow(14, "rapid-commit", .untyped, "RFC 8415 21.14", "two-message exchange"),
        internalRow(15, "user-class", .lengthPrefixedStrings, "RFC 8415 21.15", "the user classes"),
        internalRow(16, "vendor-class", .untyped, "RFC 8415 21.16", "the vendor class"),
        internalRow(17, "vendor-opts", .untyped, "RFC 8415 21.17", "vendor-specific options"),
        internalRow(18, "interface-id", .untyped, "RFC 8415 21.18", "where a relay got the message"),
        internalRow(
            19, "reconfigure-message", .integer(bytes: 1), "RFC 8415 21.19", "what a client is to send"),
        internalRow(20, "reconfigure-accept", .untyped, "RFC 8415 21.20", "whether RECONFIGURE is accepted"),
        row(21, "sip-server-domain", .domainNames(compressed: false), "RFC 3319 3.1", "SIP servers by name"),
        row(22, "sip-server", .addresses, "RFC 3319 3.2", "SIP servers"),
        row(23, "dns-server", .addresses, "RFC 3646 3", "DNS servers, best first"),
        row(
            24, "domain-search", .domainNames(compressed: false), "RFC 3646 4", "domains to search for names"),
        internalRow(25, "ia-pd", .untyped, "RFC 8415 21.21", "an association with delegated prefixes"),
        internalRow(26, "iaprefix", .untyped, "RFC 8415 21.22", "a delegated prefix with its lifetimes"),
        row(27, "nis-server", .addresses, "RFC 3898 3", "NIS servers"),
        row(28, "nis+-server", .addresses, "RFC 3898 4", "NIS+ servers"),
        row(29, "nis-domain", .domainNames(compressed: false), "RFC 3898 5", "the NIS domain"),
        row(30, "nis+-domain", .domainNames(compressed: false), "RFC 3898 6", "the NIS+ domain"),
        row(31, "sntp-server", .addresses, "RFC 4075", "SNTP servers"),
        row(32, "information-refresh-time", .seconds, "RFC 8415 21.23", "when to ask for options again"),
        numberedRow(
            33, "bcmcs-domain", .domainNames(compressed: false), "RFC 4280 4.2",
            "broadcast and multicast service controllers by name"),
        numberedRow(
            34, "bcmcs-server", .addresses, "RFC 4280 4.4", "broadcast and multicast service controllers"),
        numberedRow(36, "geoconf-civic", .untyped, "RFC 4776", "the civic location"),
        internalRow(37, "remote-id", .untyped, "RFC 4649 3", "the far end of the relay's circuit"),
        internalRow(38, "subscriber-id", .untyped, "RFC 4580 2", "the relay's subscriber"),
        internalRow(39, "FQDN", .untyped, "RFC 4704", "the client's full name"),
        numberedRow(40, "pana-agent", .addresses, "RFC 5192 5", "PANA authentication agents"),
        row(41, "posix-timezone", .text, "RFC 4833 3", "time zone in POSIX form"),
        row(42, "tzdb-timezone", .text, "RFC 4833 3", "time zone by its name in the tz database"),
        internalRow(43, "echo-request", .untyped, "RFC 4994 4", "what a relay wants back"),
        internalRow(44, "lq-query", .untyped, "RFC 5007 4.1.2.1", "a lease query"),
        internalRow(
            45, "client-data", .untyped, "RFC 5007 4.1.2.2", "a client in the answer to a lease query"),
        internalRow(
            46, "client-last-transaction-time", .integer(bytes: 4), "RFC 5007 4.1.2.3",
            "seconds since the client was last heard"),
        internalRow(47, "lq-relay-data", .untyped, "RFC 5007 4.1.2.4", "what a relay said of a client"),
        internalRow(48, "lq-client-link", .addresses, "RFC 5007 4.1.2.5", "links on which a client is"),
        numberedRow(51, "lost-server", .domainNames(compressed: false), "RFC 5223 4", "LoST servers"),
        numberedRow(52, "capwap-ac", .addresses, "RFC 5417 4", "CAPWAP access controllers"),
        internalRow(53, "relay-id", .untyped, "RFC 5460 5.4.1", "the relay's DUID"),
        row(56, "ntp-server", .ntpServers, "RFC 5908 4", "NTP servers"),
        numberedRow(
            57, "access-domain", .domainNames(compressed: false), "RFC 5986 3.2",
            "the access network's domain"),
        numberedRow(
            58, "sip-ua-domains", .domainNames(compressed: false), "RFC 6011 4",
            "domains of SIP user agents' configuration"),
        row(59, "bootfile-url", .text, "RFC 5970 3.1", "URL of the boot file"),
        row(60, "bootfile-param", .lengthPrefixedStrings, "RFC 5970 3.2", "parameters for the boot file"),
        internalRow(61, "client-arch-type", .integer(bytes: 2), "RFC 5970 3.3", "the client's architectures"),
        internalRow(62, "client-interface-id", .untyped, "RFC 5970 3.4", "the client's network interface"),
        numberedRow(
            64, "aftr-name", .domainNames(compressed: false), "RFC 6334 3", "the DS-Lite tunnel's far end"),
        numberedRow(
            65, "erp-local-domain", .domainNames(compressed: false), "RFC 6440 4",
            "domain of the local re-authentication server"),
        internalRow(
            66, "relay-supplied-options", .untyped, "RFC 6422 4",
            "options that a relay gives the server for the client"),
        internalRow(67, "pd-exclude", .untyped, "RFC 6603 4.2", "a prefix that is not delegated"),
        internalRow(68, "virtual-subnet-selection", .untyped, "RFC 6607 3.2", "which virtual network"),
        numberedRow(74, "rdnss-selection", .untyped, "RFC 6731 4.2", "which DNS server for which domain"),
        internalRow(
            79, "client-linklayer-address", .untyped, "RFC 6939 4",
            "the client's link-layer address as its relay saw it"),
        internalRow(
            80, "link-address", .addresses, "RFC 6977 6.1", "the link that a relay asks to reconfigure"),
        numberedRow(82, "sol-max-rt", .integer(bytes: 4), "RFC 8415 21.24", "longest time between SOLICITs"),
        numberedRow(
            83, "inf-max-rt", .integer(bytes: 4), "RFC 8415 21.25",
            "longest time between INFORMATION-REQUESTs"),
        numberedRow(86, "pcp-server", .addresses, "RFC 7291 3", "port control servers"),
        internalRow(87, "dhcpv4-message", .untyped, "RFC 7341 7.1", "a DHCPv4 message"),
        numberedRow(88, "dhcp4o6-server", .addresses, "RFC 7341 7.2", "servers of DHCPv4 over DHCPv6"),
        rowOfOurs(103, "captive-portal", .text, "RFC 8910 2.2", "URI of the captive portal's API"),
        numberedRow(112, "mud-url", .text, "RFC 8520 11", "URL of the client's usage description"),
        internalRow(
            135, "relay-port", .integer(bytes: 2), "RFC 8357 5.2", "the port that a relay wants answers at"),
        numberedRow(136, "sztp-redirect", .untyped, "RFC 8572 8.2", "zero-touch bootstrap servers' URIs"),
        numberedRow(144, "encrypted-dns", .untyped, "RFC 9463 4", "encrypted DNS resolvers"),
    ]

    private static func row(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        definition(code, name, format, .named, reference, summary)
    }

    /// Named as in dnsmasq versions after 2.90, or by nobody but us.
    private static func rowOfOurs(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        definition(code, name, format, .namedHere, reference, summary)
    }

    private static func numberedRow(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        definition(code, name, format, .numbered, reference, summary)
    }

    private static func internalRow(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        definition(code, name, format, .internal, reference, summary)
    }

    private static func definition(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat,
        _ naming: DHCPOptionDefinition.Naming, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        .init(
            code: code, name: name, version: .v6, format: format, naming: naming, reference: reference,
            summary: summary)
    }
}
