public import NetworkModel

/// A way to serve DHCP on networks: dnsmasq processes, or a server of our own.
///
/// All methods are idempotent and may be called for different networks at the same time; calls for
/// one network never overlap (its worker makes them one after the other).
public protocol DHCPDriver: Sendable {
    /// The name under which configuration and agents know the driver (`dhcp_driver`).
    var name: String { get }

    /// Checks that the driver can work here at all; throws what is missing and how to get it.
    func checkRequirements() async throws(DHCPDriverError)

    /// The networks for which this driver left state behind, running or not.
    func existingNetworks() async throws(DHCPDriverError) -> [ResourceID]

    /// Makes the server serve exactly this, adopting one that already does.
    ///
    /// Returns only when the server really answers from `service`: not when it was told to read, but
    /// when it has read.
    func apply(
        _ service: DHCPService, change: DHCPServiceChange
    ) async throws(DHCPDriverError) -> DHCPApplyOutcome

    /// Stops the network's server and removes its state; does nothing if there is none.
    func remove(_ network: ResourceID) async throws(DHCPDriverError)

    /// What the network's server is doing.
    func status(of network: ResourceID) async -> DHCPServerStatus

    /// What the network's clients were told, as far as the server's record says; in any order.
    func leases(of network: ResourceID) async -> [Lease]

    /// The same of several networks; where one call is cheaper than many.
    func leases(of networks: [ResourceID]) async -> [Lease]

    /// The same of one port of a network; leases of which the record names no port may be among them.
    func leases(of port: ResourceID, on network: ResourceID) async -> [Lease]

    /// Takes in, before the network is served, what another driver's server told its clients, so that they
    /// can go on as if nothing had happened.
    func take(_ leases: [Lease], of network: ResourceID) async

    /// The name of the driver that serves the network; another than ``name`` where one driver leads others.
    func servingDriver(of network: ResourceID) async -> String

    /// Whether the network's server ended with the process before this one, so that nobody answers until
    /// ``apply(_:change:)`` was called; and calling it is all that is needed where the wiring stands.
    func servesFromThisProcess(_ network: Network) async -> Bool

    /// What of the network's ports cannot be served as they ask, a sentence each.
    func problems(of network: ResourceID) async -> [String]

    /// Servers that stopped by themselves, as it happens. One consumer.
    var deaths: AsyncStream<ResourceID> { get }
}

extension DHCPDriver {
    public func leases(of network: ResourceID) async -> [Lease] { [] }

    public func leases(of networks: [ResourceID]) async -> [Lease] {
        var leases: [Lease] = []
        for network in networks { leases += await self.leases(of: network) }
        return leases
    }

    public func leases(of port: ResourceID, on network: ResourceID) async -> [Lease] {
        await leases(of: network).filter { $0.portID == nil || $0.portID == port }
    }

    public func take(_ leases: [Lease], of network: ResourceID) async {}
    public func servingDriver(of network: ResourceID) async -> String { name }
    public func servesFromThisProcess(_ network: Network) async -> Bool { false }
    public func problems(of network: ResourceID) async -> [String] { [] }
}

/// What ``DHCPDriver/apply(_:change:)`` had to do, least first.
public enum DHCPApplyOutcome: String, Sendable, Hashable {
    /// The running server served exactly this already.
    case unchanged
    /// The running server took the change in.
    case reloaded
    /// The running server could not take the change in and was replaced.
    case restarted
    /// There was no server; one was started.
    case started
}

/// The state of one network's server.
public enum DHCPServerStatus: Sendable, Hashable {
    /// Running, with its process id where it has a process of its own.
    case running(pid: Int32?)
    case stopped
}

/// A failure of a driver: the operation, the network, the kind and the cause. Compares by kind.
public struct DHCPDriverError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of failure it is.
    public enum Kind: String, Hashable, Sendable {
        /// A program is missing or too old.
        case requirement
        /// The server did not start, or stopped at once.
        case startFailed
        /// The server runs but does not answer.
        case unresponsive
        /// A file could not be read or written.
        case file
        /// The namespace or device is not there.
        case wiring
    }

    public let kind: Kind
    public let operation: String
    /// The cause, in the server's own words where it has some.
    public let detail: String

    public init(_ kind: Kind, operation: String, detail: String) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "\(operation): \(detail)" }
}
