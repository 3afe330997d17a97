import Addressing
import NetworkModel

extension Port {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
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

    func write(to writer: inout RecordWriter) {
        writer.write("{\"adminStateUp\":")
        writer.bool(adminStateUp)
        writer.write(",\"allowedAddressPairs\":")
        writer.array(allowedAddressPairs) { pair, writer in
            writer.write("{\"ipAddress\":")
            writer.string(pair.ipAddress)
            writer.write(",\"macAddress\":")
            writer.text(pair.macAddress)
            writer.write("}")
        }
        writer.write(",\"bindingHostID\":")
        writer.string(bindingHostID)
        writer.write(",\"bindingProfile\":")
        writer.string(bindingProfile)
        writer.write(",\"bindingVNICType\":")
        writer.string(bindingVNICType)
        writer.write(",\"deviceID\":")
        writer.string(deviceID)
        writer.write(",\"deviceOwner\":")
        writer.string(deviceOwner)
        writer.write(",\"dnsDomain\":")
        writer.string(dnsDomain)
        writer.write(",\"dnsName\":")
        writer.string(dnsName)
        writer.write(",\"extraDHCPOptions\":")
        writer.array(extraDHCPOptions) { $0.write(to: &$1) }
        writer.write(",\"fixedIPs\":")
        writer.array(fixedIPs) { fixedIP, writer in
            writer.write("{\"address\":")
            writer.text(fixedIP.address)
            writer.write(",\"subnetID\":")
            writer.identifier(fixedIP.subnetID)
            writer.write("}")
        }
        writer.write(",\"id\":")
        writer.identifier(id)
        writer.write(",\"ipAllocation\":")
        writer.string(ipAllocation.rawValue)
        writer.write(",\"macAddress\":")
        writer.text(macAddress)
        writer.write(",\"networkID\":")
        writer.identifier(networkID)
        writer.write(",\"portSecurityEnabled\":")
        writer.bool(portSecurityEnabled)
        writer.write(",\"securityGroups\":")
        writer.strings(securityGroups)
        writer.write(",\"standard\":")
        standard.write(to: &writer)
        writer.write(",\"status\":")
        writer.string(status.rawValue)
        writer.write(",\"statusDetail\":")
        writer.string(statusDetail)
        writer.write("}")
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

    fileprivate func write(to writer: inout RecordWriter) {
        writer.write("{\"ipVersion\":")
        writer.integer(ipVersion.rawValue)
        writer.write(",\"name\":")
        writer.string(name)
        writer.write(",\"value\":")
        writer.string(value)
        writer.write("}")
    }
}
