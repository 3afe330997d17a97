import CLinux
import Glibc

// What a sound store that ends in order notes on its file, so that the next start need not look through it
// before it serves: as a file system that was unmounted in order is not checked before it is mounted again.
extension StoreFile {
    /// The extended attribute (xattr(7)) that holds the note.
    private static let closingNote = "user.leasehold.closed"

    /// What nobody can write to the file without changing; nil where the kernel cannot say.
    ///
    /// The inode is in it because a copy may be worse than what was copied.
    private var appearance: (text: String, written: timespec)? {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        let written = status.st_mtim
        return ("\(status.st_ino) \(status.st_size) \(written.tv_sec).\(written.tv_nsec)", written)
    }

    /// Whether nobody has written to the file since a sound store ended in order.
    var isAsItWasClosed: Bool {
        guard let appearance else { return false }
        var note = [UInt8](repeating: 0, count: 128)
        let count = fgetxattr(descriptor, Self.closingNote, &note, note.count)
        return count > 0 && note[..<count].elementsEqual(appearance.text.utf8)
    }

    /// Takes the note away: the file is about to be written to.
    func forgetClosing() { fremovexattr(descriptor, Self.closingNote) }

    /// Notes that a sound store ends in order; SQLite must be done with the file.
    ///
    /// Where the file system takes no note, the next start looks through everything first.
    func noteClosing() {
        // Times of files go by the kernel's ticks: within this one somebody could still write unnoticed.
        for _ in 0..<25 {
            guard let appearance else { return }
            var tick = timespec()
            clock_gettime(CLOCK_REALTIME_COARSE, &tick)
            if (tick.tv_sec, tick.tv_nsec) > (appearance.written.tv_sec, appearance.written.tv_nsec) {
                _ = appearance.text.utf8.withContiguousStorageIfAvailable {
                    fsetxattr(descriptor, Self.closingNote, $0.baseAddress, $0.count, 0)
                }
                return
            }
            usleep(1000)
        }
    }
}
