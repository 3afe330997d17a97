public import DHCPDrivers
public import LinuxKernel

/// The drivers that the suite knows, by their names in `dhcp_driver`.
public enum DriverKind: String, Sendable, Hashable, CaseIterable {
    case dnsmasq
    case native
}

/// What an operator can set, as both drivers understand it; defaults are Neutron's.
public struct DriverSettings: Sendable {
    /// `dhcp_confs`.
    public let confs: String
    public let namespaces: NamespaceThread
    /// `dhcp_lease_duration` in seconds; -1 for infinite.
    public var leaseDuration = 86_400
    /// `dhcp_renewal_time` in seconds; 0 leaves it to the driver.
    public var renewalTime = 0
    /// `dhcp_rebinding_time` in seconds; 0 leaves it to the driver.
    public var rebindingTime = 0
    public var broadcastReply = false
    public var dnsDomain = "openstacklocal"
    /// `dnsmasq_dns_servers`.
    public var dnsServers: [String] = []
    public var txtRecord = ""
    public var forceMetadata = false
    public var enableIsolatedMetadata = false
    /// `dnsmasq_enable_addr6_list`.
    public var enableAddr6List = false
}

/// A driver under test: which one it is and how to make one.
public struct Subject: Sendable {
    public let kind: DriverKind
    /// How long it is given for an answer: a busy machine may stand still for a while.
    let patience: Duration
    let make: @Sendable (DriverSettings) throws -> any DHCPDriver
    /// Has one that serves nothing any more write what it has yet to write, into a directory that goes then.
    let finish: @Sendable (any DHCPDriver) -> Void

    public init(
        _ kind: DriverKind, patience: Duration = .seconds(60),
        make: @escaping @Sendable (DriverSettings) throws -> any DHCPDriver,
        finish: @escaping @Sendable (any DHCPDriver) -> Void = { _ in }
    ) {
        self.kind = kind
        self.finish = finish
        self.patience = patience
        self.make = make
    }
}
