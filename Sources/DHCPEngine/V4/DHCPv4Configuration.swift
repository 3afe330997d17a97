public import Addressing
public import DHCPMessages

/// What all DHCPv4 clients of one network are served from, ports aside.
public struct DHCPv4Configuration: Hashable, Sendable {
    /// The network's DHCP-enabled IPv4 subnets; hosts refer to them by position.
    public var subnets: [DHCPv4Subnet]
    /// `dhcp_broadcast_reply`: always answer by broadcast.
    public var alwaysBroadcasts = false
    /// Whether a DISCOVER with option 80 is answered by an ACK at once (RFC 4039).
    public var allowsRapidCommit = true
    /// The token buckets of every port and of the whole network.
    public var limits = RateLimits()

    public init(subnets: [DHCPv4Subnet] = []) { self.subnets = subnets }

    /// Whether answers depend on ``DHCPv4Arrival/destination``: only where we have no address on a subnet.
    public var needsDestinations: Bool { subnets.contains { $0.serverAddress == nil } }
}

/// A subnet as DHCPv4 clients are told about it.
public struct DHCPv4Subnet: Hashable, Sendable {
    /// The block, host bits clear; options 1 and 28 follow from it.
    public var prefix: IPPrefix
    /// Our own address on it, the server identifier; nil where only relays lead to it.
    public var serverAddress: IPv4Address?
    /// Seconds; 4294967295 is infinite.
    public var leaseTime: UInt32
    /// T1 in seconds, below ``rebindingTime``.
    public var renewalTime: UInt32
    /// T2 in seconds, below ``leaseTime``.
    public var rebindingTime: UInt32
    /// What clients that ask for it are told, besides what the engine makes itself (1, 28, 51, 53, 54, 58,
    /// 59, 61, 81, 82).
    public var options: [DHCPv4Option]
    /// The codes among ``options`` that are sent whether asked for or not.
    public var forcedOptions: Set<UInt8>
    /// The domain for host names (options 15 is among ``options``), without a final dot, or empty.
    public var domainName: String

    public init(
        prefix: IPPrefix, serverAddress: IPv4Address?, leaseTime: UInt32, renewalTime: UInt32,
        rebindingTime: UInt32, options: [DHCPv4Option] = [], forcedOptions: Set<UInt8> = [],
        domainName: String = ""
    ) {
        self.prefix = prefix
        self.serverAddress = serverAddress
        self.leaseTime = leaseTime
        self.renewalTime = renewalTime
        self.rebindingTime = rebindingTime
        self.options = options
        self.forcedOptions = forcedOptions
        self.domainName = domainName
    }
}

/// A port with IPv4 addresses: who its client is and what it is told.
public struct DHCPv4Host: Hashable, Sendable {
    /// An address on a subnet of the configuration.
    public struct Address: Hashable, Sendable {
        /// The position in ``DHCPv4Configuration/subnets``.
        public var subnet: Int
        public var address: IPv4Address

        public init(subnet: Int, address: IPv4Address) {
            self.subnet = subnet
            self.address = address
        }
    }

    public var port: PortIdentity
    public var mac: MACAddress
    /// In the port's order; the first on the request's subnet is given.
    public var addresses: [Address]
    /// The client identifier (option 61, type byte included) that also identifies this port; nil for none.
    public var clientIdentifier: [UInt8]?
    /// The host name for option 12, without domain; nil for `host-10-0-0-5`, made from the address.
    public var hostName: String?
    /// `extra_dhcp_opts`, in order.
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
