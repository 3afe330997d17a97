import DHCPDrivers
import NetworkModel

/// What makes a network's ports into what the engines are given for them.
struct PortCompiler: Hashable, Sendable {
    /// Where the network's subnets stand in the configurations.
    let places: SubnetPlaces
    let naming: PortNaming
    /// The domain of all ports without a final dot, or empty.
    let domainName: String
    /// What stands for ourselves in options.
    let own: OwnAddresses
    /// The ports that say something to the clients of others.
    let influentialPorts: [ResourceID]

    /// Whether a change of these ports alone may change what the network as a whole is told; where it does
    /// not, only those ports need compiling.
    ///
    /// - Parameters:
    ///   - changed: the ports that there are now, of those that were created or changed.
    ///   - gone: the ports that were deleted.
    func isAffected(by changed: some Sequence<Port>, gone: some Sequence<ResourceID>) -> Bool {
        changed.contains { AnnouncedService.isInfluential($0) || influentialPorts.contains($0.id) }
            || gone.contains { influentialPorts.contains($0) }
    }

    /// What the engines are given for one port.
    func compiled(_ port: Port) -> CompiledPort {
        CompiledPort(port, places, naming, domainName: domainName, own: own)
    }
}
