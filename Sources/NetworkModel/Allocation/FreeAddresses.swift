public import Addressing

/// The free addresses of a subnet: those of its allocation pools that no port holds.
///
/// Explicitly requested addresses may lie outside of the pools; they are held but do not count here.
public struct FreeAddresses: Sendable {
    /// How many of the first free addresses of a pool random choice looks at (Neutron's MAX_WIN).
    static let window: UInt128 = 1000

    private let version: IPVersion
    private var numbers: FreeNumbers<UInt128>

    /// - Parameters:
    ///   - pools: the pools of one version, without overlap.
    ///   - taken: the numbers of the held addresses, each with its port.
    init(pools: [AddressRange], version: IPVersion, taken: SortedMap<UInt128, ResourceID>) {
        self.version = version
        numbers = FreeNumbers(ranges: pools.map { $0.first.number...$0.last.number }, taken: taken)
    }

    /// Creates the free addresses of pools of which nothing is taken.
    public init(pools: [AddressRange], version: IPVersion) {
        self.init(pools: pools, version: version, taken: SortedMap())
    }

    /// How many addresses are free; the whole of IPv6 counts one short.
    public var count: UInt128 { numbers.count }

    /// The lowest free address of the first pool that has one (Neutron's PreferNext), or nil.
    public var lowest: IPAddress? { numbers.first().map { IPAddress(number: $0, version: version) } }

    /// A random one among the first 1000 free addresses of the first pool that has any, or nil.
    ///
    /// The window is Neutron's: addresses stay close together, and concurrent requests still rarely meet.
    public func random(using generator: inout some RandomNumberGenerator) -> IPAddress? {
        numbers.random(window: Self.window, using: &generator).map { IPAddress(number: $0, version: version) }
    }

    /// Takes an address, in a pool or not; returns false if it is taken already.
    public mutating func take(_ address: IPAddress, for port: ResourceID) -> Bool {
        guard numbers.taken[address.number] == nil else { return false }
        numbers.taken.updateValue(port, forKey: address.number)
        return true
    }

    /// Gives an address back; does nothing if it is free.
    public mutating func release(_ address: IPAddress) { numbers.taken.removeValue(forKey: address.number) }
}

extension NetworkState {
    /// The free addresses of the subnet.
    public func freeAddresses(ofSubnet subnet: Subnet) -> FreeAddresses {
        FreeAddresses(
            pools: subnet.allocationPools, version: subnet.ipVersion, taken: index.addresses(subnet.id))
    }
}
