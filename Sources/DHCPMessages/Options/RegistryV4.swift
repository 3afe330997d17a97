extension DHCPOptionRegistry {
    /// Version 4 options by code; names are dnsmasq's where it has one. The one list: codec, API, drivers
    /// and fuzzer read it.
    public static let v4: [DHCPOptionDefinition] = rfc2132 + extensions

    /// RFC 2132: codes up to 76.
    private static let rfc2132: [DHCPOptionDefinition] = [
        row(1, "netmask", .addresses, "RFC 2132 3.3", "the subnet's netmask"),
        row(2, "time-offset", .signedInteger, "RFC 2132 3.4", "seconds east of UTC (deprecated)"),
        row(3, "router", .addresses, "RFC 2132 3.5", "default gateways, best first"),
        numberedRow(4, "time-server", .addresses, "RFC 2132 3.6", "time servers (RFC 868)"),
        numberedRow(5, "name-server", .addresses, "RFC 2132 3.7", "IEN 116 name servers"),
        row(6, "dns-server", .addresses, "RFC 2132 3.8", "DNS servers, best first"),
        row(7, "log-server", .addresses, "RFC 2132 3.9", "MIT log servers"),
        numberedRow(8, "cookie-server", .addresses, "RFC 2132 3.10", "quote servers (RFC 865)"),
        row(9, "lpr-server", .addresses, "RFC 2132 3.11", "line printer servers"),
        numberedRow(10, "impress-server", .addresses, "RFC 2132 3.12", "Imagen Impress servers"),
        numberedRow(
            11, "resource-location-server", .addresses, "RFC 2132 3.13", "resource location servers (RFC 887)"
        ),
        internalRow(12, "hostname", .text, "RFC 2132 3.14", "the client's host name"),
        row(13, "boot-file-size", .integer(bytes: 2), "RFC 2132 3.15", "boot file's size in 512-byte blocks"),
        numberedRow(14, "merit-dump", .text, "RFC 2132 3.16", "where to dump the client's core"),
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
        numberedRow(
            24, "path-mtu-aging-timeout", .integer(bytes: 4), "RFC 2132 4.6",
            "seconds that a discovered MTU counts"),
        numberedRow(
            25, "path-mtu-plateau-table", .integer(bytes: 2), "RFC 2132 4.7", "MTUs to try, smallest first"),
        row(26, "mtu", .integer(bytes: 2), "RFC 2132 5.1", "the interface's MTU in bytes"),
        row(27, "all-subnets-local", .integer(bytes: 1), "RFC 2132 5.2", "whether all subnets share the MTU"),
        internalRow(28, "broadcast", .addresses, "RFC 2132 5.3", "the subnet's broadcast address"),
        numberedRow(
            29, "perform-mask-discovery", .integer(bytes: 1), "RFC 2132 5.4",
            "whether to ask for the netmask by ICMP"),
        numberedRow(
            30, "mask-supplier", .integer(bytes: 1), "RFC 2132 5.5", "whether to answer others that do"),
        row(31, "router-discovery", .integer(bytes: 1), "RFC 2132 5.6", "whether to look for routers"),
        row(32, "router-solicitation", .addresses, "RFC 2132 5.7", "where to send router solicitations"),
        row(33, "static-route", .addressPairs, "RFC 2132 5.8", "classful routes: destination, router"),
        row(34, "trailer-encapsulation", .integer(bytes: 1), "RFC 2132 6.1", "use ARP trailers"),
        row(35, "arp-timeout", .integer(bytes: 4), "RFC 2132 6.2", "ARP cache timeout in seconds"),
        row(36, "ethernet-encap", .integer(bytes: 1), "RFC 2132 6.3", "0 Ethernet II, 1 IEEE 802.3"),
        row(37, "tcp-ttl", .integer(bytes: 1), "RFC 2132 7.1", "TTL of TCP segments"),
        row(38, "tcp-keepalive", .integer(bytes: 4), "RFC 2132 7.2", "seconds between TCP keepalives"),
        numberedRow(
            39, "tcp-keepalive-garbage", .integer(bytes: 1), "RFC 2132 7.3", "whether keepalives carry a byte"
        ),
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
        numberedRow(72, "www-server", .addresses, "RFC 2132 8.17", "web servers"),
        numberedRow(73, "finger-server", .addresses, "RFC 2132 8.18", "finger servers"),
        row(74, "irc-server", .addresses, "RFC 2132 8.19", "IRC servers"),
        numberedRow(75, "streettalk-server", .addresses, "RFC 2132 8.20", "StreetTalk servers"),
        numberedRow(
            76, "stda-server", .addresses, "RFC 2132 8.21", "StreetTalk directory assistance servers"),
    ]

    /// What other RFCs added, and the pseudo option 255.
    private static let extensions: [DHCPOptionDefinition] = [
        row(77, "user-class", .untyped, "RFC 3004", "the user class"),
        numberedRow(
            78, "slp-directory-agent", .untyped, "RFC 2610 3",
            "directory agents of the service location protocol"),
        numberedRow(
            79, "slp-service-scope", .untyped, "RFC 2610 4", "scopes of the service location protocol"),
        row(80, "rapid-commit", .untyped, "RFC 4039", "two-message exchange"),
        internalRow(81, "FQDN", .untyped, "RFC 4702", "the client's full name"),
        internalRow(82, "agent-id", .untyped, "RFC 3046", "what a relay agent added"),
        numberedRow(85, "nds-server", .addresses, "RFC 2241 2", "Novell directory servers"),
        numberedRow(86, "nds-tree", .text, "RFC 2241 3", "Novell directory tree"),
        numberedRow(87, "nds-context", .text, "RFC 2241 4", "Novell directory context"),
        numberedRow(
            88, "bcmcs-domain", .domainNames(compressed: false), "RFC 4280 4.1",
            "broadcast and multicast service controllers by name"),
        numberedRow(
            89, "bcmcs-server", .addresses, "RFC 4280 4.3", "broadcast and multicast service controllers"),
        internalRow(90, "authentication", .untyped, "RFC 3118 2", "proof of who sent the message"),
        internalRow(
            91, "client-last-transaction-time", .integer(bytes: 4), "RFC 4388 6.1",
            "seconds since the client was last heard"),
        rowOfOurs(92, "associated-ip", .addresses, "RFC 4388 6.1", "all addresses of the client"),
        row(93, "client-arch", .integer(bytes: 2), "RFC 4578 2.1", "the client's architecture"),
        row(94, "client-interface-id", .untyped, "RFC 4578 2.2", "the client's network interface"),
        row(97, "client-machine-id", .untyped, "RFC 4578 2.3", "the client's UUID"),
        numberedRow(98, "uap-server", .text, "RFC 2485", "user authentication servers' URLs"),
        numberedRow(99, "geoconf-civic", .untyped, "RFC 4776", "the civic location"),
        row(100, "posix-timezone", .text, "RFC 4833 2", "time zone in POSIX form"),
        row(101, "tzdb-timezone", .text, "RFC 4833 2", "time zone by its name in the tz database"),
        row(108, "ipv6-only", .integer(bytes: 4), "RFC 8925", "prefer IPv6 only, for so many seconds"),
        rowOfOurs(114, "captive-portal", .text, "RFC 8910 2.1", "URI of the captive portal's API"),
        numberedRow(
            116, "auto-configure", .integer(bytes: 1), "RFC 2563 2", "whether to take a link-local address"),
        numberedRow(
            117, "name-service-search", .untyped, "RFC 2937 3", "name services in the order to ask them"),
        internalRow(118, "subnet-select", .addresses, "RFC 3011", "the subnet to take an address from"),
        row(119, "domain-search", .domainNames(compressed: true), "RFC 3397", "domains to search for names"),
        row(120, "sip-server", .sipServers, "RFC 3361", "SIP servers"),
        row(121, "classless-static-route", .classlessRoutes, "RFC 3442", "routes, the default one included"),
        numberedRow(122, "cablelabs-client", .untyped, "RFC 3495", "CableLabs suboptions"),
        numberedRow(123, "geoconf", .untyped, "RFC 6225 2.1", "the location by coordinates"),
        internalRow(
            124, "vendor-id-class", .untyped, "RFC 3925 3", "vendor-identified classes of the client"),
        row(125, "vendor-id-encap", .untyped, "RFC 3925 4", "vendor-identified suboptions"),
        numberedRow(136, "pana-agent", .addresses, "RFC 5192 4", "PANA authentication agents"),
        numberedRow(137, "lost-server", .domainNames(compressed: false), "RFC 5223 3", "LoST servers"),
        numberedRow(138, "capwap-ac", .addresses, "RFC 5417 3", "CAPWAP access controllers"),
        numberedRow(139, "mos-address", .untyped, "RFC 5678 2", "mobility servers"),
        numberedRow(140, "mos-domain", .untyped, "RFC 5678 2", "mobility servers by name"),
        numberedRow(
            141, "sip-ua-domains", .domainNames(compressed: false), "RFC 6011 4",
            "domains of SIP user agents' configuration"),
        numberedRow(142, "andsf-server", .addresses, "RFC 6153 2", "access network discovery servers"),
        numberedRow(143, "sztp-redirect", .untyped, "RFC 8572 8.1", "zero-touch bootstrap servers' URIs"),
        numberedRow(144, "geoloc", .untyped, "RFC 6225 2.1", "the location by coordinates, with resolution"),
        internalRow(
            145, "forcerenew-nonce", .untyped, "RFC 6704 3.1.1",
            "which FORCERENEW authentication the client can do"),
        numberedRow(146, "rdnss-selection", .untyped, "RFC 6731 4.3", "which DNS server for which domain"),
        row(150, "tftp-server-address", .addresses, "RFC 5859", "TFTP servers"),
        internalRow(151, "status-code", .untyped, "RFC 6926 6.2.2", "how a lease query went"),
        internalRow(
            152, "base-time", .integer(bytes: 4), "RFC 6926 6.2.3",
            "when the answer to a lease query was made"),
        internalRow(
            153, "start-time-of-state", .integer(bytes: 4), "RFC 6926 6.2.4",
            "seconds that a lease has its state"),
        internalRow(
            154, "query-start-time", .integer(bytes: 4), "RFC 6926 6.2.5", "leases changed after this"),
        internalRow(
            155, "query-end-time", .integer(bytes: 4), "RFC 6926 6.2.6", "leases changed before this"),
        internalRow(156, "dhcp-state", .integer(bytes: 1), "RFC 6926 6.2.7", "the state of a lease"),
        internalRow(157, "data-source", .integer(bytes: 1), "RFC 6926 6.2.8", "whether another server told"),
        numberedRow(158, "pcp-server", .untyped, "RFC 7291 4", "port control servers"),
        numberedRow(159, "port-parameters", .untyped, "RFC 7618 9", "the shared address's ports"),
        numberedRow(161, "mud-url", .text, "RFC 8520 10", "URL of the client's usage description"),
        numberedRow(162, "encrypted-dns", .untyped, "RFC 9463 5", "encrypted DNS resolvers"),
        numberedRow(175, "ipxe-encap", .untyped, "iPXE", "iPXE's suboptions"),
        numberedRow(208, "pxelinux-magic", .untyped, "RFC 5071 3", "marks PXELINUX options (deprecated)"),
        numberedRow(209, "pxelinux-config-file", .text, "RFC 5071 4", "PXELINUX's configuration file"),
        numberedRow(210, "pxelinux-path-prefix", .text, "RFC 5071 5", "what PXELINUX puts before file names"),
        numberedRow(
            211, "pxelinux-reboot-time", .integer(bytes: 4), "RFC 5071 6",
            "seconds until PXELINUX reboots after a failure"),
        numberedRow(212, "6rd", .untyped, "RFC 5969 7.1.1", "IPv6 rapid deployment prefix and relays"),
        numberedRow(
            213, "access-domain", .domainNames(compressed: false), "RFC 5986 3.1",
            "the access network's domain"),
        internalRow(220, "subnet-allocation", .untyped, "RFC 6656 3", "subnets for a router"),
        internalRow(221, "virtual-subnet-selection", .untyped, "RFC 6607 3.1", "which virtual network"),
        rowOfOurs(
            249, "ms-classless-static-route", .classlessRoutes, "MS-DHCPE 2.2.8", "121 for old Windows"),
        row(255, "server-ip-address", .addresses, "RFC 2131 2", "pseudo option: siaddr, the boot server"),
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
            code: code, name: name, version: .v4, format: format, naming: naming, reference: reference,
            summary: summary)
    }
}
