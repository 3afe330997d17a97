import Addressing
import NetworkModel

extension Subnet {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
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

    func write(to writer: inout RecordWriter) {
        writer.write("{\"allocationPools\":")
        writer.array(allocationPools) { $1.text($0) }
        writer.write(",\"cidr\":")
        writer.text(cidr)
        writer.write(",\"dnsNameservers\":")
        writer.array(dnsNameservers) { $1.text($0) }
        writer.write(",\"dnsPublishFixedIP\":")
        writer.bool(dnsPublishFixedIP)
        writer.write(",\"enableDHCP\":")
        writer.bool(enableDHCP)
        if let gatewayIP {
            writer.write(",\"gatewayIP\":")
            writer.text(gatewayIP)
        }
        writer.write(",\"hostRoutes\":")
        writer.array(hostRoutes) { route, writer in
            writer.write("{\"destination\":")
            writer.text(route.destination)
            writer.write(",\"nexthop\":")
            writer.text(route.nexthop)
            writer.write("}")
        }
        writer.write(",\"id\":")
        writer.identifier(id)
        if let ipv6AddressMode {
            writer.write(",\"ipv6AddressMode\":")
            writer.string(ipv6AddressMode.rawValue)
        }
        if let ipv6RAMode {
            writer.write(",\"ipv6RAMode\":")
            writer.string(ipv6RAMode.rawValue)
        }
        writer.write(",\"networkID\":")
        writer.identifier(networkID)
        writer.write(",\"serviceTypes\":")
        writer.strings(serviceTypes)
        writer.write(",\"standard\":")
        standard.write(to: &writer)
        if let subnetpoolID {
            writer.write(",\"subnetpoolID\":")
            writer.identifier(subnetpoolID)
        }
        writer.write("}")
    }
}
