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
    /// Whether SQLite has checked its trees and indexes in this run, and has not stumbled over them since.
    let isInspected: Mutex<Bool>
    /// The committer's count; used on the writer's queue only.
    private let usage: Mutex<UsageLedger>

    /// A commit on its way to the writer.
    struct Request: Sendable {
        var commit: PreparedCommit
        var answer: CheckedContinuation<Result<Revision, StoreError>, Never>
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
        isInspected = Mutex(findings.isComplete)
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
            if outcomes.contains(where: \.hasFoundDamage) { isInspected.withLock { $0 = false } }
            history.append(changes)
            for (request, outcome) in zip(group, outcomes) { request.answer.resume(returning: outcome) }
        }
    }
}

extension Result<Revision, StoreError> {
    /// Whether a commit failed because SQLite stumbled over the file.
    fileprivate var hasFoundDamage: Bool {
        if case .failure(let error) = self { error.kind == .unusable } else { false }
    }
}
