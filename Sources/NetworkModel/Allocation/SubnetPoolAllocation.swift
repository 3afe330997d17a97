import Addressing

/// The block that a new subnet gets.
struct SubnetBlock {
    let cidr: IPPrefix
    /// The pool that it is cut from.
    let pool: SubnetPool?
    /// Whether the client left it to the pool which block to cut.
    let isChosen: Bool
}

extension NetworkState {
    /// The block for a request: the one it names, or one of the pool that it means.
    ///
    /// - Parameter projectID: whose subnet it will be.
    func block(
        for request: SubnetRequest, projectID: String, in context: DecisionContext
    ) throws(ModelError) -> SubnetBlock {
        guard let pool = try pool(for: request, in: context) else {
            guard let cidr = request.cidr else {
                throw .badRequest("subnets", "a subnetpool must be specified in the absence of a cidr")
            }
            return SubnetBlock(cidr: cidr.network, pool: nil, isChosen: false)
        }
        if request.cidr == nil && request.allocationPools != nil {
            throw .badRequest("subnets", "allocation_pools allowed only for specific subnet requests.")
        }
        if let version = request.ipVersion, version != pool.ipVersion {
            throw .badRequest(
                "subnets",
                "Cannot allocate IPv\(version.rawValue) subnet from IPv\(pool.ipVersion.rawValue) subnet pool"
            )
        }
        let length = request.cidr?.length ?? request.prefixLength ?? pool.defaultPrefixLength
        if length > pool.maxPrefixLength { throw .blockTooSmall(length, maximum: pool.maxPrefixLength) }
        if length < pool.minPrefixLength { throw .blockTooLarge(length, minimum: pool.minPrefixLength) }
        let taken = subnets(ofSubnetPool: pool.id)
        try pool.checkQuota(of: projectID, length: length, taken)
        var free = AddressBlocks(pool.prefixes, version: pool.ipVersion)
        free.subtract(taken.lazy.map(\.cidr))

        // A gateway says which block is meant as well as a cidr does.
        let gateway = request.gatewayIP.flatMap { $0 }
        if let given = request.cidr ?? gateway.flatMap({ IPPrefix($0, length: length) }) {
            guard free.contains(given.network) else {
                throw .subnetAllocation(
                    "Cannot allocate requested subnet from the available set of prefixes")
            }
            return SubnetBlock(cidr: given.network, pool: pool, isChosen: false)
        }
        guard let cidr = free.block(length: length) else {
            throw .subnetAllocation("Insufficient prefix space to allocate subnet size /\(length)")
        }
        return SubnetBlock(cidr: cidr, pool: pool, isChosen: true)
    }

    /// The pool that the request names, or the default one if it asks for that; nil for none.
    private func pool(
        for request: SubnetRequest, in context: DecisionContext
    ) throws(ModelError) -> SubnetPool? {
        if request.cidr != nil && request.prefixLength != nil {
            throw .badRequest("subnets", "cidr and prefixlen must not be supplied together")
        }
        let named = request.subnetpoolID.flatMap { $0 }
        guard request.useDefaultSubnetpool == true else {
            guard let named else { return nil }
            guard let pool = subnetPool(named), pool.isUsable(in: context) else {
                throw .subnetPoolNotFound(named)
            }
            return pool
        }
        if named != nil {
            throw .badRequest(
                "subnets", "subnetpool_id and use_default_subnetpool cannot both be specified")
        }
        guard let version = request.cidr?.version ?? request.ipVersion else {
            throw .badRequest(
                "subnets", "ip_version must be specified in the absence of cidr and subnetpool_id")
        }
        guard let pool = defaultSubnetPool(version), pool.isUsable(in: context) else {
            throw .badRequest("subnets", "No default subnetpool found for IPv\(version.rawValue)")
        }
        return pool
    }
}

extension SubnetPool {
    /// Whether the caller may cut subnets from the pool, and see it at all.
    func isUsable(in context: DecisionContext) -> Bool {
        context.isAdmin || shared || standard.projectID == context.projectID
    }

    /// Throws 409 if the project has no right to one more block of the length.
    fileprivate func checkQuota(
        of projectID: String, length: Int, _ taken: [Subnet]
    ) throws(ModelError) {
        guard let defaultQuota, defaultQuota > 0 else { return }
        // What the quota counts in, as a prefix length; smaller blocks count as a part of one.
        let unit = ipVersion == .v4 ? 32 : 64
        let finest = max(maxPrefixLength, unit)
        var used = Self.units(length, of: finest)
        for subnet in taken where subnet.standard.projectID == projectID {
            let (sum, overflow) = used.addingReportingOverflow(Self.units(subnet.cidr.length, of: finest))
            used = overflow ? .max : sum
        }
        let (allowed, overflow) = UInt128(defaultQuota).multipliedReportingOverflow(
            by: Self.units(unit, of: finest))
        if !overflow && used > allowed { throw .subnetPoolQuotaExceeded }
    }

    /// How many blocks of one length a larger one has.
    private static func units(_ length: Int, of finest: Int) -> UInt128 {
        let bits = finest - length
        return bits >= 128 ? .max : bits < 0 ? 1 : 1 << UInt128(bits)
    }
}
