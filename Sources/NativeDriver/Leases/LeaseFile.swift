import Glibc
import LinuxKernel

/// The file of the record of leases; one thread of one process reads and writes it, which a lock on it
/// ensures (flock(2)).
struct LeaseFile: ~Copyable {
    /// What others on a file system have at least left, in bytes, where it is not a small one.
    static let reserve = 16 << 20

    let path: String
    /// What others have at least left, in bytes; nil for ``reserve``, but at most a sixteenth of the file
    /// system.
    var ownReserve: Int?
    private var descriptor: LockedDescriptor?
    /// Bytes in the file.
    private(set) var size = 0
    /// Bytes that were in it when it was last made anew; 0 before that.
    private(set) var sizeAnew = 0

    init(path: String) { self.path = path }

    /// What reading a file found.
    struct Reading: Equatable {
        var lines = 0
        /// Lines in the middle that are damaged and were passed over.
        var damaged = 0
        /// Bytes at the end that are no whole line and were cut off.
        var cut = 0
        /// Where a file was put that has another format or cannot be read.
        var putAside: String?
    }

    /// Opens the file, makes it where there is none, and hands over its lines in order.
    ///
    /// Throws EWOULDBLOCK where another process has it; what that one wrote stays as it is.
    mutating func open(_ each: (LeaseLine) -> Void) throws(FileError) -> Reading {
        var reading = Reading()
        // A second lock would conflict with our own.
        close()
        if let slash = path.lastIndex(of: "/") { try createDirectory(path: String(path[..<slash])) }
        var file = try openForAppending()
        var rest: [UInt8] = []
        var good = 0
        var offset = 0
        var isFirst = true
        var damagedSince = 0
        // Small enough that its memory is used again; a mebibyte would stay with a thread that needs it once.
        var part = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = part.withUnsafeMutableBytes { buffer in
                pread(file.number, buffer.baseAddress, buffer.count, off_t(offset))
            }
            if count < 0 && errno == EINTR { continue }
            if count < 0 {
                // What was read before is as good as the rest was; the file is kept for whoever can read it.
                reading.putAside = "\(path).unreadable"
                break
            }
            if count == 0 { break }
            offset += count
            rest += part[..<count]
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: 0x0A) {
                let line = rest[start..<end]
                start = end + 1
                if isFirst {
                    isFirst = false
                    guard line.elementsEqual(LeaseLine.header.dropLast()) else {
                        reading.putAside = "\(path).unknown"
                        break
                    }
                    good = LeaseLine.header.count
                    continue
                }
                if let line = LeaseLine(line) {
                    each(line)
                    reading.lines += 1
                    reading.damaged += damagedSince
                    damagedSince = 0
                    good = offset - (rest.endIndex - start)
                } else {
                    damagedSince += 1
                }
            }
            if reading.putAside != nil { break }
            rest.removeSubrange(..<start)
            // No line is so long: what has no end is no text of ours.
            if rest.count > 1 << 16 { rest.removeAll(keepingCapacity: true) }
        }
        if isFirst && offset > 0 && reading.putAside == nil { reading.putAside = "\(path).unknown" }
        if let aside = reading.putAside {
            if rename(path, aside) != 0 { throw FileError(operation: "rename", path: path, errno: errno) }
            file = try openForAppending()
            offset = 0
            good = 0
        }
        if good < offset {
            reading.cut = offset - good
            if ftruncate(file.number, off_t(good)) != 0 {
                throw FileError(operation: "truncate", path: path, errno: errno)
            }
        }
        size = good
        descriptor = consume file
        if size == 0 {
            do throws(FileError) {
                try append(LeaseLine.header)
            } catch {
                close()
                throw error
            }
        }
        return reading
    }

    private func openForAppending() throws(FileError) -> LockedDescriptor {
        while true {
            // Who was told what is nobody else's affair.
            let number = Glibc.open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
            if number < 0 { throw FileError(operation: "open", path: path, errno: errno) }
            let file = LockedDescriptor(descriptor: OwnedDescriptor(number))
            while flock(number, LOCK_EX | LOCK_NB) != 0 {
                if errno != EINTR { throw FileError(operation: "lock", path: path, errno: errno) }
            }
            // Another process may have put a new one in its place before we had the lock.
            if isNamed(file) != false { return file }
        }
    }

    /// Whether the file is what has the name now; nil where that cannot be told.
    private func isNamed(_ file: borrowing LockedDescriptor) -> Bool? {
        var (ours, named) = (stat(), stat())
        guard fstat(file.number, &ours) == 0 else { return nil }
        guard stat(path, &named) == 0 else { return errno == ENOENT ? false : nil }
        return ours.st_ino == named.st_ino && ours.st_dev == named.st_dev
    }

    /// Whether somebody removed the file or put another in its place: what is written to it is lost then.
    var hasLostItsName: Bool {
        switch descriptor {
        case .none: false
        case .some(let file): isNamed(file) == false
        }
    }

    /// Whether so many bytes may be added to the file system without taking what is left to others.
    func hasRoom(for bytes: Int) -> Bool {
        var status = statvfs()
        switch descriptor {
        case .none: return true
        case .some(let file): if fstatvfs(file.number, &status) != 0 { return true }
        }
        let unit = UInt64(status.f_frsize)
        let (left, isHuge) = UInt64(status.f_bavail).multipliedReportingOverflow(by: unit)
        let sixteenth = UInt64(status.f_blocks) / 16 &* unit
        let kept = ownReserve.map { UInt64(clamping: $0) } ?? min(UInt64(Self.reserve), sixteenth)
        return isHuge || left >= UInt64(clamping: bytes) + kept
    }

    /// Lets go of the file.
    mutating func close() { descriptor = nil }

    /// Adds whole lines at the end; ENOSPC where others need the room.
    mutating func append(_ lines: [UInt8]) throws(FileError) {
        guard let number = descriptor?.number else {
            throw FileError(operation: "write", path: path, errno: EBADF)
        }
        if !hasRoom(for: lines.count) { throw FileError(operation: "write", path: path, errno: ENOSPC) }
        var rest = lines[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            if count < 0 {
                let failure = errno
                // Half a line would spoil the one behind it.
                if rest.count < lines.count { ftruncate(number, off_t(size)) }
                throw FileError(operation: "write", path: path, errno: failure)
            }
            rest = rest.dropFirst(count)
        }
        size += lines.count
    }

    /// Replaces the contents by what the body gives, piece by piece until it gives nil; nothing is left
    /// behind where that fails.
    mutating func rewrite(_ next: () -> [UInt8]?) throws(FileError) {
        // Without the file we don't know whose it is.
        if descriptor == nil { throw FileError(operation: "write", path: path, errno: EBADF) }
        if hasLostItsName {
            // Another process may have made one since.
            descriptor = try openForAppending()
            size = 0
        }
        let temporary = "\(path).new"
        try removeFile(path: temporary)
        do throws(FileError) {
            var new = LeaseFile(path: temporary)
            new.ownReserve = ownReserve
            _ = try new.open { _ in }
            while let lines = next() { try new.append(lines) }
            // A file whose contents come after its name would be empty after a power cut.
            if let number = new.descriptor?.number, fdatasync(number) != 0 {
                throw FileError(operation: "sync", path: temporary, errno: errno)
            }
            if rename(temporary, path) != 0 {
                throw FileError(operation: "rename", path: temporary, errno: errno)
            }
            size = new.size
            sizeAnew = new.size
            descriptor = new.descriptor.take()
            try syncDirectory(of: path)
        } catch {
            unlink(temporary)
            throw error
        }
    }
}

/// An open file with a lock on it, which ends with this: a process that was just forked has the file, too,
/// until it executes its program, and closing alone would leave it the lock (flock(2)).
struct LockedDescriptor: ~Copyable {
    let descriptor: OwnedDescriptor

    var number: Int32 { descriptor.number }

    deinit { flock(descriptor.number, LOCK_UN) }
}
