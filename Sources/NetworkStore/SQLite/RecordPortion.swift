import FoundationEssentials
import NetworkModel

/// Rows of one table, not yet decoded: as many as are worth a task.
struct RecordPortion: Sendable {
    /// Where the parts of a row lie in ``bytes``: its id, the id of its network, its body, each with 0xFF
    /// behind it.
    struct Row: Sendable {
        var start: Int
        var idEnd: Int
        var bodyStart: Int
        var end: Int
        var revision: Revision
        var checksum: Int64
    }

    let kind: RecordKind
    private(set) var rows: [Row] = []
    /// The texts of all rows in the form that checksums are made of.
    private(set) var bytes: [UInt8] = []

    /// A hundred ports. Less than malloc(3) gets from the kernel for each, so that one follows another in the
    /// same memory.
    private static let size = 80 << 10

    init(kind: RecordKind) {
        self.kind = kind
        bytes.reserveCapacity(Self.size * 5 / 4)
    }

    var isFull: Bool { bytes.count >= Self.size }

    /// Takes in a row of revision, checksum, id, network id and body.
    mutating func append(_ row: StatementRow) throws {
        let start = bytes.count
        append(try row.bytes(2))
        let idEnd = bytes.count - 1
        append(try row.bytes(3))
        let bodyStart = bytes.count
        append(try row.bytes(4))
        rows.append(
            Row(
                start: start, idEnd: idEnd, bodyStart: bodyStart, end: bytes.count,
                revision: Revision(try row.integer(0)), checksum: try row.integer(1)))
    }

    private mutating func append(_ value: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: value)
        bytes.append(Checksum.end)
    }
}

/// What the rows of one portion came to.
struct DecodedPortion: Sendable {
    var records = RecordBatch()
    /// The greatest of their revisions.
    var latest = Revision(0)
    var claims = ClaimSum()
    var usage = ProjectUsage()

    /// Decodes the rows.
    ///
    /// - Throws: ``StoreContents/Damage`` for a row that is not as it was written.
    init(_ portion: RecordPortion) throws {
        if portion.kind == .ports { records.reserve(ports: portion.rows.count) }
        try portion.bytes.withUnsafeBufferPointer { bytes in
            func part(_ start: Int, _ end: Int) -> UnsafeBufferPointer<UInt8> {
                UnsafeBufferPointer(rebasing: bytes[start..<end])
            }
            var start = Checksum()
            start.add(portion.kind.rawValue)
            let checksums = start.continued(over: portion.rows.map { part($0.start, $0.end) })
            var text: [UInt8] = []
            for (row, checksum) in zip(portion.rows, checksums) {
                let id = part(row.start, row.idEnd)
                guard checksum.at(row.revision) == row.checksum else {
                    throw Self.damage(id, portion.kind, "is wrong")
                }
                let record: NetworkModel.Record
                do { record = try portion.kind.decode(part(row.bodyStart, row.end - 1)) } catch {
                    throw Self.damage(id, portion.kind, "is not understood: \(error)")
                }
                latest = max(latest, row.revision)
                usage.add(1, record)
                claims.add(record, holder: id, scratch: &text)
                records.append(record, at: row.revision)
            }
        }
    }

    private static func damage(
        _ id: UnsafeBufferPointer<UInt8>, _ kind: RecordKind, _ words: String
    ) -> StoreContents.Damage {
        let id = String(decoding: id, as: UTF8.self)
        return StoreContents.Damage(description: "the row \(id) of the table \(kind.rawValue) \(words)")
    }
}

extension RecordKind {
    /// Decodes a body: one in the form of the store by the quick way, any other as `JSONDecoder` does.
    func decode(_ body: UnsafeBufferPointer<UInt8>) throws -> NetworkModel.Record {
        do { return try read(body) } catch { return try decodeAnyForm(Data(body)) }
    }

    /// Decodes a body in any form of JSON.
    func decodeAnyForm(_ body: Data) throws -> NetworkModel.Record {
        let decoder = JSONDecoder()
        return switch self {
        case .networks: .network(try decoder.decode(Network.self, from: body))
        case .subnets: .subnet(try decoder.decode(Subnet.self, from: body))
        case .ports: .port(try decoder.decode(Port.self, from: body))
        case .agents: .agent(try decoder.decode(Agent.self, from: body))
        case .subnetpools: .subnetPool(try decoder.decode(SubnetPool.self, from: body))
        case .quotas: .quota(try decoder.decode(ProjectQuota.self, from: body))
        }
    }
}
