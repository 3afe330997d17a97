import Glibc
import LinuxKernel
import Locks

/// Inotify descriptors that wait for their next use.
///
/// Closing one waits for the kernel's other processors (a grace period: 6 to 18 ms), removing watches
/// does not. So a descriptor is emptied and kept. Watch numbers are not used again by the kernel
/// (inotify_add_watch(2)): what a kept descriptor still tells of its last use is told from the next.
final class InotifyPool: Sendable {
    /// How many are kept at most; more are closed after use.
    static let limit = 16

    private let idle = Mutex<[Int32]>([])

    deinit {
        idle.withLock { numbers in
            for number in numbers { close(number) }
        }
    }

    /// How many wait.
    var count: Int { idle.withLock { $0.count } }

    /// A non-blocking descriptor without watches, or nil where the system has none left.
    func take() -> OwnedDescriptor? {
        if let number = idle.withLock({ $0.popLast() }) { return OwnedDescriptor(number) }
        let number = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        return number < 0 ? nil : OwnedDescriptor(number)
    }

    /// Keeps a descriptor whose watches were removed.
    func putBack(_ descriptor: consuming OwnedDescriptor) {
        let number = descriptor.release()
        let isKept = idle.withLock { idle in
            guard idle.count < Self.limit else { return false }
            idle.append(number)
            return true
        }
        if !isKept { close(number) }
    }
}
