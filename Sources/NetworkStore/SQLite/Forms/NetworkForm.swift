import NetworkModel

extension Network {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
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

    func write(to writer: inout RecordWriter) {
        writer.write("{\"adminStateUp\":")
        writer.bool(adminStateUp)
        writer.write(",\"availabilityZoneHints\":")
        writer.strings(availabilityZoneHints)
        if let dhcpAgentIDs {
            writer.write(",\"dhcpAgentIDs\":")
            writer.array(dhcpAgentIDs) { $1.identifier($0) }
        }
        if let dhcpDriver {
            writer.write(",\"dhcpDriver\":")
            writer.string(dhcpDriver.rawValue)
        }
        writer.write(",\"dnsDomain\":")
        writer.string(dnsDomain)
        writer.write(",\"id\":")
        writer.identifier(id)
        writer.write(",\"isDefault\":")
        writer.bool(isDefault)
        writer.write(",\"isExternal\":")
        writer.bool(isExternal)
        writer.write(",\"mtu\":")
        writer.integer(mtu)
        writer.write(",\"portSecurityEnabled\":")
        writer.bool(portSecurityEnabled)
        writer.write(",\"segment\":")
        segment.write(to: &writer)
        writer.write(",\"shared\":")
        writer.bool(shared)
        writer.write(",\"standard\":")
        standard.write(to: &writer)
        writer.write("}")
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

    fileprivate func write(to writer: inout RecordWriter) {
        writer.write("{")
        if let physicalNetwork {
            writer.write("\"physicalNetwork\":")
            writer.string(physicalNetwork)
            writer.write(",")
        }
        if let segmentationID {
            writer.write("\"segmentationID\":")
            writer.integer(segmentationID)
            writer.write(",")
        }
        writer.write("\"type\":")
        writer.string(type.rawValue)
        writer.write("}")
    }
}
