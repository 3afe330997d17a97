public import Addressing

// Requests that clash with what is there: 409, and 503 where something ran out.

extension ModelError {
    /// How many ports ``networkInUse(_:ports:)`` lists.
    static let mostPortsListed = 50

    /// 409: ports that nobody deletes automatically are on the network; Neutron lists all of them.
    public static func networkInUse(_ id: ResourceID, ports: [ResourceID]) -> ModelError {
        let listed = ports.prefix(mostPortsListed).map(\.description).joined(separator: ",")
        let rest = ports.count > mostPortsListed ? " and more" : ""
        return ModelError(
            .conflict, "NetworkInUse",
            "Unable to complete operation on network \(id). There are one or more ports still in use on the "
                + "network, id for these ports is: \(listed)\(rest).")
    }

    /// 409: ports have addresses on the subnet.
    public static func subnetInUse(_ id: ResourceID) -> ModelError {
        ModelError(
            .conflict, "SubnetInUse",
            "Unable to complete operation on subnet \(id): "
                + "One or more ports have an IP allocation from this subnet.")
    }

    /// 409: another port of the network has the MAC.
    public static func macAddressInUse(_ mac: MACAddress, network: ResourceID) -> ModelError {
        ModelError(
            .conflict, "MacAddressInUse",
            "Unable to complete operation for network \(network). The mac address \(mac) is in use.")
    }

    /// 409: another port has the address on the subnet.
    public static func addressAlreadyAllocated(_ address: IPAddress, subnet: ResourceID) -> ModelError {
        ModelError(
            .conflict, "IpAddressAlreadyAllocated",
            "IP address \(address) already allocated in subnet \(subnet)")
    }

    /// 409: no subnet of the network has a free address, or the one that was asked for has none.
    public static func addressesExhausted(network: ResourceID) -> ModelError {
        ModelError(
            .conflict, "IpAddressGenerationFailure", "No more IP addresses available on network \(network).")
    }

    /// 409: all subnets of the network are reserved for other device owners.
    public static func noServiceSubnet(network: ResourceID, owner: String) -> ModelError {
        ModelError(
            .conflict, "IpAddressGenerationFailureNoMatchingSubnet",
            "No valid service subnet for the given device owner, network \(network), service type \(owner).")
    }

    /// 503: every MAC under `base_mac` is taken on the network.
    public static func macAddressesExhausted(network: ResourceID) -> ModelError {
        ModelError(
            .serviceUnavailable, "MacAddressGenerationFailure",
            "Unable to generate unique mac on network \(network).")
    }

    /// 409: a port of this owner cannot do that.
    public static func unsupportedDeviceOwner(
        _ owner: String, operation: String, port: ResourceID
    ) -> ModelError {
        ModelError(
            .conflict, "UnsupportedPortDeviceOwner",
            "Operation \(operation) is not supported for device_owner \(owner) on port \(port).")
    }

    /// 409: the port is bound to a host, so its MAC is fixed.
    public static func portBound(_ id: ResourceID, old: MACAddress, new: MACAddress) -> ModelError {
        ModelError(
            .conflict, "PortBound",
            "Unable to complete operation on port \(id), port is already bound, port type: bridge, "
                + "old_mac \(old), new_mac \(new).")
    }

    /// 409: address pairs are a part of port security.
    public static var addressPairNeedsPortSecurity: ModelError {
        ModelError(
            .conflict, "AddressPairAndPortSecurityRequired",
            "Port Security must be enabled in order to have allowed address pairs on a port.")
    }

    /// 409: the gateway would be handed out to a port.
    public static func gatewayInPool(_ gateway: IPAddress, _ pool: AddressRange) -> ModelError {
        ModelError(
            .conflict, "GatewayConflictWithAllocationPools",
            "Gateway ip \(gateway) conflicts with allocation pool \(pool).")
    }

    /// 409: a router port has the old gateway address.
    public static func gatewayInUse(_ gateway: IPAddress, by port: ResourceID) -> ModelError {
        ModelError(
            .conflict, "GatewayIpInUse",
            "Current gateway ip \(gateway) already in use by port \(port). Unable to update.")
    }

    /// 409: two pools of the subnet share addresses.
    public static func overlappingPools(_ a: AddressRange, _ b: AddressRange, cidr: IPPrefix) -> ModelError {
        ModelError(
            .conflict, "OverlappingAllocationPools",
            "Found overlapping allocation pools: \(a) \(b) for subnet \(cidr).")
    }

    /// 409: the MTU is too small for a subnet's IP version.
    public static func mtuSubnetConflict(network: ResourceID, minimum: Int) -> ModelError {
        ModelError(
            .conflict, "NetworkMTUSubnetConflict",
            "MTU of \(network) is not valid, subnet requires a minimum of \(minimum)")
    }

    /// 409: other projects have ports on the network that shall not be shared any more.
    public static func invalidSharedSetting(network name: String) -> ModelError {
        ModelError(
            .conflict, "InvalidSharedSetting",
            "Unable to reconfigure sharing settings for network \(name). Multiple projects are using it.")
    }

    /// 409: a flat network is on the physical network already.
    public static func flatNetworkInUse(_ physicalNetwork: String) -> ModelError {
        ModelError(
            .conflict, "FlatNetworkInUse",
            "Unable to create the flat network. Physical network \(physicalNetwork) is in use.")
    }

    /// 409: the VLAN id is taken on the physical network.
    public static func vlanInUse(_ id: Int, _ physicalNetwork: String) -> ModelError {
        ModelError(
            .conflict, "VlanIdInUse",
            "Unable to create the network. The VLAN \(id) on physical network \(physicalNetwork) is in use.")
    }

    /// 409: the VNI is taken.
    public static func tunnelInUse(_ id: Int) -> ModelError {
        ModelError(
            .conflict, "TunnelIdInUse", "Unable to create the network. The tunnel ID \(id) is in use.")
    }

    /// 503: no segment of any type that projects may have is left.
    public static var noNetworkAvailable: ModelError {
        ModelError(
            .serviceUnavailable, "NoNetworkAvailable",
            "Unable to create the network. No project network is available for allocation.")
    }
}
