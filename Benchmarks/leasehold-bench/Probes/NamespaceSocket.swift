import CLinux
import Glibc

/// Calls the body with this thread inside a named network namespace, and comes back.
///
/// A socket keeps the namespace in which it was made. The program has one thread when it probes.
func insideNamespace<R>(_ name: String, _ body: () throws -> R) throws -> R {
    let home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
    guard home >= 0 else { throw Failure.call("open /proc/thread-self/ns/net") }
    defer { close(home) }
    let there = open("/run/netns/\(name)", O_RDONLY | O_CLOEXEC)
    guard there >= 0 else { throw Failure.call("open the namespace \(name)") }
    defer { close(there) }
    guard cl_enter_network_namespace(there) == 0 else { throw Failure.call("enter the namespace \(name)") }
    let result = Result { try body() }
    guard cl_enter_network_namespace(home) == 0 else {
        // Going on in a wrong namespace would measure something else.
        throw Failure.call("leave the namespace \(name)")
    }
    return try result.get()
}

/// Waits until a descriptor can be read, for at most that many seconds.
func waitToRead(_ file: Int32, _ seconds: Double) -> Bool {
    var polled = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    return poll(&polled, 1, Int32(max(0, seconds) * 1000)) > 0
}
