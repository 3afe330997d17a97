import Addressing

/// Neutron's checks of a subnet's fields, in its order and wording.
extension Subnet {
    /// Checks everything that creating and changing have in common.
    ///
    /// - Parameter old: the subnet before the change, or nil if it is new.
    func check(replacing old: Subnet?, policy: ModelPolicy) throws(ModelError) {
        if enableDHCP && old?.enableDHCP != true { try checkServable() }
        try checkGateway()
        try checkNameservers(isNew: old == nil, limit: policy.maxDNSNameservers)
        try checkHostRoutes(isNew: old == nil, limit: policy.maxSubnetHostRoutes)
        try checkModes(isNew: old == nil)
        for type in serviceTypes {
            guard Self.isServiceType(type) else { throw .invalidServiceType(type) }
            try TextLimits.check(type, "service_types")
        }
    }

    /// Whether the text starts as device owners do; of `compute:` Neutron asks for any one character, and its
    /// own API tests use `test:type_1`.
    private static func isServiceType(_ text: String) -> Bool {
        text.hasPrefix("network:") || text.hasPrefix("neutron:")
            || text.first.map("compute:".contains) ?? false
    }

    /// Throws 400 if the value is not of the subnet's version.
    private func checkVersion(
        _ version: IPVersion, _ name: String, _ value: some CustomStringConvertible
    ) throws(ModelError) {
        guard version != ipVersion else { return }
        throw .invalidInput("\(name) '\(value)' does not match the ip_version '\(ipVersion.rawValue)'")
    }

    /// DHCP needs room for the server and a client, and a unicast block that the server can listen on.
    private func checkServable() throws(ModelError) {
        if cidr.length > (ipVersion == .v4 ? 30 : 126) {
            throw .invalidInput("Subnet has a prefix length that is incompatible with DHCP service enabled")
        }
        if cidr.first.isMulticast {
            throw .invalidInput("Multicast IP subnet is not supported if enable_dhcp is True")
        }
        if cidr.first.isLoopback {
            throw .invalidInput("Loopback IP subnet is not supported if enable_dhcp is True")
        }
        if cidr.first == .any(.v4) {
            throw .invalidInput("First IP '0.0.0.0' of network is not supported if enable_dhcp is True.")
        }
    }

    /// The gateway may lie outside of the block; inside it must be a host's address.
    private func checkGateway() throws(ModelError) {
        guard let gatewayIP else { return }
        try checkVersion(gatewayIP.version, "gateway_ip", gatewayIP)
        // A /31 has two hosts and no network or broadcast address (RFC 3021), a /32 is one host.
        guard ipVersion == .v4, cidr.length <= 30, cidr.contains(gatewayIP) else { return }
        if gatewayIP == cidr.first || gatewayIP == cidr.last {
            throw .invalidInput("Gateway is not valid on subnet")
        }
    }

    private func checkNameservers(isNew: Bool, limit: Int) throws(ModelError) {
        if dnsNameservers.count > limit { throw .dnsNameServersExhausted(isNew ? nil : id, limit: limit) }
        for server in dnsNameservers { try checkVersion(server.version, "dns_nameserver", server) }
        if let server = firstDuplicate(dnsNameservers) {
            throw .invalidAttribute("dns_nameservers", "Duplicate nameserver '\(server)'")
        }
    }

    private func checkHostRoutes(isNew: Bool, limit: Int) throws(ModelError) {
        if hostRoutes.count > limit { throw .hostRoutesExhausted(isNew ? nil : id, limit: limit) }
        for route in hostRoutes {
            try checkVersion(route.nexthop.version, "nexthop", route.nexthop)
            try checkVersion(route.destination.version, "destination", route.destination)
        }
        if let route = firstDuplicate(hostRoutes) {
            throw .invalidAttribute(
                "host_routes", "Duplicate hostroute '\(route.destination)' by '\(route.nexthop)'")
        }
    }

    private func checkModes(isNew: Bool) throws(ModelError) {
        if ipVersion == .v4 {
            if ipv6RAMode != nil { throw .invalidInput("ipv6_ra_mode is not valid when ip_version is 4") }
            if ipv6AddressMode != nil {
                throw .invalidInput("ipv6_address_mode is not valid when ip_version is 4")
            }
            return
        }
        guard ipv6RAMode != nil || ipv6AddressMode != nil else { return }
        if !enableDHCP {
            throw .invalidInput(
                isNew
                    ? "ipv6_ra_mode or ipv6_address_mode cannot be set when enable_dhcp is set to False"
                    : "Cannot disable enable_dhcp with ipv6 attributes set")
        }
        if let ipv6RAMode, let ipv6AddressMode, ipv6RAMode != ipv6AddressMode {
            throw .invalidInput(
                "ipv6_ra_mode set to '\(ipv6RAMode.rawValue)' with ipv6_address_mode set to "
                    + "'\(ipv6AddressMode.rawValue)' is not valid. If both attributes are set, "
                    + "they must be the same value")
        }
        // The interface identifier that follows from a MAC has 64 bits (RFC 4862 section 5.5.3).
        if assignsEUI64 && cidr.length != 64 {
            throw .invalidInput(
                "Invalid CIDR \(cidr) for IPv6 address mode. OpenStack uses the EUI-64 address format, which "
                    + "requires the prefix to be /64")
        }
    }
}

/// The first element that equals one before it.
func firstDuplicate<Element: Hashable>(_ elements: [Element]) -> Element? {
    var seen: Set<Element> = []
    return elements.first { !seen.insert($0).inserted }
}
