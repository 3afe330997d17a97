public import Addressing

// Requests that are wrong in themselves: 400, and 412 for a revision that moved on.

extension ModelError {
    /// 400: a value is not one that the attribute can have; the name as clients write it.
    public static func invalidAttribute(_ name: String, _ reason: String) -> ModelError {
        ModelError(.badRequest, "HTTPBadRequest", "Invalid input for \(name). Reason: \(reason).")
    }

    /// 400: a required attribute is missing.
    public static func missingAttribute(_ name: String) -> ModelError {
        ModelError(
            .badRequest, "HTTPBadRequest",
            "Failed to parse request. Required attribute '\(name)' not specified")
    }

    /// 400: the attribute is fixed once the resource exists.
    public static func readOnlyAttribute(_ name: String) -> ModelError {
        ModelError(.badRequest, "HTTPBadRequest", "Cannot update read-only attribute \(name)")
    }

    /// 400: the request makes no sense as a whole.
    public static func badRequest(_ resource: String, _ message: String) -> ModelError {
        ModelError(.badRequest, "BadRequest", "Bad \(resource) request: \(message).")
    }

    /// 400: Neutron's catch-all for values that its rules refuse.
    public static func invalidInput(_ message: String) -> ModelError {
        ModelError(.badRequest, "InvalidInput", "Invalid input for operation: \(message).")
    }

    /// 412: `If-Match` named another revision than the resource has.
    public static func revisionMismatch(expected: Int, current: Int) -> ModelError {
        ModelError(
            .preconditionFailed, "RevisionNumberConstraintFailed",
            "Constrained to \(expected), but current revision is \(current)")
    }

    /// 400: the address is not one that a port of the subnet can have.
    public static func invalidIPForSubnet(_ address: IPAddress) -> ModelError {
        ModelError(
            .badRequest, "InvalidIpForSubnet",
            "IP address \(address) is not a valid IP for the specified subnet.")
    }

    /// 400: no subnet of the network has such an address.
    public static func invalidIPForNetwork(_ address: IPAddress) -> ModelError {
        ModelError(
            .badRequest, "InvalidIpForNetwork",
            "IP address \(address) is not a valid IP for any of the subnets on the specified network.")
    }

    /// 400: the subnet's addresses follow from the MAC.
    public static func allocationOnAutoAddressSubnet(_ address: IPAddress, subnet: ResourceID) -> ModelError {
        ModelError(
            .badRequest, "AllocationOnAutoAddressSubnet",
            "IPv6 address \(address) cannot be directly assigned to a port on subnet \(subnet) as the subnet "
                + "is configured for automatic addresses")
    }

    /// 400: the pool is reversed or of another version; the pool as text, for it may be no range.
    public static func invalidAllocationPool(_ pool: String) -> ModelError {
        ModelError(.badRequest, "InvalidAllocationPool", "The allocation pool \(pool) is not valid.")
    }

    /// 400: the pool leaves the subnet, or has its network or broadcast address.
    public static func outOfBoundsAllocationPool(_ pool: AddressRange, cidr: IPPrefix) -> ModelError {
        ModelError(
            .badRequest, "OutOfBoundsAllocationPool",
            "The allocation pool \(pool) spans beyond the subnet cidr \(cidr).")
    }

    /// 400: more than `max_dns_nameservers`; nil for a subnet that is being created.
    public static func dnsNameServersExhausted(_ subnet: ResourceID?, limit: Int) -> ModelError {
        ModelError(
            .badRequest, "DNSNameServersExhausted",
            "Unable to complete operation for \(subnet?.description ?? "new subnet"). "
                + "The number of DNS nameservers exceeds the limit \(limit).")
    }

    /// 400: more than `max_subnet_host_routes`; nil for a subnet that is being created.
    public static func hostRoutesExhausted(_ subnet: ResourceID?, limit: Int) -> ModelError {
        ModelError(
            .badRequest, "HostRoutesExhausted",
            "Unable to complete operation for \(subnet?.description ?? "new subnet"). "
                + "The number of host routes exceeds the limit \(limit).")
    }

    /// 400: the service type is no device owner.
    public static func invalidServiceType(_ type: String) -> ModelError {
        ModelError(
            .badRequest, "InvalidSubnetServiceType",
            "Subnet service type \(type) does not correspond to a valid device owner.")
    }

    /// 400: two equal entries in `allowed_address_pairs`.
    public static func duplicateAddressPair(_ pair: AllowedAddressPair) -> ModelError {
        ModelError(
            .badRequest, "DuplicateAddressPairInRequest",
            "Request contains duplicate address pair: "
                + "mac_address \(pair.meansOwnMAC ? "None" : pair.macAddress.description) "
                + "ip_address \(pair.ipAddress).")
    }

    /// 400: more than `max_allowed_address_pair`.
    public static func addressPairsExhausted(limit: Int) -> ModelError {
        ModelError(
            .badRequest, "AllowedAddressPairExhausted",
            "The number of allowed address pair exceeds the maximum \(limit).")
    }
}
