import Addressing
import NetworkModel

/// Subnet pools as the API shows them.
let subnetPoolTable = ResourceTable<SubnetPool, SubnetPoolRequest>("subnetpool", "subnetpools") {
    let rows = StandardAttributeRows<SubnetPool, SubnetPoolRequest>(
        id: { $0.id }, standard: { $0.standard })
    rows.idRow
    Attribute(
        "name", post: .required, put: true, .notEmptyName, { $0.name = $1 },
        filter: .text { $0.standard.name }, shows: .string
    ) { $2.string($0.standard.name) }
    Attribute(
        "prefixes", post: .required, put: true, .list(of: .subnet), { $0.prefixes = $1 },
        shows: .array(of: .cidr)
    ) { $2.array($0.prefixes) { $1.text($0) } }
    Attribute(
        "default_quota", post: .optional, put: true, .nonNegative, { $0.defaultQuota = .some($1) },
        filter: .integer { $0.defaultQuota }, shows: .integer.orNull
    ) { pool, _, writer in
        if let quota = pool.defaultQuota { writer.integer(quota) } else { writer.null() }
    }
    Attribute(readOnly: "ip_version", filter: .integer { $0.ipVersion.rawValue }, shows: .ipVersion) {
        $2.integer($0.ipVersion.rawValue)
    }
    // Neutron writes prefix lengths as strings.
    Attribute(
        "default_prefixlen", post: .optional, put: true, .nonNegative, { $0.defaultPrefixLength = $1 },
        filter: .integer { $0.defaultPrefixLength }, shows: .integerText
    ) { $2.text($0.defaultPrefixLength) }
    Attribute(
        "min_prefixlen", post: .optional, put: true, .nonNegative, { $0.minPrefixLength = $1 },
        filter: .integer { $0.minPrefixLength }, shows: .integerText
    ) { $2.text($0.minPrefixLength) }
    Attribute(
        "max_prefixlen", post: .optional, put: true, .nonNegative, { $0.maxPrefixLength = $1 },
        filter: .integer { $0.maxPrefixLength }, shows: .integerText
    ) { $2.text($0.maxPrefixLength) }
    Attribute(
        "is_default", post: .optional, put: true, .boolean, { $0.isDefault = $1 },
        filter: .boolean { pool, _ in pool.isDefault }, shows: .boolean
    ) { $2.bool($0.isDefault) }
    Attribute(
        "shared", post: .optional, .boolean, { $0.shared = $1 },
        filter: .boolean { pool, _ in pool.shared }, shows: .boolean
    ) { $2.bool($0.shared) }
    Attribute.alwaysNull("address_scope_id")
    rows.projectRows { $0.projectID = $1 }
    rows.descriptionRow { $0.description = $1 }
    rows.tagRows()
    rows.historyRows
}
