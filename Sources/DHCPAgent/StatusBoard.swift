import KernelPlan
import Locks
import NetworkModel

/// What the workers last said, for those who ask while passes run.
final class StatusBoard: Sendable {
    private struct Row {
        var status: NetworkStatus
        /// The wiring that should stand; nil while the network is not served.
        var wiring: NetworkWiring?
    }

    private let rows = Mutex<[ResourceID: Row]>([:])

    /// Takes in what a worker says of its network; returns whether its problem changed.
    func post(_ status: NetworkStatus, wiring: NetworkWiring?) -> Bool {
        rows.withLock { rows in
            let problem = rows[status.id]?.status.lastError
            rows[status.id] = Row(status: status, wiring: wiring)
            return problem != status.lastError
        }
    }

    /// Drops a network; returns whether it had a problem.
    func remove(_ network: ResourceID) -> Bool {
        rows.withLock { $0.removeValue(forKey: network)?.status.lastError != nil }
    }

    /// All networks, sorted by id.
    var statuses: [NetworkStatus] {
        rows.withLock { rows in rows.values.map(\.status) }.sorted { $0.id < $1.id }
    }

    /// The wiring of the networks that are served and have no problem.
    var wirings: [(network: ResourceID, wiring: NetworkWiring)] {
        rows.withLock { rows in
            rows.compactMap { id, row in
                guard let wiring = row.wiring, row.status.lastError == nil else { return nil }
                return (id, wiring)
            }
        }
    }
}
