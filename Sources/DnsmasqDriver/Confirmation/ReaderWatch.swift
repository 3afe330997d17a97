import Glibc
import LinuxKernel

/// Notices that files were read to their end by somebody (inotify(7), IN_CLOSE_NOWRITE).
///
/// Made after the files were put in place and before their reader is told to read.
struct ReaderWatch: ~Copyable, Sendable {
    private let descriptor: OwnedDescriptor
    private var waiting: [Int32: String]

    private init(_ descriptor: consuming OwnedDescriptor, _ waiting: [Int32: String]) {
        self.descriptor = descriptor
        self.waiting = waiting
    }

    /// Watches the files, or returns nil where the system has no watch left.
    static func of(_ paths: [String]) -> ReaderWatch? {
        let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        if number < 0 { return nil }
        let descriptor = OwnedDescriptor(number)
        var waiting: [Int32: String] = [:]
        for path in paths {
            let watch = inotify_add_watch(number, path, UInt32(IN_CLOSE_NOWRITE))
            if watch < 0 { return nil }
            waiting[watch] = path
        }
        return ReaderWatch(descriptor, waiting)
    }

    /// The files that nobody has read yet.
    var unread: [String] { waiting.values.sorted() }

    /// Waits for a while for what is still unread; returns whether all is read.
    mutating func wait(milliseconds: Int32) -> Bool {
        collect()
        if waiting.isEmpty { return true }
        var item = pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0)
        _ = poll(&item, 1, milliseconds)
        collect()
        return waiting.isEmpty
    }

    /// Takes the events that there are.
    private mutating func collect() {
        withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 8) { buffer in
            while true {
                let count = read(descriptor.number, buffer.baseAddress, buffer.count)
                guard count > 0 else { return }
                var at = 0
                while at + MemoryLayout<inotify_event>.size <= count {
                    let event = buffer.loadUnaligned(fromByteOffset: at, as: inotify_event.self)
                    waiting[event.wd] = nil
                    at += MemoryLayout<inotify_event>.size + Int(event.len)
                }
            }
        }
    }
}
