import GRDB
import Locks
public import NetworkModel

/// A store in one SQLite file (write-ahead log, synchronous FULL), for one process at a time.
///
/// Commits that wait for the disk together go into one transaction, a savepoint each, so that one fsync(2)
/// serves them all; none is acknowledged before it is durable. Records are JSON that the `sqlite3` shell
/// shows; uniqueness is primary keys.
public final class SQLiteStore: Store {
    /// The path of the file, without symbolic links.
    public let path: String
    /// What tells this store from every other one, for as long as the file lives: hexadecimal digits.
    public let identity: String

    private let pool: DatabasePool
    private let writer: GroupWriter
    /// Held until SQLite is done with the file.
    private let file: Mutex<StoreFile?>
    private var history: ChangeHistory { writer.history }

    /// Opens the store at the path, or creates it if nothing is there.
    ///
    /// The whole file is read and checked first, but for what ``finishInspection()`` does later; whatever is
    /// wrong with it, it is left as it was.
    /// - Parameter historyBound: the number of changed records that watchers can go back.
    /// - Throws: ``StoreError/Kind/unusable`` if the file is no store, is damaged, was written by a newer
    ///   version, cannot be written, or is in use by another process.
    public static func open(_ path: String, historyBound: Int = 100_000) async throws(StoreError)
        -> SQLiteStore
    {
        try StoreFile.createIfMissing(path) { path in
            let queue = try DatabaseQueue(path: path)
            try SQLiteSchema.migrator.migrate(queue)
            try queue.close()
        }
        let file = try StoreFile(existing: path)
        let findings = try await StoreInspection(file: file).run()
        let store = try SQLiteStore(file, findings, historyBound: historyBound)
        if findings.version < SQLiteSchema.version { try store.migrate() }
        return store
    }

    private init(
        _ file: StoreFile, _ findings: StoreInspection.Findings, historyBound: Int
    ) throws(StoreError) {
        var configuration = Configuration()
        configuration.label = "leasehold.store"
        // Only a sqlite3 shell can be in the way.
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 2
        // Claims go with their records, which every start checks; SQLite would look for the rows that refer to
        // a record among all of them.
        configuration.foreignKeysEnabled = false
        configuration.prepareDatabase { db in
            // KiB: identifiers are random, so every page of an index is as likely as the next.
            try db.execute(sql: "PRAGMA cache_size = -65536")
            try db.execute(sql: "PRAGMA journal_size_limit = 67108864")
        }
        path = file.path
        file.forgetClosing()
        let number: Int64
        do {
            pool = try DatabasePool(path: file.path, configuration: configuration)
            try pool.writeWithoutTransaction { db in
                // After the pool, which sets NORMAL.
                try db.execute(sql: "PRAGMA synchronous = FULL")
            }
            number = try pool.read { try StoreContents.meta("store_id", $0) }
        } catch {
            throw StoreError(medium: error, operation: "open the store", path: file.path)
        }
        identity = String(number, radix: 16)
        writer = GroupWriter(findings, path: file.path, historyBound: historyBound)
        self.file = Mutex(file)
    }

    deinit {
        history.end()
        // A store that was not closed ends as after a crash, which loses nothing. Its writer's queue comes to its
        // end first, and so must not be where this happens.
        try? Self.close(pool)
    }

    /// Closes SQLite's descriptors; the log goes into the file and away.
    private static func close(_ pool: DatabasePool) throws {
        // The pool closes its readers last, and those could not remove the log.
        pool.invalidateReadOnlyConnections()
        try pool.close()
    }

    private func migrate() throws(StoreError) {
        do {
            try SQLiteSchema.migrator.migrate(pool)
        } catch {
            throw StoreError(medium: error, operation: "migrate the store", path: path)
        }
        // The version belongs into the header of the file itself, where an older Leasehold looks. Where a
        // sqlite3 shell that reads is in the way, it is in the log, which every SQLite reads first.
        try? pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        // Bodies may read otherwise now.
        writer.opening.withLock { $0 = nil }
    }

    public func snapshot() async throws(StoreError) -> NetworkState {
        if let state = writer.opening.withLock({ $0.take() }), state.revision == history.latest {
            return state
        }
        guard !writer.waiting.withLock({ $0.isClosed }) else { throw .closed("snapshot") }
        do {
            return try await StoreContents.load(from: pool).state
        } catch {
            let failure = StoreError(medium: error, operation: "snapshot", path: path)
            writer.note(failure)
            throw failure
        }
    }

    public func commit(_ commit: Commit) async throws(StoreError) -> Revision {
        let prepared = PreparedCommit(commit)
        let outcome = await withCheckedContinuation { answer in
            let refusal = writer.waiting.withLock { waiting -> StoreError? in
                if waiting.isClosed { return .closed("commit") }
                if let damage = waiting.damage { return damage }
                waiting.requests.append(GroupWriter.Request(commit: prepared, answer: answer))
                if waiting.isWriterCalled { return nil }
                waiting.isWriterCalled = true
                // Within the lock: who closes the store comes behind it in the writer's queue.
                pool.asyncWriteWithoutTransaction { [writer] db in writer.write(to: db) }
                return nil
            }
            if let refusal { answer.resume(returning: .failure(refusal)) }
        }
        return try outcome.get()
    }

    public func watch(after revision: Revision) -> AsyncThrowingStream<[ChangeSet], any Error> {
        history.watch(after: revision)
    }

    /// Checks what the opening has left for later: the schema, and SQLite's trees and indexes, in a file that was
    /// as the last end had left it. Reads the whole file; does nothing where nothing was left.
    ///
    /// - Throws: ``StoreError/Kind/unusable`` if the file is damaged. From then on every commit throws that as
    ///   well, for what is written would be lost with the file.
    public func finishInspection() async throws(StoreError) {
        guard !writer.soundness.withLock({ $0.isInspected }), let file = file.withLock({ $0 }) else { return }
        do {
            try await StoreInspection(file: file).finish()
            writer.soundness.withLock { $0.isInspected = true }
        } catch {
            if error.kind == .unusable { writer.waiting.withLock { $0.damage = error } }
            throw error
        }
    }

    /// Writes what waits, ends all watches and lets go of the file; every later call throws
    /// ``StoreError/Kind/closed``.
    public func close() async throws(StoreError) {
        guard
            !writer.waiting.withLock({ waiting in
                defer { waiting.isClosed = true }
                return waiting.isClosed
            })
        else { return }
        do {
            // The writer's queue is serial: behind this nothing is left to write.
            try await pool.writeWithoutTransaction { _ in }
            try Self.close(pool)
        } catch {
            history.end()
            throw StoreError(medium: error, operation: "close the store", path: path)
        }
        history.end()
        writer.opening.withLock { $0 = nil }
        let isSound = writer.soundness.withLock { $0.isInspected && !$0.hasStumbled }
        file.withLock { file in
            if isSound { file?.noteClosing() }
            file = nil
        }
    }

    /// Limits the file to so many pages of 4 KiB, to see what a full disk does; nil for no limit.
    package func limitPages(_ pages: Int?) async throws {
        try await pool.writeWithoutTransaction { db in
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages ?? 4_294_967_294)")
        }
    }

    /// The value of a pragma of the writing connection.
    package func pragma(_ name: String) async throws -> String? {
        try await pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
}
