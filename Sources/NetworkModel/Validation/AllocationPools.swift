import Addressing

/// The allocation pools of a subnet: the default ones, and the checks of given ones.
enum AllocationPools {
    /// The addresses of the block that ports can be given: all but the network and broadcast addresses of
    /// IPv4, and the all-zero host (the subnet-router anycast address, RFC 4291 section 2.6.1) of IPv6.
    ///
    /// A block of one address is that one, and the two of an IPv4 /31 are both hosts (RFC 3021).
    static func usable(_ cidr: IPPrefix) -> AddressRange {
        let whole = cidr.range
        switch cidr.version {
        case .v4 where cidr.length >= 31: return whole
        case .v6 where cidr.length == 128: return whole
        case .v4: return whole.trimmed(first: 1, last: 1)
        case .v6: return whole.trimmed(first: 1, last: 0)
        }
    }

    /// The pools of a subnet for which none were given: all usable addresses but the gateway.
    static func defaults(_ cidr: IPPrefix, gateway: IPAddress?) -> [AddressRange] {
        let usable = usable(cidr)
        guard let gateway, usable.contains(gateway), usable.count > 1 else { return [usable] }
        return usable.removing(gateway)
    }

    /// The given pools in order, or 400 if one leaves the block, or 409 if two overlap.
    static func check(_ pools: [AddressRange], in cidr: IPPrefix) throws(ModelError) -> [AddressRange] {
        let usable = usable(cidr)
        for pool in pools {
            if pool.version != cidr.version { throw .invalidAllocationPool(pool.description) }
            guard usable.contains(pool.first), usable.contains(pool.last) else {
                throw .outOfBoundsAllocationPool(pool, cidr: cidr)
            }
        }
        let sorted = pools.sorted()
        for (lower, upper) in zip(sorted, sorted.dropFirst()) where lower.overlaps(upper) {
            throw .overlappingPools(lower, upper, cidr: cidr)
        }
        return sorted
    }

    /// Throws 409 if the gateway would be handed out to a port.
    static func check(gateway: IPAddress?, notIn pools: [AddressRange]) throws(ModelError) {
        guard let gateway, let pool = pools.first(where: { $0.contains(gateway) }) else { return }
        throw .gatewayInPool(gateway, pool)
    }
}

extension AddressRange {
    /// The range without some addresses at its ends; it must have more than those.
    fileprivate func trimmed(first count: UInt128, last countAtEnd: UInt128) -> AddressRange {
        let start = IPAddress(number: first.number + count, version: version)
        let end = IPAddress(number: last.number - countAtEnd, version: version)
        return AddressRange(start, end) ?? self
    }

    /// What is left of the range without one of its addresses.
    fileprivate func removing(_ address: IPAddress) -> [AddressRange] {
        var parts: [AddressRange] = []
        if address > first {
            let before = IPAddress(number: address.number - 1, version: version)
            if let part = AddressRange(first, before) { parts.append(part) }
        }
        if address < last {
            let after = IPAddress(number: address.number + 1, version: version)
            if let part = AddressRange(after, last) { parts.append(part) }
        }
        return parts
    }
}
