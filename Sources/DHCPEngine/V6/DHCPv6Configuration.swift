public import Addressing
public import DHCPMessages

/// What all DHCPv6 clients of one network are served from, ports aside.
public struct DHCPv6Configuration: Hashable, Sendable {
    /// The network's IPv6 subnets with DHCP (not those of pure SLAAC); hosts refer to them by position.
    public var subnets: [DHCPv6Subnet]
    /// Option 2: DUID-UUID of the network (RFC 6355), so that all agents of the network are one server.
    public var serverIdentifier: [UInt8]
    /// Whether a SOLICIT with option 14 is answered by a REPLY at once (RFC 8415 section 18.3.1).
    public var allowsRapidCommit = true
    /// Whether INFORMATION-REQUEST is answered to those that no port is known of: no address is given by it,
    /// and dnsmasq answers too.
    public var informsStrangers = true
    /// Option 7; 0 is not sent. All agents of a network are one server, so there is nothing to prefer; 255
    /// would keep clients from waiting a second for other servers (RFC 8415 section 18.2.1). Clients that want
    /// a prefix, too, are not told: another server may delegate them.
    public var preference: UInt8 = 0
    /// Bytes of UDP payload up to which options are added: 1232 goes over every IPv6 link in one piece.
    /// What does not fit is left out, what the client asked for last first.
    public var replySize = 1232
    public var limits = RateLimits()

    public init(subnets: [DHCPv6Subnet] = [], serverIdentifier: [UInt8]) {
        self.subnets = subnets
        self.serverIdentifier = serverIdentifier
    }
}

/// A subnet as DHCPv6 clients are told about it.
public struct DHCPv6Subnet: Hashable, Sendable {
    public var prefix: IPPrefix
    /// Whether addresses are given (dhcpv6-stateful) or only options (dhcpv6-stateless).
    public var isStateful: Bool
    /// Seconds; 4294967295 is infinite.
    public var validLifetime: UInt32
    /// Seconds, at most ``validLifetime``.
    public var preferredLifetime: UInt32
    /// T1 in seconds.
    public var renewalTime: UInt32
    /// T2 in seconds.
    public var rebindingTime: UInt32
    /// What clients that ask for it are told (23, 24, 32, 59, …).
    public var options: [DHCPv6Option]
    /// The domain for host names (option 39), without a final dot, or empty.
    public var domainName: String

    public init(
        prefix: IPPrefix, isStateful: Bool, validLifetime: UInt32, preferredLifetime: UInt32,
        renewalTime: UInt32, rebindingTime: UInt32, options: [DHCPv6Option] = [], domainName: String = ""
    ) {
        self.prefix = prefix
        self.isStateful = isStateful
        self.validLifetime = validLifetime
        self.preferredLifetime = preferredLifetime
        self.renewalTime = renewalTime
        self.rebindingTime = rebindingTime
        self.options = options
        self.domainName = domainName
    }
}

/// A port with IPv6 addresses: who its client is and what it is told.
public struct DHCPv6Host: Hashable, Sendable {
    /// An address on a subnet of the configuration.
    public struct Address: Hashable, Sendable {
        /// The position in ``DHCPv6Configuration/subnets``.
        public var subnet: Int
        public var address: IPv6Address

        public init(subnet: Int, address: IPv6Address) {
            self.subnet = subnet
            self.address = address
        }
    }

    public var port: PortIdentity
    public var mac: MACAddress
    /// In the port's order; all stateful ones are given. On a stateless subnet the address only says that
    /// the port is there.
    public var addresses: [Address]
    /// The DUID that also identifies this port; nil for none.
    public var clientIdentifier: [UInt8]?
    /// The host name for option 39, without domain; nil for `host-…`, made from the address.
    public var hostName: String?
    /// `extra_dhcp_opts` of IP version 6, in order.
    public var options: [TaggedOption]

    public init(
        port: PortIdentity, mac: MACAddress, addresses: [Address], clientIdentifier: [UInt8]? = nil,
        hostName: String? = nil, options: [TaggedOption] = []
    ) {
        self.port = port
        self.mac = mac
        self.addresses = addresses
        self.clientIdentifier = clientIdentifier
        self.hostName = hostName
        self.options = options
    }
}
