// Refusals about subnet pools and quotas.

extension ModelError {
    /// 404: no such subnet pool, or none that the caller may see.
    public static func subnetPoolNotFound(_ id: ResourceID) -> ModelError {
        ModelError(.notFound, "SubnetPoolNotFound", "Subnet pool \(id) could not be found.")
    }

    /// 400: a pool has to have space.
    public static var emptySubnetPoolPrefixList: ModelError {
        ModelError(.badRequest, "EmptySubnetPoolPrefixList", "Empty subnet pool prefix list.")
    }

    /// 400: a pool is of one version.
    public static var prefixVersionMismatch: ModelError {
        ModelError(
            .badRequest, "PrefixVersionMismatch", "Cannot mix IPv4 and IPv6 prefixes in a subnet pool.")
    }

    /// 400: a prefix length of the pool is beyond another one.
    public static func illegalPrefixBounds(
        _ name: String, _ length: Int, against bound: String, _ other: Int
    ) -> ModelError {
        ModelError(
            .badRequest, "IllegalSubnetPoolPrefixBounds",
            "Illegal prefix bounds: \(name)=\(length), \(bound)=\(other).")
    }

    /// 400: no block is larger than everything.
    public static func unsupportedMinPrefix(_ length: Int) -> ModelError {
        ModelError(
            .badRequest, "UnsupportedMinSubnetPoolPrefix",
            "Prefix '\(length)' not supported in IPv4 pool.")
    }

    /// 400: a pool's space may only grow.
    public static var illegalPrefixUpdate: ModelError {
        ModelError(
            .badRequest, "IllegalSubnetPoolPrefixUpdate",
            "Illegal update to prefixes: Existing prefixes must be a subset of the new prefixes.")
    }

    /// 400: another pool is the default one of the version.
    public static var defaultSubnetPoolExists: ModelError {
        .invalidInput(
            "A default subnetpool for this IP family has already been set. "
                + "Only one default may exist per IP family")
    }

    /// 400: subnets were cut from the pool.
    public static var subnetPoolHasAllocations: ModelError {
        ModelError(
            .badRequest, "SubnetPoolDeleteError",
            "Unable to delete subnet pool: Subnet pool has existing allocations.")
    }

    /// 400: the pool does not give away blocks that large.
    public static func blockTooLarge(_ length: Int, minimum: Int) -> ModelError {
        ModelError(
            .badRequest, "MinPrefixSubnetAllocationError",
            "Unable to allocate subnet with prefix length \(length), minimum allowed prefix is \(minimum).")
    }

    /// 400: the pool does not give away blocks that small.
    public static func blockTooSmall(_ length: Int, maximum: Int) -> ModelError {
        ModelError(
            .badRequest, "MaxPrefixSubnetAllocationError",
            "Unable to allocate subnet with prefix length \(length), maximum allowed prefix is \(maximum).")
    }

    /// 409: the block is not free, or no block is.
    ///
    /// Neutron's class for it has no status, so that its server answers with an internal error; what ran out
    /// is the pool, and that is a conflict.
    public static func subnetAllocation(_ reason: String) -> ModelError {
        ModelError(.conflict, "SubnetAllocationError", "Failed to allocate subnet: \(reason).")
    }

    /// 409: the project has its share of the pool.
    public static var subnetPoolQuotaExceeded: ModelError {
        ModelError(
            .conflict, "SubnetPoolQuotaExceeded", "Per-project subnet pool prefix quota exceeded.")
    }

    /// 400: the network's subnets of one version come from one pool, or none does.
    public static var networkSubnetPoolAffinity: ModelError {
        ModelError(
            .badRequest, "NetworkSubnetPoolAffinityError",
            "Subnets hosted on the same network must be allocated from the same subnet pool.")
    }

    /// 409: the project has all that it may have of these.
    public static func overQuota(_ resources: [QuotaResource]) -> ModelError {
        let names = resources.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return ModelError(.conflict, "OverQuota", "Quota exceeded for resources: [\(names)].")
    }

    /// 400: the project has more than it shall be allowed to have.
    public static func quotaBelowUse(_ resource: QuotaResource, limit: Int, used: Int) -> ModelError {
        ModelError(
            .badRequest, "HTTPBadRequest",
            "Quota limit \(limit) for \(resource.rawValue) must be greater than or equal to already used "
                + "\(used)")
    }

    /// 404: nobody set limits for the project.
    public static func quotaNotFound(project: String) -> ModelError {
        ModelError(.notFound, "TenantQuotaNotFound", "Quota for project \(project) could not be found.")
    }
}
