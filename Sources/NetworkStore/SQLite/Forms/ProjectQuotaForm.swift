import NetworkModel

extension ProjectQuota {
    init(_ reader: inout RecordReader) throws(RecordReader.Unfamiliar) {
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

    func write(to writer: inout RecordWriter) {
        writer.write("{\"limits\":{")
        var isFirst = true
        for (first, later, resource) in Self.limitKeys {
            guard let limit = limits[resource] else { continue }
            writer.write(isFirst ? first : later)
            writer.integer(limit)
            isFirst = false
        }
        writer.write("},\"projectID\":")
        writer.string(projectID)
        writer.write("}")
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
