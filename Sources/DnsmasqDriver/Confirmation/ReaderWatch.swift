import Glibc
import LinuxKernel

/// Notices that files were read to their end by somebody (inotify(7), IN_CLOSE_NOWRITE).
///
/// Made after the files were put in place and before their reader is told to read. Its descriptor goes
/// back to the pool when it goes.
struct ReaderWatch: ~Copyable, Sendable {
    private let pool: InotifyPool
    /// Ours until `deinit`.
    private let number: Int32
    private var watches: [Int32] = []
    private var waiting: [Int32: String] = [:]

    private init(_ descriptor: consuming OwnedDescriptor, _ pool: InotifyPool) {
        number = descriptor.release()
        self.pool = pool
    }

    deinit {
        for watch in watches { inotify_rm_watch(number, watch) }
        Self.takeEvents(number) { _ in }
        pool.putBack(OwnedDescriptor(number))
    }

    /// Watches the files, or returns nil where the system has no watch left.
    static func of(_ paths: [String], _ pool: InotifyPool) -> ReaderWatch? {
        guard let descriptor = pool.take() else { return nil }
        var reader = ReaderWatch(descriptor, pool)
        for path in paths where !reader.add(path) { return nil }
        return reader
    }

    private mutating func add(_ path: String) -> Bool {
        let watch = inotify_add_watch(number, path, UInt32(IN_CLOSE_NOWRITE))
        if watch < 0 { return false }
        watches.append(watch)
        waiting[watch] = path
        return true
    }

    /// The files that nobody has read yet.
    var unread: [String] { waiting.values.sorted() }

    /// Waits for a while for what is still unread; returns whether all is read.
    mutating func wait(milliseconds: Int32) -> Bool {
        collect()
        if waiting.isEmpty { return true }
        var item = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        _ = poll(&item, 1, milliseconds)
        collect()
        return waiting.isEmpty
    }

    /// Takes the events that there are; those of other watches are late ones of an earlier use.
    private mutating func collect() {
        var waiting = waiting
        Self.takeEvents(number) { event in
            if event.mask & UInt32(IN_CLOSE_NOWRITE) != 0 { waiting[event.wd] = nil }
        }
        self.waiting = waiting
    }

    private static func takeEvents(_ number: Int32, _ body: (inotify_event) -> Void) {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            while true {
                let count = read(number, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var at = 0
                while at + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
                    body(event)
                    at += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
    }
}
