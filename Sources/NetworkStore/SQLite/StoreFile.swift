import Glibc
import Locks

/// The file of a store, held for this process alone.
///
/// The lock is flock(2) on the file itself: it goes with the process, leaves nothing behind, and does not
/// touch SQLite's own fcntl(2) locks, so that a `sqlite3` shell can read while the service runs. The
/// descriptor must stay open longer than SQLite's: closing any descriptor of a file drops the process's
/// fcntl locks on it.
final class StoreFile: Sendable {
    /// The path without symbolic links.
    let path: String
    let descriptor: Int32
    private let identity: Identity

    /// What the kernel knows a file by.
    private struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    /// The files that this process holds. Trying flock(2) on one again would open and close it, which drops
    /// the fcntl(2) locks of the store that is open.
    private static let held = Mutex<Set<Identity>>([])

    /// The files that SQLite keeps beside a database.
    static let companions = ["-wal", "-shm", "-journal"]

    /// Opens and locks an existing file.
    ///
    /// - Throws: ``StoreError/Kind/unusable``; the file is as it was.
    init(existing path: String) throws(StoreError) {
        guard let resolved = realpath(path, nil) else {
            throw .unusable(path, "cannot be found", errno: errno, remedy: "name another file")
        }
        self.path = String(cString: resolved)
        free(resolved)

        var status = stat()
        guard stat(path, &status) == 0 else {
            throw .unusable(path, "cannot be examined", errno: errno, remedy: "name another file")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR:
            throw .unusable(path, "is a directory", remedy: "name a file in it")
        default:
            throw .unusable(path, "is not a regular file", remedy: "name another file")
        }

        let identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        guard Self.held.withLock({ $0.insert(identity).inserted }) else {
            throw .inUse(path, by: getpid())
        }
        do {
            descriptor = try Self.lock(self.path, status)
        } catch {
            Self.held.withLock { _ = $0.remove(identity) }
            throw error
        }
        self.identity = identity
        let directory = Self.directory(of: self.path)
        guard access(directory, W_OK | X_OK) == 0 else {
            throw .unusable(
                path, "cannot be used: its directory \(directory) cannot be written", errno: errno,
                remedy: "give this user the right to write the directory, or name another file")
        }
    }

    deinit {
        // A process that was just forked has the file, too: closing alone would leave it the lock.
        flock(descriptor, LOCK_UN)
        Glibc.close(descriptor)
        Self.held.withLock { _ = $0.remove(identity) }
    }

    private static func lock(_ path: String, _ status: stat) throws(StoreError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unusable(
                path, "cannot be opened for reading and writing", errno: errno,
                remedy: "give this user the right to read and write it, or name another file")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            guard code == EWOULDBLOCK else {
                throw .unusable(path, "cannot be locked", errno: code, remedy: "name a file on a local disk")
            }
            throw .inUse(path, by: lockHolder(of: status))
        }
        return descriptor
    }

    /// The size in bytes.
    var size: Int {
        var status = stat()
        return fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The first bytes, fewer if the file is shorter.
    func head(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
        }
    }

    /// Whether SQLite would take in content from a file beside this one.
    var hasPendingJournal: Bool {
        ["-wal", "-journal"].contains { Self.size(of: path + $0) > 0 }
    }

    /// The companions that exist beside a database at the path.
    static func companionsPresent(beside path: String) -> [String] {
        companions.map { path + $0 }.filter { access($0, F_OK) == 0 }
    }

    static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func size(of path: String) -> Int {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : 0
    }

    /// The process that holds the flock on the file, if /proc/locks (proc_locks(5)) shows it.
    private static func lockHolder(of status: stat) -> Int32? {
        guard let file = fopen("/proc/locks", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // 3: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count > 5, words[1] == "FLOCK", let pid = Int32(words[4]), pid > 0,
                words[5].split(separator: ":").last.flatMap({ UInt64($0) }) == UInt64(status.st_ino)
            else { continue }
            return pid
        }
        return nil
    }
}

extension StoreError {
    fileprivate static func inUse(_ path: String, by process: Int32?) -> StoreError {
        .unusable(
            path, "is in use by " + (process.map { "process \($0)" } ?? "another process"),
            remedy: "stop that one first, or name another file")
    }
}

extension StoreFile {
    /// Puts an empty store at the path if nothing is there; whoever comes first wins.
    ///
    /// The file appears whole: it is made under another name and linked into place.
    static func createIfMissing(_ path: String, fill: (String) throws -> Void) throws(StoreError) {
        var status = stat()
        // lstat: a dangling link is not "nothing".
        if lstat(path, &status) == 0 { return }
        guard errno == ENOENT else {
            throw .unusable(path, "cannot be reached", errno: errno, remedy: "name another file")
        }
        let left = companionsPresent(beside: path)
        guard left.isEmpty else {
            throw .unusable(
                path, "is gone, but \(left.joined(separator: " and ")) with its last changes is still there",
                remedy: "put the file back, or move these away as well to start with an empty store")
        }
        let new = "\(path).\(getpid()).new"
        unlink(new)
        // SQLite would make it readable for all; it holds every tenant's networks.
        let descriptor = open(new, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw .unusable(
                path, "cannot be created", errno: errno,
                remedy: "create its directory and let this user write there, or name another file")
        }
        Glibc.close(descriptor)
        defer {
            unlink(new)
            for companion in companions { unlink(new + companion) }
        }
        do { try fill(new) } catch {
            throw StoreError(medium: error, operation: "create the store", path: path)
        }
        guard link(new, path) == 0 || errno == EEXIST else {
            throw .unusable(path, "cannot be created", errno: errno, remedy: "name another file")
        }
        let directory = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 {
            fsync(directory)
            Glibc.close(directory)
        }
    }
}
