public import KernelPlan
public import NetworkModel

/// How networks are wired on a host: which devices carry a network and what they are called.
public protocol InterfaceDriver: Sendable {
    /// The name under which configuration knows the driver (`interface_driver`).
    var name: String { get }

    /// The name of the network's namespace under /run/netns.
    func namespace(of network: ResourceID) -> String

    /// The network to which a namespace of this naming belongs, or nil for any other name.
    func network(ofNamespace name: String) -> ResourceID?

    /// The bridge of the network in the root namespace.
    func bridge(of network: ResourceID) -> String

    /// The device of a DHCP port inside the namespace.
    func deviceName(of port: ResourceID) -> String

    /// The wiring that the network needs to be served through its DHCP port.
    ///
    /// - Parameter subnets: all subnets of the network, DHCP-enabled or not.
    /// - Throws: what of the network cannot be wired on this host, and what to do about it.
    func wiring(
        network: Network, subnets: [Subnet], dhcpPort: Port
    ) throws(InterfaceDriverError) -> NetworkWiring

    /// What may still stand of a network of which nothing but the id is known.
    ///
    /// Holds the names that follow from the id; the veth goes with its namespace.
    func remains(of network: ResourceID) -> NetworkWiring
}

/// A network that cannot be wired on this host. Compares by kind.
public struct InterfaceDriverError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of failure it is.
    public enum Kind: Hashable, Sendable {
        /// The driver cannot carry networks of this type.
        case unsupportedType(NetworkType)
        /// The configuration maps the physical network to nothing.
        case unmappedPhysicalNetwork(String)
        /// The record lacks what its type needs, such as a VNI.
        case incompleteSegment
        /// The configuration lacks an option that this type of network needs.
        case missingOption(String)
    }

    public let kind: Kind
    public let network: ResourceID
    /// The cause and the remedy, for people.
    public let detail: String

    public init(_ kind: Kind, network: ResourceID, detail: String) {
        self.kind = kind
        self.network = network
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "wire network \(network): \(detail)" }
}
