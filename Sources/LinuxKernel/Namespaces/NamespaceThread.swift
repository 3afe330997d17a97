import CLinux
import Dispatch
import Glibc
package import KernelPlan
import Locks

/// A thread that enters network namespaces (design decision 5).
///
/// Each piece of work runs inside one namespace and the thread is back in the root namespace before
/// anybody hears of its end, so no task and no thread is ever born in a tenant's namespace. Use it to
/// open a socket, to start a child or to touch /proc/sys; nothing that waits. Work runs in the order
/// in which it came.
public final class NamespaceThread: Sendable {
    /// Where named namespaces are mounted, as iproute2 does it.
    public static let directory = "/run/netns"

    /// The root namespace.
    private let root: OwnedDescriptor
    private let thread: JobThread

    /// Starts the thread; what the caller is in now is the root namespace from here on.
    ///
    /// Throws where the thread cannot be made or /proc is not mounted.
    ///
    /// - Parameter name: The thread's name, at most 15 bytes.
    public init(name: String = "namespaces") throws {
        let number = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        if number < 0 { throw KernelError("open", "/proc/thread-self/ns/net", errno) }
        root = OwnedDescriptor(number)
        thread = try JobThread(name: name)
    }

    /// Runs the body inside the namespace of that name under /run/netns; nil is the root namespace.
    ///
    /// Throws what the body throws, or a `KernelError` where the namespace cannot be entered.
    public func run<T: Sendable>(
        in namespace: String?, _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<T, any Error>, Never>) in
            submit(in: namespace, body) { continuation.resume(returning: $0) }
        }.get()
    }

    /// Runs the body on this thread in the root namespace, when its turn comes; it may wait.
    package func submit(_ body: @escaping @Sendable () -> Void) {
        // Holds on to the object, and with it to the descriptor of the root namespace.
        thread.submit { withExtendedLifetime(self) { body() } }
    }

    /// As ``submit(_:)``, for what nobody waits for: when no other work has come for a moment, at the latest
    /// after a quarter of a second.
    package func submitLater(_ body: @escaping @Sendable () -> Void) {
        thread.submitLater { withExtendedLifetime(self) { body() } }
    }

    /// Whether work waits behind what runs on this thread.
    package var isBusy: Bool { thread.isBusy }

    /// As ``run(in:_:)``, holding the calling thread meanwhile: not for the cooperative pool, and not
    /// from inside a body. Called on this thread it enters the namespace at once.
    public func runBlocking<T: Sendable>(
        in namespace: String?, _ body: @escaping @Sendable () throws -> T
    ) throws -> T {
        if thread.isCurrent { return try runInside(namespace, root: root.number, body) }
        let slot = ResultSlot<T>()
        submit(in: namespace, body) { slot.fill($0) }
        return try slot.wait().get()
    }

    /// As ``runBlocking(in:_:)``, for work that fails with nothing but kernel errors.
    func enter<T: Sendable>(
        _ namespace: String?, _ body: @escaping @Sendable () throws(KernelError) -> T
    ) throws(KernelError) -> T {
        do {
            return try runBlocking(in: namespace, body)
        } catch let error as KernelError {
            throw error
        } catch {
            preconditionFailure("a body that throws kernel errors threw \(error)")
        }
    }

    /// As ``enter(_:_:)`` in the root namespace, for a body that moves the thread into a namespace that
    /// it makes.
    func leave<T: Sendable>(
        _ body: @escaping @Sendable () throws(KernelError) -> T
    ) throws(KernelError) -> T {
        try enter(nil) { () throws(KernelError) in
            defer { goHome(self.root.number) }
            return try body()
        }
    }

    /// Visits one namespace after the other, coming home once at the end; returns at once, and what it
    /// returns waits for the results, which come in the order of the names.
    func visit<T: Sendable>(
        _ namespaces: [String], _ body: @escaping @Sendable () throws(KernelError) -> T
    ) -> Visit<T> {
        let slot = ResultSlot<[Result<T, KernelError>]>()
        thread.submit {
            let results = namespaces.map { namespace in
                Result { () throws(KernelError) in
                    try moveInside(namespace)
                    return try body()
                }
            }
            goHome(self.root.number)
            slot.fill(.success(results))
        }
        return Visit(slot: slot)
    }

    /// A round through namespaces that is under way.
    struct Visit<T: Sendable>: Sendable {
        fileprivate let slot: ResultSlot<[Result<T, KernelError>]>

        /// Waits for its end; once.
        func results() -> [Result<T, KernelError>] {
            do {
                return try slot.wait().get()
            } catch {
                preconditionFailure("a visit that cannot fail threw \(error)")
            }
        }
    }

    /// A descriptor of the root namespace, for requests that name it; valid as long as the thread.
    var rootDescriptor: Int32 { root.number }

    /// Queues work; `finish` hears of its end when the thread is back in the root namespace.
    private func submit<T: Sendable>(
        in namespace: String?, _ body: @escaping @Sendable () throws -> T,
        finish: @escaping @Sendable (Result<T, any Error>) -> Void
    ) {
        // Holds on to the object, and with it to the descriptor of the root namespace.
        thread.submit { finish(Result { try runInside(namespace, root: self.root.number, body) }) }
    }
}

/// Where a waiting thread finds the result of its work.
private final class ResultSlot<T: Sendable>: Sendable {
    private let result = Mutex<Result<T, any Error>?>(nil)
    private let filled = DispatchSemaphore(value: 0)

    func fill(_ outcome: Result<T, any Error>) {
        result.withLock { $0 = outcome }
        filled.signal()
    }

    func wait() -> Result<T, any Error> {
        filled.wait()
        guard let outcome = result.withLock({ $0 }) else {
            preconditionFailure("the namespace thread reported without a result")
        }
        return outcome
    }
}

/// Enters, runs the body, and comes back whatever the body did.
private func runInside<T>(_ namespace: String?, root: Int32, _ body: () throws -> T) throws -> T {
    guard let namespace else { return try body() }
    try moveInside(namespace)
    defer { goHome(root) }
    return try body()
}

/// Moves the calling thread, the namespace thread, into a namespace; where it fails it stays.
private func moveInside(_ namespace: String) throws(KernelError) {
    let path = try namespacePath(namespace)
    let number = open(path, O_RDONLY | O_CLOEXEC)
    if number < 0 { throw KernelError("open namespace", namespace, errno) }
    let file = OwnedDescriptor(number)
    if cl_enter_network_namespace(file.number) != 0 {
        throw KernelError("enter namespace", namespace, errno)
    }
}

/// Returns the thread to the root namespace, or ends the process: everything that this thread did
/// from now on would happen in a tenant's network.
private func goHome(_ root: Int32) {
    if cl_enter_network_namespace(root) != 0 {
        fatalError("the namespace thread cannot return to the root namespace: \(errorText(errno))")
    }
}

/// The path of a namespace's mount point; throws for names that are no file name.
func namespacePath(_ name: String) throws(KernelError) -> String {
    if name.isEmpty || name == "." || name == ".." || name.utf8.contains(0x2F) || name.utf8.contains(0) {
        throw KernelError("name namespace", name, EINVAL)
    }
    return "\(NamespaceThread.directory)/\(name)"
}

extension KernelError {
    /// A failure that comes with nothing but its errno.
    package init(_ operation: String, _ object: String, _ number: Int32) {
        self.init(operation: operation, object: object, errno: number, detail: errorText(number))
    }
}
