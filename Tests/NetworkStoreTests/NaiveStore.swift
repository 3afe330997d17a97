import Addressing
import NetworkModel
import NetworkStore

/// The meaning of a store by exhaustive search, one commit at a time.
struct NaiveStore {
    var revision = Revision(0)
    var records: [RecordKey: Versioned<NetworkModel.Record>] = [:]

    mutating func commit(_ commit: Commit) -> Result<ChangeSet?, StoreError> {
        for condition in commit.conditions where !holds(condition) {
            return .failure(StoreError(.conflict(condition), operation: "", detail: ""))
        }
        let next = Revision(revision.rawValue + 1)
        var after = records
        var deletes: [RecordKey] = []
        for key in commit.deletes where !commit.puts.contains(where: { $0.key == key }) {
            if after.removeValue(forKey: key) != nil { deletes.append(key) }
        }
        var puts: [NetworkModel.Record] = []
        for (index, put) in commit.puts.enumerated()
        where !commit.puts[(index + 1)...].contains(where: { $0.key == put.key }) {
            puts.append(put)
            after[put.key] = Versioned(put, at: next)
        }
        if puts.isEmpty && deletes.isEmpty { return .success(nil) }
        for (index, put) in puts.enumerated() {
            for claim in put.claims {
                // Who keeps a claim comes before who takes one; of two who take it, the first in the commit.
                let holders = after.values.map(\.value).filter {
                    $0.key != put.key && $0.claims.contains(claim)
                }
                let keeper = holders.first { records[$0.key]?.value.claims.contains(claim) == true }
                let earlier = puts[..<index].first { $0.claims.contains(claim) }
                if records[put.key]?.value.claims.contains(claim) == true { continue }
                if let holder = keeper ?? earlier {
                    return .failure(StoreError(.claimed(claim, by: holder.key), operation: "", detail: ""))
                }
            }
        }
        revision = next
        records = after
        return .success(ChangeSet(revision: next, puts: puts, deletes: deletes))
    }

    private func holds(_ condition: Condition) -> Bool {
        switch condition {
        case .unchanged(let key, let revision): records[key]?.revision == revision
        case .exists(let key): records[key] != nil
        case .absent(let key): records[key] == nil
        case .atMost(let most, let resource, let project):
            records.values.count { versioned in
                versioned.value.quotaShare.map { $0 == (resource, project) } ?? false
            } <= most
        case .quiet(let scope, let since):
            !records.values.contains { $0.revision > since && belongs($0.value, to: scope) }
        }
    }

    private func belongs(_ record: NetworkModel.Record, to scope: Scope) -> Bool {
        switch (record, scope) {
        case (.subnet(let subnet), .subnets(let network)): subnet.networkID == network
        case (.port(let port), .ports(let network)): port.networkID == network
        case (.port(let port), .addresses(let subnet)): port.fixedIPs.contains { $0.subnetID == subnet }
        case (.subnet(let subnet), .blocks(let pool)): subnet.subnetpoolID == pool
        default: false
        }
    }

    /// A commit among few keys, addresses and MACs, so that it meets others often.
    func randomCommit(using generator: inout some RandomNumberGenerator) -> Commit {
        func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
        func randomKey() -> RecordKey {
            switch pick(0...7) {
            case 6: .subnetPool(id(pick(41...43)))
            case 7: .quota(ProjectQuota(projectID: "p\(pick(1...3))", limits: [:]).id)
            case 0: .network(id(pick(1...3)))
            case 1: .subnet(id(pick(11...13)))
            case 2: .agent(id(pick(31...33)))
            default: .port(id(pick(21...28)))
            }
        }
        func randomRecord() -> NetworkModel.Record {
            let name = "\(pick(0...9))"
            let project = "p\(pick(1...3))"
            switch randomKey() {
            case .network(let key):
                return network(
                    Int(key.rawValue), name: name, vlan: pick(0...2) == 0 ? nil : pick(1...4),
                    project: project)
            case .subnet(let key):
                return subnet(
                    Int(key.rawValue), on: pick(1...3), name: name,
                    pool: pick(0...1) == 0 ? nil : pick(41...43),
                    project: project)
            case .subnetPool(let key):
                return subnetPool(
                    Int(key.rawValue), name: name, isDefault: pick(0...1) == 0,
                    version: pick(0...1) == 0 ? .v4 : .v6, project: project)
            case .quota: return quota(project, [.port: pick(1...9)])
            case .agent(let key): return agent(Int(key.rawValue), host: "host\(pick(1...4))")
            case .port(let key):
                let hosts = (0..<pick(0...3)).map { _ in (pick(11...12), pick(1...9)) }
                return port(
                    Int(key.rawValue), on: pick(1...2), name: name, mac: pick(1...14), at: hosts,
                    project: project)
            }
        }
        func randomCondition() -> Condition {
            let recent = Revision(max(0, revision.rawValue - Int64(pick(0...6))))
            switch pick(0...13) {
            case 10: return .quiet(.blocks(subnetPool: id(pick(41...43))), since: recent)
            case 11...12:
                let resource = QuotaResource.allCases.randomElement(using: &generator) ?? .port
                return .atMost(pick(0...5), resource, project: "p\(pick(1...3))")
            case 0...3:
                let key =
                    records.keys.sorted { $0.id < $1.id }.randomElement(using: &generator) ?? randomKey()
                let present = records[key]?.revision ?? recent
                return .unchanged(key, pick(0...5) == 0 ? recent : present)
            case 4...6: return .exists(randomKey())
            case 13: return .absent(randomKey())
            case 7: return .quiet(.ports(network: id(pick(1...3))), since: recent)
            case 8: return .quiet(.subnets(network: id(pick(1...3))), since: recent)
            default: return .quiet(.addresses(subnet: id(pick(11...13))), since: recent)
            }
        }
        return Commit(
            conditions: (0..<max(0, pick(-2...2))).map { _ in randomCondition() },
            puts: (0..<pick(0...3)).map { _ in randomRecord() },
            deletes: (0..<max(0, pick(-3...2))).map { _ in randomKey() })
    }
}
