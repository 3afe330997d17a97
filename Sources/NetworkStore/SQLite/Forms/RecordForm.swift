import NetworkModel

// The JSON of the resources as the store writes it: what the synthesized Codable conformances make of them,
// key after key in order; a key whose value is nil is left out. A field that is added to a resource has to be
// added to its form, in both directions.

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

extension NetworkModel.Record {
    /// The record as the store writes it.
    var body: String {
        // Most records are ports of some 700 bytes.
        var writer = RecordWriter(capacity: 1024)
        switch self {
        case .network(let network): network.write(to: &writer)
        case .subnet(let subnet): subnet.write(to: &writer)
        case .port(let port): port.write(to: &writer)
        case .agent(let agent): agent.write(to: &writer)
        case .subnetPool(let pool): pool.write(to: &writer)
        case .quota(let quota): quota.write(to: &writer)
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
