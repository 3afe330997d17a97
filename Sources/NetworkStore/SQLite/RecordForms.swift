import Addressing
import NetworkModel

// What the synthesized Codable conformances make of the resources, key after key in the order in which the
// store's encoder puts them; a key whose value is nil is left out. A field that is added to a resource has
// to be added here as well: until then its records are understood by way of `JSONDecoder`, slowly.

extension RecordKind {
    /// Reads a body that has the form in which the store writes it.
    func read(_ body: UnsafeBufferPointer<UInt8>) throws(RecordReader.Unfamiliar) -> Record {
        var reader = RecordReader(body)
        let record: Record
        switch self {
        case .networks: record = .network(try Network(&reader))
        case .subnets: record = .subnet(try Subnet(&reader))
        case .ports: record = .port(try Port(&reader))
        case .agents: record = .agent(try Agent(&reader))
        case .subnetpools: record = .subnetPool(try SubnetPool(&reader))
        case .quotas: record = .quota(try ProjectQuota(&reader))
        }
        try reader.expectEnd()
        return record
    }
}

extension Network {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"adminStateUp\":")
        let adminStateUp = try reader.bool()
        try reader.expect(",\"availabilityZoneHints\":")
        let availabilityZoneHints = try reader.strings()
        let dhcpAgentIDs =
            reader.take(",\"dhcpAgentIDs\":")
            ? try reader.array { reader throws(RecordReader.Unfamiliar) in try reader.identifier() } : nil
        let dhcpDriver: DHCPDriverName? = reader.take(",\"dhcpDriver\":") ? try reader.raw() : nil
        try reader.expect(",\"dnsDomain\":")
        let dnsDomain = try reader.string()
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"isDefault\":")
        let isDefault = try reader.bool()
        try reader.expect(",\"isExternal\":")
        let isExternal = try reader.bool()
        try reader.expect(",\"mtu\":")
        let mtu = Int(try reader.integer())
        try reader.expect(",\"portSecurityEnabled\":")
        let portSecurityEnabled = try reader.bool()
        try reader.expect(",\"segment\":")
        let segment = try NetworkSegment(&reader)
        try reader.expect(",\"shared\":")
        let shared = try reader.bool()
        try reader.expect(",\"standard\":")
        let standard = try StandardAttributes(&reader)
        try reader.expect("}")
        self.init(
            id: id, standard: standard, adminStateUp: adminStateUp, shared: shared, mtu: mtu,
            segment: segment, dnsDomain: dnsDomain, portSecurityEnabled: portSecurityEnabled,
            isExternal: isExternal, isDefault: isDefault, availabilityZoneHints: availabilityZoneHints,
            dhcpDriver: dhcpDriver, dhcpAgentIDs: dhcpAgentIDs)
    }
}

extension NetworkSegment {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{")
        var physicalNetwork: String?
        if reader.take("\"physicalNetwork\":") {
            physicalNetwork = try reader.string()
            try reader.expect(",")
        }
        var segmentationID: Int?
        if reader.take("\"segmentationID\":") {
            segmentationID = Int(try reader.integer())
            try reader.expect(",")
        }
        try reader.expect("\"type\":")
        let type: NetworkType = try reader.raw()
        try reader.expect("}")
        self.init(type: type, physicalNetwork: physicalNetwork, segmentationID: segmentationID)
    }
}

extension Subnet {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"allocationPools\":")
        let allocationPools = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.text(AddressRange.self)
        }
        try reader.expect(",\"cidr\":")
        let cidr: IPPrefix = try reader.text()
        try reader.expect(",\"dnsNameservers\":")
        let dnsNameservers = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.address()
        }
        try reader.expect(",\"dnsPublishFixedIP\":")
        let dnsPublishFixedIP = try reader.bool()
        try reader.expect(",\"enableDHCP\":")
        let enableDHCP = try reader.bool()
        let gatewayIP = reader.take(",\"gatewayIP\":") ? try reader.address() : nil
        try reader.expect(",\"hostRoutes\":")
        let hostRoutes = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.expect("{\"destination\":")
            let destination: IPPrefix = try reader.text()
            try reader.expect(",\"nexthop\":")
            let nexthop = try reader.address()
            try reader.expect("}")
            return HostRoute(destination: destination, nexthop: nexthop)
        }
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        let addressMode: IPv6Mode? = reader.take(",\"ipv6AddressMode\":") ? try reader.raw() : nil
        let advertisementMode: IPv6Mode? = reader.take(",\"ipv6RAMode\":") ? try reader.raw() : nil
        try reader.expect(",\"networkID\":")
        let networkID = try reader.identifier()
        try reader.expect(",\"serviceTypes\":")
        let serviceTypes = try reader.strings()
        try reader.expect(",\"standard\":")
        let standard = try StandardAttributes(&reader)
        let subnetpoolID = reader.take(",\"subnetpoolID\":") ? try reader.identifier() : nil
        try reader.expect("}")
        self.init(
            id: id, networkID: networkID, standard: standard, cidr: cidr, gatewayIP: gatewayIP,
            allocationPools: allocationPools, dnsNameservers: dnsNameservers, hostRoutes: hostRoutes,
            enableDHCP: enableDHCP, ipv6RAMode: advertisementMode, ipv6AddressMode: addressMode,
            serviceTypes: serviceTypes, subnetpoolID: subnetpoolID, dnsPublishFixedIP: dnsPublishFixedIP)
    }
}

extension Port {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"adminStateUp\":")
        let adminStateUp = try reader.bool()
        try reader.expect(",\"allowedAddressPairs\":")
        let allowedAddressPairs = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.expect("{\"ipAddress\":")
            let ipAddress = try reader.string()
            try reader.expect(",\"macAddress\":")
            let macAddress = try reader.macAddress()
            try reader.expect("}")
            return AllowedAddressPair(ipAddress: ipAddress, macAddress: macAddress)
        }
        try reader.expect(",\"bindingHostID\":")
        let bindingHostID = try reader.string()
        try reader.expect(",\"bindingProfile\":")
        let bindingProfile = try reader.string()
        try reader.expect(",\"bindingVNICType\":")
        let bindingVNICType = try reader.string()
        try reader.expect(",\"deviceID\":")
        let deviceID = try reader.string()
        try reader.expect(",\"deviceOwner\":")
        let deviceOwner = try reader.string()
        try reader.expect(",\"dnsDomain\":")
        let dnsDomain = try reader.string()
        try reader.expect(",\"dnsName\":")
        let dnsName = try reader.string()
        try reader.expect(",\"extraDHCPOptions\":")
        let extraDHCPOptions = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try ExtraDHCPOption(&reader)
        }
        try reader.expect(",\"fixedIPs\":")
        let fixedIPs = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.expect("{\"address\":")
            let address = try reader.address()
            try reader.expect(",\"subnetID\":")
            let subnetID = try reader.identifier()
            try reader.expect("}")
            return FixedIP(subnetID: subnetID, address: address)
        }
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"ipAllocation\":")
        let ipAllocation: IPAllocationMode = try reader.raw()
        try reader.expect(",\"macAddress\":")
        let macAddress = try reader.macAddress()
        try reader.expect(",\"networkID\":")
        let networkID = try reader.identifier()
        try reader.expect(",\"portSecurityEnabled\":")
        let portSecurityEnabled = try reader.bool()
        try reader.expect(",\"securityGroups\":")
        let securityGroups = try reader.strings()
        try reader.expect(",\"standard\":")
        let standard = try StandardAttributes(&reader)
        try reader.expect(",\"status\":")
        let status: PortStatus = try reader.raw()
        try reader.expect(",\"statusDetail\":")
        let statusDetail = try reader.string()
        try reader.expect("}")
        self.init(
            id: id, networkID: networkID, standard: standard, adminStateUp: adminStateUp,
            macAddress: macAddress, fixedIPs: fixedIPs, deviceID: deviceID, deviceOwner: deviceOwner,
            status: status, statusDetail: statusDetail, extraDHCPOptions: extraDHCPOptions, dnsName: dnsName,
            dnsDomain: dnsDomain, allowedAddressPairs: allowedAddressPairs,
            portSecurityEnabled: portSecurityEnabled, securityGroups: securityGroups,
            ipAllocation: ipAllocation, bindingHostID: bindingHostID, bindingVNICType: bindingVNICType,
            bindingProfile: bindingProfile)
    }
}

extension ExtraDHCPOption {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"ipVersion\":")
        let ipVersion = try reader.version()
        try reader.expect(",\"name\":")
        let name = try reader.string()
        try reader.expect(",\"value\":")
        let value = try reader.string()
        try reader.expect("}")
        self.init(name: name, value: value, ipVersion: ipVersion)
    }
}

extension Agent {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"adminStateUp\":")
        let adminStateUp = try reader.bool()
        try reader.expect(",\"agentType\":")
        let agentType = try reader.string()
        try reader.expect(",\"availabilityZone\":")
        let availabilityZone = try reader.string()
        try reader.expect(",\"binary\":")
        let binary = try reader.string()
        try reader.expect(",\"configurations\":")
        let configurations = try AgentConfigurations(&reader)
        try reader.expect(",\"createdAt\":")
        let createdAt = try Timestamp(&reader)
        try reader.expect(",\"description\":")
        let description = try reader.string()
        try reader.expect(",\"heartbeatAt\":")
        let heartbeatAt = try Timestamp(&reader)
        try reader.expect(",\"host\":")
        let host = try reader.string()
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"startedAt\":")
        let startedAt = try Timestamp(&reader)
        try reader.expect(",\"topic\":")
        let topic = try reader.string()
        try reader.expect("}")
        self.init(
            id: id, agentType: agentType, binary: binary, topic: topic, host: host,
            adminStateUp: adminStateUp, description: description, availabilityZone: availabilityZone,
            createdAt: createdAt, startedAt: startedAt, heartbeatAt: heartbeatAt,
            configurations: configurations)
    }
}

extension AgentConfigurations {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"dhcpDriver\":")
        let dhcpDriver = try reader.string()
        try reader.expect(",\"dhcpLeaseDuration\":")
        let dhcpLeaseDuration = Int(try reader.integer())
        try reader.expect(",\"logAgentHeartbeats\":")
        let logAgentHeartbeats = try reader.bool()
        try reader.expect(",\"networks\":")
        let networks = Int(try reader.integer())
        try reader.expect(",\"ports\":")
        let ports = Int(try reader.integer())
        try reader.expect(",\"problems\":")
        let problems = try reader.strings()
        try reader.expect(",\"subnets\":")
        let subnets = Int(try reader.integer())
        try reader.expect("}")
        self.init(
            dhcpDriver: dhcpDriver, dhcpLeaseDuration: dhcpLeaseDuration,
            logAgentHeartbeats: logAgentHeartbeats, networks: networks, subnets: subnets, ports: ports,
            problems: problems)
    }
}

extension SubnetPool {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"defaultPrefixLength\":")
        let defaultPrefixLength = Int(try reader.integer())
        let defaultQuota = reader.take(",\"defaultQuota\":") ? Int(try reader.integer()) : nil
        try reader.expect(",\"id\":")
        let id = try reader.identifier()
        try reader.expect(",\"ipVersion\":")
        let ipVersion = try reader.version()
        try reader.expect(",\"isDefault\":")
        let isDefault = try reader.bool()
        try reader.expect(",\"maxPrefixLength\":")
        let maxPrefixLength = Int(try reader.integer())
        try reader.expect(",\"minPrefixLength\":")
        let minPrefixLength = Int(try reader.integer())
        try reader.expect(",\"prefixes\":")
        let prefixes = try reader.array { reader throws(RecordReader.Unfamiliar) in
            try reader.text(IPPrefix.self)
        }
        try reader.expect(",\"shared\":")
        let shared = try reader.bool()
        try reader.expect(",\"standard\":")
        let standard = try StandardAttributes(&reader)
        try reader.expect("}")
        self.init(
            id: id, standard: standard, prefixes: prefixes, minPrefixLength: minPrefixLength,
            maxPrefixLength: maxPrefixLength, defaultPrefixLength: defaultPrefixLength,
            defaultQuota: defaultQuota, shared: shared, isDefault: isDefault, ipVersion: ipVersion)
    }
}

extension ProjectQuota {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"limits\":{")
        var limits: [QuotaResource: Int] = [:]
        // A comma stands between two, so it is part of the later one's key unless that is the first.
        for (first, later, resource) in Self.limitKeys
        where reader.take(limits.isEmpty ? first : later) {
            limits[resource] = Int(try reader.integer())
        }
        try reader.expect("},\"projectID\":")
        let projectID = try reader.string()
        try reader.expect("}")
        self.init(projectID: projectID, limits: limits)
    }

    /// The keys in their order, as the first of all and behind another one.
    private static let limitKeys: [(StaticString, StaticString, QuotaResource)] = [
        ("\"floatingip\":", ",\"floatingip\":", .floatingIP),
        ("\"network\":", ",\"network\":", .network), ("\"port\":", ",\"port\":", .port),
        ("\"rbac_policy\":", ",\"rbac_policy\":", .rbacPolicy), ("\"router\":", ",\"router\":", .router),
        ("\"security_group\":", ",\"security_group\":", .securityGroup),
        ("\"security_group_rule\":", ",\"security_group_rule\":", .securityGroupRule),
        ("\"subnet\":", ",\"subnet\":", .subnet), ("\"subnetpool\":", ",\"subnetpool\":", .subnetpool),
    ]
}

extension RecordReader {
    fileprivate mutating func version() throws(Unfamiliar) -> IPVersion {
        guard let version = IPVersion(rawValue: Int(try integer())) else { throw Unfamiliar() }
        return version
    }
}

extension StandardAttributes {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"createdAt\":")
        let createdAt = try Timestamp(&reader)
        try reader.expect(",\"description\":")
        let description = try reader.string()
        try reader.expect(",\"name\":")
        let name = try reader.string()
        try reader.expect(",\"projectID\":")
        let projectID = try reader.string()
        try reader.expect(",\"revisionNumber\":")
        let revisionNumber = Int(try reader.integer())
        try reader.expect(",\"tags\":")
        let tags = try reader.strings()
        try reader.expect(",\"updatedAt\":")
        let updatedAt = try Timestamp(&reader)
        try reader.expect("}")
        self.init(
            projectID: projectID, name: name, description: description, tags: tags, createdAt: createdAt,
            updatedAt: updatedAt, revisionNumber: revisionNumber)
    }
}

extension Timestamp {
    fileprivate init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
        try reader.expect("{\"secondsSinceEpoch\":")
        self.init(secondsSinceEpoch: try reader.integer())
        try reader.expect("}")
    }
}
