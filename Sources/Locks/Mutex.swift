#if THREAD_SANITIZER

import Glibc

/// A value that only one thread at a time can reach, as `Synchronization.Mutex` guards it.
///
/// Stands in for it in builds for the thread sanitizer, which does not see what the standard library's
/// lock does (docs/testing.md), and understands POSIX mutexes (pthread_mutex_lock(3)).
///
/// `@unchecked Sendable`: the value can only be reached through ``withLock(_:)``.
public struct Mutex<Value: ~Copyable>: ~Copyable, @unchecked Sendable {
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let value: UnsafeMutablePointer<Value>

    /// Creates a mutex around a value.
    public init(_ initialValue: consuming sending Value) {
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
        value = .allocate(capacity: 1)
        value.initialize(to: initialValue)
    }

    deinit {
        value.deinitialize(count: 1)
        value.deallocate()
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Calls the body with the value while no other thread can reach it.
    public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return try body(&value.pointee)
    }
}

#else

public import Synchronization

/// A value that only one thread at a time can reach: `Synchronization.Mutex`, except in builds for the
/// thread sanitizer (docs/testing.md).
public struct Mutex<Value: ~Copyable>: ~Copyable, Sendable {
    @usableFromInline let base: Synchronization.Mutex<Value>

    /// Creates a mutex around a value.
    @inlinable public init(_ initialValue: consuming sending Value) {
        base = Synchronization.Mutex(initialValue)
    }

    /// Calls the body with the value while no other thread can reach it.
    @inlinable public borrowing func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        try base.withLock(body)
    }
}

#endif
