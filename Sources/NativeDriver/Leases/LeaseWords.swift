import DHCPEngine
import NetworkModel

extension Lease {
    /// A lease of the record; what a DHCPv6 client said is kept in wire format and becomes text here.
    init(_ told: ToldLease, _ client: ClientDescription) {
        let isV6 = told.message == .reply
        let end = Int64(told.time) + Int64(told.duration)
        self.init(
            networkID: told.network, portID: ResourceID(rawValue: told.port.rawValue), address: told.address,
            macAddress: told.mac, clientIdentifier: Array(client.clientIdentifier), iaid: told.iaid,
            hostname: Lease.printable(isV6 ? Self.name(client.hostName) : Array(client.hostName)),
            vendorClass: Lease.printable(
                isV6 ? Self.vendorClass(client.vendorClass) : Array(client.vendorClass)),
            message: told.message, server: told.server,
            givenAt: Timestamp(secondsSinceEpoch: Int64(told.time)),
            expiresAt: told.duration == .max ? nil : Timestamp(secondsSinceEpoch: end))
    }

    /// The name in labels (RFC 1035 section 3.1; without the last, empty one it is not full, RFC 4704
    /// section 4.2) with dots between; what is cut off ends it.
    private static func name(_ labels: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var rest = labels
        while let count = rest.popFirst(), (1...63).contains(count), rest.count >= Int(count) {
            if !text.isEmpty { text.append(0x2E) }
            text += rest.prefix(Int(count))
            rest = rest.dropFirst(Int(count))
        }
        return text
    }

    /// What option 16 says behind its enterprise number (RFC 8415 section 21.16), with commas between.
    private static func vendorClass(_ data: ArraySlice<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        var rest = data.dropFirst(4)
        while rest.count >= 2 {
            let count = Int(rest[rest.startIndex]) << 8 | Int(rest[rest.startIndex + 1])
            rest = rest.dropFirst(2)
            if !text.isEmpty { text.append(0x2C) }
            text += rest.prefix(count)
            rest = rest.dropFirst(count)
        }
        return text
    }
}
