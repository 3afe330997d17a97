import Addressing

/// The rules of a network's MTU, in bytes of IP packet.
enum NetworkMTU {
    /// RFC 791 section 3.2 and RFC 8200 section 5: what every link must carry.
    static func minimum(_ version: IPVersion) -> Int { version == .v4 ? 68 : 1280 }

    /// The largest MTU that networks on the segment can have.
    static func maximum(_ segment: NetworkSegment, policy: ModelPolicy) -> Int {
        let physical = segment.physicalNetwork.flatMap { policy.physicalNetworkMTUs[$0] }
        switch segment.type {
        case .local: return policy.globalPhysnetMTU
        case .flat, .vlan: return min(policy.globalPhysnetMTU, physical ?? .max)
        case .vxlan:
            let path =
                policy.pathMTU > 0 ? min(policy.globalPhysnetMTU, policy.pathMTU) : policy.globalPhysnetMTU
            // Ethernet (14), UDP (8) and VXLAN (8) headers (RFC 7348 section 5), Neutron's 30; outer IP.
            return path - 30 - (policy.overlayIPVersion == .v4 ? 20 : 40)
        }
    }

    /// The MTU for a request; 0 and nil ask for the largest.
    static func choose(
        _ requested: Int?, segment: NetworkSegment, policy: ModelPolicy
    ) throws(ModelError) -> Int {
        let maximum = maximum(segment, policy: policy)
        guard let requested, requested != 0 else { return maximum }
        if requested > maximum {
            throw .invalidInput("Requested MTU is too big, maximum is \(maximum)")
        }
        if requested < 0 { throw .invalidAttribute("mtu", "'\(requested)' should be non-negative") }
        // What is too small for IP is refused where a subnet meets it, as Neutron does.
        return requested
    }
}

extension Network {
    /// Throws 409 if the network's MTU is too small for a subnet of the version.
    func checkMTU(for version: IPVersion) throws(ModelError) {
        let minimum = NetworkMTU.minimum(version)
        if mtu < minimum { throw .mtuSubnetConflict(network: id, minimum: minimum) }
    }
}
