import GRDB
import Glibc
import NetworkModel

/// Looks a store file through before it is opened, and leaves it byte for byte as it was; but where a crash
/// left a journal and there is no room for a copy, SQLite brings the file itself up to date.
///
/// What nobody needs to read the records takes as long as all the rest: that the tables are those of the schema,
/// and what SQLite itself checks, its trees and indexes. A file that is as a sound store closed it is opened
/// without that, and the store does it later.
struct StoreInspection {
    let file: StoreFile

    /// What a sound file holds.
    struct Findings: Sendable {
        var contents: StoreContents.Contents
        var version: Int32
        /// Whether the schema, the trees and the indexes have been checked as well.
        var isComplete: Bool
    }

    /// Reads and checks everything.
    ///
    /// - Throws: ``StoreError/Kind/unusable`` with what the file is instead, or ``StoreError/Kind/io`` if
    ///   there is no room to look.
    func run() async throws(StoreError) -> Findings {
        let version = try inspectHeader()
        var remark = ""
        do {
            // SQLite reads an unattended file as immutable without leaving a trace. One that a crash left
            // with a journal has to be brought up to date first, and that is tried on a copy.
            if file.hasPendingJournal || !Self.knowsURIs {
                do {
                    return try await inCopy { try await inspect($0, readonly: false, completely: true) }
                } catch is NoRoom {
                    // SQLite finishes or undoes in the file itself what the crash interrupted, as it does for
                    // the next one to open it: a full disk must not keep a sound store from being used.
                    remark = ", found in place with its journal taken in: there was no room for a copy"
                    return try await inspect(file.path, readonly: false, completely: true)
                }
            }
            return try await inspect(
                "file:\(Self.escaped(file.path))?immutable=1", readonly: true,
                // An earlier version will be migrated, and so be written to.
                completely: !file.isAsItWasClosed || version < SQLiteSchema.version)
        } catch {
            throw failure(error, remark)
        }
    }

    /// Does what ``run()`` has left for later, while the store is in use.
    ///
    /// - Throws: ``StoreError/Kind/unusable`` if the file is damaged, another kind if it cannot be looked at.
    func finish() async throws(StoreError) {
        do {
            _ = try await checkSchema(file.path, readonly: true)
            try await Self.checkIntegrity(file.path, readonly: true)
        } catch {
            throw StoreError(medium: error, operation: "check the store", path: file.path)
        }
    }

    /// What it means that the file cannot be read as it should.
    private func failure(_ error: any Error, _ remark: String) -> StoreError {
        let words: String
        switch error {
        case let error as StoreError: return error
        case let error as DatabaseError where !Self.isOfTheMoment(error.resultCode):
            words = error.message ?? error.resultCode.description
        default:
            guard let damage = StoreError.damage(error) else {
                return StoreError(medium: error, operation: "open the store", path: file.path)
            }
            words = damage
        }
        return .unusable(file.path, "is damaged (\(words)\(remark))", remedy: StoreError.restore)
    }

    /// Whether a failure says nothing of what is in the file.
    private static func isOfTheMoment(_ code: ResultCode) -> Bool {
        switch code.primaryResultCode {
        case .SQLITE_FULL, .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT, .SQLITE_NOMEM: true
        default: false
        }
    }

    /// The header of the database file (sqlite.org/fileformat2.html section 1.3). The application id is
    /// there from the first moment; only the version may stand in a journal instead.
    ///
    /// - Returns: the schema version that stands there.
    private func inspectHeader() throws(StoreError) -> Int32 {
        let path = file.path
        let head = file.head(100)
        guard !head.isEmpty else {
            throw .unusable(path, "is empty, which a store never is", remedy: StoreError.restore)
        }
        guard head.count == 100, head.starts(with: Array("SQLite format 3\0".utf8)) else {
            throw .unusable(
                path, "is not a Leasehold store, nor any SQLite database",
                remedy: "name another file, or move it away to start with an empty store")
        }
        guard Self.number(head, at: 68) == SQLiteSchema.applicationID else {
            throw .unusable(
                path, "is an SQLite database of another program",
                remedy: "name another file, or move it away to start with an empty store")
        }
        let version = Self.number(head, at: 60)
        try Self.check(version: version, of: path)
        // The format versions for writing and reading; SQLite would take a higher one for read-only.
        guard (1...2).contains(head[18]), (1...2).contains(head[19]) else {
            throw .unusable(path, "is damaged (unknown file format version)", remedy: StoreError.restore)
        }
        return version
    }

    private static func check(version: Int32, of path: String) throws(StoreError) {
        guard version <= SQLiteSchema.version else {
            throw .unusable(
                path,
                "was written by a newer Leasehold (schema version \(version); this one knows up to "
                    + "\(SQLiteSchema.version))",
                remedy: "use that version, or restore a backup from before its first start")
        }
        guard version >= 1 else {
            throw .unusable(path, "is damaged (schema version \(version))", remedy: StoreError.restore)
        }
    }

    private func inspect(_ path: String, readonly: Bool, completely: Bool) async throws -> Findings {
        let queue = try Self.connection(to: path, readonly: readonly)
        defer { try? queue.close() }
        guard completely else {
            try await queue.read { db in try Self.checkIdentity(db) }
            return try await Findings(
                contents: StoreContents.load(from: queue), version: SQLiteSchema.version, isComplete: false)
        }
        // All beside each other, each over a connection of its own. What is wrong with the schema is told first.
        async let check: Void = Self.checkIntegrity(path, readonly: readonly)
        async let contents = StoreContents.load(from: queue)
        let version = try await checkSchema(path, readonly: readonly)
        let findings = try await Findings(contents: contents, version: version, isComplete: true)
        try await check
        return findings
    }

    private static func connection(to path: String, readonly: Bool) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readonly
        // There are several connections, and a copy may be busy while one of them replays its journal.
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Checks that a file has the objects and the notes that its version must have, over a connection of its own.
    ///
    /// - Returns: the version.
    /// - Throws: ``StoreContents/Damage``, ``StoreError``, or what SQLite stumbles over.
    private func checkSchema(_ path: String, readonly: Bool) async throws -> Int32 {
        let queue = try Self.connection(to: path, readonly: readonly)
        defer { try? queue.close() }
        // The closure knows the path only: one that lives a moment too long must not hold the lock with it.
        let name = file.path
        return try await queue.read { db in try Self.checkSchema(db, of: name) }
    }

    /// Has SQLite check the trees and indexes of a file, over a connection of its own.
    ///
    /// - Throws: ``StoreContents/Damage``, or what SQLite stumbles over.
    static func checkIntegrity(_ path: String, readonly: Bool) async throws {
        let queue = try Self.connection(to: path, readonly: readonly)
        defer { try? queue.close() }
        try await queue.read { db in
            let verdict = try String.fetchOne(db, sql: "PRAGMA integrity_check(1)")
            guard verdict == "ok" else {
                throw StoreContents.Damage(description: verdict ?? "the integrity check gives no answer")
            }
        }
    }

    /// There is no room for a copy of the file.
    private struct NoRoom: Error {}

    private static func checkSchema(_ db: Database, of path: String) throws -> Int32 {
        let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        try check(version: version, of: path)
        let objects = try SQLiteSchema.objects(of: db)
        let expected = try SQLiteSchema.objects(atVersion: version)
        for (name, sql) in expected where objects[name] != sql {
            throw StoreContents.Damage(description: "the \(name) is missing or altered")
        }
        if version < SQLiteSchema.version {
            // What somebody else has made may be in the way of a migration, a view of a column for instance.
            let foreign = objects.keys.filter { expected[$0] == nil && !$0.contains(" sqlite_") }.min()
            if let foreign {
                throw StoreError.unusable(
                    path,
                    "is of an earlier version and has an object that Leasehold did not make: \(foreign)",
                    remedy: "drop it with the sqlite3 shell, start Leasehold, and make it again")
            }
        }
        let applied = try SQLiteSchema.migrator.appliedIdentifiers(db)
        guard applied == Set(SQLiteSchema.migrations.prefix(Int(version))),
            try StoreContents.meta("schema_version", db) == Int64(version)
        else { throw contradictoryNotes }
        try checkIdentity(db)
        return version
    }

    /// Checks the notes about what file this is.
    private static func checkIdentity(_ db: Database) throws {
        guard try StoreContents.meta("store_id", db) > 0,
            try StoreContents.meta("application_id", db) == Int64(SQLiteSchema.applicationID)
        else { throw contradictoryNotes }
    }

    private static let contradictoryNotes = StoreContents.Damage(
        description: "its notes about its schema contradict each other")

    private func inCopy<R>(_ body: (String) async throws -> R) async throws -> R {
        let directory = file.path + ".inspection"
        let names = ["", "-wal", "-shm", "-journal"].map { directory + "/store" + $0 }
        // The lock is held: what an interrupted inspection left here is nobody's.
        func clear() {
            for name in names { unlink(name) }
            rmdir(directory)
        }
        clear()
        guard mkdir(directory, 0o700) == 0 else { throw copyFailure(directory, errno) }
        defer { clear() }
        for suffix in ["", "-wal", "-journal"] where access(file.path + suffix, F_OK) == 0 {
            try copy(file.path + suffix, to: directory + "/store" + suffix)
        }
        do {
            return try await body(directory + "/store")
        } catch let error as DatabaseError where Self.tellsOfNoRoom(error) {
            throw NoRoom()
        }
    }

    /// Whether a copy fitted, but not what SQLite writes beside it.
    private static func tellsOfNoRoom(_ error: DatabaseError) -> Bool {
        switch error.extendedResultCode {
        case .SQLITE_FULL, .SQLITE_IOERR_WRITE, .SQLITE_IOERR_SHMSIZE: true
        default: false
        }
    }

    private func copy(_ from: String, to path: String) throws {
        let source = open(from, O_RDONLY | O_CLOEXEC)
        // SQLite has no locks yet that closing this descriptor could drop.
        guard source >= 0 else { throw copyFailure(from, errno) }
        defer { close(source) }
        let target = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard target >= 0 else { throw copyFailure(path, errno) }
        defer { close(target) }
        while true {
            let count = sendfile(target, source, nil, 1 << 30)
            if count == 0 { return }
            guard count > 0 else { throw copyFailure(path, errno) }
        }
    }

    private func copyFailure(_ path: String, _ number: Int32) -> any Error {
        if number == ENOSPC || number == EDQUOT { return NoRoom() }
        return StoreError(
            .io, operation: "open the store",
            detail: "\(file.path) was left by a crash and is looked through in a copy, but \(path) cannot be "
                + "made: \(String(cString: strerror(number))); see to space and permissions in its directory")
    }

    /// Whether SQLite was built to take file names as URIs (sqlite.org/uri.html).
    private static let knowsURIs: Bool = {
        let options = try? DatabaseQueue().read { try String.fetchAll($0, sql: "PRAGMA compile_options") }
        return options?.contains { $0 == "USE_URI" || $0 == "USE_URI=1" } ?? false
    }()

    private static func escaped(_ path: String) -> String {
        path.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"), 0...0x20, 0x7F...:
                let digits = String(byte, radix: 16, uppercase: true)
                return "%" + (digits.count == 1 ? "0" : "") + digits
            default: return String(UnicodeScalar(byte))
            }
        }.joined()
    }

    private static func number(_ head: [UInt8], at offset: Int) -> Int32 {
        Int32(bitPattern: head[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) })
    }
}
