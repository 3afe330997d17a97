public import Addressing

/// The operator's settings that decisions depend on (neutron.conf); defaults are Neutron's.
public struct ModelPolicy: Hashable, Sendable {
    /// `base_mac`: the first three octets are kept, the fourth too unless it is 0.
    public var baseMAC = MACAddress(rawValue: 0xFA16_3E00_0000)
    /// `dns_domain`.
    public var dnsDomain = "openstacklocal"
    /// `max_dns_nameservers`.
    public var maxDNSNameservers = 5
    /// `max_subnet_host_routes`.
    public var maxSubnetHostRoutes = 20
    /// `global_physnet_mtu`, bytes.
    public var globalPhysnetMTU = 1500
    /// `path_mtu`, bytes; 0 for no limit.
    public var pathMTU = 0
    /// `physical_network_mtus`: bytes per physical network.
    public var physicalNetworkMTUs: [String: Int] = [:]
    /// `overlay_ip_version`.
    public var overlayIPVersion = IPVersion.v4
    /// `tenant_network_types`: the first one that can be had is used when no type is asked for.
    public var tenantNetworkTypes: [NetworkType] = [.local]
    /// `flat_networks`; `*` allows any name.
    public var flatNetworks: [String] = ["*"]
    /// `network_vlan_ranges`: VLAN ids per physical network.
    public var vlanRanges: [String: ClosedRange<Int>] = [:]
    /// `vni_ranges`.
    public var vniRanges: [ClosedRange<Int>] = [1...16_777_215]

    /// `agent_down_time`: after so many seconds without a heartbeat an agent counts as dead.
    public var agentDownTime: Int64 = 75

    /// `quota_network`, `quota_subnet`, `quota_port`, and `default_quota` for all else: how many a project may
    /// have unless an operator said otherwise for it; a negative number for no limit.
    public var defaultQuotas: [QuotaResource: Int] = [
        .network: 100, .subnet: 100, .port: 500, .subnetpool: -1, .floatingIP: -1, .rbacPolicy: -1,
        .router: -1, .securityGroup: -1, .securityGroupRule: -1,
    ]

    public init() {}
}
