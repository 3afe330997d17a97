import Addressing
import NetworkModel

/// The table that holds one kind of record.
enum RecordKind: String, CaseIterable, Sendable {
    case networks, subnets, ports, agents, subnetpools, quotas

    init(_ key: RecordKey) {
        switch key {
        case .network: self = .networks
        case .subnet: self = .subnets
        case .port: self = .ports
        case .agent: self = .agents
        case .subnetPool: self = .subnetpools
        case .quota: self = .quotas
        }
    }

    /// The schema version that brought the table.
    var firstVersion: Int32 {
        switch self {
        case .networks, .subnets, .ports, .agents: 1
        case .subnetpools, .quotas: 2
        }
    }

    /// Whether the table has a `network_id` column.
    var hasNetworkID: Bool { self == .subnets || self == .ports }

    func key(_ id: ResourceID) -> RecordKey {
        switch self {
        case .networks: .network(id)
        case .subnets: .subnet(id)
        case .ports: .port(id)
        case .agents: .agent(id)
        case .subnetpools: .subnetPool(id)
        case .quotas: .quota(id)
        }
    }
}

/// The table that makes one kind of claim unique.
enum ClaimTable: String, CaseIterable, Sendable {
    case addresses
    case macs
    case segments
    case agentHosts = "agent_hosts"
    case defaultSubnetpools = "default_subnetpools"

    /// The kind of record that holds the claims.
    var holder: RecordKind {
        switch self {
        case .addresses, .macs: .ports
        case .segments: .networks
        case .agentHosts: .agents
        case .defaultSubnetpools: .subnetpools
        }
    }

    /// The columns that are unique together.
    var columns: [String] {
        switch self {
        case .addresses: ["subnet_id", "address"]
        case .macs: ["network_id", "mac"]
        case .segments: ["network_type", "physical_network", "segmentation_id"]
        case .agentHosts: ["agent_type", "host"]
        case .defaultSubnetpools: ["ip_version"]
        }
    }

    /// The column with the id of the record that holds the claim.
    var holderColumn: String {
        switch self {
        case .addresses, .macs: "port_id"
        case .segments: "network_id"
        case .agentHosts: "agent_id"
        case .defaultSubnetpools: "subnetpool_id"
        }
    }
}

/// A claim as the row that holds it. As in SQLite, other octets are another row, also where Unicode means the same.
struct ClaimRow: Hashable, Sendable {
    var table: ClaimTable
    /// The values of ``ClaimTable/columns``.
    var values: [String]

    init(table: ClaimTable, values: [String]) {
        self.table = table
        self.values = values
    }

    init(_ claim: Claim) {
        switch claim {
        case .address(let address, let subnet):
            self.init(table: .addresses, values: [subnet.description, address.description])
        case .mac(let mac, let network):
            self.init(table: .macs, values: [network.description, mac.description])
        case .segment(let segment):
            self.init(
                table: .segments,
                values: [
                    segment.type.rawValue, segment.physicalNetwork ?? "",
                    segment.segmentationID.map(String.init) ?? "",
                ])
        case .agent(let type, let host): self.init(table: .agentHosts, values: [type, host])
        case .defaultSubnetPool(let version):
            self.init(table: .defaultSubnetpools, values: [String(version.rawValue)])
        }
    }
}

extension ClaimRow {
    static func == (a: Self, b: Self) -> Bool {
        a.table == b.table && a.values.elementsEqual(b.values) { $0.utf8.elementsEqual($1.utf8) }
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        for value in values {
            value.utf8.withContiguousStorageIfAvailable { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        }
    }
}

extension NetworkModel.Record {
    /// The rows that the record holds.
    var claimRows: Set<ClaimRow> { Set(claims.map { ClaimRow($0) }) }
}

/// A record in the form in which it is written.
struct StoredRecord: Sendable {
    var record: Record
    var kind: RecordKind
    var id: String
    var networkID: String?
    /// The resource as JSON.
    var body: String
    /// The claims with their rows.
    var claims: [(claim: Claim, row: ClaimRow)]
    private var checksum: Checksum

    init(_ record: Record) {
        self.record = record
        kind = RecordKind(record.key)
        id = record.key.id.description
        switch record {
        case .subnet(let subnet): networkID = subnet.networkID.description
        case .port(let port): networkID = port.networkID.description
        case .network, .agent, .subnetPool, .quota: break
        }
        body = record.body
        claims = record.claims.map { ($0, ClaimRow($0)) }
        checksum = Checksum(kind: kind, id: id, networkID: networkID, body: body)
    }

    /// The checksum of the row at the revision.
    func checksum(at revision: Revision) -> Int64 { checksum.at(revision) }
}

/// What tells a row that SQLite hands out from the one that was written: FNV-1a of 64 bits, which every
/// change of one octet alters.
struct Checksum: Sendable {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    init() {}

    init(kind: RecordKind, id: String, networkID: String?, body: String) {
        add(kind.rawValue)
        add(id)
        add(networkID ?? "")
        add(body)
    }

    /// Takes in the text and its end.
    mutating func add(_ text: String) {
        var text = text
        var hash = value
        text.withUTF8 { bytes in
            for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        }
        value = (hash ^ UInt64(Self.end)) &* 0x100_0000_01B3
    }

    /// What follows every text: an octet that UTF-8 never has.
    static let end: UInt8 = 0xFF

    /// The checksums after each of the texts, which have their ends with them.
    ///
    /// Every octet has to wait for the product of the one before it, so four texts share that time.
    func continued(over texts: [UnsafeBufferPointer<UInt8>]) -> [Checksum] {
        let prime: UInt64 = 0x100_0000_01B3
        var result: [Checksum] = []
        result.reserveCapacity(texts.count)
        var index = 0
        while texts.count - index >= 4 {
            let (a, b, c, d) = (texts[index], texts[index + 1], texts[index + 2], texts[index + 3])
            let common = min(a.count, b.count, c.count, d.count)
            var (hashA, hashB, hashC, hashD) = (value, value, value, value)
            for offset in 0..<common {
                hashA = (hashA ^ UInt64(a[offset])) &* prime
                hashB = (hashB ^ UInt64(b[offset])) &* prime
                hashC = (hashC ^ UInt64(c[offset])) &* prime
                hashD = (hashD ^ UInt64(d[offset])) &* prime
            }
            for (hash, text) in [(hashA, a), (hashB, b), (hashC, c), (hashD, d)] {
                result.append(Checksum(hash, over: text, from: common))
            }
            index += 4
        }
        for text in texts[index...] { result.append(Checksum(value, over: text, from: 0)) }
        return result
    }

    private init(_ start: UInt64, over text: UnsafeBufferPointer<UInt8>, from offset: Int) {
        value = start
        for byte in text[offset...] { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    /// The checksum with the revision, as SQLite keeps numbers.
    func at(_ revision: Revision) -> Int64 {
        var hash = value
        for shift in stride(from: 0, to: 64, by: 8) {
            let byte = UInt64(truncatingIfNeeded: revision.rawValue >> Int64(shift) & 0xFF)
            hash = (hash ^ byte) &* 0x100_0000_01B3
        }
        return Int64(bitPattern: hash)
    }

    /// The checksum of a row of `meta`.
    static func ofMeta(_ name: String, _ value: Int64) -> Int64 {
        var checksum = Checksum()
        checksum.add(name)
        return checksum.at(Revision(value))
    }
}
