import Addressing

extension Subnet {
    /// Whether ports of the owner may have addresses here. A DHCP agent serves every subnet with DHCP,
    /// whoever it is reserved for.
    func admits(_ deviceOwner: String) -> Bool {
        serviceTypes.isEmpty || serviceTypes.contains(deviceOwner)
            || deviceOwner == DeviceOwner.dhcp && enableDHCP
    }

    /// Whether a port of the owner can have the address, if it is free: in the block, and neither the
    /// network or broadcast address of IPv4 nor, but for routers and unknown owners, the all-zero host of
    /// IPv6.
    func canHold(_ address: IPAddress, deviceOwner: String) -> Bool {
        guard cidr.contains(address) else { return false }
        switch ipVersion {
        case .v4: return AllocationPools.usable(cidr).contains(address)
        case .v6:
            return address != cidr.first || cidr.length == 128 || deviceOwner.isEmpty
                || DeviceOwner.routerPorts.contains(deviceOwner)
        }
    }
}

extension PortRequest {
    /// The longest `binding:profile` that Neutron's database takes.
    private static let longestProfile = 4095
    /// `max_allowed_address_pair`.
    private static let mostAddressPairs = 10
    /// How many addresses a request may ask for. Neutron has had no such limit since it gave up
    /// `max_fixed_ips_per_port`; each address makes everything that serves the port larger.
    private static let mostFixedIPs = 256

    /// Checks what can be judged without the network: 400 for what is too long or malformed.
    ///
    /// - Parameter owner: the device owner that the port will have. Neutron's own ports, those of DHCP agents
    ///   among them, have an address on every subnet that they serve.
    func check(deviceOwner owner: String) throws(ModelError) {
        try TextLimits.check(deviceID, "device_id")
        try TextLimits.check(deviceOwner, "device_owner")
        try TextLimits.check(bindingHostID, "binding:host_id")
        for group in securityGroups ?? [] { try TextLimits.check(group, "security_groups") }
        try TextLimits.check(bindingVNICType, "binding:vnic_type")
        try TextLimits.check(bindingProfile, "binding:profile", limit: Self.longestProfile)
        if let mac = macAddress, mac.rawValue == 0 || mac.rawValue == 0xFFFF_FFFF_FFFF {
            throw .invalidAttribute("mac_address", "'\(mac)' is not a valid MAC address")
        }
        if !owner.hasPrefix(DeviceOwner.networkPrefix),
            (fixedIPs ?? []).count(where: { !$0.deleteSubnet }) > Self.mostFixedIPs
        {
            throw .invalidInput("Exceeded maximum amount of fixed ips per port: \(Self.mostFixedIPs)")
        }
        if let address = firstDuplicate((fixedIPs ?? []).compactMap(\.address)) {
            throw .invalidAttribute("fixed_ips", "Duplicate IP address '\(address)'")
        }
        for entry in fixedIPs ?? [] where entry.subnetID == nil && entry.address == nil {
            throw .invalidInput("IP allocation requires subnet_id or ip_address")
        }
        try checkAddressPairs()
    }

    private func checkAddressPairs() throws(ModelError) {
        guard let pairs = allowedAddressPairs else { return }
        if pairs.count > Self.mostAddressPairs { throw .addressPairsExhausted(limit: Self.mostAddressPairs) }
        for pair in pairs where IPAddress(pair.ipAddress) == nil && IPPrefix(pair.ipAddress) == nil {
            throw .invalidAttribute(
                "allowed_address_pairs", "'\(pair.ipAddress)' is not a valid IP address or CIDR")
        }
        if let pair = firstDuplicate(pairs) { throw .duplicateAddressPair(pair) }
    }
}
