import GRDB
import Locks
import NetworkModel

/// The commits of a store that wait for the disk, and what its writer does with them.
///
/// Apart from the store, which the writer's queue must not hold: whoever lets go of a store last closes it, and
/// would wait there for itself.
final class GroupWriter: Sendable {
    /// The file, for messages.
    let path: String
    let history: ChangeHistory
    let waiting = Mutex(Waiting())
    /// What the inspection read, for the first snapshot; given up with the first commit.
    let opening: Mutex<NetworkState?>
    let soundness: Mutex<Soundness>
    /// The committer's count; used on the writer's queue only.
    private let usage: Mutex<UsageLedger>

    /// A commit on its way to the writer.
    struct Request: Sendable {
        var commit: PreparedCommit
        var answer: CheckedContinuation<Result<Revision, StoreError>, Never>
    }

    /// What is known of the file.
    struct Soundness {
        /// Whether the schema and SQLite's trees and indexes have been checked in this run.
        var isInspected: Bool
        /// Whether it has stumbled over them in use.
        var hasStumbled = false
    }

    struct Waiting {
        var requests: [Request] = []
        /// Whether the writer was told and has not found the list empty since.
        var isWriterCalled = false
        var isClosed = false
        /// What was found wrong with the file, into which nothing is written then.
        var damage: StoreError?
    }

    /// At most so many commits go into one transaction, so that none waits long for its answer.
    private static let groupLimit = 512

    init(_ findings: StoreInspection.Findings, path: String, historyBound: Int) {
        let contents = findings.contents
        self.path = path
        soundness = Mutex(Soundness(isInspected: findings.isComplete))
        history = ChangeHistory(after: contents.state.revision, bound: historyBound)
        opening = Mutex(contents.state)
        usage = Mutex(UsageLedger(contents.usage))
    }

    /// Runs on the writer's queue until no commit waits.
    func write(to db: Database) {
        let committer = SQLiteCommitter(db: db, path: path)
        while true {
            let group = waiting.withLock { waiting in
                let group = Array(waiting.requests.prefix(Self.groupLimit))
                waiting.requests.removeFirst(group.count)
                if group.isEmpty { waiting.isWriterCalled = false }
                return group
            }
            if group.isEmpty { return }
            opening.withLock { $0 = nil }
            let (outcomes, changes) = usage.withLock { usage in
                committer.write(group.map(\.commit), after: history.latest, &usage)
            }
            for case .failure(let error) in outcomes { note(error) }
            history.append(changes)
            for (request, outcome) in zip(group, outcomes) { request.answer.resume(returning: outcome) }
        }
    }

    /// Remembers a failure that tells of damage.
    func note(_ failure: StoreError) {
        if failure.kind == .unusable { soundness.withLock { $0.hasStumbled = true } }
    }
}
