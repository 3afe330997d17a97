import Addressing
import Foundation
import NetworkModel
import NetworkStore
import Testing

/// The stores that must mean the same.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case memory, sqlite

    var testDescription: String { rawValue }

    /// Runs the body with an empty store of the kind and removes it after.
    func run(historyBound: Int = 100_000, _ body: (any Store) async throws -> Void) async throws {
        switch self {
        case .memory:
            let store = MemoryStore(historyBound: historyBound)
            try await body(store)
            await store.close()
        case .sqlite:
            try await withDirectory { directory in
                let store = try await SQLiteStore.open(
                    directory + "/store.sqlite", historyBound: historyBound)
                try await body(store)
                try await store.close()
            }
        }
    }
}

extension Store {
    func close() async throws {
        switch self {
        case let store as MemoryStore: await store.close()
        case let store as SQLiteStore: try await store.close()
        default: break
        }
    }
}

/// Runs the body with an empty directory of its own.
func withDirectory<R>(_ body: (String) async throws -> R) async throws -> R {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("leasehold-store-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

/// A generator whose numbers follow from its seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

func id(_ number: Int) -> ResourceID { ResourceID(rawValue: UInt128(number)) }

func standard(_ name: String = "", project: String = "demo") -> StandardAttributes {
    StandardAttributes(projectID: project, name: name, createdAt: Timestamp(secondsSinceEpoch: 1_700_000_000))
}

func network(
    _ number: Int, name: String = "", vlan: Int? = nil, project: String = "demo"
) -> NetworkModel.Record {
    let segment =
        vlan.map { NetworkSegment(type: .vlan, physicalNetwork: "physnet1", segmentationID: $0) }
        ?? NetworkSegment(type: .local)
    return .network(Network(id: id(number), standard: standard(name, project: project), segment: segment))
}

func subnet(
    _ number: Int, on network: Int, name: String = "", pool: Int? = nil, project: String = "demo"
) -> NetworkModel.Record {
    .subnet(
        Subnet(
            id: id(number), networkID: id(network), standard: standard(name, project: project),
            cidr: IPPrefix("10.0.0.0/24") ?? IPPrefix(host: .any(.v4)), gatewayIP: nil,
            allocationPools: [], subnetpoolID: pool.map(id)))
}

/// The address 10.0.0.`host`.
func address(_ host: Int) -> IPAddress { .v4(IPv4Address(rawValue: 0x0A00_0000 | UInt32(host))) }

func mac(_ number: Int) -> MACAddress { MACAddress(rawValue: 0xFA16_3E00_0000 | UInt64(number)) }

/// A port; its MAC follows from its number unless given, its addresses are (subnet, host).
func port(
    _ number: Int, on network: Int, name: String = "", mac macNumber: Int? = nil,
    at hosts: [(Int, Int)] = [], project: String = "demo"
) -> NetworkModel.Record {
    .port(
        Port(
            id: id(number), networkID: id(network), standard: standard(name, project: project),
            macAddress: mac(macNumber ?? number),
            fixedIPs: hosts.map { FixedIP(subnetID: id($0.0), address: address($0.1)) }))
}

func agent(_ number: Int, host: String) -> NetworkModel.Record {
    let moment = Timestamp(secondsSinceEpoch: 1_700_000_000)
    return .agent(
        Agent(
            id: id(number), host: host, createdAt: moment, startedAt: moment, heartbeatAt: moment,
            configurations: AgentConfigurations(dhcpDriver: "dnsmasq", dhcpLeaseDuration: 86400)))
}

func subnetPool(
    _ number: Int, name: String = "", isDefault: Bool = false, version: IPVersion = .v4,
    project: String = "demo"
) -> NetworkModel.Record {
    .subnetPool(
        SubnetPool(
            id: id(number), standard: standard(name, project: project),
            prefixes: [IPPrefix(version == .v4 ? "10.0.0.0/8" : "fd00::/8") ?? IPPrefix(host: .any(.v4))],
            minPrefixLength: 8, maxPrefixLength: version.bitWidth, defaultPrefixLength: 24,
            isDefault: isDefault, ipVersion: version))
}

func quota(_ project: String, _ limits: [QuotaResource: Int]) -> NetworkModel.Record {
    .quota(ProjectQuota(projectID: project, limits: limits))
}

extension NetworkState {
    /// The records by key.
    var byKey: [RecordKey: Versioned<NetworkModel.Record>] {
        Dictionary(
            uniqueKeysWithValues: records.map { ($0.record.key, Versioned($0.record, at: $0.revision)) })
    }
}

/// The kind of the store error that the body throws, or nil.
func failure<R>(_ body: () async throws -> R) async throws -> StoreError.Kind? {
    do {
        _ = try await body()
        return nil
    } catch let error as StoreError { return error.kind }
}

/// The changes after the revision up to another, as a watcher gets them.
func changes(of store: any Store, after revision: Int64, through last: Int64) async throws -> [ChangeSet] {
    var changes: [ChangeSet] = []
    if revision >= last { return [] }
    for try await group in store.watch(after: Revision(revision)) {
        changes += group
        if let latest = group.last, latest.revision.rawValue >= last { break }
    }
    return changes.filter { $0.revision.rawValue <= last }
}
