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
    /// In a request zeros, which no port can have, stand for the port's own MAC.
    public var macAddress: MACAddress

    /// Whether a request leaves the MAC to the port.
    var meansOwnMAC: Bool { macAddress.rawValue == 0 }

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
///
/// A value whose copies share what they hold: there are millions of ports, and lists, passes and drivers hand
/// them on.
public struct Port: Hashable, Sendable, Codable, Identifiable {
    fileprivate var held: Held

    /// What a port is; never changed, only exchanged.
    fileprivate final class Held: Sendable {
        let fields: Fields
        init(_ fields: Fields) { self.fields = fields }
    }

    /// The attributes under their names in the store.
    fileprivate struct Fields: Hashable, Sendable, Codable {
        let id: ResourceID
        let networkID: ResourceID
        var standard: StandardAttributes
        var adminStateUp: Bool
        var macAddress: MACAddress
        var fixedIPs: [FixedIP]
        var deviceID: String
        var deviceOwner: String
        var status: PortStatus
        var statusDetail: String
        var extraDHCPOptions: [ExtraDHCPOption]
        var dnsName: String
        var dnsDomain: String
        var allowedAddressPairs: [AllowedAddressPair]
        var portSecurityEnabled: Bool
        var securityGroups: [String]
        var ipAllocation: IPAllocationMode
        var bindingHostID: String
        var bindingVNICType: String
        var bindingProfile: String
    }

    private var fields: Fields {
        get { held.fields }
        set { held = Held(newValue) }
    }

    public var id: ResourceID { held.fields.id }
    public var networkID: ResourceID { held.fields.networkID }
    public var standard: StandardAttributes {
        get { held.fields.standard }
        set { fields.standard = newValue }
    }
    public var adminStateUp: Bool {
        get { held.fields.adminStateUp }
        set { fields.adminStateUp = newValue }
    }
    public var macAddress: MACAddress {
        get { held.fields.macAddress }
        set { fields.macAddress = newValue }
    }
    public var fixedIPs: [FixedIP] {
        get { held.fields.fixedIPs }
        set { fields.fixedIPs = newValue }
    }
    public var deviceID: String {
        get { held.fields.deviceID }
        set { fields.deviceID = newValue }
    }
    public var deviceOwner: String {
        get { held.fields.deviceOwner }
        set { fields.deviceOwner = newValue }
    }
    public var status: PortStatus {
        get { held.fields.status }
        set { fields.status = newValue }
    }
    /// Why the status is what it is, in the DHCP server's own words; empty when all is well.
    public var statusDetail: String {
        get { held.fields.statusDetail }
        set { fields.statusDetail = newValue }
    }
    public var extraDHCPOptions: [ExtraDHCPOption] {
        get { held.fields.extraDHCPOptions }
        set { fields.extraDHCPOptions = newValue }
    }
    public var dnsName: String {
        get { held.fields.dnsName }
        set { fields.dnsName = newValue }
    }
    public var dnsDomain: String {
        get { held.fields.dnsDomain }
        set { fields.dnsDomain = newValue }
    }
    public var allowedAddressPairs: [AllowedAddressPair] {
        get { held.fields.allowedAddressPairs }
        set { fields.allowedAddressPairs = newValue }
    }
    public var portSecurityEnabled: Bool {
        get { held.fields.portSecurityEnabled }
        set { fields.portSecurityEnabled = newValue }
    }
    public var securityGroups: [String] {
        get { held.fields.securityGroups }
        set { fields.securityGroups = newValue }
    }
    public var ipAllocation: IPAllocationMode {
        get { held.fields.ipAllocation }
        set { fields.ipAllocation = newValue }
    }
    /// `binding:host_id`.
    public var bindingHostID: String {
        get { held.fields.bindingHostID }
        set { fields.bindingHostID = newValue }
    }
    /// `binding:vnic_type`.
    public var bindingVNICType: String {
        get { held.fields.bindingVNICType }
        set { fields.bindingVNICType = newValue }
    }
    /// `binding:profile`, the JSON object as text.
    public var bindingProfile: String {
        get { held.fields.bindingProfile }
        set { fields.bindingProfile = newValue }
    }

    public init(
        id: ResourceID, networkID: ResourceID, standard: StandardAttributes, adminStateUp: Bool = true,
        macAddress: MACAddress, fixedIPs: [FixedIP], deviceID: String = "", deviceOwner: String = "",
        status: PortStatus = .down, statusDetail: String = "", extraDHCPOptions: [ExtraDHCPOption] = [],
        dnsName: String = "", dnsDomain: String = "", allowedAddressPairs: [AllowedAddressPair] = [],
        portSecurityEnabled: Bool = true, securityGroups: [String] = [],
        ipAllocation: IPAllocationMode = .immediate, bindingHostID: String = "",
        bindingVNICType: String = "normal", bindingProfile: String = "{}"
    ) {
        held = Held(
            Fields(
                id: id, networkID: networkID, standard: standard, adminStateUp: adminStateUp,
                macAddress: macAddress, fixedIPs: fixedIPs, deviceID: deviceID, deviceOwner: deviceOwner,
                status: status, statusDetail: statusDetail, extraDHCPOptions: extraDHCPOptions,
                dnsName: dnsName, dnsDomain: dnsDomain, allowedAddressPairs: allowedAddressPairs,
                portSecurityEnabled: portSecurityEnabled, securityGroups: securityGroups,
                ipAllocation: ipAllocation, bindingHostID: bindingHostID, bindingVNICType: bindingVNICType,
                bindingProfile: bindingProfile))
    }

    public init(from decoder: any Decoder) throws { held = Held(try Fields(from: decoder)) }

    public func encode(to encoder: any Encoder) throws { try held.fields.encode(to: encoder) }

    public static func == (a: Port, b: Port) -> Bool { a.held === b.held || a.held.fields == b.held.fields }

    public func hash(into hasher: inout Hasher) { hasher.combine(held.fields) }
}

extension Port: CustomReflectable {
    /// The attributes, as if they were the port's own.
    public var customMirror: Mirror { Mirror(reflecting: held.fields) }
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
