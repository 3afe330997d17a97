import GRDB
import Glibc

extension StoreError {
    /// What SQLite reported while a store was in use.
    init(medium error: any Error, operation: String, path: String) {
        if let error = error as? StoreError {
            self = error
            return
        }
        if let damage = Self.damage(error) {
            self = .unusable(path, "is damaged (\(damage))", remedy: Self.restore, operation: operation)
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.io, operation: operation, detail: "the store \(path) failed: \(error)")
            return
        }
        let words = error.message ?? error.resultCode.description
        switch error.resultCode.primaryResultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            self = .unusable(path, "is damaged (\(words))", remedy: Self.restore, operation: operation)
        case .SQLITE_FULL:
            self.init(
                .io, operation: operation,
                detail: "the disk with the store \(path) is full; nothing was changed, free some space")
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH, .SQLITE_CANTOPEN:
            self.init(
                .io, operation: operation,
                detail: "the store \(path) cannot be written (\(words)); nothing was changed, check the "
                    + "permissions of the file and of its directory")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(
                .io, operation: operation,
                detail:
                    "the store \(path) is locked by another program, perhaps a sqlite3 shell with an open "
                    + "transaction; nothing was changed, end that program")
        default:
            self.init(
                .io, operation: operation,
                detail: "the store \(path) failed (\(words), SQLite code "
                    + "\(error.extendedResultCode.rawValue)); nothing was changed")
        }
    }

    /// What is wrong in a file where an error of ours or of GRDB's says so, or nil.
    static func damage(_ error: any Error) -> String? {
        switch error {
        case let damage as StoreContents.Damage: damage.description
        // A value of another type than was written.
        case let error as RowDecodingError: "\(error)"
        default: nil
        }
    }

    /// A file that cannot be the store: what it is, and what to do.
    static func unusable(
        _ path: String, _ cause: String, remedy: String, operation: String = "open the store"
    ) -> StoreError {
        StoreError(.unusable, operation: operation, detail: "\(path) \(cause); \(remedy)")
    }

    /// A system call on the way to the store that failed.
    static func unusable(_ path: String, _ doing: String, errno code: Int32, remedy: String) -> StoreError {
        unusable(path, "\(doing): \(String(cString: strerror(code)))", remedy: remedy)
    }

    static let restore = "restore it from a backup, or move it away to start with an empty store"
}
