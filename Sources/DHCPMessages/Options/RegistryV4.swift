extension DHCPOptionRegistry {
    /// Version 4 options by code; names are dnsmasq's. The one list: codec, API and drivers read it.
    public static let v4: [DHCPOptionDefinition] = [
        row(1, "netmask", .addresses, "RFC 2132 3.3", "the subnet's netmask"),
        row(2, "time-offset", .integer(bytes: 4), "RFC 2132 3.4", "seconds east of UTC (deprecated)"),
        row(3, "router", .addresses, "RFC 2132 3.5", "default gateways, best first"),
        row(6, "dns-server", .addresses, "RFC 2132 3.8", "DNS servers, best first"),
        row(7, "log-server", .addresses, "RFC 2132 3.9", "MIT log servers"),
        row(9, "lpr-server", .addresses, "RFC 2132 3.11", "line printer servers"),
        internalRow(12, "hostname", .text, "RFC 2132 3.14", "the client's host name"),
        row(13, "boot-file-size", .integer(bytes: 2), "RFC 2132 3.15", "boot file's size in 512-byte blocks"),
        row(15, "domain-name", .text, "RFC 2132 3.17", "the domain that completes host names"),
        row(16, "swap-server", .addresses, "RFC 2132 3.18", "the swap server"),
        row(17, "root-path", .text, "RFC 2132 3.19", "the root disk"),
        row(18, "extension-path", .text, "RFC 2132 3.20", "a TFTP file with more options"),
        row(19, "ip-forward-enable", .integer(bytes: 1), "RFC 2132 4.1", "whether to forward packets"),
        row(
            20, "non-local-source-routing", .integer(bytes: 1), "RFC 2132 4.2",
            "forward source-routed packets"),
        row(21, "policy-filter", .addressPairs, "RFC 2132 4.3", "allowed source-route next hops"),
        row(
            22, "max-datagram-reassembly", .integer(bytes: 2), "RFC 2132 4.4",
            "largest datagram to reassemble"),
        row(23, "default-ttl", .integer(bytes: 1), "RFC 2132 4.5", "TTL of sent packets"),
        row(26, "mtu", .integer(bytes: 2), "RFC 2132 5.1", "the interface's MTU in bytes"),
        row(27, "all-subnets-local", .integer(bytes: 1), "RFC 2132 5.2", "whether all subnets share the MTU"),
        internalRow(28, "broadcast", .addresses, "RFC 2132 5.3", "the subnet's broadcast address"),
        row(31, "router-discovery", .integer(bytes: 1), "RFC 2132 5.6", "whether to look for routers"),
        row(32, "router-solicitation", .addresses, "RFC 2132 5.7", "where to send router solicitations"),
        row(33, "static-route", .addressPairs, "RFC 2132 5.8", "classful routes: destination, router"),
        row(34, "trailer-encapsulation", .integer(bytes: 1), "RFC 2132 6.1", "use ARP trailers"),
        row(35, "arp-timeout", .integer(bytes: 4), "RFC 2132 6.2", "ARP cache timeout in seconds"),
        row(36, "ethernet-encap", .integer(bytes: 1), "RFC 2132 6.3", "0 Ethernet II, 1 IEEE 802.3"),
        row(37, "tcp-ttl", .integer(bytes: 1), "RFC 2132 7.1", "TTL of TCP segments"),
        row(38, "tcp-keepalive", .integer(bytes: 4), "RFC 2132 7.2", "seconds between TCP keepalives"),
        row(40, "nis-domain", .text, "RFC 2132 8.1", "the NIS domain"),
        row(41, "nis-server", .addresses, "RFC 2132 8.2", "NIS servers"),
        row(42, "ntp-server", .addresses, "RFC 2132 8.3", "NTP servers"),
        internalRow(43, "vendor-encap", .untyped, "RFC 2132 8.4", "vendor-specific suboptions"),
        row(44, "netbios-ns", .addresses, "RFC 2132 8.5", "NetBIOS name servers"),
        row(45, "netbios-dd", .addresses, "RFC 2132 8.6", "NetBIOS datagram distribution servers"),
        row(46, "netbios-nodetype", .integer(bytes: 1), "RFC 2132 8.7", "NetBIOS node type"),
        row(47, "netbios-scope", .untyped, "RFC 2132 8.8", "NetBIOS scope"),
        row(48, "x-windows-fs", .addresses, "RFC 2132 8.9", "X font servers"),
        row(49, "x-windows-dm", .addresses, "RFC 2132 8.10", "X display managers"),
        internalRow(50, "requested-address", .addresses, "RFC 2132 9.1", "the address a client asks for"),
        internalRow(51, "lease-time", .seconds, "RFC 2132 9.2", "how long the lease lasts"),
        internalRow(52, "option-overload", .integer(bytes: 1), "RFC 2132 9.3", "options in file and sname"),
        internalRow(53, "message-type", .integer(bytes: 1), "RFC 2132 9.6", "which DHCP message this is"),
        internalRow(54, "server-identifier", .addresses, "RFC 2132 9.7", "the answering server"),
        internalRow(55, "parameter-request", .untyped, "RFC 2132 9.8", "the options a client asks for"),
        internalRow(56, "message", .text, "RFC 2132 9.9", "why a NAK or DECLINE"),
        internalRow(57, "max-message-size", .integer(bytes: 2), "RFC 2132 9.10", "largest message taken"),
        row(58, "T1", .seconds, "RFC 2132 9.11", "when to renew"),
        row(59, "T2", .seconds, "RFC 2132 9.12", "when to rebind"),
        row(60, "vendor-class", .untyped, "RFC 2132 9.13", "the vendor class"),
        row(61, "client-id", .untyped, "RFC 2132 9.14", "recognise the port's client by this identifier"),
        row(64, "nis+-domain", .text, "RFC 2132 8.11", "the NIS+ domain"),
        row(65, "nis+-server", .addresses, "RFC 2132 8.12", "NIS+ servers"),
        row(66, "tftp-server", .text, "RFC 2132 9.4", "the TFTP server's name"),
        row(67, "bootfile-name", .text, "RFC 2132 9.5", "the boot file"),
        row(68, "mobile-ip-home", .addresses, "RFC 2132 8.13", "Mobile IP home agents"),
        row(69, "smtp-server", .addresses, "RFC 2132 8.14", "SMTP servers"),
        row(70, "pop3-server", .addresses, "RFC 2132 8.15", "POP3 servers"),
        row(71, "nntp-server", .addresses, "RFC 2132 8.16", "NNTP servers"),
        row(74, "irc-server", .addresses, "RFC 2132 8.19", "IRC servers"),
        row(77, "user-class", .untyped, "RFC 3004", "the user class"),
        row(80, "rapid-commit", .untyped, "RFC 4039", "two-message exchange"),
        internalRow(81, "FQDN", .untyped, "RFC 4702", "the client's full name"),
        internalRow(82, "agent-id", .untyped, "RFC 3046", "what a relay agent added"),
        row(92, "associated-ip", .addresses, "RFC 4388 6.1", "all addresses of the client"),
        row(93, "client-arch", .integer(bytes: 2), "RFC 4578 2.1", "the client's architecture"),
        row(94, "client-interface-id", .untyped, "RFC 4578 2.2", "the client's network interface"),
        row(97, "client-machine-id", .untyped, "RFC 4578 2.3", "the client's UUID"),
        row(100, "posix-timezone", .text, "RFC 4833 2", "time zone in POSIX form"),
        row(101, "tzdb-timezone", .text, "RFC 4833 2", "time zone by its name in the tz database"),
        row(108, "ipv6-only", .integer(bytes: 4), "RFC 8925", "prefer IPv6 only, for so many seconds"),
        row(114, "captive-portal", .text, "RFC 8910 2.1", "URI of the captive portal's API"),
        internalRow(118, "subnet-select", .addresses, "RFC 3011", "the subnet to take an address from"),
        row(119, "domain-search", .domainNames(compressed: true), "RFC 3397", "domains to search for names"),
        row(120, "sip-server", .sipServers, "RFC 3361", "SIP servers"),
        row(121, "classless-static-route", .classlessRoutes, "RFC 3442", "routes, the default one included"),
        row(125, "vendor-id-encap", .untyped, "RFC 3925 4", "vendor-identified suboptions"),
        row(150, "tftp-server-address", .addresses, "RFC 5859", "TFTP servers"),
        row(249, "ms-classless-static-route", .classlessRoutes, "MS-DHCPE 2.2.8", "121 for old Windows"),
        row(255, "server-ip-address", .addresses, "RFC 2131 2", "pseudo option: siaddr, the boot server"),
    ]

    private static func row(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        .init(
            code: code, name: name, version: .v4, format: format, isSettable: true, reference: reference,
            summary: summary)
    }

    private static func internalRow(
        _ code: UInt16, _ name: String, _ format: DHCPOptionFormat, _ reference: String, _ summary: String
    ) -> DHCPOptionDefinition {
        .init(
            code: code, name: name, version: .v4, format: format, isSettable: false, reference: reference,
            summary: summary)
    }
}
