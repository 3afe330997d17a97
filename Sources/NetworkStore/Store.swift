public import NetworkModel

/// Where networks, subnets, ports, agents, subnet pools and quotas live: revisioned records with compare-and-commit.
///
/// The protocol means no more than an etcd-like store can serve: a commit names the revisions it
/// relied on and fails if one moved; uniqueness is a claim that must not exist yet; a watch resumes
/// from a revision. Reads go to an index in memory that follows the watch (``StateIndex``).
public protocol Store: Sendable {
    /// All records as they stood together at one revision.
    func snapshot() async throws(StoreError) -> NetworkState

    /// Makes the changes durable and visible together, or none of them.
    ///
    /// Conditions look at what was before. Deletes come first (of what is not there: nothing), then puts; of
    /// two puts with one key the last counts. What the commit gives up, it or its other records may take.
    /// - Returns: the revision that the commit made, or the present one if it changed nothing.
    /// - Throws: ``StoreError/Kind/conflict`` if a condition does not hold, ``StoreError/Kind/claimed``
    ///   if another record holds a claim of a put, an I/O kind if the store failed.
    func commit(_ commit: Commit) async throws(StoreError) -> Revision

    /// All changes after the revision, in order, without gaps; those that are there at one time in one group.
    ///
    /// The sequence ends when the store closes; it throws ``StoreError/Kind/compacted`` if the
    /// watcher is too far behind: take a snapshot and watch again.
    func watch(after revision: Revision) -> AsyncThrowingStream<[ChangeSet], any Error>
}

/// A failure of a store: the operation, the object, the kind and the cause. Compares by kind.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of failure it is.
    public enum Kind: Hashable, Sendable {
        /// A condition of the commit does not hold any more: read again and decide again.
        case conflict(Condition)
        /// Another record holds the claim.
        case claimed(Claim, by: RecordKey)
        /// The watcher is behind what the store still remembers.
        case compacted
        /// The file is no store of ours, is damaged, or was written by a newer version.
        case unusable
        /// The disk is full, the file is read-only, or another failure of the medium.
        case io
        /// The store was closed.
        case closed
    }

    public let kind: Kind
    public let operation: String
    public let detail: String

    public init(_ kind: Kind, operation: String, detail: String) {
        self.kind = kind
        self.operation = operation
        self.detail = detail
    }

    public static func == (a: Self, b: Self) -> Bool { a.kind == b.kind }

    public var description: String { "\(operation): \(detail)" }
}
