import Addressing

extension NetworkState {
    /// Creates subnet pools, all or none.
    ///
    /// - Throws: 400 for a bad value or a second default pool of a version, 409 over quota.
    public func createSubnetPools(
        _ requests: [SubnetPoolRequest], in context: DecisionContext,
        using generator: inout some RandomNumberGenerator
    ) throws(ModelError) -> Decision<[SubnetPool]> {
        var draft = Draft(self, context)
        try draft.requireRoom(for: .subnetpool, projects: requests.map(\.projectID))
        var pools: [SubnetPool] = []
        for request in requests {
            let standard = try StandardAttributes.create(
                projectID: request.projectID, name: request.name, description: request.description,
                tags: request.tags, in: context)
            let space = try SubnetPool.space(request.prefixes ?? [])
            let version = space.version
            let minimum = request.minPrefixLength ?? SubnetPool.defaultMinPrefixLength(version)
            let pool = SubnetPool(
                id: .random(using: &generator), standard: standard, prefixes: space.prefixes,
                minPrefixLength: minimum, maxPrefixLength: request.maxPrefixLength ?? version.bitWidth,
                defaultPrefixLength: request.defaultPrefixLength ?? minimum,
                defaultQuota: request.defaultQuota.flatMap { $0 }, shared: request.shared ?? false,
                isDefault: request.isDefault ?? false, ipVersion: version)
            try pool.check()
            if pool.isDefault && draft.state.defaultSubnetPool(version) != nil {
                throw .defaultSubnetPoolExists
            }
            draft.put(.subnetPool(pool))
            pools.append(pool)
        }
        return Decision(pools, commit: draft.commit)
    }

    /// Changes a subnet pool; nil fields stay.
    ///
    /// - Throws: 404, 412 on another revision, 400 for a bad or fixed value, for space that is missing from
    ///   the new prefixes, or a second default pool of a version.
    public func updateSubnetPool(
        _ id: ResourceID, _ request: SubnetPoolRequest, ifMatch revision: Int? = nil,
        in context: DecisionContext
    ) throws(ModelError) -> Decision<SubnetPool> {
        let old = try requireSubnetPool(id)
        try old.standard.requireRevision(revision)
        if let value = request.shared, value != old.shared { throw .readOnlyAttribute("shared") }
        var pool = old
        try pool.standard.change(
            name: request.name, description: request.description, tags: request.tags)
        if let prefixes = request.prefixes {
            let same = AddressBlocks(prefixes, version: old.ipVersion)
            guard old.prefixes.allSatisfy(same.contains) else { throw .illegalPrefixUpdate }
            pool.prefixes = try SubnetPool.space(prefixes).prefixes
        }
        if let value = request.minPrefixLength { pool.minPrefixLength = value }
        if let value = request.maxPrefixLength { pool.maxPrefixLength = value }
        if let value = request.defaultPrefixLength { pool.defaultPrefixLength = value }
        if let value = request.defaultQuota { pool.defaultQuota = value }
        if let value = request.isDefault { pool.isDefault = value }
        if pool == old { return Decision(old) }

        try pool.check()
        if pool.isDefault && !old.isDefault && defaultSubnetPool(old.ipVersion) != nil {
            throw .defaultSubnetPoolExists
        }
        pool.standard.touch(at: context.now)
        var draft = Draft(self, context)
        draft.put(.subnetPool(pool))
        return Decision(pool, commit: draft.commit)
    }

    /// Deletes a subnet pool.
    ///
    /// - Throws: 404, 412 on another revision, 400 if subnets were cut from it.
    public func deleteSubnetPool(
        _ id: ResourceID, ifMatch revision: Int? = nil, in context: DecisionContext
    ) throws(ModelError) -> Decision<Void> {
        let pool = try requireSubnetPool(id)
        try pool.standard.requireRevision(revision)
        if !index.blocks(id).isEmpty { throw .subnetPoolHasAllocations }
        var draft = Draft(self, context)
        draft.requireQuiet(.blocks(subnetPool: id))
        draft.delete(.subnetPool(id))
        return Decision((), commit: draft.commit)
    }
}

extension SubnetPool {
    /// `min_prefixlen` of a pool for which none was given.
    fileprivate static func defaultMinPrefixLength(_ version: IPVersion) -> Int { version == .v4 ? 8 : 64 }

    /// The space that the prefixes make up, or 400 if there is none or they are of two versions.
    fileprivate static func space(_ prefixes: [IPPrefix]) throws(ModelError) -> AddressBlocks {
        guard let version = prefixes.first?.version else { throw .emptySubnetPoolPrefixList }
        guard prefixes.allSatisfy({ $0.version == version }) else { throw .prefixVersionMismatch }
        return AddressBlocks(prefixes, version: version)
    }

    /// Throws 400 if the prefix lengths do not fit each other.
    fileprivate func check() throws(ModelError) {
        if minPrefixLength < 0 { throw .unsupportedMinPrefix(minPrefixLength) }
        if minPrefixLength > maxPrefixLength {
            throw .illegalPrefixBounds(
                "min_prefixlen", minPrefixLength, against: "max_prefixlen", maxPrefixLength)
        }
        if maxPrefixLength > ipVersion.bitWidth {
            throw .illegalPrefixBounds(
                "max_prefixlen", maxPrefixLength, against: "ip_version_max", ipVersion.bitWidth)
        }
        if defaultPrefixLength < minPrefixLength {
            throw .illegalPrefixBounds(
                "default_prefixlen", defaultPrefixLength, against: "min_prefixlen", minPrefixLength)
        }
        if defaultPrefixLength > maxPrefixLength {
            throw .illegalPrefixBounds(
                "default_prefixlen", defaultPrefixLength, against: "max_prefixlen", maxPrefixLength)
        }
        if let defaultQuota, defaultQuota < 0 {
            throw .invalidAttribute("default_quota", "'\(defaultQuota)' should be non-negative")
        }
    }
}
