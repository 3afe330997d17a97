import Addressing
import NetworkModel

/// The attribute of ports that holds their leases.
let leasesAttribute = "leasehold:leases"

/// Leases as the API shows them.
let leaseTable = ResourceTable<Lease, Void>("lease", "leases") {
    Attribute(readOnly: "id", filter: .id { $0.id }, shows: .uuid) { $2.id($0.id) }
    Attribute(readOnly: "network_id", filter: .id { $0.networkID }, shows: .uuid) { $2.id($0.networkID) }
    Attribute(readOnly: "port_id", filter: .id { $0.portID }, shows: .uuid.orNull) { lease, _, writer in
        if let port = lease.portID { writer.id(port) } else { writer.null() }
    }
    portLeaseRows
}

/// What a lease says besides whose it is.
let portLeaseRows: [Attribute<Lease, Void>] = rows {
    Attribute(readOnly: "ip_address", filter: .address { $0.address }, shows: .ipAddress) {
        $2.text($0.address)
    }
    Attribute(readOnly: "mac_address", filter: .leaseMAC, shows: .macAddress.orNull) { lease, _, writer in
        if let mac = lease.macAddress { writer.text(mac) } else { writer.null() }
    }
    Attribute(readOnly: "given_at", filter: .moment { $0.givenAt }, shows: .moment.orNull) {
        $2.string(orNull: $0.givenAt?.iso8601)
    }
    // null: never.
    Attribute(readOnly: "expires_at", filter: .moment { $0.expiresAt }, shows: .moment.orNull) {
        $2.string(orNull: $0.expiresAt?.iso8601)
    }
    Attribute(readOnly: "hostname", filter: .text { $0.hostname }, shows: .string) { $2.string($0.hostname) }
    Attribute(readOnly: "vendor_class", filter: .text { $0.vendorClass }, shows: .string) {
        $2.string($0.vendorClass)
    }
    // Option 61 with its type byte, or the DUID, as hexadecimal bytes.
    Attribute(readOnly: "client_id", filter: .text { $0.clientIdentifierText }, shows: .string) {
        $2.string($0.clientIdentifierText)
    }
    Attribute(readOnly: "iaid", filter: .integer { $0.iaid.map { Int($0) } }, shows: .integer.orNull) {
        lease, _, writer in
        if let iaid = lease.iaid { writer.integer(Int(iaid)) } else { writer.null() }
    }
    Attribute(readOnly: "message", filter: .text { $0.message.rawValue }, shows: .string) {
        $2.string($0.message.rawValue)
    }
    Attribute(readOnly: "server", filter: .text { $0.server?.description ?? "" }, shows: .string.orNull) {
        $2.string(orNull: $0.server?.description)
    }
}

/// Rows outside of a table.
private func rows(
    @AttributeRows<Lease, Void> _ rows: () -> [Attribute<Lease, Void>]
) -> [Attribute<Lease, Void>] { rows() }

extension FilterRule where Resource == Lease {
    /// The address equals one of the values, however they are written.
    fileprivate static func address(_ read: @escaping @Sendable (Lease) -> IPAddress) -> FilterRule {
        FilterRule(accepts: .string, sortKey: { lease, _ in .text(sortable(read(lease))) }) { values in
            let addresses = Set(values.compactMap { IPAddress($0) })
            return { lease, _ in addresses.contains(read(lease)) }
        }
    }

    /// The MAC equals one of the values, however they are written.
    fileprivate static let leaseMAC = FilterRule(
        accepts: .string, sortKey: { lease, _ in .text(lease.macAddress?.description ?? "") }
    ) { values in
        let macs = Set(values.compactMap(parseMAC))
        return { lease, _ in lease.macAddress.map(macs.contains) ?? false }
    }

    /// The moment equals one of the values.
    fileprivate static func moment(_ read: @escaping @Sendable (Lease) -> Timestamp?) -> FilterRule {
        FilterRule(
            accepts: .string,
            sortKey: { lease, _ in .number(read(lease).map { Int($0.secondsSinceEpoch) } ?? .max) }
        ) {
            values in
            let moments = Set(values.compactMap { Timestamp(iso8601: $0) })
            return { lease, _ in read(lease).map(moments.contains) ?? false }
        }
    }

    /// Text that sorts as addresses do.
    private static func sortable(_ address: IPAddress) -> String {
        let digits = String(address.number, radix: 16)
        return "\(address.version.rawValue)" + String(repeating: "0", count: 32 - digits.count) + digits
    }
}
