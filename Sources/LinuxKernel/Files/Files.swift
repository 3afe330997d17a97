import Glibc
import Synchronization

/// Distinguishes the temporary files of one process.
private let temporaryFileCount = Atomic<UInt64>(0)

/// Replaces a file in one step: readers see the old contents or the new, never a part (rename(2)).
///
/// The new file is written beside the old one and has exactly `mode`, whatever the umask. With
/// `durable` both file and directory are synced, so the change also survives a power cut.
public func atomicReplace(
    path: String, contents: [UInt8], mode: UInt32 = 0o644, durable: Bool = false
) throws(FileError) {
    let count = temporaryFileCount.add(1, ordering: .relaxed).newValue
    let temporary = "\(path).\(getpid()).\(count).new"
    try writeNewFile(path: temporary, contents: contents, mode: mode, durable: durable)
    if rename(temporary, path) != 0 {
        let error = FileError("rename", "\(temporary) to \(path)", errno)
        unlink(temporary)
        throw error
    }
    if durable { try syncDirectory(of: path) }
}

/// Replaces a file with text in UTF-8; see the other form.
public func atomicReplace(
    path: String, contents: String, mode: UInt32 = 0o644, durable: Bool = false
) throws(FileError) {
    try atomicReplace(path: path, contents: Array(contents.utf8), mode: mode, durable: durable)
}

/// Reads a whole file, at most `limit` bytes of it; works for files of /proc, which have no size.
public func readFile(path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8] {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    if number < 0 { throw FileError("open", path, errno) }
    let file = OwnedDescriptor(number)
    var status = stat()
    if fstat(file.number, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size > 0 {
        return try readBytes(file.number, min(limit, Int(status.st_size)), path)
    }
    var contents: [UInt8] = []
    while contents.count < limit {
        let wanted = min(limit - contents.count, 4 << 10)
        let part = try readBytes(file.number, wanted, path)
        contents = contents.isEmpty ? part : contents + part
        if part.count < wanted { break }
    }
    return contents
}

/// Reads so many bytes, fewer only where the file ends before.
private func readBytes(_ number: Int32, _ wanted: Int, _ path: String) throws(FileError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
        while filled < wanted {
            let count = retryingInterrupts {
                read(number, buffer.baseAddress.map { $0 + filled }, wanted - filled)
            }
            if count < 0 { failure = errno }
            if count <= 0 { return }
            filled += count
        }
    }
    if failure != 0 { throw FileError("read", path, failure) }
    return bytes
}

/// Reads a whole file; nil where there is none, and only then.
public func contents(of path: String, limit: Int = 16 << 20) throws(FileError) -> [UInt8]? {
    do throws(FileError) {
        return try readFile(path: path, limit: limit)
    } catch {
        if error.errno == ENOENT { return nil }
        throw error
    }
}

/// Whether both paths lead to one existing file.
public func isSameFile(_ path: String, _ other: String) -> Bool {
    var (one, two) = (stat(), stat())
    return stat(path, &one) == 0 && stat(other, &two) == 0 && one.st_ino == two.st_ino
        && one.st_dev == two.st_dev
}

/// Makes a directory and those above it that are missing; does nothing where it is there.
public func createDirectory(path: String, mode: UInt32 = 0o755) throws(FileError) {
    if mkdir(path, mode) == 0 { return }
    let failure = errno
    if failure == EEXIST && isDirectory(path: path) { return }
    if failure == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try createDirectory(path: String(path[..<slash]), mode: mode)
        if mkdir(path, mode) == 0 || (errno == EEXIST && isDirectory(path: path)) { return }
        throw FileError("create directory", path, errno)
    }
    throw FileError("create directory", path, failure)
}

/// Whether there is a directory at the path.
public func isDirectory(path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether there is anything at the path.
public func fileExists(path: String) -> Bool { access(path, F_OK) == 0 }

/// The names in a directory in order, without `.` and `..`.
public func directoryEntries(path: String) throws(FileError) -> [String] {
    guard let directory = opendir(path) else { throw FileError("open directory", path, errno) }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
            field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// Removes a file; does nothing where there is none.
public func removeFile(path: String) throws(FileError) {
    if unlink(path) != 0 && errno != ENOENT { throw FileError("remove", path, errno) }
}

/// Removes a directory with all it holds, symbolic links not followed; does nothing where there is none.
public func removeTree(path: String) throws(FileError) {
    var status = stat()
    if lstat(path, &status) != 0 {
        if errno == ENOENT { return }
        throw FileError("look at", path, errno)
    }
    guard status.st_mode & S_IFMT == S_IFDIR else { return try removeFile(path: path) }
    for name in try directoryEntries(path: path) { try removeTree(path: "\(path)/\(name)") }
    if rmdir(path) != 0 && errno != ENOENT { throw FileError("remove directory", path, errno) }
}

/// Creates a file that must not exist yet and writes it; removes it again where that fails.
private func writeNewFile(
    path: String, contents: [UInt8], mode: UInt32, durable: Bool
) throws(FileError) {
    let number = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)
    if number < 0 { throw FileError("create", path, errno) }
    let file = OwnedDescriptor(number)
    do throws(FileError) {
        if fchmod(file.number, mode) != 0 { throw FileError("change mode of", path, errno) }
        try writeAll(contents, to: file.number, path: path)
        if durable && fsync(file.number) != 0 { throw FileError("sync", path, errno) }
    } catch {
        unlink(path)
        throw error
    }
}

/// Writes all bytes, however many calls that takes.
func writeAll(_ bytes: [UInt8], to descriptor: Int32, path: String) throws(FileError) {
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = retryingInterrupts {
            rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        }
        if count < 0 { throw FileError("write", path, errno) }
        rest = rest.dropFirst(count)
    }
}

/// Makes a rename in the path's directory durable: it survives a power cut then.
package func syncDirectory(of path: String) throws(FileError) {
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let number = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if number < 0 { throw FileError("open directory", parent, errno) }
    let directory = OwnedDescriptor(number)
    if fsync(directory.number) != 0 { throw FileError("sync directory", parent, errno) }
}
