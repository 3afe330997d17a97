/// The choice of the segment that carries a new network.
extension NetworkState {
    /// The segment for a request: the one it names, completed, or the first that projects can have.
    func allocateSegment(
        _ request: NetworkRequest, policy: ModelPolicy, using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> NetworkSegment {
        guard request.networkType != nil || request.physicalNetwork != nil || request.segmentationID != nil
        else {
            for type in policy.tenantNetworkTypes {
                if let segment = freeSegment(type, physicalNetwork: nil, policy: policy, using: &generator) {
                    return segment
                }
            }
            throw .noNetworkAvailable
        }
        guard let name = request.networkType else { throw .invalidInput("network_type required") }
        guard let type = NetworkType(rawValue: name) else {
            throw .invalidInput("network_type value '\(name)' not supported")
        }
        try TextLimits.check(request.physicalNetwork, "provider:physical_network")
        let segment = NetworkSegment(
            type: type, physicalNetwork: request.physicalNetwork, segmentationID: request.segmentationID)
        switch type {
        case .local: return try checkLocal(segment)
        case .flat: return try checkFlat(segment, policy)
        case .vlan:
            try checkVLAN(segment, policy)
        case .vxlan:
            try checkVXLAN(segment, policy)
        }
        if segment.segmentationID != nil { return segment }
        guard
            let free = freeSegment(
                type, physicalNetwork: request.physicalNetwork, policy: policy, using: &generator)
        else { throw .noNetworkAvailable }
        return free
    }

    /// A segment of the type that nobody has, or nil; flat networks are only made by name.
    private func freeSegment(
        _ type: NetworkType, physicalNetwork: String?, policy: ModelPolicy,
        using generator: inout some RandomNumberGenerator
    ) -> NetworkSegment? {
        switch type {
        case .local: return NetworkSegment(type: .local)
        case .flat: return nil
        case .vxlan:
            let free = freeIDs(SegmentSpace(type: .vxlan, physicalNetwork: ""), policy.vniRanges)
            return free.random(using: &generator).map {
                NetworkSegment(type: .vxlan, segmentationID: Int($0))
            }
        case .vlan:
            for (name, range) in policy.vlanRanges.sorted(by: { $0.key < $1.key })
            where physicalNetwork == nil || physicalNetwork == name {
                let free = freeIDs(SegmentSpace(type: .vlan, physicalNetwork: name), [range])
                if let id = free.random(using: &generator) {
                    return NetworkSegment(type: .vlan, physicalNetwork: name, segmentationID: Int(id))
                }
            }
            return nil
        }
    }

    private func freeIDs(_ space: SegmentSpace, _ ranges: [ClosedRange<Int>]) -> FreeNumbers<UInt64> {
        FreeNumbers(
            ranges: ranges.filter { $0.lowerBound >= 0 }.map {
                UInt64($0.lowerBound)...UInt64($0.upperBound)
            },
            taken: index.segments(space))
    }

    /// Whether a network has the segment.
    private func isTaken(_ segment: NetworkSegment) -> Bool {
        segment.position.map { index.segments($0.space)[$0.number] != nil } ?? false
    }

    private func checkLocal(_ segment: NetworkSegment) throws(ModelError) -> NetworkSegment {
        if segment.physicalNetwork != nil {
            throw .invalidInput("physical_network prohibited for local provider network")
        }
        if segment.segmentationID != nil {
            throw .invalidInput("segmentation_id prohibited for local provider network")
        }
        return segment
    }

    private func checkFlat(
        _ segment: NetworkSegment, _ policy: ModelPolicy
    ) throws(ModelError) -> NetworkSegment {
        guard let name = segment.physicalNetwork, !name.isEmpty else {
            throw .invalidInput("physical_network required for flat provider network")
        }
        guard policy.flatNetworks.contains("*") || policy.flatNetworks.contains(name) else {
            throw .invalidInput("physical_network '\(name)' unknown for flat provider network")
        }
        if segment.segmentationID != nil {
            throw .invalidInput("segmentation_id prohibited for flat provider network")
        }
        if isTaken(segment) { throw .flatNetworkInUse(name) }
        return segment
    }

    private func checkVLAN(_ segment: NetworkSegment, _ policy: ModelPolicy) throws(ModelError) {
        guard let name = segment.physicalNetwork else {
            if segment.segmentationID != nil {
                throw .invalidInput("segmentation_id requires physical_network for VLAN provider network")
            }
            return
        }
        guard policy.vlanRanges[name] != nil else {
            throw .invalidInput("physical_network '\(name)' unknown for VLAN provider network")
        }
        guard let id = segment.segmentationID else { return }
        // The operator's range is what projects' networks are chosen from; an administrator may name any.
        guard (1...4094).contains(id) else {
            throw .invalidInput("segmentation_id out of range (1 through 4094)")
        }
        if isTaken(segment) { throw .vlanInUse(id, name) }
    }

    private func checkVXLAN(_ segment: NetworkSegment, _ policy: ModelPolicy) throws(ModelError) {
        if segment.physicalNetwork != nil {
            throw .invalidInput("provider:physical_network specified for vxlan network")
        }
        guard let id = segment.segmentationID else { return }
        guard (1...16_777_215).contains(id) else {
            throw .invalidInput("segmentation_id out of range (1 through 16777215)")
        }
        if isTaken(segment) { throw .tunnelInUse(id) }
    }
}
