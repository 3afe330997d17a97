import Glibc
import Locks

/// A descriptor that a loop watches until it is closed, once, by whoever comes first.
final class WatchedDescriptor: Sendable {
    /// -1 when closed.
    private let descriptor: Mutex<Int32>

    /// Takes over the descriptor.
    init(_ descriptor: Int32) { self.descriptor = Mutex(descriptor) }

    deinit { shut() }

    /// The descriptor, or nil when it is closed. Within its handler it stays open: ``close(_:)`` waits.
    var number: Int32? { descriptor.withLock { $0 < 0 ? nil : $0 } }

    /// Ends the loop's watching, then closes.
    func close(_ loop: EventLoop) {
        guard let number else { return }
        // Not under the lock: it waits for the handler, which sends.
        loop.remove(number)
        shut()
    }

    /// Runs the body while nobody can close the descriptor; -1 stands for a closed one.
    func withNumber<T>(_ body: (Int32) -> T) -> T { descriptor.withLock { body($0) } }

    private func shut() {
        descriptor.withLock {
            if $0 >= 0 { Glibc.close($0) }
            $0 = -1
        }
    }
}
