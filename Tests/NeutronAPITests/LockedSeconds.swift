import Locks

/// A moment that tests move while the API reads it.
final class LockedSeconds: Sendable {
    private let storage = Mutex<Int64>(0)

    var value: Int64 {
        get { storage.withLock { $0 } }
        set { storage.withLock { $0 = newValue } }
    }
}
