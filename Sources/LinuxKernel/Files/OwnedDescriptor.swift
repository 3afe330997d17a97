import CLinux
import Glibc

/// A file descriptor with one owner; it is closed when its owner goes.
public struct OwnedDescriptor: ~Copyable, Sendable {
    /// The descriptor's number, for system calls; do not close it.
    public let number: Int32

    /// Takes over an open descriptor.
    public init(_ number: Int32) { self.number = number }

    deinit { close(number) }

    /// Hands the descriptor to the caller, who must close it.
    public consuming func release() -> Int32 {
        let number = number
        discard self
        return number
    }

    /// A second descriptor for the same open file, close-on-exec (fcntl(2), F_DUPFD_CLOEXEC).
    public func duplicate() throws(FileError) -> OwnedDescriptor {
        let copy = fcntl(number, F_DUPFD_CLOEXEC, 0)
        if copy < 0 { throw FileError("duplicate", "descriptor \(number)", errno) }
        return OwnedDescriptor(copy)
    }

    /// Makes reads and writes return EAGAIN rather than wait (O_NONBLOCK).
    public func setNonblocking() throws(FileError) {
        let flags = fcntl(number, F_GETFL)
        if flags < 0 || fcntl(number, F_SETFL, flags | O_NONBLOCK) < 0 {
            throw FileError("set nonblocking", "descriptor \(number)", errno)
        }
    }
}

/// Repeats a system call while a signal interrupts it.
func retryingInterrupts<T: SignedInteger>(_ call: () -> T) -> T {
    while true {
        let result = call()
        if result >= 0 || errno != EINTR { return result }
    }
}

/// What strerror(3) says about an errno, without its shared buffer, and what to do where an administrator can.
package func errorText(_ number: Int32) -> String {
    let remedy =
        switch number {
        case EMFILE: "; allow it more descriptors (LimitNOFILE= in its unit, or ulimit -n)"
        case ENFILE: "; allow this host more (sysctl fs.file-max)"
        default: ""
        }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
        guard let base = buffer.baseAddress else { return "error \(number)" }
        cl_error_text(number, base, buffer.count)
        return String(cString: base) + remedy
    }
}
