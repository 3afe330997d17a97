public import Addressing

/// An address of a port on one of its network's subnets.
public struct FixedIP: Hashable, Sendable, Codable {
    public var subnetID: ResourceID
    public var address: IPAddress

    public init(subnetID: ResourceID, address: IPAddress) {
        self.subnetID = subnetID
        self.address = address
    }
}

/// A DHCP option of one port (`extra_dhcp_opts`).
public struct ExtraDHCPOption: Hashable, Sendable, Codable {
    /// `opt_name`: a name or number of the option registry, perhaps with `tag:<tag>,` before it.
    public var name: String
    /// `opt_value`: at most 255 characters; empty only where the option may be blank.
    public var value: String
    public var ipVersion: IPVersion

    public init(name: String, value: String, ipVersion: IPVersion = .v4) {
        self.name = name
        self.value = value
        self.ipVersion = ipVersion
    }
}

extension IPVersion: Codable {}

/// A further address that may be used on a port (`allowed_address_pairs`).
public struct AllowedAddressPair: Hashable, Sendable, Codable {
    /// An address or CIDR, as given.
    public var ipAddress: String
    public var macAddress: MACAddress

    public init(ipAddress: String, macAddress: MACAddress) {
        self.ipAddress = ipAddress
        self.macAddress = macAddress
    }
}

/// The state of a port as clients see it.
public enum PortStatus: String, Hashable, Sendable, Codable, CaseIterable {
    case active = "ACTIVE"
    case down = "DOWN"
    case build = "BUILD"
    case error = "ERROR"
}

/// How addresses came to a port (`ip_allocation`).
public enum IPAllocationMode: String, Hashable, Sendable, Codable, CaseIterable {
    case immediate, deferred, none
}

/// Well-known values of `device_owner`.
public enum DeviceOwner {
    public static let dhcp = "network:dhcp"
    public static let distributed = "network:distributed"
    public static let routerInterface = "network:router_interface"
    public static let routerGateway = "network:router_gateway"
    public static let routerHAInterface = "network:ha_router_replicated_interface"
    public static let floatingIP = "network:floatingip"
    public static let floatingIPAgentGateway = "network:floatingip_agent_gateway"
    public static let routerSNAT = "network:router_centralized_snat"
    public static let distributedRouterInterface = "network:router_interface_distributed"
    /// What Neutron's own ports carry.
    public static let networkPrefix = "network:"
    /// What instances that Leasehold boots itself carry.
    public static let computePrefix = "compute:"
}

/// An attachment point with a MAC and addresses (Neutron's `port`).
public struct Port: Hashable, Sendable, Codable, Identifiable {
    public let id: ResourceID
    public let networkID: ResourceID
    public var standard: StandardAttributes
    public var adminStateUp: Bool
    public var macAddress: MACAddress
    public var fixedIPs: [FixedIP]
    public var deviceID: String
    public var deviceOwner: String
    public var status: PortStatus
    /// Why the status is what it is, in the DHCP server's own words; empty when all is well.
    public var statusDetail: String
    public var extraDHCPOptions: [ExtraDHCPOption]
    public var dnsName: String
    public var dnsDomain: String
    public var allowedAddressPairs: [AllowedAddressPair]
    public var portSecurityEnabled: Bool
    public var securityGroups: [String]
    public var ipAllocation: IPAllocationMode
    /// `binding:host_id`.
    public var bindingHostID: String
    /// `binding:vnic_type`.
    public var bindingVNICType: String
    /// `binding:profile`, the JSON object as text.
    public var bindingProfile: String

    public init(
        id: ResourceID, networkID: ResourceID, standard: StandardAttributes, adminStateUp: Bool = true,
        macAddress: MACAddress, fixedIPs: [FixedIP], deviceID: String = "", deviceOwner: String = "",
        status: PortStatus = .down, statusDetail: String = "", extraDHCPOptions: [ExtraDHCPOption] = [],
        dnsName: String = "", dnsDomain: String = "", allowedAddressPairs: [AllowedAddressPair] = [],
        portSecurityEnabled: Bool = true, securityGroups: [String] = [],
        ipAllocation: IPAllocationMode = .immediate, bindingHostID: String = "",
        bindingVNICType: String = "normal", bindingProfile: String = "{}"
    ) {
        self.id = id
        self.networkID = networkID
        self.standard = standard
        self.adminStateUp = adminStateUp
        self.macAddress = macAddress
        self.fixedIPs = fixedIPs
        self.deviceID = deviceID
        self.deviceOwner = deviceOwner
        self.status = status
        self.statusDetail = statusDetail
        self.extraDHCPOptions = extraDHCPOptions
        self.dnsName = dnsName
        self.dnsDomain = dnsDomain
        self.allowedAddressPairs = allowedAddressPairs
        self.portSecurityEnabled = portSecurityEnabled
        self.securityGroups = securityGroups
        self.ipAllocation = ipAllocation
        self.bindingHostID = bindingHostID
        self.bindingVNICType = bindingVNICType
        self.bindingProfile = bindingProfile
    }
}

extension Port {
    /// Whether the port is a router's interface on its subnets: such a port carries gateway addresses, gets
    /// no automatic ones, and holds its subnet.
    public var isRouterInterface: Bool { DeviceOwner.routerInterfaces.contains(deviceOwner) }

    /// Whether the port goes away with its network or subnet instead of holding it.
    public var isDeletedAutomatically: Bool { DeviceOwner.deletedAutomatically.contains(deviceOwner) }
}

extension DeviceOwner {
    /// Neutron's ROUTER_INTERFACE_OWNERS_SNAT.
    static let routerInterfaces: Set<String> = [
        routerInterface, routerHAInterface, distributedRouterInterface, routerSNAT,
    ]
    /// Neutron's ROUTER_PORT_OWNERS: those, the gateways and floating addresses.
    static let routerPorts: Set<String> = routerInterfaces.union([
        routerGateway, floatingIP, floatingIPAgentGateway,
    ])
    /// Neutron's AUTO_DELETE_PORT_OWNERS.
    static let deletedAutomatically: Set<String> = [dhcp, distributed, floatingIPAgentGateway]
    /// Whose ports get the lowest free address rather than a random one.
    static let preferNext: Set<String> = [dhcp, distributed]
}
