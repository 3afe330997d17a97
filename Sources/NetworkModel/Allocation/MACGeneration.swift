import Addressing

extension NetworkState {
    /// A random MAC under `base_mac` that no port of the network holds.
    ///
    /// It fails only if none is left.
    func randomMAC(
        onNetwork id: ResourceID, base: MACAddress, using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> MACAddress {
        let free = FreeNumbers(ranges: [macRange(base)], taken: index.network(id).macs)
        guard let number = free.random(using: &generator) else {
            throw .macAddressesExhausted(network: id)
        }
        return MACAddress(rawValue: number)
    }

    /// What `base_mac` allows: its first three octets are kept, and the fourth if it is not zero.
    private func macRange(_ base: MACAddress) -> ClosedRange<UInt64> {
        let freeBits: UInt64 = (base.rawValue >> 16) & 0xFF == 0 ? 24 : 16
        let first = (base.rawValue >> freeBits) << freeBits
        return first...(first | ((1 << freeBits) - 1))
    }
}
